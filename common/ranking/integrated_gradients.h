/* Why the ranker gives a movie its score: contributions of the features, and of groups of features,
 * that sum to it. */
#ifndef MARQUEE_RANKING_INTEGRATED_GRADIENTS_H
#define MARQUEE_RANKING_INTEGRATED_GRADIENTS_H

#include "common/base/error.h"
#include "common/ranking/ranker.h"

#include <stddef.h>
#include <stdint.h>

/* score = baseline + embedding + sum of feature[] + residual.
 *
 * Integrated gradients (Sundararajan, Taly and Yan, ICML 2017): the gradient of the score by the
 * raw features, averaged along the straight line from the baseline to the features at hand, times
 * the distance. The baseline is the same movie for an unknown user with every feature at its mean
 * over the training rows (ranker_feature_means); `user` is what the user's own embedding adds
 * there. */
struct attribution {
    double score; /* of the ranker's head (of HEAD_RATING clipped, which shows in the residual) */
    double baseline;  /* score of the baseline */
    double embedding; /* contribution of the embeddings of user and movie, if the ranker has them */
    double residual;  /* what numerical integration left over: the completeness error */
    size_t n_features, n_steps;
    float *x;        /* [n_features] */
    double *feature; /* [n_features] contributions */
};

/* `x` [ranker_n_features] raw features. The number of steps is doubled from 64 until |residual| <=
 * `tolerance` * max(|score - baseline|, 0.01), at most 8192. Release with attribution_release. */
enum status attribution_compute(struct attribution *out, const struct ranker *r,
                                enum ranker_head head, uint32_t user, uint32_t movie,
                                const float *x, double tolerance, struct error *err);
void attribution_release(struct attribution *a);

struct group_share {
    const char *name; /* owned by the ranker; "embedding" for the embeddings */
    double contribution;
    size_t strongest; /* its feature of greatest contribution in size; SIZE_MAX for "embedding" */
};

/* Contributions added up by group, greatest size first (then by order of first feature);
 * "embedding" only if it is not 0. *out is mem_free'd by the caller. */
enum status attribution_groups(const struct attribution *a, const struct ranker *r,
                               struct group_share **out, size_t *count, struct error *err);

#endif
