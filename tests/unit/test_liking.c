/* The like head: which groups it learns from, what it starts with, what predicted stars count for
 * in its lists, and how lists for each purpose are scored. */
#include "common/base/no_index.h"
#include "stages/ranker/judging.h"
#include "stages/ranker/liking.h"
#include "tests/unit/training_fixture.h"

/* Of the fixture's rows the stars of a positive follow x2, which says nothing of what comes next.
 */
static struct ranker_params like_params(void) {
    struct ranker_params params = base_params;
    params.heads = "rank,rating,like";
    params.movie_dim = params.user_dim = 0;
    params.epochs = 8;
    params.rating_epochs = 10;
    return params;
}

static void liked_groups_weigh_one_on_average(void **state) {
    (void)state;
    struct error err = {0};
    uint8_t rating[] = {8, 8, 9, 7, 10, 10};
    float own_mean[] = {4, 4.25F, 4.25F, 0, 0, 5}, weight[] = {1, 1, 0.5F, 2, 1.5F, 3};
    const struct samples s = {
        .n_groups = 6, .rating = rating, .own_mean = own_mean, .weight = weight};
    MEM_AUTO float *liked = NULL;
    MEM_AUTO float *none = NULL;
    bool any = false;
    OK(liking_weights(&liked, &any, &s, 5, &err));
    assert_true(any);
    const double scale = 5 / (1 + 0.5 + 1.5); /* of the first five groups */
    const double wanted[] = {scale, 0, 0.5 * scale, 0, 1.5 * scale, 3 * scale};
    for (size_t g = 0; g < 6; g++) {
        assert_true(fabs((double)liked[g] - wanted[g]) < 1e-6);
    }
    memset(rating, 7, sizeof rating);
    OK(liking_weights(&none, &any, &s, 6, &err));
    assert_false(any);
    assert_true(none[0] == 0 && none[5] == 0);
}

static double ndcg_of(const struct train_task *task, const float *params) {
    struct error err = {0};
    double loss, metric;
    OK(train_validate(task, params, &loss, &metric, &err));
    return metric;
}

static void learns_what_is_liked(void **state) {
    (void)state;
    struct error err = {0};
    const struct ranker_params params = like_params();
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    assert_int_equal(j.n_networks, 3);
    const struct network *rank = &j.network[0], *like = &j.network[2];
    assert_string_equal(like->task.head, "like");
    assert_ptr_equal(like->task.initial, rank->state.best_params);
    assert_true(fabs(like->task.learning_rate - 0.1 * rank->task.learning_rate) < 1e-12);
    assert_int_equal(like->task.epochs, 6);
    j.network[2].task.learning_rate = 0.01; /* there is little to learn from here */
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    assert_true(like->state.best_epoch > 0);
    assert_true(ndcg_of(&like->task, like->state.best_params) >
                ndcg_of(&like->task, rank->state.best_params) + 0.01);
    /* what it gains there, it loses on the groups of rank */
    assert_true(ndcg_of(&rank->task, like->state.best_params) <
                ndcg_of(&rank->task, rank->state.best_params));
}

/* Steps that are too long make it worse: then the start is what is kept. */
static void keeps_the_start_unless_it_gets_better(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = like_params();
    params.heads = "rank,like";
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    struct network *rank = &j.network[0], *like = &j.network[1];
    like->task.learning_rate = 30;
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    assert_int_equal(like->state.best_epoch, 0);
    assert_memory_equal(like->state.best_params, rank->state.best_params,
                        rank->state.n_params * sizeof(float));
    OK(judging_choose(&j, &err)); /* there is no rating head */
    assert_true(j.judgement.tilt == 0 && j.judgement.penalty == 0);
}

