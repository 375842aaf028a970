/* The processes that compute one result together: the ranks of MPI in a build with MPI=1, else this
 * process alone, for which all of this does nothing. Every rank must come to the same calls in the
 * same order; only the main thread may call. */
#ifndef MARQUEE_BASE_RANKS_H
#define MARQUEE_BASE_RANKS_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum status ranks_start(struct error *err);

/* The last call. A rank that failed ends the others, who may be waiting for it. */
void ranks_end(enum status status);

size_t ranks_self(void); /* 0 in a process alone */
size_t ranks_count(void);

/* values[count] become the sum over the ranks: on every rank, or on rank 0 and anything elsewhere.
 */
enum status ranks_sum(double *values, size_t count, struct error *err);
enum status ranks_sum_to_first(double *values, size_t count, struct error *err);

/* values[size, each]: row r becomes the sum over the ranks on rank r, the other rows anything. */
enum status ranks_sum_rows(double *values, size_t each, struct error *err);

/* values[size, each]: every rank gives row `rank` and gets all others. */
enum status ranks_share_rows(float *values, size_t each, struct error *err);

/* all[..] on rank 0 becomes the `own` of all ranks, in their order; elsewhere it is not touched. */
enum status ranks_collect(float *all, const float *own, size_t count, struct error *err);

/* Bytes that this rank has sent so far, as collectives cost where each byte goes around the ring of
 * ranks once: (size - 1) / size of a buffer for ranks_sum_rows, ranks_share_rows and
 * ranks_sum_to_first (what is summed), twice that for ranks_sum, all of it for ranks_collect
 * from any rank but 0. */
uint64_t ranks_bytes_sent(void);

#endif
