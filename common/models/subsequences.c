#include "common/models/subsequences.h"

#include "common/base/rng.h"

#include <stdlib.h>

/* An upper bound: the random first cut may leave one subsequence more. */
size_t subsequences_count(const struct ratings *r, size_t size) {
    size_t count = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        count += (size_t)(r->offset[u + 1] - r->offset[u]) / size + 2;
    }
    return count;
}

static size_t cut_user(struct subsequence *out, uint64_t begin, uint64_t end, size_t size,
                       struct rng *rng) {
    size_t count = 0;
    uint64_t first = begin + size;
    if (end - begin > size) first = begin + 1 + rng_below(rng, (uint32_t)size);
    for (uint64_t from = begin, to = first; from < end; from = to, to += size) {
        out[count++] = (struct subsequence){begin, from, to < end ? to : end};
    }
    return count;
}

static int longest_first(const void *left, const void *right) {
    const struct subsequence *a = left, *b = right;
    uint64_t x = a->to - a->from, y = b->to - b->from;
    if (x != y) return x < y ? 1 : -1;
    return (a->from > b->from) - (a->from < b->from);
}

size_t subsequences_cut(struct subsequence *out, const struct ratings *r, size_t size, size_t batch,
                        uint64_t seed, uint64_t epoch) {
    struct rng rng = rng_keyed(seed, "sequence.windows", epoch, 0);
    size_t count = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        count += cut_user(out + count, r->offset[u], r->offset[u + 1], size, &rng);
    }
    for (size_t i = count; i > 1; i--) {
        size_t j = rng_below(&rng, (uint32_t)i);
        struct subsequence swap = out[i - 1];
        out[i - 1] = out[j];
        out[j] = swap;
    }
    for (size_t i = 0; i < count; i += batch) {
        size_t n = count - i < batch ? count - i : batch;
        qsort(out + i, n, sizeof *out, longest_first);
    }
    return count;
}
