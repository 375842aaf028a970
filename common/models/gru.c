#include "common/models/gru.h"

#include "common/base/mem.h"
#include "common/base/simd.h"
#include "common/data/dense.h"

#include <math.h>
#include <string.h>

struct gru_part {
    const char *name;
    float **values;
    size_t rows, columns; /* columns 0 means a vector */
};

enum { PARTS = 10 };

static void list_parts(struct sequence_model *m, struct gru_part part[PARTS]) {
    size_t d = m->dim, h = m->hidden;
    const struct gru_part parts[PARTS] = {
        {"input.weights", &m->input_weights, 3 * h, d},
        {"input.bias", &m->input_bias, 3 * h, 0},
        {"recurrent.weights", &m->recurrent, 3 * h, h},
        {"recurrent.bias", &m->recurrent_bias, h, 0},
        {"output.weights", &m->output, d, h},
        {"output.bias", &m->output_bias, d, 0},
        {"rating", &m->rating, SEQUENCE_RATINGS, d},
        {"gap", &m->gap, SEQUENCE_GAPS, d},
        {"movie.bias", &m->bias, m->n_movies, 0},
        {"movie.embedding", &m->embedding, (size_t)m->n_movies + 1, d},
    };
    memcpy(part, parts, sizeof parts);
}

static size_t part_size(const struct gru_part *p) {
    return p->columns == 0 ? p->rows : p->rows * p->columns;
}

enum status sequence_alloc(struct sequence_model *m, struct error *err) {
    struct gru_part part[PARTS];
    size_t at = 0;
    list_parts(m, part);
    m->n_values = 0;
    for (size_t i = 0; i < PARTS; i++) {
        m->n_values += part_size(&part[i]);
    }
    TRY(MEM_NEW(&m->values, m->n_values, err));
    for (size_t i = 0; i < PARTS; i++) {
        *part[i].values = m->values + at;
        at += part_size(&part[i]);
    }
    m->n_shared = (size_t)(m->bias - m->values);
    return STATUS_OK;
}

void sequence_model_release(struct sequence_model *m) {
    mem_free(m->values);
    *m = (struct sequence_model){0};
}

enum status sequence_write(const struct sequence_model *m, struct artifact_writer *w,
                           struct error *err) {
    struct sequence_model copy = *m;
    struct gru_part part[PARTS];
    list_parts(&copy, part);
    TRY(artifact_set_i64(w, "window", m->window, err));
    if (m->blind) TRY(artifact_set_i64(w, "blind", 1, err));
    for (size_t i = 0; i < PARTS; i++) {
        const struct gru_part *p = &part[i];
        if (p->columns == 0) {
            TRY(artifact_add_1d(w, p->name, DTYPE_F32, p->rows, *p->values, err));
        } else {
            TRY(artifact_add_2d(w, p->name, DTYPE_F32, p->rows, p->columns, *p->values, err));
        }
    }
    return STATUS_OK;
}

static enum status load_sizes(struct sequence_model *m, const struct artifact *a,
                              struct error *err) {
    m->blind = artifact_has_meta(a, "blind");
    const struct column_info *output = artifact_column(a, "output.weights"),
                             *bias = artifact_column(a, "movie.bias");
    int64_t window;
    TRY(artifact_get_i64(a, "window", &window, err));
    if (output == NULL || bias == NULL || output->shape[0] < 1 || output->shape[0] > 4096 ||
        output->shape[1] < 1 || output->shape[1] > 4096 || bias->shape[0] >= UINT32_MAX ||
        window < 1 || window > 100000) {
        return error_set(err, STATUS_DAMAGED, "%s: sizes of the sequence encoder are impossible",
                         artifact_path(a));
    }
    m->dim = (uint32_t)output->shape[0];
    m->hidden = (uint32_t)output->shape[1];
    m->n_movies = (uint32_t)bias->shape[0];
    m->window = (uint32_t)window;
    return STATUS_OK;
}

