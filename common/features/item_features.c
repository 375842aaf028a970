/* Features of the item-item models: scores of every movie under a few weightings (lanes) of the
 * history. What a row of the weights is added to should fit into the nearest cache beside the row,
 * so a model has an array per lane, but for the first two, which stand in pairs and are added to at
 * once.
 */
#include "common/features/feature_internal.h"

#include "common/base/mem.h"

#include <string.h>

enum { LANE_ALL, LANE_RECENT, LANE_LAST3, LANE_LAST };

/* Positions of the history beyond which the recent one does not reach: there exp(-d / 10) is below
 * 1e-10, which a sum of floats does not see. */
enum { RECENT_END = 24 * FEATURE_RECENT };

/* How many lanes a type has features of. */
static size_t lanes_of(enum item_model_type type) {
    size_t count, lanes = 0;
    const struct item_column *column = item_columns(type, &count);
    for (size_t k = 0; k < count; k++) {
        if (column[k].lane >= lanes) lanes = column[k].lane + 1;
    }
    return lanes;
}

struct item_scores item_scores(const struct feature_work *w, size_t model, size_t lane) {
    size_t first = w->lane_start[model], movies = w->context->catalogue.n_movies;
    bool paired = w->lane_start[model + 1] - first > 1 && lane < 2;
    return (struct item_scores){w->lane + first * movies + (paired ? lane : lane * movies),
                                paired ? 2 : 1};
}

static enum status list_sources(struct feature_work *w, struct error *err) {
    const struct factors *f = &w->context->factors;
    size_t count, n = 0;
    for (size_t i = 0; i < f->n_item_models; i++) {
        item_columns(f->item_models[i].type, &count);
        n += count;
    }
    TRY(MEM_NEW(&w->item_source, n, err));
    struct item_source *next = w->item_source;
    for (size_t i = 0; i < f->n_item_models; i++) {
        const struct item_column *column = item_columns(f->item_models[i].type, &count);
        for (size_t k = 0; k < count; k++) {
            *next++ = (struct item_source){item_scores(w, i, column[k].lane), column[k].rare};
        }
    }
    w->n_item_sources = n;
    return STATUS_OK;
}

enum status item_work_create(struct feature_work *w, struct error *err) {
    const struct factors *f = &w->context->factors;
    TRY(MEM_NEW(&w->lane_start, f->n_item_models + 1, err));
    for (size_t i = 0; i < f->n_item_models; i++) {
        w->lane_start[i + 1] = w->lane_start[i] + lanes_of(f->item_models[i].type);
    }
    TRY(mem_alloc(&w->lane, w->lane_start[f->n_item_models] * w->context->catalogue.n_movies,
                  sizeof *w->lane, err));
    return list_sources(w, err);
}

/* ---- y += scale * a row of the weights ----
 *
 * Rows of long histories come from memory, not from a cache: while one is added, the next one is
 * fetched. */

/* Some entries of two rows of `weights`: those that are added, and those that will be. */
struct rows {
    const uint32_t *column, *next_column;
    const float *value, *next_value;
    size_t n;
};

static struct rows rows_at(const struct csr *weights, uint32_t row, uint32_t next) {
    uint64_t first = weights->offset[row], after = weights->offset[next];
    return (struct rows){.column = weights->column + first,
                         .value = weights->value + first,
                         .next_column = weights->column + after,
                         .next_value = weights->value + after,
                         .n = (size_t)(weights->offset[row + 1] - first)};
}

enum { LINE = 16 }; /* entries in a line of the cache */

/* A macro, as compilers drop calls of functions that only prefetch. */
#define FETCH_NEXT(r, e)                                                                           \
    do {                                                                                           \
        __builtin_prefetch((r)->next_column + (e));                                                \
        __builtin_prefetch((r)->next_value + (e));                                                 \
    } while (0)

/* Four entries at a time: the columns of a row are distinct, so none waits for another. */
static inline void add_four(const struct rows *r, size_t e, float scale, float *restrict y) {
    uint32_t a = r->column[e], b = r->column[e + 1], c = r->column[e + 2], d = r->column[e + 3];
    y[a] += scale * r->value[e];
    y[b] += scale * r->value[e + 1];
    y[c] += scale * r->value[e + 2];
    y[d] += scale * r->value[e + 3];
}

