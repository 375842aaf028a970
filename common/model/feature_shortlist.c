/* Which movies of a large catalogue are worth the full set of features. */
#include "common/model/feature_internal.h"

#include "common/base/mem.h"
#include "common/data/dense.h"

#include <string.h>

/* What one source says of a movie; 0 is nothing. */
typedef float (*source_score)(const struct feature_work *w, size_t index, uint32_t movie);

static float by_item_model(const struct feature_work *w, size_t index, uint32_t movie) {
    return w->plane[index * w->context->catalogue.n_movies + movie][0];
}

static float by_recent_item_model(const struct feature_work *w, size_t index, uint32_t movie) {
    return w->plane[index * w->context->catalogue.n_movies + movie][1];
}

static float by_similar_users(const struct feature_work *w, size_t index, uint32_t movie) {
    (void)index;
    return w->cell[movie].sum;
}

static float by_content(const struct feature_work *w, size_t index, uint32_t movie) {
    (void)index;
    const struct content *c = &w->context->content;
    return dense_dot(c->dim, w->profile, c->vector + (size_t)movie * c->dim);
}

static float by_popularity(const struct feature_work *w, size_t index, uint32_t movie) {
    (void)index;
    return (float)w->context->factors.popularity[movie];
}

static float by_sequence(const struct feature_work *w, size_t index, uint32_t movie) {
    (void)index;
    return w->sequence_score[movie];
}

struct source {
    source_score score;
    size_t index;
};

enum { MAX_SOURCES = 64 };

static size_t list_sources(const struct feature_work *w, struct source out[MAX_SOURCES]) {
    const struct factors *f = &w->context->factors;
    size_t n = 0;
    for (size_t i = 0; i < f->n_item_models && n + 6 < MAX_SOURCES; i++) {
        out[n++] = (struct source){by_item_model, i};
        if (f->item_models[i].type == ITEM_EASE)
            out[n++] = (struct source){by_recent_item_model, i};
    }
    out[n++] = (struct source){by_similar_users, 0};
    out[n++] = (struct source){by_content, 0};
    out[n++] = (struct source){by_popularity, 0};
    if (w->context->sequence.n_movies > 0) out[n++] = (struct source){by_sequence, 0};
    return n;
}

enum status feature_shortlist(const struct feature_work *w, uint32_t *movie, size_t *n,
                              size_t least, size_t most, struct error *err) {
    struct source sources[MAX_SOURCES];
    AUTO(topk) struct topk best = {0};
    MEM_AUTO bool *wanted = NULL;
    size_t n_sources = list_sources(w, sources), kept = 0, total = 0;
    if (*n <= most) return STATUS_OK;
    TRY(MEM_NEW(&wanted, w->context->catalogue.n_movies, err));
    TRY(topk_alloc(&best, most / n_sources, err));
    for (size_t s = 0; s < n_sources; s++) {
        topk_clear(&best);
        for (size_t i = 0; i < *n; i++) {
            float score = sources[s].score(w, sources[s].index, movie[i]);
            if (score != 0) topk_push(&best, score, movie[i]);
        }
        for (size_t i = 0; i < best.count; i++) {
            total += !wanted[best.heap[i].id];
            wanted[best.heap[i].id] = true;
        }
    }
    if (total < least) return STATUS_OK;
    for (size_t i = 0; i < *n; i++) {
        if (wanted[movie[i]]) movie[kept++] = movie[i];
    }
    *n = kept;
    return STATUS_OK;
}
