#include "common/models/mf.h"

#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/base/rng.h"
#include "common/data/dense.h"
#include "common/data/rating_scale.h"
#include "common/models/als.h"
#include "common/models/als_blocks.h"
#include "common/models/als_loop.h"
#include "common/models/matrix_columns.h"
#include "common/models/partition.h"
#include "common/nn/init.h"

#include <math.h>
#include <string.h>

/* The state of fitting; the problem of each side refers to the other side's factors. */
struct fit {
    const struct ratings *ratings;
    struct partition share;
    struct mf_model *model;
    float *target, *by_movie_target; /* [ratings->count] rating - mean */
    double *least; /* [n_movies] part of the objective, if this process solved the movie */
    struct als_explicit of_user, of_movie;
};

static void fit_release(struct fit *f) {
    mem_free(f->target);
    mem_free(f->by_movie_target);
    mem_free(f->least);
    *f = (struct fit){0};
}

/* ---- users ---- */

static enum status solve_user(const void *context, size_t row, struct als_work *work,
                              struct error *err) {
    const struct fit *f = context;
    uint64_t first = f->ratings->offset[row], end = f->ratings->offset[row + 1];
    struct als_row data = {f->ratings->movie + first, f->target + first, NULL,
                           (size_t)(end - first)};
    return als_explicit_solve(&f->of_user, &data, work, f->model->user_bias + row,
                              f->model->user + row * f->of_user.dim, err);
}

static double penalty(const void *context, size_t row) {
    const struct fit *f = context;
    const struct als_explicit *p = &f->of_user;
    uint64_t count = f->ratings->offset[row + 1] - f->ratings->offset[row];
    if (count == 0) return 0;
    double sum = 0, bias = (double)f->model->user_bias[row];
    for (size_t k = 0; k < p->dim; k++) {
        double value = (double)f->model->user[row * p->dim + k];
        sum += value * value;
    }
    return pow((double)count, p->nu) * (p->lambda * sum + p->lambda_bias * bias * bias);
}

/* ---- movies ---- */

static void add_movie(const void *context, uint64_t first, uint64_t end, struct als_work *work,
                      double *sums) {
    const struct fit *f = context;
    struct als_row part = {f->ratings->by_movie_user + first, f->by_movie_target + first, NULL,
                           (size_t)(end - first)};
    als_explicit_add(&f->of_movie, &part, work, sums);
}

/* The result is the factors, followed by the bias. */
static enum status finish_movie(const void *context, uint32_t movie, const double *sums,
                                struct als_work *work, float *result, struct error *err) {
    const struct fit *f = context;
    TRY(als_explicit_finish(&f->of_movie, sums, work, result + f->of_movie.dim, result, err));
    f->least[movie] = work->least;
    return STATUS_OK;
}

static void keep_movie(const void *context, uint32_t movie, const float *result) {
    const struct fit *f = context;
    size_t dim = f->of_movie.dim;
    memcpy(f->model->movie + movie * dim, result, dim * sizeof(*result));
    f->model->movie_bias[movie] = result[dim];
}

/* ---- both ---- */

static enum status both_steps(const void *context, struct error *err) {
    const struct fit *f = context;
    size_t dim = f->of_user.dim;
    const struct partition_solver movies = {als_sums_size(dim), dim + 1,      dim + 1,
                                            add_movie,          finish_movie, keep_movie};
    TRY(als_blocks_solve(f->ratings->n_users, dim + 1, solve_user, f, err));
    return partition_solve_movies(&f->share, f->ratings, &movies, f, err);
}

static enum status mean_of(double *out, const struct ratings *r, struct error *err) {
    double sums[2] = {0, (double)r->count};
    for (uint64_t k = 0; k < r->count; k++) {
        sums[0] += r->value[k];
    }
    TRY(ranks_sum(sums, 2, err));
    *out = sums[1] > 0 ? stars_of(sums[0]) / sums[1] : 0;
    return STATUS_OK;
}

static void random_factors(float *factor, size_t n, size_t dim, uint64_t seed) {
    double deviation = init_lecun(dim, 0.1);
    for (size_t row = 0; row < n; row++) {
        struct rng rng = rng_keyed(seed, "factorize.mf", 0, row);
        init_normal(factor + row * dim, dim, deviation, &rng);
    }
}

static enum status alloc_model(struct mf_model *m, const struct ratings *r, struct error *err) {
    TRY(MEM_NEW(&m->user_bias, r->n_users, err));
    TRY(MEM_NEW(&m->movie_bias, r->n_movies, err));
    TRY(MEM_NEW(&m->user, (size_t)r->n_users * m->dim, err));
    return MEM_NEW(&m->movie, (size_t)r->n_movies * m->dim, err);
}

