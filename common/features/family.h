/* The seam between a family of features and everything else.
 *
 * A family is one file of this folder and one row of families.h. It has a table of columns with
 * names, groups and meanings; it says what it computes once per view and once per history, and
 * fills its columns for blocks of candidates. The scores of the models are columns too, but come
 * from the models' own files (models/model.h). */
#ifndef MARQUEE_FEATURES_FAMILY_H
#define MARQUEE_FEATURES_FAMILY_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"
#include "common/features/feature.h"
#include "common/features/item_space.h"
#include "common/features/rating_stats.h"
#include "common/models/content.h"
#include "common/models/model.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    FEATURE_RECENT = 10, /* positions after which the weight of the recent history is 1/e */
    FEATURE_LAST = 10,   /* newest movies of which each counts by itself */
    FEATURE_BLOCK = 64   /* candidates that are filled together */
};

/* What a family may read of the view. */
struct feature_view {
    bool ordered; /* the order of ratings, and their times, say something */
    struct catalogue catalogue;
    struct ratings ratings;
    struct content content;
    struct models models;
    struct rating_stats stats;
    struct item_space space;
};

/* The query, and what several families need of it. */
struct feature_query {
    struct query base;
    int64_t known; /* now, but at most an hour after the newest rating of the view: windows of time
                      that end later would be empty for old models */
    float user_mean, user_bias, user_deviation; /* of the ratings of the history, shrunken, stars */
    const float *ials;                          /* ials_query_vectors, or NULL without iALS */
    float mean_year, last_year; /* mean over the newest FEATURE_LAST movies; of the newest one */
    float mean_log_popularity;  /* of the newest FEATURE_LAST movies */
    float year_spread;          /* standard deviation of their years */
};

/* What a family is given to compute with; read only while features are computed. */
struct feature_scope {
    const struct feature_view *view;
    const struct feature_query *query;
    const void *own; /* made by `load` */
};

struct feature_family {
    const struct feature_spec *columns;
    size_t n_columns;

    /* Once per view; `unload` releases what it made. NULL: nothing of its own. */
    enum status (*load)(void **own, const struct feature_view *view, const struct artifact *dataset,
                        struct error *err);
    void (*unload)(void *own); /* NULL is fine */
    /* Whether the view has what the family needs; NULL: always. */
    bool (*present)(const struct feature_view *view, const void *own);

    /* Scratch of one thread. NULL: none. */
    enum status (*work_create)(void **work, const struct feature_view *view, struct error *err);
    void (*work_release)(void *work); /* NULL is fine */
    /* Once per user. Families are prepared in any order, perhaps concurrently. NULL: nothing
     * depends on the query alone. */
    void (*prepare)(void *work, const struct feature_scope *scope);
    /* x[i * stride + k] = column k of candidate i. Values that are not finite become 0. */
    void (*fill)(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride);
    /* As in struct model: score vectors from which candidates are chosen, computed now if need be.
     * NULL: none. */
    size_t (*sources)(void *work, const struct feature_scope *scope, struct catalogue_scores *out,
                      size_t max);
};

#define FEATURES_OF(table) .columns = (table), .n_columns = sizeof(table) / sizeof((table)[0])

#endif
