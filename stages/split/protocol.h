/* The evaluation protocols and the role that each gives every rating. */
#ifndef MARQUEE_SPLIT_PROTOCOL_H
#define MARQUEE_SPLIT_PROTOCOL_H

#include "common/base/error.h"
#include "common/data/question.h"
#include "common/data/ratings.h"
#include "stages/split/temporal.h"

#include <stdint.h>

enum protocol_type {
    PROTOCOL_LEAVE_ONE_OUT,
    PROTOCOL_RANDOM,
    PROTOCOL_TEMPORAL,
    PROTOCOL_USERS,
    PROTOCOL_GIVEN,
    PROTOCOL_STRONG,
    PROTOCOL_MOVIES
};

enum { KNOWN_FOUR_FIFTHS = -1 };

struct protocol {
    enum protocol_type type;
    enum history_rule history;
    enum target_rule target; /* temporal; all for the others */
    enum moment_rule moment;
    double fraction;          /* random, temporal: of the ratings, to test; strong: of the users;
                                 movies: of the movies */
    uint32_t users;           /* users: how many are held out */
    int64_t known;            /* users: how many first ratings are known, or KNOWN_FOUR_FIFTHS */
    uint32_t rank_last;       /* ratings per user of role rank, where roles go by order */
    double newcomers;         /* of the users, where roles go by order */
    uint32_t least_newcomers; /* none if there would be fewer */
    double rank_fraction;     /* of the ratings that are not test; movies: of the movies */
    double valid_fraction;    /* the same; temporal: of the users */
    double rank_users;        /* strong: share of the training users that the ranker learns from */
    double min_rating;        /* strong: stars from which a rating counts */
    uint32_t min_ratings;     /* strong: users with fewer are left out */
    uint64_t seed;
    int64_t cut, fit_cut;      /* temporal: seconds since 1970, or CUT_BY_FRACTION */
    struct temporal_cuts cuts; /* temporal, once assigned */
};

const char *protocol_name(enum protocol_type type);

/* Reads "random", "random:0.1", "temporal:0.2", "users:500", ...: what stands behind the colon
 * replaces out->fraction or out->users. out->history becomes the protocol's rule, which under
 * temporal follows from out->target. STATUS_USAGE if the name or the number is wrong. */
enum status protocol_parse(struct protocol *out, const char *text, struct error *err);

/* Fills role[ratings->count], which holds ROLE_BASE everywhere or, under PROTOCOL_GIVEN, ROLE_TEST
 * where the file says so; `valid_given` then says that ROLE_VALID is marked as well.
 *   leave-one-out  per user: the last rating is test, the one before valid, `rank_last` before rank
 *   random         every rating is test with probability `fraction`; rank, valid at random
 *   temporal       what is newer than one moment is test, what is newer than another rank or, for
 *                  some users, valid: temporal.h
 *   users          `users` users are drawn; of each a fifth is test and the rest fold-in; all other
 *                  users as in leave-one-out, without a test rating (Liang et al., WWW 2018).
 *                  With `known` the first `known` ratings are fold-in, the next ten test, later
 *                  ones left out; only users with more than 20 are drawn
 *   given          test as marked; of the other ratings the last is valid, `rank_last` before rank
 *                  (under HISTORY_ALL: rank and valid at random)
 *   strong         whole users are held out, and ratings below `min_rating` left out: strong.h
 *   movies         whole movies are held out: protocol_movies.h
 * Where `rank_last` are rank, a share `newcomers` of the users, the cold users, has no rating of
 * role base: the first 30 and the last `rank_last` are rank, those between rank-fold-in. Of the
 * other users the first remaining rating is always base, however few there are, except under
 * temporal, for held-out users, and for those of strong. STATUS_FAILED if the protocol leaves
 * nothing to test or nothing to learn from. */
enum status protocol_assign(struct protocol *p, const struct ratings *ratings, bool valid_given,
                            uint8_t *role, struct error *err);

#endif
