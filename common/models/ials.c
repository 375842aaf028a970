#include "common/models/ials.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/models/als.h"
#include "common/models/als_blocks.h"
#include "common/models/als_loop.h"
#include "common/models/matrix_columns.h"
#include "common/models/partition.h"
#include "common/nn/init.h"

#include <math.h>
#include <string.h>

/* The state of fitting; the problem of each side refers to the other side's factors and Gram
 * matrix. */
struct fit {
    const struct ratings *ratings;
    struct partition share;
    struct ials_model *model;
    float *user_gram;
    double *least; /* [n_movies] part of the objective, if this process solved the movie */
    struct als_implicit of_user, of_movie;
};

static void fit_release(struct fit *f) {
    mem_free(f->user_gram);
    mem_free(f->least);
    *f = (struct fit){0};
}

/* ---- users ---- */

static enum status solve_user(const void *context, size_t row, struct als_work *work,
                              struct error *err) {
    const struct fit *f = context;
    uint64_t first = f->ratings->offset[row], end = f->ratings->offset[row + 1];
    struct als_row data = {f->ratings->movie + first, NULL, NULL, (size_t)(end - first)};
    return als_implicit_solve(&f->of_user, &data, work, f->model->user + row * f->of_user.dim, err);
}

static double penalty(const void *context, size_t row) {
    const struct fit *f = context;
    const struct als_implicit *p = &f->of_user;
    double count = (double)(f->ratings->offset[row + 1] - f->ratings->offset[row]), sum = 0;
    for (size_t k = 0; k < p->dim; k++) {
        double value = (double)f->model->user[row * p->dim + k];
        sum += value * value;
    }
    return p->lambda * pow(count + p->alpha0 * (double)p->n_other, p->nu) * sum;
}

/* ---- movies ---- */

static void add_movie(const void *context, uint64_t first, uint64_t end, struct als_work *work,
                      double *sums) {
    const struct fit *f = context;
    struct als_row part = {f->ratings->by_movie_user + first, NULL, NULL, (size_t)(end - first)};
    als_implicit_add(&f->of_movie, &part, work, sums);
}

static enum status finish_movie(const void *context, uint32_t movie, const double *sums,
                                struct als_work *work, float *result, struct error *err) {
    const struct fit *f = context;
    TRY(als_implicit_finish(&f->of_movie, sums, work, result, err));
    f->least[movie] = work->least;
    return STATUS_OK;
}

static void keep_movie(const void *context, uint32_t movie, const float *result) {
    const struct fit *f = context;
    memcpy(f->model->movie + movie * f->of_movie.dim, result, f->of_movie.dim * sizeof(*result));
}

/* ---- both ---- */

static void movie_gram(const struct fit *f) {
    als_gram(f->model->gram, f->model->movie, f->ratings->n_movies, f->of_user.dim,
             f->of_user.alpha0);
}

static enum status both_steps(const void *context, struct error *err) {
    const struct fit *f = context;
    const size_t dim = f->of_user.dim;
    const struct partition_solver movies = {als_sums_size(dim), dim,          dim,
                                            add_movie,          finish_movie, keep_movie};
    movie_gram(f);
    TRY(als_blocks_solve(f->ratings->n_users, dim, solve_user, f, err));
    TRY(partition_gram(f->user_gram, &f->share, f->model->user, dim, f->of_user.alpha0, err));
    return partition_solve_movies(&f->share, f->ratings, &movies, f, err);
}

/* The standard deviation that Rendle et al. recommend. Movies without ratings stay zero. */
static enum status random_factors(const struct fit *f, uint64_t seed, struct error *err) {
    MEM_AUTO double *count = NULL;
    TRY(partition_movie_counts(&count, f->ratings, err));
    size_t dim = f->of_user.dim;
    double deviation = init_lecun(dim, 0.1);
    for (size_t row = 0; row < f->ratings->n_movies; row++) {
        if (count[row] == 0) continue;
        struct rng rng = rng_keyed(seed, "factorize.ials", 0, row);
        init_normal(f->model->movie + row * dim, dim, deviation, &rng);
    }
    return STATUS_OK;
}

