/* Features of the user. They are the same for all candidates: they let the ranker weigh the others
 * by user. */
#include "common/base/mem.h"
#include "common/features/families.h"

#include <math.h>
#include <string.h>

static const float YEAR_ORIGIN = 1980.0F;

enum {
    USER_GLOBAL_MEAN,
    USER_MEAN,
    USER_DEVIATION,
    USER_BIAS,
    USER_LENGTH,
    USER_SPAN,
    USER_PACE,
    USER_GAP,
    USER_SESSION,
    USER_YEAR,
    USER_YEAR_SPREAD,
    USER_POPULARITY,
    USER_COLUMNS
};

static const struct feature_spec columns[USER_COLUMNS] = {
    [USER_GLOBAL_MEAN] = FEATURE("rating.global-mean", "rating", "mean of all ratings, stars"),
    [USER_MEAN] =
        FEATURE("rating.user-mean", "rating", "shrunken mean of the user's ratings, stars"),
    [USER_DEVIATION] = FEATURE("rating.user-deviation", "rating",
                               "shrunken standard deviation of the user's ratings, stars"),
    [USER_BIAS] =
        FEATURE("rating.user-bias", "rating",
                "shrunken mean of rating - global mean - movie bias over the history, stars"),
    [USER_LENGTH] = FEATURE("user.length", "user", "log(1 + movies in the history)"),
    [USER_SPAN] = NEEDING(NEEDS_CLOCK, "user.span", "user",
                          "log(1 + days from the oldest to the newest rating)"),
    [USER_PACE] =
        NEEDING(NEEDS_CLOCK, "user.pace", "user", "log(1 + ratings per day of that span)"),
    [USER_GAP] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "user.gap", "user",
                         "log(1 + seconds from the newest rating to now)"),
    [USER_SESSION] = NEEDING(NEEDS_CLOCK | NEEDS_MOMENT, "user.session", "user",
                             "log(1 + ratings within the hour before now)"),
    [USER_YEAR] = NEEDING(NEEDS_ORDER, "user.year", "user",
                          "decades from 1980 to the mean year of the newest 10 movies"),
    [USER_YEAR_SPREAD] = NEEDING(NEEDS_ORDER, "user.year-spread", "user",
                                 "standard deviation of the years of the newest 10 movies"),
    [USER_POPULARITY] = NEEDING(NEEDS_ORDER, "user.popularity", "user",
                                "mean log popularity of the newest 10 movies"),
};

static enum status work_create(void **work, const struct feature_view *view, struct error *err) {
    (void)view;
    return mem_alloc(work, USER_COLUMNS, sizeof(float), err);
}

static void fill_times(const struct query *q, float *x) {
    const struct history *h = q->history;
    double span = 0, gap = 0;
    size_t session = 0;
    if (h->count > 0) {
        int64_t newest = h->time[h->count - 1];
        span = fmax((double)(newest - h->time[0]) / 86400.0, 0.0);
        gap = fmax((double)(q->now - newest), 0.0);
    }
    for (size_t d = 0; d < h->count; d++) {
        int64_t time = h->time[h->count - 1 - d];
        if (time < q->now - 3600) break;
        session += time <= q->now;
    }
    x[USER_SPAN] = (float)log1p(span);
    x[USER_PACE] = (float)log1p((double)h->count / (span + 1.0));
    x[USER_GAP] = (float)log1p(gap);
    x[USER_SESSION] = log1pf((float)session);
}

static void prepare(void *work, const struct feature_scope *scope) {
    const struct feature_query *q = scope->query;
    float *x = work;
    fill_times(&q->base, x);
    x[USER_GLOBAL_MEAN] = (float)scope->view->models.baseline.mean;
    x[USER_MEAN] = q->user_mean;
    x[USER_DEVIATION] = q->user_deviation;
    x[USER_BIAS] = q->user_bias;
    x[USER_LENGTH] = log1pf((float)q->base.history->count);
    x[USER_YEAR] = (q->mean_year - YEAR_ORIGIN) / 10.0F;
    x[USER_YEAR_SPREAD] = q->year_spread;
    x[USER_POPULARITY] = q->mean_log_popularity;
}

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    (void)scope;
    for (size_t i = 0; i < block->n; i++) {
        memcpy(x + i * stride, work, USER_COLUMNS * sizeof *x);
    }
}

const struct feature_family user_family = {
    FEATURES_OF(columns), .work_create = work_create, .work_release = mem_free, .prepare = prepare,
    .fill = fill,
};
