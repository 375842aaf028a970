/* Every BLAS and LAPACK wrapper against plain loops in double. */
#include "common/base/mem.h"
#include "common/data/dense.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include <cmocka.h>

static uint32_t random_state = 11;

static float *random_values(size_t count) {
    float *values = NULL;
    assert_int_equal(MEM_NEW(&values, count, NULL), STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        random_state = random_state * 1664525u + 1013904223u;
        values[i] = (float)(random_state >> 8) / (float)(1 << 23) - 1;
    }
    return values;
}

static float *copy_of(const float *values, size_t count) {
    float *copy = random_values(count);
    memcpy(copy, values, count * sizeof(*copy));
    return copy;
}

static void assert_close(double actual, double expected, double tolerance) {
    if (!(fabs(actual - expected) <= tolerance)) {
        fail_msg("%.9g is not %.9g within %.3g", actual, expected, tolerance);
    }
}

static double element(const float *a, size_t lda, char trans, size_t i, size_t j) {
    return (double)(trans == 'T' ? a[j * lda + i] : a[i * lda + j]);
}

/* M = A' A + n I, well conditioned. */
static float *random_spd(size_t n) {
    MEM_AUTO float *a = random_values(n * n);
    float *m = random_values(n * n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = i == j ? (double)n : 0;
            for (size_t p = 0; p < n; p++) {
                sum += (double)a[p * n + i] * (double)a[p * n + j];
            }
            m[i * n + j] = (float)sum;
        }
    }
    return m;
}

static void check_gemm(char trans_a, char trans_b, bool parallel) {
    enum { M = 301, N = 23, K = 41, PAD = 3 };
    size_t lda = (trans_a == 'T' ? M : K) + PAD, ldb = (trans_b == 'T' ? K : N) + PAD;
    size_t ldc = N + PAD;
    MEM_AUTO float *a = random_values((M + K) * lda);
    MEM_AUTO float *b = random_values((K + N) * ldb);
    MEM_AUTO float *c = random_values(M * ldc);
    MEM_AUTO float *before = copy_of(c, M * ldc);
    const struct dense_product product = {trans_a, trans_b, M,   N,    K, 0.5f, a,
                                          lda,     b,       ldb, 2.0f, c, ldc};
    (parallel ? dense_multiply_parallel : dense_multiply)(&product);
    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < ldc; j++) {
            double sum = 0;
            for (size_t p = 0; p < K && j < N; p++) {
                sum += element(a, lda, trans_a, i, p) * element(b, ldb, trans_b, p, j);
            }
            double old = (double)before[i * ldc + j];
            assert_close((double)c[i * ldc + j], j < N ? 0.5 * sum + 2 * old : old, 1e-5);
        }
    }
}

static void gemm_matches_loops(void **state) {
    (void)state;
    for (int variant = 0; variant < 8; variant++) {
        check_gemm(variant & 1 ? 'T' : 'N', variant & 2 ? 'T' : 'N', variant & 4);
    }
}

static void syrk_matches_loops(void **state) {
    (void)state;
    enum { N = 300, K = 50, LDA = 307, LDC = 305 };
    MEM_AUTO float *a = random_values(K * LDA);
    MEM_AUTO float *c = random_values(N * LDC);
    MEM_AUTO float *before = copy_of(c, N * LDC);
    dense_syrk(N, K, 2.0f, a, LDA, 0.5f, c, LDC);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t p = 0; p < K && j <= i; p++) {
                sum += (double)a[p * LDA + i] * (double)a[p * LDA + j];
            }
            double old = (double)before[i * LDC + j];
            assert_close((double)c[i * LDC + j], j <= i ? 2 * sum + 0.5 * old : old, 1e-4);
        }
    }
}

static void symmetrise_copies_the_lower_triangle(void **state) {
    (void)state;
    enum { N = 131 };
    MEM_AUTO float *a = random_values(N * N);
    MEM_AUTO float *before = copy_of(a, N * N);
    dense_symmetrise(a, N);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            float expected = j <= i ? before[i * N + j] : before[j * N + i];
            assert_true(a[i * N + j] == expected);
        }
    }
}

