/* Filters: reversible rearrangements of a chunk's bytes that let zstd find more repetition.
 *
 * Shuffle puts the first bytes of all values together, then the second bytes, and so on: the high
 * bytes of ids, times and floats repeat. Delta replaces each integer by its difference from the one
 * before it (the first by its difference from 0), modulo 2^bits, zigzag-coded so that small
 * negative differences become small numbers, too. */
#include "common/artifact/format.h"
#include "common/base/simd.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* Sixteen values at a time, as `width` vectors of bytes. Each step separates the bytes at even
 * positions of two neighbouring vectors from those at odd positions, which moves the lowest bit of
 * a byte's position within its value to the top of its vector's index. After log2(width) steps
 * vector j holds byte j of all values. */
#define EVEN(a, b)                                                                                 \
    __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(a, b)                                                                                  \
    __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define FIRST(a, b)                                                                                \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define SECOND(a, b)                                                                               \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

enum { LANES = sizeof(u8x16), WIDEST = 8 };

INLINE void shuffle_lanes(size_t width, const unsigned char *in, size_t count, unsigned char *out) {
    u8x16 v[WIDEST], next[WIDEST];
    memcpy(v, in, width * LANES);
#pragma GCC unroll 8
    for (size_t step = 1; step < width; step *= 2) {
#pragma GCC unroll 8
        for (size_t i = 0; i < width / 2; i++) {
            next[i] = EVEN(v[2 * i], v[2 * i + 1]);
            next[width / 2 + i] = ODD(v[2 * i], v[2 * i + 1]);
        }
        memcpy(v, next, width * LANES);
    }
#pragma GCC unroll 8
    for (size_t j = 0; j < width; j++)
        memcpy(out + j * count, &v[j], LANES);
}

INLINE void unshuffle_lanes(size_t width, const unsigned char *in, size_t count,
                            unsigned char *out) {
    u8x16 v[WIDEST], next[WIDEST];
#pragma GCC unroll 8
    for (size_t j = 0; j < width; j++)
        memcpy(&v[j], in + j * count, LANES);
#pragma GCC unroll 8
    for (size_t step = 1; step < width; step *= 2) {
#pragma GCC unroll 8
        for (size_t i = 0; i < width / 2; i++) {
            next[2 * i] = FIRST(v[i], v[width / 2 + i]);
            next[2 * i + 1] = SECOND(v[i], v[width / 2 + i]);
        }
        memcpy(v, next, width * LANES);
    }
    memcpy(out, v, width * LANES);
}

INLINE void shuffle_fixed(size_t width, const unsigned char *in, size_t count, unsigned char *out) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        shuffle_lanes(width, in + i * width, count, out + i);
    for (; i < count; i++) {
        for (size_t j = 0; j < width; j++)
            out[j * count + i] = in[i * width + j];
    }
}

INLINE void unshuffle_fixed(size_t width, const unsigned char *in, size_t count,
                            unsigned char *out) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        unshuffle_lanes(width, in + i, count, out + i * width);
    for (; i < count; i++) {
        for (size_t j = 0; j < width; j++)
            out[i * width + j] = in[j * count + i];
    }
}

/* Each width gets its own copy of the loop, with the inner bound known. */
static void shuffle(size_t width, const unsigned char *in, size_t count, unsigned char *out) {
    if (width == 2) {
        shuffle_fixed(2, in, count, out);
    } else if (width == 4) {
        shuffle_fixed(4, in, count, out);
    } else {
        shuffle_fixed(8, in, count, out);
    }
}

static void unshuffle(size_t width, const unsigned char *in, size_t count, unsigned char *out) {
    if (width == 2) {
        unshuffle_fixed(2, in, count, out);
    } else if (width == 4) {
        unshuffle_fixed(4, in, count, out);
    } else {
        unshuffle_fixed(8, in, count, out);
    }
}

