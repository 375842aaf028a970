#include "common/models/popular_items.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/topk.h"
#include "common/models/partition.h"

void popular_items_release(struct popular_items *s) {
    mem_free(s->movie);
    mem_free(s->place);
    *s = (struct popular_items){0};
}

enum status popular_items_make(struct popular_items *out, const struct ratings *ratings,
                               size_t limit, size_t min_ratings, struct error *err) {
    *out = (struct popular_items){0};
    AUTO(popular_items) struct popular_items s = {0};
    AUTO(topk) struct topk top = {0};
    MEM_AUTO double *counts = NULL;
    TRY(partition_movie_counts(&counts, ratings, err));
    TRY(topk_alloc(&top, limit < ratings->n_movies ? limit : ratings->n_movies, err));
    for (uint32_t i = 0; i < ratings->n_movies; i++) {
        /* A float holds counts up to 2^24 exactly; larger ones that round to the same are ties, by
         * index. */
        if (counts[i] >= (double)min_ratings) topk_push(&top, (float)counts[i], i);
    }
    topk_sort(&top);
    s.n = (uint32_t)top.count;
    TRY(MEM_NEW(&s.movie, s.n, err));
    TRY(MEM_NEW(&s.place, ratings->n_movies, err));
    for (uint32_t i = 0; i < ratings->n_movies; i++) {
        s.place[i] = NO_INDEX;
    }
    for (uint32_t k = 0; k < s.n; k++) {
        s.movie[k] = top.heap[k].id;
        s.place[s.movie[k]] = k;
    }
    *out = s;
    s = (struct popular_items){0}; /* moved; NOLINT(clang-analyzer-deadcode.DeadStores) */
    return STATUS_OK;
}

static uint64_t rating_at(const struct ratings *r, const float *value, uint64_t at, float *out) {
    *out = value != NULL ? value[r->by_movie_rating[at]] : 1.0F;
    return *out != 0.0F ? 1 : 0;
}

enum status popular_items_by_movie(struct csr *out, const struct popular_items *s,
                                   const struct ratings *ratings, const float *value,
                                   struct error *err) {
    uint64_t count = 0;
    float v;
    for (uint32_t k = 0; k < s->n; k++) {
        uint32_t movie = s->movie[k];
        for (uint64_t at = ratings->by_movie_offset[movie];
             at < ratings->by_movie_offset[movie + 1]; at++) {
            count += rating_at(ratings, value, at, &v);
        }
    }
    TRY(csr_alloc(out, s->n, ratings->n_users, count, err));
    uint64_t next = 0;
    for (uint32_t k = 0; k < s->n; k++) {
        uint32_t movie = s->movie[k];
        for (uint64_t at = ratings->by_movie_offset[movie];
             at < ratings->by_movie_offset[movie + 1]; at++) {
            if (rating_at(ratings, value, at, &v) == 0) continue;
            out->column[next] = ratings->by_movie_user[at];
            out->value[next++] = v;
        }
        out->offset[k + 1] = next;
    }
    return STATUS_OK;
}
