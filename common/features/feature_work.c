/* The engine: prepares all sources of features for a history, then fills rows block by block. */
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/data/rating_scale.h"
#include "common/features/feature_internal.h"
#include "common/models/ials.h"

#include <math.h>
#include <string.h>

/* Pseudo-ratings that shrink a user's mean and deviation towards those of all users. */
static const double SHRINK_MEAN = 5.0, SHRINK_DEVIATION = 5.0;

struct feature_work {
    const struct feature_context *context;
    struct feature_query query;
    void **work; /* [n_sources] scratch of each source */

    /* one entry per position of the history */
    size_t capacity;
    float *recent, *residual; /* as in struct query */

    struct space_query space;
    size_t threads;  /* that may compute rows at once */
    float *gathered; /* [threads, FEATURE_BLOCK, space dim] */
    float *product;  /* [threads, FEATURE_BLOCK, SPACE_ROWS] */
};

/* ---- scratch ---- */

static void swap(float **a, float **b) {
    float *kept = *a;
    *a = *b;
    *b = kept;
}

enum status feature_work_threads(struct feature_work *w, size_t threads, struct error *err) {
    size_t rows = threads * FEATURE_BLOCK;
    MEM_AUTO float *gathered = NULL, *product = NULL;
    TRY(MEM_NEW(&gathered, rows * w->context->view.space.dim, err));
    TRY(MEM_NEW(&product, rows * SPACE_ROWS, err));
    swap(&w->gathered, &gathered);
    swap(&w->product, &product);
    w->threads = threads;
    return STATUS_OK;
}

static enum status create_source(struct feature_work *w, size_t i, struct error *err) {
    const struct feature_source *source = &w->context->source[i];
    const struct feature_view *view = &w->context->view;
    if (source->family != NULL) {
        if (source->family->work_create == NULL) return STATUS_OK;
        return source->family->work_create(&w->work[i], view, err);
    }
    const struct fitted *fitted = source->fitted;
    TRY(fitted->model->work_create(&w->work[i], &view->models, fitted->state, err));
    if (fitted->model == &ials_model) w->query.ials = ials_query_vectors(w->work[i]);
    return STATUS_OK;
}

static enum status allocate(struct feature_work *w, struct error *err) {
    TRY(MEM_NEW(&w->work, w->context->n_sources, err));
    for (size_t i = 0; i < w->context->n_sources; i++) {
        TRY(create_source(w, i, err));
    }
    TRY(space_query_alloc(&w->space, &w->context->view.space, err));
    return feature_work_threads(w, 1, err);
}

enum status feature_work_create(struct feature_work **out, const struct feature_context *c,
                                struct error *err) {
    *out = NULL;
    struct feature_work *w = NULL;
    TRY(MEM_NEW(&w, 1, err));
    w->context = c;
    enum status status = allocate(w, err);
    if (status != STATUS_OK) {
        feature_work_release(w);
        return status;
    }
    *out = w;
    return STATUS_OK;
}

static void release_source(const struct feature_work *w, size_t i) {
    const struct feature_source *source = &w->context->source[i];
    void (*release)(void *) =
        source->family != NULL ? source->family->work_release : source->fitted->model->work_release;
    if (release != NULL) release(w->work[i]);
}

void feature_work_release(struct feature_work *w) {
    if (w == NULL) return;
    for (size_t i = 0; w->work != NULL && i < w->context->n_sources; i++) {
        release_source(w, i);
    }
    mem_free(w->work);
    mem_free(w->recent);
    mem_free(w->residual);
    space_query_release(&w->space);
    mem_free(w->gathered);
    mem_free(w->product);
    mem_free(w);
}

const struct feature_context *feature_work_context(const struct feature_work *w) {
    return w->context;
}

/* ---- preparing ---- */

static enum status grow(struct feature_work *w, size_t count, struct error *err) {
    size_t recent = w->capacity, residual = w->capacity;
    TRY(mem_grow(&w->recent, &recent, count, sizeof *w->recent, err));
    TRY(mem_grow(&w->residual, &residual, count, sizeof *w->residual, err));
    w->capacity = recent;
    return STATUS_OK;
}

static void weigh_history(struct feature_work *w, const struct history *h) {
    baseline_residuals(&w->context->view.models.baseline, h, w->residual);
    for (size_t i = 0; i < h->count; i++) {
        w->recent[i] = expf(-(float)(h->count - 1 - i) / FEATURE_RECENT);
    }
}

/* Mean, bias and deviation of the user's ratings, shrunken towards those of all users. */
static void rate_user(struct feature_query *q, const struct feature_view *v) {
    const struct baseline *b = &v->models.baseline;
    const struct history *h = q->base.history;
    double sum = 0, bias = 0, squares = 0, n = (double)h->count;
    for (size_t i = 0; i < h->count; i++) {
        double value = stars_of(h->value[i]) - b->mean;
        sum += value;
        squares += value * value;
        bias += value - (double)b->movie_bias[h->movie[i]];
    }
    double spread = n > 0 ? fmax(squares - sum * sum / n, 0.0) : 0.0;
    q->user_mean = (float)(b->mean + sum / (n + SHRINK_MEAN));
    q->user_bias = n > 0 ? (float)(bias / (n + b->user_shrinkage)) : 0.0F;
    q->user_deviation =
        (float)sqrt((spread + SHRINK_DEVIATION * v->stats.variance) / (n + SHRINK_DEVIATION));
}

