/* How accounts begin: which movies are rated at which place of a history. What is shown to
 * newcomers differs from what is found later, and it changes in time. */
#include "common/features/feature_internal.h"

#include "common/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 40,  /* of a history, from its start, that are told apart */
    HORIZON = 10, /* places from the one asked for */
    ANY = 20      /* places of what is newcomers' in general */
};
static const int64_t RECENT_SECONDS = INT64_C(30) * 86400;

struct begun {
    int64_t time;
    uint32_t movie, place;
};

static int compare_times(const void *a, const void *b) {
    int64_t x = ((const struct begun *)a)->time, y = ((const struct begun *)b)->time;
    return (x > y) - (x < y);
}

static uint64_t end_of_places(const struct ratings *r, uint32_t user) {
    uint64_t start = r->offset[user], end = r->offset[user + 1];
    return end - start < PLACES ? end : start + PLACES;
}

enum status beginnings_compute(struct beginnings *out, const struct ratings *r, struct error *err) {
    *out = (struct beginnings){0};
    for (uint32_t u = 0; u < r->n_users; u++) {
        out->n_begun += (size_t)(end_of_places(r, u) - r->offset[u]);
    }
    TRY(MEM_NEW(&out->begun, out->n_begun, err));
    TRY(MEM_NEW(&out->before, (size_t)r->n_movies * (PLACES + 1), err));
    struct begun *next = out->begun;
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t i = r->offset[u]; i < end_of_places(r, u); i++) {
            uint32_t place = (uint32_t)(i - r->offset[u]);
            *next++ = (struct begun){r->time[i], r->movie[i], place};
            out->before[(size_t)r->movie[i] * (PLACES + 1) + place + 1]++;
        }
    }
    for (size_t m = 0; m < r->n_movies; m++) {
        uint32_t *before = out->before + m * (PLACES + 1);
        for (size_t p = 0; p < PLACES; p++) {
            before[p + 1] += before[p];
        }
    }
    qsort(out->begun, out->n_begun, sizeof *out->begun, compare_times);
    return STATUS_OK;
}

void beginnings_release(struct beginnings *b) {
    mem_free(b->before);
    mem_free(b->begun);
    *b = (struct beginnings){0};
}

/* The first of the ratings by time that is not before `time`. */
static size_t first_from(const struct beginnings *b, int64_t time) {
    size_t low = 0, high = b->n_begun;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->begun[middle].time < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint32_t first_place(const struct feature_work *w) {
    size_t known = w->history->count;
    return known < PLACES - HORIZON ? (uint32_t)known : PLACES - HORIZON;
}

void beginning_prepare(struct feature_work *w) {
    const struct beginnings *b = &w->context->beginnings;
    const uint32_t place = first_place(w);
    memset(w->begun, 0, w->context->catalogue.n_movies * sizeof *w->begun);
    const size_t end = first_from(b, w->now);
    for (size_t i = first_from(b, w->now - RECENT_SECONDS); i < end; i++) {
        w->begun[b->begun[i].movie] += b->begun[i].place - place < HORIZON; /* unsigned */
    }
}

void beginning_fill(const struct feature_work *w, uint32_t movie, float *x) {
    const uint32_t *before = w->context->beginnings.before + (size_t)movie * (PLACES + 1);
    const float *log_count = w->context->statistics.log_count;
    const uint32_t place = first_place(w);
    x[BEGINNING_ANY] = log_count[before[ANY]];
    x[BEGINNING_PLACE] = log_count[before[place + HORIZON] - before[place]];
    x[BEGINNING_PLACE_30] = log_count[w->begun[movie]];
}
