#include "stages/features/negatives.h"

#include "common/base/mem.h"
#include "common/data/roles.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { CANDIDATE_BLOCK = 512 };

/* Expected draws of a movie that cannot be drawn, relative to uniform. */
static const double LEAST_Q = 1e-3;

void pool_fill(struct pool *p, const struct ratings *ratings, const uint8_t *role, uint32_t user,
               uint32_t positive) {
    pool_clear(p);
    pool_mark(p, positive);
    for (uint64_t i = ratings->offset[user]; i < ratings->offset[user + 1]; i++) {
        if (role[i] == ROLE_TEST || role[i] == ROLE_LEFT_OUT) continue;
        pool_mark(p, ratings->movie[i]);
    }
    if (p->n_free > 0) return;
    pool_clear(p);
    pool_mark(p, positive);
}

void pool_restrict(struct pool *p, const uint8_t *kind, uint32_t positive) {
    uint32_t n_free = 0, n_kind = 0;
    for (uint32_t m = 0; m < p->n_movies; m++) {
        bool alike = kind[m] == kind[positive] && m != positive;
        n_kind += alike;
        n_free += alike && !p->marked[m];
    }
    if (n_kind == 0) return;
    for (uint32_t m = 0; m < p->n_movies; m++) {
        bool shown = kind[m] == kind[positive] && m != positive && (n_free == 0 || !p->marked[m]);
        p->marked[m] = !shown;
    }
    p->n_free = n_free > 0 ? n_free : n_kind;
}

enum status hard_list_alloc(struct hard_list *h, const struct feature_context *c,
                            const size_t *feature, size_t n_features, size_t top,
                            struct error *err) {
    h->n_movies = feature_catalogue(c)->n_movies;
    h->top = top < h->n_movies ? top : h->n_movies;
    TRY(MEM_NEW(&h->feature, n_features, err));
    TRY(MEM_NEW(&h->list, n_features, err));
    TRY(MEM_NEW(&h->weight, h->n_movies, err));
    TRY(MEM_NEW(&h->candidate, CANDIDATE_BLOCK, err));
    TRY(MEM_NEW(&h->x, CANDIDATE_BLOCK * feature_count(c), err));
    for (; h->n_features < n_features; h->n_features++) {
        h->feature[h->n_features] = feature[h->n_features];
        TRY(topk_alloc(&h->list[h->n_features], h->top, err));
    }
    return STATUS_OK;
}

void hard_list_release(struct hard_list *h) {
    for (size_t i = 0; i < h->n_features; i++) {
        topk_release(&h->list[i]);
    }
    mem_free(h->feature);
    mem_free(h->list);
    mem_free(h->weight);
    mem_free(h->candidate);
    mem_free(h->x);
    *h = (struct hard_list){0};
}

static void push_block(struct hard_list *h, const struct feature_work *work, size_t n) {
    size_t width = feature_count(feature_work_context(work));
    feature_rows(work, h->candidate, n, h->x);
    for (size_t f = 0; f < h->n_features; f++) {
        for (size_t i = 0; i < n; i++) {
            topk_push(&h->list[f], h->x[i * width + h->feature[f]], h->candidate[i]);
        }
    }
}

void hard_list_fill(struct hard_list *h, const struct feature_work *work, const struct pool *pool,
                    uint32_t positive) {
    size_t n = 0;
    for (size_t f = 0; f < h->n_features; f++) {
        topk_clear(&h->list[f]);
    }
    for (uint32_t m = 0; m < h->n_movies; m++) {
        if (!pool->marked[m] || m == positive) h->candidate[n++] = m;
        if (n < CANDIDATE_BLOCK && m + 1 < h->n_movies) continue;
        push_block(h, work, n);
        n = 0;
    }
    memset(h->weight, 0, h->n_movies * sizeof *h->weight);
    for (size_t f = 0; f < h->n_features; f++) {
        topk_sort(&h->list[f]);
        for (size_t i = 0; i < h->list[f].count; i++) {
            h->weight[h->list[f].heap[i].id] += 1.0F / (float)(h->n_features * h->list[f].count);
        }
    }
}

/* Every list holds a movie other than the positive if its top is two or more; after many draws of
 * nothing but the positive, the first other movie of the catalogue serves. */
void draw_hard(const struct hard_list *h, struct rng *rng, uint32_t positive, size_t n,
               uint32_t *movie) {
    for (size_t i = 0; i < n; i++) {
        movie[i] = positive;
        for (int attempt = 0; attempt < 100 && movie[i] == positive; attempt++) {
            const struct topk *list = &h->list[rng_below(rng, (uint32_t)h->n_features)];
            movie[i] = list->heap[rng_below(rng, (uint32_t)list->count)].id;
        }
        if (movie[i] == positive) movie[i] = positive == 0 ? 1 : 0;
    }
}

float draw_log_q(const struct hard_list *h, const struct pool *pool, size_t uniform, size_t hard,
                 uint32_t movie) {
    if (hard == 0) return 0;
    double share = (double)hard / (double)(uniform + hard);
    double q = 1.0 - share + share * (double)h->weight[movie] * pool->n_free;
    return (float)log(fmax(q, LEAST_Q));
}
