/* Short dense vectors of movies by truncated singular value decomposition. */
#ifndef MARQUEE_SIMILARITY_TRUNCATED_SVD_H
#define MARQUEE_SIMILARITY_TRUNCATED_SVD_H

#include "common/base/error.h"
#include "common/data/csr.h"

#include <stddef.h>
#include <stdint.h>

/* vector[n_rows, dim] = U diag(S) of the best rank-`dim` approximation U diag(S) V' of `rows`, and
 * singular[dim]: the dot product of two vectors approximates that of the rows. Where the rank is
 * lower, the remaining columns are 0. The largest component of each column of U is positive.
 *
 * Randomised range finder with power iterations (Halko, Martinsson and Tropp 2011, algorithms 4.4
 * and 5.1): the random test matrix is keyed by `seed`. */
enum status truncated_svd(const struct csr *rows, size_t dim, size_t iterations, uint64_t seed,
                          float *vector, float *singular, struct error *err);

#endif
