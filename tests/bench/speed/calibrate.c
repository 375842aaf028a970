/* calibrate: what this machine gives at this moment, as "KERNEL THREADS GFLOP/s GB/s": a product of
 * two matrices of 4096 x 4096 floats, and a copy from memory to memory (bytes read plus bytes
 * written). */
#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/data/dense.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = 4096, WARM_SIZE = 512, COPY_BLOCKS = 64, BLOCK_BYTES = 1 << 23 };

static double seconds_since(uint64_t start_ns) {
    return (double)(clock_now_ns() - start_ns) / 1e9;
}

static enum status measure_gemm(double *gflops, struct error *err) {
    const size_t count = (size_t)SIZE * SIZE;
    MEM_AUTO float *a = NULL, *b = NULL, *c = NULL;
    TRY(MEM_NEW(&a, count, err));
    TRY(MEM_NEW(&b, count, err));
    TRY(MEM_NEW(&c, count, err));
    for (size_t i = 0; i < count; i++) {
        a[i] = (float)(i % 13) - 6.0F;
        b[i] = (float)(i % 7) - 3.0F;
    }
    dense_gemm_parallel('N', 'N', WARM_SIZE, SIZE, WARM_SIZE, 1, a, SIZE, b, SIZE, 0, c, SIZE);
    uint64_t start = clock_now_ns();
    dense_gemm_parallel('N', 'N', SIZE, SIZE, SIZE, 1, a, SIZE, b, SIZE, 0, c, SIZE);
    *gflops = 2.0 * SIZE * SIZE * SIZE / seconds_since(start) / 1e9;
    return STATUS_OK;
}

static void copy_all(char *to, const char *from) {
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < COPY_BLOCKS; i++)
        memcpy(to + i * BLOCK_BYTES, from + i * BLOCK_BYTES, BLOCK_BYTES);
}

static enum status measure_copy(double *gigabytes, struct error *err) {
    const size_t size = (size_t)COPY_BLOCKS * BLOCK_BYTES;
    MEM_AUTO char *from = NULL, *to = NULL;
    TRY(MEM_NEW(&from, size, err));
    TRY(MEM_NEW(&to, size, err));
    copy_all(to, from);
    uint64_t start = clock_now_ns();
    copy_all(to, from);
    *gigabytes = 2.0 * (double)size / seconds_since(start) / 1e9;
    return STATUS_OK;
}

int main(void) {
    struct error err = {0};
    double gflops, gigabytes;
    dense_init();
    if (measure_gemm(&gflops, &err) != STATUS_OK || measure_copy(&gigabytes, &err) != STATUS_OK) {
        (void)fprintf(stderr, "calibrate: %s\n", err.text);
        return 1;
    }
    printf("%s %d %.1f %.1f\n", dense_kernel(), omp_get_max_threads(), gflops, gigabytes);
    return 0;
}
