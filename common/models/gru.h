/* The sequence encoder: a gated recurrent unit reads the history, its last state is compared with
 * every movie's embedding. GRU: Cho et al., EMNLP 2014; for recommendation: Hidasi et al.,
 * "Session-based Recommendations with Recurrent Neural Networks", ICLR 2016.
 *
 * A step reads one rating: x = embedding[movie] + rating[value] + gap[time until the next]. With
 * reset, update and candidate gates stacked in that order,
 *     a = input_weights x + input_bias,  u = recurrent h,
 *     r = sigma(a_r + u_r),  z = sigma(a_z + u_z),  n = tanh(a_n + r (u_n + recurrent_bias)),
 *     h' = (1 - z) n + z h,
 * and the score of movie m is (output h + output_bias) . embedding[m] + bias[m]: a logit, up to a
 * constant of the history, of m being rated next. */
#ifndef MARQUEE_MODELS_GRU_H
#define MARQUEE_MODELS_GRU_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/history.h"

#include <stddef.h>
#include <stdint.h>

enum { SEQUENCE_RATINGS = 11, SEQUENCE_GAPS = 30 };

/* The arrays point into `values`; the movies' stand last. */
struct sequence_model {
    uint32_t n_movies, dim, hidden;
    uint32_t window;           /* newest ratings that are read */
    size_t n_values, n_shared; /* numbers in all, and before `bias` */
    float *values;
    float *input_weights;  /* [3 hidden, dim] */
    float *input_bias;     /* [3 hidden] */
    float *recurrent;      /* [3 hidden, hidden] */
    float *recurrent_bias; /* [hidden] */
    float *output;         /* [dim, hidden] */
    float *output_bias;    /* [dim] */
    float *rating;         /* [SEQUENCE_RATINGS, dim] by half stars; 0 goes with the start */
    float *gap;            /* [SEQUENCE_GAPS, dim] by sequence_gap */
    float *bias;           /* [n_movies] */
    float *embedding;      /* [n_movies + 1, dim]; the last row is read before the first rating */
};

/* Sizes must be set; allocates zeros. */
enum status sequence_alloc(struct sequence_model *m, struct error *err);
enum status sequence_load(struct sequence_model *out, const struct artifact *a, struct error *err);
enum status sequence_write(const struct sequence_model *m, struct artifact_writer *w,
                           struct error *err);
void sequence_model_release(struct sequence_model *m);

/* Class of a time between ratings: 0 for none, else 1 + floor(log2(seconds)), at most the last. */
uint32_t sequence_gap(int64_t seconds);

/* out[dim] = what step (movie, value, gap) reads, before the weights. */
void sequence_input(const struct sequence_model *m, uint32_t movie, uint32_t value, uint32_t gap,
                    float *out);

/* One state after another: gate[4 hidden] gets r, z, n and u_n + recurrent_bias, `after` the new
 * state. a[3 hidden] and u[3 hidden] as above; `before` may be `after`. */
void sequence_step(const struct sequence_model *m, const float *a, const float *u,
                   const float *before, float *gate, float *after);

/* x[i] = exp(x[i]), within 2e-7 relative, 0 below -87. */
void sequence_exp(float *x, size_t n);

/* Numbers of scratch that sequence_encode needs. */
size_t sequence_scratch(const struct sequence_model *m);

/* query[dim] = output h + output_bias after the newest `window` ratings of the history (before
 * them the start, if all are read); `now` ends the last gap. `scratch` [sequence_scratch]. */
void sequence_encode(const struct sequence_model *m, const struct history *h, int64_t now,
                     float *scratch, float *query);

/* logit[n_movies]; finite for every movie. */
void sequence_scores(const struct sequence_model *m, const float *query, float *logit);

#endif
