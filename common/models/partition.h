/* The users of one process of several. Sums over users are made in PARTITION_BLOCKS parts, whole
 * parts by one process, and added up in double, so that the result does not depend on how many
 * there are.
 */
#ifndef MARQUEE_MODELS_PARTITION_H
#define MARQUEE_MODELS_PARTITION_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/als_blocks.h"

#include <stddef.h>
#include <stdint.h>

enum { PARTITION_BLOCKS = 16 }; /* also the most processes */

struct partition {
    uint32_t n_users;                     /* of all processes */
    uint32_t n_blocks;                    /* of this one */
    uint32_t bound[PARTITION_BLOCKS + 1]; /* [n_blocks + 1] this process's users, from 0 */
};

/* Leaves in `ratings`, those of everyone, only those of this process's users, numbered from 0. */
enum status partition_cut(struct ratings *ratings, struct error *err);

/* The share that `ratings`, cut as above, are. */
enum status partition_make(struct partition *out, const struct ratings *ratings, struct error *err);

/* *out = [n_movies] the ratings of each movie by all users. */
enum status partition_movie_counts(double **out, const struct ratings *ratings, struct error *err);

/* One half-step for the movies. add() adds to sums[n_sums] what the ratings by_movie[first..end) of
 * one movie say; finish() makes result[width] of a movie from its sums; keep() gets the result of
 * every movie. Every process sums up all movies, solves some of them and gets the results of all.
 */
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

/* gram[dim, dim] = alpha0 F'F over the users of all processes, for factor[n_users, dim] of this
 * one.
 */
enum status partition_gram(float *gram, const struct partition *s, const float *factor, size_t dim,
                           double alpha0, struct error *err);

/* rows[count, n] on rank 0 (NULL elsewhere) = sums over the users of all processes: add() adds to
 * sum[n] what this one's say about row first + k. */
typedef void (*partition_adder)(const void *context, uint32_t row, double *sum);
enum status partition_sum_rows(float *rows, uint32_t first, uint32_t count, size_t n,
                               partition_adder add, const void *context, struct error *err);

#endif
