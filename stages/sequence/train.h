/* Training of the sequence encoder on the ratings of a view. */
#ifndef MARQUEE_SEQUENCE_TRAIN_H
#define MARQUEE_SEQUENCE_TRAIN_H

#include "common/data/dataset.h"
#include "common/model/sequence.h"

#include <stdint.h>

struct train_params {
    int64_t dim, hidden, window, batch, negatives, epochs, max_targets;
    double learning_rate, decay, input_dropout, output_dropout, popularity;
};

/* Number of epochs: `epochs`, up to four times as many where movies have fewer than 40 ratings on
 * average, and no more than max_targets allow, but at least one. */
size_t train_epochs(const struct train_params *p, const struct ratings *r);

/* Fits the model; `loss` [train_epochs] gets the mean loss per target of each epoch. */
enum status train(struct sequence_model *out, double *loss, const struct ratings *r,
                  const struct train_params *p, uint64_t seed, struct error *err);

#endif
