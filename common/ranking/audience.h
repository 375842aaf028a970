/* What the people of a view did: who loved what, what is rated often, how far ratings stray. Counts
 * of visible ratings alone, no models, so that whoever has the ratings can check them. */
#ifndef MARQUEE_RANKING_AUDIENCE_H
#define MARQUEE_RANKING_AUDIENCE_H

#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOVE_NEVER = 11, RECENT_DAYS = 90, SPREADS = 32 };

/* The least half stars with which somebody who gave these ratings says that they loved a movie: 9
 * (4.5 stars), or the highest that they give, if that is 8 (4 stars) and above their mean; else
 * LOVE_NEVER. */
uint8_t love_of(const uint8_t *value, size_t n);

struct audience {
    const struct ratings *ratings;
    uint32_t n_movies;
    uint32_t n_people;    /* users with a visible rating */
    uint64_t *fan_offset; /* [n_movies + 1] */
    uint32_t *fan;        /* users who loved the movie, ascending */
    uint32_t *raters;     /* [n_movies] */
    double loved_share;   /* of all ratings; 0 if nobody loved anything */

    /* Mean deviation of the ratings of each movie from the means of their users, both shrunken by
     * 5 ratings at no deviation; stars. */
    float *merit; /* [n_movies] */
    /* Root mean square, stars, of what remains of a rating after the mean of its user and the merit
     * of its movie, each without the rating itself, by movies of 2^b to 2^(b+1) - 1 ratings; of all
     * ratings where a b has fewer than 30. NaN without any. */
    float spread[SPREADS];

    uint32_t popular;      /* ratings of a movie that is in the top twentieth of the rated ones */
    bool has_recent;       /* times are dates, and reach further back than RECENT_DAYS */
    int64_t newest;        /* time of the newest rating */
    uint32_t *recent;      /* [n_movies] ratings of the RECENT_DAYS before it, itself included */
    uint32_t *recent_fans; /* [n_movies] those who loved it then */
    uint32_t recent_top;   /* `recent` of at most ten movies is not below this */
    uint32_t recent_most;  /* `recent` of the one movie that has most; UINT32_MAX if several have */
};

/* Where all ratings are equal, nobody has said that they loved anything, and there are no fans. The
 * ratings are kept; of their arrays only by_movie_offset and by_movie_user are used later. Must be
 * released, also on failure. */
enum status audience_compute(struct audience *out, const struct ratings *r, struct error *err);
void audience_release(struct audience *a);

bool audience_is_fan(const struct audience *a, uint32_t movie, uint32_t user);
/* How many loved both. */
uint32_t audience_fans_of_both(const struct audience *a, uint32_t movie, uint32_t other);
uint32_t audience_fans(const struct audience *a, uint32_t movie);
/* How many loved `movie` and rated `other`. */
uint32_t audience_fans_who_rated(const struct audience *a, uint32_t movie, uint32_t other);

/* Whether an ascending list holds `index`. */
bool index_among(const uint32_t *list, uint64_t n, uint32_t index);

/* Spread for a movie with this many ratings; NaN for none. */
float audience_spread(const struct audience *a, uint32_t raters);

#endif
