/* Negatives of the training rows: which movies may be drawn, and lists of hard ones. */
#ifndef MARQUEE_FEATURES_NEGATIVES_H
#define MARQUEE_FEATURES_NEGATIVES_H

#include "common/base/error.h"
#include "common/base/rng.h"
#include "common/data/negative_sampler.h"
#include "common/data/ratings.h"
#include "common/data/topk.h"
#include "common/features/feature.h"

#include <stddef.h>
#include <stdint.h>

/* Marks what `user` has rated in any role but test, the positive among it. Held-out ratings (and
 * those left out of the evaluation) are not looked at: a negative may turn out to be one, as it
 * would in production. For a user who has rated everything, any other movie can be drawn. */
void pool_fill(struct pool *p, const struct ratings *ratings, const uint8_t *role, uint32_t user,
               uint32_t positive);

/* Further marks the movies whose entry in kind[n_movies] is another than the positive's: where
 * whole movies are held out, a new movie competes with other new ones. If the user has rated all of
 * its kind, all of them but the positive can be drawn; if there are no others, all movies.
 */
void pool_restrict(struct pool *p, const uint8_t *kind, uint32_t positive);

/* A mixture of lists of the movies that single features rank highest. */
struct hard_list {
    size_t n_features;
    size_t *feature; /* [n_features] columns that rank */
    size_t top;      /* movies per list */
    struct topk *list;
    float *weight; /* [n_movies] probability that one draw gives the movie */
    float *x;      /* rows of a block of candidates */
    uint32_t *candidate;
    uint32_t n_movies;
};
enum status hard_list_alloc(struct hard_list *h, const struct feature_context *c,
                            const size_t *feature, size_t n_features, size_t top,
                            struct error *err);
void hard_list_release(struct hard_list *h);

/* The lists for what `work` was prepared for, over the pool and the positive. */
void hard_list_fill(struct hard_list *h, const struct feature_work *work, const struct pool *pool,
                    uint32_t positive);

/* Draws `n` movies other than the positive, with repetition: a list at random, a movie of it. */
void draw_hard(const struct hard_list *h, struct rng *rng, uint32_t positive, size_t n,
               uint32_t *movie);

/* log of the expected number of draws of `movie` by `uniform` uniform and `hard` hard draws, less
 * that of as many uniform ones; the correction that a softmax over sampled negatives needs (Bengio
 * and Senécal 2008). `h` may be NULL when `hard` is 0. */
float draw_log_q(const struct hard_list *h, const struct pool *pool, size_t uniform, size_t hard,
                 uint32_t movie);

#endif
