/* The types of values, and statistics over values. */
#include "common/artifact/format.h"
#include "common/base/half.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {[DTYPE_U8] = {"u8", 1},   [DTYPE_I8] = {"i8", 1},   [DTYPE_U16] = {"u16", 2},
              [DTYPE_I32] = {"i32", 4}, [DTYPE_U32] = {"u32", 4}, [DTYPE_I64] = {"i64", 8},
              [DTYPE_U64] = {"u64", 8}, [DTYPE_F32] = {"f32", 4}, [DTYPE_F64] = {"f64", 8},
              [DTYPE_STR] = {"str", 0}, [DTYPE_F16] = {"f16", 2}};

enum { N_DTYPES = sizeof(dtypes) / sizeof(dtypes[0]) };

size_t dtype_size(enum dtype dtype) {
    return (unsigned)dtype < N_DTYPES ? dtypes[dtype].size : 0;
}

const char *dtype_name(enum dtype dtype) {
    return (unsigned)dtype < N_DTYPES && dtypes[dtype].name != NULL ? dtypes[dtype].name : "?";
}

bool dtype_parse(const char *name, enum dtype *out) {
    for (unsigned i = 1; i < N_DTYPES; i++) {
        if (strcmp(dtypes[i].name, name) == 0) {
            *out = (enum dtype)i;
            return true;
        }
    }
    return false;
}

double value_at(enum dtype dtype, const void *values, uint64_t index) {
    switch (dtype) {
    case DTYPE_U8:
        return ((const uint8_t *)values)[index];
    case DTYPE_I8:
        return ((const int8_t *)values)[index];
    case DTYPE_U16:
        return ((const uint16_t *)values)[index];
    case DTYPE_I32:
        return ((const int32_t *)values)[index];
    case DTYPE_U32:
        return ((const uint32_t *)values)[index];
    case DTYPE_I64:
        return (double)((const int64_t *)values)[index];
    case DTYPE_U64:
        return (double)((const uint64_t *)values)[index];
    case DTYPE_F32:
        return (double)((const float *)values)[index];
    case DTYPE_F64:
        return ((const double *)values)[index];
    case DTYPE_F16:
        return (double)half_to_float(((const uint16_t *)values)[index]);
    case DTYPE_STR:
        break;
    }
    return 0;
}

static void add_range(struct value_stats *s, double min, double max, uint64_t count) {
    value_stats_merge(s, &(struct value_stats){.min = min, .max = max, .count = count});
}

/* Conversion to double is monotonic, so the extremes are found in the type itself. */
#define DEFINE_INTEGER_RANGE(type)                                                                 \
    static void type##_range(struct value_stats *s, const type *v, uint64_t count) {               \
        type low = v[0], high = v[0];                                                              \
        _Pragma("omp simd reduction(min : low) reduction(max : high)") for (uint64_t i = 1;        \
                                                                            i < count; i++) {      \
            if (v[i] < low) low = v[i];                                                            \
            if (v[i] > high) high = v[i];                                                          \
        }                                                                                          \
        add_range(s, (double)low, (double)high, count);                                            \
    }

DEFINE_INTEGER_RANGE(uint8_t)
DEFINE_INTEGER_RANGE(int8_t)
DEFINE_INTEGER_RANGE(uint16_t)
DEFINE_INTEGER_RANGE(int32_t)
DEFINE_INTEGER_RANGE(uint32_t)
DEFINE_INTEGER_RANGE(int64_t)
DEFINE_INTEGER_RANGE(uint64_t)

#define DEFINE_REAL_RANGE(type)                                                                    \
    static void type##_range(struct value_stats *s, const type *v, uint64_t count) {               \
        type low = (type)INFINITY, high = (type)-INFINITY;                                         \
        uint64_t nan_count = 0;                                                                    \
        for (uint64_t i = 0; i < count; i++) {                                                     \
            nan_count += isnan(v[i]) != 0;                                                         \
            if (v[i] < low) low = v[i]; /* false for NaN */                                        \
            if (v[i] > high) high = v[i];                                                          \
        }                                                                                          \
        s->nan_count += nan_count;                                                                 \
        add_range(s, (double)low, (double)high, count - nan_count);                                \
    }

DEFINE_REAL_RANGE(float)
DEFINE_REAL_RANGE(double)

/* Halves are in sign-magnitude form: their order is that of the magnitudes with their signs. */
static void half_range(struct value_stats *s, const uint16_t *v, uint64_t count) {
    int low = INT_MAX, high = INT_MIN;
    uint64_t nan_count = 0;
    for (uint64_t i = 0; i < count; i++) {
        int magnitude = v[i] & 0x7FFF;
        if (magnitude > 0x7C00) {
            nan_count++;
            continue;
        }
        int key = (v[i] & 0x8000) != 0 ? -magnitude : magnitude;
        if (key < low) low = key;
        if (key > high) high = key;
    }
    s->nan_count += nan_count;
    if (nan_count == count) return;
    add_range(s, (double)half_to_float((uint16_t)(low < 0 ? 0x8000 - low : low)),
              (double)half_to_float((uint16_t)(high < 0 ? 0x8000 - high : high)),
              count - nan_count);
}

void value_stats_add(struct value_stats *s, enum dtype dtype, const void *values, uint64_t count) {
    if (count == 0) return;
    switch (dtype) {
    case DTYPE_U8:
        uint8_t_range(s, values, count);
        break;
    case DTYPE_I8:
        int8_t_range(s, values, count);
        break;
    case DTYPE_U16:
        uint16_t_range(s, values, count);
        break;
    case DTYPE_I32:
        int32_t_range(s, values, count);
        break;
    case DTYPE_U32:
        uint32_t_range(s, values, count);
        break;
    case DTYPE_I64:
        int64_t_range(s, values, count);
        break;
    case DTYPE_U64:
        uint64_t_range(s, values, count);
        break;
    case DTYPE_F32:
        float_range(s, values, count);
        break;
    case DTYPE_F64:
        double_range(s, values, count);
        break;
    case DTYPE_F16:
        half_range(s, values, count);
        break;
    case DTYPE_STR:
        break;
    }
}

void value_stats_merge(struct value_stats *s, const struct value_stats *other) {
    if (other->count > 0) {
        if (s->count == 0 || other->min < s->min) s->min = other->min + 0.0; /* -0 becomes 0 */
        if (s->count == 0 || other->max > s->max) s->max = other->max + 0.0;
    }
    s->count += other->count;
    s->nan_count += other->nan_count;
}
