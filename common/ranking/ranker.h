/* The trained neural ranker, loaded from its artifact: scores, and gradients for explanations. */
#ifndef MARQUEE_RANKING_RANKER_H
#define MARQUEE_RANKING_RANKER_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ranker_head { HEAD_RANK, HEAD_RATING, HEAD_NEWCOMER, HEAD_LIKE, HEADS };

/* "rank", "rating", for cold users "newcomer", and "like". */
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

/* What a list is for: what the user will watch next, or the movies among it that the user will
 * like. */
enum purpose { FOR_NEXT, FOR_LIKE };
#define PURPOSE_CHOICES "like|next"
enum purpose purpose_named(const char *name); /* one of these */

/* What predicted stars count for in a ranking; all 0: nothing. */
struct judgement {
    double tilt;    /* for each star of the prediction, less the user's mean */
    double penalty; /* against each star below the user's mean, beside the tilt */
};
/* What a prediction `above` stars above the user's mean adds to a score: tilt * above - penalty *
 * (stars below the mean), the latter rounded off within a quarter of a star, so that the score is
 * smooth: softplus(-above / 0.25) * 0.25 (Dugas et al., NIPS 2000). */
double judgement_of(const struct judgement *j, double above);
double judgement_slope(const struct judgement *j, double above); /* its derivative */

/* How movies are ordered for one user: by the logit of a head and a judgement of the prediction. */
struct ranking {
    enum ranker_head head;
    double own_mean; /* of the user's ratings, stars */
    struct judgement judgement;
};

/* The ranking for somebody with this history. The head is HEAD_NEWCOMER for a cold user (fewer than
 * WARM_RATINGS), HEAD_LIKE for others if this is the purpose, else HEAD_RANK; of those that there
 * are, HEAD_RATING if there is no other. FOR_LIKE has the judgement that the ranker was made with.
 * The mean of somebody without ratings is that of the training set. */
struct ranking ranker_ranking(const struct ranker *r, enum purpose purpose,
                              const struct history *history);

/* out[n]: for HEAD_RANK and HEAD_NEWCOMER a real number to sort by, for HEAD_RATING stars clipped
 * to 0.5..5. `x`: raw features [n, n_features], or NULL without any. `user`: an index, or NO_INDEX
 * for an unknown user, who has the zero embedding; likewise movie[n]. STATUS_FAILED without that
 * head. Thread-safe. */
enum status ranker_score(const struct ranker *r, enum ranker_head head, uint32_t user,
                         const uint32_t *movie, const float *x, size_t n, float *out,
                         struct error *err);

/* out[n]: real numbers to sort by, in the same way; for HEAD_RATING without a judgement, stars. */
enum status ranker_rank(const struct ranker *r, const struct ranking *ranking, uint32_t user,
                        const uint32_t *movie, const float *x, size_t n, float *out,
                        struct error *err);

/* dx[n, n_features]: derivative of the unclipped score with respect to each raw feature. */
enum status ranker_gradient(const struct ranker *r, enum ranker_head head, uint32_t user,
                            const uint32_t *movie, const float *x, size_t n, float *dx,
                            struct error *err);
/* The same of ranker_rank. */
enum status ranker_rank_gradient(const struct ranker *r, const struct ranking *ranking,
                                 uint32_t user, const uint32_t *movie, const float *x, size_t n,
                                 float *dx, struct error *err);

#endif
