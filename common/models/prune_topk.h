/* Item-item weights, pruned to the strongest of each target movie while they are computed, so that
 * the dense matrix of weights never exists. */
#ifndef MARQUEE_MODELS_PRUNE_TOPK_H
#define MARQUEE_MODELS_PRUNE_TOPK_H

#include "common/base/error.h"
#include "common/data/csr.h"
#include "common/models/popular_items.h"

#include <stddef.h>
#include <stdint.h>

struct pruned {
    uint32_t n, keep;
    uint32_t *count; /* [n] how many each target keeps */
    uint32_t *from;  /* [n, keep] movies of the history, as numbers of the selection */
    float *weight;   /* [n, keep] */
};

enum status pruned_alloc(struct pruned *s, uint32_t n, size_t keep, struct error *err);
void pruned_release(struct pruned *s);

/* Of the weights [n] from each history movie to `target`, keeps the `keep` of largest magnitude,
 * ties by smaller number; never the movie itself, zeros or NaN. `scratch` has n elements. Threads
 * may take different targets at the same time. */
void pruned_take(struct pruned *s, uint32_t target, const float *weights, uint32_t *scratch);

/* pruned_take for the targets first..first+count-1, in parallel; rows[count, n] are their
 * weights. */
enum status pruned_take_rows(struct pruned *s, uint32_t first, uint32_t count, const float *rows,
                             struct error *err);

/* Rows are movies of the history, columns are targets, both as movie indices. */
enum status pruned_to_csr(struct csr *out, const struct pruned *s, const struct popular_items *of,
                          uint32_t n_movies, struct error *err);

#endif
