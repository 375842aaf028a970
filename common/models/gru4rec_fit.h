/* Training of the sequence encoder on the ratings of a view: sampled softmax over the next movie,
 * back-propagation through time, Adam. */
#ifndef MARQUEE_MODELS_GRU4REC_FIT_H
#define MARQUEE_MODELS_GRU4REC_FIT_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/gru.h"
#include "common/nn/schedule.h"

#include <stdint.h>

/* The options of the sequence stage (gru4rec.c). */
struct gru4rec_params {
    const char *gaps; /* "until" the next rating, or "since" the one before */
    int64_t dim, hidden, window, batch, negatives, epochs, max_targets;
    double learning_rate, decay, input_dropout, output_dropout, popularity;
};

/* 40 / the mean number of ratings of the movies that have any, between 1 and 4: where movies have
 * few ratings, each must be used more often, and dropout be stronger. */
double gru4rec_scarcity(const struct ratings *r);

/* Number of epochs: `epochs` times the scarcity, at most what max_targets allows, at least 1. The
 * dropout rates are multiplied by the scarcity as well. */
size_t gru4rec_epochs(const struct gru4rec_params *p, const struct ratings *r);

/* The learning rate by the share of training that is done, as the number of steps in an epoch
 * depends on how its subsequences were cut. */
struct schedule gru4rec_schedule(const struct gru4rec_params *p);

/* Trains *out, to be released by the caller; loss[gru4rec_epochs] receives the mean loss per target
 * of each epoch. */
enum status gru4rec_train(struct sequence_model *out, double *loss, const struct ratings *r,
                          const struct gru4rec_params *p, uint64_t seed, struct error *err);

#endif
