/* EASE: item-item weights by one ridge regression per movie on all others, in closed form. */
#ifndef MARQUEE_MODELS_EASE_H
#define MARQUEE_MODELS_EASE_H

#include "common/base/error.h"
#include "common/data/csr.h"
#include "common/models/model.h"
#include "common/models/prune_topk.h"

/* lambda I + dropout / (1 - dropout) diag(G), 0 <= dropout < 1: what a linear autoencoder learns by
 * whose inputs are dropped at random with that probability (Steck, Autoencoders that don't overfit
 * towards the identity, NeurIPS 2020). */
struct ridge {
    double lambda, dropout;
};

/* gram[n,n] = G + ridge, G = X X', both triangles, for sparse `by_movie` = X [n, n_users]. Sums in
 * double. */
enum status ease_gram(float *gram, const struct csr *by_movie, const struct ridge *ridge,
                      struct error *err);

/* B = I - P diagMat(1 / diag P), P = (G + ridge)^-1 (Steck, WWW 2019), pruned to `out`, which is
 * allocated for n movies. Where users are fewer than movies, P comes from a matrix of the users
 * (Woodbury's identity), to the same result up to rounding. */
enum status ease_fit(struct pruned *out, const struct csr *by_movie, const struct ridge *ridge,
                     struct error *err);

/* Four uses of it, apart by the values of the matrix X and by the ridge: 1 for every rating; 1 for
 * ratings that say that the user liked the movie, else 0; the residuals of the baseline; 1 for
 * every rating, with the ridge of dropout. */
extern const struct model ease_model, ease_liked_model, ease_residual_model, ease_dropout_model;

#endif
