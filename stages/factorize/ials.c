#include "stages/factorize/ials.h"

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
    float *factor;
    double *least;               /* [n] each row's part of the objective when it was solved */
    float *gram;                 /* alpha0 F'F of this side's own factors */
    struct als_implicit problem; /* points at the other side's factors and gram */
};

static enum status solve_row(const void *context, size_t row, struct als_work *work,
                             struct error *err) {
    const struct side *s = context;
    uint64_t first = s->offset[row];
    struct als_row data = {s->index + first, NULL, NULL, (size_t)(s->offset[row + 1] - first)};
    TRY(als_implicit_solve(&s->problem, &data, work, s->factor + row * s->problem.dim, err));
    s->least[row] = work->least;
    return STATUS_OK;
}

static double penalty(const void *context, size_t row) {
    const struct side *s = context;
    const struct als_implicit *p = &s->problem;
    double count = (double)(s->offset[row + 1] - s->offset[row]), sum = 0;
    for (size_t k = 0; k < p->dim; k++) {
        double value = (double)s->factor[row * p->dim + k];
        sum += value * value;
    }
    return p->lambda * pow(count + p->alpha0 * (double)p->n_other, p->nu) * sum;
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

static enum status half_step(const struct side *to, const struct side *from, struct error *err) {
    als_gram(from->gram, from->factor, from->n, from->problem.dim, from->problem.alpha0);
    return blocks_solve(to->n, to->problem.dim, solve_row, to, err);
}

/* The deviation that Rendle et al. recommend; movies without a rating are zero from the start. */
static void random_factors(float *factor, const uint64_t *offset, size_t n, size_t dim,
                           uint64_t seed) {
    double deviation = 0.1 / sqrt((double)dim);
    for (size_t row = 0; row < n; row++) {
        if (offset[row + 1] == offset[row]) continue;
        struct rng rng = rng_keyed(seed, "factorize.ials", 0, row);
        for (size_t k = 0; k < dim; k++) {
            factor[row * dim + k] = (float)(deviation * rng_normal(&rng));
        }
    }
}

static enum status iterate(const struct side *user, const struct side *movie, size_t iterations,
                           double *objective, struct error *err) {
    struct progress progress;
    enum status status = STATUS_OK;
    progress_start(&progress, "implicit factorization", "iterations", iterations);
    for (size_t t = 0; t < iterations && status == STATUS_OK; t++) {
        uint64_t started = clock_now_ns();
        double used = clock_cpu_seconds();
        status = half_step(user, movie, err);
        if (status == STATUS_OK) status = half_step(movie, user, err);
        if (status == STATUS_OK) status = objective_of(user, movie, &objective[t], err);
        if (status == STATUS_OK)
            log_info("ials: iteration %zu: %.3f s, CPU %.3f s, objective %.6g", t + 1,
                     1e-9 * (double)(clock_now_ns() - started), clock_cpu_seconds() - used,
                     objective[t]);
        progress_add(&progress, 1);
    }
    als_gram(movie->gram, movie->factor, movie->n, movie->problem.dim, movie->problem.alpha0);
    progress_end(&progress);
    return status;
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
    MEM_AUTO float *user_gram = NULL;
    MEM_AUTO double *user_least = NULL, *movie_least = NULL;
    TRY(MEM_NEW(&out->user, (size_t)ratings->n_users * dim, err));
    TRY(MEM_NEW(&out->movie, (size_t)ratings->n_movies * dim, err));
    TRY(MEM_NEW(&out->gram, dim * dim, err));
    TRY(MEM_NEW(&user_gram, dim * dim, err));
    TRY(MEM_NEW(&user_least, ratings->n_users, err));
    TRY(MEM_NEW(&movie_least, ratings->n_movies, err));
    random_factors(out->movie, ratings->by_movie_offset, ratings->n_movies, dim, seed);
    struct als_implicit from_movies = {
        dim, out->movie, out->gram, params->alpha0, params->lambda, params->nu, ratings->n_movies};
    struct als_implicit from_users = {
        dim, out->user, user_gram, params->alpha0, params->lambda, params->nu, ratings->n_users};
    struct side user = {ratings->n_users, ratings->offset, ratings->movie, out->user,
                        user_least,       user_gram,       from_movies};
    struct side movie = {ratings->n_movies,
                         ratings->by_movie_offset,
                         ratings->by_movie_user,
                         out->movie,
                         movie_least,
                         out->gram,
                         from_users};
    return iterate(&user, &movie, params->iterations, objective, err);
}
