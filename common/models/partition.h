/* How the users are divided among processes. Sums over users are computed in PARTITION_BLOCKS
 * parts, each by one process, and added up in double, so the result does not depend on the number
 * of processes. */
#ifndef MARQUEE_MODELS_PARTITION_H
#define MARQUEE_MODELS_PARTITION_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/als_blocks.h"

#include <stddef.h>
#include <stdint.h>

enum { PARTITION_BLOCKS = 16 }; /* also the largest number of processes */

struct partition {
    uint32_t n_users;                     /* of all processes */
    uint32_t n_blocks;                    /* of this one */
    uint32_t bound[PARTITION_BLOCKS + 1]; /* [n_blocks + 1] users of this process, from 0 */
};

/* Reduces `ratings`, of all users, to those of this process's users, numbered from 0. STATUS_USAGE
 * if there are more than PARTITION_BLOCKS processes. */
enum status partition_cut(struct ratings *ratings, struct error *err);

/* The share of this process; `ratings` are cut as above. */
enum status partition_make(struct partition *out, const struct ratings *ratings, struct error *err);

/* *out = the number of ratings of each movie by all users [n_movies]. */
enum status partition_movie_counts(double **out, const struct ratings *ratings, struct error *err);

/* One half-step of alternating least squares over the movies. add() adds to sums[n_sums] the
 * contributions of one movie's ratings by_movie[first..end); finish() computes result[width] of a
 * movie from its sums; keep() receives the result of every movie. Every process sums over its users
 * for all movies, solves some of the movies and receives the results of all. */
struct partition_solver {
    size_t n_sums, width, work_size;
    void (*add)(const void *context, uint64_t first, uint64_t end, struct als_work *work,
                double *sums);
    enum status (*finish)(const void *context, uint32_t movie, const double *sums,
                          struct als_work *work, float *result, struct error *err);
    void (*keep)(const void *context, uint32_t movie, const float *result);
};
enum status partition_solve_movies(const struct partition *s, const struct ratings *ratings,
                                   const struct partition_solver *solver, const void *context,
                                   struct error *err);

/* gram[dim, dim] = alpha0 F'F over the users of all processes; factor[n_users, dim] are this
 * one's. */
enum status partition_gram(float *gram, const struct partition *s, const float *factor, size_t dim,
                           double alpha0, struct error *err);

/* rows[count, n] on the first process (NULL elsewhere) = sums over the users of all processes;
 * add() adds to sum[n] what this process contributes to row `row`, of first..first+count-1. */
typedef void (*partition_adder)(const void *context, uint32_t row, double *sum);
enum status partition_sum_rows(float *rows, uint32_t first, uint32_t count, size_t n,
                               partition_adder add, const void *context, struct error *err);

#endif
