#include "common/models/ials.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/models/als.h"
#include "common/models/als_blocks.h"
#include "common/models/als_loop.h"
#include "common/models/partition.h"

#include <math.h>
#include <string.h>

/* What is fitted and what to; each side's problem points at the other side's factors and gram. */
struct fit {
    const struct ratings *ratings;
    struct partition share;
    struct ials_model *model;
    float *user_gram;
    double *least; /* [n_movies] the objective's part of a movie when this process solved it */
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

/* The deviation that Rendle et al. recommend; movies without a rating are zero from the start. */
static enum status random_factors(const struct fit *f, uint64_t seed, struct error *err) {
    MEM_AUTO double *count = NULL;
    TRY(partition_movie_counts(&count, f->ratings, err));
    size_t dim = f->of_user.dim;
    double deviation = 0.1 / sqrt((double)dim);
    for (size_t row = 0; row < f->ratings->n_movies; row++) {
        if (count[row] == 0) continue;
        struct rng rng = rng_keyed(seed, "factorize.ials", 0, row);
        for (size_t k = 0; k < dim; k++) {
            f->model->movie[row * dim + k] = (float)(deviation * rng_normal(&rng));
        }
    }
    return STATUS_OK;
}

enum status ials_fit(struct ials_model *out, double *objective, const struct ratings *ratings,
                     const struct ials_params *params, uint64_t seed, struct error *err) {
    size_t dim = params->dim;
    *out = (struct ials_model){.present = true,
                               .dim = (uint32_t)dim,
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
