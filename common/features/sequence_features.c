/* Features of the sequence encoder. */
#include "common/features/feature_internal.h"

#include "common/base/mem.h"
#include "common/data/dense.h"

#include <math.h>

enum status sequence_work_create(struct feature_work *w, struct error *err) {
    const struct sequence_model *m = &w->context->sequence;
    if (m->n_movies == 0) return STATUS_OK;
    TRY(MEM_NEW(&w->sequence_scratch, sequence_scratch(m), err));
    TRY(MEM_NEW(&w->sequence_query, m->dim, err));
    return MEM_NEW(&w->sequence_score, m->n_movies, err);
}

/* log of the sum of exp over the movies that are not in the history. */
static double log_sum(const struct feature_work *w) {
    const struct history *h = w->history;
    const float *score = w->sequence_score;
    uint32_t n = w->context->sequence.n_movies;
    double most = (double)score[0], sum = 0, seen = 0;
    for (uint32_t m = 1; m < n; m++) {
        most = fmax(most, (double)score[m]);
    }
    for (uint32_t m = 0; m < n; m++) {
        sum += (double)expf(score[m] - (float)most);
    }
    for (size_t i = 0; i < h->count; i++) {
        seen += (double)expf(score[h->movie[i]] - (float)most);
    }
    return most + log(fmax(sum - seen, 1e-9 * sum));
}

void sequence_prepare(struct feature_work *w) {
    const struct sequence_model *m = &w->context->sequence;
    const struct history *h = w->history;
    if (m->n_movies == 0) return;
    sequence_encode(m, h, w->now, w->sequence_scratch, w->sequence_query);
    sequence_scores(m, w->sequence_query, w->sequence_score);
    float total = (float)log_sum(w);
    for (uint32_t i = 0; i < m->n_movies; i++) {
        w->sequence_score[i] -= total;
    }
    w->sequence_last = NULL;
    if (h->count > 0) {
        w->sequence_last = m->embedding + (size_t)h->movie[h->count - 1] * m->dim;
    }
}

void sequence_fill(const struct feature_work *w, uint32_t movie, float *x) {
    const struct sequence_model *m = &w->context->sequence;
    const struct statistics *s = &w->context->statistics;
    const float *own = m->embedding + (size_t)movie * m->dim, *last = w->sequence_last;
    double share = log1p((double)w->context->ratings.count) - (double)s->log_popularity[movie];
    double cosine = 0;
    if (last != NULL) {
        double lengths =
            (double)dense_dot(m->dim, own, own) * (double)dense_dot(m->dim, last, last);
        if (lengths > 0) cosine = (double)dense_dot(m->dim, own, last) / sqrt(lengths);
    }
    x[SEQUENCE_SCORE] = w->sequence_score[movie];
    x[SEQUENCE_LIFT] = w->sequence_score[movie] + (float)share;
    x[SEQUENCE_LAST] = (float)cosine;
}
