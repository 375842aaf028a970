/* What networks are trained and validated on: groups of one positive row and its negatives; and
 * mini-batches, the rows of a few groups gathered for one pass through a network. */
#ifndef MARQUEE_NN_MINIBATCH_H
#define MARQUEE_NN_MINIBATCH_H

#include "common/base/error.h"
#include "common/base/rng.h"
#include "common/data/negative_sampler.h"
#include "common/nn/mlp.h"

#include <stddef.h>
#include <stdint.h>

struct samples {
    size_t n_groups, group_size;
    size_t n_settled; /* of users known to the models; they come first, then those of newcomers */
    uint32_t n_features;
    uint16_t *x;     /* [n_groups, group_size, n_features] binary16, or NULL */
    uint32_t *user;  /* [n_groups] */
    uint32_t *movie; /* [n_groups, group_size]; only [n_groups] when `draw` is set */
    float *log_q;    /* [n_groups, group_size] log of the sampling rate, or NULL */
    uint8_t *rating; /* [n_groups] the positive's, in half stars */
    float *weight;   /* [n_groups] of the group in ranking tasks, on average 1; or NULL */
    float *own_mean; /* [n_groups] of the ratings known of the user, stars, 0: none; or NULL */
    const struct unseen_sampler *draw; /* rows 1.. are drawn afresh each time; not owned */
};
void samples_release(struct samples *s);

double samples_mean_stars(const struct samples *s); /* of the settled positives; 0 without any */

struct minibatch {
    size_t n_rows;
    float *x;               /* [rows, n_features] */
    uint32_t *user, *movie; /* [rows] */
    float *log_q;           /* [rows]; NULL if the samples have none */
    float *target;          /* [groups] the positive's stars minus the mean */
    float *weight;          /* [groups] */
    size_t max_rows;
};
enum status minibatch_alloc(struct minibatch *m, const struct samples *s, size_t max_rows,
                            struct error *err);
void minibatch_release(struct minibatch *m);

struct mlp_rows minibatch_rows(const struct minibatch *m);

/* Gathers the first `rows` rows of each of `n` groups, which count by weight[n_groups] (NULL: all
 * alike); `rng` is used only if negatives are drawn. */
void minibatch_fill(struct minibatch *m, const struct samples *s, const float *weight,
                    const uint32_t *group, size_t n, size_t rows, double mean_stars,
                    struct rng *rng);

#endif
