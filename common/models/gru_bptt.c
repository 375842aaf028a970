#include "common/models/gru_bptt.h"

#include "common/base/mem.h"
#include "common/data/dense.h"

#include <math.h>
#include <string.h>

enum { TILE = 128 }; /* rows whose logits are in memory at a time */

struct block {
    size_t n_subsequences, n_steps, n_rows;
    size_t *row; /* [size + 1] first row of each step */
    /* per row */
    uint32_t *read, *value, *gap, *target; /* what the step reads, and the movie that it predicts */
    uint32_t *subsequence;
    float *x, *dx;         /* [rows, dim] */
    float *mask;           /* [rows, dim + hidden] 0 or 1 / (1 - share) */
    float *a, *u;          /* [rows, 3 hidden] then their gradients */
    float *gate;           /* [rows, 4 hidden] */
    float *before;         /* [rows, hidden] */
    float *state;          /* [rows, hidden] after the forward pass with dropout */
    float *dstate;         /* [rows, hidden] */
    float *query, *dquery; /* [rows, dim] */
    float *dtarget;        /* [rows] gradient with respect to the target's logit */
    /* per subsequence */
    int32_t *seen;            /* [subsequences, negatives] first step that excludes the negative */
    float *logit;             /* [TILE, negatives] */
    float *shared;            /* [n_shared] gradient of all parameters but the movies' */
    float *dnegative, *dbias; /* [negatives, dim], [negatives] */
};

static enum status allocate(struct block *b, const struct sequence_model *m, size_t n_subsequences,
                            size_t size, size_t n_negatives, struct error *err) {
    size_t rows = n_subsequences * size, d = m->dim, h = m->hidden;
    TRY(MEM_NEW(&b->row, size + 1, err));
    TRY(MEM_NEW(&b->read, rows, err));
    TRY(MEM_NEW(&b->value, rows, err));
    TRY(MEM_NEW(&b->gap, rows, err));
    TRY(MEM_NEW(&b->target, rows, err));
    TRY(MEM_NEW(&b->subsequence, rows, err));
    TRY(MEM_NEW(&b->x, rows * d, err));
    TRY(MEM_NEW(&b->dx, rows * d, err));
    TRY(MEM_NEW(&b->mask, rows * (d + h), err));
    TRY(MEM_NEW(&b->a, rows * 3 * h, err));
    TRY(MEM_NEW(&b->u, rows * 3 * h, err));
    TRY(MEM_NEW(&b->gate, rows * 4 * h, err));
    TRY(MEM_NEW(&b->before, rows * h, err));
    TRY(MEM_NEW(&b->state, rows * h, err));
    TRY(MEM_NEW(&b->dstate, rows * h, err));
    TRY(MEM_NEW(&b->query, rows * d, err));
    TRY(MEM_NEW(&b->dquery, rows * d, err));
    TRY(MEM_NEW(&b->dtarget, rows, err));
    TRY(MEM_NEW(&b->seen, n_subsequences * n_negatives, err));
    TRY(MEM_NEW(&b->logit, TILE * n_negatives, err));
    TRY(MEM_NEW(&b->shared, m->n_shared, err));
    TRY(MEM_NEW(&b->dnegative, n_negatives * d, err));
    return MEM_NEW(&b->dbias, n_negatives, err);
}

enum status block_create(struct block **out, const struct sequence_model *m, size_t n_subsequences,
                         size_t size, size_t n_negatives, struct error *err) {
    struct block *b = NULL;
    *out = NULL;
    TRY(MEM_NEW(&b, 1, err));
    enum status status = allocate(b, m, n_subsequences, size, n_negatives, err);
    if (status != STATUS_OK) {
        block_release(b);
        return status;
    }
    *out = b;
    return STATUS_OK;
}

void block_release(struct block *b) {
    if (b == NULL) return;
    void *arrays[] = {b->row,    b->read,  b->value,  b->gap,       b->target, b->subsequence,
                      b->x,      b->dx,    b->mask,   b->a,         b->u,      b->gate,
                      b->before, b->state, b->dstate, b->query,     b->dquery, b->dtarget,
                      b->seen,   b->logit, b->shared, b->dnegative, b->dbias};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        mem_free(arrays[i]);
    }
    mem_free(b);
}

/* ---- the rows of a block ---- */

