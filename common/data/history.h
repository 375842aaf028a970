/* What is known of a user at a moment: the one input of every score and feature. */
#ifndef MARQUEE_DATA_HISTORY_H
#define MARQUEE_DATA_HISTORY_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>

/* What a split takes as a user's history:
 *   HISTORY_PREFIX   what the user did before the rating in question (leave-one-out, given)
 *   HISTORY_ALL      everything visible whatever its time (random)
 *   HISTORY_FOLD_IN  the part of a held-out user's ratings that was not held out (strong)
 *   HISTORY_CUT      what the user did before the end of what the models know (temporal: the coming
 *                    weeks)
 *   HISTORY_MOMENT   what the user did before the rating in question, held out or not; the models
 *                    know less (temporal: what next, now)
 * Stored in the split's metadata as "history" = "prefix", "all", ... */
enum history_rule { HISTORY_PREFIX, HISTORY_ALL, HISTORY_FOLD_IN, HISTORY_CUT, HISTORY_MOMENT };
const char *history_rule_name(enum history_rule rule);
enum status split_history_rule(enum history_rule *out, const struct artifact *split,
                               struct error *err);

/* In time order, oldest first; arrays belong to the caller. A movie occurs at most once. */
struct history {
    const uint32_t *movie;
    const uint8_t *value; /* half stars, 1..10 */
    const int64_t *time;
    size_t count;
};

/* The mean of the ratings, stars; NaN without any. */
double history_mean_stars(const struct history *h);

/* A growing history that owns its arrays; what history_of returns points into them and is valid
 * until the next change. */
struct history_buffer {
    uint32_t *movie;
    uint8_t *value;
    int64_t *time;
    size_t count, capacity;
};
enum status history_add(struct history_buffer *h, uint32_t movie, uint8_t value, int64_t time,
                        struct error *err);
void history_clear(struct history_buffer *h);
void history_buffer_release(struct history_buffer *h);
struct history history_of(const struct history_buffer *h);

/* Fills `out` with the history of `user` from which the rating at `position` (an index into the
 * arrays of `ratings`) is to be scored: under HISTORY_PREFIX the ratings of roles base, rank and
 * rank-fold-in that precede it, under HISTORY_ALL those of role base, under HISTORY_FOLD_IN those
 * of the fold-in roles, under HISTORY_CUT those of base and rank-fold-in, under HISTORY_MOMENT all
 * that precede it but those left out; never the rating itself. For positions of role rank, valid or
 * valid-out. */
enum status history_before(struct history_buffer *out, const struct ratings *ratings,
                           const uint8_t *role, uint32_t user, uint64_t position,
                           enum history_rule rule, struct error *err);

/* Fills `out` with what is known of `user` at test time, when `movie` is the first to be found:
 * every rating whose role is not test (or left-out); under HISTORY_MOMENT every rating before that
 * of `movie`, whatever its role. */
enum status history_for_test(struct history_buffer *out, const struct ratings *ratings,
                             const uint8_t *role, uint32_t user, uint32_t movie,
                             enum history_rule rule, struct error *err);

#endif
