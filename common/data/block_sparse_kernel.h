/* The inner loop of block_sparse.c for one width of vectors; see small_spd_kernel.h for the macros.
 * Hence no include guard. */

#define FLOATS SIMD_TYPE(f32, KERNEL_WIDTH)

/* out[columns] += sum over e of value[e] * b[index[e], columns]: KERNEL_GROUP vectors at a time in
 * registers, then what remains. */
KERNEL_TARGET static void KERNEL(add_scaled)(size_t columns, size_t count, const uint32_t *index,
                                             const float *value, const float *b, size_t stride,
                                             float *out) {
    const size_t width = (size_t)KERNEL_GROUP * KERNEL_WIDTH;
    size_t j = 0;
    for (; j + width <= columns; j += width) {
        FLOATS sum[KERNEL_GROUP];
#pragma GCC unroll 16
        for (size_t v = 0; v < KERNEL_GROUP; v++) {
            sum[v] = *(const FLOATS *)(out + j + v * KERNEL_WIDTH);
        }
        for (size_t e = 0; e < count; e++) {
            const float *row = b + index[e] * stride + j;
#pragma GCC unroll 16
            for (size_t v = 0; v < KERNEL_GROUP; v++) {
                sum[v] += *(const FLOATS *)(row + v * KERNEL_WIDTH) * value[e];
            }
        }
#pragma GCC unroll 16
        for (size_t v = 0; v < KERNEL_GROUP; v++) {
            *(FLOATS *)(out + j + v * KERNEL_WIDTH) = sum[v];
        }
    }
    for (size_t e = 0; e < count && j < columns; e++) {
        const float *row = b + index[e] * stride;
        for (size_t column = j; column < columns; column++) {
            out[column] += row[column] * value[e];
        }
    }
}
