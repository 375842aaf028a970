/* Training of the sequence encoder on the ratings of a view. */
#ifndef MARQUEE_MODELS_GRU4REC_FIT_H
#define MARQUEE_MODELS_GRU4REC_FIT_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/gru.h"
#include "common/nn/schedule.h"

#include <stdint.h>

struct gru4rec_params {
    int64_t dim, hidden, window, batch, negatives, epochs, max_targets;
    double learning_rate, decay, input_dropout, output_dropout, popularity;
};

/* 40 over the mean number of ratings of the movies that have any, between 1 and 4: how much more a
 * rating has to teach than where movies have many. */
double gru4rec_scarcity(const struct ratings *r);

/* Number of epochs: `epochs` times the scarcity, no more than max_targets allow, at least one. The
 * dropouts are multiplied by the scarcity. */
size_t gru4rec_epochs(const struct gru4rec_params *p, const struct ratings *r);

/* The schedule of the learning rate, by the share of the run that is done: an epoch's cuts decide
 * on its number of steps. */
struct schedule gru4rec_schedule(const struct gru4rec_params *p);

/* Fits the model; `loss` [gru4rec_epochs] gets the mean loss per target of each epoch. */
enum status gru4rec_train(struct sequence_model *out, double *loss, const struct ratings *r,
                          const struct gru4rec_params *p, uint64_t seed, struct error *err);

#endif
