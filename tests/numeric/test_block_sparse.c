/* Products of partly empty matrices against plain sums in double, at every width of vectors. */
#include "common/base/mem.h"
#include "common/base/rng.h"
/* The file itself: the loops for narrower vectors are not to be reached otherwise. */
#include "common/data/block_sparse.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <omp.h>

enum { ROWS = 300, INNER = 530, COLUMNS = 321 };

/* Dense in the first block of columns, sparse in the others, empty rows between. */
static void fill(float *a, float *b) {
    struct rng rng = rng_keyed(1, "test", 0, 0);
    for (size_t k = 0; k < (size_t)ROWS * INNER; k++) {
        double share = k % INNER < 200 ? 0.7 : k / INNER % 5 == 0 ? 0 : 0.1;
        double value = rng_normal(&rng);
        a[k] = rng_uniform(&rng) < share ? (float)value : 0;
    }
    for (size_t k = 0; k < (size_t)INNER * COLUMNS; k++) {
        b[k] = (float)rng_normal(&rng);
    }
}

static void test_product(void **state) {
    (void)state;
    struct error err = {0};
    MEM_AUTO float *a = NULL, *b = NULL, *one = NULL, *many = NULL;
    assert_int_equal(mem_alloc(&a, ROWS * INNER, sizeof(*a), &err), STATUS_OK);
    assert_int_equal(mem_alloc(&b, INNER * COLUMNS, sizeof(*b), &err), STATUS_OK);
    assert_int_equal(mem_alloc(&one, ROWS * COLUMNS, sizeof(*one), &err), STATUS_OK);
    assert_int_equal(mem_alloc(&many, ROWS * COLUMNS, sizeof(*many), &err), STATUS_OK);
    fill(a, b);
    for (size_t k = 0; k < (size_t)ROWS * COLUMNS; k++) {
        one[k] = NAN; /* is not to be read */
    }
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    assert_int_equal(block_sparse_multiply(ROWS, COLUMNS, INNER, a, b, one, &err), STATUS_OK);
    omp_set_num_threads(3);
    assert_int_equal(block_sparse_multiply(ROWS, COLUMNS, INNER, a, b, many, &err), STATUS_OK);
    omp_set_num_threads(threads);
    assert_memory_equal(one, many, ROWS * COLUMNS * sizeof(*one));
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++) {
            double sum = 0;
            for (size_t k = 0; k < INNER; k++) {
                sum += (double)a[i * INNER + k] * (double)b[k * COLUMNS + j];
            }
            assert_true(fabs((double)one[i * COLUMNS + j] - sum) < 1e-4);
        }
    }
}

static void check_kernel(add_scaled add) {
    enum { ENTRIES = 9, WIDTH = 300 };
    struct rng rng = rng_keyed(2, "test", 0, 0);
    float b[20 * WIDTH], value[ENTRIES], out[WIDTH];
    uint32_t index[ENTRIES];
    for (size_t k = 0; k < 20 * WIDTH; k++) {
        b[k] = (float)rng_normal(&rng);
    }
    for (size_t columns = 1; columns < WIDTH; columns += 13) {
        double expected[WIDTH];
        for (size_t j = 0; j < WIDTH; j++) {
            out[j] = (float)j;
            expected[j] = (double)j;
        }
        for (size_t e = 0; e < ENTRIES; e++) {
            index[e] = rng_below(&rng, 20);
            value[e] = (float)rng_normal(&rng);
            for (size_t j = 0; j < columns; j++) {
                expected[j] += (double)value[e] * (double)b[index[e] * WIDTH + j];
            }
        }
        add(columns, ENTRIES, index, value, b, WIDTH, out);
        for (size_t j = 0; j < WIDTH; j++) {
            assert_true(fabs((double)out[j] - expected[j]) < 1e-4);
        }
    }
}

static void test_every_width(void **state) {
    (void)state;
    check_kernel(add_scaled_4);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) check_kernel(add_scaled_8);
    if (__builtin_cpu_supports("avx512f")) check_kernel(add_scaled_16);
#endif
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    dense_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_product),
                                       cmocka_unit_test(test_every_width)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
