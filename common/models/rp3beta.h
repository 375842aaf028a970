/* RP3beta: random walks of three steps on the graph of users and movies, with popular targets held
 * back. Paudel, Christoffel, Newell and Bernstein, "Updatable, accurate, diverse, and scalable
 * recommendations for interactive applications", ACM TiiS 7(1), 2017. */
#ifndef MARQUEE_MODELS_RP3BETA_H
#define MARQUEE_MODELS_RP3BETA_H

#include "common/base/error.h"
#include "common/models/model.h"
#include "common/models/prune_topk.h"

/* The walk goes from a movie i of the history to one of its users u and on to a movie j of hers,
 *     weights[i][j] = d_j^-beta * sum over users u of i and j of (d_i d_u)^-alpha,
 * with d the numbers of ratings; alpha 1 is the walk itself (P3), alpha otherwise sharpens or
 * flattens its steps (P3alpha, Cooper et al., WWW 2014), beta divides by the target's popularity.
 * Pruned to `out`, which is allocated for f->items->n movies. */
enum status rp3beta_fit(struct pruned *out, const struct fitting *f, double alpha, double beta,
                        struct error *err);

extern const struct model rp3beta_model;

#endif
