/* Which known word was probably meant. */
#ifndef MARQUEE_BASE_NEAREST_H
#define MARQUEE_BASE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

enum { NEAREST_MAX_SIZE = 64 }; /* of words to compare; longer ones are near to nothing */

/* The best candidate so far. A search starts with only `word` and `size` set. */
struct nearest {
    const char *word; /* as it was typed, `size` bytes */
    size_t size;
    const char *found; /* NULL: nothing is near; `found_size` bytes */
    size_t found_size;
    size_t distance;
};

/* Considers a known word. It counts as near if at most a third of the letters of the typed word, or
 * one letter of three to five, would have to be inserted, deleted, replaced or swapped with a
 * neighbour. Of equally near words the first wins. */
void nearest_offer(struct nearest *n, const char *known, size_t size);

/* The number of such edits that turn `a` into `b`; SIZE_MAX if either is longer than
 * NEAREST_MAX_SIZE. */
size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size);

#endif
