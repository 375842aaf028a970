/* Valences against the normal equations solved in double, and against a truth that is planted. */
#include "stages/similarity/sentiment.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/dense.h"
#include "common/data/ratings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { USERS = 60, MOVIES = 40, TERMS = 6 };

static const struct sentiment_params plain = {.ridge = 2, .min_support = 1, .max_terms = 100};

/* Every user rates every movie; what the movie's words say shows in the stars. */
struct world {
    struct ratings r;
    struct description said[USERS * MOVIES * 2];
    size_t n_said;
};

static const double truth[TERMS] = {1.0, -1.0, 0.5, 0.0, -0.5, 0.0};

static void build(struct world *w) {
    struct rng rng = rng_keyed(3, "test.sentiment", 0, 0);
    struct ratings *r = &w->r;
    *w = (struct world){.r = {.n_users = USERS, .n_movies = MOVIES, .count = USERS * MOVIES}};
    assert_int_equal(MEM_NEW(&r->offset, USERS + 1, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&r->movie, r->count, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&r->value, r->count, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&r->time, r->count, NULL), STATUS_OK);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t m = 0; m < MOVIES; m++) {
            uint64_t at = (uint64_t)u * MOVIES + m;
            double stars = 3 + 0.3 * rng_normal(&rng);
            for (uint32_t k = 0; k < 2 && rng_uniform(&rng) < 0.5; k++) {
                uint32_t term = rng_below(&rng, TERMS);
                w->said[w->n_said++] = (struct description){u, m, term};
                stars += k == 0 || w->said[w->n_said - 2].term != term ? truth[term] : 0;
            }
            r->movie[at] = m;
            r->value[at] = (uint8_t)fmin(fmax(round(2 * stars), 1), 10);
            r->time[at] = (int64_t)at;
        }
        r->offset[u + 1] = (uint64_t)(u + 1) * MOVIES;
    }
    assert_int_equal(ratings_index_by_movie(r, NULL), STATUS_OK);
}

static void world_release(struct world *w) {
    ratings_release(&w->r);
}

static void fit(struct sentiment *out, const struct world *w,
                const struct sentiment_params *params) {
    static struct description said[USERS * MOVIES * 2];
    MEM_AUTO uint32_t *term = NULL;
    struct error err = {0};
    memcpy(said, w->said, sizeof said);
    *out = (struct sentiment){0};
    if (sentiment_fit(out, &term, said, w->n_said, TERMS, &w->r, params, &err) != STATUS_OK) {
        fail_msg("%s", err.text);
    }
}

static double shrunken_mean(const struct ratings *r, uint32_t user, double mean) {
    double sum = 0;
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        sum += 0.5 * r->value[i] - mean;
    }
    return mean + sum / (MOVIES + 5.0);
}

/* Gaussian elimination without pivoting: the matrix is positive definite. */
static void eliminate(double a[TERMS][TERMS + 1]) {
    for (size_t k = 0; k < TERMS; k++) {
        for (size_t i = 0; i < TERMS; i++) {
            if (i == k) continue;
            double factor = a[i][k] / a[k][k];
            for (size_t j = k; j <= TERMS; j++) {
                a[i][j] -= factor * a[k][j];
            }
        }
    }
}

