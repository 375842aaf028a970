/* The regression of SLIT and of window models: B = A^-1 R, target by target. */
#ifndef MARQUEE_MODELS_REGRESSION_H
#define MARQUEE_MODELS_REGRESSION_H

#include "common/base/error.h"
#include "common/models/prune_topk.h"

#include <stdint.h>

/* Over n movies. left() fills A[n, n], symmetric; right() fills the rows first..first+count-1 of
 * R', one per target. Every process calls both, with memory on the first process and NULL on the
 * others. */
struct regression {
    enum status (*left)(float *a, const void *context, struct error *err);
    enum status (*right)(float *rows, uint32_t first, uint32_t count, const void *context,
                         struct error *err);
};

/* Prunes B to `out`, which is allocated for n movies and stays empty on all processes but the
 * first. */
enum status regression_fit(struct pruned *out, const struct regression *r, const void *context,
                           struct error *err);

#endif
