#include "common/base/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment: the Damerau-Levenshtein distance with the restriction that no letter is
 * edited twice. row[0] belongs to the first i letters of `a`, row[1] to one fewer, row[2] to two
 * fewer. */
size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size) {
    size_t rows[3][NEAREST_MAX_SIZE + 1];
    size_t *row[3] = {rows[0], rows[1], rows[2]};
    if (a_size > NEAREST_MAX_SIZE || b_size > NEAREST_MAX_SIZE) return SIZE_MAX;
    for (size_t j = 0; j <= b_size; j++) {
        row[0][j] = j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        size_t *oldest = row[2];
        row[2] = row[1];
        row[1] = row[0];
        row[0] = oldest;
        row[0][0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            const size_t replaced = row[1][j - 1] + (a[i - 1] != b[j - 1]);
            row[0][j] = least(replaced, least(row[1][j], row[0][j - 1]) + 1);
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[0][j] = least(row[0][j], row[2][j - 2] + 1);
        }
    }
    return row[0][b_size];
}

/* To words of one or two letters every short word would be near. */
static size_t tolerance(size_t size) {
    if (size < 3) return 0;
    return size < 6 ? 1 : size / 3;
}

void nearest_offer(struct nearest *n, const char *known, size_t size) {
    const size_t distance = edit_distance(n->word, n->size, known, size);
    if (distance > tolerance(n->size) || (n->found && distance >= n->distance)) return;
    n->found = known;
    n->found_size = size;
    n->distance = distance;
}
