#include "common/base/half.h"
#include "common/base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* The definition, by arithmetic alone. */
static double half_value(uint16_t half) {
    int exponent = (half >> 10) & 31, fraction = half & 1023;
    double magnitude = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -magnitude : magnitude;
}

/* Nearest half of a finite value by search among all of one sign; ties to the even one. */
static uint16_t nearest_half(float value) {
    uint16_t low = 0, high = 0x7bff;
    double magnitude = fabs((double)value);
    while (high - low > 1) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        if (half_value(middle) <= magnitude) {
            low = middle;
        } else {
            high = middle;
        }
    }
    double below = magnitude - half_value(low), above = half_value(high) - magnitude;
    uint16_t best = below < above ? low : above < below ? high : low % 2 == 0 ? low : high;
    return (uint16_t)(best | (signbit(value) ? 0x8000 : 0));
}

static void every_half_survives(void **state) {
    (void)state;
    for (uint32_t h = 0; h < 0x10000; h++) {
        uint16_t half = (uint16_t)h;
        float value = half_to_float(half);
        if ((half & 0x7fff) > 0x7c00) {
            assert_true(isnan(value));
            assert_true(isnan(half_to_float(half_from_float(value))));
        } else if ((half & 0x7fff) == 0x7c00) {
            assert_true(isinf(value));
            assert_int_equal(half_from_float(value), half - 1); /* clamped to 65504 */
        } else {
            assert_true((double)value == half_value(half));
            assert_int_equal(half_from_float(value), half);
        }
    }
}

static void rounds_to_nearest_even(void **state) {
    (void)state;
    /* Both neighbours and the middle of every gap between halves, and odd bit patterns of every
     * exponent. */
    for (uint16_t h = 0; h < 0x7bff; h++) {
        float middle = (float)((half_value(h) + half_value((uint16_t)(h + 1))) / 2);
        const float values[] = {nextafterf(middle, 0), middle, nextafterf(middle, 1e9f)};
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(half_from_float(values[i]), nearest_half(values[i]));
            assert_int_equal(half_from_float(-values[i]), nearest_half(-values[i]));
        }
    }
    for (uint64_t bits = 0; bits < 0x7f800000; bits += 77773) {
        float value = float_of_bits((uint32_t)bits);
        assert_int_equal(half_from_float(value), nearest_half(value));
    }
}

static void blocks_equal_single_values(void **state) {
    (void)state;
    enum { COUNT = 70001 };
    MEM_AUTO float *values = NULL, *back = NULL;
    MEM_AUTO uint16_t *halves = NULL;
    assert_int_equal(MEM_NEW(&values, COUNT, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&back, COUNT, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&halves, COUNT, NULL), STATUS_OK);
    for (uint32_t i = 0; i < COUNT; i++) {
        values[i] = float_of_bits(i * 61357); /* every exponent, both signs, NaN, infinity */
    }
    half_from_floats(values, COUNT, halves);
    half_to_floats(halves, COUNT, back);
    for (uint32_t i = 0; i < COUNT; i++) {
        float expected = half_to_float(half_from_float(values[i]));
        assert_int_equal(halves[i], half_from_float(values[i]));
        assert_memory_equal(&back[i], &expected, sizeof(expected));
    }
}

static void beyond_the_range_is_clamped(void **state) {
    (void)state;
    assert_int_equal(half_from_float(1e30f), 0x7bff);
    assert_int_equal(half_from_float(-65520.0f), 0xfbff);
    assert_int_equal(half_from_float(-INFINITY), 0xfbff);
    assert_int_equal(half_from_float(-0.0f), 0x8000);
    assert_int_equal(half_from_float(1e-30f), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_survives),
        cmocka_unit_test(rounds_to_nearest_even),
        cmocka_unit_test(blocks_equal_single_values),
        cmocka_unit_test(beyond_the_range_is_clamped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("half", tests, NULL, NULL);
}
