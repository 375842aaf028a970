/* The ranker's training and validation groups, as the stage `features` computed them. */
#ifndef MARQUEE_RANKER_TRAINING_SET_H
#define MARQUEE_RANKER_TRAINING_SET_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/nn/minibatch.h"

#include <stdint.h>

/* The sets of a features artifact, "train" and "newcomer" in one. No training rows are
 * STATUS_FAILED. */
enum status samples_load(struct samples *train, struct samples *valid, const struct artifact *a,
                         struct error *err);

/* One more than the largest user and movie index in either set. */
void samples_extent(const struct samples *train, const struct samples *valid, uint32_t *n_users,
                    uint32_t *n_movies);

/* What struct scaling points to: mean, scale = 1 / deviation (0 for a constant), and range of each
 * feature over the rows of the settled groups, of which there must be one. */
struct ranges {
    float *mean, *scale, *low, *high; /* [n_features] */
};
enum status ranges_compute(struct ranges *out, const struct samples *s, struct error *err);
void ranges_release(struct ranges *r);

#endif
