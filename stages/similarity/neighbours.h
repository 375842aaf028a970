/* The most similar movies of each movie. */
#ifndef MARQUEE_SIMILARITY_NEIGHBOURS_H
#define MARQUEE_SIMILARITY_NEIGHBOURS_H

#include "common/base/error.h"
#include "common/base/log.h"
#include "common/data/csr.h"

#include <stddef.h>
#include <stdint.h>

/* movie[n_rows, k], cosine[n_rows, k]: for each row of `rows` (unit length or empty, no negative
 * value) the k other rows of greatest positive cosine, best first, equal ones by index; NO_INDEX
 * and 0 where there are fewer.
 *
 * Through the inverted index: a movie's cosines to all others are added up term by term in one
 * array per thread, so memory grows with the number of movies, never with its square. `progress`
 * (may be NULL) counts movies. */
enum status neighbours_find(const struct csr *rows, size_t k, uint32_t *movie, float *cosine,
                            struct progress *progress, struct error *err);

#endif
