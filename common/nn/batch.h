/* One optimiser step: a batch is cut into shards of a fixed number of groups, each with gradients
 * of its own that are merged in shard order, so that the sum is the same at any number of threads.
 */
#ifndef MARQUEE_NN_BATCH_H
#define MARQUEE_NN_BATCH_H

#include "common/base/error.h"
#include "common/base/parallel.h"
#include "common/nn/trainer.h"

#include <stddef.h>
#include <stdint.h>

/* Buffers of one thread. */
struct batch_worker {
    struct mlp_work net;
    struct minibatch minibatch;
    float *dlogit; /* [rows] */
};

/* The result of one shard. */
struct shard {
    float *gradient;        /* [n_dense] */
    float *delta;           /* [rows, user_dim + movie_dim] derivatives by the embeddings */
    uint32_t *user, *movie; /* [rows]; after number_rows, places among the touched ones */
    size_t n_rows;
    double loss;
};

/* The embedding rows that a batch touches, in order of first touch. A row of either table has a
 * mark: users first, then movies. */
struct touched {
    uint32_t *place; /* [n_users + n_movies] one more than the place below; 0: not touched */
    uint32_t *mark;  /* [count] */
    float *gradient; /* [count, dim] */
    size_t count, dim;
};

struct batcher {
    const struct train_task *task;
    const struct samples *samples;
    size_t rows;                 /* of a group that count: all, or 1 for ratings */
    size_t shard_groups;         /* groups of a shard */
    struct scratch_pool workers; /* of struct batch_worker */
    size_t n_shards;
    struct shard *shard; /* [n_shards] */
    float *gradient;     /* [n_dense] merged */
    struct touched touched;
};

enum { SHARD_ROWS = 1024 };

/* `for_training` false leaves out the gradients: for validation. */
enum status batcher_alloc(struct batcher *b, const struct train_task *task, bool for_training,
                          struct error *err);
void batcher_release(struct batcher *b);

/* Groups that a shard holds and rows of each group that count, for this head. */
size_t batch_rows(const struct train_task *task, const struct samples *s);
size_t batch_shard_groups(size_t rows);

/* Trains on `n` groups, the sum of whose losses goes to *loss. STATUS_INTERRUPTED leaves the state
 * as it was, but for the number of the step. */
enum status batch_step(struct batcher *b, struct train_state *state, const uint32_t *group,
                       size_t n, double rate, double *loss, struct error *err);

#endif
