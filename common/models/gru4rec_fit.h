/* Training of the sequence encoder on the ratings of a view. */
#ifndef MARQUEE_MODELS_GRU4REC_FIT_H
#define MARQUEE_MODELS_GRU4REC_FIT_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/gru.h"

#include <stdint.h>

struct train_params {
    int64_t dim, hidden, window, batch, negatives, epochs, max_targets;
    double learning_rate, decay, input_dropout, output_dropout, popularity;
};

/* 40 over the mean number of ratings of the movies that have any, between 1 and 4: how much more a
 * rating has to teach than where movies have many. */
double train_scarcity(const struct ratings *r);

/* Number of epochs: `epochs` times the scarcity, no more than max_targets allow, at least one. The
 * dropouts are multiplied by the scarcity. */
size_t train_epochs(const struct train_params *p, const struct ratings *r);

/* Fits the model; `loss` [train_epochs] gets the mean loss per target of each epoch. */
enum status train(struct sequence_model *out, double *loss, const struct ratings *r,
                  const struct train_params *p, uint64_t seed, struct error *err);

#endif
