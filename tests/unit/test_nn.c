/* The parts that training is put together from, each against what its header says. */
#include "common/nn/dropout.h"
#include "common/nn/init.h"
#include "common/nn/mlp.h"
#include "common/nn/schedule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CLOSE(a, b) close_(a, b, __LINE__)
static void close_(double a, double b, int line) {
    if (!(fabs(a - b) <= 1e-12 * (1 + fabs(b)))) fail_msg("line %d: %.17g, not %.17g", line, a, b);
}

/* ---- the schedule ---- */

static void the_rate_rises_in_a_line_to_its_peak(void **state) {
    (void)state;
    const struct schedule s = {.peak = 0.004, .warmup = 10, .end = 110, .rest = 0.02};
    CLOSE(schedule_rate(&s, 0), 0);
    for (int step = 1; step <= 10; step++) {
        CLOSE(schedule_rate(&s, step), 0.0004 * step);
    }
}

/* cos(pi / 3) = 1/2 and cos(pi / 2) = 0, so the rates at a third, half and two thirds of the way
 * are known without a cosine. */
static void the_rate_falls_along_half_a_cosine(void **state) {
    (void)state;
    const struct schedule s = {.peak = 2, .warmup = 10, .end = 310, .rest = 0.1};
    CLOSE(schedule_rate(&s, 110), 2 * (0.1 + 0.9 * 0.75));
    CLOSE(schedule_rate(&s, 160), 2 * (0.1 + 0.9 * 0.5));
    CLOSE(schedule_rate(&s, 210), 2 * (0.1 + 0.9 * 0.25));
    double before = 2;
    for (int step = 11; step <= 310; step++) {
        double rate = schedule_rate(&s, step);
        assert_true(rate < before);
        before = rate;
    }
}

static void the_rate_rests_at_the_end(void **state) {
    (void)state;
    const struct schedule s = {.peak = 3, .warmup = 1, .end = 100, .rest = 0.01};
    CLOSE(schedule_rate(&s, 99.999999),
          0.03 + 2.97 * 0.5 * (1 - cos(3.14159265358979 * 1e-6 / 99)));
    CLOSE(schedule_rate(&s, 100), 0.03);
    CLOSE(schedule_rate(&s, 101), 0.03);
    CLOSE(schedule_rate(&s, 1e9), 0.03);
}

static void the_unit_of_places_is_the_callers(void **state) {
    (void)state;
    const struct schedule steps = {.peak = 0.006, .warmup = 5, .end = 100, .rest = 0.02};
    const struct schedule share = {.peak = 0.006, .warmup = 0.05, .end = 1, .rest = 0.02};
    for (int step = 0; step <= 120; step++) {
        CLOSE(schedule_rate(&share, step / 100.0), schedule_rate(&steps, step));
    }
}

/* ---- starting values ---- */

static void deviations_are_those_of_the_papers(void **state) {
    (void)state;
    CLOSE(init_he(50), 0.2);
    CLOSE(init_lecun(25, 1), 0.2);
    CLOSE(init_lecun(100, 0.1), 0.01);
    CLOSE(INIT_EMBEDDING, 0.05);
}

static double deviation_of(const float *x, size_t n) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)x[i];
        square += (double)x[i] * (double)x[i];
    }
    assert_true(fabs(sum / (double)n) < 0.05 * sqrt(square / (double)n));
    return sqrt(square / (double)n);
}

static void starting_values_are_normal(void **state) {
    (void)state;
    static float x[20000];
    struct rng rng = rng_keyed(1, "test.init", 0, 0);
    init_normal(x, 20000, 0.3, &rng);
    assert_true(fabs(deviation_of(x, 20000) - 0.3) < 0.01);
    size_t within = 0;
    for (size_t i = 0; i < 20000; i++) {
        within += fabsf(x[i]) < 0.3F;
    }
    assert_true(fabs((double)within / 20000 - 0.6827) < 0.015); /* of a normal, not a uniform one */
}

/* Hidden layers by He, the last one by LeCun over ten, embeddings 0.05, biases 0. */
static void a_network_starts_as_its_header_says(void **state) {
    (void)state;
    enum { HIDDEN = 128, FEATURES = 50, DIM = 28, ROWS = 200 };
    static float params[80000];
    struct mlp_layout l;
    struct error err = {0};
    const uint32_t hidden[] = {HIDDEN};
    const struct mlp_inputs inputs = {FEATURES, ROWS, DIM, ROWS, 0, false};
    assert_int_equal(mlp_layout_set(&l, &inputs, hidden, 1, &err), STATUS_OK);
    assert_int_equal(l.width[0], 128);
    assert_true(l.n_params < 80000);
    mlp_initialise(&l, 4, params);
    assert_true(fabs(deviation_of(params + l.weight[0], 128 * 128) - 0.125) < 0.005);
    assert_true(fabs(deviation_of(params + l.user, ROWS * DIM) - 0.05) < 0.002);
    double last = 0;
    for (size_t i = 0; i < HIDDEN; i++) {
        last += pow((double)params[l.weight[1] + i], 2) / HIDDEN;
        assert_true(params[l.bias[0] + i] == 0.0F);
    }
    assert_true(sqrt(last) > 0.1 / sqrt(HIDDEN) * 0.7 && sqrt(last) < 0.1 / sqrt(HIDDEN) * 1.3);
}

