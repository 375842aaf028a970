/* The factorizations: objectives never rise, a half-step at convergence is a fixed point of folding
 * in, and the small solves agree with a plain double computation. */
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/dense.h"
#include "common/data/history.h"
#include "common/models/als.h"
#include "common/models/ials.h"
#include "common/models/item_item.h"
#include "common/models/mf.h"
#include "tests/numeric/small_ratings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <omp.h>
#include <string.h>

enum { USERS = 90, MOVIES = 60 };

static struct history history_of_user(const struct ratings *r, uint32_t user) {
    uint64_t first = r->offset[user];
    return (struct history){r->movie + first, r->value + first, r->time + first,
                            (size_t)(r->offset[user + 1] - first)};
}

static void assert_never_rises(const double *objective, size_t count) {
    for (size_t t = 1; t < count; t++) {
        /* Factors are rounded to single precision, the objective is not. */
        assert_true(objective[t] <= objective[t - 1] * (1 + 1e-6));
    }
    assert_true(objective[count - 1] < 0.9 * objective[0]);
}

/* The objective of mf.h, from nothing but its formula. */
static double mf_objective(const struct mf_model *m, const struct ratings *r) {
    double sum = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t k = r->offset[u]; k < r->offset[u + 1]; k++) {
            uint32_t i = r->movie[k];
            double e = 0.5 * r->value[k] - m->mean - (double)m->user_bias[u] -
                       (double)m->movie_bias[i],
                   square_u = 0, square_i = 0;
            for (uint32_t d = 0; d < m->dim; d++) {
                double p = (double)m->user[u * m->dim + d], q = (double)m->movie[i * m->dim + d];
                e -= p * q;
                square_u += p * p;
                square_i += q * q;
            }
            double n_u = (double)(r->offset[u + 1] - r->offset[u]);
            double n_i = (double)(r->by_movie_offset[i + 1] - r->by_movie_offset[i]);
            double b = (double)m->user_bias[u], c = (double)m->movie_bias[i];
            /* A row's penalty is spread over its ratings. */
            sum += e * e + pow(n_u, m->nu - 1) * (m->lambda * square_u + m->lambda_bias * b * b) +
                   pow(n_i, m->nu - 1) * (m->lambda * square_i + m->lambda_bias * c * c);
        }
    }
    return sum;
}

static void test_mf(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    AUTO(mf_model) struct mf_model f = {0};
    small_ratings(&r, USERS, MOVIES, 25, 3);
    enum { ITERATIONS = 60 };
    double objective[ITERATIONS];
    struct mf_params params = {5, ITERATIONS, 0.05, 0.01, 0.9};
    assert_int_equal(mf_fit(&f, objective, &r, &params, 1, &err), STATUS_OK);
    assert_never_rises(objective, ITERATIONS);
    double plain = mf_objective(&f, &r);
    assert_true(fabs(plain - objective[ITERATIONS - 1]) < 1e-4 * plain);
}

static void test_mf_fold_in_is_the_half_step(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    AUTO(mf_model) struct mf_model f = {0};
    small_ratings(&r, USERS, MOVIES, 25, 4);
    enum { ITERATIONS = 2000, DIM = 3 };
    MEM_AUTO double *objective = NULL;
    assert_int_equal(MEM_NEW(&objective, ITERATIONS, &err), STATUS_OK);
    struct mf_params params = {DIM, ITERATIONS, 0.2, 0.1, 1};
    assert_int_equal(mf_fit(&f, objective, &r, &params, 1, &err), STATUS_OK);
    for (uint32_t u = 0; u < USERS; u++) {
        struct history h = history_of_user(&r, u);
        float bias, vector[DIM];
        assert_int_equal(mf_fold_in(&f, &h, &bias, vector, &err), STATUS_OK);
        assert_float_equal(bias, f.user_bias[u], 2e-3F);
        for (size_t d = 0; d < DIM; d++) {
            assert_float_equal(vector[d], f.user[u * DIM + d], 2e-3F);
        }
    }
}

