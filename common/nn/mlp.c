#include "common/nn/mlp.h"

#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/nn/dropout.h"
#include "common/nn/init.h"

#include <stdbool.h>
#include <string.h>

static enum status add_place(size_t *place, size_t *total, size_t a, size_t b, struct error *err) {
    size_t size;
    if (!mem_multiply(a, b, &size) || size > (SIZE_MAX >> 4) - *total) {
        return error_set(err, STATUS_FAILED, "network: too many parameters (%zu x %zu)", a, b);
    }
    *place = *total;
    *total += size;
    return STATUS_OK;
}

static enum status set_widths(struct mlp_layout *l, const uint32_t *hidden, size_t n_hidden,
                              struct error *err) {
    uint64_t inputs = 2 * (uint64_t)l->n_features + l->user_dim + l->movie_dim;
    if (n_hidden + 1 > MLP_MAX_LAYERS) {
        return error_set(err, STATUS_FAILED, "network: %zu hidden layers, at most %d are supported",
                         n_hidden, MLP_MAX_LAYERS - 1);
    }
    if (inputs == 0 || inputs > UINT32_MAX) {
        return error_set(err, STATUS_FAILED, "network: %llu inputs per row",
                         (unsigned long long)inputs);
    }
    l->n_layers = (uint32_t)n_hidden + 1;
    l->width[0] = (uint32_t)inputs;
    for (size_t i = 0; i < n_hidden; i++) {
        if (hidden[i] == 0) {
            return error_set(err, STATUS_FAILED, "network: hidden layer %zu has width 0", i + 1);
        }
        l->width[i + 1] = hidden[i];
    }
    l->width[l->n_layers] = 1;
    return STATUS_OK;
}

enum status mlp_layout_set(struct mlp_layout *out, const struct mlp_inputs *inputs,
                           const uint32_t *hidden, size_t n_hidden, struct error *err) {
    *out = (struct mlp_layout){.n_features = inputs->n_features,
                               .n_users = inputs->user_dim > 0 ? inputs->n_users : 0,
                               .user_dim = inputs->user_dim,
                               .n_movies = inputs->movie_dim > 0 ? inputs->n_movies : 0,
                               .movie_dim = inputs->movie_dim};
    TRY(set_widths(out, hidden, n_hidden, err));
    size_t total = 0;
    for (uint32_t i = 0; i < out->n_layers; i++) {
        TRY(add_place(&out->weight[i], &total, out->width[i + 1], out->width[i], err));
        TRY(add_place(&out->bias[i], &total, out->width[i + 1], 1, err));
    }
    TRY(add_place(&out->shortcut, &total, inputs->shortcut ? out->width[0] : 0, 1, err));
    out->n_dense = total;
    TRY(add_place(&out->user, &total, out->n_users, out->user_dim, err));
    TRY(add_place(&out->movie, &total, out->n_movies, out->movie_dim, err));
    out->n_params = total;
    return STATUS_OK;
}

void mlp_initialise(const struct mlp_layout *l, uint64_t seed, float *params) {
    for (uint32_t i = 0; i < l->n_layers; i++) {
        struct rng rng = rng_keyed(seed, "net.init", 0, i);
        size_t in = l->width[i], n = l->width[i + 1] * in;
        double deviation = i + 1 < l->n_layers ? init_he(in) : init_lecun(in, 0.1);
        init_normal(params + l->weight[i], n, deviation, &rng);
        memset(params + l->bias[i], 0, l->width[i + 1] * sizeof(float));
    }
    if (l->shortcut < l->n_dense) {
        const uint32_t last = l->n_layers - 1;
        memset(params + l->weight[last], 0, l->width[last] * sizeof(float));
        memset(params + l->shortcut, 0, (l->n_dense - l->shortcut) * sizeof(float));
    }
    struct rng users = rng_keyed(seed, "net.init", 1, 0);
    struct rng movies = rng_keyed(seed, "net.init", 2, 0);
    init_normal(params + l->user, l->movie - l->user, INIT_EMBEDDING, &users);
    init_normal(params + l->movie, l->n_params - l->movie, INIT_EMBEDDING, &movies);
}

void linear_forward(float *out, const float *in, const float *weight, const float *bias, size_t n,
                    size_t m, size_t k) {
    for (size_t i = 0; i < n; i++) {
        memcpy(out + i * m, bias, m * sizeof(float));
    }
    dense_gemm('N', 'T', n, m, k, 1.0f, in, k, weight, k, 1.0f, out, m);
}

void linear_backward_params(float *dweight, float *dbias, const float *dout, const float *in,
                            size_t n, size_t m, size_t k) {
    dense_gemm('T', 'N', m, k, n, 1.0f, dout, m, in, k, 1.0f, dweight, k);
    for (size_t i = 0; i < n; i++) {
        const float *row = dout + i * m;
#pragma omp simd
        for (size_t j = 0; j < m; j++) {
            dbias[j] += row[j];
        }
    }
}

void linear_backward_input(float *din, const float *dout, const float *weight, size_t n, size_t m,
                           size_t k, size_t first) {
    dense_gemm('N', 'N', n, k - first, m, 1.0f, dout, m, weight + first, k, 0.0f, din, k - first);
}

static void relu_forward(float *x, size_t count) {
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        x[i] = x[i] > 0.0f ? x[i] : 0.0f;
    }
}

/* Dropout factors of this many values fit into the first-level cache. */
enum { FACTOR_BLOCK = 256 };