/* ---- dropout ---- */

static void check_shares(struct dropout d, double share) {
    enum { N = 200000 };
    static float factor[N];
    struct rng rng = rng_keyed(1, "test.dropout", d.bits, 0);
    dropout_factors(factor, N, &d, &rng);
    double sum = 0, zeros = 0;
    for (size_t i = 0; i < N; i++) {
        assert_true(factor[i] == 0.0F || factor[i] == d.keep);
        zeros += factor[i] == 0.0F;
        sum += (double)factor[i];
    }
    assert_true(fabs(zeros / N - share) < 5 * sqrt(share * (1 - share) / N));
    assert_true(fabs(sum / N - 1) < 0.01); /* the mean stays */
}

static void dropout_drops_its_share_and_keeps_the_mean(void **state) {
    (void)state;
    check_shares(dropout_8bit(64), 0.25);
    check_shares(dropout_8bit(1), 1.0 / 256);
    check_shares(dropout_8bit(13), 13.0 / 256);
    check_shares(dropout_16bit(0.1), 6553.0 / 65536);
    check_shares(dropout_16bit(0.6), 39321.0 / 65536);
}

static void factors_make_up_for_what_is_dropped(void **state) {
    (void)state;
    assert_true(dropout_8bit(128).keep == 2.0F);
    assert_true(dropout_8bit(0).keep == 1.0F);
    assert_true(dropout_16bit(0.75).keep == 4.0F);
    assert_int_equal(dropout_16bit(0.1).limit, 6553); /* rounded down */
}

static void nothing_is_drawn_where_nothing_is_dropped(void **state) {
    (void)state;
    float factor[5];
    const struct dropout none[] = {dropout_8bit(0), dropout_16bit(0)};
    for (size_t k = 0; k < 2; k++) {
        struct rng rng = rng_keyed(1, "test.dropout", 0, 0), untouched = rng;
        dropout_factors(factor, 5, &none[k], &rng);
        assert_memory_equal(&rng, &untouched, sizeof rng);
        for (size_t i = 0; i < 5; i++) {
            assert_true(factor[i] == 1.0F);
        }
    }
}

/* The stream after n values: words for 256 values at a time with 8 bits, for four with 16. */
static void check_words(struct dropout d, size_t n, size_t words) {
    float factor[600];
    struct rng rng = rng_keyed(1, "test.dropout", 0, 0), expected = rng;
    dropout_factors(factor, n, &d, &rng);
    for (size_t i = 0; i < words; i++) {
        (void)rng_u64(&expected);
    }
    assert_memory_equal(&rng, &expected, sizeof rng);
}

static void streams_advance_by_whole_blocks(void **state) {
    (void)state;
    check_words(dropout_8bit(10), 0, 0);
    check_words(dropout_8bit(10), 1, 32);
    check_words(dropout_8bit(10), 256, 32);
    check_words(dropout_8bit(10), 257, 64);
    check_words(dropout_16bit(0.2), 1, 1);
    check_words(dropout_16bit(0.2), 4, 1);
    check_words(dropout_16bit(0.2), 5, 2);
    check_words(dropout_16bit(0.2), 130, 33);
}

static void relu_stands_before_dropout(void **state) {
    (void)state;
    enum { N = 3000 };
    static float x[N];
    for (size_t i = 0; i < N; i++) {
        x[i] = i % 2 ? 3.0F : -3.0F;
    }
    struct rng rng = rng_keyed(1, "test.dropout", 0, 0);
    relu_dropout_forward(x, N, 64, &rng);
    size_t zeros = 0;
    for (size_t i = 0; i < N; i++) {
        assert_true(i % 2 == 0 ? x[i] == 0.0F : x[i] == 0.0F || x[i] == 4.0F);
        zeros += i % 2 == 1 && x[i] == 0.0F;
    }
    assert_true(zeros > N / 8 - 60 && zeros < N / 8 + 60);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_rises_in_a_line_to_its_peak),
        cmocka_unit_test(the_rate_falls_along_half_a_cosine),
        cmocka_unit_test(the_rate_rests_at_the_end),
        cmocka_unit_test(the_unit_of_places_is_the_callers),
        cmocka_unit_test(deviations_are_those_of_the_papers),
        cmocka_unit_test(starting_values_are_normal),
        cmocka_unit_test(a_network_starts_as_its_header_says),
        cmocka_unit_test(dropout_drops_its_share_and_keeps_the_mean),
        cmocka_unit_test(factors_make_up_for_what_is_dropped),
        cmocka_unit_test(nothing_is_drawn_where_nothing_is_dropped),
        cmocka_unit_test(streams_advance_by_whole_blocks),
        cmocka_unit_test(relu_stands_before_dropout),
    };
    return cmocka_run_group_tests_name("nn", tests, NULL, NULL);
}