static double ials_objective(const struct ials_model *m, const struct ratings *r) {
    double sum = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        const float *p = m->user + (size_t)u * m->dim;
        double n_u = (double)(r->offset[u + 1] - r->offset[u]);
        for (uint32_t i = 0; i < r->n_movies; i++) {
            double x = (double)dense_dot(m->dim, p, m->movie + (size_t)i * m->dim);
            sum += m->alpha0 * x * x;
        }
        for (uint64_t k = r->offset[u]; k < r->offset[u + 1]; k++) {
            double x = (double)dense_dot(m->dim, p, m->movie + (size_t)r->movie[k] * m->dim);
            sum += (1 - x) * (1 - x);
        }
        sum +=
            m->lambda * pow(n_u + m->alpha0 * r->n_movies, m->nu) * (double)dense_dot(m->dim, p, p);
    }
    for (uint32_t i = 0; i < r->n_movies; i++) {
        const float *q = m->movie + (size_t)i * m->dim;
        double n_i = (double)(r->by_movie_offset[i + 1] - r->by_movie_offset[i]);
        sum +=
            m->lambda * pow(n_i + m->alpha0 * r->n_users, m->nu) * (double)dense_dot(m->dim, q, q);
    }
    return sum;
}

static void test_ials(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    AUTO(ials_model) struct ials_model f = {0};
    small_ratings(&r, USERS, MOVIES, 20, 5);
    enum { ITERATIONS = 60 };
    double objective[ITERATIONS];
    struct ials_params params = {6, ITERATIONS, 0.2, 0.02, 0.8};
    assert_int_equal(ials_fit(&f, objective, &r, &params, 1, &err), STATUS_OK);
    assert_never_rises(objective, ITERATIONS);
    double plain = ials_objective(&f, &r);
    assert_true(fabs(plain - objective[ITERATIONS - 1]) < 1e-4 * plain);
}

static void test_ials_fold_in_is_the_half_step(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    AUTO(ials_model) struct ials_model f = {0};
    small_ratings(&r, USERS, MOVIES, 20, 6);
    enum { ITERATIONS = 2000, DIM = 3 };
    MEM_AUTO double *objective = NULL;
    assert_int_equal(MEM_NEW(&objective, ITERATIONS, &err), STATUS_OK);
    struct ials_params params = {DIM, ITERATIONS, 0.1, 0.05, 1};
    assert_int_equal(ials_fit(&f, objective, &r, &params, 1, &err), STATUS_OK);
    for (uint32_t u = 0; u < USERS; u++) {
        struct history h = history_of_user(&r, u);
        float vector[DIM];
        assert_int_equal(ials_fold_in(&f, &h, NULL, vector, &err), STATUS_OK);
        for (size_t d = 0; d < DIM; d++) {
            assert_float_equal(vector[d], f.user[u * DIM + d], 2e-3F);
        }
    }
}

/* A weight of 2 is as good as the rating twice; a weight of 0 as good as none. */
static void test_implicit_weights(void **state) {
    (void)state;
    struct error err = {0};
    enum { DIM = 4, N = 7 };
    float factor[N * DIM], gram[DIM * DIM], one[DIM], other[DIM];
    struct rng rng = rng_keyed(1, "test", 0, 0);
    for (size_t k = 0; k < N * DIM; k++) {
        factor[k] = (float)rng_normal(&rng);
    }
    als_gram(gram, factor, N, DIM, 0.1);
    struct als_implicit problem = {DIM, factor, gram, 0.1, 0.03, 1, N};
    uint32_t twice[] = {2, 5, 2}, weighted[] = {2, 5, 6};
    float weight[] = {2, 1, 0};
    AUTO(als_work) struct als_work work = {0};
    assert_int_equal(als_work_alloc(&work, DIM, &err), STATUS_OK);
    struct als_row a = {twice, NULL, NULL, 3}, b = {weighted, NULL, weight, 3};
    assert_int_equal(als_implicit_solve(&problem, &a, &work, one, &err), STATUS_OK);
    assert_int_equal(als_implicit_solve(&problem, &b, &work, other, &err), STATUS_OK);
    for (size_t d = 0; d < DIM; d++) {
        assert_float_equal(one[d], other[d], 1e-5F);
    }
    /* The gradient of the objective is zero at the solution. */
    for (size_t d = 0; d < DIM; d++) {
        double gradient = 0.03 * (3 + 0.1 * N) * (double)one[d];
        for (size_t k = 0; k < N; k++) {
            double x = (double)dense_dot(DIM, one, factor + k * DIM);
            double seen = k == 2 ? 2 : k == 5 ? 1 : 0;
            gradient += (0.1 * x - seen * (1 - x)) * (double)factor[k * DIM + d];
        }
        assert_true(fabs(gradient) < 1e-4);
    }
}

