/* Window model: item-item weights from what surrounds a rating, before and after, to its movie. For
 * protocols that hold ratings out of the middle of a history.
 *
 * Here the window is what gives the model its name: `width` positions of a history on either side
 * of a rating. */
#ifndef MARQUEE_MODELS_WINDOW_H
#define MARQUEE_MODELS_WINDOW_H

#include "common/base/error.h"
#include "common/models/model.h"
#include "common/models/prune_topk.h"
#include "common/models/slit.h"

#include <stdint.h>

struct window_params {
    double tau;      /* positions */
    uint32_t width;  /* positions on either side, 1 to WINDOW_MOST */
    double lambda;   /* ridge */
    double relative; /* further ridge, as a multiple of the diagonal of S'S */
};
enum { WINDOW_MOST = 200 };

/* The regression has one row for each rating of each user. T holds its movie, S the same user's
 * movies at a distance of 1 <= d <= width positions on either side, with exp(-d / tau): what is
 * missing in the middle of a history is inferred from both sides. Neither matrix is formed: S'S and
 * S'T are sums over pairs of positions of one user.
 *
 * context[n, n] = S'S + relative diag(S'S) + lambda I, both triangles; middle[count, n] = rows
 * first..first+count-1 of S'T, which is symmetric; over the selected movies, sums in double. */
enum status window_context(float *context, const struct sequences *s, const struct window_params *p,
                           struct error *err);
enum status window_middle(float *middle, uint32_t first, uint32_t count, const struct sequences *s,
                          const struct window_params *p, struct error *err);

/* B = (S'S + ridge)^-1 S'T, like SLIT but in both directions (the contexts of CBOW, Mikolov et al.
 * 2013, with the regression of SLIT, Choi et al., WWW 2021), pruned to `out`, which is allocated
 * for selection->n movies. */
enum status window_fit(struct pruned *out, const struct sequences *s,
                       const struct window_params *params, struct error *err);

extern const struct model window_model;

#endif
