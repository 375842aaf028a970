#include "stages/factorize/mf.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/model/als.h"
#include "stages/factorize/blocks.h"

#include <math.h>

/* The users or the movies: what is solved for, and what it is solved from. */
struct side {
    size_t n;
    const uint64_t *offset;
    const uint32_t *index; /* of the other side */
    const float *target;   /* rating - mean */
    float *bias, *factor;
    double *least;               /* [n] each row's part of the objective when it was solved */
    struct als_explicit problem; /* points at the other side's factors */
};

static enum status solve_row(const void *context, size_t row, struct als_work *work,
                             struct error *err) {
    const struct side *s = context;
    uint64_t first = s->offset[row];
    struct als_row data = {s->index + first, s->target + first, NULL,
                           (size_t)(s->offset[row + 1] - first)};
    TRY(als_explicit_solve(&s->problem, &data, work, s->bias + row,
                           s->factor + row * s->problem.dim, err));
    s->least[row] = work->least;
    return STATUS_OK;
}

static double penalty(const void *context, size_t row) {
    const struct side *s = context;
    uint64_t count = s->offset[row + 1] - s->offset[row];
    if (count == 0) return 0;
    double sum = 0, bias = (double)s->bias[row];
    for (size_t k = 0; k < s->problem.dim; k++) {
        double value = (double)s->factor[row * s->problem.dim + k];
        sum += value * value;
    }
    return pow((double)count, s->problem.nu) *
           (s->problem.lambda * sum + s->problem.lambda_bias * bias * bias);
}

static double least_of(const void *context, size_t row) {
    const struct side *s = context;
    return s->least[row];
}

/* The movies were solved last: their minima hold all but the penalty of the users. */
static enum status objective_of(const struct side *user, const struct side *movie, double *out,
                                struct error *err) {
    double of_users, of_movies;
    TRY(blocks_sum(user->n, penalty, user, &of_users, err));
    TRY(blocks_sum(movie->n, least_of, movie, &of_movies, err));
    *out = of_users + of_movies;
    return STATUS_OK;
}

static double mean_of(const struct ratings *r) {
    uint64_t sum = 0;
    for (uint64_t k = 0; k < r->count; k++) {
        sum += r->value[k];
    }
    return r->count > 0 ? 0.5 * (double)sum / (double)r->count : 0;
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

static enum status iterate(const struct side *user, const struct side *movie, size_t iterations,
                           double *objective, struct error *err) {
    struct progress progress;
    size_t size = user->problem.dim + 1;
    enum status status = STATUS_OK;
    progress_start(&progress, "explicit factorization", "iterations", iterations);
    for (size_t t = 0; t < iterations && status == STATUS_OK; t++) {
        uint64_t started = clock_now_ns();
        double used = clock_cpu_seconds();
        status = blocks_solve(user->n, size, solve_row, user, err);
        if (status == STATUS_OK) status = blocks_solve(movie->n, size, solve_row, movie, err);
        if (status == STATUS_OK) status = objective_of(user, movie, &objective[t], err);
        if (status == STATUS_OK)
            log_info("mf: iteration %zu: %.3f s, CPU %.3f s, objective %.6g", t + 1,
                     1e-9 * (double)(clock_now_ns() - started), clock_cpu_seconds() - used,
                     objective[t]);
        progress_add(&progress, 1);
    }
    progress_end(&progress);
    return status;
}

enum status mf_fit(struct mf_model *out, double *objective, const struct ratings *ratings,
                   const struct mf_params *params, uint64_t seed, struct error *err) {
    *out = (struct mf_model){.present = true,
                             .dim = (uint32_t)params->dim,
                             .mean = mean_of(ratings),
                             .lambda = params->lambda,
                             .lambda_bias = params->lambda_bias,
                             .nu = params->nu};
    MEM_AUTO float *target = NULL, *by_movie_target = NULL;
    MEM_AUTO double *user_least = NULL, *movie_least = NULL;
    TRY(alloc_model(out, ratings, err));
    TRY(MEM_NEW(&target, ratings->count, err));
    TRY(MEM_NEW(&by_movie_target, ratings->count, err));
    TRY(MEM_NEW(&user_least, ratings->n_users, err));
    TRY(MEM_NEW(&movie_least, ratings->n_movies, err));
    for (uint64_t k = 0; k < ratings->count; k++) {
        target[k] = (float)(0.5 * ratings->value[k] - out->mean);
    }
    for (uint64_t k = 0; k < ratings->count; k++) {
        by_movie_target[k] = target[ratings->by_movie_rating[k]];
    }
    random_factors(out->movie, ratings->n_movies, params->dim, seed);
    struct als_explicit from_movies = {params->dim,    out->movie,          out->movie_bias,
                                       params->lambda, params->lambda_bias, params->nu};
    struct als_explicit from_users = {params->dim,    out->user,           out->user_bias,
                                      params->lambda, params->lambda_bias, params->nu};
    struct side user = {ratings->n_users, ratings->offset, ratings->movie, target,
                        out->user_bias,   out->user,       user_least,     from_movies};
    struct side movie = {ratings->n_movies,
                         ratings->by_movie_offset,
                         ratings->by_movie_user,
                         by_movie_target,
                         out->movie_bias,
                         out->movie,
                         movie_least,
                         from_users};
    return iterate(&user, &movie, params->iterations, objective, err);
}
