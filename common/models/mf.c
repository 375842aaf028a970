#include "common/models/mf.h"

#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/base/rng.h"
#include "common/models/als.h"
#include "common/models/als_blocks.h"
#include "common/models/als_loop.h"
#include "common/models/partition.h"

#include <math.h>
#include <string.h>

/* What is fitted and what to; each side's problem points at the other side's factors. */
struct fit {
    const struct ratings *ratings;
    struct partition share;
    struct mf_model *model;
    float *target, *by_movie_target; /* [ratings->count] rating - mean */
    double *least; /* [n_movies] the objective's part of a movie when this process solved it */
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

/* Factors, then the bias. */
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
    *out = sums[1] > 0 ? 0.5 * sums[0] / sums[1] : 0;
    return STATUS_OK;
}

static void random_factors(float *factor, size_t n, size_t dim, uint64_t seed) {
    double deviation = 0.1 / sqrt((double)dim);
    for (size_t row = 0; row < n; row++) {
        struct rng rng = rng_keyed(seed, "factorize.mf", 0, row);
        for (size_t k = 0; k < dim; k++) {
            factor[row * dim + k] = (float)(deviation * rng_normal(&rng));
        }
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
        f->target[k] = (float)(0.5 * r->value[k] - f->model->mean);
    }
#pragma omp parallel for schedule(static)
    for (uint64_t k = 0; k < r->count; k++) {
        f->by_movie_target[k] = f->target[r->by_movie_rating[k]];
    }
    return STATUS_OK;
}

enum status mf_fit(struct mf_model *out, double *objective, const struct ratings *ratings,
                   const struct mf_params *params, uint64_t seed, struct error *err) {
    *out = (struct mf_model){.present = true,
                             .dim = (uint32_t)params->dim,
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
