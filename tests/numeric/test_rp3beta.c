/* RP3beta against walks that are followed one by one. */
#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/models/item_item.h"
#include "common/models/rp3beta.h"
#include "tests/numeric/small_ratings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

enum { USERS = 50, MOVIES = 30 };

static bool rated(const struct ratings *r, uint32_t user, uint32_t movie) {
    for (uint64_t k = r->offset[user]; k < r->offset[user + 1]; k++) {
        if (r->movie[k] == movie) return true;
    }
    return false;
}

static double degree(const struct ratings *r, uint32_t movie) {
    double n = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        n += rated(r, u, movie);
    }
    return n;
}

/* From the definition: steps with probability 1 / degree each, raised to alpha. */
static double walk(const struct ratings *r, uint32_t from, uint32_t to, double alpha, double beta) {
    double sum = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        if (!rated(r, u, from) || !rated(r, u, to)) continue;
        double to_user = 1 / degree(r, from);
        double to_movie = 1 / (double)(r->offset[u + 1] - r->offset[u]);
        sum += pow(to_user, alpha) * pow(to_movie, alpha);
    }
    return sum > 0 ? sum / pow(degree(r, to), beta) : 0;
}

static void check(double alpha, double beta) {
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    AUTO(popular_items) struct popular_items items = {0};
    AUTO(baseline) struct baseline baseline = {.user_shrinkage = 1};
    AUTO(csr) struct csr weights = {0};
    small_ratings(&r, USERS, MOVIES, 12, 3);
    assert_int_equal(baseline_fit(&baseline, &r, 1, &err), STATUS_OK);
    assert_int_equal(popular_items_make(&items, &r, MOVIES, 1, &err), STATUS_OK);
    const struct fitting f = {
        .ratings = &r, .baseline = &baseline, .items = &items, .keep = MOVIES};
    const struct instance instance = {&rp3beta_model, "rp3beta", {alpha, beta}};
    assert_int_equal(item_item_weights(&weights, &f, &instance, &err), STATUS_OK);
    double total = 0;
    for (uint32_t i = 0; i < MOVIES; i++) {
        double got[MOVIES] = {0};
        for (uint64_t e = weights.offset[i]; e < weights.offset[i + 1]; e++) {
            got[weights.column[e]] = (double)weights.value[e];
        }
        for (uint32_t j = 0; j < MOVIES; j++) {
            double expected = i == j ? 0 : walk(&r, i, j, alpha, beta);
            assert_true(fabs(got[j] - expected) <= 1e-6 * (1 + expected));
            total += expected;
        }
    }
    assert_true(total > 0.1);
}

static void weights_are_those_of_the_walks(void **state) {
    (void)state;
    check(1, 0);
    check(1, 0.6);
    check(0.5, 1);
}

/* Without the penalty, the steps from a movie lead somewhere with certainty, itself included. */
static void steps_are_probabilities(void **state) {
    (void)state;
    AUTO(ratings) struct ratings r = {0};
    small_ratings(&r, USERS, MOVIES, 12, 3);
    for (uint32_t i = 0; i < MOVIES; i++) {
        if (degree(&r, i) == 0) continue;
        double sum = 0;
        for (uint32_t j = 0; j < MOVIES; j++) {
            sum += degree(&r, j) > 0 ? walk(&r, i, j, 1, 0) : 0;
        }
        assert_float_equal(sum, 1, 1e-9);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_walks),
        cmocka_unit_test(steps_are_probabilities),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    dense_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