static enum status make_targets(struct fit *f, struct error *err) {
    const struct ratings *r = f->ratings;
    TRY(MEM_NEW(&f->target, r->count, err));
    TRY(MEM_NEW(&f->by_movie_target, r->count, err));
#pragma omp parallel for schedule(static)
    for (uint64_t k = 0; k < r->count; k++) {
        f->target[k] = (float)(stars_of(r->value[k]) - f->model->mean);
    }
#pragma omp parallel for schedule(static)
    for (uint64_t k = 0; k < r->count; k++) {
        f->by_movie_target[k] = f->target[r->by_movie_rating[k]];
    }
    return STATUS_OK;
}

enum status mf_fit(struct mf_model *out, double *objective, const struct ratings *ratings,
                   const struct mf_params *params, uint64_t seed, struct error *err) {
    *out = (struct mf_model){.dim = (uint32_t)params->dim,
                             .lambda = params->lambda,
                             .lambda_bias = params->lambda_bias,
                             .nu = params->nu};
    AUTO(fit) struct fit f = {.ratings = ratings, .model = out};
    TRY(mean_of(&out->mean, ratings, err));
    TRY(partition_make(&f.share, ratings, err));
    TRY(alloc_model(out, ratings, err));
    TRY(make_targets(&f, err));
    TRY(MEM_NEW(&f.least, ratings->n_movies, err));
    random_factors(out->movie, ratings->n_movies, params->dim, seed);
    f.of_user = (struct als_explicit){params->dim,    out->movie,          out->movie_bias,
                                      params->lambda, params->lambda_bias, params->nu};
    f.of_movie = (struct als_explicit){params->dim,    out->user,           out->user_bias,
                                       params->lambda, params->lambda_bias, params->nu};
    const struct als_steps a = {"mf",   "explicit factorization", ratings, both_steps, penalty,
                                f.least};
    return als_loop(&a, &f, params->iterations, objective, err);
}

void mf_model_release(struct mf_model *m) {
    mem_free(m->user_bias);
    mem_free(m->movie_bias);
    mem_free(m->user);
    mem_free(m->movie);
    *m = (struct mf_model){0};
}

/* ---- folding in and scoring ---- */

enum status mf_fold_in(const struct mf_model *m, const struct history *h, float *bias,
                       float *vector, struct error *err) {
    AUTO(als_work) struct als_work work = {0};
    MEM_AUTO float *target = NULL;
    TRY(als_work_alloc(&work, (size_t)m->dim + 1, err));
    TRY(MEM_NEW(&target, h->count, err));
    for (size_t k = 0; k < h->count; k++) {
        target[k] = (float)(stars_of(h->value[k]) - m->mean);
    }
    struct als_explicit problem = {m->dim,    m->movie,       m->movie_bias,
                                   m->lambda, m->lambda_bias, m->nu};
    struct als_row row = {h->movie, target, NULL, h->count};
    return als_explicit_solve(&problem, &row, &work, bias, vector, err);
}

struct work {
    const struct mf_model *model;
    float bias;
    float vector[]; /* [dim] */
};

static enum status work_create(void **work, const struct models *models, const void *fitted,
                               struct error *err) {
    (void)models;
    const struct mf_model *m = fitted;
    struct work *w = NULL;
    TRY(mem_alloc(&w, 1, sizeof *w + m->dim * sizeof *w->vector, err));
    w->model = m;
    *work = w;
    return STATUS_OK;
}

static enum status prepare(void *work, const struct query *q, struct error *err) {
    struct work *w = work;
    return mf_fold_in(w->model, q->history, &w->bias, w->vector, err);
}

static void score(const void *work, const struct score_block *block, float *x, size_t stride) {
    const struct work *w = work;
    const struct mf_model *m = w->model;
    for (size_t i = 0; i < block->n; i++) {
        uint32_t movie = block->movie[i];
        float product = dense_dot(m->dim, w->vector, m->movie + (size_t)movie * m->dim);
        x[i * stride] = (float)m->mean + w->bias + m->movie_bias[movie] + product;
    }
}

/* ---- the artifact ---- */

static enum status write(const struct mf_model *m, const struct fitting *f, const double *objective,
                         size_t iterations, struct error *err) {
    MEM_AUTO float *bias = NULL, *user = NULL;
    uint32_t n_users = f->baseline->n_users, n_movies = f->baseline->n_movies;
    TRY(collect_user_rows(&bias, f, m->user_bias, 1, err));
    TRY(collect_user_rows(&user, f, m->user, m->dim, err));
    if (f->out == NULL) return STATUS_OK;
    TRY(artifact_add_1d(f->out, "mf.user_bias", DTYPE_F32, n_users, bias, err));
    TRY(artifact_add_1d(f->out, "mf.movie_bias", DTYPE_F32, n_movies, m->movie_bias, err));
    TRY(artifact_add_2d(f->out, "mf.user", DTYPE_F32, n_users, m->dim, user, err));
    TRY(artifact_add_2d(f->out, "mf.movie", DTYPE_F32, n_movies, m->dim, m->movie, err));
    TRY(artifact_add_1d(f->out, "mf.objective", DTYPE_F64, iterations, objective, err));
    TRY(artifact_set_f64(f->out, "mf.mean", m->mean, err));
    TRY(artifact_set_f64(f->out, "mf.lambda", m->lambda, err));
    TRY(artifact_set_f64(f->out, "mf.lambda_bias", m->lambda_bias, err));
    return artifact_set_f64(f->out, "mf.nu", m->nu, err);
}

