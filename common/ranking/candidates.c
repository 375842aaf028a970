#include "common/ranking/candidates.h"

#include "common/base/mem.h"
#include "common/data/topk.h"

#include <string.h>

enum { MAX_SOURCES = 64 };

/* Classes of floats by their first bits, in ascending order: sign, exponent, part of the
 * fraction. */
enum { CLASSES = 1 << 13 };

static uint32_t class_of(float score) {
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    return (bits >> 31 ? ~bits : bits | 0x80000000U) >> 19;
}

/* The opinions of one source on the candidates. */
struct said {
    size_t n;        /* candidates that it has an opinion on */
    uint32_t *movie; /* [n] */
    float *score;    /* [n] never 0 */
    uint32_t *count; /* [CLASSES] number of scores in each class */
};

static enum status said_alloc(struct said *s, size_t n, struct error *err) {
    TRY(MEM_NEW(&s->movie, n, err));
    TRY(MEM_NEW(&s->score, n, err));
    return MEM_NEW(&s->count, CLASSES, err);
}

static void said_release(struct said *s) {
    mem_free(s->movie);
    mem_free(s->score);
    mem_free(s->count);
}

static void ask(const struct catalogue_scores *source, const uint32_t *movie, size_t n,
                struct said *out) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        float score = source->first[movie[i] * source->stride];
        out->movie[kept] = movie[i];
        out->score[kept] = score;
        kept += score != 0;
    }
    memset(out->count, 0, CLASSES * sizeof *out->count);
    for (size_t i = 0; i < kept; i++) {
        out->count[class_of(out->score[i])]++;
    }
    out->n = kept;
}

/* The best->k best; only scores of the classes that may hold them are compared one by one. */
static void take_best(const struct said *said, struct topk *best) {
    uint32_t lowest = CLASSES;
    size_t above = 0;
    while (lowest > 0 && above < best->k) {
        above += said->count[--lowest];
    }
    topk_clear(best);
    for (size_t i = 0; i < said->n; i++) {
        if (class_of(said->score[i]) >= lowest) topk_push(best, said->score[i], said->movie[i]);
    }
}

enum status candidates_choose(struct feature_work *w, uint32_t *movie, size_t *n, size_t least,
                              size_t most, struct error *err) {
    uint32_t n_movies = feature_catalogue(feature_work_context(w))->n_movies;
    struct catalogue_scores sources[MAX_SOURCES];
    AUTO(topk) struct topk best = {0};
    MEM_AUTO bool *wanted = NULL;
    AUTO(said) struct said said = {0};
    if (*n <= most) return STATUS_OK;
    TRY(MEM_NEW(&wanted, n_movies, err));
    TRY(said_alloc(&said, *n, err));
    size_t n_sources = feature_sources(w, sources, MAX_SOURCES), kept = 0, total = 0;
    TRY(topk_alloc(&best, n_sources > 0 ? most / n_sources : 0, err));
    for (size_t s = 0; s < n_sources && best.k > 0; s++) {
        ask(&sources[s], movie, *n, &said);
        take_best(&said, &best);
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