static void read_row(struct block *b, const struct sequence_model *m, const struct ratings *r,
                     const struct subsequence *w, size_t step, size_t row) {
    uint64_t target = w->from + step;
    b->target[row] = r->movie[target];
    if (target == w->begin) {
        b->read[row] = m->n_movies;
        b->value[row] = 0;
        b->gap[row] = 0;
        return;
    }
    b->read[row] = r->movie[target - 1];
    b->value[row] = r->value[target - 1];
    const uint64_t read = target - 1, before = read > w->begin ? read - 1 : read;
    b->gap[row] =
        sequence_gap(m->blind ? r->time[read] - r->time[before] : r->time[target] - r->time[read]);
}

static void pack(struct block *b, const struct sequence_model *m, const struct ratings *r,
                 const struct subsequence *subsequence, size_t n_subsequences) {
    b->n_subsequences = n_subsequences;
    b->n_steps = (size_t)(subsequence[0].to - subsequence[0].from);
    b->n_rows = 0;
    for (size_t t = 0; t < b->n_steps; t++) {
        b->row[t] = b->n_rows;
        for (size_t i = 0; i < n_subsequences && subsequence[i].to - subsequence[i].from > t; i++) {
            b->subsequence[b->n_rows] = (uint32_t)i;
            read_row(b, m, r, &subsequence[i], t, b->n_rows++);
        }
    }
    b->row[b->n_steps] = b->n_rows;
}

static void mark_seen(struct block *b, const struct ratings *r,
                      const struct subsequence *subsequence, const struct negatives *negatives) {
    for (size_t i = 0; i < b->n_subsequences; i++) {
        int32_t *seen = b->seen + i * negatives->n;
        for (size_t k = 0; k < negatives->n; k++) {
            seen[k] = INT32_MAX;
        }
        for (uint64_t j = subsequence[i].begin; j < subsequence[i].to; j++) {
            int32_t slot = negatives->slot[r->movie[j]];
            if (slot >= 0)
                seen[slot] = j < subsequence[i].from ? 0 : (int32_t)(j - subsequence[i].from);
        }
    }
}

static void multiply(float *x, const float *by, size_t n) {
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        x[i] *= by[i];
    }
}

/* ---- forward ---- */

static void spread(float *rows, size_t n_rows, const float *row, size_t n) {
    for (size_t i = 0; i < n_rows; i++) {
        memcpy(rows + i * n, row, n * sizeof *row);
    }
}

static void recur(struct block *b, const struct sequence_model *m) {
    size_t h = m->hidden;
    memset(b->before, 0, b->row[1] * h * sizeof *b->before);
    for (size_t t = 0; t < b->n_steps; t++) {
        size_t first = b->row[t], n = b->row[t + 1] - first;
        if (t > 0) {
            memcpy(b->before + first * h, b->state + b->row[t - 1] * h, n * h * sizeof *b->before);
        }
        dense_gemm('N', 'T', n, 3 * h, h, 1.0F, b->before + first * h, h, m->recurrent, h, 0.0F,
                   b->u + first * 3 * h, 3 * h);
        for (size_t i = first; i < first + n; i++) {
            sequence_step(m, b->a + i * 3 * h, b->u + i * 3 * h, b->before + i * h,
                          b->gate + i * 4 * h, b->state + i * h);
        }
    }
}

static void go_forth(struct block *b, const struct sequence_model *m) {
    size_t d = m->dim, h = m->hidden, rows = b->n_rows;
    for (size_t i = 0; i < rows; i++) {
        sequence_input(m, b->read[i], b->value[i], b->gap[i], b->x + i * d);
    }
    multiply(b->x, b->mask, rows * d);
    spread(b->a, rows, m->input_bias, 3 * h);
    dense_gemm('N', 'T', rows, 3 * h, d, 1.0F, b->x, d, m->input_weights, d, 1.0F, b->a, 3 * h);
    recur(b, m);
    multiply(b->state, b->mask + rows * d, rows * h);
    spread(b->query, rows, m->output_bias, d);
    dense_gemm('N', 'T', rows, d, h, 1.0F, b->state, h, m->output, h, 1.0F, b->query, d);
}

/* ---- the loss ---- */

