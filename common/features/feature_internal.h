/* What the files feature_*.c share; nobody else includes this. */
#ifndef MARQUEE_FEATURES_FEATURE_INTERNAL_H
#define MARQUEE_FEATURES_FEATURE_INTERNAL_H

#include "common/data/topk.h"
#include "common/features/feature.h"
#include "common/models/gru4rec.h"

#include <stdbool.h>

/* Four profiles of one pass over a movie's terms. */
typedef float lanes4 __attribute__((vector_size(16)));
/* Of the whole and the recent history, added to at once. */
typedef float pair __attribute__((vector_size(8)));

enum {
    FEATURE_RECENT = 10,       /* e-folding of the recent history, in positions */
    FEATURE_LAST = 10,         /* newest movies that count one by one */
    FEATURE_BLOCK = 64,        /* candidates per matrix product */
    FEATURE_SIMILAR = 5,       /* similar users and movies of the classical features */
    FEATURE_NEIGHBOURS = 100,  /* similar users in all */
    FEATURE_HISTORY_CAP = 256, /* newest movies among which similar ones are sought */
    TERM_LANES = 4             /* vectors of four lanes per term, see feature_content.c */
};

/* Families of features: each fills a run of columns. */
enum feature_family {
    FAMILY_ITEM_MODELS,
    FAMILY_IALS,
    FAMILY_CONTENT,
    FAMILY_MAPPING,
    FAMILY_SENTIMENT,
    FAMILY_POPULARITY,
    FAMILY_BEGINNING,
    FAMILY_TIME,
    FAMILY_MF,
    FAMILY_RATING,
    FAMILY_NEIGHBOURS,
    FAMILY_DEMOGRAPHICS,
    FAMILY_SEQUENCE,
    FAMILY_USER,
    FAMILIES
};

/* Figures of movies and users over the ratings of the view. */
struct statistics {
    double variance;        /* of all ratings, stars */
    float mean_year;        /* over the movies that have one */
    float *user_mean;       /* [users] stars, shrunken */
    float *user_length;     /* [users] root of the number of ratings */
    float *movie_deviation; /* [movies] standard deviation of the ratings, shrunken */
    float *log_count;       /* [largest popularity + 1] log(1 + n) */
    float *log_popularity;  /* [movies] log(1 + ratings) */
    float *percentile;      /* [movies] share of movies with fewer ratings, ties half */
    float *rarity;          /* [movies] sqrt((mean popularity + 1) / (popularity + 1)) */
    float *year;            /* [movies] the mean year where unknown */
    uint64_t *genre_mask;   /* [movies] bit g % 64 for each genre g */
    float *tag_weight;      /* [movies] sum of the weights of the tag terms */
    int64_t *first_time;    /* [movies] of the first rating; INT64_MAX if none */
    int64_t first_hour;     /* hours since 1970 of hour 0 below */
    uint32_t *hour;         /* [ratings] when, ascending within each movie's range of by_movie */
    uint32_t period, n_periods; /* hours in a period; how many hold all ratings */
    uint32_t *before_period;    /* [movies, n_periods + 1] a movie's ratings before each */
};

enum status statistics_compute(struct statistics *out, const struct catalogue *catalogue,
                               const struct ratings *ratings, const struct content *content,
                               const struct factors *factors, struct error *err);
void statistics_release(struct statistics *s);

/* Fills period, n_periods and before_period from the hours. */
enum status statistics_count_periods(struct statistics *s, const struct ratings *r,
                                     struct error *err);
/* out[n]: ratings of each movie before `hour` (hours since 1970). */
void statistics_count_before(const struct statistics *s, const struct ratings *r,
                             const uint32_t *movie, size_t n, int64_t hour, uint32_t *out);

/* The first ratings of every account. */
struct beginnings {
    uint32_t *before;    /* [movies, places + 1] ratings of the movie at places before */
    struct begun *begun; /* [n_begun] ascending by time */
    size_t n_begun;
};
enum status beginnings_compute(struct beginnings *out, const struct ratings *ratings,
                               struct error *err);
void beginnings_release(struct beginnings *b);

