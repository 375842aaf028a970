#include "common/data/small_spd.h"

#include "common/base/simd.h"

#include <math.h>
#include <stdint.h>

enum {
    SPD_ALIGN = 16, /* floats of the widest vector */
    SPD_PANEL = 8,  /* rows of the factor that are eliminated from the rest at once */
    SPD_AHEAD = 8   /* rows prefetched ahead of the one being copied */
};

size_t spd_stride(size_t n) {
    return (n + SPD_ALIGN - 1) / SPD_ALIGN * SPD_ALIGN;
}

/* Masks: from keep_from[SPD_ALIGN - k] on, k lanes to clear and then lanes to keep. */
static const uint32_t keep_from[2 * SPD_ALIGN] = {[SPD_ALIGN] = UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX,
                                                  UINT32_MAX};

#define KERNEL(name) name##_4
#define KERNEL_TARGET
#define KERNEL_WIDTH 4
#define KERNEL_GROUP 4
#include "common/data/small_spd_kernel.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_WIDTH
#undef KERNEL_GROUP

#if defined(__x86_64__)
#define KERNEL(name)  name##_8
#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#define KERNEL_WIDTH  8
#define KERNEL_GROUP  4
#include "common/data/small_spd_kernel.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_WIDTH
#undef KERNEL_GROUP

#define KERNEL(name)  name##_16
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define KERNEL_WIDTH  16
#define KERNEL_GROUP  8
#include "common/data/small_spd_kernel.h"
#endif

struct kernels {
    void (*gather)(size_t, size_t, const float *, const uint32_t *, float *, size_t);
    void (*add_products)(size_t, size_t, const float *, size_t, float *, size_t);
    void (*add_rows)(size_t, size_t, const float *, size_t, const float *, float *, float *);
    void (*add_triangle)(size_t, const float *, size_t, double *);
    size_t (*solve)(size_t, size_t, float *, float *);
};

static const struct kernels portable = {gather_4, add_products_4, add_rows_4, add_triangle_4,
                                        solve_4};
#if defined(__x86_64__)
static const struct kernels avx2 = {gather_8, add_products_8, add_rows_8, add_triangle_8, solve_8};
static const struct kernels avx512 = {gather_16, add_products_16, add_rows_16, add_triangle_16,
                                      solve_16};
#endif

static const struct kernels *kernels(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2;
#endif
    return &portable;
}

void spd_gather(size_t n, size_t count, const float *from, const uint32_t *index, float *rows,
                size_t row_stride) {
    kernels()->gather(n, count, from, index, rows, row_stride);
}

void spd_add_products(size_t n, size_t count, const float *rows, size_t row_stride, float *matrix,
                      size_t stride) {
    kernels()->add_products(n, count, rows, row_stride, matrix, stride);
}

void spd_add_rows(size_t n, size_t count, const float *rows, size_t row_stride, const float *weight,
                  float *sum, float *weighted) {
    kernels()->add_rows(n, count, rows, row_stride, weight, sum, weighted);
}

void spd_add_triangle(size_t n, const float *matrix, size_t stride, double *sums) {
    kernels()->add_triangle(n, matrix, stride, sums);
}

size_t spd_solve(size_t n, size_t stride, float *matrix, float *x) {
    return kernels()->solve(n, stride, matrix, x);
}