/* Returns the loss of one row and turns its logits into gradients. */
static double row_loss(struct block *b, const struct sequence_model *m,
                       const struct negatives *negatives, size_t row, float *restrict logit,
                       float scale) {
    size_t n = negatives->n, d = m->dim;
    const int32_t *restrict seen = b->seen + b->subsequence[row] * n;
    const float *restrict bias = negatives->bias;
    size_t step = 0;
    while (b->row[step + 1] <= row) {
        step++;
    }
    int32_t now = (int32_t)step;
    uint32_t target = b->target[row];
    float own = dense_dot(d, b->query + row * d, m->embedding + target * d) + m->bias[target];
    float most = own;
#pragma omp simd reduction(max : most)
    for (size_t k = 0; k < n; k++) {
        logit[k] = seen[k] <= now ? -1e30F : logit[k] + bias[k];
        most = logit[k] > most ? logit[k] : most;
    }
#pragma omp simd
    for (size_t k = 0; k < n; k++) {
        logit[k] -= most;
    }
    sequence_exp(logit, n);
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t k = 0; k < n; k++) {
        sum += logit[k];
    }
    double total = (double)sum + exp((double)own - (double)most);
    float factor = (float)((double)scale / total);
#pragma omp simd
    for (size_t k = 0; k < n; k++) {
        logit[k] *= factor;
    }
    b->dtarget[row] = -scale * (float)((double)sum / total);
    return log(total) + (double)most - (double)own;
}

static double tile_loss(struct block *b, const struct sequence_model *m,
                        const struct negatives *negatives, size_t first, size_t n, float scale) {
    size_t d = m->dim, k = negatives->n;
    const float *query = b->query + first * d;
    float *dquery = b->dquery + first * d;
    double loss = 0;
    dense_gemm('N', 'T', n, k, d, 1.0F, query, d, negatives->embedding, d, 0.0F, b->logit, k);
    for (size_t i = 0; i < n; i++) {
        loss += row_loss(b, m, negatives, first + i, b->logit + i * k, scale);
        const float *own = m->embedding + b->target[first + i] * d;
        for (size_t j = 0; j < d; j++) {
            dquery[i * d + j] = b->dtarget[first + i] * own[j];
        }
        for (size_t j = 0; j < k; j++) {
            b->dbias[j] += b->logit[i * k + j];
        }
    }
    dense_gemm('N', 'N', n, d, k, 1.0F, b->logit, k, negatives->embedding, d, 1.0F, dquery, d);
    dense_gemm('T', 'N', k, d, n, 1.0F, b->logit, k, query, d, 1.0F, b->dnegative, d);
    return loss;
}

/* ---- backward ---- */

/* From the gradient with respect to the state after row i: those with respect to a and u, which
 * overwrite a and u, and, in `straight`, the part that skips the gates on its way to the state
 * before. */
static void step_back(struct block *b, size_t i, size_t h, float *restrict straight) {
    const float *gate = b->gate + i * 4 * h, *before = b->before + i * h;
    const float *restrict d = b->dstate + i * h;
    float *restrict da = b->a + i * 3 * h, *restrict du = b->u + i * 3 * h;
#pragma omp simd
    for (size_t j = 0; j < h; j++) {
        float r = gate[j], z = gate[h + j], n = gate[2 * h + j], un = gate[3 * h + j];
        float dn = d[j] * (1 - z) * (1 - n * n);
        float dz = d[j] * (before[j] - n) * z * (1 - z);
        float dr = dn * un * r * (1 - r);
        straight[j] = d[j] * z;
        da[j] = du[j] = dr;
        da[h + j] = du[h + j] = dz;
        da[2 * h + j] = dn;
        du[2 * h + j] = dn * r;
    }
}

static void recur_back(struct block *b, const struct sequence_model *m) {
    size_t h = m->hidden;
    for (size_t t = b->n_steps; t-- > 0;) {
        size_t first = b->row[t], n = b->row[t + 1] - first;
        float *earlier =
            b->dstate + (t > 0 ? b->row[t - 1] : 0) * h; /* of step t - 1, if there is one */
        for (size_t i = 0; i < n; i++) {
            /* b->state is free by now: it holds `straight`. */
            float *straight = b->state + (first + i) * h;
            step_back(b, first + i, h, straight);
            for (size_t j = 0; t > 0 && j < h; j++) {
                earlier[i * h + j] += straight[j];
            }
        }
        if (t == 0) break;
        dense_gemm('N', 'N', n, h, 3 * h, 1.0F, b->u + first * 3 * h, 3 * h, m->recurrent, h, 1.0F,
                   earlier, h);
    }
}

