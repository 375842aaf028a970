#include "common/data/topk.h"

#include "common/base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

/* Whether `a` comes after `b` in the result. */
static bool worse(struct scored a, struct scored b) {
    return a.score < b.score || (a.score == b.score && a.id > b.id);
}

enum status topk_alloc(struct topk *t, size_t k, struct error *err) {
    *t = (struct topk){0};
    TRY(MEM_NEW(&t->heap, k, err));
    t->k = k;
    return STATUS_OK;
}

void topk_release(struct topk *t) {
    mem_free(t->heap);
    *t = (struct topk){0};
}

void topk_clear(struct topk *t) {
    t->count = 0;
}

static void sift_up(struct scored *heap, size_t i) {
    struct scored moving = heap[i];
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (!worse(moving, heap[parent])) break;
        heap[i] = heap[parent];
        i = parent;
    }
    heap[i] = moving;
}

static void sift_down(struct scored *heap, size_t count, size_t i) {
    struct scored moving = heap[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= count) break;
        if (child + 1 < count && worse(heap[child + 1], heap[child])) child++;
        if (!worse(heap[child], moving)) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = moving;
}

void topk_push(struct topk *t, float score, uint32_t id) {
    if (score != score) return;
    struct scored entry = {score, id};
    if (t->count < t->k) {
        t->heap[t->count] = entry;
        sift_up(t->heap, t->count++);
    } else if (t->k > 0 && worse(t->heap[0], entry)) {
        t->heap[0] = entry;
        sift_down(t->heap, t->count, 0);
    }
}

/* Whether any score is at least `least`; written so that the compiler vectorises the loop. */
static bool any_above(const float *score, size_t n, float least) {
    unsigned found = 0;
#pragma omp simd reduction(| : found)
    for (size_t i = 0; i < n; i++)
        found |= score[i] >= least;
    return found != 0;
}

/* Once the heap is full, most stretches contain nothing that belongs in it. */
void topk_push_row(struct topk *t, uint32_t first, const float *score, size_t n) {
    enum { STRETCH = 64 };
    for (size_t begin = 0; begin < n; begin += STRETCH) {
        size_t end = n - begin < STRETCH ? n : begin + STRETCH;
        bool full = t->count == t->k && t->k > 0;
        if (full && !any_above(score + begin, end - begin, t->heap[0].score)) continue;
        for (size_t i = begin; i < end; i++)
            topk_push(t, score[i], first + (uint32_t)i);
    }
}

static int compare_best_first(const void *pa, const void *pb) {
    struct scored a = *(const struct scored *)pa, b = *(const struct scored *)pb;
    return worse(b, a) ? -1 : worse(a, b);
}

void topk_sort(struct topk *t) {
    if (t->count > 1) qsort(t->heap, t->count, sizeof(*t->heap), compare_best_first);
}