static void dot_matches_a_loop(void **state) {
    (void)state;
    enum { N = 29 };
    MEM_AUTO float *x = random_values(N);
    MEM_AUTO float *y = random_values(N);
    double sum = 0;
    for (size_t j = 0; j < N; j++) {
        sum += (double)x[j] * (double)y[j];
    }
    assert_close((double)dense_dot(N, x, y), sum, 1e-5);
}

static void solve_inverse_and_cholesky(void **state) {
    (void)state;
    enum { N = 83, RHS = 4 };
    MEM_AUTO float *a = random_spd(N);
    MEM_AUTO float *work = copy_of(a, N * N);
    MEM_AUTO float *b = random_values(RHS * N);
    MEM_AUTO float *x = copy_of(b, RHS * N);
    work[1] = NAN; /* the upper triangle is not read */
    assert_int_equal(dense_solve_spd(N, work, RHS, x, NULL), STATUS_OK);
    for (size_t r = 0; r < RHS; r++) {
        for (size_t i = 0; i < N; i++) {
            double sum = 0;
            for (size_t j = 0; j < N; j++) {
                sum += (double)a[i * N + j] * (double)x[r * N + j];
            }
            assert_close(sum, (double)b[r * N + i], 1e-4);
        }
    }
    memcpy(work, a, N * N * sizeof(*a));
    assert_int_equal(dense_invert_spd(N, work, NULL), STATUS_OK);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t p = 0; p < N; p++) {
                sum += (double)a[i * N + p] * (double)work[p * N + j];
            }
            assert_close(sum, i == j, 1e-4);
        }
    }
    memcpy(work, a, N * N * sizeof(*a));
    assert_int_equal(dense_cholesky(N, work, NULL), STATUS_OK);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t p = 0; p <= j; p++) {
                sum += (double)work[i * N + p] * (double)work[j * N + p];
            }
            assert_close(sum, (double)a[i * N + j], 1e-3);
        }
    }
}

/* Several blocks, the last one partial, against a column of the inverse solved for directly. */
static void large_matrices_in_blocks(void **state) {
    (void)state;
    enum { N = 700 };
    MEM_AUTO float *a = random_spd(N);
    MEM_AUTO float *inverse = copy_of(a, N * N);
    MEM_AUTO float *factor = copy_of(a, N * N);
    assert_int_equal(dense_invert_spd(N, inverse, NULL), STATUS_OK);
    assert_int_equal(dense_cholesky(N, factor, NULL), STATUS_OK);
    for (size_t i = 0; i < N; i += 13) {
        for (size_t j = 0; j < N; j++) {
            double product = 0, factored = 0;
            for (size_t p = 0; p < N; p++) {
                product += (double)a[i * N + p] * (double)inverse[p * N + j];
            }
            for (size_t p = 0; p <= (j < i ? j : i); p++) {
                factored += (double)factor[i * N + p] * (double)factor[j * N + p];
            }
            assert_close(product, i == j, 1e-4);
            assert_close(factored, (double)a[i * N + j], 1e-2);
            assert_true(inverse[i * N + j] == inverse[j * N + i]);
        }
    }
    a[600 * N + 600] = -1e6f;
    struct error err = {0};
    assert_int_equal(dense_invert_spd(N, a, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "leading minor of order 601"));
}

static void indefinite_is_refused(void **state) {
    (void)state;
    float a[] = {1, 0, 0, 0, 1, 0, 0, 0, -1}, b[] = {1, 1, 1};
    struct error err = {0};
    assert_int_equal(dense_solve_spd(3, a, 1, b, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "leading minor of order 3"));
    float with_nan[] = {1, 0, NAN, 1};
    assert_int_equal(dense_invert_spd(2, with_nan, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "NaN"));
}

