/* The bias model of one view: overall mean, movie biases and, folded in from a history, the user's.
 * Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems", IEEE
 * Computer 2009, with shrunken means in place of a joint fit. Fitted before all other models, which
 * use its residuals; it also carries the sizes of the view. */
#ifndef MARQUEE_MODELS_BASELINE_H
#define MARQUEE_MODELS_BASELINE_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/history.h"
#include "common/data/ratings.h"

#include <stdint.h>

struct baseline {
    uint32_t n_users, n_movies;
    uint32_t *popularity;  /* [n_movies] ratings in the view */
    double mean;           /* of the view's ratings, stars */
    float *movie_bias;     /* [n_movies] shrunken mean of (rating - mean), stars */
    double user_shrinkage; /* pseudo-ratings that shrink a user's bias towards 0 */
    double liked;          /* least stars of a rating that may count as liked */
};

/* Fills all but user_shrinkage and liked, which the caller sets, from the ratings of all processes.
 * `movie_shrinkage`: pseudo-ratings that shrink movie biases towards 0. */
enum status baseline_fit(struct baseline *out, const struct ratings *ratings,
                         double movie_shrinkage, struct error *err);
enum status baseline_write(const struct baseline *b, struct artifact_writer *out,
                           struct error *err);
/* From an artifact of kind factors. On failure there is nothing to release. */
enum status baseline_load(struct baseline *out, const struct artifact *factors, struct error *err);
void baseline_release(struct baseline *b);

/* residual[h->count] = rating - (mean + user bias + movie bias), in stars. */
void baseline_residuals(const struct baseline *b, const struct history *h, float *residual);

#endif
