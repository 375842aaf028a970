#include "common/base/rng.h"
#include "tests/unit/support.h"

#include <math.h>

/* xoshiro256** from the state 1, 2, 3, 4: first outputs of the authors' reference code. */
static void generator_matches_the_reference(void **state) {
    (void)state;
    struct rng r = {{1, 2, 3, 4}};
    static const uint64_t expected[] = {
        11520U, 0U, 1509978240U, 1215971899390074240U, 1216172134540287360U, 607988272756665600U};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_true(rng_u64(&r) == expected[i]);
    }
}

static void every_part_of_the_key_counts(void **state) {
    (void)state;
    struct rng streams[] = {
        rng_keyed(1, "ranker.dropout", 0, 0), rng_keyed(2, "ranker.dropout", 0, 0),
        rng_keyed(1, "ranker.order", 0, 0),   rng_keyed(1, "ranker.dropout", 1, 0),
        rng_keyed(1, "ranker.dropout", 0, 1), rng_keyed(0, "ranker.dropout", 1, 1),
    };
    const size_t n = sizeof streams / sizeof streams[0];
    uint64_t first[8];
    for (size_t i = 0; i < n; i++) {
        first[i] = rng_u64(&streams[i]);
        for (size_t j = 0; j < i; j++) {
            assert_true(first[i] != first[j]);
        }
    }
    struct rng again = rng_keyed(1, "ranker.dropout", 0, 0);
    assert_true(rng_u64(&again) == first[0]);
}

static void keyed_stream_is_pinned(void **state) {
    (void)state;
    /* A change here changes every artifact that draws random numbers. */
    struct rng r = rng_keyed(1, "test", 2, 3);
    const uint64_t first = rng_u64(&r);
    assert_true(first == 0x67F20374C6B0BE2EU);
}

static void below_is_uniform(void **state) {
    (void)state;
    enum { BINS = 7, DRAWS = 70000 };
    struct rng r = rng_keyed(1, "test.below", 0, 0);
    unsigned count[BINS] = {0};
    for (int i = 0; i < DRAWS; i++) {
        const uint32_t x = rng_below(&r, BINS);
        assert_true(x < BINS);
        count[x]++;
    }
    double chi_square = 0;
    for (int i = 0; i < BINS; i++) {
        const double gap = (double)count[i] - (double)DRAWS / BINS;
        chi_square += gap * gap / ((double)DRAWS / BINS);
    }
    assert_true(chi_square < 22.5); /* 99.9 % point with 6 degrees of freedom */
}

/* Of 2^32 numbers every third result below this bound could be reached by two: unless some are
 * drawn again, multiples of three come up twice as often. */
static void below_is_uniform_for_large_bounds(void **state) {
    (void)state;
    enum { DRAWS = 30000 };
    struct rng r = rng_keyed(1, "test.large", 0, 0);
    int multiples = 0;
    for (int i = 0; i < DRAWS; i++) {
        multiples += rng_below(&r, 3U << 30) % 3 == 0;
    }
    assert_true(abs(multiples - DRAWS / 3) < 350); /* more than four standard deviations */
}

static void below_reaches_the_ends(void **state) {
    (void)state;
    struct rng r = rng_keyed(1, "test.ends", 0, 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(rng_below(&r, 1), 0);
    }
    /* With this bound nearly half of all draws must be rejected to stay unbiased. */
    const uint32_t bound = 0x80000001U;
    double sum = 0;
    for (int i = 0; i < 20000; i++) {
        const uint32_t x = rng_below(&r, bound);
        assert_true(x < bound);
        sum += (double)x / bound;
    }
    assert_true(fabs(sum / 20000 - 0.5) < 0.01);
}

static void moments_of_uniform_and_normal(void **state) {
    (void)state;
    enum { DRAWS = 200000 };
    struct rng r = rng_keyed(1, "test.moments", 0, 0);
    double sum = 0, square = 0, fourth = 0, uniform = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double u = rng_uniform(&r), x = rng_normal(&r);
        assert_true(u >= 0 && u < 1);
        uniform += u;
        sum += x;
        square += x * x;
        fourth += x * x * x * x;
    }
    assert_true(fabs(uniform / DRAWS - 0.5) < 0.003);
    assert_true(fabs(sum / DRAWS) < 0.01);
    assert_true(fabs(square / DRAWS - 1) < 0.015);
    assert_true(fabs(fourth / DRAWS - 3) < 0.15); /* the kurtosis of a normal */
}

static void shuffle_permutes_fairly(void **state) {
    (void)state;
    struct rng r = rng_keyed(1, "test.shuffle", 0, 0);
    unsigned place_of_zero[5] = {0};
    for (int round = 0; round < 5000; round++) {
        uint32_t x[] = {0, 1, 2, 3, 4};
        unsigned seen = 0;
        rng_shuffle_u32(&r, x, 5);
        for (unsigned i = 0; i < 5; i++) {
            seen |= 1U << x[i];
            if (x[i] == 0) place_of_zero[i]++;
        }
        assert_int_equal(seen, 31);
    }
    for (int i = 0; i < 5; i++) {
        assert_in_range(place_of_zero[i], 880, 1120); /* 1000 +- 4 deviations */
    }
    rng_shuffle_u32(&r, NULL, 0);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generator_matches_the_reference),
        cmocka_unit_test(every_part_of_the_key_counts),
        cmocka_unit_test(keyed_stream_is_pinned),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(below_is_uniform_for_large_bounds),
        cmocka_unit_test(below_reaches_the_ends),
        cmocka_unit_test(moments_of_uniform_and_normal),
        cmocka_unit_test(shuffle_permutes_fairly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
