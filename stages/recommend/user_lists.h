/* Recommendations to one user, or to every user of the dataset. */
#ifndef MARQUEE_RECOMMEND_USER_LISTS_H
#define MARQUEE_RECOMMEND_USER_LISTS_H

#include "common/base/error.h"
#include "common/data/history.h"
#include "common/ranking/recommender.h"
#include "stages/recommend/print.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct wishes {
    size_t n; /* movies per user */
    struct recommend_filter filter;
    size_t shortlist; /* recommend_shortlist */
    enum purpose purpose;
    int64_t now; /* seconds since 1970; recommend_moment */
};

/* Appends the recommendations for a history to `out`. `user` is a user index, or NO_INDEX. */
enum status users_one(const struct printer *p, const struct wishes *wishes,
                      const struct history *history, uint32_t user, struct buf *out,
                      struct error *err);

/* Writes those of every user to `stream`, in the order of the users. Users are done in parallel in
 * blocks of fixed size; memory does not grow with their number. *n_rows users were written. */
enum status users_all(const struct printer *p, const struct wishes *wishes, FILE *stream,
                      uint64_t *n_users, struct error *err);

#endif
