#include "stages/factorize/strongest.h"

#include "common/base/mem.h"

#include <math.h>

enum status strongest_alloc(struct strongest *s, uint32_t n, size_t keep, struct error *err) {
    *s = (struct strongest){.n = n, .keep = (uint32_t)(keep < n ? keep : n)};
    enum status status = MEM_NEW(&s->count, n, err);
    if (status == STATUS_OK) status = MEM_NEW(&s->from, (size_t)n * s->keep, err);
    if (status == STATUS_OK) status = MEM_NEW(&s->weight, (size_t)n * s->keep, err);
    if (status != STATUS_OK) strongest_release(s);
    return status;
}

void strongest_release(struct strongest *s) {
    mem_free(s->count);
    mem_free(s->from);
    mem_free(s->weight);
    *s = (struct strongest){0};
}

void strongest_take(struct strongest *s, uint32_t target, const float *weights,
                    struct topk *scratch) {
    topk_clear(scratch);
    for (uint32_t i = 0; i < s->n; i++) {
        if (i != target && weights[i] != 0.0F) topk_push(scratch, fabsf(weights[i]), i);
    }
    uint32_t kept = (uint32_t)(scratch->count < s->keep ? scratch->count : s->keep);
    size_t first = (size_t)target * s->keep;
    for (uint32_t k = 0; k < kept; k++) {
        s->from[first + k] = scratch->heap[k].id;
        s->weight[first + k] = weights[scratch->heap[k].id];
    }
    s->count[target] = kept;
}

enum status strongest_take_rows(struct strongest *s, uint32_t first, uint32_t count,
                                const float *rows, struct error *err) {
    enum status status = STATUS_OK;
#pragma omp parallel
    {
        struct error mine = {0};
        AUTO(topk) struct topk scratch = {0};
        enum status own = topk_alloc(&scratch, s->keep, &mine);
#pragma omp for schedule(dynamic, 8)
        for (uint32_t row = 0; row < count; row++) {
            if (own != STATUS_OK) continue;
            strongest_take(s, first + row, rows + (size_t)row * s->n, &scratch);
        }
        if (own != STATUS_OK) {
#pragma omp critical(strongest_error)
            {
                status = own;
                if (err != NULL) *err = mine;
            }
        }
    }
    return status;
}

/* Walking the targets in the order of their movie index makes the columns of every row ascend. */
enum status strongest_to_csr(struct csr *out, const struct strongest *s, const struct selection *of,
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
