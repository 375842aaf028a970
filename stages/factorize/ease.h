/* EASE: item-item weights by one ridge regression per movie on all others, in closed form. */
#ifndef MARQUEE_FACTORIZE_EASE_H
#define MARQUEE_FACTORIZE_EASE_H

#include "common/base/error.h"
#include "common/data/csr.h"
#include "stages/factorize/strongest.h"

/* gram[n,n] = X X' + lambda I, both triangles, for sparse `by_movie` = X [n, n_users]. Sums in
 * double. */
enum status ease_gram(float *gram, const struct csr *by_movie, double lambda, struct error *err);

/* B = I - P diagMat(1 / diag P), P = (G + lambda I)^-1 (Steck, WWW 2019), pruned to `out`, which is
 * allocated for n movies. */
enum status ease_fit(struct strongest *out, const struct csr *by_movie, double lambda,
                     struct error *err);

#endif
