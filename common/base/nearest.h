/* Which known word was probably meant. */
#ifndef MARQUEE_BASE_NEAREST_H
#define MARQUEE_BASE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

enum { NEAREST_MAX_SIZE = 64 }; /* of words that are compared; longer ones are near nothing */

/* The best candidate so far. A search starts with one of which only `word` and `size` are set. */
struct nearest {
    const char *word; /* as it was typed, `size` bytes */
    size_t size;
    const char *found; /* NULL: nothing is near; `found_size` bytes */
    size_t found_size;
    size_t distance;
};

/* Takes a known word into account. It counts as near if at most a third of the typed word, or one
 * letter of three to five, would have to be inserted, left out, replaced or swapped with its
 * neighbour. Of several that are equally near the first is found. */
void nearest_offer(struct nearest *n, const char *known, size_t size);

/* The number of such edits that make `a` into `b`; SIZE_MAX if one is too long to tell. */
size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size);

#endif
