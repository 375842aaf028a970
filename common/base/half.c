#include "common/base/half.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* The bit arithmetic follows Fabian Giesen, "Float->half variants" (2012). The block versions use
 * the processor's own conversion (F16C) where there is one; both give the same bits, which
 * tests/unit/test_half.c checks for every half and for floats of every exponent. */

enum {
    FLOAT_SIGN = INT32_MIN,
    FLOAT_INFINITY = 0x7f800000,
    LARGEST_HALF = 0x477fe000,    /* 65504.0f */
    SMALLEST_NORMAL = 113 << 23,  /* 2^-14 */
    REBIAS = (127 - 15) << 23,    /* float bias - half bias */
    DENORMAL_MAGIC = (126 << 23), /* 0.5f: adding it puts the half's last bit at the float's */
    HALF_EXPONENT = 0x7c00 << 13
};

static uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static float bits_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

uint16_t half_from_float(float value) {
    uint32_t bits = float_bits(value);
    uint32_t sign = (bits & (uint32_t)FLOAT_SIGN) >> 16;
    uint32_t magnitude = bits & ~(uint32_t)FLOAT_SIGN;
    if (magnitude > FLOAT_INFINITY) { /* NaN: made quiet, upper payload kept */
        return (uint16_t)(sign | 0x7e00 | ((magnitude >> 13) & 0x3ff));
    }
    if (magnitude > LARGEST_HALF) magnitude = LARGEST_HALF;
    uint32_t odd = (magnitude >> 13) & 1;
    uint32_t normal = (magnitude - REBIAS + 0xfff + odd) >> 13;
    /* Below 2^-14 the float addition rounds to nearest even at the right bit. */
    float shifted = bits_float(magnitude) + bits_float(DENORMAL_MAGIC);
    uint32_t denormal = float_bits(shifted) - DENORMAL_MAGIC;
    return (uint16_t)(sign | (magnitude < SMALLEST_NORMAL ? denormal : normal));
}

uint16_t half_from_double(double value) {
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double size = fabs(value);
    if (isnan(value)) return 0x7E00;
    if (size >= 65520.0) return sign | 0x7C00; /* half way beyond the largest, 65504 */
    int exponent = 0;
    (void)frexp(size, &exponent); /* size = f * 2^exponent, f in [0.5, 1) */
    int unit = size == 0.0 || exponent < -13 ? -24 : exponent - 11; /* of the last place */
    double steps = nearbyint(ldexp(size, -unit));                   /* 0..2048 */
    /* A carry out of the fraction raises the exponent by itself. */
    return (uint16_t)(sign | ((unit + 24) * 1024 + (int)steps));
}

float half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
    uint32_t exponent = bits & HALF_EXPONENT;
    bits += REBIAS;
    if (exponent == HALF_EXPONENT) {
        bits += REBIAS;
        if (bits & 0x7fffff) bits |= 0x400000; /* a NaN comes out quiet */
    }
    float normal = bits_float(bits);
    float denormal = bits_float(bits + (1 << 23)) - bits_float(SMALLEST_NORMAL);
    return bits_float(sign | float_bits(exponent == 0 ? denormal : normal));
}

#if defined(__x86_64__)

/* Every processor with AVX2 has F16C; clang 14 cannot ask for the latter by name. */
static bool has_f16c(void) {
    return __builtin_cpu_supports("avx2");
}

/* Both return how many values they converted: a multiple of 8. */
__attribute__((target("avx,f16c"))) static size_t from_floats_f16c(const float *values,
                                                                   size_t count, uint16_t *out) {
    const __m256 high = _mm256_set1_ps(65504.0f), low = _mm256_set1_ps(-65504.0f);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 v = _mm256_loadu_ps(values + i);
        /* min and max return their second operand if one is NaN, so NaN stays NaN. */
        v = _mm256_max_ps(low, _mm256_min_ps(high, v));
        _mm_storeu_si128((__m128i *)(void *)(out + i),
                         _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
    }
    return i;
}

__attribute__((target("avx,f16c"))) static size_t to_floats_f16c(const uint16_t *halves,
                                                                 size_t count, float *out) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m128i h = _mm_loadu_si128((const __m128i *)(const void *)(halves + i));
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(h));
    }
    return i;
}

#else

static bool has_f16c(void) {
    return false;
}

static size_t from_floats_f16c(const float *values, size_t count, uint16_t *out) {
    (void)values, (void)count, (void)out;
    return 0;
}

static size_t to_floats_f16c(const uint16_t *halves, size_t count, float *out) {
    (void)halves, (void)count, (void)out;
    return 0;
}

#endif

void half_from_floats(const float *values, size_t count, uint16_t *out) {
    size_t i = has_f16c() ? from_floats_f16c(values, count, out) : 0;
    for (; i < count; i++) {
        out[i] = half_from_float(values[i]);
    }
}

void half_to_floats(const uint16_t *halves, size_t count, float *out) {
    size_t i = has_f16c() ? to_floats_f16c(halves, count, out) : 0;
    for (; i < count; i++) {
        out[i] = half_to_float(halves[i]);
    }
}
