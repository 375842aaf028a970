/* Which movies of a large catalogue are worth the full set of features. */
#include "common/model/feature_internal.h"

#include "common/base/mem.h"
#include "common/data/dense.h"

enum { MAX_SOURCES = 64 };

/* `content` [movies]: the likeness of every movie to the profile of the history. */
static size_t list_sources(const struct feature_work *w, const float *content,
                           struct item_scores out[MAX_SOURCES]) {
    const struct feature_context *c = w->context;
    const struct factors *f = &c->factors;
    size_t n = 0;
    for (size_t i = 0; i < f->n_item_models && n + 6 < MAX_SOURCES; i++) {
        out[n++] = item_scores(w, i, 0);
        if (f->item_models[i].type == ITEM_EASE) out[n++] = item_scores(w, i, 1);
    }
    out[n++] = (struct item_scores){&w->cell->sum, sizeof *w->cell / sizeof(float)};
    out[n++] = (struct item_scores){content, 1};
    out[n++] = (struct item_scores){c->statistics.log_popularity, 1};
    if (c->sequence.n_movies > 0) out[n++] = (struct item_scores){w->sequence_score, 1};
    return n;
}

/* A score of 0 is nothing. */
static void take_best(const struct item_scores *s, const uint32_t *movie, size_t n,
                      struct topk *best) {
    topk_clear(best);
    for (size_t i = 0; i < n; i++) {
        float score = s->first[movie[i] * s->stride];
        if (score == 0 || (best->count == best->k && score < best->heap[0].score)) continue;
        topk_push(best, score, movie[i]);
    }
}

enum status feature_shortlist(const struct feature_work *w, uint32_t *movie, size_t *n,
                              size_t least, size_t most, struct error *err) {
    const struct content *c = &w->context->content;
    uint32_t n_movies = w->context->catalogue.n_movies;
    struct item_scores sources[MAX_SOURCES];
    AUTO(topk) struct topk best = {0};
    MEM_AUTO bool *wanted = NULL;
    MEM_AUTO float *content = NULL;
    if (*n <= most) return STATUS_OK;
    TRY(MEM_NEW(&wanted, n_movies, err));
    TRY(MEM_NEW(&content, n_movies, err));
    dense_gemv(n_movies, c->dim, c->vector, c->dim, w->profile, 0, content);
    size_t n_sources = list_sources(w, content, sources), kept = 0, total = 0;
    TRY(topk_alloc(&best, most / n_sources, err));
    for (size_t s = 0; s < n_sources && best.k > 0; s++) {
        take_best(&sources[s], movie, *n, &best);
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
