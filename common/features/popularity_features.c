/* Features of how often a movie was rated, and when. */
#include "common/features/families.h"

enum {
    POPULARITY_ALL,
    POPULARITY_30,
    POPULARITY_90,
    POPULARITY_365,
    POPULARITY_TREND,
    POPULARITY_PERCENTILE,
    POPULARITY_DIFFERENCE,
    POPULARITY_COLUMNS
};

static const struct feature_spec columns[POPULARITY_COLUMNS] = {
    [POPULARITY_ALL] =
        COMPONENT("popularity", "popularity", "log(1 + ratings of the movie)", "popularity"),
    [POPULARITY_30] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "popularity.30d", "popularity",
                              "log(1 + ratings in the last 30 days)"),
    [POPULARITY_90] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "popularity.90d", "popularity",
                              "log(1 + ratings in the last 90 days)"),
    [POPULARITY_365] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "popularity.365d", "popularity",
                               "log(1 + ratings in the last 365 days)"),
    [POPULARITY_TREND] =
        NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "popularity.trend", "popularity",
                "ratings per day of the last 90 days over those of 365 days, shrunken"),
    [POPULARITY_PERCENTILE] =
        FEATURE("popularity.percentile", "popularity", "share of movies with fewer ratings"),
    [POPULARITY_DIFFERENCE] = NEEDING(NEEDS_ORDER, "popularity.difference", "popularity",
                                      "log popularity less the mean of the newest 10 movies"),
};

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    (void)work;
    const struct rating_stats *s = &scope->view->stats;
    const struct ratings *r = &scope->view->ratings;
    const size_t n = block->n;
    const int64_t now = scope->query->known / 3600, day = 24; /* hours */
    uint32_t before[FEATURE_BLOCK], to_30[FEATURE_BLOCK], to_90[FEATURE_BLOCK];
    uint32_t to_365[FEATURE_BLOCK];
    rating_stats_count_before(s, r, block->movie, n, now, before);
    rating_stats_count_before(s, r, block->movie, n, now - 30 * day, to_30);
    rating_stats_count_before(s, r, block->movie, n, now - 90 * day, to_90);
    rating_stats_count_before(s, r, block->movie, n, now - 365 * day, to_365);
    for (size_t i = 0; i < n; i++, x += stride) {
        uint32_t m = block->movie[i], in_90 = before[i] - to_90[i], in_365 = before[i] - to_365[i];
        x[POPULARITY_ALL] = s->log_popularity[m];
        x[POPULARITY_30] = s->log_count[before[i] - to_30[i]];
        x[POPULARITY_90] = s->log_count[in_90];
        x[POPULARITY_365] = s->log_count[in_365];
        x[POPULARITY_TREND] = ((float)in_90 + 1.0F) / ((float)in_365 * (90.0F / 365.0F) + 1.0F);
        x[POPULARITY_PERCENTILE] = s->percentile[m];
        x[POPULARITY_DIFFERENCE] = s->log_popularity[m] - scope->query->mean_log_popularity;
    }
}

static size_t sources(void *work, const struct feature_scope *scope, struct catalogue_scores *out,
                      size_t max) {
    (void)work;
    if (max == 0) return 0;
    out[0] = (struct catalogue_scores){scope->view->stats.log_popularity, 1};
    return 1;
}

const struct feature_family popularity_family = {
    FEATURES_OF(columns),
    .fill = fill,
    .sources = sources,
};