/* More ratings than are gathered at once. */
static void test_explicit_long_row(void **state) {
    (void)state;
    struct error err = {0};
    enum { DIM = 2, N = 1000 };
    MEM_AUTO float *factor = NULL, *bias = NULL, *target = NULL;
    MEM_AUTO uint32_t *index = NULL;
    assert_int_equal(MEM_NEW(&factor, N * DIM, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&bias, N, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&target, N, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&index, N, &err), STATUS_OK);
    struct rng rng = rng_keyed(2, "test", 0, 0);
    for (uint32_t k = 0; k < N; k++) {
        index[k] = k;
        bias[k] = (float)rng_normal(&rng);
        factor[k * DIM] = (float)rng_normal(&rng);
        factor[k * DIM + 1] = (float)rng_normal(&rng);
        target[k] = bias[k] + 0.5F + 2 * factor[k * DIM] - factor[k * DIM + 1];
    }
    struct als_explicit problem = {DIM, factor, bias, 1e-6, 1e-6, 1};
    struct als_row row = {index, target, NULL, N};
    AUTO(als_work) struct als_work work = {0};
    assert_int_equal(als_work_alloc(&work, DIM + 1, &err), STATUS_OK);
    float own, vector[DIM];
    assert_int_equal(als_explicit_solve(&problem, &row, &work, &own, vector, &err), STATUS_OK);
    assert_float_equal(own, 0.5F, 1e-3F);
    assert_float_equal(vector[0], 2.0F, 1e-3F);
    assert_float_equal(vector[1], -1.0F, 1e-3F);
    row.count = 0;
    assert_int_equal(als_explicit_solve(&problem, &row, &work, &own, vector, &err), STATUS_OK);
    assert_float_equal(own, 0, 0);
    assert_float_equal(vector[0], 0, 0);
}

static void test_same_bytes_at_any_thread_count(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    small_ratings(&r, 300, 150, 25, 7);
    AUTO(mf_model) struct mf_model one_mf = {0}, many_mf = {0};
    AUTO(ials_model) struct ials_model one_ials = {0}, many_ials = {0};
    double of_one[4], of_many[4];
    struct mf_params mf = {9, 4, 0.05, 0.01, 1};
    struct ials_params ials = {9, 4, 0.1, 0.01, 1};
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    assert_int_equal(mf_fit(&one_mf, of_one, &r, &mf, 1, &err), STATUS_OK);
    assert_int_equal(ials_fit(&one_ials, of_one, &r, &ials, 1, &err), STATUS_OK);
    omp_set_num_threads(3);
    assert_int_equal(mf_fit(&many_mf, of_many, &r, &mf, 1, &err), STATUS_OK);
    assert_int_equal(ials_fit(&many_ials, of_many, &r, &ials, 1, &err), STATUS_OK);
    omp_set_num_threads(threads);
    assert_memory_equal(of_one, of_many, sizeof(of_one));
    assert_memory_equal(one_mf.movie, many_mf.movie, 150 * 9 * sizeof(float));
    assert_memory_equal(one_ials.movie, many_ials.movie, 150 * 9 * sizeof(float));
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    dense_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mf),
        cmocka_unit_test(test_mf_fold_in_is_the_half_step),
        cmocka_unit_test(test_ials),
        cmocka_unit_test(test_ials_fold_in_is_the_half_step),
        cmocka_unit_test(test_implicit_weights),
        cmocka_unit_test(test_explicit_long_row),
        cmocka_unit_test(test_same_bytes_at_any_thread_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
