/* Each sampler against the distribution that its header promises. */
#include "common/base/mem.h"
#include "common/data/negative_sampler.h"
#include "tests/unit/support.h"

#include <math.h>

enum { MOVIES = 12 };

/* User 0 has rated movies 2, 7 and 4, user 1 nothing, user 2 all but movie 5, user 3 all. */
static uint64_t offset[] = {0, 3, 3, 14, 26};
static uint32_t movie[] = {2, 7, 4, 11, 10, 9, 8, 7, 6, 4, 3, 2,  1,
                           0, 0, 1, 2,  3,  4, 5, 6, 7, 8, 9, 10, 11};
static const struct ratings ratings = {
    .n_users = 4, .n_movies = MOVIES, .count = 26, .offset = offset, .movie = movie};

static struct error err;

static void marks_count_once(void **state) {
    (void)state;
    AUTO(pool) struct pool p = {0};
    assert_int_equal(pool_alloc(&p, MOVIES, &err), STATUS_OK);
    assert_int_equal(p.n_free, MOVIES);
    pool_mark(&p, 3);
    pool_mark(&p, 3);
    pool_mark(&p, 8);
    assert_int_equal(p.n_free, MOVIES - 2);
    pool_clear(&p);
    assert_int_equal(p.n_free, MOVIES);
    assert_int_equal(p.marked[3], 0);
}

/* Checks that the draws are different and unmarked, and counts them. */
static void count_draws(const struct pool *p, const uint32_t *drawn, size_t n, size_t *times) {
    bool seen[MOVIES] = {false};
    for (size_t i = 0; i < n; i++) {
        assert_true(drawn[i] < MOVIES && !p->marked[drawn[i]] && !seen[drawn[i]]);
        seen[drawn[i]] = true;
        times[drawn[i]]++;
    }
}

/* 9 movies are free; draws of 4 and, by shuffling, of 6: each as often as every other. */
static void pools_are_drawn_from_evenly(void **state) {
    (void)state;
    enum { ROUNDS = 9000 };
    AUTO(pool) struct pool p = {0};
    assert_int_equal(pool_alloc(&p, MOVIES, &err), STATUS_OK);
    const uint32_t marked[] = {0, 5, 11};
    for (size_t i = 0; i < 3; i++) {
        pool_mark(&p, marked[i]);
    }
    for (size_t n = 4; n <= 6; n += 2) {
        size_t times[3][MOVIES] = {{0}};
        struct rng rng = rng_keyed(1, "test.pool", n, 0);
        for (int round = 0; round < ROUNDS; round++) {
            uint32_t drawn[MOVIES];
            pool_draw(&p, &rng, n, drawn);
            count_draws(&p, drawn, n, times[0]);
            assert_int_equal(pool_sample(&p, &rng, n, drawn), n);
            count_draws(&p, drawn, n, times[1]);
            assert_int_equal(pool_try(&p, &rng, n, SIZE_MAX, drawn), n);
            count_draws(&p, drawn, n, times[2]);
        }
        for (size_t way = 0; way < 3; way++) {
            for (uint32_t m = 0; m < MOVIES; m++) {
                double expected = p.marked[m] ? 0 : ROUNDS * (double)n / 9;
                assert_true(fabs((double)times[way][m] - expected) <= 5 * sqrt(expected));
            }
        }
        assert_int_equal(p.n_free, 9);
    }
}

static void what_a_small_pool_gives(void **state) {
    (void)state;
    AUTO(pool) struct pool p = {0};
    assert_int_equal(pool_alloc(&p, MOVIES, &err), STATUS_OK);
    for (uint32_t m = 0; m < MOVIES; m++) {
        if (m != 4 && m != 6) pool_mark(&p, m);
    }
    uint32_t drawn[50];
    size_t fours = 0;
    struct rng rng = rng_keyed(1, "test.pool", 0, 0);
    pool_draw(&p, &rng, 50, drawn); /* again and again */
    for (size_t i = 0; i < 50; i++) {
        assert_true(drawn[i] == 4 || drawn[i] == 6);
        fours += drawn[i] == 4;
    }
    assert_in_range(fours, 10, 40);
    assert_int_equal(pool_sample(&p, &rng, 50, drawn), 2); /* each once */
    assert_int_equal(drawn[0] + drawn[1], 10);
    assert_int_equal(pool_try(&p, &rng, 50, 1000, drawn), 2);
    assert_int_equal(drawn[0] + drawn[1], 10);
    pool_mark(&p, 4);
    pool_mark(&p, 6);
    assert_int_equal(pool_try(&p, &rng, 1, 1000, drawn), 0);
    assert_int_equal(pool_sample(&p, &rng, 1, drawn), 0);
}

