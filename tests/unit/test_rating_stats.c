/* Counts of a movie's ratings by time, against counting one by one. */
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/ratings.h"
#include "common/features/rating_stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOVIES = 40, MOST = 300, FIRST_HOUR = 1000, HOURS = 20000 };

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Ratings of hours [from, to), hours counted from 1970. */
static uint32_t count(const uint32_t *hour, size_t n, int64_t from, int64_t to) {
    uint32_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += FIRST_HOUR + (int64_t)hour[i] >= from && FIRST_HOUR + (int64_t)hour[i] < to;
    return found;
}

static void counts(void **state) {
    (void)state;
    static uint32_t hour[MOVIES * MOST];
    uint64_t offset[MOVIES + 1] = {0};
    struct rng rng = rng_keyed(1, "test.statistics", 0, 0);
    for (size_t m = 0; m < MOVIES; m++) {
        size_t n = m < 4 ? m : rng_below(&rng, MOST);
        uint32_t span = m % 3 == 0 ? 5 : HOURS; /* many equal ones */
        for (size_t i = 0; i < n; i++)
            hour[offset[m] + i] = rng_below(&rng, span);
        qsort(hour + offset[m], n, sizeof(*hour), compare);
        offset[m + 1] = offset[m] + n;
    }
    struct error err = {0};
    struct rating_stats s = {.first_hour = FIRST_HOUR, .hour = hour};
    const struct ratings r = {.n_movies = MOVIES, .by_movie_offset = offset};
    assert_int_equal(rating_stats_count_periods(&s, &r, &err), STATUS_OK);
    for (int i = 0; i < 20000; i++) {
        uint32_t movie = rng_below(&rng, MOVIES);
        int64_t now = FIRST_HOUR - 50 + rng_below(&rng, HOURS + 100);
        int64_t since = now - rng_below(&rng, HOURS + 100);
        const uint32_t *of = hour + offset[movie];
        size_t n = offset[movie + 1] - offset[movie];
        uint32_t before, before_since;
        rating_stats_count_before(&s, &r, &movie, 1, now, &before);
        rating_stats_count_before(&s, &r, &movie, 1, since, &before_since);
        assert_int_equal(before, count(of, n, INT64_MIN, now));
        assert_int_equal(before - before_since, count(of, n, since, now));
    }
    mem_free(s.before_period);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