static enum status read(void *state, const struct artifact *a, const struct baseline *b,
                        struct error *err) {
    struct mf_model *m = state;
    TRY(read_matrix(a, "mf.user", b->n_users, &m->dim, &m->user, err));
    TRY(read_matrix(a, "mf.movie", b->n_movies, &m->dim, &m->movie, err));
    TRY(artifact_read(a, "mf.user_bias", DTYPE_F32, b->n_users, &m->user_bias, err));
    TRY(artifact_read(a, "mf.movie_bias", DTYPE_F32, b->n_movies, &m->movie_bias, err));
    TRY(artifact_get_f64(a, "mf.mean", &m->mean, err));
    TRY(artifact_get_f64(a, "mf.lambda", &m->lambda, err));
    TRY(artifact_get_f64(a, "mf.lambda_bias", &m->lambda_bias, err));
    return artifact_get_f64(a, "mf.nu", &m->nu, err);
}

static void release(void *fitted) {
    mf_model_release(fitted);
    mem_free(fitted);
}

static enum status load(struct models *models, const struct model *self, const struct artifact *a,
                        struct error *err) {
    if (artifact_column(a, "mf.movie") == NULL) return STATUS_OK;
    return models_read(models, self, sizeof(struct mf_model), read, a, err);
}

/* ---- the model ---- */

struct mf_options {
    bool on;
    int64_t dim, iterations;
    double lambda, lambda_bias, nu;
};

static enum status fit_instance(const struct fitting *f, const struct instance *instance,
                                const void *params, struct error *err) {
    const struct mf_options *o = params;
    AUTO(mf_model) struct mf_model m = {0};
    MEM_AUTO double *objective = NULL;
    struct mf_params p = {(size_t)o->dim, (size_t)o->iterations, o->lambda, o->lambda_bias, o->nu};
    TRY(MEM_NEW(&objective, p.iterations, err));
    if (mf_fit(&m, objective, f->ratings, &p, f->seed, err) != STATUS_OK) {
        return error_wrap(err, "fitting %s", instance->name);
    }
    return write(&m, f, objective, p.iterations, err);
}

#define OPTION_HOLDER struct mf_options
static const struct option_spec options[] = {
    PARAMETER_FLAG("mf", on, "true", "explicit matrix factorization with biases"),
    PARAMETER_INT("mf-dim", dim, "64", 1, 1024, "factors of the explicit factorization"),
    PARAMETER_INT("mf-iterations", iterations, "14", 1, 1000, "its iterations"),
    PARAMETER_REAL("mf-lambda", lambda, "0.07", 1e-9, 1e9, "its regularisation of factors"),
    PARAMETER_REAL("mf-lambda-bias", lambda_bias, "0.02", 1e-9, 1e9,
                   "its regularisation of biases"),
    PARAMETER_REAL("mf-nu", nu, "1", 0, 2, "a row of n ratings is regularised with lambda * n^nu"),
};

static const struct column_spec columns[] = {
    OPTIONAL_COLUMN("mf.user_bias", DTYPE_F32, "users", "explicit MF: user bias, stars"),
    OPTIONAL_COLUMN("mf.movie_bias", DTYPE_F32, "movies", "explicit MF: movie bias, stars"),
    OPTIONAL_COLUMN("mf.user", DTYPE_F32, "users,mf_dim", "explicit MF: user factors"),
    OPTIONAL_COLUMN("mf.movie", DTYPE_F32, "movies,mf_dim", "explicit MF: movie factors"),
    OPTIONAL_COLUMN("mf.objective", DTYPE_F64, "mf_iterations",
                    "explicit MF: objective per iteration"),
};

static const struct score_spec scores[] = {
    {"", "rating", "stars predicted by explicit factorization, user folded in", NEEDS_NEITHER},
};

const struct model mf_model = {
    .name = "mf",
    .title = "explicit matrix factorization",
    .paper = "Zhou et al., Large-scale parallel collaborative filtering for the Netflix prize, "
             "AAIM 2008",
    .kind = "factors",
    OPTIONS_OF(options, struct mf_options),
    COLUMNS_OF(columns),
    SCORES_OF(scores),
    .ranks = true,
    .predicts_stars = true,
    .plan = instances_add_one,
    .fit = fit_instance,
    .load = load,
    .release = release,
    .work_create = work_create,
    .work_release = mem_free,
    .prepare = prepare,
    .score = score,
};