static void tries_are_counted(void **state) {
    (void)state;
    AUTO(pool) struct pool p = {0};
    assert_int_equal(pool_alloc(&p, MOVIES, &err), STATUS_OK);
    struct rng rng = rng_keyed(1, "test.pool", 0, 0), expected = rng;
    uint32_t drawn[3];
    for (uint32_t m = 0; m < MOVIES; m++) {
        pool_mark(&p, m);
    }
    (void)pool_try(&p, &rng, 3, 7, drawn);
    for (int i = 0; i < 7; i++) {
        (void)rng_below(&expected, MOVIES);
    }
    assert_memory_equal(&rng, &expected, sizeof rng);
}

static void what_a_user_has_rated_is_not_drawn(void **state) {
    (void)state;
    enum { ROUNDS = 9000 };
    AUTO(unseen_sampler) struct unseen_sampler s = {0};
    assert_int_equal(unseen_sampler_build(&s, &ratings, &err), STATUS_OK);
    struct rng rng = rng_keyed(1, "test.unseen", 0, 0);
    size_t times[3][MOVIES] = {{0}};
    for (uint32_t user = 0; user < 3; user++) {
        for (int round = 0; round < ROUNDS; round++) {
            uint32_t drawn[2];
            unseen_draw(&s, user, &rng, 2, drawn);
            times[user][drawn[0]]++;
            times[user][drawn[1]]++;
        }
    }
    for (uint32_t m = 0; m < MOVIES; m++) {
        bool rated = m == 2 || m == 4 || m == 7;
        assert_true(fabs((double)times[0][m] - (rated ? 0 : 2000)) < (rated ? 1 : 220));
        assert_true(fabs((double)times[1][m] - 1500) < 190);
        assert_true(m == 5 || times[2][m] < 12); /* only if a hundred tries missed movie 5 */
    }
}

static void who_has_rated_all_gets_something(void **state) {
    (void)state;
    AUTO(unseen_sampler) struct unseen_sampler s = {0};
    assert_int_equal(unseen_sampler_build(&s, &ratings, &err), STATUS_OK);
    struct rng rng = rng_keyed(1, "test.unseen", 0, 0), expected = rng;
    uint32_t drawn, last = 0;
    unseen_draw(&s, 3, &rng, 1, &drawn);
    for (int i = 0; i < 100; i++) {
        last = rng_below(&expected, MOVIES);
    }
    assert_int_equal(drawn, last);
}

/* Movies 0 to 3 have 4, 0, 9 and 1 ratings: to the power 1/2, weights 2, 0, 3 and 1. */
static void popular_movies_are_drawn_more_often(void **state) {
    (void)state;
    enum { ROUNDS = 60000 };
    uint64_t by_movie_offset[] = {0, 4, 4, 13, 14};
    const struct ratings r = {.n_movies = 4, .count = 14, .by_movie_offset = by_movie_offset};
    AUTO(popularity_sampler) struct popularity_sampler s = {0};
    assert_int_equal(popularity_sampler_build(&s, &r, 0.5, &err), STATUS_OK);
    assert_int_equal(s.n, 3);
    const uint32_t movies[] = {0, 2, 3};
    assert_memory_equal(s.movie, movies, sizeof movies);
    const double share[] = {2.0 / 6, 3.0 / 6, 1.0 / 6};
    size_t times[3] = {0};
    struct rng rng = rng_keyed(1, "test.popularity", 0, 0);
    for (int round = 0; round < ROUNDS; round++) {
        times[popularity_draw(&s, &rng)]++;
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(popularity_expected(&s, i, 12) - 12 * share[i]) < 1e-12);
        assert_true(fabs((double)times[i] - ROUNDS * share[i]) < 600);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_count_once),
        cmocka_unit_test(pools_are_drawn_from_evenly),
        cmocka_unit_test(what_a_small_pool_gives),
        cmocka_unit_test(tries_are_counted),
        cmocka_unit_test(what_a_user_has_rated_is_not_drawn),
        cmocka_unit_test(who_has_rated_all_gets_something),
        cmocka_unit_test(popular_movies_are_drawn_more_often),
    };
    return cmocka_run_group_tests_name("negative sampler", tests, NULL, NULL);
}
