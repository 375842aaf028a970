/* The test set: what is to be ranked or predicted for each user, and among which candidates. */
#ifndef MARQUEE_DATA_TEST_SET_H
#define MARQUEE_DATA_TEST_SET_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test_set {
    uint32_t n_users;
    uint64_t *offset; /* [n_users + 1] */
    uint32_t *movie;
    float *rating; /* stars; NaN unknown */
    int64_t *time;
    uint64_t *candidate_offset; /* [n_users + 1], or NULL: rank against the whole catalogue only */
    uint32_t *candidate_movie;
};
/* STATUS_DAMAGED unless the number of users and all movies fit those of `ratings`. */
enum status test_set_load(struct test_set *out, const struct artifact *split,
                          const struct ratings *ratings, struct error *err);
void test_set_release(struct test_set *t);

/* A list that is to be made for `user`, in which the entries first, ..., end - 1 of the test set
 * are to be found. */
struct test_list {
    uint32_t user;
    uint64_t first, end;
};
/* One list per user who has something to find or, if `each`, one per entry; users ascending. *out
 * [*count] is mem_free'd by the caller. */
enum status test_lists(struct test_list **out, size_t *count, const struct test_set *t, bool each,
                       struct error *err);

#endif
