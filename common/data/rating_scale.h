/* The scale of ratings: stored as half stars, 1 to 10; computed with and shown as stars, 0.5 to
 * 5. */
#ifndef MARQUEE_DATA_RATING_SCALE_H
#define MARQUEE_DATA_RATING_SCALE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* Of one rating, or of a sum of ratings. Exact, because halving is. */
static inline double stars_of(double half_stars) {
    return 0.5 * half_stars;
}

/* Whether `stars` is on the scale; *half_stars is set if so. */
static inline bool half_stars_of(double stars, uint8_t *half_stars) {
    double doubled = 2 * stars;
    if (!(doubled >= 1 && doubled <= 10) || doubled != floor(doubled)) return false;
    *half_stars = (uint8_t)doubled;
    return true;
}

/* A prediction clamped to the scale; the lowest rating for NaN. */
static inline double stars_clip(double stars) {
    return fmin(fmax(stars, 0.5), 5.0);
}

/* The middle of five stars: what is predicted below it is not worth recommending. */
static const double MIDDLE_STARS = 3;

/* Whether a rating says that its user liked the movie: at least 4 of 5 stars, and at least the mean
 * of the user's other ratings (NaN: there are none). */
static inline bool stars_liked(double stars, double own_mean) {
    return stars >= 4 && !(stars < own_mean);
}

#endif
