/* Training of one network: epochs of mini-batches, validation, early stopping. */
#ifndef MARQUEE_NN_TRAINER_H
#define MARQUEE_NN_TRAINER_H

#include "common/base/error.h"
#include "common/nn/adam.h"
#include "common/nn/loss.h"
#include "common/nn/minibatch.h"
#include "common/nn/mlp.h"
#include "common/nn/schedule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A feature that ranks well alone, and the weight of its standardised value in the shortcut; 0:
 * none. A network that starts so, and is kept only as far as it gets better, is never worse on the
 * validation set than this feature. */
struct shortcut_start {
    uint32_t feature;
    float weight;
};

/* What to train and how; constant during the training. */
struct train_task {
    const struct samples *train, *valid; /* without validation groups the last epoch is kept */
    size_t n_groups;                     /* to train on: the first ones of `train` */
    /* Of each group in ranking losses and metrics, on average 1; NULL: all 1. */
    const float *weight, *valid_weight;
    struct scaling scaling; /* of the features */
    double mean_stars;      /* the rating head predicts the difference from it */
    struct mlp_layout layout;
    const float *initial;        /* parameters to start from, which are kept unless validation finds
                                    better ones; NULL: drawn at random */
    struct shortcut_start start; /* what a shortcut begins with */
    const char *head;            /* for the log: "rank", "rating", ... */
    enum loss_kind loss;
    double learning_rate; /* peak of the schedule */
    struct adam adam;
    double embedding_decay; /* weight decay of embedding rows, at the steps that touch them */
    uint32_t drop;          /* dropout in 1/256 */
    uint32_t epochs;
    uint32_t patience; /* epochs without a better validation metric before stopping; 0 = never */
    size_t batch;      /* groups */
    uint64_t seed;
};

/* The schedule of the learning rate, in steps. */
struct schedule train_schedule(const struct train_task *task);

/* Everything that carries over from one epoch to the next, and so what a checkpoint holds. */
struct train_state {
    uint32_t epoch;      /* epochs done */
    uint32_t best_epoch; /* counted from 1; 0: what it started with is best */
    uint64_t step;       /* optimiser steps done */
    double best;         /* validation score of best_epoch, larger is better */
    bool finished;
    size_t n_params;
    uint32_t max_epochs;
    float *params, *moment, *square;                /* [n_params] weights, Adam's two moments */
    float *best_params;                             /* [n_params] */
    double *train_loss, *valid_loss, *valid_metric; /* [max_epochs]; NDCG@10 or RMSE in stars */
};
enum status train_state_alloc(struct train_state *s, size_t n_params, uint32_t max_epochs,
                              struct error *err);
void train_state_release(struct train_state *s);

enum { NETWORK_NAME_SIZE = 32 };

struct network {
    char name[NETWORK_NAME_SIZE]; /* "rank-0": the head and the member of the ensemble */
    struct train_task task;
    struct train_state state;
};

/* Called after each epoch; a status other than STATUS_OK ends the training and is returned. */
typedef enum status (*train_hook)(void *context, const struct network *network, struct error *err);

/* Starts (state.epoch = 0) or continues a training and completes it; state.best_params is the
 * result, which depends neither on the number of threads nor on whether it went through a
 * checkpoint. */
enum status train_network(struct network *network, train_hook hook, void *context,
                          struct error *err);

/* NDCG@10 of a group of n rows whose only relevant row is the first. */
double group_ndcg(const float *score, size_t n);

/* Mean loss and metric of `params` on the validation set. */
enum status train_validate(const struct train_task *task, const float *params, double *loss,
                           double *metric, struct error *err);

#endif
