/* SLIT: item-item weights from what users did before a moment to what they did next. The SLIT part
 * of SLIST: Choi, Kim, Lee, Shim and Lee, "Session-aware linear item-item models for session-based
 * recommendation", WWW 2021. Named transition model wherever it is stored or shown.
 *
 * A window of this model is a number of positions of a history, of the past or of the future,
 * counted from a moment; time only adds to the decay within it. */
#ifndef MARQUEE_MODELS_SLIT_H
#define MARQUEE_MODELS_SLIT_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/model.h"
#include "common/models/prune_topk.h"
#include "common/models/slit_pairs.h"

#include <stddef.h>
#include <stdint.h>

/* The regression has one row for each moment t of a user that has a past and a future. S holds the
 * movies at positions p <= t, the newest window_past of them, with the values
 *
 *     exp(-(t - p) / tau_past - (time_t - time_p) / past_seconds),
 *
 * T those at positions q > t, the next window_future of them, with
 *
 *     exp(-(q - t - 1) / tau_future - (time_q - time_t) / future_seconds).
 *
 * Neither matrix is ever formed: S'S and S'T are sums over pairs of positions of one user, and the
 * moments that a pair has in common are summed on the way from one position to the other.
 *
 * past[n, n] = S'S + relative diag(S'S) + lambda I, both triangles; future[count, n] = rows
 * first..first+count-1 of T'S; over the selected movies, sums in double. */
enum status slit_past(float *past, const struct slit_pairs *t, struct error *err);
enum status slit_future(float *future, uint32_t first, uint32_t count, const struct slit_pairs *t,
                        struct error *err);

/* B = (S'S + ridge)^-1 S'T, pruned to `out`, which is allocated for selection->n movies. */
enum status slit_fit(struct pruned *out, const struct sequences *s,
                     const struct slit_params *params, struct error *err);

extern const struct model slit_model;

#endif
