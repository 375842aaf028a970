#include "common/models/prune_topk.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/parallel.h"

#include <stdbool.h>
#include <string.h>

enum status pruned_alloc(struct pruned *s, uint32_t n, size_t keep, struct error *err) {
    *s = (struct pruned){.n = n, .keep = (uint32_t)(keep < n ? keep : n)};
    enum status status = MEM_NEW(&s->count, n, err);
    if (status == STATUS_OK) status = MEM_NEW(&s->from, (size_t)n * s->keep, err);
    if (status == STATUS_OK) status = MEM_NEW(&s->weight, (size_t)n * s->keep, err);
    if (status != STATUS_OK) pruned_release(s);
    return status;
}

void pruned_release(struct pruned *s) {
    mem_free(s->count);
    mem_free(s->from);
    mem_free(s->weight);
    *s = (struct pruned){0};
}

/* ---- the threshold ----
 *
 * The bits of a float without its sign are ordered like magnitudes. Counting their digits, 11 bits
 * at a time from the highest, finds the smallest magnitude to keep without sorting. */

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static uint32_t magnitude(float weight) {
    uint32_t bits;
    memcpy(&bits, &weight, sizeof(bits));
    return bits & 0x7fffffffU;
}

/* Keeps all magnitudes above `least`, and the first `ties` of those equal to it. */
struct threshold {
    uint32_t least, ties;
};

/* The threshold that keeps the `keep` largest of n magnitudes. */
static struct threshold find_threshold(const uint32_t *key, uint32_t n, uint32_t keep) {
    struct threshold t = {0, keep};
    uint32_t known = 0; /* bits of `least` that are known */
    for (int shift = 2 * DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
        uint32_t count[DIGITS] = {0};
        for (uint32_t i = 0; i < n; i++) {
            if ((key[i] & known) == t.least) count[key[i] >> shift & (DIGITS - 1)]++;
        }
        uint32_t digit = DIGITS - 1;
        for (; digit > 0 && count[digit] < t.ties; digit--) {
            t.ties -= count[digit];
        }
        t.least |= digit << shift;
        known |= (uint32_t)(DIGITS - 1) << shift;
    }
    return t;
}

void pruned_take(struct pruned *s, uint32_t target, const float *weights, uint32_t *scratch) {
    for (uint32_t i = 0; i < s->n; i++) {
        scratch[i] = weights[i] != weights[i] ? 0 : magnitude(weights[i]);
    }
    scratch[target] = 0;
    struct threshold t = find_threshold(scratch, s->n, s->keep);
    size_t first = (size_t)target * s->keep;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        bool tied = scratch[i] == t.least;
        if (scratch[i] == 0 || scratch[i] < t.least || (tied && t.ties == 0)) continue;
        if (tied) t.ties--;
        s->from[first + kept] = i;
        s->weight[first + kept++] = weights[i];
    }
    s->count[target] = kept;
}

struct pruning {
    struct pruned *into;
    uint32_t first;
    const float *rows; /* rows of the targets from `first` on */
};

static enum status take_row(const void *context, void *scratch, size_t row, struct error *err) {
    (void)err;
    const struct pruning *p = context;
    pruned_take(p->into, p->first + (uint32_t)row, p->rows + row * p->into->n, scratch);
    return STATUS_OK;
}

enum status pruned_take_rows(struct pruned *s, uint32_t first, uint32_t count, const float *rows,
                             struct error *err) {
    const struct pruning pruning = {s, first, rows};
    const struct parallel targets = {.n = count,
                                     .block = 8,
                                     .context = &pruning,
                                     .each = take_row,
                                     .scratch = {.size = s->n * sizeof(uint32_t)}};
    return parallel_blocks(&targets, err);
}

/* Visiting the targets in the order of their movie indices makes the columns of every row
 * ascend. */
enum status pruned_to_csr(struct csr *out, const struct pruned *s, const struct popular_items *of,
                          uint32_t n_movies, struct error *err) {
    uint64_t count = 0;
    for (uint32_t t = 0; t < s->n; t++) {
        count += s->count[t];
    }
    MEM_AUTO uint64_t *next = NULL;
    TRY(MEM_NEW(&next, n_movies, err));
    TRY(csr_alloc(out, n_movies, n_movies, count, err));
    for (uint32_t t = 0; t < s->n; t++) {
        for (uint32_t k = 0; k < s->count[t]; k++) {
            out->offset[of->movie[s->from[(size_t)t * s->keep + k]] + 1]++;
        }
    }
    for (uint32_t i = 0; i < n_movies; i++) {
        out->offset[i + 1] += out->offset[i];
        next[i] = out->offset[i];
    }
    for (uint32_t movie = 0; movie < n_movies; movie++) {
        uint32_t t = of->place[movie];
        if (t == NO_INDEX) continue;
        for (uint32_t k = 0; k < s->count[t]; k++) {
            size_t at = (size_t)t * s->keep + k;
            uint64_t place = next[of->movie[s->from[at]]]++;
            out->column[place] = movie;
            out->value[place] = s->weight[at];
        }
    }
    return STATUS_OK;
}
