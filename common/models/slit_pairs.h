/* Sums over pairs of positions in a history, from which the normal equations of SLIT are built.
 * Windows are numbers of positions (slit.h). */
#ifndef MARQUEE_MODELS_SLIT_PAIRS_H
#define MARQUEE_MODELS_SLIT_PAIRS_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/popular_items.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SLIT_MAX_WINDOW = 1000 }; /* of window_past and window_future */

struct slit_params {
    double tau_past, tau_future;         /* positions */
    uint32_t window_past, window_future; /* positions, at least 1 */
    double lambda;                       /* ridge */
    double relative;                     /* further ridge, as a multiple of the diagonal of S'S */
    double past_seconds, future_seconds; /* further decay with time; 0: none */
};

/* The histories of the view, with the selected movies marked. */
struct sequences {
    const struct ratings *ratings;
    const struct popular_items *selection;
    uint32_t *place; /* [ratings->count] number of its movie in the selection, or NO_INDEX */
};
enum status sequences_make(struct sequences *out, const struct ratings *ratings,
                           const struct popular_items *selection, struct error *err);
void sequences_release(struct sequences *s);

/* What the sums need of each rating: its movie, and decays between ratings of one user, so that no
 * exponential is left to compute. */
struct slit_step {
    float past;     /* decay of the past since the previous rating; 0 at the first */
    uint32_t place; /* as in the sequences */
};
struct slit_edge {
    float future; /* decay of the future since the previous rating */
    float out;    /* decay of the past from here to window_past positions later */
};

struct slit_pairs {
    const struct sequences *sequences;
    const struct slit_params *params;
    double future_start;    /* exp(1 / tau_future), so that the next position counts in full */
    struct slit_step *step; /* [ratings->count] */
    struct slit_edge *edge; /* [ratings->count] */
};
enum status slit_pairs_make(struct slit_pairs *out, const struct sequences *s,
                            const struct slit_params *p, struct error *err);
void slit_pairs_release(struct slit_pairs *t);

/* S and T are those of slit.h. SLIT_PAST: the part of S'S where the row's movie is the later one of
 * the pair, or both are the same position. SLIT_FUTURE: T'S. */
enum slit_part { SLIT_PAST, SLIT_FUTURE };

/* Rows first..first+count-1 to rows[count, n] over the selected movies; sums in double, user by
 * user. */
enum status slit_pairs_sum(float *rows, uint32_t first, uint32_t count, enum slit_part part,
                           const struct slit_pairs *t, struct error *err);

#endif
