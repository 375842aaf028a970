/* Intervals and p-values against what theory says of simple cases. */
#include "common/base/rng.h"
#include "common/evaluation/bootstrap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct bootstrap_options options = {.bootstrap = 2000, .permutation = 999, .seed = 7};
enum { N = 4000 };

static void fill_bernoulli(float *x, size_t n, double p) {
    struct rng rng = rng_keyed(1, "test.statistics", 0, 0);
    for (size_t i = 0; i < n; i++) {
        x[i] = rng_uniform(&rng) < p;
    }
}

static void interval_of_a_share_has_the_normal_width(void **state) {
    (void)state;
    static float x[N];
    fill_bernoulli(x, N, 0.3);
    struct estimate e;
    assert_int_equal(bootstrap_means(&e, x, NULL, N, 1, &options, NULL), STATUS_OK);
    double half_width = 1.96 * sqrt(e.value * (1 - e.value) / N);
    assert_true(fabs(e.value - 0.3) < 0.03);
    assert_true(fabs((e.high - e.low) / 2 / half_width - 1) < 0.1);
    assert_true(e.low < e.value && e.value < e.high);
}

static void interval_of_a_constant_has_no_width(void **state) {
    (void)state;
    float x[100];
    for (size_t i = 0; i < 100; i++) {
        x[i] = 0.25f;
    }
    struct estimate e;
    assert_int_equal(bootstrap_means(&e, x, NULL, 100, 1, &options, NULL), STATUS_OK);
    assert_true(e.value == 0.25 && e.low == 0.25 && e.high == 0.25);
}

/* Four equal lists of each user say no more than one of them. */
static void lists_of_a_user_are_drawn_together(void **state) {
    (void)state;
    static float x[N], four[4 * N];
    static uint32_t user[4 * N];
    fill_bernoulli(x, N, 0.3);
    for (uint32_t i = 0; i < 4 * N; i++) {
        four[i] = x[i / 4];
        user[i] = i / 4;
    }
    struct estimate once, often, apart;
    double p_once, p_often;
    assert_int_equal(bootstrap_means(&once, x, NULL, N, 1, &options, NULL), STATUS_OK);
    assert_int_equal(bootstrap_means(&often, four, user, 4 * N, 1, &options, NULL), STATUS_OK);
    assert_int_equal(bootstrap_means(&apart, four, NULL, 4 * N, 1, &options, NULL), STATUS_OK);
    assert_true(fabs(often.low - once.low) < 1e-7 && fabs(often.high - once.high) < 1e-7);
    assert_true(apart.high - apart.low < 0.6 * (once.high - once.low));
    for (size_t i = 0; i < 4 * N; i++) {
        four[i] -= 0.29F;
        x[i / 4] = four[i];
    }
    assert_int_equal(sign_flip_tests(&p_once, x, NULL, N, 1, &options, NULL), STATUS_OK);
    assert_int_equal(sign_flip_tests(&p_often, four, user, 4 * N, 1, &options, NULL), STATUS_OK);
    assert_true(fabs(p_once - p_often) < 0.01);
}

static void columns_do_not_mix(void **state) {
    (void)state;
    static float x[N * 2], alone[N];
    fill_bernoulli(alone, N, 0.6);
    for (size_t i = 0; i < N; i++) {
        x[2 * i] = alone[i];
        x[2 * i + 1] = 5;
    }
    struct estimate both[2], one;
    assert_int_equal(bootstrap_means(both, x, NULL, N, 2, &options, NULL), STATUS_OK);
    assert_int_equal(bootstrap_means(&one, alone, NULL, N, 1, &options, NULL), STATUS_OK);
    assert_true(both[0].low == one.low && both[0].high == one.high && both[0].value == one.value);
    assert_true(both[1].low == 5 && both[1].high == 5);
}

static void root_mean_square_of_known_errors(void **state) {
    (void)state;
    /* Two users: errors 1, 1 and 2: squared sums 2 and 4, counts 2 and 1. */
    const float squared[] = {2, 4}, count[] = {2, 1};
    struct estimate e;
    assert_int_equal(bootstrap_ratio(&e, squared, count, NULL, 2, true, &options, NULL), STATUS_OK);
    assert_true(fabs(e.value - sqrt(2)) < 1e-9);
    assert_true(fabs(e.low - 1) < 1e-9 && fabs(e.high - 2) < 1e-9);
}

static void clear_difference_has_the_smallest_p(void **state) {
    (void)state;
    float difference[50];
    for (size_t i = 0; i < 50; i++) {
        difference[i] = 1;
    }
    double p;
    assert_int_equal(sign_flip_tests(&p, difference, NULL, 50, 1, &options, NULL), STATUS_OK);
    assert_true(fabs(p - 1.0 / 1000.0) < 1e-12);
}

static void p_follows_the_normal_distribution(void **state) {
    (void)state;
    /* 1,000 users, 531 up and 469 down: z = 62 / sqrt(1000) = 1.96, p = 0.05. */
    float difference[1000];
    for (size_t i = 0; i < 1000; i++) {
        difference[i] = i < 531 ? 1.0f : -1.0f;
    }
    double p;
    assert_int_equal(sign_flip_tests(&p, difference, NULL, 1000, 1, &options, NULL), STATUS_OK);
    assert_true(p > 0.025 && p < 0.08);
}

static void no_difference_is_no_evidence(void **state) {
    (void)state;
    float difference[40] = {0};
    double p;
    assert_int_equal(sign_flip_tests(&p, difference, NULL, 40, 1, &options, NULL), STATUS_OK);
    assert_true(fabs(p - 1) < 1e-12);
}

/* The least of five p-values counts five times, the next four times; none falls below one before.
 */
static void holm_steps_down(void **state) {
    (void)state;
    const double p[] = {0.04, 0.01, 0.03, 0.7, 0.9};
    const double wanted[] = {0.12, 0.05, 0.12, 1, 1};
    double adjusted[5];
    holm_adjust(adjusted, p, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(fabs(adjusted[i] - wanted[i]) < 1e-12);
    }
    holm_adjust(adjusted, (const double[]){0.02, 0.02}, 2);
    assert_true(fabs(adjusted[0] - 0.04) < 1e-12 && fabs(adjusted[1] - 0.04) < 1e-12);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_of_a_share_has_the_normal_width),
        cmocka_unit_test(interval_of_a_constant_has_no_width),
        cmocka_unit_test(lists_of_a_user_are_drawn_together),
        cmocka_unit_test(columns_do_not_mix),
        cmocka_unit_test(root_mean_square_of_known_errors),
        cmocka_unit_test(clear_difference_has_the_smallest_p),
        cmocka_unit_test(p_follows_the_normal_distribution),
        cmocka_unit_test(no_difference_is_no_evidence),
        cmocka_unit_test(holm_steps_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
