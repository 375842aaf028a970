/* The small normal equations against plain sums and substitution in double. */
#include "common/base/mem.h"
#include "common/base/rng.h"
/* The file itself: the loops for narrower vectors than this processor's are not to be reached
 * otherwise. */
#include "common/data/small_spd.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

enum { MOST = 130, ROWS = 37, SOURCE = 50 };

/* ROWS rows drawn from a table, the plain A = Z'Z + I and b = Z'w of order n. */
struct fixture {
    size_t n, stride, row_stride;
    float *from, *rows, *matrix, *sums, *weight;
    uint32_t index[ROWS];
    double *plain, *right;
};

static void fixture_release(struct fixture *f) {
    mem_free(f->from);
    mem_free(f->rows);
    mem_free(f->matrix);
    mem_free(f->sums);
    mem_free(f->weight);
    mem_free(f->plain);
    mem_free(f->right);
}

static void fixture_make(struct fixture *f, size_t n, const struct kernels *use) {
    struct error err = {0};
    struct rng rng = rng_keyed(1, "test", 0, n);
    *f = (struct fixture){.n = n, .stride = spd_stride(n + 1), .row_stride = spd_stride(n)};
    assert_int_equal(MEM_NEW(&f->from, SOURCE * n, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&f->rows, ROWS * f->row_stride, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&f->matrix, f->stride * f->stride, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&f->sums, 3 * f->stride, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&f->weight, ROWS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&f->plain, n * n, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&f->right, n, &err), STATUS_OK);
    for (size_t k = 0; k < SOURCE * n; k++) {
        f->from[k] = (float)rng_normal(&rng);
    }
    for (size_t k = 0; k < ROWS; k++) {
        f->index[k] = (uint32_t)(rng_uniform(&rng) * SOURCE);
        f->weight[k] = (float)rng_normal(&rng);
    }
    for (size_t k = 0; k < ROWS * f->row_stride; k++) {
        f->rows[k] = NAN; /* gathering overwrites all of it */
    }
    for (size_t i = 0; i < n; i++) {
        f->plain[i * n + i] = 1;
        for (size_t k = 0; k < ROWS; k++) {
            const float *z = f->from + f->index[k] * n;
            f->right[i] += (double)f->weight[k] * (double)z[i];
            for (size_t j = 0; j < n; j++) {
                f->plain[i * n + j] += (double)z[i] * (double)z[j];
            }
        }
    }
    use->gather(n, ROWS, f->from, f->index, f->rows, f->row_stride);
    use->add_products(n, ROWS, f->rows, f->row_stride, f->matrix, f->stride);
    use->add_rows(n, ROWS, f->rows, f->row_stride, f->weight, f->sums, f->sums + f->stride);
    for (size_t i = 0; i < n; i++) {
        f->matrix[i * f->stride + i] += 1;
    }
}

static void check_sums(const struct fixture *f) {
    for (size_t i = 0; i < f->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < ROWS; k++) {
            sum += (double)f->from[f->index[k] * f->n + i];
        }
        assert_float_equal(f->sums[i], (float)sum, 1e-4F);
        assert_float_equal(f->sums[f->stride + i], (float)f->right[i], 1e-4F);
        for (size_t j = i; j < f->n; j++) {
            assert_float_equal(f->matrix[i * f->stride + j], (float)f->plain[i * f->n + j], 2e-4F);
        }
    }
    for (size_t i = 0; i < f->n; i++) { /* padding, where the right-hand side goes */
        for (size_t j = f->n; j < f->stride; j++) {
            assert_true(f->matrix[i * f->stride + j] == 0);
        }
    }
}

/* Every order, so that every remainder of a vector, a tile and a panel comes up. */
static void check_kernels(const struct kernels *use) {
    for (size_t n = 1; n <= MOST; n++) {
        AUTO(fixture) struct fixture f;
        fixture_make(&f, n, use);
        check_sums(&f);
        MEM_AUTO double *sums = NULL;
        assert_int_equal(MEM_NEW(&sums, n * (n + 1) / 2, NULL), STATUS_OK);
        use->add_triangle(n, f.matrix, f.stride, sums);
        for (size_t i = 0, at = 0; i < n; i++) {
            for (size_t j = i; j < n; j++) {
                assert_true(sums[at++] == (double)f.matrix[i * f.stride + j]);
            }
        }
        for (size_t i = 0; i < n; i++) {
            f.matrix[i * f.stride + n] = f.sums[f.stride + i];
        }
        float *x = f.sums + 2 * f.stride;
        assert_int_equal(use->solve(n, f.stride, f.matrix, x), 0);
        for (size_t i = 0; i < n; i++) {
            double rest = f.right[i];
            for (size_t j = 0; j < n; j++) {
                rest -= f.plain[i * n + j] * (double)x[j];
            }
            if (fabs(rest) > 2e-4) fail_msg("order %zu: residual %zu is %g", n, i, rest);
        }
    }
}

static void test_every_width(void **state) {
    (void)state;
    check_kernels(&portable);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) check_kernels(&avx2);
    if (__builtin_cpu_supports("avx512f")) check_kernels(&avx512);
#endif
    check_kernels(kernels());
}

/* The first minor that is not positive is named; NaN is none. */
static void test_not_positive(void **state) {
    (void)state;
    enum { N = 20, BAD = 13 };
    float matrix[32 * 32] = {0}, x[32];
    size_t stride = spd_stride(N + 1);
    assert_int_equal(stride, 32);
    for (size_t i = 0; i < N; i++) {
        matrix[i * stride + i] = i == BAD ? -1 : 1;
    }
    assert_int_equal(spd_solve(N, stride, matrix, x), BAD + 1);
    matrix[3 * stride + 3] = NAN;
    assert_int_equal(spd_solve(N, stride, matrix, x), 4);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_width),
        cmocka_unit_test(test_not_positive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
