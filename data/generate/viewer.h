/* One made-up user: activity, taste, which movies are watched in which order, and how they are
 * rated and tagged. */
#ifndef MARQUEE_GENERATE_VIEWER_H
#define MARQUEE_GENERATE_VIEWER_H

#include "data/generate/world.h"

enum { MIN_RATINGS = 20 };

struct viewing {
    uint32_t movie;  /* position in the world */
    uint8_t value;   /* half stars */
    int64_t time;    /* seconds since 1970, ascending */
    const char *tag; /* or NULL */
};

/* Scratch of one thread. */
struct viewer_work {
    uint32_t *seen;          /* [n_movies] last user (+ 1) who saw the movie */
    double *interest;        /* [n_clusters] running sums of the user's interest */
    struct viewing *viewing; /* [most] */
};
enum status viewer_work_create(struct viewer_work *out, const struct world *w, size_t most,
                               struct error *err);
void viewer_work_release(struct viewer_work *w);

/* Fills work->viewing[0..count) with what `user` watched, in time order. The same for the same
 * (world, user, count, seed), whichever thread asks. */
void viewer_watch(struct viewer_work *work, const struct world *w, uint32_t user, size_t count,
                  uint64_t seed);

/* Decides how many ratings each user gives: at least MIN_RATINGS, at most `most`, skewed as in
 * MovieLens, `total` in all. STATUS_USAGE if that is impossible. counts[n_users]. */
enum status viewer_counts(uint32_t *counts, uint32_t n_users, uint64_t total, uint32_t most,
                          uint64_t seed, struct error *err);

#endif
