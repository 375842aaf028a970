/* Files of given pairs: userId,movieId[,rating[,timestamp]], and of candidates:
 * userId,movieId,movieId,... in raw ids; the first line may be a header. */
#ifndef MARQUEE_SPLIT_PAIRS_H
#define MARQUEE_SPLIT_PAIRS_H

#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"

#include <stdbool.h>
#include <stdint.h>

/* By user, within a user in the order of the file. */
struct pairs {
    uint32_t n_users;
    uint64_t *offset; /* [n_users + 1] */
    uint32_t *movie;  /* movie index */
    float *rating;    /* stars; NaN unknown */
    int64_t *time;    /* INT64_MIN unknown */
    uint64_t *line;   /* in the file, from 1 */

    const char *path; /* of the file, and the ids in it, for messages; not owned */
    const struct catalogue *catalogue;
};
void pairs_release(struct pairs *p);

/* An id that the catalogue does not know, a rating off the half-star grid, a pair given twice or
 * anything unreadable is STATUS_FAILED with file and line. */
enum status pairs_read(struct pairs *out, const struct catalogue *c, const char *path,
                       struct error *err);

/* The candidates exactly as in the file, repetitions included; users without a line have none. Only
 * offset, movie and line are filled. */
enum status pairs_read_candidates(struct pairs *out, const struct catalogue *c, const char *path,
                                  struct error *err);

/* Marks the ratings of the pairs with a role. Pairs without a rating are STATUS_FAILED, or are
 * counted in *n_missing if they are allowed. */
enum status pairs_mark(const struct pairs *p, const struct ratings *ratings, enum role to,
                       bool allow_missing, uint8_t *role, uint64_t *n_missing, struct error *err);

/* Position of the user's rating of the movie, or UINT64_MAX. */
uint64_t ratings_find(const struct ratings *ratings, uint32_t user, uint32_t movie);

#endif
