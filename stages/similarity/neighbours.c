#include "stages/similarity/neighbours.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/topk.h"

#include <math.h>

#include <omp.h>

enum { BLOCK_MOVIES = 64 };

/* Scratch of one thread. */
struct work {
    double *sum;       /* [n_movies] all zero between movies */
    uint32_t *touched; /* [n_movies] where sum is not zero */
    struct topk best;
};

static void work_release_all(struct work *work, size_t count) {
    for (size_t i = 0; i < count && work != NULL; i++) {
        mem_free(work[i].sum);
        mem_free(work[i].touched);
        topk_release(&work[i].best);
    }
    mem_free(work);
}

static enum status work_create_all(struct work **out, size_t count, uint32_t n_movies, size_t k,
                                   struct error *err) {
    TRY(MEM_NEW(out, count, err));
    for (size_t i = 0; i < count; i++) {
        TRY(MEM_NEW(&(*out)[i].sum, n_movies, err));
        TRY(MEM_NEW(&(*out)[i].touched, n_movies, err));
        TRY(topk_alloc(&(*out)[i].best, k, err));
    }
    return STATUS_OK;
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

static void find_all(const struct csr *rows, const struct csr *postings, size_t k, uint32_t *movie,
                     float *cosine, struct work *work, struct progress *progress) {
    uint32_t n_blocks = (rows->n_rows + BLOCK_MOVIES - 1) / BLOCK_MOVIES;
#pragma omp parallel for schedule(dynamic)
    for (uint32_t block = 0; block < n_blocks; block++) {
        if (interrupt_requested()) continue;
        struct work *w = &work[omp_get_thread_num()];
        uint32_t first = block * BLOCK_MOVIES;
        uint32_t end = rows->n_rows - first < BLOCK_MOVIES ? rows->n_rows : first + BLOCK_MOVIES;
        for (uint32_t m = first; m < end; m++) {
            find_one(rows, postings, m, w);
            for (size_t i = 0; i < k; i++) {
                bool found = i < w->best.count;
                movie[m * k + i] = found ? w->best.heap[i].id : NO_INDEX;
                cosine[m * k + i] = found ? w->best.heap[i].score : 0;
            }
        }
        if (progress != NULL) progress_add(progress, end - first);
    }
}

enum status neighbours_find(const struct csr *rows, size_t k, uint32_t *movie, float *cosine,
                            struct progress *progress, struct error *err) {
    AUTO(csr) struct csr postings = {0};
    struct work *work = NULL;
    size_t n_threads = (size_t)omp_get_max_threads();
    TRY(csr_transpose(&postings, rows, err));
    enum status status = work_create_all(&work, n_threads, rows->n_rows, k, err);
    if (status == STATUS_OK) find_all(rows, &postings, k, movie, cosine, work, progress);
    work_release_all(work, n_threads);
    TRY(status);
    return interrupt_check(err);
}
