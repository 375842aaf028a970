/* Transition model: item-item weights from what users did before to what they did next. */
#ifndef MARQUEE_MODELS_SLIT_H
#define MARQUEE_MODELS_SLIT_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/model.h"
#include "common/models/prune_topk.h"
#include "common/models/slit_pairs.h"

#include <stddef.h>
#include <stdint.h>

/* The regression has one row for each moment t of each user that has a past and a future. S holds
 * the movies at positions p <= t, the newest window_past of them, with exp(-(t - p) / tau_past -
 * (time_t - time_p) / past_seconds) and T those at q > t, the next window_future of them, with
 *     exp(-(q - t - 1) / tau_future - (time_q - time_t) / future_seconds).
 * Neither matrix is ever formed: S'S and S'T are sums over pairs of positions of one user, and the
 * moments between the two of a pair are summed up on the way from one to the other.
 *
 * past[n,n] = S'S + relative * diag(S'S) + lambda I, both triangles; future[count,n] = rows
 * first..first+count-1 of T'S; over the selected movies, sums in double. */
enum status slit_past(float *past, const struct slit_pairs *t, struct error *err);
enum status slit_future(float *future, uint32_t first, uint32_t count, const struct slit_pairs *t,
                        struct error *err);

/* B = (S'S + ridge)^-1 S'T, the part SLIT of SLIST (Choi et al., WWW 2021), pruned to `out`, which
 * is allocated for selection->n movies. */
enum status slit_fit(struct pruned *out, const struct sequences *s,
                     const struct slit_params *params, struct error *err);

/* Called transition models where they are stored and shown. */
extern const struct model slit_model;

#endif
