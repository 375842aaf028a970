/* Scans for values that break a constraint: one pass without branches, so that the compiler can
 * vectorise the loops. They only say whether, or how often, it is broken; truth.c then finds
 * where. */
#include "common/artifact/format.h"
#include "common/base/half.h"

#include <float.h>
#include <math.h>

/* ---- ranges ---- */

/* One comparison for both ends: whatever is below `low` wraps around to more than `span`. */
#define DEFINE_OUTSIDE(type)                                                                       \
    static bool type##_outside(const type *v, uint64_t count, type low, type span, type none) {    \
        type bad = 0;                                                                              \
        _Pragma("omp simd reduction(| : bad)") for (uint64_t i = 0; i < count; i++) {              \
            bad |= (type)(((type)(v[i] - low) > span) & (v[i] != none));                           \
        }                                                                                          \
        return bad != 0;                                                                           \
    }

DEFINE_OUTSIDE(uint8_t)
DEFINE_OUTSIDE(uint16_t)
DEFINE_OUTSIDE(uint32_t)
DEFINE_OUTSIDE(uint64_t)

bool scan_integers_outside(enum dtype dtype, const void *values, uint64_t count, uint64_t low,
                           uint64_t span, uint64_t none) {
    switch (dtype_size(dtype)) {
    case 1:
        return uint8_t_outside(values, count, (uint8_t)low, (uint8_t)span, (uint8_t)none);
    case 2:
        return uint16_t_outside(values, count, (uint16_t)low, (uint16_t)span, (uint16_t)none);
    case 4:
        return uint32_t_outside(values, count, (uint32_t)low, (uint32_t)span, (uint32_t)none);
    default:
        return uint64_t_outside(values, count, low, span, none);
    }
}

#define DEFINE_REALS_OUTSIDE(type, bits)                                                           \
    static bool type##_outside(const type *v, uint64_t count, type min, type max, bool or_nan) {   \
        bits bad = 0, nan = 0;                                                                     \
        _Pragma("omp simd reduction(| : bad, nan)") for (uint64_t i = 0; i < count; i++) {         \
            bad |= (bits)((v[i] < min) | (v[i] > max)); /* both false for NaN */                   \
            nan |= (bits)(v[i] != v[i]);                                                           \
        }                                                                                          \
        return bad != 0 || (nan != 0 && !or_nan);                                                  \
    }

DEFINE_REALS_OUTSIDE(float, uint32_t)
DEFINE_REALS_OUTSIDE(double, uint64_t)

/* Halves are tested for non-finite values by their bits, and converted only if there is a range. */
static bool halves_outside(const uint16_t *v, uint64_t count, double min, double max, bool or_nan) {
    uint16_t infinite = 0, nan = 0;
#pragma omp simd reduction(| : infinite, nan)
    for (uint64_t i = 0; i < count; i++) {
        infinite |= (uint16_t)((v[i] & 0x7FFF) == 0x7C00);
        nan |= (uint16_t)((v[i] & 0x7FFF) > 0x7C00);
    }
    bool bad = infinite != 0 || (nan != 0 && !or_nan);
    if (bad || (min <= -65504 && max >= 65504)) return bad;
    for (uint64_t i = 0; i < count; i++) {
        double value = (double)half_to_float(v[i]);
        if (value < min || value > max) return true;
    }
    return false;
}

bool scan_reals_outside(enum dtype dtype, const void *values, uint64_t count, double min,
                        double max, bool or_nan) {
    if (dtype == DTYPE_F16) return halves_outside(values, count, min, max, or_nan);
    if (dtype == DTYPE_F64)
        return double_outside(values, count, fmax(min, -DBL_MAX), fmin(max, DBL_MAX), or_nan);
    return float_outside(values, count, (float)fmax(min, -(double)FLT_MAX),
                         (float)fmin(max, (double)FLT_MAX), or_nan);
}

/* ---- order ---- */

#define DEFINE_COUNT(type, name, relation)                                                         \
    static uint32_t type##_##name(const type *v, uint64_t count) {                                 \
        uint32_t breaks = 0;                                                                       \
        _Pragma("omp simd reduction(+ : breaks)") for (uint64_t i = 1; i < count; i++) {           \
            breaks += !(v[i] relation v[i - 1]); /* a NaN breaks every order */                    \
        }                                                                                          \
        return breaks;                                                                             \
    }

#define DEFINE_ORDER_BREAKS(type)                                                                  \
    DEFINE_COUNT(type, not_ascending, >)                                                           \
    DEFINE_COUNT(type, falling, >=)                                                                \
    DEFINE_COUNT(type, rising, <=)                                                                 \
    static uint32_t type##_breaks(enum order order, const type *v, uint64_t count) {               \
        if (order == ORDER_ASCENDING) return type##_not_ascending(v, count);                       \
        if (order == ORDER_NOT_FALLING) return type##_falling(v, count);                           \
        return order == ORDER_NOT_RISING ? type##_rising(v, count) : 0;                            \
    }

DEFINE_ORDER_BREAKS(uint8_t)
DEFINE_ORDER_BREAKS(int8_t)
DEFINE_ORDER_BREAKS(uint16_t)
DEFINE_ORDER_BREAKS(int32_t)
DEFINE_ORDER_BREAKS(uint32_t)
DEFINE_ORDER_BREAKS(int64_t)
DEFINE_ORDER_BREAKS(uint64_t)
DEFINE_ORDER_BREAKS(float)
DEFINE_ORDER_BREAKS(double)

static uint64_t half_breaks(enum order order, const uint16_t *v, uint64_t count) {
    uint64_t breaks = 0;
    for (uint64_t i = 1; i < count; i++) {
        const float pair[2] = {half_to_float(v[i - 1]), half_to_float(v[i])};
        breaks += float_breaks(order, pair, 2);
    }
    return breaks;
}

uint64_t scan_order_breaks(enum dtype dtype, enum order order, const void *values, uint64_t count) {
    switch (dtype) {
    case DTYPE_U8:
        return uint8_t_breaks(order, values, count);
    case DTYPE_I8:
        return int8_t_breaks(order, values, count);
    case DTYPE_U16:
        return uint16_t_breaks(order, values, count);
    case DTYPE_I32:
        return int32_t_breaks(order, values, count);
    case DTYPE_U32:
        return uint32_t_breaks(order, values, count);
    case DTYPE_I64:
        return int64_t_breaks(order, values, count);
    case DTYPE_U64:
        return uint64_t_breaks(order, values, count);
    case DTYPE_F32:
        return float_breaks(order, values, count);
    case DTYPE_F64:
        return double_breaks(order, values, count);
    case DTYPE_F16:
        return half_breaks(order, values, count);
    case DTYPE_STR:
        break;
    }
    return 0;
}
