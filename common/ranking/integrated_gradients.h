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
 * Integrated gradients (Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML
 * 2017): the gradient of the score with respect to the raw features, averaged along the straight
 * line from the baseline to the features at hand, times the distance. The baseline is an unknown
 * movie for an unknown user, with every feature at its mean over the training rows
 * (ranker_feature_means); `embedding` is what the embeddings of user and movie add there. */
struct attribution {
    double score;     /* of ranker_rank; clipped for HEAD_RATING, which the residual then shows */
    double baseline;  /* score of the baseline */
    double embedding; /* contribution of the embeddings of user and movie; 0 without them */
    double residual;  /* error of the numerical integration (of completeness) */
    size_t n_features, n_steps;
    float *x;        /* [n_features] */
    double *feature; /* [n_features] contribution of each */
};

/* `x`: raw features [ranker_n_features]. The number of steps is doubled from 64, to at most 8192,
 * until |residual| <= tolerance * max(|score - baseline|, 0.01). Release with
 * attribution_release. */
enum status attribution_compute(struct attribution *out, const struct ranker *r,
                                const struct ranking *ranking, uint32_t user, uint32_t movie,
                                const float *x, double tolerance, struct error *err);
void attribution_release(struct attribution *a);

struct group_share {
    const char *name;    /* owned by the ranker; "embedding" for the embeddings */
    const char *meaning; /* for people: "what people see next"; the name where there is none */
    double contribution;
    size_t strongest; /* its feature with the largest |contribution|; SIZE_MAX for "embedding" */
};

/* Sums contributions by group, largest magnitude first, then by first feature; "embedding" is left
 * out if it is 0. *out is to be mem_free'd by the caller. */
enum status attribution_groups(const struct attribution *a, const struct ranker *r,
                               struct group_share **out, size_t *count, struct error *err);

/* The meaning of a group or of another part of a score: "baseline", "residual". */
const char *attribution_meaning(const char *name);

#endif