/* What is known of the users beside their ratings. */
enum { DEMOGRAPHICS_GENDER, DEMOGRAPHICS_AGE, DEMOGRAPHICS_OCCUPATION, DEMOGRAPHICS_FACTS };
struct demographics {
    bool present; /* the data set has any of them */
    uint8_t
        *level[DEMOGRAPHICS_FACTS];  /* [users] 0 not known; NULL: the data set does not have it */
    float *odds[DEMOGRAPHICS_FACTS]; /* [levels, movies] */
};
enum status demographics_load(struct demographics *p, const struct artifact *dataset,
                              const struct ratings *ratings, struct error *err);
void demographics_release(struct demographics *p);

struct feature_context {
    struct catalogue catalogue;
    struct ratings ratings;
    struct content content;
    struct factors factors;
    struct sequence_model sequence; /* n_movies 0: none */
    struct statistics statistics;
    struct beginnings beginnings;
    struct demographics demographics;
    /* The space in which similar movies are sought: iALS factors, or content vectors without iALS.
     */
    size_t space_dim;
    float *space;      /* [movies, space_dim] unit rows */
    float *space_norm; /* [movies] length before */
    float *mapped;     /* [movies, ials dim + 2] factors, log popularity and bias as the content
                          lets expect them; NULL without iALS */
    struct feature_spec *specs;
    size_t n_specs;
    struct strings texts;          /* meanings that name a model */
    size_t family_start[FAMILIES]; /* first column */
};

/* Fills `mapped`. */
enum status mapping_fit(struct feature_context *c, struct error *err);

/* Fills specs, n_specs, texts and family_start from the models. */
enum status feature_list_build(struct feature_context *c, struct error *err);

/* Columns of an item model by type, and how lane and popularity make each. */
struct item_column {
    const char *suffix; /* behind the model's name */
    const char *meaning;
    uint32_t lane;
    bool rare; /* divided by the root of popularity */
};
const struct item_column *item_columns(enum item_model_type type, size_t *count);

/* Columns of the families, in order. */
enum { IALS_ALL, IALS_RECENT, IALS_COLUMNS };
enum {
    CONTENT_ALL,
    CONTENT_RECENT,
    CONTENT_LIKED,
    CONTENT_LAST,
    CONTENT_NEAREST,
    CONTENT_VECTOR,
    CONTENT_VECTOR_RECENT,
    CONTENT_GENRE_AFFINITY,
    CONTENT_TAG_AFFINITY,
    CONTENT_GENRE_SHARE,
    CONTENT_GENRE_SHARE_RECENT,
    CONTENT_GENRE_SESSION,
    CONTENT_COLUMNS
};
enum { MAPPING_TASTE, MAPPING_POPULARITY, MAPPING_RATING, MAPPING_COLUMNS };
enum { SENTIMENT_TONE, SENTIMENT_AFFINITY, SENTIMENT_COLUMNS };
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
enum { BEGINNING_ANY, BEGINNING_PLACE, BEGINNING_PLACE_30, BEGINNING_COLUMNS };
enum {
    TIME_AGE,
    TIME_KNOWN,
    TIME_YEAR,
    TIME_YEAR_DISTANCE,
    TIME_YEAR_DIFFERENCE,
    TIME_YEAR_LAST,
    TIME_COLUMNS
};
enum { MF_PREDICTION, MF_COLUMNS };
enum { RATING_MOVIE_MEAN, RATING_MOVIE_DEVIATION, RATING_COLUMNS };
enum {
    NEIGHBOUR_USERS,
    NEIGHBOUR_USERS_RECENT,
    NEIGHBOUR_USERS_RATING,
    NEIGHBOUR_MOVIES_NEAREST,
    NEIGHBOUR_MOVIES_MEAN,
    NEIGHBOUR_MOVIES_RATING,
    NEIGHBOUR_USER_RATINGS,
    NEIGHBOUR_MOVIE_RATINGS = NEIGHBOUR_USER_RATINGS + FEATURE_SIMILAR,
    NEIGHBOUR_COLUMNS = NEIGHBOUR_MOVIE_RATINGS + FEATURE_SIMILAR
};
enum { DEMOGRAPHICS_ALL = DEMOGRAPHICS_FACTS, DEMOGRAPHICS_COLUMNS };
enum { SEQUENCE_SCORE, SEQUENCE_LIFT, SEQUENCE_LAST, SEQUENCE_COLUMNS };
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

