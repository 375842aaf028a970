/* The loops of small_spd.c for one width of vectors. Included once for each with
 *     KERNEL(name)   the name with a suffix for the width
 *     KERNEL_TARGET  function attribute that allows its instructions
 *     KERNEL_WIDTH   floats per vector
 *     KERNEL_GROUP   rows of a tile, a divisor of the width: 2 * KERNEL_GROUP sums fit into the
 *                    registers
 * Hence no include guard. */

#define FLOATS SIMD_TYPE(f32, KERNEL_WIDTH)
#define BITS   SIMD_TYPE(u32, KERNEL_WIDTH)

/* The tile of KERNEL_GROUP rows from `row` and two vectors of columns from `column`. */
KERNEL_TARGET static void KERNEL(wide_tile)(size_t row, size_t column, size_t count, const float *z,
                                            size_t row_stride, float *matrix, size_t stride) {
    FLOATS left[KERNEL_GROUP], right[KERNEL_GROUP];
    float *out = matrix + row * stride + column;
#pragma GCC unroll 8
    for (size_t r = 0; r < KERNEL_GROUP; r++) {
        left[r] = *(const FLOATS *)(out + r * stride);
        right[r] = *(const FLOATS *)(out + r * stride + KERNEL_WIDTH);
    }
    for (size_t k = 0; k < count; k++, z += row_stride) {
        FLOATS a = *(const FLOATS *)(z + column);
        FLOATS b = *(const FLOATS *)(z + column + KERNEL_WIDTH);
#pragma GCC unroll 8
        for (size_t r = 0; r < KERNEL_GROUP; r++) {
            left[r] += a * z[row + r];
            right[r] += b * z[row + r];
        }
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < KERNEL_GROUP; r++) {
        *(FLOATS *)(out + r * stride) = left[r];
        *(FLOATS *)(out + r * stride + KERNEL_WIDTH) = right[r];
    }
}

/* The same with one vector of columns. */
KERNEL_TARGET static void KERNEL(narrow_tile)(size_t row, size_t column, size_t count,
                                              const float *z, size_t row_stride, float *matrix,
                                              size_t stride) {
    FLOATS sum[KERNEL_GROUP];
    float *out = matrix + row * stride + column;
#pragma GCC unroll 8
    for (size_t r = 0; r < KERNEL_GROUP; r++) {
        sum[r] = *(const FLOATS *)(out + r * stride);
    }
    for (size_t k = 0; k < count; k++, z += row_stride) {
        FLOATS a = *(const FLOATS *)(z + column);
#pragma GCC unroll 8
        for (size_t r = 0; r < KERNEL_GROUP; r++) {
            sum[r] += a * z[row + r];
        }
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < KERNEL_GROUP; r++) {
        *(FLOATS *)(out + r * stride) = sum[r];
    }
}

KERNEL_TARGET static void KERNEL(add_products)(size_t n, size_t count, const float *rows,
                                               size_t row_stride, float *matrix, size_t stride) {
    for (size_t column = 0; column < n; column += (size_t)2 * KERNEL_WIDTH) {
        size_t second = column + KERNEL_WIDTH; /* from here on only the second vector is needed */
        for (size_t row = 0; row < second && row < n; row += KERNEL_GROUP) {
            if (second < n)
                KERNEL(wide_tile)(row, column, count, rows, row_stride, matrix, stride);
            else
                KERNEL(narrow_tile)(row, column, count, rows, row_stride, matrix, stride);
        }
        for (size_t row = second; row < second + KERNEL_WIDTH && row < n; row += KERNEL_GROUP) {
            KERNEL(narrow_tile)(row, second, count, rows, row_stride, matrix, stride);
        }
    }
}

KERNEL_TARGET static void KERNEL(gather)(size_t n, size_t count, const float *from,
                                         const uint32_t *index, float *rows, size_t row_stride) {
    for (size_t k = 0; k < count; k++) {
        const float *row = from + (size_t)index[k] * n;
        float *out = rows + k * row_stride;
        size_t ahead = k + SPD_AHEAD < count ? k + SPD_AHEAD : k;
        const float *soon = from + (size_t)index[ahead] * n;
        for (size_t c = 0; c < n; c += 16) {
            __builtin_prefetch(soon + c);
        }
        size_t c = 0;
        for (; c + KERNEL_WIDTH <= n; c += KERNEL_WIDTH) {
            *(FLOATS *)(out + c) = *(const FLOATS *)(row + c);
        }
        for (; c < n; c++) {
            out[c] = row[c];
        }
        for (; c < row_stride; c++) {
            out[c] = 0;
        }
    }
}

KERNEL_TARGET static void KERNEL(add_rows)(size_t n, size_t count, const float *rows,
                                           size_t row_stride, const float *weight, float *sum,
                                           float *weighted) {
    for (size_t column = 0; column < n; column += KERNEL_WIDTH) {
        FLOATS plain = *(const FLOATS *)(sum + column);
        FLOATS other = *(const FLOATS *)(weighted + column);
        for (size_t k = 0; k < count; k++) {
            FLOATS z = *(const FLOATS *)(rows + k * row_stride + column);
            plain += z;
            other += z * weight[k];
        }
        *(FLOATS *)(sum + column) = plain;
        *(FLOATS *)(weighted + column) = other;
    }
}

