/* Parallel loops whose result does not depend on the number of threads.
 *
 * The items 0 .. n - 1 are cut into blocks of a fixed size, and threads take the blocks in
 * ascending order. What a block computes may depend on its number and its items, never on the
 * thread that runs it or on the other blocks; then one thread and seven give the same bytes.
 *
 * Which form for which loop:
 *   parallel_blocks   the work can fail, takes long enough to be interrupted, or needs scratch
 *   parallel_sum      a sum of doubles over all items
 *   omp parallel for  short loops over independent items that cannot fail; block_count and
 *                     block_at cut them into blocks
 * `omp critical` is used nowhere else: threads hand results back by block.
 */
#ifndef MARQUEE_BASE_PARALLEL_H
#define MARQUEE_BASE_PARALLEL_H

#include "common/base/error.h"
#include "common/base/log.h"

#include <stddef.h>

/* The items [first, end) of block `number`. `block` is the size of blocks, at least 1. */
struct block_items {
    size_t number, first, end;
};

static inline size_t block_count(size_t n, size_t block) {
    return n / block + (n % block != 0);
}

static inline struct block_items block_at(size_t n, size_t block, size_t number) {
    size_t first = number * block;
    return (struct block_items){number, first, n - first < block ? n : first + block};
}

/* ---- scratch ---- */

/* Working memory of a thread: `size` zeroed bytes, aligned to 64, which `create` (if any)
 * initialises and `release` (if any) releases. A size of 0 means no scratch. `release` is also
 * called after a `create` that failed, on whatever that left. Scratch belongs to one thread at a
 * time and must not carry anything from block to block that affects the result. */
struct scratch {
    size_t size;
    enum status (*create)(void *scratch, const void *context, struct error *err);
    void (*release)(void *scratch);
};

/* Scratch that outlives a loop, for callers that run many: one piece for each of `n` threads.
 * Created and released by its owner; one loop at a time may use it. */
struct scratch_pool {
    void **piece; /* [n] */
    size_t n;
    void (*release)(void *scratch);
};

/* `threads` 0: as many as OpenMP would start. On failure the pool is empty. */
enum status scratch_pool_create(struct scratch_pool *out, size_t threads,
                                const struct scratch *scratch, const void *context,
                                struct error *err);
void scratch_pool_release(struct scratch_pool *pool);

/* ---- loops ---- */

struct parallel {
    size_t n;            /* items */
    size_t block;        /* items per block, independent of the number of threads; 0 means 1 */
    const void *context; /* passed to all functions */

    /* The work: exactly one of the two is set. `each` gets one item, `blocks` a whole block. It may
     * write only what belongs to its items. `scratch` is NULL if there is none. */
    enum status (*each)(const void *context, void *scratch, size_t item, struct error *err);
    enum status (*blocks)(const void *context, void *scratch, struct block_items items,
                          struct error *err);

    size_t threads;            /* at most this many take part; 0: as many as OpenMP would start */
    struct scratch scratch;    /* made for this loop; or */
    struct scratch_pool *pool; /* kept by the caller: at most pool->n threads then take part */
    struct progress *progress; /* advances by the items of each block; NULL: none */
};

/* Runs the work over all blocks. Returns
 *   STATUS_OK           every block was run
 *   a block's failure   that of the first failing block in block order, with its message: the one
 *                       that a single thread would have met. Later blocks may be left out
 *   scratch's failure   no block was run
 *   STATUS_INTERRUPTED  a signal came before the last block was taken
 * With a single block or thread, or inside another parallel loop, everything happens in the calling
 * thread.
 *     const struct parallel users = {.n = n_users, .block = 8, .context = p, .each = evaluate_user,
 *                                    .scratch = {sizeof(struct worker), create, release}};
 *     TRY(parallel_blocks(&users, err)); */
enum status parallel_blocks(const struct parallel *job, struct error *err);

/* *sum = the sum of value(context, item) over n items, in double: added up within blocks of `block`
 * items, then in the order of the blocks. */
enum status parallel_sum(double *sum, size_t n, size_t block,
                         double (*value)(const void *context, size_t item), const void *context,
                         struct error *err);

#endif
