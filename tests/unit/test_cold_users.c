/* Ratings at the places of a history where a user stands, against counting one by one. */
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/features/cold_users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { USERS = 80, MOVIES = 30, LONGEST = 70, DAY = 86400, DAYS = 200 };

static uint64_t offset[USERS + 1];
static uint32_t movie[USERS * LONGEST];
static int64_t when[USERS * LONGEST];

static void draw_ratings(struct rng *rng) {
    for (size_t u = 0; u < USERS; u++) {
        size_t n = u < 3 ? u : rng_below(rng, LONGEST);
        int64_t time = (int64_t)rng_below(rng, DAYS) * DAY;
        for (size_t i = 0; i < n; i++) {
            movie[offset[u] + i] = rng_below(rng, MOVIES);
            time += rng_below(rng, 2) * rng_below(rng, 3 * DAY); /* many at one moment */
            when[offset[u] + i] = time;
        }
        offset[u + 1] = offset[u] + n;
    }
}

/* Ratings of the movie at places [from, to) of a history, at times [since, until). */
static uint32_t count(uint32_t wanted, uint64_t from, uint64_t to, int64_t since, int64_t until) {
    uint32_t found = 0;
    for (size_t u = 0; u < USERS; u++) {
        for (uint64_t i = offset[u] + from; i < offset[u + 1] && i < offset[u] + to; i++) {
            found += movie[i] == wanted && when[i] >= since && when[i] < until;
        }
    }
    return found;
}

static void counts(void **state) {
    (void)state;
    struct error err = {0};
    struct rng rng = rng_keyed(1, "test.beginning", 0, 0);
    draw_ratings(&rng);
    const struct ratings ratings = {.n_users = USERS,
                                    .n_movies = MOVIES,
                                    .count = offset[USERS],
                                    .offset = offset,
                                    .movie = movie,
                                    .time = when};
    AUTO(beginnings) struct beginnings b = {0};
    assert_int_equal(beginnings_compute(&b, &ratings, &err), STATUS_OK);
    uint32_t recent[MOVIES], most = 0;
    for (int round = 0; round < 300; round++) {
        const size_t known = rng_below(&rng, 60);
        const int64_t now = (int64_t)rng_below(&rng, (DAYS + 100) * DAY);
        const uint32_t place = known < 30 ? (uint32_t)known : 30;
        assert_int_equal(beginnings_place(known), place);
        beginnings_recent(&b, MOVIES, place, now, recent);
        for (uint32_t m = 0; m < MOVIES; m++) {
            assert_int_equal(beginnings_first(&b, m), count(m, 0, 20, INT64_MIN, INT64_MAX));
            assert_int_equal(beginnings_next(&b, m, place),
                             count(m, place, place + 10, INT64_MIN, INT64_MAX));
            assert_int_equal(recent[m], count(m, place, place + 10, now - 30 * DAY, now));
            most = recent[m] > most ? recent[m] : most;
        }
    }
    assert_true(most >= 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
