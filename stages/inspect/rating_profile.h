/* Statistics of one movie's and one user's ratings; printing is elsewhere. */
#ifndef MARQUEE_INSPECT_RATING_PROFILE_H
#define MARQUEE_INSPECT_RATING_PROFILE_H

#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>

struct rating_profile {
    uint64_t count, stars[11]; /* stars[v]: ratings of v half stars */
    double mean, deviation;    /* stars; 0 if there are none */
    int64_t first, last;       /* times */
};
void profile_movie(struct rating_profile *out, const struct ratings *r, uint32_t movie);
void profile_user(struct rating_profile *out, const struct ratings *r, uint32_t user);

/* Rank of the movie among all by number of ratings, 1 = most rated; equal numbers share a rank. */
uint32_t popularity_place(const struct ratings *r, uint32_t movie);

/* How one genre figures in a user's history.
 *     lift     = share of the user's ratings that have the genre / the same share among everybody
 *     liking   = mean of the user's ratings of the genre - mean of all the user's ratings, stars
 *     affinity = n / (n + 5) * (log2(lift) + liking), n = the user's ratings with the genre */
struct genre_taste {
    uint32_t genre;
    uint64_t count;
    double share, lift, mean, liking, affinity;
};
/* One entry per genre that the user has rated, greatest affinity first. *out is mem_free'd by the
 * caller. */
enum status profile_taste(struct genre_taste **out, size_t *count, const struct catalogue *c,
                          const struct ratings *r, uint32_t user, struct error *err);

#endif
