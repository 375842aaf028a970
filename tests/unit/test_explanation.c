/* Contributions one by one: of a ranker without hidden layers, where each can be written down, and
 * of a network against a plain integration; what groups and evidence say. */
#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "common/data/dense.h"
#include "common/models/ease.h"
#include "common/models/item_item.h"
#include "common/nn/mlp.h"
#include "common/ranking/evidence.h"
#include "common/ranking/integrated_gradients.h"
#include "tests/unit/support.h"

#include <math.h>

enum { FEATURES = 4, MOVIES = 3, DIM = 2 };

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

static const float mean[FEATURES] = {1, -2, 0.5F, 3}, scale[FEATURES] = {0.5F, 2, 1, 0};
static const float low[FEATURES] = {-99, -99, -99, -99}, high[FEATURES] = {99, 99, 99, 99};
static const char *const group_of[FEATURES] = {"taste", "taste", "time", "time"};

static void add_texts(struct artifact_writer *w) {
    struct error err = {0};
    AUTO(strings) struct strings name = {0}, group = {0};
    for (size_t j = 0; j < FEATURES; j++) {
        char text[8];
        (void)snprintf(text, sizeof text, "f%zu", j);
        OK(strings_add(&name, text, &err));
        OK(strings_add(&group, group_of[j], &err));
    }
    OK(artifact_add_strings(w, "feature.name", &name, &err));
    OK(artifact_add_strings(w, "feature.group", &group, &err));
}

/* A ranker of one network with these parameters. */
static struct ranker *make_ranker(const struct mlp_layout *l, const float *params) {
    struct error err = {0};
    struct artifact_writer *w = NULL;
    struct artifact *a = NULL;
    struct ranker *r = NULL;
    OK(artifact_create(&w, scratch("ranker.art"), "ranker", &err));
    OK(artifact_set_i64(w, "members", 1, &err));
    OK(artifact_set_f64(w, "rating_mean", 3.5, &err));
    OK(artifact_set_f64(w, "like_tilt", 0, &err));
    OK(artifact_set_f64(w, "like_penalty", 0, &err));
    add_texts(w);
    OK(artifact_add_1d(w, "feature.mean", DTYPE_F32, FEATURES, mean, &err));
    OK(artifact_add_1d(w, "feature.scale", DTYPE_F32, FEATURES, scale, &err));
    OK(artifact_add_1d(w, "feature.rating_scale", DTYPE_F32, FEATURES, scale, &err));
    OK(artifact_add_1d(w, "feature.low", DTYPE_F32, FEATURES, low, &err));
    OK(artifact_add_1d(w, "feature.high", DTYPE_F32, FEATURES, high, &err));
    OK(artifact_add_1d(w, "rank-0.layers", DTYPE_U32, l->n_layers + 1, l->width, &err));
    OK(artifact_add_1d(w, "rank-0.weights", DTYPE_F32, l->n_dense, params, &err));
    OK(artifact_add_2d(w, "rank-0.movie_embedding", DTYPE_F32, MOVIES, DIM, params + l->movie,
                       &err));
    OK(artifact_commit(w, &err));
    OK(artifact_open(&a, scratch("ranker.art"), "ranker", &err));
    OK(ranker_load(&r, a, &err));
    artifact_close(a);
    return r;
}

static struct mlp_layout layout_of(const uint32_t *hidden, size_t n_hidden) {
    struct error err = {0};
    struct mlp_layout l = {0};
    const struct mlp_inputs inputs = {FEATURES, 0, 0, MOVIES, DIM, false};
    OK(mlp_layout_set(&l, &inputs, hidden, n_hidden, &err));
    return l;
}

/* weight[2 FEATURES] of z and of sign(z) log(1 + |z|), then of the movie's embedding, then b */
static struct ranker *linear_ranker(const float weight[2 * FEATURES]) {
    struct mlp_layout l = layout_of(NULL, 0);
    float params[64] = {0};
    assert_true(l.n_params <= 64);
    memcpy(params + l.weight[0], weight, 2 * FEATURES * sizeof *weight);
    params[l.weight[0] + 2 * FEATURES] = 1;
    params[l.bias[0]] = 0.25F;
    params[l.movie + DIM] = 0.75F; /* of movie 1 */
    return make_ranker(&l, params);
}

static struct attribution explained(const struct ranker *r, const float *x) {
    struct error err = {0};
    struct attribution a = {0};
    OK(attribution_compute(&a, r, &(struct ranking){.head = HEAD_RANK}, NO_INDEX, 1, x, 1e-4,
                           &err));
    return a;
}

static double by_hand(const float *weight, size_t j, float x) {
    double z = ((double)x - (double)mean[j]) * (double)scale[j];
    return (double)weight[j] * z + (double)weight[FEATURES + j] * copysign(log1p(fabs(z)), z);
}

