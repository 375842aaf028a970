#include "common/models/ntk.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/ranks.h"
#include "common/base/rng.h"
#include "common/data/dense.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double ntk_kernel(double cosine) {
    const double pi = 3.14159265358979323846;
    double c = fmin(fmax(cosine, -1.0), 1.0);
    double angle = pi - acos(c);
    return (2 * c * angle + sqrt(1 - c * c)) / pi;
}

void ntk_model_release(struct ntk_model *m) {
    mem_free(m->item);
    mem_free(m->support_offset);
    mem_free(m->support_movie);
    mem_free(m->dual);
    mem_free(m->user_offset);
    mem_free(m->user);
    *m = (struct ntk_model){0};
}

/* ---- the support ---- */

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* user[*n]: the users with ratings, ascending; if they are more than `most`, that many at
 * random. */
static enum status choose_users(uint32_t **user, uint32_t *n, const struct ratings *r, size_t most,
                                uint64_t seed, struct error *err) {
    struct rng rng = rng_keyed(seed, "factorize.ntk", 0, 0);
    *n = 0;
    TRY(MEM_NEW(user, r->n_users, err));
    for (uint32_t u = 0; u < r->n_users; u++) {
        if (r->offset[u + 1] > r->offset[u]) (*user)[(*n)++] = u;
    }
    if (*n <= most) return STATUS_OK;
    rng_shuffle_u32(&rng, *user, *n);
    *n = (uint32_t)most;
    qsort(*user, *n, sizeof **user, ascending);
    return STATUS_OK;
}

static enum status copy_histories(struct ntk_model *m, const struct ratings *r,
                                  const uint32_t *user, struct error *err) {
    TRY(MEM_NEW(&m->support_offset, (size_t)m->n_support + 1, err));
    for (uint32_t s = 0; s < m->n_support; s++) {
        uint64_t count = r->offset[user[s] + 1] - r->offset[user[s]];
        m->support_offset[s + 1] = m->support_offset[s] + count;
    }
    TRY(MEM_NEW(&m->support_movie, m->support_offset[m->n_support], err));
    for (uint32_t s = 0; s < m->n_support; s++) {
        size_t count = (size_t)(m->support_offset[s + 1] - m->support_offset[s]);
        uint32_t *movie = m->support_movie + m->support_offset[s];
        memcpy(movie, r->movie + r->offset[user[s]], count * sizeof *movie);
        qsort(movie, count, sizeof *movie, ascending);
    }
    return STATUS_OK;
}

/* The support users of each movie, by counting sort. */
static enum status index_by_movie(struct ntk_model *m, struct error *err) {
    MEM_AUTO uint64_t *next = NULL;
    TRY(MEM_NEW(&m->user_offset, (size_t)m->n_movies + 1, err));
    TRY(MEM_NEW(&m->user, m->support_offset[m->n_support], err));
    TRY(MEM_NEW(&next, m->n_movies, err));
    for (uint64_t e = 0; e < m->support_offset[m->n_support]; e++) {
        m->user_offset[m->support_movie[e] + 1]++;
    }
    for (uint32_t i = 0; i < m->n_movies; i++) {
        m->user_offset[i + 1] += m->user_offset[i];
        next[i] = m->user_offset[i];
    }
    for (uint32_t s = 0; s < m->n_support; s++) {
        for (uint64_t e = m->support_offset[s]; e < m->support_offset[s + 1]; e++) {
            m->user[next[m->support_movie[e]]++] = s;
        }
    }
    return STATUS_OK;
}

/* ---- the kernel ---- */

/* kernel[n_support]: between a user with these n distinct movies and every support user. */
static void fill_kernel(const struct ntk_model *m, const uint32_t *movie, size_t n, float *kernel) {
    memset(kernel, 0, m->n_support * sizeof *kernel);
    for (size_t k = 0; k < n; k++) {
        for (uint64_t e = m->user_offset[movie[k]]; e < m->user_offset[movie[k] + 1]; e++) {
            kernel[m->user[e]] += 1;
        }
    }
    for (uint32_t s = 0; s < m->n_support; s++) {
        double lengths = (double)n * (double)(m->support_offset[s + 1] - m->support_offset[s]);
        double cosine = lengths > 0 ? (double)kernel[s] / sqrt(lengths) : 0;
        kernel[s] = (float)ntk_kernel(cosine);
    }
}