#define DEFINE_DELTA(bits)                                                                         \
    static void delta_encode_##bits(const unsigned char *in, size_t count, unsigned char *out) {   \
        uint##bits##_t before = 0;                                                                 \
        for (size_t i = 0; i < count; i++) {                                                       \
            uint##bits##_t value, folded;                                                          \
            memcpy(&value, in + i * sizeof(value), sizeof(value));                                 \
            uint##bits##_t step = (uint##bits##_t)(value - before);                                \
            uint##bits##_t sign = (uint##bits##_t) - (step >> ((bits)-1));                         \
            folded = (uint##bits##_t)((uint##bits##_t)(step << 1) ^ sign);                         \
            memcpy(out + i * sizeof(value), &folded, sizeof(value));                               \
            before = value;                                                                        \
        }                                                                                          \
    }                                                                                              \
    static void delta_decode_##bits(unsigned char *values, size_t count) {                         \
        uint##bits##_t before = 0;                                                                 \
        for (size_t i = 0; i < count; i++) {                                                       \
            uint##bits##_t folded;                                                                 \
            memcpy(&folded, values + i * sizeof(folded), sizeof(folded));                          \
            uint##bits##_t sign = (uint##bits##_t) - (folded & 1);                                 \
            before = (uint##bits##_t)(before + ((uint##bits##_t)(folded >> 1) ^ sign));            \
            memcpy(values + i * sizeof(before), &before, sizeof(before));                          \
        }                                                                                          \
    }

DEFINE_DELTA(16)
DEFINE_DELTA(32)
DEFINE_DELTA(64)

static void delta_encode(size_t width, const unsigned char *in, size_t count, unsigned char *out) {
    if (width == 2) {
        delta_encode_16(in, count, out);
    } else if (width == 4) {
        delta_encode_32(in, count, out);
    } else {
        delta_encode_64(in, count, out);
    }
}

static void delta_decode(size_t width, unsigned char *values, size_t count) {
    if (width == 2) {
        delta_decode_16(values, count);
    } else if (width == 4) {
        delta_decode_32(values, count);
    } else {
        delta_decode_64(values, count);
    }
}

static bool is_wide_integer(enum dtype dtype) {
    return dtype == DTYPE_U16 || dtype == DTYPE_I32 || dtype == DTYPE_U32 || dtype == DTYPE_I64 ||
           dtype == DTYPE_U64;
}

bool filter_fits(enum filter filter, enum dtype dtype) {
    if (filter == FILTER_NONE) return true;
    if (filter == FILTER_SHUFFLE) return dtype_size(dtype) > 1;
    return filter == FILTER_DELTA_SHUFFLE && is_wide_integer(dtype);
}

static uint64_t integer_at(enum dtype dtype, const unsigned char *values, uint64_t i) {
    size_t width = dtype_size(dtype);
    if (width == 2) return get_u16(values + i * 2);
    if (width == 4) {
        uint32_t value = get_u32(values + i * 4);
        return dtype == DTYPE_I32 ? (uint64_t)(int64_t)(int32_t)value : value;
    }
    return get_u64(values + i * 8);
}

static unsigned bits_of(uint64_t value) { /* of a two's complement number, without the sign bit */
    if (value >> 63 != 0) value = ~value;
    return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

/* Delta pays off where differences are shorter than values. Sums of bit lengths over up to 4096
 * values decide, because a column need not be sorted for that: times rise within a user's ratings
 * and fall back at the next user. */
enum filter filter_choose(enum dtype dtype, const void *values, uint64_t count) {
    if (dtype_size(dtype) <= 1) return FILTER_NONE;
    if (!is_wide_integer(dtype)) return FILTER_SHUFFLE;
    uint64_t plain = 0, steps = 0, before = 0;
    uint64_t sample = count < 4096 ? count : 4096;
    for (uint64_t i = 0; i < sample; i++) {
        uint64_t value = integer_at(dtype, values, i);
        plain += bits_of(value);
        steps += bits_of(value - before);
        before = value;
    }
    return steps * 4 < plain * 3 ? FILTER_DELTA_SHUFFLE : FILTER_SHUFFLE;
}

void filter_encode(enum filter filter, size_t value_size, const unsigned char *in, size_t size,
                   unsigned char *out, unsigned char *scratch) {
    switch (filter) {
    case FILTER_NONE:
        memcpy(out, in, size);
        break;
    case FILTER_SHUFFLE:
        shuffle(value_size, in, size / value_size, out);
        break;
    case FILTER_DELTA_SHUFFLE:
        delta_encode(value_size, in, size / value_size, scratch);
        shuffle(value_size, scratch, size / value_size, out);
        break;
    }
}

void filter_decode(enum filter filter, size_t value_size, const unsigned char *in, size_t size,
                   unsigned char *out) {
    if (filter == FILTER_NONE) {
        memcpy(out, in, size);
        return;
    }
    unshuffle(value_size, in, size / value_size, out);
    if (filter == FILTER_DELTA_SHUFFLE) delta_decode(value_size, out, size / value_size);
}