static void contributions_of_a_linear_ranker(void **state) {
    (void)state;
    const float weight[] = {0.5F, -1, 2, 1, 1.5F, 0.75F, -3, 1};
    const float points[][FEATURES] = {{3, 1, 0, 9}, {-4, -2, 7, 3}, {1, -2, 0.5F, 3}};
    struct ranker *r = linear_ranker(weight);
    for (size_t i = 0; i < 3; i++) {
        AUTO(attribution) struct attribution a = explained(r, points[i]);
        double sum = 0;
        for (size_t j = 0; j < FEATURES; j++) {
            double wanted = by_hand(weight, j, points[i][j]);
            if (fabs(a.feature[j] - wanted) > 1e-3) {
                fail_msg("point %zu, feature %zu: %.5f, not %.5f", i, j, a.feature[j], wanted);
            }
            sum += a.feature[j];
        }
        assert_true(fabs(a.baseline - 0.25) < 1e-6);
        assert_true(fabs(a.embedding - 0.75) < 1e-6);
        assert_true(fabs(a.score - (1 + sum)) < 1e-3);
    }
    ranker_release(r);
}

/* Where the score is linear in the features, each contributes its weight times its distance from
 * the mean; what is left of the path by the midpoints of 64 steps is a 4 * 64^2th. */
static void contributions_of_a_line_are_exact(void **state) {
    (void)state;
    const float weight[2 * FEATURES] = {0.5F, -1, 2, 1};
    const float x[FEATURES] = {3, 1, -7, 9};
    const double exact[FEATURES] = {0.5 * 2 * 0.5, -1.0 * 3 * 2, 2 * -7.5, 0};
    struct ranker *r = linear_ranker(weight);
    AUTO(attribution) struct attribution a = explained(r, x);
    for (size_t j = 0; j < FEATURES; j++) {
        if (fabs(a.feature[j] - exact[j]) > fabs(exact[j]) / (4 * 64 * 64) + 1e-6) {
            fail_msg("feature %zu: %.7f, not %.7f", j, a.feature[j], exact[j]);
        }
    }
    assert_int_equal(a.n_steps, 64);
    assert_true(fabs(a.score - (1 + exact[0] + exact[1] + exact[2])) < 1e-5);
    ranker_release(r);
}

/* (x - mean) times the mean gradient of many equal steps. */
static void integrate(const struct ranker *r, const float *x, double *out) {
    enum { STEPS = 20000 };
    struct error err = {0};
    const uint32_t movie = 1;
    memset(out, 0, FEATURES * sizeof *out);
    for (size_t i = 0; i < STEPS; i++) {
        double at = ((double)i + 0.5) / STEPS;
        float point[FEATURES], gradient[FEATURES];
        for (size_t j = 0; j < FEATURES; j++) {
            point[j] = (float)((double)mean[j] + at * ((double)x[j] - (double)mean[j]));
        }
        OK(ranker_gradient(r, HEAD_RANK, NO_INDEX, &movie, point, 1, gradient, &err));
        for (size_t j = 0; j < FEATURES; j++) {
            out[j] += (double)gradient[j] * ((double)x[j] - (double)mean[j]) / STEPS;
        }
    }
}

static void contributions_of_a_network(void **state) {
    (void)state;
    const uint32_t hidden[] = {12, 6};
    const float x[] = {4, -5, 3, 1};
    struct mlp_layout l = layout_of(hidden, 2);
    float *params = calloc(l.n_params, sizeof *params);
    double wanted[FEATURES];
    assert_non_null(params);
    mlp_initialise(&l, 5, params);
    for (size_t i = 0; i < l.n_params; i++) {
        params[i] *= 2;
    }
    struct ranker *r = make_ranker(&l, params);
    AUTO(attribution) struct attribution a = explained(r, x);
    integrate(r, x, wanted);
    double size = 0;
    for (size_t j = 0; j < FEATURES; j++) {
        size += fabs(wanted[j]);
    }
    assert_true(size > 0.1);
    for (size_t j = 0; j < FEATURES; j++) {
        if (fabs(a.feature[j] - wanted[j]) > 0.005 * size) {
            fail_msg("feature %zu: %.5f, not %.5f", j, a.feature[j], wanted[j]);
        }
    }
    assert_true(a.feature[3] == 0); /* a constant of the training rows says nothing */
    ranker_release(r);
    free(params);
}

