/* Features of a movie's age and year. */
#include "common/features/families.h"

#include <math.h>

static const double SECONDS_PER_YEAR = 365.2425 * 86400.0;
static const float YEAR_ORIGIN = 1980.0F;

enum {
    TIME_AGE,
    TIME_KNOWN,
    TIME_YEAR,
    TIME_YEAR_DISTANCE,
    TIME_YEAR_DIFFERENCE,
    TIME_YEAR_LAST,
    TIME_MODELS,
    TIME_COLUMNS
};

static const struct feature_spec columns[TIME_COLUMNS] = {
    [TIME_AGE] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "time.age", "time",
                         "years from the movie's release to now"),
    [TIME_KNOWN] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "time.known", "time",
                           "years from the movie's first rating to now, 0 if none"),
    [TIME_YEAR] = FEATURE("time.year", "time", "decades from 1980 to the movie's year"),
    [TIME_YEAR_DISTANCE] = NEEDING(NEEDS_ORDER, "time.year-distance", "time",
                                   "years between the movie and the mean of the newest 10 movies"),
    [TIME_YEAR_DIFFERENCE] =
        NEEDING(NEEDS_ORDER, "time.year-difference", "time", "the same with its sign"),
    [TIME_YEAR_LAST] = NEEDING(NEEDS_ORDER, "time.year-last", "time",
                               "years between the movie and the newest movie"),
    [TIME_MODELS] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "time.models", "time",
                            "log(1 + days from the newest rating that the models know to now)"),
};

static void fill_one(const struct feature_scope *scope, uint32_t movie, float *x) {
    const struct rating_stats *s = &scope->view->stats;
    const struct feature_query *q = scope->query;
    float year = s->year[movie];
    double now = 1970.0 + (double)q->base.now / SECONDS_PER_YEAR;
    double known = 0;
    if (s->first_time[movie] < q->known) {
        known = (double)(q->known - s->first_time[movie]) / SECONDS_PER_YEAR;
    }
    x[TIME_AGE] = (float)(now - (double)year);
    x[TIME_KNOWN] = (float)known;
    x[TIME_YEAR] = (year - YEAR_ORIGIN) / 10.0F;
    x[TIME_YEAR_DIFFERENCE] = year - q->mean_year;
    x[TIME_YEAR_DISTANCE] = fabsf(year - q->mean_year);
    x[TIME_MODELS] = (float)log1p(fmax((double)(q->base.now - s->end) / 86400.0, 0.0));
    x[TIME_YEAR_LAST] = fabsf(year - q->last_year);
}

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    (void)work;
    for (size_t i = 0; i < block->n; i++) {
        fill_one(scope, block->movie[i], x + i * stride);
    }
}

const struct feature_family time_family = {FEATURES_OF(columns), .fill = fill};