/* Eight values at a time whatever the vector width, because rows get short. */
KERNEL_TARGET static void KERNEL(add_triangle)(size_t n, const float *matrix, size_t stride,
                                               double *sums) {
    for (size_t i = 0; i < n; i++, matrix += stride) {
        size_t j = i;
        for (; j + 8 <= n; j += 8, sums += 8) {
            *(f64x8_loose *)sums +=
                __builtin_convertvector(*(const f32x8_loose *)(matrix + j), f64x8_loose);
        }
        for (; j < n; j++) {
            *sums++ += (double)matrix[j];
        }
    }
}

/* Computes rows [first, first + count) of the factor U of A = U'U, with the right-hand side as a
 * further column; the rows above have been eliminated already. Values left of the diagonal in its
 * vector are set to 0, so that they cannot grow without bounds. Returns 0, or the order of the
 * leading minor that is not positive. */
KERNEL_TARGET static size_t KERNEL(factor_panel)(size_t first, size_t count, size_t width,
                                                 float *matrix, size_t stride) {
    for (size_t i = first; i < first + count; i++) {
        float *row = matrix + i * stride;
        size_t start = i - i % KERNEL_WIDTH;
        for (size_t j = start; j < width; j += KERNEL_WIDTH) {
            FLOATS rest = *(const FLOATS *)(row + j);
            for (size_t k = first; k < i; k++) {
                const float *above = matrix + k * stride;
                rest -= *(const FLOATS *)(above + j) * above[i];
            }
            *(FLOATS *)(row + j) = rest;
        }
        if (!(row[i] > 0)) return i + 1;
        float scale = 1 / sqrtf(row[i]);
        for (size_t j = start; j < width; j += KERNEL_WIDTH) {
            *(FLOATS *)(row + j) *= scale;
        }
        *(BITS *)(row + start) &= *(const BITS *)(keep_from + SPD_ALIGN - i % KERNEL_WIDTH);
    }
    return 0;
}

/* Subtracts from row `i` the contribution of the SPD_PANEL rows of the factor from `first` on. */
KERNEL_TARGET static void KERNEL(update_row)(size_t i, size_t first, size_t width, float *matrix,
                                             size_t stride) {
    const float *panel = matrix + first * stride;
    float *row = matrix + i * stride, factor[SPD_PANEL];
#pragma GCC unroll 8
    for (size_t k = 0; k < SPD_PANEL; k++) {
        factor[k] = panel[k * stride + i];
    }
    for (size_t j = i - i % KERNEL_WIDTH; j < width; j += KERNEL_WIDTH) {
        FLOATS even = *(FLOATS *)(row + j), odd = {0};
#pragma GCC unroll 4
        for (size_t k = 0; k < SPD_PANEL; k += 2) {
            even -= *(const FLOATS *)(panel + k * stride + j) * factor[k];
            odd -= *(const FLOATS *)(panel + (k + 1) * stride + j) * factor[k + 1];
        }
        *(FLOATS *)(row + j) = even + odd;
    }
}

/* The dot product of row and x over [from, width), in vectors whose lanes are then added by
 * halves. */
KERNEL_TARGET static inline float KERNEL(sum_products)(const float *row, const float *x,
                                                       size_t from, size_t width) {
    FLOATS sums = {0};
    for (size_t j = from; j < width; j += KERNEL_WIDTH) {
        sums += *(const FLOATS *)(row + j) * *(const FLOATS *)(x + j);
    }
    float part[KERNEL_WIDTH];
    *(FLOATS *)part = sums;
    for (size_t half = KERNEL_WIDTH / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; j++) {
            part[j] += part[j + half];
        }
    }
    return part[0];
}

/* Solves U x = y from the last rows up; y is column n. For a block of rows, the known part of x is
 * subtracted in vectors, and the remaining triangle is solved value by value. */
KERNEL_TARGET static void KERNEL(substitute_back)(size_t n, size_t width, const float *matrix,
                                                  size_t stride, float *x) {
    for (size_t j = 0; j < width; j++) {
        x[j] = 0;
    }
    for (size_t first = (n - 1) / KERNEL_WIDTH * KERNEL_WIDTH + KERNEL_WIDTH; first > 0;) {
        size_t known = first, end = first < n ? first : n;
        first -= KERNEL_WIDTH;
        for (size_t i = first; i < end; i++) {
            const float *row = matrix + i * stride;
            x[i] = row[n] - KERNEL(sum_products)(row, x, known, width);
        }
        for (size_t i = end; i-- > first;) {
            x[i] /= matrix[i * stride + i];
            for (size_t k = first; k < i; k++) {
                x[k] -= matrix[k * stride + i] * x[i];
            }
        }
    }
}

KERNEL_TARGET static size_t KERNEL(solve)(size_t n, size_t stride, float *matrix, float *x) {
    size_t width = n + 1;
    for (size_t first = 0; first < n; first += SPD_PANEL) {
        size_t count = n - first < SPD_PANEL ? n - first : SPD_PANEL;
        size_t minor = KERNEL(factor_panel)(first, count, width, matrix, stride);
        if (minor != 0) return minor;
        for (size_t i = first + count; i < n; i++) {
            KERNEL(update_row)(i, first, width, matrix, stride);
        }
    }
    KERNEL(substitute_back)(n, spd_stride(width), matrix, stride, x);
    return 0;
}
