/* Loss and gradient of the encoder over a block of windows, by back-propagation through time.
 *
 * The rows of a block are packed: all windows' first steps, then the second steps of those that
 * have two, and so on; windows stand longest first, so that step t is a run of rows and its states
 * continue the first rows of step t - 1. */
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

/* The movies that the targets of a batch are told from: the normalising sum of the softmax is
 * estimated by the target's term plus sum over k of exp(logit + offset), which is unbiased when
 * offset = log(times drawn / expected number of draws) (Bengio & Senecal, 2008). Negatives that
 * the user has rated up to and including the target do not count. */
struct negatives {
    size_t n;
    const uint32_t *movie;  /* [n] distinct */
    const float *offset;    /* [n] */
    const float *bias;      /* [n] the movies' bias + offset */
    const float *embedding; /* [n, dim] the movies' rows */
    const int32_t *slot;    /* [n_movies] position among them, or -1 */
};

struct gru_dropout {
    struct dropout input, output; /* of what a step reads, and of the state that is compared */
};

struct block; /* scratch of one block, and what it found */

/* For blocks of up to n_windows windows of up to `size` steps and n_negatives negatives. */
enum status block_create(struct block **out, const struct sequence_model *m, size_t n_windows,
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

/* Sum over the targets of window[n_windows] of -log of the estimated probability. The gradients of
 * batch->scale times that are left in the block. */
double block_run(struct block *b, const struct gru_batch *batch, const struct subsequence *window,
                 size_t n_windows, struct rng rng);

/* gradient += what block_run left; its negatives are of the same batch. */
void block_add(const struct block *b, const struct sequence_model *m,
               const struct negatives *negatives, struct sequence_model *gradient);

#endif
