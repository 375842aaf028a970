/* What a file's times are worth: whether the order within users says anything about the users. */
#ifndef MARQUEE_INGEST_TIME_WORTH_H
#define MARQUEE_INGEST_TIME_WORTH_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stdbool.h>
#include <stdint.h>

/* All shares are from 0 to 1. */
struct time_worth {
    double tied;        /* share of ratings of the same second as a neighbour of the same user */
    double users_equal; /* share of the users with two ratings or more whose times are all equal */
    /* Spearman's correlation, within users, of the order of times (ties in the middle) with movie
     * ids and with rows of the file; the mean over the users whose times differ, weighted by
     * ratings - 1. 0 without such users. */
    double rank_movie, rank_row;
    /* Of movies that two users both rated, at different times, and that follow each other for one
     * of them: share that the other had in the same order. 0.5 where everybody has an order of
     * their own, 1 where one order of the movies explains all of them: that of ids or titles,
     * whatever was made of them since. 0 if no two users have two movies in common. */
    double shared;
    double session; /* median length in seconds; an hour without a rating ends a session */
    uint64_t days;  /* on which anything was rated */

    uint64_t users_ranked; /* on which rank_movie and rank_row rest */
    uint64_t users_shared; /* on which `shared` rests; of many users it asks a sample */
    bool all_equal;        /* one time for all ratings */
};

/* `r` is in the order of times and has its item-major half; row [ratings] is the place of each
 * rating in its user's list as the file has it. */
enum status time_worth_measure(struct time_worth *out, const struct ratings *r, const uint32_t *row,
                               struct error *err);

/* Appends to `why` the reason for which the order says nothing, with the figure that decided;
 * nothing if it says something: where any of users_equal, |rank_movie| and shared reaches 0.95, the
 * latter two for ten users or more, or all times are equal. */
enum status time_worth_judge(struct buf *why, const struct time_worth *w, struct error *err);

#endif
