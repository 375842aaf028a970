/* Negative sampling: drawing movies that a positive is to be told apart from, in training, in
 * validation, and as the candidates of an evaluation. Three samplers, by what they need to know:
 *
 *     pool                 uniform, for one user at a time, among the movies without a mark
 *     unseen_sampler       uniform, for any user at any time, among those that the user has not
 *                          rated
 *     popularity_sampler   proportional to a power of popularity, the same for all users
 *
 * All draw from the caller's stream, one rng call per try, so that the result depends on the
 * caller's key alone. */
#ifndef MARQUEE_DATA_NEGATIVE_SAMPLER_H
#define MARQUEE_DATA_NEGATIVE_SAMPLER_H

#include "common/base/error.h"
#include "common/base/rng.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>

/* ---- uniform among the unmarked ---- */

struct pool {
    uint8_t *marked; /* [n_movies] 1: not to be drawn */
    uint32_t *list;  /* [n_movies] scratch */
    uint32_t n_movies, n_free;
};
enum status pool_alloc(struct pool *p, uint32_t n_movies, struct error *err); /* all free */
void pool_release(struct pool *p);
void pool_clear(struct pool *p); /* all free again */
void pool_mark(struct pool *p, uint32_t movie);

/* Draws n movies, without replacement unless n > n_free. At least one must be free. */
void pool_draw(struct pool *p, struct rng *rng, size_t n, uint32_t *movie);

/* Draws n different movies, or all that are free if they are fewer, in random order; returns how
 * many. Uses rejection while few are marked, else shuffles a list of the free ones. */
size_t pool_sample(struct pool *p, struct rng *rng, size_t n, uint32_t *movie);

/* Draws up to n different movies in at most `tries` tries; returns how many. */
size_t pool_try(struct pool *p, struct rng *rng, size_t n, size_t tries, uint32_t *movie);

/* ---- uniform among what a user has not rated ---- */

struct unseen_sampler {
    uint32_t n_users, n_movies;
    uint64_t *offset; /* [n_users + 1] */
    uint32_t *movie;  /* the rated ones, ascending per user */
};
enum status unseen_sampler_build(struct unseen_sampler *out, const struct ratings *ratings,
                                 struct error *err);
void unseen_sampler_release(struct unseen_sampler *s);

/* Draws n movies, with replacement. For a user who has rated (almost) everything, the hundredth try
 * is taken whatever it is. */
void unseen_draw(const struct unseen_sampler *s, uint32_t user, struct rng *rng, size_t n,
                 uint32_t *movie);

/* ---- by popularity ---- */

/* A movie with k ratings is drawn with probability proportional to k^power, one without ratings
 * never. */
struct popularity_sampler {
    size_t n;           /* movies with ratings */
    uint32_t *movie;    /* [n] ascending */
    double *cumulative; /* [n] sums of k^power */
};
enum status popularity_sampler_build(struct popularity_sampler *out, const struct ratings *ratings,
                                     double power, struct error *err);
void popularity_sampler_release(struct popularity_sampler *s);

/* Draws an index into `movie`, which must not be empty. */
size_t popularity_draw(const struct popularity_sampler *s, struct rng *rng);

/* The expected number of times that movie[place] is drawn in n_draws draws. */
double popularity_expected(const struct popularity_sampler *s, size_t place, size_t n_draws);

#endif
