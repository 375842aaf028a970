/* The inputs of the network: transformed features and embeddings. */
#include "common/nn/mlp.h"

#include <math.h>
#include <string.h>

static inline uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* These are written without branches so that the loop around them can be vectorised. */

static inline float zero_if_nan(float value) {
    uint32_t bits = bits_of(value);
    uint32_t is_number = (bits & 0x7fffffffu) <= 0x7f800000u;
    return float_of(bits & (0u - is_number));
}

/* log(y) for y >= 1: y = m 2^e with m in [sqrt(1/2), sqrt(2)), then the polynomial of Cephes' logf.
 */
static inline float log_from_one(float y) {
    uint32_t bits = bits_of(y);
    int32_t exponent = (int32_t)(bits - 0x3f3504f3u) >> 23;
    float f = float_of(bits - ((uint32_t)exponent << 23)) - 1.0f, square = f * f;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    p = p * f * square - 0.5f * square;
    return f + p + (float)exponent * 0.69314718056f;
}

static inline __attribute__((always_inline)) void features_loop(float *out, const float *x,
                                                                const struct scaling *scaling,
                                                                size_t n, size_t n_features,
                                                                size_t stride) {
    const float *mean = scaling->mean, *scale = scaling->scale;
    const float *low = scaling->low, *high = scaling->high;
    for (size_t i = 0; i < n; i++) {
        const float *row = x + i * n_features;
        float *linear = out + i * stride, *logarithm = linear + n_features;
#pragma omp simd
        for (size_t j = 0; j < n_features; j++) {
            float inside = row[j] < low[j] ? low[j] : row[j] > high[j] ? high[j] : row[j];
            float z = zero_if_nan((inside - mean[j]) * scale[j]);
            float size = float_of(bits_of(z) & 0x7fffffffu);
            uint32_t sign = bits_of(z) & 0x80000000u;
            linear[j] = z;
            logarithm[j] = float_of(bits_of(log_from_one(1.0f + size)) | sign);
        }
    }
}

#if defined(__x86_64__)
/* Eight values at a time; without FMA, so that the result is the same to the last bit. */
__attribute__((target("avx2"))) static void features_loop_avx2(float *out, const float *x,
                                                               const struct scaling *scaling,
                                                               size_t n, size_t n_features,
                                                               size_t stride) {
    features_loop(out, x, scaling, n, n_features, stride);
}
#endif

void features_forward(float *out, const float *x, const struct scaling *scaling, size_t n,
                      size_t n_features, size_t stride) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        features_loop_avx2(out, x, scaling, n, n_features, stride);
        return;
    }
#endif
    features_loop(out, x, scaling, n, n_features, stride);
}

void features_backward(float *dx, const float *din, const float *x, const struct scaling *scaling,
                       size_t n, size_t n_features, size_t stride) {
    for (size_t i = 0; i < n; i++) {
        const float *row = x + i * n_features, *dlinear = din + i * stride;
        const float *dlogarithm = dlinear + n_features;
        for (size_t j = 0; j < n_features; j++) {
            float z = (row[j] - scaling->mean[j]) * scaling->scale[j];
            float d = dlinear[j] + dlogarithm[j] / (1.0f + fabsf(z));
            bool inside = row[j] >= scaling->low[j] && row[j] <= scaling->high[j];
            dx[i * n_features + j] = inside && z == z ? d * scaling->scale[j] : 0.0f;
        }
    }
}

void embedding_forward(float *out, const float *table, const uint32_t *index, uint32_t n_rows,
                       size_t n, size_t dim, size_t stride) {
    for (size_t i = 0; i < n; i++) {
        if (index[i] < n_rows) {
            memcpy(out + i * stride, table + (size_t)index[i] * dim, dim * sizeof(float));
        } else {
            memset(out + i * stride, 0, dim * sizeof(float));
        }
    }
}
