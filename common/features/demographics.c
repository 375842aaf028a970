/* Features of what users state about themselves: gender, age, occupation. */
#include "common/base/mem.h"
#include "common/features/families.h"

#include <math.h>

enum { UNKNOWN_OCCUPATION = 255 };

enum { DEMOGRAPHICS_GENDER, DEMOGRAPHICS_AGE, DEMOGRAPHICS_OCCUPATION, DEMOGRAPHICS_FACTS };
enum { DEMOGRAPHICS_ALL = DEMOGRAPHICS_FACTS, DEMOGRAPHICS_COLUMNS };

static const struct feature_spec columns[DEMOGRAPHICS_COLUMNS] = {
    [DEMOGRAPHICS_GENDER] =
        FEATURE("demographics.gender", "demographics",
                "log odds of the movie among people of the user's gender, 0 if unknown"),
    [DEMOGRAPHICS_AGE] =
        FEATURE("demographics.age", "demographics", "the same, of the user's age band"),
    [DEMOGRAPHICS_OCCUPATION] =
        FEATURE("demographics.occupation", "demographics", "the same, of the occupation"),
    [DEMOGRAPHICS_ALL] = FEATURE("demographics", "demographics", "sum of these log odds"),
};

/* What the data set says of the users besides their ratings. */
struct demographics {
    bool present;                       /* the data set has any of the facts */
    uint8_t *level[DEMOGRAPHICS_FACTS]; /* [users] 0: not known; NULL: not in the data set */
    float *odds[DEMOGRAPHICS_FACTS];    /* [levels, movies] log odds */
};

/* Pseudo-ratings that shrink the odds of a movie among the people of one level towards 1. */
static const double SHRINK_ODDS = 20.0;

static const char *const fact_columns[DEMOGRAPHICS_FACTS] = {
    [DEMOGRAPHICS_GENDER] = "user.gender",
    [DEMOGRAPHICS_AGE] = "user.age",
    [DEMOGRAPHICS_OCCUPATION] = "user.occupation",
};

/* The age bands of ml-1m, so that data sets with ages in years and in bands agree. */
static uint8_t age_band(uint8_t age) {
    static const uint8_t from[] = {1, 18, 25, 35, 45, 50, 56};
    uint8_t band = 0;
    while (band < sizeof from && age >= from[band]) {
        band++;
    }
    return band;
}

/* Numbers the levels of a fact, in place; level 0 is "not known". Returns the number of levels. */
static uint32_t number_levels(uint8_t *level, uint32_t n_users, size_t fact) {
    uint32_t n = 1;
    for (uint32_t u = 0; u < n_users; u++) {
        if (fact == DEMOGRAPHICS_AGE) level[u] = age_band(level[u]);
        if (fact == DEMOGRAPHICS_OCCUPATION) {
            level[u] = level[u] == UNKNOWN_OCCUPATION ? 0 : (uint8_t)(level[u] + 1);
        }
        if (level[u] >= n) n = level[u] + 1U;
    }
    return n;
}

/* Per level and movie the log of (ratings by people of the level + shrinkage) / (expected ratings +
 * shrinkage), where the expectation is the level's share of all ratings; 0 for level 0. */
static enum status compute_odds(struct demographics *p, size_t fact, const struct ratings *r,
                                struct error *err) {
    size_t movies = r->n_movies, size;
    MEM_AUTO uint64_t *total = NULL;
    uint32_t levels = number_levels(p->level[fact], r->n_users, fact);
    if (!mem_multiply(levels, movies, &size)) {
        return error_set(err, STATUS_FAILED, "%u levels of %zu movies are too many", levels,
                         movies);
    }
    TRY(MEM_NEW(&p->odds[fact], size, err));
    TRY(MEM_NEW(&total, levels, err));
    float *odds = p->odds[fact];
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint8_t level = p->level[fact][u];
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            odds[level * movies + r->movie[i]] += 1;
        }
        total[level] += r->offset[u + 1] - r->offset[u];
    }
    for (uint32_t level = 0; level < levels; level++) {
        double share = r->count > 0 ? (double)total[level] / (double)r->count : 0;
        for (size_t m = 0; m < movies; m++) {
            float *at = &odds[level * movies + m];
            double expected = share * (double)(r->by_movie_offset[m + 1] - r->by_movie_offset[m]);
            *at =
                level == 0 ? 0 : (float)log(((double)*at + SHRINK_ODDS) / (expected + SHRINK_ODDS));
        }
    }
    return STATUS_OK;
}

static enum status read_facts(struct demographics *p, const struct artifact *dataset,
                              const struct ratings *ratings, struct error *err) {
    for (size_t fact = 0; fact < DEMOGRAPHICS_FACTS; fact++) {
        if (artifact_column(dataset, fact_columns[fact]) == NULL) continue;
        TRY(artifact_read(dataset, fact_columns[fact], DTYPE_U8, ratings->n_users, &p->level[fact],
                          err));
        TRY(compute_odds(p, fact, ratings, err));
        p->present = true;
    }
    return STATUS_OK;
}

static enum status load(void **own, const struct feature_view *view, const struct artifact *dataset,
                        struct error *err) {
    struct demographics *p = NULL;
    TRY(MEM_NEW(&p, 1, err));
    *own = p;
    return read_facts(p, dataset, &view->ratings, err);
}

static void unload(void *own) {
    struct demographics *p = own;
    for (size_t fact = 0; p != NULL && fact < DEMOGRAPHICS_FACTS; fact++) {
        mem_free(p->level[fact]);
        mem_free(p->odds[fact]);
    }
    mem_free(p);
}

static bool present(const struct feature_view *view, const void *own) {
    (void)view;
    return ((const struct demographics *)own)->present;
}

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    (void)work;
    const struct demographics *p = scope->own;
    size_t movies = scope->view->catalogue.n_movies;
    uint32_t self = scope->query->base.self;
    for (size_t i = 0; i < block->n; i++, x += stride) {
        x[DEMOGRAPHICS_ALL] = 0;
        for (size_t fact = 0; fact < DEMOGRAPHICS_FACTS; fact++) {
            bool known = p->level[fact] != NULL && self < scope->view->catalogue.n_users;
            const float *odds = known ? p->odds[fact] + p->level[fact][self] * movies : NULL;
            x[fact] = known ? odds[block->movie[i]] : 0;
            x[DEMOGRAPHICS_ALL] += x[fact];
        }
    }
}

const struct feature_family demographics_family = {
    FEATURES_OF(columns), .load = load, .unload = unload, .present = present, .fill = fill,
};
