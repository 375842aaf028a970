#include "stages/similarity/neighbours.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/parallel.h"
#include "common/data/topk.h"

#include <math.h>

enum { BLOCK_MOVIES = 64 };

/* The search, and where its findings go. */
struct cosine_search {
    const struct csr *rows, *postings;
    size_t k;
    uint32_t *movie; /* [n_movies, k] */
    float *cosine;
};

/* Scratch of one thread. */
struct work {
    double *sum;       /* [n_movies] all zero between movies */
    uint32_t *touched; /* [n_movies] where sum is not zero */
    struct topk best;
};

static enum status work_create(void *scratch, const void *context, struct error *err) {
    struct work *w = scratch;
    const struct cosine_search *s = context;
    TRY(MEM_NEW(&w->sum, s->rows->n_rows, err));
    TRY(MEM_NEW(&w->touched, s->rows->n_rows, err));
    return topk_alloc(&w->best, s->k, err);
}

static void work_release(void *scratch) {
    struct work *w = scratch;
    mem_free(w->sum);
    mem_free(w->touched);
    topk_release(&w->best);
}

/* Products of floats are exact in double and terms are visited in ascending order, so the sums are
 * those of content_cosine, and the cosine of a to b is that of b to a. */
static void find_one(const struct csr *rows, const struct csr *postings, uint32_t movie,
                     struct work *w) {
    size_t n_touched = 0;
    for (uint64_t e = rows->offset[movie]; e < rows->offset[movie + 1]; e++) {
        uint32_t term = rows->column[e];
        double value = (double)rows->value[e];
        for (uint64_t p = postings->offset[term]; p < postings->offset[term + 1]; p++) {
            uint32_t other = postings->column[p];
            if (w->sum[other] == 0) w->touched[n_touched++] = other;
            w->sum[other] += value * (double)postings->value[p];
        }
    }
    topk_clear(&w->best);
    for (size_t i = 0; i < n_touched; i++) {
        uint32_t other = w->touched[i];
        float cosine = (float)fmin(w->sum[other], 1);
        w->sum[other] = 0;
        if (other != movie && cosine > 0) topk_push(&w->best, cosine, other);
    }
    topk_sort(&w->best);
}

static enum status find_row(const void *context, void *scratch, size_t row, struct error *err) {
    (void)err;
    const struct cosine_search *s = context;
    struct work *w = scratch;
    find_one(s->rows, s->postings, (uint32_t)row, w);
    for (size_t i = 0; i < s->k; i++) {
        bool found = i < w->best.count;
        s->movie[row * s->k + i] = found ? w->best.heap[i].id : NO_INDEX;
        s->cosine[row * s->k + i] = found ? w->best.heap[i].score : 0;
    }
    return STATUS_OK;
}

enum status neighbours_find(const struct csr *rows, size_t k, uint32_t *movie, float *cosine,
                            struct progress *progress, struct error *err) {
    AUTO(csr) struct csr postings = {0};
    TRY(csr_transpose(&postings, rows, err));
    const struct cosine_search search = {rows, &postings, k, movie, cosine};
    const struct parallel movies = {.n = rows->n_rows,
                                    .block = BLOCK_MOVIES,
                                    .context = &search,
                                    .each = find_row,
                                    .scratch = {sizeof(struct work), work_create, work_release},
                                    .progress = progress};
    return parallel_blocks(&movies, err);
}
