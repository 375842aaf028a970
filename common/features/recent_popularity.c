/* Features of what was popular in the last weeks of the view. Time counts back, in seconds, from
 * the end of the view rather than from now, so the features mean the same however long ago the
 * models were fitted. Each is a component of its own: the first thing that a forecast must beat. */
#include "common/base/mem.h"
#include "common/features/families.h"

#include <math.h>

enum { RECENT_7, RECENT_30, RECENT_90, RECENT_COLUMNS };

static const int64_t seconds[RECENT_COLUMNS] = {INT64_C(7) * 86400, INT64_C(30) * 86400,
                                                INT64_C(90) * 86400};

static const struct feature_spec columns[RECENT_COLUMNS] = {
    [RECENT_7] = {"recent.7d", "popularity", "log(1 + ratings in the last 7 days of the view)",
                  "popularity-7d", NEEDS_CLOCK},
    [RECENT_30] = {"recent.30d", "popularity", "the same, 30 days", "popularity-30d", NEEDS_CLOCK},
    [RECENT_90] = {"recent.90d", "popularity", "the same, 90 days", "popularity-90d", NEEDS_CLOCK},
};

/* *own is [movies, RECENT_COLUMNS]. */
static enum status load(void **own, const struct feature_view *view, const struct artifact *dataset,
                        struct error *err) {
    (void)dataset;
    const struct ratings *r = &view->ratings;
    const int64_t end = view->stats.end;
    float *count = NULL;
    TRY(MEM_NEW(&count, (size_t)r->n_movies * RECENT_COLUMNS, err));
    for (uint64_t i = 0; i < r->count; i++) {
        for (size_t k = 0; k < RECENT_COLUMNS; k++) {
            count[(size_t)r->movie[i] * RECENT_COLUMNS + k] +=
                (float)(r->time[i] > end - seconds[k]);
        }
    }
    for (size_t i = 0; i < (size_t)r->n_movies * RECENT_COLUMNS; i++) {
        count[i] = log1pf(count[i]);
    }
    *own = count;
    return STATUS_OK;
}

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    (void)work;
    for (size_t i = 0; i < block->n; i++) {
        const float *own = (const float *)scope->own + (size_t)block->movie[i] * RECENT_COLUMNS;
        for (size_t k = 0; k < RECENT_COLUMNS; k++) {
            x[i * stride + k] = own[k];
        }
    }
}

static size_t sources(void *work, const struct feature_scope *scope, struct catalogue_scores *out,
                      size_t max) {
    (void)work;
    if (max == 0) return 0;
    out[0] = (struct catalogue_scores){(const float *)scope->own + RECENT_30, RECENT_COLUMNS};
    return 1;
}

const struct feature_family recent_popularity_family = {
    FEATURES_OF(columns), .load = load, .unload = mem_free, .fill = fill, .sources = sources,
};
