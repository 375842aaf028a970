#include "common/data/block_sparse.h"

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/simd.h"
#include "common/data/dense.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Part of the result: they fix the order of the sums. */
enum {
    ROW_BLOCK = 256,    /* of A and C */
    INNER_BLOCK = 256,  /* of columns of A and rows of B */
    COLUMN_TILE = 256,  /* of B and C: a tile of B stays in the second-level cache */
    COLUMN_STRIP = 2048 /* of B and C, for sgemm */
};

#define KERNEL(name) name##_4
#define KERNEL_TARGET
#define KERNEL_WIDTH 4
#define KERNEL_GROUP 8
#include "common/data/block_sparse_kernel.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_WIDTH
#undef KERNEL_GROUP

#if defined(__x86_64__)
#define KERNEL(name)  name##_8
#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#define KERNEL_WIDTH  8
#define KERNEL_GROUP  8
#include "common/data/block_sparse_kernel.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_WIDTH
#undef KERNEL_GROUP

#define KERNEL(name)  name##_16
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define KERNEL_WIDTH  16
#define KERNEL_GROUP  16
#include "common/data/block_sparse_kernel.h"
#endif

typedef void (*add_scaled)(size_t, size_t, const uint32_t *, const float *, const float *, size_t,
                           float *);

static add_scaled best_kernel(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return add_scaled_16;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return add_scaled_8;
#endif
    return add_scaled_4;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

struct mixed {
    size_t m, n, k, inner_blocks;
    const float *a, *b;
    float *c;
    bool *dense;      /* [row blocks, inner blocks] */
    uint64_t *offset; /* [m, inner blocks] and one more: the entries of a row in an inner block */
    uint32_t *index;  /* rows of B */
    float *value;
};

static void mixed_release(struct mixed *x) {
    mem_free(x->dense);
    mem_free(x->offset);
    mem_free(x->index);
    mem_free(x->value);
    *x = (struct mixed){0};
}

/* Counts the entries of row block `block` into offset[row, inner + 1] and marks dense blocks, which
 * count as empty. */
static void count_block(struct mixed *x, size_t block) {
    size_t first = block * ROW_BLOCK, end = smaller(first + ROW_BLOCK, x->m);
    for (size_t inner = 0; inner < x->inner_blocks; inner++) {
        size_t from = inner * INNER_BLOCK, to = smaller(from + INNER_BLOCK, x->k), total = 0;
        for (size_t row = first; row < end; row++) {
            uint64_t count = 0;
            for (size_t j = from; j < to; j++) {
                count += x->a[row * x->k + j] != 0.0F;
            }
            x->offset[row * x->inner_blocks + inner + 1] = count;
            total += count;
        }
        bool dense = 3 * total > (end - first) * (to - from);
        x->dense[block * x->inner_blocks + inner] = dense;
        for (size_t row = first; dense && row < end; row++) {
            x->offset[row * x->inner_blocks + inner + 1] = 0;
        }
    }
}

static void fill_row(struct mixed *x, size_t row) {
    const uint64_t *offset = x->offset + row * x->inner_blocks;
    for (size_t inner = 0; inner < x->inner_blocks; inner++) {
        uint64_t next = offset[inner];
        if (offset[inner + 1] == next) continue;
        for (size_t j = inner * INNER_BLOCK; j < smaller((inner + 1) * INNER_BLOCK, x->k); j++) {
            float value = x->a[row * x->k + j];
            if (value == 0.0F) continue;
            x->index[next] = (uint32_t)j;
            x->value[next++] = value;
        }
    }
}

static enum status sort_out(struct mixed *x, struct error *err) {
    size_t row_blocks = block_count(x->m, ROW_BLOCK), count = x->m * x->inner_blocks;
    TRY(MEM_NEW(&x->dense, row_blocks * x->inner_blocks, err));
    TRY(MEM_NEW(&x->offset, count + 1, err));
#pragma omp parallel for schedule(dynamic)
    for (size_t block = 0; block < row_blocks; block++) {
        count_block(x, block);
    }
    for (size_t i = 0; i < count; i++) {
        x->offset[i + 1] += x->offset[i];
    }
    TRY(MEM_NEW(&x->index, x->offset[count], err));
    TRY(MEM_NEW(&x->value, x->offset[count], err));
#pragma omp parallel for schedule(dynamic, 8)
    for (size_t row = 0; row < x->m; row++) {
        fill_row(x, row);
    }
    return STATUS_OK;
}

/* Columns [first, first + columns) of row block `block` of C, from the dense blocks of A: one
 * product per run of adjacent ones. */
static void multiply_dense(const struct mixed *x, size_t block, size_t first, size_t columns) {
    const bool *dense = x->dense + block * x->inner_blocks;
    size_t row = block * ROW_BLOCK, rows = smaller(ROW_BLOCK, x->m - row);
    float *out = x->c + row * x->n + first;
    for (size_t i = 0; i < rows; i++) {
        memset(out + i * x->n, 0, columns * sizeof(*out));
    }
    for (size_t inner = 0; inner < x->inner_blocks;) {
        size_t end = inner;
        while (end < x->inner_blocks && dense[end]) {
            end++;
        }
        size_t from = inner * INNER_BLOCK, to = smaller(end * INNER_BLOCK, x->k);
        if (end > inner)
            dense_gemm('N', 'N', rows, columns, to - from, 1, x->a + row * x->k + from, x->k,
                       x->b + from * x->n + first, x->n, 1, out, x->n);
        inner = end + 1;
    }
}

/* Columns [first, first + columns) of C, from the other blocks. */
static void multiply_sparse(const struct mixed *x, size_t first, size_t columns) {
    add_scaled add = best_kernel();
    for (size_t inner = 0; inner < x->inner_blocks; inner++) {
        for (size_t row = 0; row < x->m; row++) {
            uint64_t at = x->offset[row * x->inner_blocks + inner];
            uint64_t end = x->offset[row * x->inner_blocks + inner + 1];
            if (end > at)
                add(columns, end - at, x->index + at, x->value + at, x->b + first, x->n,
                    x->c + row * x->n + first);
        }
    }
}

enum status block_sparse_multiply(size_t m, size_t n, size_t k, const float *a, const float *b,
                                  float *c, struct error *err) {
    AUTO(mixed)
    struct mixed x = {.m = m, .n = n, .k = k, .a = a, .b = b, .c = c};
    x.inner_blocks = block_count(k, INNER_BLOCK);
    TRY(sort_out(&x, err));
    size_t strips = block_count(n, COLUMN_STRIP), row_blocks = block_count(m, ROW_BLOCK);
#pragma omp parallel for schedule(dynamic)
    for (size_t task = 0; task < strips * row_blocks; task++) {
        size_t first = task % strips * COLUMN_STRIP;
        multiply_dense(&x, task / strips, first, smaller(COLUMN_STRIP, n - first));
    }
#pragma omp parallel for schedule(dynamic)
    for (size_t first = 0; first < n; first += COLUMN_TILE) {
        multiply_sparse(&x, first, smaller(COLUMN_TILE, n - first));
    }
    return STATUS_OK;
}