/* What similar users say of one movie. */
struct neighbour_cell {
    float sum, recent;               /* similarities of those who rated it */
    float deviation;                 /* similarity times (rating - that user's mean) */
    uint8_t count;                   /* of `rating`, at most FEATURE_SIMILAR */
    uint8_t rating[FEATURE_SIMILAR]; /* half stars, most similar user first */
};
_Static_assert(sizeof(struct neighbour_cell) % sizeof(float) == 0, "cells are read in strides");

/* Scores of an item model under a weighting, that of movie m at first[m * stride]: 0 the one that
 * it was trained with, 1 the recent history, if the model has features of it. */
struct item_scores {
    const float *first;
    size_t stride;
};
/* What a column of the item models is filled from. */
struct item_source {
    struct item_scores scores;
    bool rare; /* see struct item_column */
};

struct feature_work {
    const struct feature_context *context;
    const struct history *history;
    int64_t now;
    uint32_t self; /* the user, or NO_INDEX */

    /* one entry per history position */
    size_t capacity;
    float *recent;   /* exp(-d / FEATURE_RECENT), d = 0 for the newest */
    float *residual; /* rating - (mean + user bias + movie bias), stars */
    float *weight;   /* what the item model at hand was trained with */
    float user_mean, user_bias, user_deviation;

    size_t *lane_start;              /* [item models + 1] first lane of each */
    float *lane;                     /* [lanes, movies] scores, see item_scores */
    struct item_source *item_source; /* [n_item_sources] */
    size_t n_item_sources;
    float mf_bias;
    float *mf_vector, *ials_vector; /* [mf dim], [2, ials dim]: all, recent */

    lanes4 *term;           /* [terms, TERM_LANES] */
    float *profile;         /* [2, content dim] unit length: all, recent */
    float profile_scale[3]; /* 1 / length of the term profiles: all, recent, liked */
    float *genre_affinity;  /* [genres] */
    float *genre_share;     /* [2, genres]: all, recent */
    float tone_slope;       /* of the user's rating residuals on the movies' tone, shrunken */

    pair *overlap; /* [users] weights of the history movies that each has rated too: all, recent */
    struct topk similar;
    struct neighbour_cell *cell;         /* [movies] */
    float cell_scale, cell_recent_scale; /* 1 / sum of all neighbours' similarities */

    size_t n_seek;    /* newest history movies in `seek` */
    float *seek;      /* [FEATURE_HISTORY_CAP + 2, space_dim]: their unit rows, then iALS users */
    size_t threads;   /* that may ask for rows at once: as many blocks are in the next two */
    float *candidate; /* [threads, FEATURE_BLOCK, space_dim] */
    float *product;   /* [threads, FEATURE_BLOCK, FEATURE_HISTORY_CAP + 2] */

    uint32_t *begun; /* [movies] ratings of the last 30 days at the next places of a history */

    float *sequence_scratch;
    float *sequence_query, *sequence_score; /* [dim], [movies] log probabilities */
    const float *sequence_last;             /* [dim] embedding of the newest movie, or NULL */

    float mean_year, last_year, mean_log_popularity; /* of the newest movies */
    float user_values[USER_COLUMNS];
};

/* The steps of feature_prepare. */
enum status item_work_create(struct feature_work *w, struct error *err);
void item_prepare(struct feature_work *w);
void content_prepare(struct feature_work *w);
void neighbour_prepare(struct feature_work *w, uint32_t self);
void user_prepare(struct feature_work *w);
void beginning_prepare(struct feature_work *w);
enum status sequence_work_create(struct feature_work *w, struct error *err);
void sequence_prepare(struct feature_work *w);

struct item_scores item_scores(const struct feature_work *w, size_t model, size_t lane);

/* Each fills its family's columns for one candidate. `product` is the candidate's row of products
 * with `seek`. */
void item_fill(const struct feature_work *w, uint32_t movie, float *x);
void content_fill(const struct feature_work *w, uint32_t movie, float *x);
void mapping_fill(const struct feature_work *w, uint32_t movie, float *x);   /* needs iALS */
void sentiment_fill(const struct feature_work *w, uint32_t movie, float *x); /* needs tones */
void beginning_fill(const struct feature_work *w, uint32_t movie, float *x);
void demographics_fill(const struct feature_work *w, uint32_t movie, float *x);
void sequence_fill(const struct feature_work *w, uint32_t movie, float *x);
void neighbour_fill(const struct feature_work *w, uint32_t movie, const float *product, float *x);

#endif
