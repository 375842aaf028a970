#include "stages/ingest/places.h"

#include <stdbool.h>
#include <string.h>

enum { SHORT_RUN = 16 };

static void insertion_sort(place *p, size_t count) {
    for (size_t i = 1; i < count; i++) {
        place moving = p[i];
        size_t k = i;
        for (; k > 0 && moving < p[k - 1]; k--)
            p[k] = p[k - 1];
        p[k] = moving;
    }
}

static void merge_runs(const place *from, place *to, size_t middle, size_t end) {
    size_t a = 0, b = middle, k = 0;
    while (a < middle && b < end) {
        bool second = from[b] < from[a];
        to[k++] = second ? from[b] : from[a];
        b += second;
        a += !second;
    }
    memcpy(to + k, from + a, (middle - a) * sizeof(*to));
    memcpy(to + k + (middle - a), from + b, (end - b) * sizeof(*to));
}

place *places_sort(place *places, place *spare, size_t count) {
    for (size_t i = 0; i < count; i += SHORT_RUN)
        insertion_sort(places + i, count - i < SHORT_RUN ? count - i : SHORT_RUN);
    for (size_t run = SHORT_RUN; run < count; run *= 2) {
        for (size_t i = 0; i < count; i += 2 * run) {
            size_t end = count - i < 2 * run ? count - i : 2 * run;
            merge_runs(places + i, spare + i, run < end ? run : end, end);
        }
        place *swapped = places;
        places = spare, spare = swapped;
    }
    return places;
}