static enum status load_parts(struct sequence_model *m, const struct artifact *a,
                              struct error *err) {
    struct gru_part part[PARTS];
    list_parts(m, part);
    for (size_t i = 0; i < PARTS; i++) {
        MEM_AUTO float *values = NULL;
        size_t size = part_size(&part[i]);
        TRY(artifact_read(a, part[i].name, DTYPE_F32, size, &values, err));
        memcpy(*part[i].values, values, size * sizeof *values);
    }
    return STATUS_OK;
}

enum status sequence_load(struct sequence_model *out, const struct artifact *a, struct error *err) {
    *out = (struct sequence_model){0};
    TRY(load_sizes(out, a, err));
    enum status status = sequence_alloc(out, err);
    if (status == STATUS_OK) status = load_parts(out, a, err);
    if (status != STATUS_OK) sequence_model_release(out);
    return status;
}

uint32_t sequence_gap(int64_t seconds) {
    uint32_t class = 0;
    for (; seconds > 0 && class < SEQUENCE_GAPS - 1; seconds >>= 1) {
        class ++;
    }
    return class;
}

void sequence_input(const struct sequence_model *m, uint32_t movie, uint32_t value, uint32_t gap,
                    float *restrict out) {
    size_t dim = m->dim;
    const float *e = m->embedding + movie * dim, *r = m->rating + value * dim,
                *g = m->gap + gap * dim;
    for (size_t k = 0; k < dim; k++) {
        out[k] = e[k] + r[k] + g[k];
    }
}

/* ---- four numbers at a time ---- */

enum { LANES = 4 };

/* The first n <= LANES are loaded; the others are 0. */
static inline f32x4 load(const float *from, size_t n) {
    f32x4 x = {0};
    memcpy(&x, from, n * sizeof *from);
    return x;
}

static inline void store(float *to, f32x4 x, size_t n) {
    memcpy(to, &x, n * sizeof *to);
}

static inline f32x4 choose(i32x4 which, f32x4 yes, f32x4 no) {
    return (f32x4)((which & (i32x4)yes) | (~which & (i32x4)no));
}

/* exp(x) = 2^i exp(f): a polynomial for exp(f), with the coefficients of Cephes' expf. */
static inline f32x4 exp_lanes(f32x4 x) {
    const f32x4 least = {-87.0F, -87.0F, -87.0F, -87.0F}, most = {88.0F, 88.0F, 88.0F, 88.0F};
    const f32x4 half = {0.5F, 0.5F, 0.5F, 0.5F}, none = {0};
    f32x4 clamped = choose(x < least, least, choose(x > most, most, x));
    f32x4 scaled = clamped * 1.44269504F;
    i32x4 whole = __builtin_convertvector(scaled + choose(scaled < none, -half, half), i32x4);
    f32x4 i = __builtin_convertvector(whole, f32x4);
    f32x4 f = (clamped - i * 0.693359375F) + i * 2.12194440e-4F;
    f32x4 p = f * 1.9875691500e-4F + 1.3981999507e-3F;
    p = p * f + 8.3334519073e-3F;
    p = p * f + 4.1665795894e-2F;
    p = p * f + 1.6666665459e-1F;
    p = p * f + 5.0000001201e-1F;
    p = p * f * f + f + 1.0F;
    return choose(x < least, none, p * (f32x4)((whole + 127) << 23));
}

static inline void exp_some(float *x, size_t n) {
    store(x, exp_lanes(load(x, n)), n);
}

void sequence_exp(float *x, size_t n) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        exp_some(x + i, LANES);
    }
    if (i < n) exp_some(x + i, n - i);
}

/* out = sigma(a + u): the reset and update gates. */
static inline void open_gates(const float *a, const float *u, float *out, size_t n) {
    store(out, 1.0F / (1.0F + exp_lanes(-(load(a, n) + load(u, n)))), n);
}

/* The arrays of one step, from the same unit of the state on. */
struct unit {
    const float *a, *u, *bias, *r, *z, *before;
    float *n, *un, *after;
};

