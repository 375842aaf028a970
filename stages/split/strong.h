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
    uint32_t min_ratings; /* of a user who has fewer that remain, all are left out */
    uint64_t seed;
};

/* Fills role[ratings->count]. Of the users with ratings enough, by lot: `fraction` are test users
 * and as many validation users; of the others `rank_users` are the ranker's and the rest, the
 * majority, are base entirely. A fifth of the ratings (rounded down) of each user of the first
 * three kinds is held out by lot and the rest is known: roles test and fold-in, valid-out and
 * valid-fold-in, rank and rank-fold-in. A movie that no base or ranker's user has a rating of left
 * is left out of the ratings of the held-out users, who then hold nothing out if fewer than
 * `min_ratings` remain. STATUS_FAILED if no user is left for one of the four kinds. */
enum status strong_assign(const struct strong_params *p, const struct ratings *ratings,
                          uint8_t *role, struct error *err);

#endif