enum status ials_fit(struct ials_model *out, double *objective, const struct ratings *ratings,
                     const struct ials_params *params, uint64_t seed, struct error *err) {
    size_t dim = params->dim;
    *out = (struct ials_model){.dim = (uint32_t)dim,
                               .n_movies = ratings->n_movies,
                               .alpha0 = params->alpha0,
                               .lambda = params->lambda,
                               .nu = params->nu};
    AUTO(fit) struct fit f = {.ratings = ratings, .model = out};
    TRY(partition_make(&f.share, ratings, err));
    TRY(MEM_NEW(&out->user, (size_t)ratings->n_users * dim, err));
    TRY(MEM_NEW(&out->movie, (size_t)ratings->n_movies * dim, err));
    TRY(MEM_NEW(&out->gram, dim * dim, err));
    TRY(MEM_NEW(&f.user_gram, dim * dim, err));
    TRY(MEM_NEW(&f.least, ratings->n_movies, err));
    f.of_user = (struct als_implicit){
        dim, out->movie, out->gram, params->alpha0, params->lambda, params->nu, ratings->n_movies};
    f.of_movie = (struct als_implicit){
        dim, out->user, f.user_gram, params->alpha0, params->lambda, params->nu, f.share.n_users};
    TRY(random_factors(&f, seed, err));
    const struct als_steps a = {"ials", "implicit factorization", ratings, both_steps, penalty,
                                f.least};
    TRY(als_loop(&a, &f, params->iterations, objective, err));
    movie_gram(&f);
    return STATUS_OK;
}

void ials_model_release(struct ials_model *m) {
    mem_free(m->user);
    mem_free(m->movie);
    mem_free(m->gram);
    *m = (struct ials_model){0};
}

/* ---- folding in and scoring ---- */

enum status ials_fold_in(const struct ials_model *m, const struct history *h, const float *weight,
                         float *vector, struct error *err) {
    AUTO(als_work) struct als_work work = {0};
    TRY(als_work_alloc(&work, m->dim, err));
    struct als_implicit problem = {m->dim,    m->movie, m->gram,    m->alpha0,
                                   m->lambda, m->nu,    m->n_movies};
    struct als_row row = {h->movie, NULL, weight, h->count};
    return als_implicit_solve(&problem, &row, &work, vector, err);
}

struct work {
    const struct ials_model *model;
    float vector[]; /* [2, dim] */
};

static enum status work_create(void **work, const struct models *models, const void *fitted,
                               struct error *err) {
    (void)models;
    const struct ials_model *m = fitted;
    struct work *w = NULL;
    TRY(mem_alloc(&w, 1, sizeof *w + 2 * (size_t)m->dim * sizeof *w->vector, err));
    w->model = m;
    *work = w;
    return STATUS_OK;
}

const float *ials_query_vectors(const void *work) {
    return ((const struct work *)work)->vector;
}

static enum status prepare(void *work, const struct query *q, struct error *err) {
    struct work *w = work;
    TRY(ials_fold_in(w->model, q->history, NULL, w->vector, err));
    return ials_fold_in(w->model, q->history, q->recent, w->vector + w->model->dim, err);
}

static void score(const void *work, const struct score_block *block, float *x, size_t stride) {
    (void)work;
    for (size_t i = 0; i < block->n; i++) {
        const float *product = block->product + i * block->stride + block->first_query;
        float length = block->length[block->movie[i]];
        x[i * stride] = length * product[0];
        x[i * stride + 1] = length * product[1];
    }
}

/* ---- the artifact ---- */

static enum status write(const struct ials_model *m, const struct fitting *f,
                         const double *objective, size_t iterations, struct error *err) {
    MEM_AUTO float *user = NULL;
    TRY(collect_user_rows(&user, f, m->user, m->dim, err));
    if (f->out == NULL) return STATUS_OK;
    TRY(artifact_add_2d(f->out, "ials.user", DTYPE_F32, f->baseline->n_users, m->dim, user, err));
    TRY(artifact_add_2d(f->out, "ials.movie", DTYPE_F32, m->n_movies, m->dim, m->movie, err));
    TRY(artifact_add_1d(f->out, "ials.objective", DTYPE_F64, iterations, objective, err));
    TRY(artifact_set_f64(f->out, "ials.alpha0", m->alpha0, err));
    TRY(artifact_set_f64(f->out, "ials.lambda", m->lambda, err));
    return artifact_set_f64(f->out, "ials.nu", m->nu, err);
}

