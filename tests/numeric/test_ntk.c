/* Kernel ridge regression over users: the kernel against its integrals, the solution against the
 * equations that it solves. */
#include "common/artifact/artifact.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/dense.h"
#include "common/models/ntk.h"
#include "tests/numeric/small_ratings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

enum { USERS = 40, MOVIES = 25 };

/* The tangent kernel of one hidden layer of rectifiers is, for unit vectors with cosine c and
 * weights w drawn from a normal distribution, 2 E[relu(wx) relu(wy)] + 2 c P[wx > 0, wy > 0]. */
static void kernel_is_that_of_random_networks(void **state) {
    (void)state;
    static const double cosines[] = {-0.5, 0, 0.3, 0.8, 0.99};
    struct rng rng = rng_keyed(1, "test.ntk", 0, 0);
    for (size_t k = 0; k < sizeof cosines / sizeof cosines[0]; k++) {
        enum { DRAWS = 400000 };
        double c = cosines[k], products = 0, both = 0;
        for (size_t i = 0; i < DRAWS; i++) {
            double x = rng_normal(&rng), y = c * x + sqrt(1 - c * c) * rng_normal(&rng);
            products += x > 0 && y > 0 ? x * y : 0;
            both += x > 0 && y > 0;
        }
        double expected = 2 * products / DRAWS + 2 * c * both / DRAWS;
        assert_float_equal(ntk_kernel(c), expected, 0.02);
    }
    assert_float_equal(ntk_kernel(1), 2, 1e-12);
    assert_float_equal(ntk_kernel(1 + 1e-15), 2, 1e-12);
    assert_true(fabs(ntk_kernel(0) - 1 / 3.14159265358979323846) < 1e-12);
}

struct fixture {
    struct ratings ratings;
    struct popular_items items;
    struct ntk_model model;
};

static void fixture_release(struct fixture *f) {
    ntk_model_release(&f->model);
    popular_items_release(&f->items);
    ratings_release(&f->ratings);
}

static void fit(struct fixture *f, size_t most, double lambda) {
    struct error err = {0};
    *f = (struct fixture){0};
    small_ratings(&f->ratings, USERS, MOVIES, 10, 7);
    assert_int_equal(popular_items_make(&f->items, &f->ratings, MOVIES, 1, &err), STATUS_OK);
    assert_int_equal(ntk_fit(&f->model, &f->ratings, &f->items, most, lambda, 1, &err), STATUS_OK);
}

static double overlap(const struct ntk_model *m, uint32_t a, uint32_t b) {
    double n = 0;
    for (uint64_t i = m->support_offset[a]; i < m->support_offset[a + 1]; i++) {
        for (uint64_t j = m->support_offset[b]; j < m->support_offset[b + 1]; j++) {
            n += m->support_movie[i] == m->support_movie[j];
        }
    }
    return n;
}

/* (K + lambda k(1) I) A = Y for every support user and movie. */
static void dual_solves_the_ridge_equations(void **state) {
    (void)state;
    const double lambda = 0.3;
    AUTO(fixture) struct fixture f;
    fit(&f, USERS, lambda);
    const struct ntk_model *m = &f.model;
    assert_true(m->n_support >= USERS - 2);
    for (uint32_t s = 0; s < m->n_support; s++) {
        double own = (double)(m->support_offset[s + 1] - m->support_offset[s]);
        for (uint32_t k = 0; k < m->n_items; k++) {
            double left = 2 * lambda * (double)m->dual[(size_t)k * m->n_support + s], right = 0;
            for (uint32_t t = 0; t < m->n_support; t++) {
                double other = (double)(m->support_offset[t + 1] - m->support_offset[t]);
                left += ntk_kernel(overlap(m, s, t) / sqrt(own * other)) *
                        (double)m->dual[(size_t)k * m->n_support + t];
            }
            for (uint64_t e = m->support_offset[s]; e < m->support_offset[s + 1]; e++) {
                right += m->support_movie[e] == m->item[k];
            }
            assert_float_equal(left, right, 1e-4);
        }
    }
}

/* With hardly any ridge a support user gets back what he or she rated; with more it blurs. */
static void support_users_are_reproduced(void **state) {
    (void)state;
    AUTO(fixture) struct fixture f;
    fit(&f, USERS, 1e-4);
    const struct ntk_model *m = &f.model;
    float kernel[USERS], score[MOVIES];
    for (uint32_t s = 0; s < m->n_support; s++) {
        uint64_t first = m->support_offset[s];
        const struct history h = {.movie = m->support_movie + first,
                                  .count = (size_t)(m->support_offset[s + 1] - first)};
        ntk_score(m, &h, kernel, score);
        for (size_t i = 0; i < h.count; i++) {
            assert_true(score[h.movie[i]] > 0.5F);
        }
    }
}

static void support_is_drawn_where_there_are_more(void **state) {
    (void)state;
    AUTO(fixture) struct fixture few;
    AUTO(fixture) struct fixture again;
    fit(&few, 12, 1);
    fit(&again, 12, 1);
    assert_int_equal(few.model.n_support, 12);
    assert_memory_equal(few.model.dual, again.model.dual,
                        12 * (size_t)few.model.n_items * sizeof(float));
    float kernel[USERS], score[MOVIES];
    const struct history nobody = {0};
    ntk_score(&few.model, &nobody, kernel, score);
    for (size_t i = 0; i < MOVIES; i++) {
        assert_true(isfinite(score[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_is_that_of_random_networks),
        cmocka_unit_test(dual_solves_the_ridge_equations),
        cmocka_unit_test(support_users_are_reproduced),
        cmocka_unit_test(support_is_drawn_where_there_are_more),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    dense_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