/* matrix[n_support, n_support] = K + lambda k(1) I */
static void fill_matrix(const struct ntk_model *m, double lambda, float *matrix) {
    const size_t n = m->n_support;
#pragma omp parallel for schedule(dynamic, 16)
    for (size_t s = 0; s < n; s++) {
        float *row = matrix + s * n;
        uint64_t first = m->support_offset[s];
        fill_kernel(m, m->support_movie + first, (size_t)(m->support_offset[s + 1] - first), row);
        row[s] = (float)(ntk_kernel(1) * (1 + lambda));
    }
}

/* dual[n_items, n_support] = Y', the right-hand sides, which the solve overwrites. */
static void fill_targets(struct ntk_model *m, const struct popular_items *items) {
    for (uint32_t k = 0; k < m->n_items; k++) {
        uint32_t movie = items->movie[k];
        for (uint64_t e = m->user_offset[movie]; e < m->user_offset[movie + 1]; e++) {
            m->dual[(size_t)k * m->n_support + m->user[e]] = 1;
        }
    }
}

enum status ntk_fit(struct ntk_model *out, const struct ratings *ratings,
                    const struct popular_items *items, size_t most, double lambda, uint64_t seed,
                    struct error *err) {
    MEM_AUTO uint32_t *user = NULL;
    MEM_AUTO float *matrix = NULL;
    *out = (struct ntk_model){.n_movies = ratings->n_movies, .n_items = items->n};
    TRY(choose_users(&user, &out->n_support, ratings, most, seed, err));
    TRY(copy_histories(out, ratings, user, err));
    TRY(index_by_movie(out, err));
    TRY(MEM_NEW(&out->item, items->n, err));
    memcpy(out->item, items->movie, items->n * sizeof *out->item);
    TRY(mem_alloc(&matrix, (size_t)out->n_support * out->n_support, sizeof *matrix, err));
    TRY(mem_alloc(&out->dual, (size_t)out->n_items * out->n_support, sizeof *out->dual, err));
    fill_matrix(out, lambda, matrix);
    fill_targets(out, items);
    TRY(interrupt_check(err));
    return dense_solve_spd(out->n_support, matrix, out->n_items, out->dual, err);
}

/* ---- scoring ---- */

void ntk_score(const struct ntk_model *m, const struct history *h, float *kernel, float *score) {
    fill_kernel(m, h->movie, h->count, kernel);
    memset(score, 0, m->n_movies * sizeof *score);
    for (uint32_t k = 0; k < m->n_items; k++) {
        const float *dual = m->dual + (size_t)k * m->n_support;
        score[m->item[k]] = dense_dot(m->n_support, dual, kernel);
    }
}

struct work {
    const struct ntk_model *model;
    float *kernel; /* [n_support] */
    float *score;  /* [n_movies] */
};

static void work_release(void *work) {
    struct work *w = work;
    if (w == NULL) return;
    mem_free(w->kernel);
    mem_free(w->score);
    mem_free(w);
}

static enum status work_create(void **work, const struct models *models, const void *fitted,
                               struct error *err) {
    (void)models;
    struct work *w = NULL;
    TRY(MEM_NEW(&w, 1, err));
    w->model = fitted;
    *work = w;
    TRY(MEM_NEW(&w->kernel, w->model->n_support, err));
    return MEM_NEW(&w->score, w->model->n_movies, err);
}

static enum status prepare(void *work, const struct query *q, struct error *err) {
    (void)err;
    struct work *w = work;
    ntk_score(w->model, q->history, w->kernel, w->score);
    return STATUS_OK;
}

static void score(const void *work, const struct score_block *block, float *x, size_t stride) {
    const struct work *w = work;
    for (size_t i = 0; i < block->n; i++) {
        x[i * stride] = w->score[block->movie[i]];
    }
}

static size_t sources(const void *work, struct catalogue_scores *out, size_t max) {
    const struct work *w = work;
    if (max == 0) return 0;
    out[0] = (struct catalogue_scores){w->score, 1};
    return 1;
}

/* ---- the artifact ---- */

static const struct column_spec columns[] = {
    OPTIONAL_COLUMN("ntk.item", DTYPE_U32, "ntk_items", "NTK: the movies that it scores",
                    .index_of = "movies"),
    OPTIONAL_COLUMN("ntk.support.offset", DTYPE_U64, "ntk_support+1",
                    "NTK: start of each support user's movies", .offsets_of = "ntk_ratings"),
    OPTIONAL_COLUMN("ntk.support.movie", DTYPE_U32, "ntk_ratings", "NTK: the support users' movies",
                    .index_of = "movies", .order = ORDER_ASCENDING, .per = "ntk.support.offset"),
    OPTIONAL_COLUMN("ntk.dual", DTYPE_F32, "ntk_items,ntk_support",
                    "NTK: what a support user's kernel is worth to a movie"),
};