/* A positive that nobody liked teaches nothing. */
static void without_liked_movies_there_is_no_head(void **state) {
    (void)state;
    struct error err = {0};
    const struct ranker_params params = like_params();
    AUTO(experiment) struct experiment j = {.asked = &params, .seed = 11};
    struct artifact *features = NULL;
    OK(artifact_open(&features, path_of("features.art"), "features", &err));
    OK(experiment_load(&j, features, &err));
    artifact_close(features);
    for (size_t g = 0; g < j.valid.n_groups; g++) {
        j.valid.rating[g] = 7;
    }
    OK(experiment_plan(&j, &err));
    assert_int_equal(j.n_networks, 2);
    assert_string_equal(j.network[1].task.head, "rating");
}

/* Here the stars say what is liked, so they count. A like head that is no better than the rank head
 * becomes that one. What was chosen reaches the artifact. */
static void stars_count_for_as_much_as_they_help(void **state) {
    (void)state;
    struct error err = {0};
    const struct ranker_params params = like_params();
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    OK(judging_choose(&j, &err));
    assert_true(j.judgement.tilt + j.judgement.penalty > 0);
    const struct judgement chosen = j.judgement;
    const struct train_state *start = &j.network[0].state, *end = &j.network[2].state;
    memset(end->best_params, 0, end->n_params * sizeof(float)); /* now it knows nothing */
    OK(judging_choose(&j, &err));
    assert_int_equal(end->best_epoch, 0);
    assert_memory_equal(end->best_params, start->best_params, end->n_params * sizeof(float));
    j.judgement = chosen;
    struct ranker *r = write_and_load(&j);
    const uint8_t value[] = {6, 8, 9, 5, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8};
    const struct history h = {.value = value, .count = sizeof value};
    const struct ranking like = ranker_ranking(r, FOR_LIKE, &h),
                         next = ranker_ranking(r, FOR_NEXT, &h);
    assert_true(like.judgement.tilt == j.judgement.tilt);
    assert_true(like.judgement.penalty == j.judgement.penalty);
    assert_true(next.judgement.tilt == 0 && next.judgement.penalty == 0);
    ranker_release(r);
}

/* ---- rankings ---- */

static void judgements_are_smooth(void **state) {
    (void)state;
    const struct judgement none = {0}, j = {0.5, 2};
    for (double above = -3; above <= 3; above += 0.125) {
        const double h = 1e-5;
        const double slope = (judgement_of(&j, above + h) - judgement_of(&j, above - h)) / (2 * h);
        assert_true(fabs(slope - judgement_slope(&j, above)) < 1e-6);
        assert_true(judgement_of(&none, above) == 0 && judgement_slope(&none, above) == 0);
        assert_true(judgement_slope(&j, above) > 0);
    }
    assert_true(fabs(judgement_of(&j, -2) - (0.5 + 2) * -2) < 0.01);
    assert_true(fabs(judgement_of(&j, 2) - 0.5 * 2) < 0.01);
    assert_true(fabs(judgement_of(&j, 0) + 2 * 0.25 * log(2)) < 1e-12);
    assert_true(judgement_of(&j, -1e6) < -1e6 && isfinite(judgement_of(&j, 1e6)));
}

static void rankings_follow_purpose_and_history(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = like_params();
    params.heads = "rank,newcomer,rating,like";
    params.epochs = params.rating_epochs = 2;
    AUTO(experiment) struct experiment j = {0};
    start_with(&j, &params, "newcomers.art");
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    j.judgement = (struct judgement){0.5, 2};
    struct ranker *r = write_and_load(&j);
    const uint8_t value[] = {6, 8, 9, 5, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8};
    const struct history warm = {.value = value, .count = 15}, cold = {.value = value, .count = 3},
                         empty = {0};
    const struct ranking of_warm = ranker_ranking(r, FOR_LIKE, &warm),
                         of_cold = ranker_ranking(r, FOR_LIKE, &cold),
                         of_nobody = ranker_ranking(r, FOR_LIKE, &empty);
    assert_int_equal(of_warm.head, HEAD_LIKE);
    assert_int_equal(of_cold.head, HEAD_NEWCOMER);
    assert_int_equal(ranker_ranking(r, FOR_NEXT, &warm).head, HEAD_RANK);
    assert_true(fabs(of_cold.own_mean - 23.0 / 6) < 1e-12);
    assert_true(of_cold.judgement.penalty == 2 && of_nobody.judgement.tilt == 0.5);
    assert_true(of_nobody.own_mean == j.mean_stars);
    const uint32_t movie[] = {3, 4};
    const float x[2 * FEATURES] = {0.4f, 6.5f, 5, 2.5f, -1, 4, 12, 2.5f};
    float score[2], head[2], stars[2];
    OK(ranker_rank(r, &of_warm, 1, movie, x, 2, score, &err));
    OK(ranker_score(r, HEAD_LIKE, 1, movie, x, 2, head, &err));
    OK(ranker_score(r, HEAD_RATING, 1, movie, x, 2, stars, &err));
    for (size_t i = 0; i < 2; i++) {
        assert_true(stars[i] > 0.5F && stars[i] < 5);
        const double above = (double)stars[i] - of_warm.own_mean;
        const double wanted = (double)head[i] + judgement_of(&of_warm.judgement, above);
        assert_true(fabs((double)score[i] - wanted) < 1e-4);
    }
    ranker_release(r);
}

