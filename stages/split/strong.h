/* Strong generalisation: whole users are held out (Liang et al., WWW 2018). */
#ifndef MARQUEE_SPLIT_STRONG_H
#define MARQUEE_SPLIT_STRONG_H

#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stdint.h>

struct strong_params {
    double fraction;      /* of the users, to test; as many again to validation */
    double rank_users;    /* share of the other users that the ranker learns from */
    double min_rating;    /* stars; what is below is left out */
    uint32_t min_ratings; /* users with fewer remaining ratings are left out */
    uint64_t seed;
};

/* Fills role[ratings->count]. Users with enough ratings are drawn at random: `fraction` are test
 * users and as many are validation users; of the others `rank_users` are the ranker's, and the
 * rest, the majority, are base entirely. Of each user of the first three kinds a random fifth of
 * the ratings (rounded down) is held out and the rest is known: roles test and fold-in, valid-out
 * and valid-fold-in, rank and rank-fold-in. Ratings of movies that no base user and no user of the
 * ranker has rated are left out for the held-out users; if fewer than `min_ratings` then remain,
 * nothing of the user is held out. STATUS_FAILED if no user is left for one of the four kinds. */
enum status strong_assign(const struct strong_params *p, const struct ratings *ratings,
                          uint8_t *role, struct error *err);

#endif
