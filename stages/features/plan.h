/* Which ratings become groups of training or validation rows. */
#ifndef MARQUEE_FEATURES_PLAN_H
#define MARQUEE_FEATURES_PLAN_H

#include "common/base/error.h"
#include "common/data/dataset.h"

#include <stddef.h>
#include <stdint.h>

struct plan {
    uint32_t *user;     /* [count] */
    uint64_t *position; /* [count] of the positive among all ratings */
    size_t count;
    size_t available; /* positives before the cap */
};

/* The ratings of role `positive`, in the order of users and times; more than `max_groups` are
 * thinned to that many by selection sampling, keyed by seed and role. Nothing here depends on
 * ratings of other roles. Owned by the caller; plan_release. */
enum status plan_make(struct plan *out, const struct ratings *ratings, const uint8_t *role,
                      enum role positive, size_t max_groups, uint64_t seed, struct error *err);
void plan_release(struct plan *p);

#endif
