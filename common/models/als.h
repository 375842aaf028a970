/* The least-squares problem of one row in alternating least squares. The same small solve serves
 * fitting (of users and movies alike) and folding in a user at serving time. */
#ifndef MARQUEE_MODELS_ALS_H
#define MARQUEE_MODELS_ALS_H

#include "common/base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Scratch of one thread, and the objective of its last solve. */
struct als_work {
    size_t size;   /* unknowns of the largest system */
    float *rows;   /* gathered factors */
    float *right;  /* gathered targets */
    float *matrix; /* the normal equations */
    float *vector; /* [3, stride]: sum of rows, sum of rows times target, solution */
    double least;  /* objective of the last row, at its solution */
};
enum status als_work_alloc(struct als_work *w, size_t size, struct error *err);
void als_work_release(struct als_work *w);

/* The observations of one row; `index` points into the factors of the other side, in any order. */
struct als_row {
    const uint32_t *index;
    const float *target; /* explicit: rating - mean. Implicit: unused */
    const float *weight; /* NULL = 1 each */
    size_t count;
};

/* Explicit: minimises over (b, p), with y_k the targets and n = count,
 *
 *     sum_k (y_k - b - c_k - p . q_k)^2 + n^nu (lambda |p|^2 + lambda_bias b^2),
 *
 * where q_k = factor[index_k] and c_k = other_bias[index_k]. nu = 1 is the weighted-lambda
 * regularisation of Zhou et al. (AAIM 2008). `w` must hold size dim + 1. An empty row gives zeros;
 * weights are ignored. STATUS_FAILED if rounding leaves the system not positive definite. */
struct als_explicit {
    size_t dim;
    const float *factor, *other_bias;
    double lambda, lambda_bias, nu;
};
enum status als_explicit_solve(const struct als_explicit *m, const struct als_row *row,
                               struct als_work *w, float *bias, float *vector, struct error *err);

/* Implicit: minimises over p, with n the sum of the weights,
 *
 *     sum_k w_k (1 - p . q_k)^2 + alpha0 sum_all (p . q)^2 + lambda (n + alpha0 n_other)^nu |p|^2
 *
 * (Hu et al., ICDM 2008, in the form of Rendle et al., RecSys 2022). `gram` = alpha0 Q'Q, both
 * triangles. Weights must not be negative. `w` must hold size dim. An empty row gives zeros. */
struct als_implicit {
    size_t dim;
    const float *factor, *gram;
    double alpha0, lambda, nu;
    size_t n_other;
};
enum status als_implicit_solve(const struct als_implicit *m, const struct als_row *row,
                               struct als_work *w, float *vector, struct error *err);

/* The same two solves in two steps, for rows whose observations come in parts, from several ranges
 * of the other side or from several processes: _add adds the sums of one part to `sums`
 * [als_sums_size(dim)], in double; _finish solves from their total. */
size_t als_sums_size(size_t dim);
void als_explicit_add(const struct als_explicit *m, const struct als_row *part, struct als_work *w,
                      double *sums);
void als_implicit_add(const struct als_implicit *m, const struct als_row *part, struct als_work *w,
                      double *sums);
enum status als_explicit_finish(const struct als_explicit *m, const double *sums,
                                struct als_work *w, float *bias, float *vector, struct error *err);
enum status als_implicit_finish(const struct als_implicit *m, const double *sums,
                                struct als_work *w, float *vector, struct error *err);

/* gram[dim, dim] = alpha0 Q'Q, both triangles, for Q = factor[n, dim]. */
void als_gram(float *gram, const float *factor, size_t n, size_t dim, double alpha0);

#endif
