/* The trained neural ranker, loaded from its artifact: scores, and gradients for explanations. */
#ifndef MARQUEE_RANKING_RANKER_H
#define MARQUEE_RANKING_RANKER_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ranker_head { HEAD_RANK, HEAD_RATING, HEAD_NEWCOMER, HEADS };

/* "rank", "rating" and, for cold users, "newcomer". */
const char *ranker_head_name(enum ranker_head head);

struct ranker;
enum status ranker_load(struct ranker **out, const struct artifact *a, struct error *err);
void ranker_release(struct ranker *r);

bool ranker_has_head(const struct ranker *r, enum ranker_head head);
size_t ranker_n_features(const struct ranker *r); /* 0: a network of embeddings alone */
const char *ranker_feature_name(const struct ranker *r, size_t index);
const char *ranker_feature_group(const struct ranker *r, size_t index);
/* Whether the feature reaches the networks: not if it was left out or constant in training. */
bool ranker_uses_feature(const struct ranker *r, size_t index);
const float *ranker_feature_means(const struct ranker *r); /* the baseline of explanations */

/* The head that ranks for a user with `known` ratings: HEAD_NEWCOMER for a cold user (fewer than
 * WARM_RATINGS) if there is one, else HEAD_RANK if there is one, else HEAD_RATING. */
enum ranker_head ranker_head_for(const struct ranker *r, size_t known);

/* out[n]: for HEAD_RANK and HEAD_NEWCOMER a real number to sort by, for HEAD_RATING stars clipped
 * to 0.5..5. `x`: raw features [n, n_features], or NULL without any. `user`: an index, or NO_INDEX
 * for an unknown user, who has the zero embedding; likewise movie[n]. STATUS_FAILED without that
 * head. Thread-safe. */
enum status ranker_score(const struct ranker *r, enum ranker_head head, uint32_t user,
                         const uint32_t *movie, const float *x, size_t n, float *out,
                         struct error *err);

/* dx[n, n_features]: derivative of the unclipped score with respect to each raw feature. */
enum status ranker_gradient(const struct ranker *r, enum ranker_head head, uint32_t user,
                            const uint32_t *movie, const float *x, size_t n, float *dx,
                            struct error *err);

#endif