static void add_row(const struct rows *r, float scale, float *restrict y) {
    size_t whole = r->n / LINE * LINE;
    for (size_t e = 0; e < whole; e += LINE) {
        FETCH_NEXT(r, e);
        add_four(r, e, scale, y);
        add_four(r, e + 4, scale, y);
        add_four(r, e + 8, scale, y);
        add_four(r, e + 12, scale, y);
    }
    for (size_t e = whole; e < r->n; e++) {
        y[r->column[e]] += scale * r->value[e];
    }
}

static inline void add_two(const struct rows *r, size_t e, pair scale, pair *restrict y) {
    uint32_t a = r->column[e], b = r->column[e + 1];
    y[a] += r->value[e] * scale;
    y[b] += r->value[e + 1] * scale;
}

/* Under two scales at once. */
static void add_row_twice(const struct rows *r, pair scale, pair *restrict y) {
    size_t whole = r->n / LINE * LINE;
    for (size_t first = 0; first < whole; first += LINE) {
        FETCH_NEXT(r, first);
        for (size_t e = first; e < first + LINE; e += 4) {
            add_two(r, e, scale, y);
            add_two(r, e + 2, scale, y);
        }
    }
    for (size_t e = whole; e < r->n; e++) {
        y[r->column[e]] += r->value[e] * scale;
    }
}

/* ---- all of the history ---- */

/* The rows of position i of the history and of the position behind it. */
static struct rows rows_of(const struct feature_work *w, const struct csr *weights, size_t i) {
    const struct history *h = w->history;
    return rows_at(weights, h->movie[i], h->movie[i + 1 < h->count ? i + 1 : i]);
}

/* Positions [from, to) of the history. */
static void add_part(const struct feature_work *w, const struct csr *weights, size_t from,
                     size_t to, float *lane) {
    for (size_t i = from; i < to; i++) {
        struct rows rows = rows_of(w, weights, i);
        if (w->weight[i] != 0) add_row(&rows, w->weight[i], lane);
    }
}

static void add_newest(const struct feature_work *w, const struct csr *weights, size_t most,
                       float *lane) {
    size_t count = w->history->count;
    add_part(w, weights, count > most ? count - most : 0, count, lane);
}

/* Makes a[n] the first of n pairs, whose second is 0. */
static void spread(float *a, size_t n) {
    for (size_t i = n; i-- > 0;) {
        float value = a[i];
        a[2 * i] = value;
        a[2 * i + 1] = 0;
    }
}

/* Both the whole and the recent history; what is too old for the recent one comes first. */
static void add_pairs(const struct feature_work *w, const struct csr *weights, float *lane) {
    size_t count = w->history->count, old = count > RECENT_END ? count - RECENT_END : 0;
    add_part(w, weights, 0, old, lane);
    if (old > 0) spread(lane, w->context->catalogue.n_movies);
    for (size_t i = old; i < count; i++) {
        struct rows rows = rows_of(w, weights, i);
        pair scale = {w->weight[i], w->weight[i] * w->recent[i]};
        if (w->weight[i] != 0) add_row_twice(&rows, scale, (pair *)(void *)lane);
    }
}

static void score_model(struct feature_work *w, size_t index) {
    const struct item_model *m = &w->context->factors.item_models[index];
    size_t movies = w->context->catalogue.n_movies;
    size_t lanes = w->lane_start[index + 1] - w->lane_start[index];
    float *lane = w->lane + w->lane_start[index] * movies;
    memset(lane, 0, lanes * movies * sizeof *lane);
    item_model_history_weights(&w->context->factors, m, w->history, w->weight);
    if (lanes > LANE_RECENT) {
        add_pairs(w, &m->weights, lane);
    } else {
        add_newest(w, &m->weights, SIZE_MAX, lane);
    }
    if (lanes > LANE_LAST3) add_newest(w, &m->weights, 3, lane + LANE_LAST3 * movies);
    if (lanes > LANE_LAST) add_newest(w, &m->weights, 1, lane + LANE_LAST * movies);
}

void item_prepare(struct feature_work *w) {
    for (size_t i = 0; i < w->context->factors.n_item_models; i++) {
        score_model(w, i);
    }
}

void item_fill(const struct feature_work *w, uint32_t movie, float *x) {
    float rarity = w->context->statistics.rarity[movie];
    for (size_t k = 0; k < w->n_item_sources; k++) {
        const struct item_source *source = &w->item_source[k];
        float score = source->scores.first[movie * source->scores.stride];
        x[k] = score * (source->rare ? rarity : 1.0F);
    }
}