static void check_svd(size_t m, size_t n) {
    size_t r = m < n ? m : n;
    MEM_AUTO float *a = random_values(m * n);
    MEM_AUTO float *work = copy_of(a, m * n);
    MEM_AUTO float *u = random_values(m * r);
    MEM_AUTO float *s = random_values(r);
    MEM_AUTO float *vt = random_values(r * n);
    assert_int_equal(dense_svd(m, n, work, u, s, vt, NULL), STATUS_OK);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t p = 0; p < r; p++) {
                sum += (double)u[i * r + p] * (double)s[p] * (double)vt[p * n + j];
            }
            assert_close(sum, (double)a[i * n + j], 1e-5);
        }
    }
    for (size_t p = 1; p < r; p++) {
        assert_true(s[p] <= s[p - 1]);
    }
}

static void svd_reconstructs(void **state) {
    (void)state;
    check_svd(31, 12);
    check_svd(12, 31);
    check_svd(9, 9);
}

static void orthonormalise_keeps_the_span(void **state) {
    (void)state;
    enum { M = 120, N = 9 };
    MEM_AUTO float *a = random_values(M * N);
    MEM_AUTO float *q = copy_of(a, M * N);
    assert_int_equal(dense_orthonormalise(M, N, q, NULL), STATUS_OK);
    for (size_t i = 0; i < N; i++) {
        double residual[M];
        for (size_t p = 0; p < M; p++) {
            residual[p] = (double)a[p * N + i];
        }
        for (size_t j = 0; j < N; j++) {
            double inner = 0, with_a = 0;
            for (size_t p = 0; p < M; p++) {
                inner += (double)q[p * N + i] * (double)q[p * N + j];
                with_a += (double)a[p * N + i] * (double)q[p * N + j];
            }
            assert_close(inner, i == j, 1e-5);
            for (size_t p = 0; p < M; p++) {
                residual[p] -= with_a * (double)q[p * N + j];
            }
        }
        for (size_t p = 0; p < M; p++) {
            assert_close(residual[p], 0, 1e-5);
        }
    }
    assert_int_equal(dense_orthonormalise(2, 3, q, NULL), STATUS_FAILED);
}

static void same_bytes_at_any_thread_count(void **state) {
    (void)state;
    enum { N = 700, K = 90 };
    MEM_AUTO float *a = random_values(N * K);
    MEM_AUTO float *one = random_values(N * N);
    MEM_AUTO float *many = copy_of(one, N * N);
    omp_set_num_threads(1);
    dense_gemm_parallel('N', 'T', N, N, K, 1, a, K, a, K, 0, one, N);
    omp_set_num_threads(4);
    dense_gemm_parallel('N', 'T', N, N, K, 1, a, K, a, K, 0, many, N);
    assert_memory_equal(one, many, N * N * sizeof(*one));
    omp_set_num_threads(1);
    dense_syrk(N, K, 1, a, N, 0, one, N);
    omp_set_num_threads(4);
    dense_syrk(N, K, 1, a, N, 0, many, N);
    assert_memory_equal(one, many, N * N * sizeof(*one));
    MEM_AUTO float *spd = random_spd(N);
    memcpy(one, spd, N * N * sizeof(*one));
    memcpy(many, spd, N * N * sizeof(*one));
    omp_set_num_threads(1);
    assert_int_equal(dense_invert_spd(N, one, NULL), STATUS_OK);
    omp_set_num_threads(4);
    assert_int_equal(dense_invert_spd(N, many, NULL), STATUS_OK);
    assert_memory_equal(one, many, N * N * sizeof(*one));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gemm_matches_loops),
        cmocka_unit_test(syrk_matches_loops),
        cmocka_unit_test(symmetrise_copies_the_lower_triangle),
        cmocka_unit_test(dot_matches_a_loop),
        cmocka_unit_test(solve_inverse_and_cholesky),
        cmocka_unit_test(large_matrices_in_blocks),
        cmocka_unit_test(indefinite_is_refused),
        cmocka_unit_test(svd_reconstructs),
        cmocka_unit_test(orthonormalise_keeps_the_span),
        cmocka_unit_test(same_bytes_at_any_thread_count),
    };
    dense_init();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("dense", tests, NULL, NULL);
}
