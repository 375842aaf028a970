/* The sequence encoder: a gated recurrent unit reads the history, and its last state is compared
 * with the embedding of every movie. GRU: Cho et al., EMNLP 2014; for recommendation: Hidasi et
 * al., "Session-based recommendations with recurrent neural networks", ICLR 2016.
 *
 * A step reads one rating: x = embedding[movie] + rating[value] + gap[time until the next], or the
 * time since the one before where the moment of the next is not to be known. With reset, update and
 * candidate gates stacked in that order,
 *
 *     a = input_weights x + input_bias,  u = recurrent h,
 *     r = sigma(a_r + u_r),  z = sigma(a_z + u_z),  n = tanh(a_n + r (u_n + recurrent_bias)),
 *     h' = (1 - z) n + z h,
 *
 * and the score of movie m is (output h + output_bias) . embedding[m] + bias[m]: the logit of m
 * being rated next, up to a constant of the history.
 *
 * The window of this model is a number of ratings: scoring reads that many of the newest, training
 * cuts histories into subsequences no longer than it. */
#ifndef MARQUEE_MODELS_GRU_H
#define MARQUEE_MODELS_GRU_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEQUENCE_RATINGS = 11, SEQUENCE_GAPS = 30 };

/* The arrays point into `values`, those of the movies last. */
struct sequence_model {
    uint32_t n_movies, dim, hidden;
    uint32_t window;           /* how many of the newest ratings are read */
    bool blind;                /* gaps are times since the rating before, not until the next */
    size_t n_values, n_shared; /* length of `values`; of its part before `bias` */
    float *values;
    float *input_weights;  /* [3 hidden, dim] */
    float *input_bias;     /* [3 hidden] */
    float *recurrent;      /* [3 hidden, hidden] */
    float *recurrent_bias; /* [hidden] */
    float *output;         /* [dim, hidden] */
    float *output_bias;    /* [dim] */
    float *rating;         /* [SEQUENCE_RATINGS, dim] by half stars; row 0 is for the start */
    float *gap;            /* [SEQUENCE_GAPS, dim] by sequence_gap */
    float *bias;           /* [n_movies] */
    float *embedding;      /* [n_movies + 1, dim]; the last row is read before the first rating */
};

/* Allocates zeros for the sizes n_movies, dim and hidden, which must be set. */
enum status sequence_alloc(struct sequence_model *m, struct error *err);
enum status sequence_load(struct sequence_model *out, const struct artifact *a, struct error *err);
enum status sequence_write(const struct sequence_model *m, struct artifact_writer *w,
                           struct error *err);
void sequence_model_release(struct sequence_model *m);

/* Class of the time between two ratings: 0 for none, else 1 + floor(log2(seconds)), at most
 * SEQUENCE_GAPS - 1. */
uint32_t sequence_gap(int64_t seconds);

/* out[dim] = the input x of a step that reads (movie, value, gap). */
void sequence_input(const struct sequence_model *m, uint32_t movie, uint32_t value, uint32_t gap,
                    float *out);

/* One step: from the state `before` [hidden] to `after` [hidden], which may be the same array. a[3
 * hidden] and u[3 hidden] as above; gate[4 hidden] receives r, z, n and u_n + recurrent_bias, which
 * back-propagation needs. */
void sequence_step(const struct sequence_model *m, const float *a, const float *u,
                   const float *before, float *gate, float *after);

/* x[i] = exp(x[i]) with a relative error below 2e-7; 0 below -87. */
void sequence_exp(float *x, size_t n);

/* Length of the scratch that sequence_encode needs, in floats. */
size_t sequence_scratch(const struct sequence_model *m);

/* query[dim] = output h + output_bias after the newest `window` ratings of the history, preceded by
 * the start symbol if that is all of them. `now` ends the last gap, unless the model is blind. */
void sequence_encode(const struct sequence_model *m, const struct history *h, int64_t now,
                     float *scratch, float *query);

/* logit[n_movies], finite for every movie. */
void sequence_scores(const struct sequence_model *m, const float *query, float *logit);

#endif