static void sum_rows(float *out, const float *rows, size_t n_rows, size_t stride, size_t n) {
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n; j++) {
            out[j] += rows[i * stride + j];
        }
    }
}

static void go_back(struct block *b, const struct sequence_model *m) {
    size_t d = m->dim, h = m->hidden, rows = b->n_rows;
    float *g = b->shared;
    float *output = g + (m->output - m->values), *input = g + (m->input_weights - m->values),
          *recurrent = g + (m->recurrent - m->values), *rating = g + (m->rating - m->values),
          *gap = g + (m->gap - m->values);
    memset(g, 0, m->n_shared * sizeof *g);
    dense_gemm('T', 'N', d, h, rows, 1.0F, b->dquery, d, b->state, h, 0.0F, output, h);
    sum_rows(g + (m->output_bias - m->values), b->dquery, rows, d, d);
    dense_gemm('N', 'N', rows, h, d, 1.0F, b->dquery, d, m->output, h, 0.0F, b->dstate, h);
    multiply(b->dstate, b->mask + rows * d, rows * h);
    recur_back(b, m);
    dense_gemm('T', 'N', 3 * h, d, rows, 1.0F, b->a, 3 * h, b->x, d, 0.0F, input, d);
    sum_rows(g + (m->input_bias - m->values), b->a, rows, 3 * h, 3 * h);
    dense_gemm('T', 'N', 3 * h, h, rows, 1.0F, b->u, 3 * h, b->before, h, 0.0F, recurrent, h);
    sum_rows(g + (m->recurrent_bias - m->values), b->u + 2 * h, rows, 3 * h, h);
    dense_gemm('N', 'N', rows, d, 3 * h, 1.0F, b->a, 3 * h, m->input_weights, d, 0.0F, b->dx, d);
    multiply(b->dx, b->mask, rows * d);
    for (size_t i = 0; i < rows; i++) {
        sum_rows(rating + b->value[i] * d, b->dx + i * d, 1, d, d);
        sum_rows(gap + b->gap[i] * d, b->dx + i * d, 1, d, d);
    }
}

double block_run(struct block *b, const struct gru_batch *batch,
                 const struct subsequence *subsequence, size_t n_subsequences, struct rng rng) {
    const struct sequence_model *m = batch->model;
    const struct negatives *negatives = batch->negatives;
    size_t d = m->dim, h = m->hidden;
    double loss = 0;
    pack(b, m, batch->ratings, subsequence, n_subsequences);
    mark_seen(b, batch->ratings, subsequence, negatives);
    dropout_factors(b->mask, b->n_rows * d, &batch->dropout->input, &rng);
    dropout_factors(b->mask + b->n_rows * d, b->n_rows * h, &batch->dropout->output, &rng);
    go_forth(b, m);
    memset(b->dnegative, 0, negatives->n * d * sizeof *b->dnegative);
    memset(b->dbias, 0, negatives->n * sizeof *b->dbias);
    for (size_t first = 0; first < b->n_rows; first += TILE) {
        size_t n = b->n_rows - first < TILE ? b->n_rows - first : TILE;
        loss += tile_loss(b, m, negatives, first, n, batch->scale);
    }
    go_back(b, m);
    return loss;
}

void block_add(const struct block *b, const struct sequence_model *m,
               const struct negatives *negatives, struct sequence_model *gradient) {
    size_t d = m->dim;
    sum_rows(gradient->values, b->shared, 1, 0, m->n_shared);
    for (size_t k = 0; k < negatives->n; k++) {
        size_t movie = negatives->movie[k];
        sum_rows(gradient->embedding + movie * d, b->dnegative + k * d, 1, d, d);
        gradient->bias[movie] += b->dbias[k];
    }
    for (size_t i = 0; i < b->n_rows; i++) {
        const float *query = b->query + i * d;
        float *target = gradient->embedding + b->target[i] * d;
        sum_rows(gradient->embedding + b->read[i] * d, b->dx + i * d, 1, d, d);
        for (size_t j = 0; j < d; j++) {
            target[j] += b->dtarget[i] * query[j];
        }
        gradient->bias[b->target[i]] += b->dtarget[i];
    }
}
