/* EASE: item-item weights from one ridge regression per movie on all others, in closed form (Steck,
 * "Embarrassingly shallow autoencoders for sparse data", WWW 2019). */
#ifndef MARQUEE_MODELS_EASE_H
#define MARQUEE_MODELS_EASE_H

#include "common/base/error.h"
#include "common/data/csr.h"
#include "common/models/model.h"
#include "common/models/prune_topk.h"

/* The ridge lambda I + dropout / (1 - dropout) diag(G), 0 <= dropout < 1. The second term is what a
 * linear autoencoder learns whose inputs are dropped with that probability (Steck, "Autoencoders
 * that don't overfit towards the identity", NeurIPS 2020). */
struct ridge {
    double lambda, dropout;
};

/* gram[n, n] = G + ridge, G = X X', both triangles, for the sparse X = `by_movie` [n, n_users].
 * Sums in double; NULL on all processes but the first. */
enum status ease_gram(float *gram, const struct csr *by_movie, const struct ridge *ridge,
                      struct error *err);

/* B = I - P diagMat(1 / diag P), P = (G + ridge)^-1, pruned to `out`, which is allocated for n
 * movies. With fewer users than movies P is computed from a matrix over users (Woodbury's
 * identity), the same up to rounding. */
enum status ease_fit(struct pruned *out, const struct csr *by_movie, const struct ridge *ridge,
                     struct error *err);

/* Four models, which differ in the values of X and in the ridge:
 *
 *     ease            1 for every rating
 *     ease-liked      1 for ratings that say that the user liked the movie, else 0
 *     ease-residual   the residuals of the baseline, in stars
 *     ease-dropout    1 for every rating, with the ridge of dropout */
extern const struct model ease_model, ease_liked_model, ease_residual_model, ease_dropout_model;

#endif
