/* The made-up movies: what everybody can see of them (title, year, genres) and what nobody can
 * (popularity, quality, taste vector, which movies lead on to which). */
#ifndef MARQUEE_GENERATE_WORLD_H
#define MARQUEE_GENERATE_WORLD_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "data/generate/theme.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TASTE_DIM = 8,
    RELATED = 8, /* movies that a movie leads on to */
    NO_MOVIE = -1,
    FIRST_YEAR = 1925,
    LAST_YEAR = 2018
};

struct movie {
    uint32_t id; /* as in the files; ids have gaps */
    uint16_t theme;
    uint16_t cluster; /* a variant of the theme, with a taste and an era of its own */
    uint16_t year;
    float weight;  /* popularity, relative */
    float quality; /* stars above or below the average */
    float taste[TASTE_DIM];
    int32_t sequel;           /* next part of its series, or NO_MOVIE */
    int32_t related[RELATED]; /* strongest first */
};

/* Movies in order of year with running sums of their weights, so that drawing one of a span of
 * years takes a few binary searches. */
struct shelf {
    uint32_t *movie;
    uint16_t *year;
    double *sum; /* [count + 1] */
    size_t count;
};

struct cluster {
    uint16_t theme;
    double year;
    float taste[TASTE_DIM];
    struct shelf shelf;
};

/* Movies are in the order of their ids. */
struct world {
    struct movie *movies;
    struct strings titles; /* as in movies.csv, with the year */
    struct strings genres; /* as in movies.csv */
    uint32_t n_movies;
    struct cluster *clusters;
    uint32_t n_clusters;
    struct shelf all;
};

enum status world_create(struct world *out, uint32_t n_movies, uint64_t seed, struct error *err);
void world_release(struct world *w);

float taste_dot(const float *a, const float *b);

/* Draws a movie of the years [first, last], in proportion to its weight; NO_MOVIE if the shelf has
 * none. */
int32_t shelf_draw(const struct shelf *s, unsigned first, unsigned last, struct rng *rng);

#endif
