/* Which ratings become groups of training or validation rows. */
#ifndef MARQUEE_FEATURES_PLAN_H
#define MARQUEE_FEATURES_PLAN_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan {
    uint32_t *user;     /* [count] */
    uint64_t *position; /* [count] of the positive among all ratings */
    uint64_t *start;    /* [count] of the first rating that is not known yet: the positive, or one
                           of the nine before it */
    float *weight;      /* [count] of the group, on average 1 */
    size_t count;
    size_t available; /* groups before the cap */
};

/* A newcomer is a (cold) user without a rating of role base: the models of view fit know no more
 * about the beginning of the account than about any new one. Its first thirty ratings are its
 * beginning. */
enum plan_part {
    PLAN_ALL,
    PLAN_SETTLED,   /* all but beginnings; start is the positive */
    PLAN_BEGINNINGS /* each four times, with a start drawn anew: a newcomer looks at one list for
                       longer than until the next rating, so the list should hold any of the next
                       ten */
};

/* The ratings of role `positive` that belong to `part`, in the order of users and times; if there
 * are more than `max_groups`, they are thinned to that many by selection sampling, keyed by seed
 * and role. Nothing here depends on ratings of other roles but base. Owned by the caller;
 * plan_release. */
enum status plan_make(struct plan *out, const struct ratings *ratings, const uint8_t *role,
                      enum role positive, enum plan_part part, size_t max_groups, uint64_t seed,
                      struct error *err);
/* Makes lists count alike that have ten targets or more, however many they are, and those of fewer
 * by their number: sets plan->weight, which is 1 before. */
enum status plan_weigh_lists(struct plan *plan, uint32_t n_users, struct error *err);
/* Whether there are any beginnings of newcomers. */
bool plan_has_beginnings(const struct ratings *ratings, const uint8_t *role);
void plan_release(struct plan *p);

#endif