static void solves_the_normal_equations(void **state) {
    (void)state;
    AUTO(world) struct world w;
    AUTO(sentiment) struct sentiment s;
    build(&w);
    fit(&s, &w, &plain);
    static bool says[USERS * MOVIES][TERMS];
    static double y[USERS * MOVIES];
    double total = 0, mean_y = 0, a[TERMS][TERMS + 1] = {{0}};
    size_t described = 0;
    memset(says, 0, sizeof says);
    for (size_t i = 0; i < w.n_said; i++) {
        says[w.said[i].user * MOVIES + w.said[i].movie][w.said[i].term] = true;
    }
    for (uint64_t i = 0; i < w.r.count; i++) {
        total += 0.5 * w.r.value[i];
    }
    for (size_t i = 0; i < USERS * MOVIES; i++) {
        bool any = false;
        for (size_t k = 0; k < TERMS; k++) {
            any |= says[i][k];
        }
        y[i] = NAN;
        if (!any) continue;
        y[i] = 0.5 * w.r.value[i] -
               shrunken_mean(&w.r, (uint32_t)(i / MOVIES), total / (USERS * MOVIES));
        mean_y += y[i];
        described++;
    }
    mean_y /= (double)described;
    for (size_t i = 0; i < USERS * MOVIES; i++) {
        for (size_t k = 0; k < TERMS && !isnan(y[i]); k++) {
            for (size_t j = 0; j < TERMS; j++) {
                a[k][j] += says[i][k] && says[i][j];
            }
            if (says[i][k]) a[k][TERMS] += y[i] - mean_y;
        }
    }
    for (size_t k = 0; k < TERMS; k++) {
        a[k][k] += plain.ridge;
    }
    eliminate(a);
    assert_int_equal(s.n_terms, TERMS);
    assert_int_equal(s.n_ratings, described);
    for (size_t k = 0; k < TERMS; k++) {
        double expected = a[k][TERMS] / a[k][k];
        if (fabs((double)s.valence[k] - expected) > 1e-4) {
            fail_msg("term %zu: %.6f is not %.6f", k, (double)s.valence[k], expected);
        }
    }
}

/* Valences are relative to what is usually said, so differences are what can be found again. */
static void finds_what_was_planted(void **state) {
    (void)state;
    AUTO(world) struct world w;
    AUTO(sentiment) struct sentiment s;
    build(&w);
    fit(&s, &w, &plain);
    for (size_t k = 0; k < TERMS; k++) {
        double found = (double)(s.valence[k] - s.valence[3]);
        assert_true(s.error[k] > 0 && s.error[k] < 0.1f);
        if (fabs(found - truth[k]) > 0.15) fail_msg("term %zu: %.3f, not %.3f", k, found, truth[k]);
    }
}

static void leaves_out_what_is_rare(void **state) {
    (void)state;
    AUTO(world) struct world w;
    AUTO(sentiment) struct sentiment all, few, one;
    build(&w);
    fit(&all, &w, &plain);
    struct sentiment_params params = plain;
    params.min_support = all.support[2] + 1;
    fit(&few, &w, &params);
    assert_in_range(few.n_terms, 0, TERMS - 1);
    for (size_t k = 0; k < few.n_terms; k++) {
        assert_true(few.support[k] > all.support[2]);
    }
    params = plain;
    params.max_terms = 1;
    fit(&one, &w, &params);
    assert_int_equal(one.n_terms, 1);
    params.max_terms = 0;
    AUTO(sentiment) struct sentiment none;
    fit(&none, &w, &params);
    assert_int_equal(none.n_terms, 0);
    for (uint32_t m = 0; m < MOVIES; m++) {
        assert_true(none.tone[m] == 0);
    }
}

static void tone_is_the_shrunken_mean(void **state) {
    (void)state;
    AUTO(world) struct world w;
    AUTO(sentiment) struct sentiment s;
    build(&w);
    w.n_said = 0;
    w.said[w.n_said++] = (struct description){0, 7, 0};
    w.said[w.n_said++] = (struct description){0, 7, 0}; /* said twice counts once */
    w.said[w.n_said++] = (struct description){1, 7, 1};
    w.said[w.n_said++] = (struct description){1, 8, 1};
    fit(&s, &w, &plain);
    assert_int_equal(s.n_terms, 2);
    assert_int_equal(s.support[0], 1);
    double expected = ((double)s.valence[0] + (double)s.valence[1]) / 5;
    assert_true(fabs((double)s.tone[7] - expected) < 1e-6);
    assert_true(fabs((double)s.tone[8] - (double)s.valence[1] / 4) < 1e-6);
    assert_true(s.tone[9] == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solves_the_normal_equations),
        cmocka_unit_test(finds_what_was_planted),
        cmocka_unit_test(leaves_out_what_is_rare),
        cmocka_unit_test(tone_is_the_shrunken_mean),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    dense_init();
    return cmocka_run_group_tests_name("sentiment", tests, NULL, NULL);
}
