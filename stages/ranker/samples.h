/* What the networks are trained and validated on: groups of one positive row and its negatives. */
#ifndef MARQUEE_RANKER_SAMPLES_H
#define MARQUEE_RANKER_SAMPLES_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/base/rng.h"
#include "common/data/negative_sampler.h"
#include "common/data/ratings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct samples {
    size_t n_groups, group_size;
    size_t n_settled; /* the first ones; the others are beginnings of users whom no model knows */
    uint32_t n_features;
    uint16_t *x;     /* [n_groups, group_size, n_features] binary16, or NULL */
    uint32_t *user;  /* [n_groups] */
    uint32_t *movie; /* [n_groups, group_size]; only [n_groups] when `draw` is set */
    float *log_q;    /* [n_groups, group_size], or NULL */
    uint8_t *rating; /* [n_groups] the positive's, in half stars */
    struct unseen_sampler
        *draw; /* rows 1.. are drawn anew each time a group is gathered; not owned */
};
void samples_release(struct samples *s);

/* The sets of a features artifact, "train" and "newcomer" in one. No training rows are
 * STATUS_FAILED. */
enum status samples_load(struct samples *train, struct samples *valid, const struct artifact *a,
                         struct error *err);

/* The plain network's training set: every rating of the view a positive with `negatives` drawn
 * rows. `seen` must outlive it. */
enum status samples_of_ratings(struct samples *out, const struct ratings *ratings,
                               struct unseen_sampler *seen, size_t negatives, struct error *err);

/* The plain network's validation set: the ratings of role valid with `negatives` movies each that
 * the user has not rated in the view, drawn once. */
enum status samples_of_role(struct samples *out, const struct ratings *all, const uint8_t *role,
                            const struct unseen_sampler *seen, size_t negatives, uint64_t seed,
                            struct error *err);

/* One more than the largest user and movie index in either set. */
void samples_extent(const struct samples *train, const struct samples *valid, uint32_t *n_users,
                    uint32_t *n_movies);

double samples_mean_stars(const struct samples *s); /* of the settled positives; 0 without any */

/* mean and scale = 1 / deviation (0 for a constant) of each feature over all rows of settled
 * groups; NaN left out. */
enum status samples_scaling(const struct samples *s, float *mean, float *scale, struct error *err);

/* Rows gathered for the network. */
struct tile {
    size_t n_rows;
    float *x;               /* [rows, n_features] */
    uint32_t *user, *movie; /* [rows] */
    float *log_q;           /* [rows]; NULL when the samples have none */
    float *target;          /* [groups] the positive's stars less the mean */
    size_t max_rows;
};
enum status tile_alloc(struct tile *t, const struct samples *s, size_t max_rows, struct error *err);
void tile_release(struct tile *t);

/* Gathers `n` groups, of each the first `rows` rows. */
void tile_fill(struct tile *t, const struct samples *s, const uint32_t *group, size_t n,
               size_t rows, double mean_stars, struct rng *rng);

#endif