/* Means over the newest movies, and the spread of their years. */
static void describe_newest(struct feature_query *q, const struct rating_stats *s) {
    const struct history *h = q->base.history;
    size_t n = h->count < FEATURE_LAST ? h->count : FEATURE_LAST;
    double year = 0, squares = 0, popularity = 0;
    for (size_t d = 0; d < n; d++) {
        uint32_t movie = h->movie[h->count - 1 - d];
        double value = (double)s->year[movie] - (double)s->mean_year;
        year += value;
        squares += value * value;
        popularity += (double)s->log_popularity[movie];
    }
    double count = n > 0 ? (double)n : 1.0;
    q->mean_year = (float)((double)s->mean_year + year / count);
    q->last_year = n > 0 ? s->year[h->movie[h->count - 1]] : s->mean_year;
    q->mean_log_popularity = (float)(popularity / count);
    q->year_spread = (float)sqrt(fmax(squares / count - year / count * (year / count), 0.0));
}

static struct feature_scope scope_of(const struct feature_work *w, size_t i) {
    return (struct feature_scope){&w->context->view, &w->query, w->context->source[i].own};
}

static enum status prepare_source(const void *context, void *scratch, size_t i, struct error *err) {
    (void)scratch;
    const struct feature_work *w = context;
    const struct feature_source *source = &w->context->source[i];
    if (source->family == NULL) {
        return source->fitted->model->prepare(w->work[i], &w->query.base, err);
    }
    const struct feature_scope scope = scope_of(w, i);
    if (source->family->prepare != NULL) source->family->prepare(w->work[i], &scope);
    return STATUS_OK;
}

/* In parallel: no source reads what another one writes. */
static enum status prepare_sources(const struct feature_work *w, struct error *err) {
    const struct parallel sources = {.n = w->context->n_sources,
                                     .context = w,
                                     .each = prepare_source,
                                     .threads = w->threads > 1 ? 2 : 1};
    return parallel_blocks(&sources, err);
}

enum status feature_prepare(struct feature_work *w, const struct history *history, uint32_t self,
                            int64_t now, struct error *err) {
    TRY(grow(w, history->count, err));
    weigh_history(w, history);
    w->query.base = (struct query){
        .history = history, .now = now, .self = self, .recent = w->recent, .residual = w->residual};
    rate_user(&w->query, &w->context->view);
    const int64_t end = w->context->view.stats.end + 3600;
    w->query.known = now < end ? now : end;
    describe_newest(&w->query, &w->context->view.stats);
    TRY(prepare_sources(w, err));
    space_query_set(&w->space, &w->context->view.space, history, w->query.ials);
    return STATUS_OK;
}

/* ---- rows ---- */

/* Infinities and NaN become 0; without branches, for vector code. */
static void make_finite(float *x, size_t n) {
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        bits &= 0U - ((bits & 0x7f800000U) != 0x7f800000U);
        memcpy(&x[i], &bits, sizeof bits);
    }
}

static void fill_block(const struct feature_work *w, const struct score_block *block, float *x) {
    const struct feature_context *c = w->context;
    for (size_t i = 0; i < c->n_sources; i++) {
        const struct feature_source *source = &c->source[i];
        float *first = x + source->first;
        if (source->family == NULL) {
            source->fitted->model->score(w->work[i], block, first, c->n_specs);
        } else {
            const struct feature_scope scope = scope_of(w, i);
            source->family->fill(w->work[i], &scope, block, first, c->n_specs);
        }
    }
    make_finite(x, block->n * c->n_specs);
}

void feature_rows_of(const struct feature_work *w, size_t thread, const uint32_t *movie, size_t n,
                     float *x) {
    const struct feature_context *c = w->context;
    const struct item_space *space = &c->view.space;
    float *gathered = w->gathered + thread * FEATURE_BLOCK * space->dim;
    float *product = w->product + thread * FEATURE_BLOCK * SPACE_ROWS;
    for (size_t from = 0; from < n; from += FEATURE_BLOCK) {
        const struct score_block block = {.movie = movie + from,
                                          .n = n - from < FEATURE_BLOCK ? n - from : FEATURE_BLOCK,
                                          .product = product,
                                          .length = space->length,
                                          .stride = w->space.n_rows,
                                          .first_query = w->space.n_history};
        item_space_multiply(space, &w->space, block.movie, block.n, gathered, product);
        fill_block(w, &block, x + from * c->n_specs);
    }
}

void feature_rows(const struct feature_work *w, const uint32_t *movie, size_t n, float *x) {
    feature_rows_of(w, 0, movie, n, x);
}

size_t feature_sources(struct feature_work *w, struct catalogue_scores *out, size_t max) {
    const struct feature_context *c = w->context;
    size_t n = 0;
    for (size_t i = 0; i < c->n_sources; i++) {
        const struct feature_source *source = &c->source[i];
        const struct feature_scope scope = scope_of(w, i);
        if (source->family == NULL) {
            const struct model *model = source->fitted->model;
            if (model->sources != NULL) n += model->sources(w->work[i], out + n, max - n);
        } else if (source->family->sources != NULL) {
            n += source->family->sources(w->work[i], &scope, out + n, max - n);
        }
    }
    return n;
}
