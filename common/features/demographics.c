/* Features of what a user says of himself or herself: gender, age, occupation. */
#include "common/features/feature_internal.h"

#include "common/base/mem.h"

#include <math.h>

enum { UNKNOWN_OCCUPATION = 255 };

/* Ratings by which a movie's odds among the people of one level are shrunken towards 1. */
static const double SHRINK_ODDS = 20.0;

static const char *const columns[DEMOGRAPHICS_FACTS] = {
    [DEMOGRAPHICS_GENDER] = "user.gender",
    [DEMOGRAPHICS_AGE] = "user.age",
    [DEMOGRAPHICS_OCCUPATION] = "user.occupation",
};

/* The age bands of ml-1m, so that ages in years and bands mean the same. */
static uint8_t age_band(uint8_t age) {
    static const uint8_t from[] = {1, 18, 25, 35, 45, 50, 56};
    uint8_t band = 0;
    while (band < sizeof from && age >= from[band]) {
        band++;
    }
    return band;
}

/* Level 0 is "not known"; returns the number of levels. */
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

/* log of (ratings by people of the level + shrinkage) / (those that their share of all ratings lets
 * expect + shrinkage), per level and movie; 0 where the level is not known. */
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

enum status demographics_load(struct demographics *p, const struct artifact *dataset,
                              const struct ratings *ratings, struct error *err) {
    for (size_t fact = 0; fact < DEMOGRAPHICS_FACTS; fact++) {
        if (artifact_column(dataset, columns[fact]) == NULL) continue;
        TRY(artifact_read(dataset, columns[fact], DTYPE_U8, ratings->n_users, &p->level[fact],
                          err));
        TRY(compute_odds(p, fact, ratings, err));
        p->present = true;
    }
    return STATUS_OK;
}

void demographics_release(struct demographics *p) {
    for (size_t fact = 0; fact < DEMOGRAPHICS_FACTS; fact++) {
        mem_free(p->level[fact]);
        mem_free(p->odds[fact]);
    }
    *p = (struct demographics){0};
}

void demographics_fill(const struct feature_work *w, uint32_t movie, float *x) {
    const struct demographics *p = &w->context->demographics;
    size_t movies = w->context->catalogue.n_movies;
    x[DEMOGRAPHICS_ALL] = 0;
    for (size_t fact = 0; fact < DEMOGRAPHICS_FACTS; fact++) {
        bool known = p->level[fact] != NULL && w->self < w->context->catalogue.n_users;
        x[fact] = known ? p->odds[fact][p->level[fact][w->self] * movies + movie] : 0;
        x[DEMOGRAPHICS_ALL] += x[fact];
    }
}
