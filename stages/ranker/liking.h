/* What the like head is trained for: the next movie, if it is one that the user will like. */
#ifndef MARQUEE_RANKER_LIKING_H
#define MARQUEE_RANKER_LIKING_H

#include "common/base/error.h"
#include "common/nn/minibatch.h"

#include <stdbool.h>
#include <stddef.h>

/* Sets (*out)[n_groups of s] to the groups' own weights where the positive was liked (stars_liked)
 * and to 0 elsewhere, scaled to a mean of 1 over the first `n`; *any becomes false, and all weights
 * 0, if nothing was liked among these. *out is to be mem_free'd by the caller. */
enum status liking_weights(float **out, bool *any, const struct samples *s, size_t n,
                           struct error *err);

#endif