/* The derivative of a judged score, by differences, which a corner of a ReLU may spoil here and
 * there; many rows give what each gives alone. */
static void gradients_include_the_judgement(void **state) {
    (void)state;
    struct error err = {0};
    enum { ROWS = 700 };
    const struct ranker_params params = like_params();
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    struct ranker *r = write_and_load(&j);
    const struct ranking ranking = {
        .head = HEAD_LIKE, .own_mean = 3.5, .judgement = {.tilt = 1, .penalty = 3}};
    static float x[ROWS * FEATURES], dx[ROWS * FEATURES], score[ROWS];
    static uint32_t movie[ROWS];
    size_t n_wrong = 0, n = 0;
    struct rng rng = rng_keyed(2, "test.judged", 0, 0);
    for (size_t i = 0; i < ROWS * FEATURES; i++) {
        const size_t f = i % FEATURES;
        x[i] = (float)(rng_normal(&rng) * (double)(f + 1) + 5 * (double)f);
    }
    OK(ranker_rank(r, &ranking, NO_INDEX, movie, x, ROWS, score, &err));
    OK(ranker_rank_gradient(r, &ranking, NO_INDEX, movie, x, ROWS, dx, &err));
    for (size_t row = 0; row < ROWS; row += 77) {
        float *at = x + row * FEATURES, alone;
        OK(ranker_rank(r, &ranking, NO_INDEX, movie, at, 1, &alone, &err));
        assert_true(fabsf(alone - score[row]) < 1e-4F);
        for (size_t f = 0; f < 3; f++) {
            const float h = 1.0F / 256, kept = at[f];
            float above, below;
            at[f] = kept + h;
            OK(ranker_rank(r, &ranking, NO_INDEX, movie, at, 1, &above, &err));
            at[f] = kept - h;
            OK(ranker_rank(r, &ranking, NO_INDEX, movie, at, 1, &below, &err));
            at[f] = kept;
            const double wanted = ((double)above - (double)below) / (2 * (double)h),
                         found = (double)dx[row * FEATURES + f];
            n_wrong += fabs(found - wanted) > 0.03 * (1 + fabs(wanted));
            n++;
        }
    }
    if (n_wrong * 10 > n) fail_msg("%zu of %zu derivatives are wrong", n_wrong, n);
    ranker_release(r);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(liked_groups_weigh_one_on_average),
        cmocka_unit_test(learns_what_is_liked),
        cmocka_unit_test(keeps_the_start_unless_it_gets_better),
        cmocka_unit_test(without_liked_movies_there_is_no_head),
        cmocka_unit_test(stars_count_for_as_much_as_they_help),
        cmocka_unit_test(judgements_are_smooth),
        cmocka_unit_test(rankings_follow_purpose_and_history),
        cmocka_unit_test(gradients_include_the_judgement),
    };
    return cmocka_run_group_tests_name("liking", tests, set_up, tear_down);
}
