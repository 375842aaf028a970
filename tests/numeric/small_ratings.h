/* Random ratings for the numeric tests: every user rates different movies, some far more popular
 * than others, with a taste that a factorization can find. */
#ifndef MARQUEE_TESTS_SMALL_RATINGS_H
#define MARQUEE_TESTS_SMALL_RATINGS_H

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/ratings.h"

#include <stdlib.h>
#include <string.h>

/* About `each` ratings per user (each / 2 to each * 3 / 2, fewer than n_movies / 2). The last movie
 * has no rating. Aborts when out of memory: a test can do nothing better. */
static inline void small_ratings(struct ratings *r, uint32_t n_users, uint32_t n_movies,
                                 uint32_t each, uint64_t seed) {
    uint64_t most = (uint64_t)n_users * each * 2, next = 0;
    *r = (struct ratings){.n_users = n_users, .n_movies = n_movies};
    bool good = MEM_NEW(&r->offset, n_users + 1, NULL) == STATUS_OK &&
                MEM_NEW(&r->movie, most, NULL) == STATUS_OK &&
                MEM_NEW(&r->value, most, NULL) == STATUS_OK &&
                MEM_NEW(&r->time, most, NULL) == STATUS_OK &&
                MEM_NEW(&r->by_movie_offset, n_movies + 1, NULL) == STATUS_OK &&
                MEM_NEW(&r->by_movie_user, most, NULL) == STATUS_OK &&
                MEM_NEW(&r->by_movie_rating, most, NULL) == STATUS_OK;
    MEM_AUTO uint8_t *seen = NULL;
    if (!good || MEM_NEW(&seen, n_movies, NULL) != STATUS_OK) abort();
    struct rng rng = rng_keyed(seed, "test.small_ratings", 0, 0);
    for (uint32_t u = 0; u < n_users; u++) {
        memset(seen, 0, n_movies);
        uint32_t count = each / 2 + rng_below(&rng, each);
        for (uint32_t k = 0; k < count; k++) {
            uint32_t movie;
            do {
                double x = rng_uniform(&rng);
                movie = (uint32_t)(x * x * (n_movies - 1));
            } while (seen[movie]);
            seen[movie] = 1;
            int value =
                5 + (movie % 3 == u % 3 ? 3 : -1) + (int)(movie % 2) + (int)rng_below(&rng, 3) - 1;
            r->movie[next] = movie;
            r->value[next] = (uint8_t)(value < 1 ? 1 : value > 10 ? 10 : value);
            r->time[next] =
                (next == r->offset[u] ? 1000000 : r->time[next - 1]) + rng_below(&rng, 20);
            r->by_movie_offset[movie + 1]++;
            next++;
        }
        r->offset[u + 1] = next;
    }
    r->count = next;
    for (uint32_t i = 0; i < n_movies; i++) {
        r->by_movie_offset[i + 1] += r->by_movie_offset[i];
    }
    MEM_AUTO uint64_t *at = NULL;
    if (MEM_NEW(&at, n_movies, NULL) != STATUS_OK) abort();
    memcpy(at, r->by_movie_offset, n_movies * sizeof(*at));
    for (uint32_t u = 0; u < n_users; u++) {
        for (uint64_t k = r->offset[u]; k < r->offset[u + 1]; k++) {
            uint64_t place = at[r->movie[k]]++;
            r->by_movie_user[place] = u;
            r->by_movie_rating[place] = k;
        }
    }
}

#endif