static inline void update_state(const struct unit *p, size_t i, size_t n) {
    f32x4 un = load(p->u + i, n) + load(p->bias + i, n), z = load(p->z + i, n);
    f32x4 v = exp_lanes(-2.0F * (load(p->a + i, n) + load(p->r + i, n) * un));
    f32x4 candidate = 2.0F / (1.0F + v) - 1.0F;
    store(p->un + i, un, n);
    store(p->n + i, candidate, n);
    store(p->after + i, (1.0F - z) * candidate + z * load(p->before + i, n), n);
}

void sequence_step(const struct sequence_model *m, const float *a, const float *u,
                   const float *before, float *gate, float *after) {
    size_t h = m->hidden, i = 0;
    const struct unit unit = {a + 2 * h, u + 2 * h,    m->recurrent_bias, gate, gate + h,
                              before,    gate + 2 * h, gate + 3 * h,      after};
    for (; i + LANES <= 2 * h; i += LANES) {
        open_gates(a + i, u + i, gate + i, LANES);
    }
    if (i < 2 * h) open_gates(a + i, u + i, gate + i, 2 * h - i);
    for (i = 0; i + LANES <= h; i += LANES) {
        update_state(&unit, i, LANES);
    }
    if (i < h) update_state(&unit, i, h - i);
}

size_t sequence_scratch(const struct sequence_model *m) {
    size_t steps = (size_t)m->window + 1;
    return steps * (m->dim + 3 * (size_t)m->hidden) + 8 * (size_t)m->hidden;
}

/* Fills x[steps, dim]; returns the number of steps. */
static size_t read_history(const struct sequence_model *m, const struct history *h, int64_t now,
                           float *x) {
    size_t first = h->count > m->window ? h->count - m->window : 0, steps = 0;
    if (first == 0) sequence_input(m, m->n_movies, 0, 0, x + steps++ * m->dim);
    for (size_t i = first; i < h->count; i++) {
        int64_t next = i + 1 < h->count ? h->time[i + 1] : now;
        int64_t before = i > 0 ? h->time[i - 1] : h->time[i];
        int64_t gap = m->blind ? h->time[i] - before : next - h->time[i];
        uint32_t value = h->value[i] < SEQUENCE_RATINGS ? h->value[i] : 0;
        sequence_input(m, h->movie[i], value, sequence_gap(gap), x + steps++ * m->dim);
    }
    return steps;
}

void sequence_encode(const struct sequence_model *m, const struct history *h, int64_t now,
                     float *scratch, float *query) {
    size_t dim = m->dim, hidden = m->hidden;
    float *x = scratch, *a = x + ((size_t)m->window + 1) * dim,
          *u = a + ((size_t)m->window + 1) * 3 * hidden, *gate = u + 3 * hidden,
          *state = gate + 4 * hidden;
    size_t steps = read_history(m, h, now, x);
    for (size_t s = 0; s < steps; s++) {
        memcpy(a + s * 3 * hidden, m->input_bias, 3 * hidden * sizeof *a);
    }
    dense_gemm('N', 'T', steps, 3 * hidden, dim, 1.0F, x, dim, m->input_weights, dim, 1.0F, a,
               3 * hidden);
    memset(state, 0, hidden * sizeof *state);
    for (size_t s = 0; s < steps; s++) {
        dense_gemv(3 * hidden, hidden, m->recurrent, hidden, state, 0.0F, u);
        sequence_step(m, a + s * 3 * hidden, u, state, gate, state);
    }
    memcpy(query, m->output_bias, dim * sizeof *query);
    dense_gemv(dim, hidden, m->output, hidden, state, 1.0F, query);
}

void sequence_scores(const struct sequence_model *m, const float *query, float *logit) {
    memcpy(logit, m->bias, m->n_movies * sizeof *logit);
    dense_gemv(m->n_movies, m->dim, m->embedding, m->dim, query, 1.0F, logit);
}
