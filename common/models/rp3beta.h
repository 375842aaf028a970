/* RP3beta: random walks of three steps on the graph of users and movies, with a penalty on popular
 * targets. Paudel, Christoffel, Newell and Bernstein, "Updatable, accurate, diverse, and scalable
 * recommendations for interactive applications", ACM TiiS 7(1), 2017. */
#ifndef MARQUEE_MODELS_RP3BETA_H
#define MARQUEE_MODELS_RP3BETA_H

#include "common/base/error.h"
#include "common/models/model.h"
#include "common/models/prune_topk.h"

/* The walk goes from a movie i of the history to one of its users u and on to one of that user's
 * movies j,
 *
 *     weights[i][j] = d_j^-beta * sum over the users u of both i and j of (d_i d_u)^-alpha,
 *
 * where d is the number of ratings. alpha = 1 is the plain walk (P3); other values sharpen or
 * flatten its steps (P3alpha, Cooper et al., WWW 2014). beta divides by the popularity of the
 * target. Pruned to `out`, which is allocated for f->items->n movies. */
enum status rp3beta_fit(struct pruned *out, const struct fitting *f, double alpha, double beta,
                        struct error *err);

extern const struct model rp3beta_model;

#endif
