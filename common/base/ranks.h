/* The processes that compute one result together: the ranks of MPI in a build with MPI=1; otherwise
 * this process alone, for which these functions do nothing, except that ranks_collect copies. Every
 * rank must make the same calls in the same order, and only from the main thread. */
#ifndef MARQUEE_BASE_RANKS_H
#define MARQUEE_BASE_RANKS_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum status ranks_start(struct error *err);

/* Must be the last call. A rank that failed aborts the others, which may be waiting for it. */
void ranks_end(enum status status);

size_t ranks_self(void); /* 0 in a single process */
size_t ranks_count(void);

/* values[count] become their sums over the ranks: on every rank, or on rank 0 (and are undefined
 * elsewhere). */
enum status ranks_sum(double *values, size_t count, struct error *err);
enum status ranks_sum_to_first(double *values, size_t count, struct error *err);

/* values[size, each]: on rank r, row r becomes the sum over the ranks; the other rows are
 * undefined. */
enum status ranks_sum_rows(double *values, size_t each, struct error *err);

/* values[size, each]: rank r contributes row r and receives all others. */
enum status ranks_share_rows(float *values, size_t each, struct error *err);

/* On rank 0, `all` becomes the own[count] of all ranks, in their order; elsewhere it is not
 * touched. */
enum status ranks_collect(float *all, const float *own, size_t count, struct error *err);

/* Bytes that this rank has sent so far, by the cost of ring collectives, in which each byte goes
 * around the ranks once: (size - 1) / size of the buffer for ranks_sum_rows, ranks_share_rows and
 * ranks_sum_to_first, twice that for ranks_sum, and the whole buffer for ranks_collect on any rank
 * but 0. */
uint64_t ranks_bytes_sent(void);

#endif
