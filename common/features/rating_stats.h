/* Statistics of the movies and users of a view, for several families of features. */
#ifndef MARQUEE_FEATURES_RATING_STATS_H
#define MARQUEE_FEATURES_RATING_STATS_H

#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>

struct rating_stats {
    double variance;        /* of all ratings, stars */
    float mean_year;        /* over the movies whose year is known */
    float *user_mean;       /* [users] stars, shrunken */
    float *user_length;     /* [users] square root of the number of ratings */
    float *movie_deviation; /* [movies] standard deviation of the ratings, shrunken */
    float *log_count;       /* [largest popularity + 1] log(1 + n) */
    float *log_popularity;  /* [movies] log(1 + ratings) */
    float *percentile;      /* [movies] share of movies with fewer ratings; ties count half */
    float *year;            /* [movies] the mean year if unknown */
    uint64_t *genre_mask;   /* [movies] bit g % 64 for each genre g */
    int64_t *first_time;    /* [movies] of the first rating; INT64_MAX if none */
    int64_t end;        /* time of the newest rating: what happened later the models do not know */
    int64_t first_hour; /* of hour 0 below, in hours since 1970 */
    uint32_t *hour; /* [ratings] hour of each rating, ascending in each movie's range of by_movie */
    uint32_t period, n_periods; /* hours per period; periods that cover all ratings */
    uint32_t *before_period; /* [movies, n_periods + 1] ratings of the movie before each period */
};

/* `mean`: of the ratings, stars. Must be released, also on failure. */
enum status rating_stats_compute(struct rating_stats *out, const struct catalogue *catalogue,
                                 const struct ratings *ratings, double mean, struct error *err);
void rating_stats_release(struct rating_stats *s);

/* Fills period, n_periods and before_period from the hours. */
enum status rating_stats_count_periods(struct rating_stats *s, const struct ratings *r,
                                       struct error *err);
/* out[n] = ratings of movie[n] before `hour` (hours since 1970). */
void rating_stats_count_before(const struct rating_stats *s, const struct ratings *r,
                               const uint32_t *movie, size_t n, int64_t hour, uint32_t *out);

#endif
