/* One moment for all users: what came before it is known, what comes after it is asked. */
#ifndef MARQUEE_SPLIT_TEMPORAL_H
#define MARQUEE_SPLIT_TEMPORAL_H

#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stdint.h>

/* A cut that follows from a fraction. */
#define CUT_BY_FRACTION INT64_MIN

struct temporal_params {
    double fraction;           /* of the ratings, to test */
    double rank_fraction;      /* of the others, to the ranker */
    double valid_fraction;     /* of the users: theirs of those are for validation */
    int64_t cut_full, cut_fit; /* the cuts, or CUT_BY_FRACTION */
    uint64_t seed;
};

/* The last second that the models of view fit, and of view full, may know. */
struct temporal_cuts {
    int64_t fit, full;
};

/* Fills role[ratings->count] and *cuts. The cut of view full is the quantile 1 - fraction of all
 * times (between two neighbours interpolated, as in numpy and pandas); what is newer is test. The
 * cut of view fit is the quantile 1 - rank_fraction of the times up to that; what lies between the
 * two is rank, or valid for the users drawn for validation: their lists are as far from the end of
 * what the models know as those that the ranker learns from, and as those that the test asks for.
 * What is older is base.
 *
 * Somebody of whom nothing older is known is asked from the second rating on; the first becomes
 * rank-fold-in, or fold-in behind the later cut. So is the only rating of a user up to that: a
 * sequence of one teaches nothing (Gusak et al., Time to Split, RecSys 2025). */
enum status temporal_assign(struct temporal_cuts *cuts, const struct temporal_params *p,
                            const struct ratings *ratings, uint8_t *role, struct error *err);

#endif
