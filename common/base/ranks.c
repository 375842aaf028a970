#include "common/base/ranks.h"

#ifndef MARQUEE_MPI

#include <string.h>

enum status ranks_start(struct error *err) {
    (void)err;
    return STATUS_OK;
}

void ranks_end(enum status status) {
    (void)status;
}

size_t ranks_self(void) {
    return 0;
}

size_t ranks_count(void) {
    return 1;
}

enum status ranks_sum(double *values, size_t count, struct error *err) {
    (void)values, (void)count, (void)err;
    return STATUS_OK;
}

enum status ranks_sum_to_first(double *values, size_t count, struct error *err) {
    (void)values, (void)count, (void)err;
    return STATUS_OK;
}

enum status ranks_sum_rows(double *values, size_t each, struct error *err) {
    (void)values, (void)each, (void)err;
    return STATUS_OK;
}

enum status ranks_share_rows(float *values, size_t each, struct error *err) {
    (void)values, (void)each, (void)err;
    return STATUS_OK;
}

enum status ranks_collect(float *all, const float *own, size_t count, struct error *err) {
    (void)err;
    if (count > 0) memmove(all, own, count * sizeof(*all));
    return STATUS_OK;
}

uint64_t ranks_bytes_sent(void) {
    return 0;
}

#else

#include "common/base/mem.h"

#include <mpi.h>
#include <string.h>

/* MPI counts in int. */
enum { PIECE = 1 << 26 };

static struct {
    bool started;
    int rank, size;
    uint64_t bytes;
} mpi = {.size = 1};

static enum status check(int code, const char *what, struct error *err) {
    if (code == MPI_SUCCESS) return STATUS_OK;
    char text[MPI_MAX_ERROR_STRING];
    int length = 0;
    MPI_Error_string(code, text, &length);
    return error_set(err, STATUS_FAILED, "MPI: %s: %.*s", what, length, text);
}

enum status ranks_start(struct error *err) {
    int provided;
    TRY(check(MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided), "start", err));
    mpi.started = true;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    TRY(check(MPI_Comm_rank(MPI_COMM_WORLD, &mpi.rank), "rank", err));
    return check(MPI_Comm_size(MPI_COMM_WORLD, &mpi.size), "size", err);
}

void ranks_end(enum status status) {
    if (!mpi.started) return;
    if (status != STATUS_OK && mpi.size > 1) MPI_Abort(MPI_COMM_WORLD, (int)status);
    MPI_Finalize();
    mpi.started = false;
}

size_t ranks_self(void) {
    return (size_t)mpi.rank;
}

size_t ranks_count(void) {
    return (size_t)mpi.size;
}

/* Counts a buffer of which each rank sends on all but its own part. */
static void count_bytes(size_t bytes) {
    mpi.bytes += bytes / ranks_count() * (ranks_count() - 1);
}

static size_t piece_of(size_t rest) {
    return rest < PIECE ? rest : PIECE;
}

enum status ranks_sum(double *values, size_t count, struct error *err) {
    if (mpi.size == 1) return STATUS_OK;
    for (size_t first = 0; first < count; first += PIECE) {
        int piece = (int)piece_of(count - first);
        TRY(check(
            MPI_Allreduce(MPI_IN_PLACE, values + first, piece, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD),
            "sum", err));
    }
    count_bytes(2 * count * sizeof(*values));
    return STATUS_OK;
}

enum status ranks_sum_to_first(double *values, size_t count, struct error *err) {
    if (mpi.size == 1) return STATUS_OK;
    for (size_t first = 0; first < count; first += PIECE) {
        int piece = (int)piece_of(count - first);
        const void *from = mpi.rank == 0 ? MPI_IN_PLACE : values + first;
        TRY(check(MPI_Reduce(from, values + first, piece, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD),
                  "sum at rank 0", err));
    }
    count_bytes(count * sizeof(*values));
    return STATUS_OK;
}

enum status ranks_sum_rows(double *values, size_t each, struct error *err) {
    if (mpi.size == 1 || each == 0) return STATUS_OK;
    if (each > PIECE) return error_set(err, STATUS_FAILED, "MPI: rows of %zu numbers", each);
    MEM_AUTO double *own = NULL;
    MEM_AUTO int *counts = NULL;
    TRY(MEM_NEW(&own, each, err));
    TRY(MEM_NEW(&counts, ranks_count(), err));
    for (size_t rank = 0; rank < ranks_count(); rank++) {
        counts[rank] = (int)each;
    }
    /* MPI_Reduce_scatter_block of Open MPI 4 sends everything to rank 0 and back. */
    TRY(check(MPI_Reduce_scatter(values, own, counts, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD),
              "sum of rows", err));
    memcpy(values + ranks_self() * each, own, each * sizeof(*own));
    count_bytes(ranks_count() * each * sizeof(*values));
    return STATUS_OK;
}

enum status ranks_share_rows(float *values, size_t each, struct error *err) {
    if (mpi.size == 1 || each == 0) return STATUS_OK;
    if (each > PIECE) return error_set(err, STATUS_FAILED, "MPI: rows of %zu numbers", each);
    TRY(check(MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, (int)each, MPI_FLOAT,
                            MPI_COMM_WORLD),
              "sharing rows", err));
    count_bytes(ranks_count() * each * sizeof(*values));
    return STATUS_OK;
}

static enum status receive(float **all, int from, struct error *err) {
    uint64_t count;
    TRY(check(MPI_Recv(&count, 1, MPI_UINT64_T, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE),
              "collecting", err));
    for (uint64_t first = 0; first < count; first += PIECE) {
        int piece = (int)piece_of(count - first);
        TRY(check(
            MPI_Recv(*all + first, piece, MPI_FLOAT, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE),
            "collecting", err));
    }
    *all += count;
    return STATUS_OK;
}

static enum status send(const float *own, uint64_t count, struct error *err) {
    TRY(check(MPI_Send(&count, 1, MPI_UINT64_T, 0, 0, MPI_COMM_WORLD), "collecting", err));
    for (uint64_t first = 0; first < count; first += PIECE) {
        int piece = (int)piece_of(count - first);
        TRY(check(MPI_Send(own + first, piece, MPI_FLOAT, 0, 0, MPI_COMM_WORLD), "collecting",
                  err));
    }
    mpi.bytes += count * sizeof(*own);
    return STATUS_OK;
}

enum status ranks_collect(float *all, const float *own, size_t count, struct error *err) {
    if (mpi.rank != 0) return send(own, count, err);
    if (count > 0) memmove(all, own, count * sizeof(*all));
    all += count;
    for (int from = 1; from < mpi.size; from++) {
        TRY(receive(&all, from, err));
    }
    return STATUS_OK;
}

uint64_t ranks_bytes_sent(void) {
    return mpi.bytes;
}

#endif
