/* The seam between a family of features and everything else.
 *
 * A family is one file of this folder and one row of families.c: it has columns with names, groups
 * and meanings, what it computes once per view, what it computes once per history, and fills its
 * columns for blocks of candidates. The scores of the models are columns too (models/model.h); they
 * come from their own files. */
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
    FEATURE_RECENT = 10, /* e-folding of the recent history, in positions */
    FEATURE_LAST = 10,   /* newest movies that count one by one */
    FEATURE_BLOCK = 64   /* candidates that are filled together, at most */
};

/* What a family may read of the view. */
struct feature_view {
    struct catalogue catalogue;
    struct ratings ratings;
    struct content content;
    struct models models;
    struct rating_stats stats;
    struct item_space space;
};

/* What is asked, and what several families need of it. */
struct feature_query {
    struct query base;
    float user_mean, user_bias, user_deviation; /* of the ratings, shrunken; stars */
    const float *ials;                          /* ials_query_vectors, or NULL without iALS */
    float mean_year, last_year;                 /* of the newest FEATURE_LAST movies, the newest */
    float mean_log_popularity;                  /* of the newest FEATURE_LAST movies */
    float year_spread;                          /* their standard deviation, years */
};

/* Where a family stands: all of it is read only while features are computed. */
struct feature_scope {
    const struct feature_view *view;
    const struct feature_query *query;
    const void *own; /* what `load` made */
};

struct feature_family {
    const struct feature_spec *columns;
    size_t n_columns;

    /* Once per view. NULL: nothing of its own. */
    enum status (*load)(void **own, const struct feature_view *view, const struct artifact *dataset,
                        struct error *err);
    void (*unload)(void *own); /* NULL is fine */
    /* Whether the view has it; NULL: always. */
    bool (*present)(const struct feature_view *view, const void *own);

    /* Scratch of one thread. NULL: none. */
    enum status (*work_create)(void **work, const struct feature_view *view, struct error *err);
    void (*work_release)(void *work); /* NULL is fine */
    /* Once per user; families are prepared in any order, perhaps at the same time. NULL: nothing
     * depends on the query alone. */
    void (*prepare)(void *work, const struct feature_scope *scope);
    /* x[i * stride + k] = column k of candidate i. Values that are not finite become 0. */
    void (*fill)(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride);
    /* As of models: score vectors from which candidates are drawn, made now if need be. NULL: none.
     */
    size_t (*sources)(void *work, const struct feature_scope *scope, struct catalogue_scores *out,
                      size_t max);
};

#define FEATURES_OF(table) .columns = (table), .n_columns = sizeof(table) / sizeof((table)[0])

#endif
