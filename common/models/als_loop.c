#include "common/models/als_loop.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/parallel.h"
#include "common/base/ranks.h"

enum { SUM_BLOCK = 64 }; /* rows; part of the result */

static double least_of(const void *context, size_t row) {
    return ((const double *)context)[row];
}

/* The movies were solved last: their minima are the objective but for the users' penalties. */
static enum status objective_of(const struct als_steps *a, const void *context, double *out,
                                struct error *err) {
    double parts[2];
    TRY(parallel_sum(&parts[0], a->ratings->n_users, SUM_BLOCK, a->penalty, context, err));
    TRY(parallel_sum(&parts[1], a->ratings->n_movies, SUM_BLOCK, least_of, a->least, err));
    TRY(ranks_sum(parts, 2, err));
    *out = parts[0] + parts[1];
    return STATUS_OK;
}

static enum status iterate(const struct als_steps *a, const void *context, size_t number,
                           double *objective, struct error *err) {
    uint64_t started = clock_now_ns();
    double used = clock_cpu_seconds();
    TRY(a->both_steps(context, err));
    TRY(objective_of(a, context, objective, err));
    log_info("%s: iteration %zu: %.3f s, CPU %.3f s, objective %.6g", a->name, number,
             1e-9 * (double)(clock_now_ns() - started), clock_cpu_seconds() - used, *objective);
    return STATUS_OK;
}

enum status als_loop(const struct als_steps *a, const void *context, size_t iterations,
                     double *objective, struct error *err) {
    struct progress progress;
    enum status status = STATUS_OK;
    progress_start(&progress, a->title, "iterations", iterations);
    for (size_t t = 0; t < iterations && status == STATUS_OK; t++) {
        status = iterate(a, context, t + 1, &objective[t], err);
        progress_add(&progress, 1);
    }
    progress_end(&progress);
    return status;
}