static enum status read(void *state, const struct artifact *a, const struct baseline *b,
                        struct error *err) {
    struct ials_model *m = state;
    TRY(read_matrix(a, "ials.user", b->n_users, &m->dim, &m->user, err));
    TRY(read_matrix(a, "ials.movie", b->n_movies, &m->dim, &m->movie, err));
    TRY(artifact_get_f64(a, "ials.alpha0", &m->alpha0, err));
    TRY(artifact_get_f64(a, "ials.lambda", &m->lambda, err));
    TRY(artifact_get_f64(a, "ials.nu", &m->nu, err));
    m->n_movies = b->n_movies;
    TRY(mem_alloc(&m->gram, (size_t)m->dim * m->dim, sizeof(float), err));
    als_gram(m->gram, m->movie, m->n_movies, m->dim, m->alpha0);
    return STATUS_OK;
}

static void release(void *fitted) {
    ials_model_release(fitted);
    mem_free(fitted);
}

static enum status load(struct models *models, const struct model *self, const struct artifact *a,
                        struct error *err) {
    if (artifact_column(a, "ials.movie") == NULL) return STATUS_OK;
    return models_read(models, self, sizeof(struct ials_model), read, a, err);
}

/* ---- the model ---- */

struct ials_options {
    bool on;
    int64_t dim, iterations;
    double alpha0, lambda, nu;
};

static enum status fit_instance(const struct fitting *f, const struct instance *instance,
                                const void *params, struct error *err) {
    const struct ials_options *o = params;
    AUTO(ials_model) struct ials_model m = {0};
    MEM_AUTO double *objective = NULL;
    struct ials_params p = {(size_t)o->dim, (size_t)o->iterations, o->alpha0, o->lambda, o->nu};
    TRY(MEM_NEW(&objective, p.iterations, err));
    if (ials_fit(&m, objective, f->ratings, &p, f->seed, err) != STATUS_OK) {
        return error_wrap(err, "fitting %s", instance->name);
    }
    return write(&m, f, objective, p.iterations, err);
}

#define OPTION_HOLDER struct ials_options
static const struct option_spec options[] = {
    PARAMETER_FLAG("ials", on, "true", "implicit matrix factorization"),
    PARAMETER_INT("ials-dim", dim, "64", 1, 1024, "factors of the implicit factorization"),
    PARAMETER_INT("ials-iterations", iterations, "12", 1, 1000, "its iterations"),
    PARAMETER_REAL("ials-alpha0", alpha0, "0.3", 1e-6, 1e3, "its weight of what was not rated"),
    PARAMETER_REAL("ials-lambda", lambda, "0.005", 1e-9, 1e9, "its regularisation"),
    PARAMETER_REAL("ials-nu", nu, "1", 0, 2, "exponent of a row's frequency in the regularisation"),
};

static const struct column_spec columns[] = {
    OPTIONAL_COLUMN("ials.user", DTYPE_F32, "users,ials_dim", "implicit MF: user factors"),
    OPTIONAL_COLUMN("ials.movie", DTYPE_F32, "movies,ials_dim", "implicit MF: movie factors"),
    OPTIONAL_COLUMN("ials.objective", DTYPE_F64, "ials_iterations",
                    "implicit MF: objective per iteration"),
};

static const struct score_spec scores[] = {
    {"", "collaborative", "implicit factorization, user folded in from the history", NEEDS_NEITHER},
    {".recent", "collaborative", "the same, history weights exp(-d/10)", NEEDS_ORDER},
};

const struct model ials_model = {
    .name = "ials",
    .title = "implicit matrix factorization",
    .paper = "Hu et al., Collaborative filtering for implicit feedback datasets, ICDM 2008; Rendle "
             "et al., Revisiting the performance of iALS, RecSys 2022",
    .kind = "factors",
    OPTIONS_OF(options, struct ials_options),
    COLUMNS_OF(columns),
    SCORES_OF(scores),
    .ranks = true,
    .plan = instances_add_one,
    .fit = fit_instance,
    .load = load,
    .release = release,
    .work_create = work_create,
    .work_release = mem_free,
    .prepare = prepare,
    .score = score,
};
