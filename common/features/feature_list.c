/* The table of features: names, groups, meanings. The order here is the order of the columns. */
#include "common/features/feature_internal.h"

#include "common/base/mem.h"

#include <stdio.h>
#include <string.h>

static const struct item_column ease_columns[] = {
    {"", "score of item model %s from the whole history, all weights 1", 0, false},
    {".recent", "score of item model %s, weight exp(-d/10), d positions from the newest", 1, false},
    {".last3", "score of item model %s from the newest three movies", 2, false},
    {".last", "weight of item model %s from the newest movie", 3, false},
};
static const struct item_column liked_columns[] = {
    {"", "score of item model %s from the liked part of the history", 0, false},
    {".recent", "the same, weight exp(-d/10), d positions from the newest", 1, false},
};
static const struct item_column residual_columns[] = {
    {"", "score of item model %s from the rating residuals of the history", 0, false},
    {".recent", "the same, weight exp(-d/10), d positions from the newest", 1, false},
};
static const struct item_column dropout_columns[] = {
    {"", "score of item model %s from the whole history, all weights 1", 0, false},
};
static const struct item_column window_columns[] = {
    {"", "score of window model %s from the whole history, all weights 1", 0, false},
    {".rare", "the same divided by the root of the movie's popularity, relative to the mean", 0,
     true},
};
static const struct item_column transition_columns[] = {
    {"", "score of transition model %s from its window of the history", 0, false},
    {".rare", "the same divided by the root of the movie's popularity, relative to the mean", 0,
     true},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const struct item_column *item_columns(enum item_model_type type, size_t *count) {
    switch (type) {
    case ITEM_EASE:
        *count = COUNT(ease_columns);
        return ease_columns;
    case ITEM_EASE_LIKED:
        *count = COUNT(liked_columns);
        return liked_columns;
    case ITEM_EASE_RESIDUAL:
        *count = COUNT(residual_columns);
        return residual_columns;
    case ITEM_TRANSITION:
        *count = COUNT(transition_columns);
        return transition_columns;
    case ITEM_EASE_DROPOUT:
        *count = COUNT(dropout_columns);
        return dropout_columns;
    case ITEM_WINDOW:
        *count = COUNT(window_columns);
        return window_columns;
    }
    *count = 0;
    return NULL;
}

static const char *item_group(enum item_model_type type) {
    return type == ITEM_TRANSITION ? "sequence" : "collaborative";
}

static const struct feature_spec ials_specs[IALS_COLUMNS] = {
    [IALS_ALL] = {"ials", "collaborative",
                  "implicit factorization, user folded in from the history"},
    [IALS_RECENT] = {"ials.recent", "collaborative", "the same, history weights exp(-d/10)"},
};

static const struct feature_spec content_specs[CONTENT_COLUMNS] = {
    [CONTENT_ALL] = {"content", "content", "cosine of the terms with those of the whole history"},
    [CONTENT_RECENT] = {"content.recent", "content", "the same, history weights exp(-d/10)"},
    [CONTENT_LIKED] = {"content.liked", "content",
                       "the same, history weights rating - mean rating of the user"},
    [CONTENT_LAST] = {"content.last", "content", "cosine of the terms with the newest movie's"},
    [CONTENT_NEAREST] = {"content.nearest", "content",
                         "largest cosine of the terms with one of the newest 10 movies"},
    [CONTENT_VECTOR] = {"content.vector", "content",
                        "content vector along the mean content vector of the history"},
    [CONTENT_VECTOR_RECENT] = {"content.vector-recent", "content",
                               "the same, history weights exp(-d/10)"},
    [CONTENT_GENRE_AFFINITY] =
        {"content.genre-affinity", "content",
         "mean over the movie's genres of the user's shrunken rating residual"},
    [CONTENT_TAG_AFFINITY] = {"content.tag-affinity", "content",
                              "the same over the movie's tags, weighted by TF-IDF"},
    [CONTENT_GENRE_SHARE] = {"content.genre-share", "content",
                             "mean over the movie's genres of their share of the history"},
    [CONTENT_GENRE_SHARE_RECENT] = {"content.genre-share-recent", "content",
                                    "the same, history weights exp(-d/10)"},
    [CONTENT_GENRE_SESSION] = {"content.genre-overlap", "content",
                               "share of the newest 10 movies that share a genre with the movie"},
};

static const struct feature_spec mapping_specs[MAPPING_COLUMNS] = {
    [MAPPING_TASTE] =
        {"content.taste", "content",
         "implicit factorization with the movie's factors as genres, year and content "
         "vector let expect them"},
    [MAPPING_POPULARITY] = {"content.popularity", "content", "log popularity expected likewise"},
    [MAPPING_RATING] = {"content.rating", "content", "mean rating expected likewise, stars"},
};

static const struct feature_spec sentiment_specs[SENTIMENT_COLUMNS] = {
    [SENTIMENT_TONE] = {"sentiment.tone", "sentiment",
                        "mean valence of what is said of the movie, stars"},
    [SENTIMENT_AFFINITY] = {"sentiment.affinity", "sentiment",
                            "the same times the slope of the user's residuals on it"},
};

static const struct feature_spec popularity_specs[POPULARITY_COLUMNS] = {
    [POPULARITY_ALL] = {"popularity", "popularity", "log(1 + ratings of the movie)"},
    [POPULARITY_30] = {"popularity.30d", "popularity", "log(1 + ratings in the last 30 days)"},
    [POPULARITY_90] = {"popularity.90d", "popularity", "log(1 + ratings in the last 90 days)"},
    [POPULARITY_365] = {"popularity.365d", "popularity", "log(1 + ratings in the last 365 days)"},
    [POPULARITY_TREND] = {"popularity.trend", "popularity",
                          "ratings per day of the last 90 days over those of 365 days, shrunken"},
    [POPULARITY_PERCENTILE] = {"popularity.percentile", "popularity",
                               "share of movies with fewer ratings"},
    [POPULARITY_DIFFERENCE] = {"popularity.difference", "popularity",
                               "log popularity less the mean of the newest 10 movies"},
};

static const struct feature_spec beginning_specs[BEGINNING_COLUMNS] = {
    [BEGINNING_ANY] = {"popularity.newcomers", "popularity",
                       "log(1 + ratings of the movie among the first 20 of a user)"},
    [BEGINNING_PLACE] = {"popularity.place", "popularity",
                         "log(1 + its ratings at the next ten places of a history; from 30 on "
                         "those of the 31st to 40th)"},
    [BEGINNING_PLACE_30] = {"popularity.place-30d", "popularity", "the same in the last 30 days"},
};

static const struct feature_spec time_specs[TIME_COLUMNS] = {
    [TIME_AGE] = {"time.age", "time", "years from the movie's release to now"},
    [TIME_KNOWN] = {"time.known", "time", "years from the movie's first rating to now, 0 if none"},
    [TIME_YEAR] = {"time.year", "time", "decades from 1980 to the movie's year"},
    [TIME_YEAR_DISTANCE] = {"time.year-distance", "time",
                            "years between the movie and the mean of the newest 10 movies"},
    [TIME_YEAR_DIFFERENCE] = {"time.year-difference", "time", "the same with its sign"},
    [TIME_YEAR_LAST] = {"time.year-last", "time", "years between the movie and the newest movie"},
};

static const struct feature_spec mf_specs[MF_COLUMNS] = {
    [MF_PREDICTION] = {"mf", "rating", "stars predicted by explicit factorization, user folded in"},
};

static const struct feature_spec rating_specs[RATING_COLUMNS] = {
    [RATING_MOVIE_MEAN] = {"rating.movie-mean", "rating",
                           "shrunken mean rating of the movie, stars"},
    [RATING_MOVIE_DEVIATION] = {"rating.movie-deviation", "rating",
                                "shrunken standard deviation of the movie's ratings, stars"},
};

#define USER_RATING(n)                                                                             \
    [NEIGHBOUR_USER_RATINGS + (n)-1] = {"users.rating" #n, "neighbours",                           \
                                        "rating of the movie by similar user " #n                  \
                                        " who rated it; its mean if none"}
#define MOVIE_RATING(n)                                                                            \
    [NEIGHBOUR_MOVIE_RATINGS + (n)-1] = {"movies.rating" #n, "neighbours",                         \
                                         "the user's rating of similar movie " #n                  \
                                         " of the history; the user's mean if none"}

static const struct feature_spec neighbour_specs[NEIGHBOUR_COLUMNS] = {
    [NEIGHBOUR_USERS] = {"users", "neighbours",
                         "share of the 100 most similar users, by similarity, who rated the movie"},
    [NEIGHBOUR_USERS_RECENT] = {"users.recent", "neighbours",
                                "the same, similar by the recent history, weights exp(-d/10)"},
    [NEIGHBOUR_USERS_RATING] = {"users.prediction", "neighbours",
                                "user mean + similar users' rating deviations, shrunken, stars"},
    [NEIGHBOUR_MOVIES_NEAREST] =
        {"movies.nearest", "neighbours",
         "cosine of the factors with the most similar movie of the history"},
    [NEIGHBOUR_MOVIES_MEAN] = {"movies.similarity", "neighbours",
                               "mean cosine of the factors with the 5 most similar of the history"},
    [NEIGHBOUR_MOVIES_RATING] = {"movies.prediction", "neighbours",
                                 "user mean + rating deviations of the 5 similar movies, shrunken"},
    USER_RATING(1),
    USER_RATING(2),
    USER_RATING(3),
    USER_RATING(4),
    USER_RATING(5),
    MOVIE_RATING(1),
    MOVIE_RATING(2),
    MOVIE_RATING(3),
    MOVIE_RATING(4),
    MOVIE_RATING(5),
};

static const struct feature_spec demographics_specs[DEMOGRAPHICS_COLUMNS] = {
    [DEMOGRAPHICS_GENDER] =
        {"demographics.gender", "demographics",
         "log odds of the movie among people of the user's gender, 0 if unknown"},
    [DEMOGRAPHICS_AGE] = {"demographics.age", "demographics", "the same, of the user's age band"},
    [DEMOGRAPHICS_OCCUPATION] = {"demographics.occupation", "demographics",
                                 "the same, of the occupation"},
    [DEMOGRAPHICS_ALL] = {"demographics", "demographics", "sum of these log odds"},
};

static const struct feature_spec user_specs[USER_COLUMNS] = {
    [USER_GLOBAL_MEAN] = {"rating.global-mean", "rating", "mean of all ratings, stars"},
    [USER_MEAN] = {"rating.user-mean", "rating", "shrunken mean of the user's ratings, stars"},
    [USER_DEVIATION] = {"rating.user-deviation", "rating",
                        "shrunken standard deviation of the user's ratings, stars"},
    [USER_BIAS] = {"rating.user-bias", "rating",
                   "shrunken mean of rating - global mean - movie bias over the history, stars"},
    [USER_LENGTH] = {"user.length", "user", "log(1 + movies in the history)"},
    [USER_SPAN] = {"user.span", "user", "log(1 + days from the oldest to the newest rating)"},
    [USER_PACE] = {"user.pace", "user", "log(1 + ratings per day of that span)"},
    [USER_GAP] = {"user.gap", "user", "log(1 + seconds from the newest rating to now)"},
    [USER_SESSION] = {"user.session", "user", "log(1 + ratings within the hour before now)"},
    [USER_YEAR] = {"user.year", "user",
                   "decades from 1980 to the mean year of the newest 10 movies"},
    [USER_YEAR_SPREAD] = {"user.year-spread", "user",
                          "standard deviation of the years of the newest 10 movies"},
    [USER_POPULARITY] = {"user.popularity", "user", "mean log popularity of the newest 10 movies"},
};

static const struct feature_spec sequence_specs[SEQUENCE_COLUMNS] = {
    [SEQUENCE_SCORE] = {"sequence", "sequence",
                        "log probability by the sequence encoder of being rated next"},
    [SEQUENCE_LIFT] = {"sequence.lift", "sequence",
                       "the same, less the log of the movie's share of all ratings"},
    [SEQUENCE_LAST] = {"sequence.last", "sequence",
                       "cosine of the encoder's embeddings of the movie and the newest rated"},
};

static bool has_sequence(const struct feature_context *c) {
    return c->sequence.n_movies > 0;
}

static bool has_ials(const struct feature_context *c) {
    return c->factors.ials.present;
}

static bool has_demographics(const struct feature_context *c) {
    return c->demographics.present;
}

static bool has_tones(const struct feature_context *c) {
    return c->content.tone != NULL;
}

static bool has_mf(const struct feature_context *c) {
    return c->factors.mf.present;
}

/* `present` NULL: always. Item models come first and are listed apart. */
static const struct family_spec {
    const struct feature_spec *specs;
    size_t count;
    bool (*present)(const struct feature_context *c);
} families[FAMILIES] = {
    [FAMILY_IALS] = {ials_specs, IALS_COLUMNS, has_ials},
    [FAMILY_CONTENT] = {content_specs, CONTENT_COLUMNS, NULL},
    [FAMILY_MAPPING] = {mapping_specs, MAPPING_COLUMNS, has_ials},
    [FAMILY_SENTIMENT] = {sentiment_specs, SENTIMENT_COLUMNS, has_tones},
    [FAMILY_POPULARITY] = {popularity_specs, POPULARITY_COLUMNS, NULL},
    [FAMILY_BEGINNING] = {beginning_specs, BEGINNING_COLUMNS, NULL},
    [FAMILY_TIME] = {time_specs, TIME_COLUMNS, NULL},
    [FAMILY_MF] = {mf_specs, MF_COLUMNS, has_mf},
    [FAMILY_RATING] = {rating_specs, RATING_COLUMNS, NULL},
    [FAMILY_NEIGHBOURS] = {neighbour_specs, NEIGHBOUR_COLUMNS, NULL},
    [FAMILY_DEMOGRAPHICS] = {demographics_specs, DEMOGRAPHICS_COLUMNS, has_demographics},
    [FAMILY_SEQUENCE] = {sequence_specs, SEQUENCE_COLUMNS, has_sequence},
    [FAMILY_USER] = {user_specs, USER_COLUMNS, NULL},
};

static size_t count_item_columns(const struct factors *f) {
    size_t total = 0;
    for (size_t m = 0; m < f->n_item_models; m++) {
        size_t count;
        item_columns(f->item_models[m].type, &count);
        total += count;
    }
    return total;
}

/* Meanings that name a model are text of the context; they are pointed to once all are there. */
static enum status list_item_models(struct feature_context *c, struct error *err) {
    const struct factors *f = &c->factors;
    size_t at = 0;
    for (size_t m = 0; m < f->n_item_models; m++) {
        size_t count;
        const struct item_column *columns = item_columns(f->item_models[m].type, &count);
        for (size_t k = 0; k < count; k++, at++) {
            struct feature_spec *spec = &c->specs[at];
            const char *name = f->item_models[m].name, *mark = strstr(columns[k].meaning, "%s");
            snprintf(spec->name, sizeof spec->name, "%s%s", name, columns[k].suffix);
            spec->group = item_group(f->item_models[m].type);
            MEM_AUTO char *text = NULL;
            size_t size = strlen(columns[k].meaning) + strlen(name) + 1;
            TRY(MEM_NEW(&text, size, err));
            if (mark == NULL) {
                snprintf(text, size, "%s", columns[k].meaning);
            } else {
                snprintf(text, size, "%.*s%s%s", (int)(mark - columns[k].meaning),
                         columns[k].meaning, name, mark + 2);
            }
            TRY(strings_add(&c->texts, text, err));
        }
    }
    for (size_t i = 0; i < at; i++) {
        c->specs[i].meaning = strings_get(&c->texts, i);
    }
    return STATUS_OK;
}

enum status feature_list_build(struct feature_context *c, struct error *err) {
    size_t total = count_item_columns(&c->factors);
    c->family_start[FAMILY_ITEM_MODELS] = 0;
    for (size_t f = FAMILY_ITEM_MODELS + 1; f < FAMILIES; f++) {
        c->family_start[f] = total;
        if (families[f].present == NULL || families[f].present(c)) total += families[f].count;
    }
    TRY(MEM_NEW(&c->specs, total, err));
    c->n_specs = total;
    TRY(list_item_models(c, err));
    for (size_t f = FAMILY_ITEM_MODELS + 1; f < FAMILIES; f++) {
        if (families[f].present != NULL && !families[f].present(c)) continue;
        memcpy(&c->specs[c->family_start[f]], families[f].specs,
               families[f].count * sizeof *c->specs);
    }
    return STATUS_OK;
}

static enum status print_row(struct buf *out, const char *name, const char *group,
                             const char *meaning, struct error *err) {
    return buf_printf(out, err, "| `%s` | %s | %s |\n", name, group, meaning);
}

static enum status print_item_models(struct buf *out, struct error *err) {
    static const struct {
        enum item_model_type type;
        const char *mark;
    } types[] = {{ITEM_EASE, "<ease>"},
                 {ITEM_EASE_LIKED, "<ease-liked>"},
                 {ITEM_EASE_RESIDUAL, "<ease-residual>"},
                 {ITEM_TRANSITION, "<transition>"},
                 {ITEM_EASE_DROPOUT, "<ease-dropout>"},
                 {ITEM_WINDOW, "<window>"}};
    for (size_t t = 0; t < COUNT(types); t++) {
        size_t count;
        const struct item_column *columns = item_columns(types[t].type, &count);
        for (size_t k = 0; k < count; k++) {
            char name[FEATURE_NAME_SIZE], meaning[160];
            const char *mark = strstr(columns[k].meaning, " %s");
            int before = mark ? (int)(mark - columns[k].meaning) : (int)strlen(columns[k].meaning);
            snprintf(name, sizeof name, "%s%s", types[t].mark, columns[k].suffix);
            snprintf(meaning, sizeof meaning, "%.*s%s", before, columns[k].meaning,
                     mark ? mark + 3 : "");
            TRY(print_row(out, name, item_group(types[t].type), meaning, err));
        }
    }
    return STATUS_OK;
}

enum status feature_table(struct buf *out, struct error *err) {
    TRY(buf_puts(out, "| name | group | meaning |\n|---|---|---|\n", err));
    TRY(print_item_models(out, err));
    for (size_t f = FAMILY_ITEM_MODELS + 1; f < FAMILIES; f++) {
        for (size_t i = 0; i < families[f].count; i++) {
            const struct feature_spec *spec = &families[f].specs[i];
            TRY(print_row(out, spec->name, spec->group, spec->meaning, err));
        }
    }
    return STATUS_OK;
}
