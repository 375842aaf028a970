/* Which movies of a large catalogue are worth the full set of features. */
#include "common/model/feature_internal.h"

#include "common/base/mem.h"
#include "common/data/dense.h"

#include <string.h>

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

/* Floats by their first bits, in order: sign, exponent, and some of the fraction. */
enum { CLASSES = 1 << 13 };

static uint32_t class_of(float score) {
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    return (bits >> 31 ? ~bits : bits | 0x80000000U) >> 19;
}

/* Scores of the candidates; count[CLASSES] of them by class. A score of 0 is nothing. */
static void gather(const struct item_scores *s, const uint32_t *movie, size_t n, float *score,
                   uint32_t *count) {
    memset(count, 0, CLASSES * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        score[i] = s->first[movie[i] * s->stride];
        count[class_of(score[i])]++;
    }
    count[class_of(0.0F)] = 0;
}

/* The best->k best; only what is in the classes that hold them is compared one by one. */
static void take_best(const float *score, const uint32_t *count, const uint32_t *movie, size_t n,
                      struct topk *best) {
    uint32_t lowest = CLASSES;
    size_t above = 0;
    while (lowest > 0 && above < best->k) {
        above += count[--lowest];
    }
    topk_clear(best);
    for (size_t i = 0; i < n; i++) {
        if (score[i] != 0 && class_of(score[i]) >= lowest) topk_push(best, score[i], movie[i]);
    }
}

enum status feature_shortlist(const struct feature_work *w, uint32_t *movie, size_t *n,
                              size_t least, size_t most, struct error *err) {
    const struct content *c = &w->context->content;
    uint32_t n_movies = w->context->catalogue.n_movies;
    struct item_scores sources[MAX_SOURCES];
    AUTO(topk) struct topk best = {0};
    MEM_AUTO bool *wanted = NULL;
    MEM_AUTO float *content = NULL, *score = NULL;
    MEM_AUTO uint32_t *count = NULL;
    if (*n <= most) return STATUS_OK;
    TRY(MEM_NEW(&wanted, n_movies, err));
    TRY(MEM_NEW(&content, n_movies, err));
    TRY(MEM_NEW(&score, n_movies, err));
    TRY(MEM_NEW(&count, CLASSES, err));
    dense_gemv(n_movies, c->dim, c->vector, c->dim, w->profile, 0, content);
    size_t n_sources = list_sources(w, content, sources), kept = 0, total = 0;
    TRY(topk_alloc(&best, most / n_sources, err));
    for (size_t s = 0; s < n_sources && best.k > 0; s++) {
        gather(&sources[s], movie, *n, score, count);
        take_best(score, count, movie, *n, &best);
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
