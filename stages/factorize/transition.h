/* Transition model: item-item weights from what users did before to what they did next. */
#ifndef MARQUEE_FACTORIZE_TRANSITION_H
#define MARQUEE_FACTORIZE_TRANSITION_H

#include "common/base/error.h"
#include "common/data/dataset.h"
#include "stages/factorize/strongest.h"

#include <stddef.h>
#include <stdint.h>

struct transition_params {
    double tau_past, tau_future;         /* positions */
    uint32_t window_past, window_future; /* positions, at least 1 */
    double lambda;                       /* ridge */
    double relative;                     /* further ridge, as a multiple of the diagonal of S'S */
    double past_seconds, future_seconds; /* further decay with time; 0 = none */
};

/* The sequences of the selected movies. */
struct sequences {
    const struct ratings *ratings;
    const struct selection *selection;
    uint32_t
        *place; /* [ratings->count] number of each rating's movie in the selection, or NO_INDEX */
};
enum status sequences_make(struct sequences *out, const struct ratings *ratings,
                           const struct selection *selection, struct error *err);
void sequences_release(struct sequences *s);

/* The regression has one row for each moment t of each user that has a past and a future. S holds
 * the movies at positions p <= t, the newest window_past of them, with exp(-(t - p) / tau_past -
 * (time_t - time_p) / past_seconds) and T those at q > t, the next window_future of them, with
 *     exp(-(q - t - 1) / tau_future - (time_q - time_t) / future_seconds).
 * Neither matrix is ever formed: S'S and S'T are sums over pairs of positions of one user, and the
 * moments between the two of a pair are summed up on the way from one to the other.
 *
 * past[n,n] = S'S + relative * diag(S'S) + lambda I, both triangles; future[count,n] = rows
 * first..first+count-1 of T'S; over the selected movies, sums in double. */
enum status transition_past(float *past, const struct sequences *s,
                            const struct transition_params *p, struct error *err);
enum status transition_future(float *future, uint32_t first, uint32_t count,
                              const struct sequences *s, const struct transition_params *p,
                              struct error *err);

/* B = (S'S + ridge)^-1 S'T, the part SLIT of SLIST (Choi et al., WWW 2021), pruned to `out`, which
 * is allocated for selection->n movies. */
enum status transition_fit(struct strongest *out, const struct sequences *s,
                           const struct transition_params *params, struct error *err);

#endif
