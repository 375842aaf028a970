/* A multi-layer perceptron over dense features and embeddings, with its backward pass.
 *
 * Inputs of one row: [z (F), sign(z) log(1+|z|) (F), user embedding, movie embedding], where z is a
 * dense feature standardised; hidden layers are linear, ReLU, inverted dropout; the last layer is
 * linear with one output, the logit. With a shortcut the logit is also linear in the inputs (Cheng
 * et al., Wide & deep learning, DLRS 2016), so the network can express any one feature exactly.
 *
 * All parameters live in one flat block: per layer W (out x in), then b (out); behind the layers
 * the weights of the shortcut, the user embeddings, then the movie embeddings. A layout holds the
 * place of each in the block, so that parameters, gradients and the optimiser's moments are blocks
 * of one layout. */
#ifndef MARQUEE_NN_MLP_H
#define MARQUEE_NN_MLP_H

#include "common/base/error.h"
#include "common/base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MLP_MAX_LAYERS = 8 };

/* What an input row consists of; the embedding tables have a row per user and a row per movie. */
struct mlp_inputs {
    uint32_t n_features, n_users, user_dim, n_movies, movie_dim;
    bool shortcut;
};

struct mlp_layout {
    uint32_t n_features; /* F; each enters twice */
    uint32_t n_users, user_dim;
    uint32_t n_movies, movie_dim;
    uint32_t n_layers;
    uint32_t width[MLP_MAX_LAYERS + 1]; /* [0] inputs, [n_layers] = 1 */

    size_t weight[MLP_MAX_LAYERS]; /* offsets in the block */
    size_t bias[MLP_MAX_LAYERS];
    size_t shortcut; /* as many as inputs, or none: then it equals `user` */
    size_t user, movie;
    size_t n_dense;  /* values of the layers and the shortcut; the embeddings follow */
    size_t n_params; /* values of the whole block */
};

/* Computes widths and offsets for these hidden layers. STATUS_FAILED for too many layers, a width
 * of 0, no inputs at all, or sizes that overflow. */
enum status mlp_layout_set(struct mlp_layout *out, const struct mlp_inputs *inputs,
                           const uint32_t *hidden, size_t n_hidden, struct error *err);

/* params[layout->n_params]: W ~ N(0, 2 / in) (He et al., ICCV 2015), the last layer N(0, 1 / in) /
 * 10 so that training starts near 0, b = 0, embeddings N(0, 0.05). With a shortcut, which starts at
 * 0, the last layer starts at 0 too: what the caller then puts into the shortcut is all that is
 * said. */
void mlp_initialise(const struct mlp_layout *layout, uint64_t seed, float *params);

/* ---- layers: pure functions, outputs first ---- */

/* out[n,m] = in[n,k] W' + b, W[m,k] */
void linear_forward(float *out, const float *in, const float *weight, const float *bias, size_t n,
                    size_t m, size_t k);
/* dweight[m,k] += dout' in, dbias[m] += column sums of dout[n,m] */
void linear_backward_params(float *dweight, float *dbias, const float *dout, const float *in,
                            size_t n, size_t m, size_t k);
/* din[n, k - first] = dout W restricted to the input columns first..k-1 */
void linear_backward_input(float *din, const float *dout, const float *weight, size_t n, size_t m,
                           size_t k, size_t first);

/* In place x[count] = max(x, 0), then dropout with a share of `drop` / 256 (dropout_8bit). `rng` is
 * not used when drop is 0. */
void relu_dropout_forward(float *x, size_t count, uint32_t drop, struct rng *rng);
/* In place dx[count], from the forward outputs out[count]: the derivative passes where the output
 * is > 0. */
void relu_dropout_backward(float *dx, const float *out, size_t count, uint32_t drop);

/* How features are standardised: z = (x - mean) * scale, of an x that is first moved into [low,
 * high], which is what the training set held. What lies outside has never been seen, and a network
 * may say anything of it. [n_features] each; owned by whoever made them. */
struct scaling {
    const float *mean, *scale, *low, *high;
};

/* out[n] rows of stride `stride`: z and sign(z) log(1 + |z|); a NaN and a scale of 0 give 0. The
 * logarithm is a polynomial (Cephes logf) with an absolute error below 2e-7. */
void features_forward(float *out, const float *x, const struct scaling *scaling, size_t n,
                      size_t n_features, size_t stride);
/* dx[n, n_features] from din[n] rows of stride `stride`; NaN features, and those outside their
 * range, get 0. */
void features_backward(float *dx, const float *din, const float *x, const struct scaling *scaling,
                       size_t n, size_t n_features, size_t stride);

/* Row i of out = row index[i] of the table, or zeros where index[i] >= n_rows (NO_INDEX
 * included). */
void embedding_forward(float *out, const float *table, const uint32_t *index, uint32_t n_rows,
                       size_t n, size_t dim, size_t stride);

/* ---- the whole network ---- */

/* Buffers of one thread for at most `rows` rows. */
struct mlp_work {
    size_t rows;
    float *activation[MLP_MAX_LAYERS + 1]; /* [0] inputs [rows, width 0] ... logits [rows] */
    float *delta[2];                       /* [rows, widest hidden layer] */
    float *input_delta;                    /* [rows, width 0 - first_input] after mlp_backward */
    float *block;
};
enum status mlp_work_alloc(struct mlp_work *out, const struct mlp_layout *layout, size_t rows,
                           struct error *err);
void mlp_work_release(struct mlp_work *w);

struct mlp_rows {
    const float *x;               /* [n, n_features] raw; NULL if there are none */
    const uint32_t *user, *movie; /* [n]; may be NULL if the dimension is 0 */
    size_t n;
};

/* Fills activation[0] with the transformed features and the embeddings of the rows. */
void mlp_read(struct mlp_work *w, const struct mlp_layout *layout, const float *params,
              const struct scaling *scaling, const struct mlp_rows *rows);

/* activation[0] -> logits activation[n_layers][n]. `drop` in 1/256; 0 for inference. */
void mlp_forward(struct mlp_work *w, const struct mlp_layout *layout, const float *params, size_t n,
                 uint32_t drop, struct rng *rng);

/* Backpropagates dlogit[n]: adds to gradient[n_dense] (NULL: not wanted), and leaves the
 * derivatives with respect to inputs [first_input, width[0]) in input_delta (none if first_input =
 * width[0]). `drop` must be that of the forward pass. */
void mlp_backward(struct mlp_work *w, const struct mlp_layout *layout, const float *params,
                  size_t n, uint32_t drop, const float *dlogit, float *gradient,
                  size_t first_input);

#endif
