/* What is to be ranked for each user, and against which candidates. */
#ifndef MARQUEE_SPLIT_TARGETS_H
#define MARQUEE_SPLIT_TARGETS_H

#include "common/base/error.h"
#include "common/data/question.h"
#include "common/data/ratings.h"
#include "common/data/test_set.h"
#include "stages/split/pairs.h"

/* The ratings of role test that are to be found, per user in time order. */
enum status targets_from_roles(struct test_set *out, const struct ratings *ratings,
                               const uint8_t *role, enum target_rule target, uint64_t seed,
                               struct error *err);

/* The pairs of a file, per user in its order; value and time come from the rating where there is
 * one, else from the file, and an unknown time becomes that of the user's newest rating. */
enum status targets_from_pairs(struct test_set *out, const struct pairs *pairs,
                               const struct ratings *ratings, struct error *err);

/* Gives each user with a target `count` movies drawn uniformly without repetition from those that
 * the user neither rated nor has as a target; fewer where there are fewer. */
enum status targets_draw_candidates(struct test_set *t, const struct ratings *ratings,
                                    uint32_t count, uint64_t seed, struct error *err);

uint32_t targets_users(const struct test_set *t); /* users with a target */

#endif
