/* One optimiser step: a batch is cut into shards of a fixed number of groups, each with its own
 * gradients, which are merged in the order of the shards, so that the sum is the same with any
 * number of threads. */
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
    float *gradient; /* [n_dense] */
    float *delta;    /* [rows, user_dim + movie_dim] derivatives with respect to embeddings */
    uint32_t *user, *movie; /* [rows]; when merging, places among the touched rows */
    size_t n_rows;
    double loss;
};

/* The embedding rows that a batch touches, in order of first touch. Marks number the rows of both
 * tables: users first, then movies. */
struct touched {
    uint32_t *place; /* [n_users + n_movies] 1 + the index into the arrays below; 0: not touched */
    uint32_t *mark;  /* [count] */
    float *gradient; /* [count, dim] */
    size_t count, dim;
};

struct batcher {
    const struct train_task *task;
    const struct samples *samples;
    size_t rows;                 /* used per group: all, or 1 for ratings */
    size_t shard_groups;         /* groups per shard */
    struct scratch_pool workers; /* of struct batch_worker */
    size_t n_shards;
    struct shard *shard; /* [n_shards] */
    float *gradient;     /* [n_dense] merged */
    struct touched touched;
};

enum { SHARD_ROWS = 1024 };

/* `for_training` false leaves out the gradients, which validation does not need. */
enum status batcher_alloc(struct batcher *b, const struct train_task *task, bool for_training,
                          struct error *err);
void batcher_release(struct batcher *b);

/* The rows of each group that this head uses, and the groups per shard if groups have `rows` rows.
 */
size_t batch_rows(const struct train_task *task, const struct samples *s);
size_t batch_shard_groups(size_t rows);

/* Trains on `n` groups; *loss becomes the sum of their losses. STATUS_INTERRUPTED leaves the state
 * as it was, except for the number of the step. */
enum status batch_step(struct batcher *b, struct train_state *state, const uint32_t *group,
                       size_t n, double rate, double *loss, struct error *err);

#endif