/* Group taste holds -3 and +2, group time -0.5 and 0. */
static void groups_name_what_counts_most(void **state) {
    (void)state;
    struct error err = {0};
    const float weight[] = {1, 1, 1, 1, 0, 0, 0, 0};
    const float x[] = {-5, -1, 0, 3};
    struct ranker *r = linear_ranker(weight);
    AUTO(attribution) struct attribution a = explained(r, x);
    MEM_AUTO struct group_share *group = NULL;
    size_t n = 0;
    OK(attribution_groups(&a, r, &group, &n, &err));
    assert_int_equal(n, 3);
    assert_string_equal(group[0].name, "taste");
    assert_string_equal(group[0].meaning, "taste"); /* a name that nobody has put in words */
    assert_true(fabs(group[0].contribution + 1) < 1e-3);
    assert_int_equal(group[0].strongest, 0); /* by size, whatever its sign */
    assert_string_equal(group[1].name, "embedding");
    assert_true(group[1].strongest == SIZE_MAX);
    assert_string_equal(group[2].name, "time");
    assert_string_equal(group[2].meaning, "its age and the moment");
    assert_true(fabs(group[2].contribution + 0.5) < 1e-3);
    assert_int_equal(group[2].strongest, 2);
    ranker_release(r);
}

/* ---- evidence ---- */

/* Movie 4 is recommended; of terms 0 and 1 the others have the cosines 0.6, 0.8, 0.6 and 0 with it,
 * and their weights towards it are 2, 0.5, 2 and 4. */
enum { SHOWN = 4, CATALOGUE = 5 };
static uint64_t term_offset[] = {0, 2, 4, 6, 7, 8};
static uint32_t term[] = {0, 1, 0, 1, 0, 1, 1, 0};
static float term_value[] = {0.6F, 0.8F, 0.8F, 0.6F, 0.6F, 0.8F, 1, 1};
static uint64_t weight_offset[] = {0, 1, 2, 3, 4, 4};
static uint32_t weight_movie[] = {SHOWN, SHOWN, SHOWN, SHOWN};
static float weight_value[] = {2, 0.5F, 2, 4};

static const struct content content = {.n_movies = CATALOGUE,
                                       .n_terms = 2,
                                       .terms = {.n_rows = CATALOGUE,
                                                 .n_columns = 2,
                                                 .count = 8,
                                                 .offset = term_offset,
                                                 .column = term,
                                                 .value = term_value}};

/* Movie 0..3 to the one that is shown, as if loaded. */
static struct item_item weights = {.weights = {.n_rows = CATALOGUE,
                                               .n_columns = CATALOGUE,
                                               .count = 4,
                                               .offset = weight_offset,
                                               .column = weight_movie,
                                               .value = weight_value}};
static struct fitted fitted = {&ease_model, "ease", &weights};
static const struct models models = {.fitted = &fitted, .count = 1};

static void evidence_is_the_mean_of_two_shares(void **state) {
    (void)state;
    const uint32_t movie[] = {3, 0, 1, 2};
    const uint8_t value[] = {8, 8, 8, 8};
    const int64_t time[] = {1, 2, 3, 4};
    const struct history h = {movie, value, time, 4};
    struct evidence e[4];
    assert_int_equal(explain_evidence(&content, &models, &h, SHOWN, e, 4), 4);
    const struct {
        uint32_t movie;
        double strength;
    } wanted[] = {{2, (2.0 / 4 + 0.6 / 0.8) / 2}, /* equal to movie 0, and newer */
                  {0, (2.0 / 4 + 0.6 / 0.8) / 2},
                  {1, (0.5 / 4 + 1) / 2},
                  {3, (1 + 0.0) / 2}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(e[i].movie, wanted[i].movie);
        assert_true(fabs((double)e[i].strength - wanted[i].strength) < 1e-6);
    }
    assert_int_equal(explain_evidence(&content, &models, &h, SHOWN, e, 1), 1);
    assert_int_equal(e[0].movie, 2);
}

/* What was rated below the mean of the history, or is the movie itself, does not speak for it. */
static void evidence_was_liked(void **state) {
    (void)state;
    const uint32_t movie[] = {0, 1, 2, SHOWN};
    const uint8_t value[] = {4, 6, 8, 6};
    const int64_t time[] = {1, 2, 3, 4};
    const struct history h = {movie, value, time, 4};
    struct evidence e[4];
    assert_int_equal(explain_evidence(&content, &models, &h, SHOWN, e, 4), 2);
    assert_int_equal(e[0].movie, 2);
    assert_int_equal(e[1].movie, 1); /* of the mean itself */
    assert_int_equal(e[1].value, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(contributions_of_a_linear_ranker),
        SCRATCH_TEST(contributions_of_a_line_are_exact),
        SCRATCH_TEST(contributions_of_a_network),
        SCRATCH_TEST(groups_name_what_counts_most),
        cmocka_unit_test(evidence_is_the_mean_of_two_shares),
        cmocka_unit_test(evidence_was_liked),
    };
    dense_init();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("explanation", tests, NULL, NULL);
}
