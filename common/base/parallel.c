#include "common/base/parallel.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"

#include <omp.h>
#include <stdatomic.h>
#include <stdint.h>

/* ---- scratch ---- */

static enum status make_piece(void **out, const struct scratch *scratch, const void *context,
                              struct error *err) {
    if (scratch->size == 0) return STATUS_OK;
    TRY(mem_alloc(out, 1, scratch->size, err));
    return scratch->create == NULL ? STATUS_OK : scratch->create(*out, context, err);
}

/* Allocates room for the pieces; the pieces themselves are made later. */
static enum status pool_alloc(struct scratch_pool *out, size_t threads,
                              const struct scratch *scratch, struct error *err) {
    *out = (struct scratch_pool){.release = scratch->release};
    TRY(MEM_NEW(&out->piece, threads, err));
    out->n = threads;
    return STATUS_OK;
}

static size_t threads_of_openmp(void) {
    return (size_t)omp_get_max_threads();
}

enum status scratch_pool_create(struct scratch_pool *out, size_t threads,
                                const struct scratch *scratch, const void *context,
                                struct error *err) {
    TRY(pool_alloc(out, threads > 0 ? threads : threads_of_openmp(), scratch, err));
    for (size_t i = 0; i < out->n; i++) {
        enum status status = make_piece(&out->piece[i], scratch, context, err);
        if (status == STATUS_OK) continue;
        scratch_pool_release(out);
        return status;
    }
    return STATUS_OK;
}

void scratch_pool_release(struct scratch_pool *pool) {
    for (size_t i = 0; i < pool->n; i++) {
        if (pool->piece[i] != NULL && pool->release != NULL) pool->release(pool->piece[i]);
        mem_free(pool->piece[i]);
    }
    mem_free(pool->piece);
    *pool = (struct scratch_pool){0};
}

/* ---- blocks ---- */

/* One call of parallel_blocks, shared by its threads.
 *
 * Blocks are taken in ascending order, and a block that was taken is run to its end. So when block
 * b fails, all blocks before b have been taken and will tell whether they fail: the lowest of the
 * failures is the same whoever comes first. */
struct loop {
    const struct parallel *job;
    size_t block, n_blocks;
    struct scratch_pool scratch; /* of this loop alone; empty if the caller provides a pool */
    void **piece;                /* [threads] of either */
    atomic_size_t next;          /* the next block to be taken */
    atomic_bool stopped;         /* take no more: something failed, or a signal came */
    size_t failed;               /* the first block (thread, for scratch) that failed, or NONE */
    struct error error;          /* what it said */
};

#define NONE SIZE_MAX

static void fail(struct loop *l, size_t place, enum status status, const struct error *error) {
#pragma omp critical(parallel_failure)
    if (place < l->failed) {
        l->failed = place;
        l->error = *error;
        l->error.status = status;
    }
    atomic_store(&l->stopped, true);
}

static void make_scratch(struct loop *l, size_t thread) {
    if (l->job->pool != NULL) return;
    struct error own = {0};
    enum status status = make_piece(&l->piece[thread], &l->job->scratch, l->job->context, &own);
    if (status != STATUS_OK) fail(l, thread, status, &own);
}

static enum status run_block(const struct parallel *job, void *scratch, struct block_items items,
                             struct error *err) {
    if (job->blocks != NULL) return job->blocks(job->context, scratch, items, err);
    for (size_t i = items.first; i < items.end; i++) {
        TRY(job->each(job->context, scratch, i, err));
    }
    return STATUS_OK;
}

static void take_blocks(struct loop *l, void *scratch) {
    struct error own = {0};
    while (!atomic_load(&l->stopped)) {
        size_t number = atomic_fetch_add(&l->next, 1);
        if (number >= l->n_blocks) return;
        if (interrupt_requested()) {
            fail(l, number, interrupt_check(&own), &own);
            return;
        }
        struct block_items items = block_at(l->job->n, l->block, number);
        enum status status = run_block(l->job, scratch, items, &own);
        if (status != STATUS_OK) fail(l, number, status, &own);
        if (l->job->progress != NULL) progress_add(l->job->progress, items.end - items.first);
    }
}

/* All scratch exists, or the loop is stopped, before the first block is taken: otherwise chance
 * would decide which blocks ran before a piece could not be made. */
static void run_team(struct loop *l, size_t threads) {
#pragma omp parallel num_threads((int)threads)
    {
        size_t thread = (size_t)omp_get_thread_num();
        bool needed = thread < l->n_blocks;
        if (needed) make_scratch(l, thread);
#pragma omp barrier
        if (needed) take_blocks(l, l->piece[thread]);
    }
}

static void run_alone(struct loop *l) {
    make_scratch(l, 0);
    take_blocks(l, l->piece[0]);
}

static enum status loop_start(struct loop *l, size_t *threads, struct error *err) {
    const struct parallel *job = l->job;
    size_t most = threads_of_openmp();
    if (job->threads > 0 && job->threads < most) most = job->threads;
    if (job->pool != NULL && job->pool->n < most) most = job->pool->n;
    *threads = l->n_blocks > 1 ? most : 1;
    if (job->pool == NULL) TRY(pool_alloc(&l->scratch, *threads, &job->scratch, err));
    l->piece = job->pool != NULL ? job->pool->piece : l->scratch.piece;
    return STATUS_OK;
}

enum status parallel_blocks(const struct parallel *job, struct error *err) {
    size_t block = job->block > 0 ? job->block : 1, threads;
    struct loop loop = {
        .job = job, .block = block, .n_blocks = block_count(job->n, block), .failed = NONE};
    if (job->n == 0) return STATUS_OK;
    TRY(loop_start(&loop, &threads, err));
    if (threads > 1)
        run_team(&loop, threads);
    else
        run_alone(&loop);
    scratch_pool_release(&loop.scratch);
    if (loop.failed == NONE) return STATUS_OK;
    if (err != NULL) *err = loop.error;
    return loop.error.status;
}

/* ---- sums ---- */

enum status parallel_sum(double *sum, size_t n, size_t block,
                         double (*value)(const void *context, size_t item), const void *context,
                         struct error *err) {
    size_t n_blocks = block_count(n, block);
    MEM_AUTO double *part = NULL;
    TRY(MEM_NEW(&part, n_blocks, err));
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t b = 0; b < n_blocks; b++) {
        struct block_items items = block_at(n, block, b);
        double total = 0;
        for (size_t i = items.first; i < items.end; i++) {
            total += value(context, i);
        }
        part[b] = total;
    }
    *sum = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        *sum += part[b];
    }
    return STATUS_OK;
}
