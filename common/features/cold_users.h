/* How accounts begin: which movies are rated at which place of a history. What is shown to cold
 * users differs from what users find later, and it changes over time. */
#ifndef MARQUEE_FEATURES_COLD_USERS_H
#define MARQUEE_FEATURES_COLD_USERS_H

#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>

/* The first ratings of every account: COLD_PLACES and the COLD_TARGETS that follow. */
struct beginnings {
    uint32_t *before;    /* [movies, places + 1] ratings of the movie at earlier places */
    struct begun *begun; /* [n_begun] ascending by time */
    size_t n_begun;
};
enum status beginnings_compute(struct beginnings *out, const struct ratings *ratings,
                               struct error *err);
void beginnings_release(struct beginnings *b);

/* The place of the next rating of a user who has `known` of them; COLD_PLACES stands for all later
 * ones. */
uint32_t beginnings_place(size_t known);
/* count[n_movies] = ratings in the 30 days before `now` at the ten places from `place` on. */
void beginnings_recent(const struct beginnings *b, uint32_t n_movies, uint32_t place, int64_t now,
                       uint32_t *count);
/* Ratings of a movie: among the first 20 of each user; at the ten places from `place` on. */
uint32_t beginnings_first(const struct beginnings *b, uint32_t movie);
uint32_t beginnings_next(const struct beginnings *b, uint32_t movie, uint32_t place);

#endif