void relu_dropout_forward(float *x, size_t count, uint32_t drop, struct rng *rng) {
    relu_forward(x, count);
    if (drop == 0) return;
    const struct dropout dropout = dropout_8bit(drop);
    float factor[FACTOR_BLOCK];
    for (size_t first = 0; first < count; first += FACTOR_BLOCK) {
        size_t n = count - first < FACTOR_BLOCK ? count - first : FACTOR_BLOCK;
        float *block = x + first;
        dropout_factors(factor, n, &dropout, rng);
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            block[i] *= factor[i];
        }
    }
}

void relu_dropout_backward(float *dx, const float *out, size_t count, uint32_t drop) {
    const float keep = dropout_8bit(drop).keep;
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        dx[i] *= out[i] > 0.0f ? keep : 0.0f;
    }
}

/* ---- the network ---- */

static size_t widest_hidden(const struct mlp_layout *l) {
    uint32_t widest = 1;
    for (uint32_t i = 1; i <= l->n_layers; i++) {
        if (l->width[i] > widest) widest = l->width[i];
    }
    return widest;
}

enum status mlp_work_alloc(struct mlp_work *out, const struct mlp_layout *l, size_t rows,
                           struct error *err) {
    *out = (struct mlp_work){.rows = rows};
    size_t widest = widest_hidden(l), per_row = 2 * widest + l->width[0], count;
    for (uint32_t i = 0; i <= l->n_layers; i++) {
        per_row += l->width[i];
    }
    if (!mem_multiply(rows, per_row, &count)) {
        return error_set(err, STATUS_FAILED, "network: %zu rows are too many", rows);
    }
    TRY(MEM_NEW(&out->block, count, err));
    float *next = out->block;
    for (uint32_t i = 0; i <= l->n_layers; i++) {
        out->activation[i] = next;
        next += rows * l->width[i];
    }
    out->delta[0] = next;
    out->delta[1] = next + rows * widest;
    out->input_delta = next + 2 * rows * widest;
    return STATUS_OK;
}

void mlp_work_release(struct mlp_work *w) {
    mem_free(w->block);
    *w = (struct mlp_work){0};
}

void mlp_read(struct mlp_work *w, const struct mlp_layout *l, const float *params,
              const struct scaling *scaling, const struct mlp_rows *rows) {
    size_t stride = l->width[0], place = 2 * (size_t)l->n_features;
    float *in = w->activation[0];
    if (l->n_features > 0) {
        features_forward(in, rows->x, scaling, rows->n, l->n_features, stride);
    }
    if (l->user_dim > 0) {
        embedding_forward(in + place, params + l->user, rows->user, l->n_users, rows->n,
                          l->user_dim, stride);
    }
    if (l->movie_dim > 0) {
        embedding_forward(in + place + l->user_dim, params + l->movie, rows->movie, l->n_movies,
                          rows->n, l->movie_dim, stride);
    }
}

void mlp_forward(struct mlp_work *w, const struct mlp_layout *l, const float *params, size_t n,
                 uint32_t drop, struct rng *rng) {
    for (uint32_t i = 0; i < l->n_layers; i++) {
        float *out = w->activation[i + 1];
        linear_forward(out, w->activation[i], params + l->weight[i], params + l->bias[i], n,
                       l->width[i + 1], l->width[i]);
        if (i + 1 < l->n_layers) relu_dropout_forward(out, n * l->width[i + 1], drop, rng);
    }
    if (l->shortcut == l->n_dense) return;
    dense_gemm('N', 'T', n, 1, l->width[0], 1.0f, w->activation[0], l->width[0],
               params + l->shortcut, l->width[0], 1.0f, w->activation[l->n_layers], 1);
}

/* Adds what the shortcut contributes. */
static void shortcut_backward(struct mlp_work *w, const struct mlp_layout *l, const float *params,
                              size_t n, const float *dlogit, float *gradient, size_t first_input) {
    const size_t k = l->width[0], wanted = k - first_input;
    if (gradient != NULL) {
        dense_gemm('T', 'N', 1, k, n, 1.0f, dlogit, 1, w->activation[0], k, 1.0f,
                   gradient + l->shortcut, k);
    }
    for (size_t i = 0; i < n; i++) {
        const float *weight = params + l->shortcut + first_input;
        float *delta = w->input_delta + i * wanted;
#pragma omp simd
        for (size_t j = 0; j < wanted; j++) {
            delta[j] += dlogit[i] * weight[j];
        }
    }
}

void mlp_backward(struct mlp_work *w, const struct mlp_layout *l, const float *params, size_t n,
                  uint32_t drop, const float *dlogit, float *gradient, size_t first_input) {
    const float *dout = dlogit;
    for (uint32_t i = l->n_layers; i-- > 0;) {
        size_t m = l->width[i + 1], k = l->width[i];
        if (gradient != NULL) {
            linear_backward_params(gradient + l->weight[i], gradient + l->bias[i], dout,
                                   w->activation[i], n, m, k);
        }
        if (i > 0) {
            float *din = w->delta[i % 2];
            linear_backward_input(din, dout, params + l->weight[i], n, m, k, 0);
            relu_dropout_backward(din, w->activation[i], n * k, drop);
            dout = din;
        } else if (first_input < k) {
            linear_backward_input(w->input_delta, dout, params + l->weight[i], n, m, k,
                                  first_input);
        }
    }
    if (l->shortcut < l->n_dense) shortcut_backward(w, l, params, n, dlogit, gradient, first_input);
}
