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
    double lambda;
};

/* The sequences of the selected movies. */
struct sequences {
    const struct ratings *ratings;
    const struct selection *selection;
    uint32_t
        *place; /* [ratings->count] number in the selection of each rating's movie, or NO_INDEX */
};
enum status sequences_make(struct sequences *out, const struct ratings *ratings,
                           const struct selection *selection, struct error *err);
void sequences_release(struct sequences *s);

/* The regression has one row for each moment t of each user that has a past and a future: S holds
 * the movies at positions p <= t with exp(-(t - p) / tau_past), the newest window_past of them, T
 * those at q > t with exp(-(q - t - 1) / tau_future), the next window_future of them. Neither
 * matrix is ever formed: an entry of S'S or S'T is a sum over pairs of positions of one user, and
 * what a pair adds depends only on its distance and (S'S) on the number of moments left, so it
 * comes from a table. */
struct transition_tables {
    uint32_t n_past, n_pair;
    double *past; /* [n_past, n_past + 1]: by distance, and by min(moments left, n_past) */
    double *pair; /* [n_pair]: by distance - 1 */
};
enum status transition_tables_make(struct transition_tables *out, const struct transition_params *p,
                                   struct error *err);
void transition_tables_release(struct transition_tables *t);

/* Row `i` of S'S up to the diagonal, and row `j` of T'S, over the selected movies: sum[n] is
 * overwritten. */
void transition_past_row(const struct sequences *s, const struct transition_tables *t, uint32_t i,
                         double *sum);
void transition_future_row(const struct sequences *s, const struct transition_tables *t, uint32_t j,
                           double *sum);

/* B = (S'S + lambda I)^-1 S'T, the part SLIT of SLIST (Choi et al., WWW 2021), pruned to `out`,
 * which is allocated for selection->n movies. */
enum status transition_fit(struct strongest *out, const struct sequences *s,
                           const struct transition_params *params, struct error *err);

#endif