static enum status write(const struct ntk_model *m, struct artifact_writer *out,
                         struct error *err) {
    uint64_t n_ratings = m->support_offset[m->n_support];
    TRY(artifact_add_1d(out, "ntk.item", DTYPE_U32, m->n_items, m->item, err));
    TRY(artifact_add_1d(out, "ntk.support.offset", DTYPE_U64, (uint64_t)m->n_support + 1,
                        m->support_offset, err));
    TRY(artifact_add_1d(out, "ntk.support.movie", DTYPE_U32, n_ratings, m->support_movie, err));
    return artifact_add_2d(out, "ntk.dual", DTYPE_F32, m->n_items, m->n_support, m->dual, err);
}

static enum status read(void *state, const struct artifact *a, const struct baseline *b,
                        struct error *err) {
    struct ntk_model *m = state;
    const struct column_info *dual = artifact_column(a, "ntk.dual"),
                             *movie = artifact_column(a, "ntk.support.movie");
    if (dual == NULL || movie == NULL || dual->shape[0] >= NO_INDEX || dual->shape[1] >= NO_INDEX) {
        return error_set(err, STATUS_DAMAGED, "loading factors: %s: NTK without all its columns",
                         artifact_path(a));
    }
    m->n_movies = b->n_movies;
    m->n_items = (uint32_t)dual->shape[0];
    m->n_support = (uint32_t)dual->shape[1];
    TRY(artifact_read(a, "ntk.item", DTYPE_U32, m->n_items, &m->item, err));
    TRY(artifact_read(a, "ntk.support.offset", DTYPE_U64, (uint64_t)m->n_support + 1,
                      &m->support_offset, err));
    TRY(artifact_read(a, "ntk.support.movie", DTYPE_U32, movie->count, &m->support_movie, err));
    TRY(artifact_read(a, "ntk.dual", DTYPE_F32, dual->count, &m->dual, err));
    return index_by_movie(m, err);
}

static void release(void *fitted) {
    ntk_model_release(fitted);
    mem_free(fitted);
}

static enum status load(struct models *models, const struct model *self, const struct artifact *a,
                        struct error *err) {
    if (artifact_column(a, "ntk.item") == NULL) return STATUS_OK;
    return models_read(models, self, sizeof(struct ntk_model), read, a, err);
}

/* ---- the model ---- */

struct ntk_options {
    bool on;
    int64_t support;
    double lambda;
};

/* Early, and not when it is the model's turn. */
static enum status plan(struct instance_list *list, const struct model *self, const void *params,
                        struct error *err) {
    const struct ntk_options *o = params;
    if (o->on && ranks_count() > 1) {
        return error_set(err, STATUS_USAGE,
                         "--ntk: works in one process only; leave it out, or run without mpirun");
    }
    return instances_add_one(list, self, params, err);
}

static enum status fit(const struct fitting *f, const struct instance *instance, const void *params,
                       struct error *err) {
    const struct ntk_options *o = params;
    AUTO(ntk_model) struct ntk_model m = {0};
    if (ntk_fit(&m, f->ratings, f->items, (size_t)o->support, o->lambda, f->seed, err) !=
        STATUS_OK) {
        return error_wrap(err, "fitting %s", instance->name);
    }
    return write(&m, f->out, err);
}

#define OPTION_HOLDER struct ntk_options
static const struct option_spec options[] = {
    PARAMETER_FLAG("ntk", on, "false", "kernel ridge regression over users, neural tangent kernel"),
    PARAMETER_INT("ntk-support", support, "10000", 1, 50000,
                  "users that it compares with, drawn at random where there are more (memory: 4 "
                  "bytes times the square)"),
    PARAMETER_REAL("ntk-lambda", lambda, "1", 1e-6, 1e6, "its ridge, in units of the diagonal"),
};

static const struct score_spec scores[] = {
    {"", "collaborative", "score of kernel ridge regression over users (neural tangent kernel)",
     NEEDS_NEITHER},
};

const struct model ntk_model = {
    .name = "ntk",
    .title = "kernel ridge regression over users",
    .paper = "Sachdeva et al., Infinite recommendation networks: a data-centric approach, NeurIPS "
             "2022",
    .kind = "factors",
    OPTIONS_OF(options, struct ntk_options),
    COLUMNS_OF(columns),
    SCORES_OF(scores),
    .ranks = true,
    .plan = plan,
    .fit = fit,
    .load = load,
    .release = release,
    .work_create = work_create,
    .work_release = work_release,
    .prepare = prepare,
    .score = score,
    .sources = sources,
};
