/* What depends on the history alone: weights, score vectors, folded-in users, figures of the user.
 */
#include "common/features/feature_internal.h"

#include "common/base/mem.h"

#include <math.h>
#include <string.h>

static const double SHRINK_MEAN = 5.0, SHRINK_DEVIATION = 5.0; /* ratings' worth */

static void swap(float **a, float **b) {
    float *kept = *a;
    *a = *b;
    *b = kept;
}

enum status feature_work_threads(struct feature_work *w, size_t threads, struct error *err) {
    size_t rows = threads * FEATURE_BLOCK;
    MEM_AUTO float *candidate = NULL, *product = NULL;
    TRY(MEM_NEW(&candidate, rows * w->context->space_dim, err));
    TRY(MEM_NEW(&product, rows * (FEATURE_HISTORY_CAP + 2), err));
    swap(&w->candidate, &candidate);
    swap(&w->product, &product);
    w->threads = threads;
    return STATUS_OK;
}

static enum status allocate(struct feature_work *w, const struct feature_context *c,
                            struct error *err) {
    size_t movies = c->catalogue.n_movies, genres = c->catalogue.n_genres;
    TRY(item_work_create(w, err));
    TRY(sequence_work_create(w, err));
    TRY(MEM_NEW(&w->mf_vector, c->factors.mf.dim, err));
    TRY(MEM_NEW(&w->ials_vector, 2 * (size_t)c->factors.ials.dim, err));
    TRY(MEM_NEW(&w->term, (size_t)c->content.n_terms * TERM_LANES, err));
    TRY(MEM_NEW(&w->profile, 2 * (size_t)c->content.dim, err));
    TRY(MEM_NEW(&w->genre_affinity, genres, err));
    TRY(MEM_NEW(&w->genre_share, 2 * genres, err));
    TRY(MEM_NEW(&w->overlap, c->catalogue.n_users, err));
    TRY(topk_alloc(&w->similar, FEATURE_NEIGHBOURS, err));
    TRY(MEM_NEW(&w->cell, movies, err));
    TRY(MEM_NEW(&w->begun, movies, err));
    TRY(MEM_NEW(&w->seek, (FEATURE_HISTORY_CAP + 2) * c->space_dim, err));
    return feature_work_threads(w, 1, err);
}

enum status feature_work_create(struct feature_work **out, const struct feature_context *c,
                                struct error *err) {
    *out = NULL;
    struct feature_work *w = NULL;
    TRY(MEM_NEW(&w, 1, err));
    w->context = c;
    enum status status = allocate(w, c, err);
    if (status != STATUS_OK) {
        feature_work_release(w);
        return status;
    }
    *out = w;
    return STATUS_OK;
}

void feature_work_release(struct feature_work *w) {
    if (w == NULL) return;
    mem_free(w->recent);
    mem_free(w->residual);
    mem_free(w->weight);
    mem_free(w->lane_start);
    mem_free(w->lane);
    mem_free(w->item_source);
    mem_free(w->sequence_scratch);
    mem_free(w->sequence_query);
    mem_free(w->sequence_score);
    mem_free(w->mf_vector);
    mem_free(w->ials_vector);
    mem_free(w->term);
    mem_free(w->profile);
    mem_free(w->genre_affinity);
    mem_free(w->genre_share);
    mem_free(w->overlap);
    topk_release(&w->similar);
    mem_free(w->cell);
    mem_free(w->begun);
    mem_free(w->seek);
    mem_free(w->candidate);
    mem_free(w->product);
    mem_free(w);
}

const struct feature_context *feature_work_context(const struct feature_work *w) {
    return w->context;
}

static enum status grow(struct feature_work *w, size_t count, struct error *err) {
    if (count <= w->capacity) return STATUS_OK;
    float **arrays[] = {&w->recent, &w->residual, &w->weight};
    size_t grown = w->capacity;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        grown = w->capacity;
        TRY(mem_grow(arrays[i], &grown, count, sizeof(float), err));
    }
    w->capacity = grown;
    return STATUS_OK;
}

/* Mean, bias and deviation of the user's ratings, shrunken towards those of everybody. */
static void rate_user(struct feature_work *w) {
    const struct factors *f = &w->context->factors;
    const struct history *h = w->history;
    double sum = 0, bias = 0, squares = 0, n = (double)h->count;
    for (size_t i = 0; i < h->count; i++) {
        double value = 0.5 * h->value[i] - f->mean;
        sum += value;
        squares += value * value;
        bias += value - (double)f->movie_bias[h->movie[i]];
    }
    double spread = n > 0 ? fmax(squares - sum * sum / n, 0.0) : 0.0;
    w->user_mean = (float)(f->mean + sum / (n + SHRINK_MEAN));
    w->user_bias = n > 0 ? (float)(bias / (n + f->user_shrinkage)) : 0.0F;
    w->user_deviation = (float)sqrt((spread + SHRINK_DEVIATION * w->context->statistics.variance) /
                                    (n + SHRINK_DEVIATION));
}

/* Newest movies as rows to be multiplied with candidates; behind them the folded-in iALS users. */
static void fill_seek(struct feature_work *w) {
    const struct feature_context *c = w->context;
    const struct history *h = w->history;
    size_t dim = c->space_dim;
    w->n_seek = h->count < FEATURE_HISTORY_CAP ? h->count : FEATURE_HISTORY_CAP;
    for (size_t i = 0; i < w->n_seek; i++) {
        uint32_t movie = h->movie[h->count - 1 - i];
        memcpy(w->seek + i * dim, c->space + movie * dim, dim * sizeof *w->seek);
    }
    if (c->factors.ials.present) {
        memcpy(w->seek + w->n_seek * dim, w->ials_vector, 2 * dim * sizeof *w->seek);
    }
}

/* The longest steps; none reads what another writes. */
static void score_catalogue(struct feature_work *w) {
#pragma omp parallel sections num_threads(2) if (w->threads > 1)
    {
#pragma omp section
        {
            item_prepare(w);
            content_prepare(w);
        }
#pragma omp section
        {
            sequence_prepare(w);
            neighbour_prepare(w, w->self);
        }
    }
}

enum status feature_prepare(struct feature_work *w, const struct history *history, uint32_t self,
                            int64_t now, struct error *err) {
    const struct factors *f = &w->context->factors;
    w->history = history;
    w->now = now;
    w->self = self;
    TRY(grow(w, history->count, err));
    rate_user(w);
    if (f->mf.present) TRY(mf_fold_in(&f->mf, history, &w->mf_bias, w->mf_vector, err));
    factors_residuals(f, history, w->residual);
    for (size_t i = 0; i < history->count; i++) {
        w->recent[i] = expf(-(float)(history->count - 1 - i) / FEATURE_RECENT);
    }
    if (f->ials.present) {
        TRY(ials_fold_in(&f->ials, history, NULL, w->ials_vector, err));
        TRY(ials_fold_in(&f->ials, history, w->recent, w->ials_vector + f->ials.dim, err));
    }
    score_catalogue(w);
    fill_seek(w);
    user_prepare(w);
    beginning_prepare(w);
    return STATUS_OK;
}
