/* Loss and gradient of the encoder over a block of subsequences, by back-propagation through time.
 *
 * The rows of a block are packed: the first steps of all subsequences, then the second steps of
 * those that have two, and so on. Subsequences come longest first, so that step t is a contiguous
 * range of rows whose states continue those of the first rows of step t - 1. */
#ifndef MARQUEE_MODELS_GRU_BPTT_H
#define MARQUEE_MODELS_GRU_BPTT_H

#include "common/base/error.h"
#include "common/base/rng.h"
#include "common/data/ratings.h"
#include "common/models/gru.h"
#include "common/models/subsequences.h"
#include "common/nn/dropout.h"

#include <stddef.h>
#include <stdint.h>

/* The negatives that all targets of a batch share. The normalising sum of the softmax is estimated
 * by the target's own term plus the sum over k of exp(logit + offset), which is unbiased for offset
 * = log(times drawn / expected number of draws) (Bengio and Senecal, 2008). For a target, movies
 * that the user rated before it, and the target itself, are left out of the negatives. */
struct negatives {
    size_t n;
    const uint32_t *movie;  /* [n] distinct */
    const float *offset;    /* [n] */
    const float *bias;      /* [n] bias of each movie + its offset */
    const float *embedding; /* [n, dim] copies of their rows */
    const int32_t *slot;    /* [n_movies] index among the negatives, or -1 */
};

struct gru_dropout {
    struct dropout input, output; /* of the input of a step; of the state before the output layer */
};

struct block; /* scratch of one block, and its gradients */

/* For blocks of up to n_subsequences subsequences of up to `size` steps, with up to n_negatives
 * negatives. */
enum status block_create(struct block **out, const struct sequence_model *m, size_t n_subsequences,
                         size_t size, size_t n_negatives, struct error *err);
void block_release(struct block *b);

/* What the blocks of a batch have in common. */
struct gru_batch {
    const struct sequence_model *model;
    const struct ratings *ratings;
    const struct negatives *negatives;
    const struct gru_dropout *dropout;
    float scale; /* of the gradients */
};

/* Returns the sum over all targets of -log of their estimated probability. The gradients of
 * batch->scale times that sum stay in the block. */
double block_run(struct block *b, const struct gru_batch *batch,
                 const struct subsequence *subsequence, size_t n_subsequences, struct rng rng);

/* gradient += the gradients of the last block_run, which must have been given the same
 * negatives. */
void block_add(const struct block *b, const struct sequence_model *m,
               const struct negatives *negatives, struct sequence_model *gradient);

#endif
