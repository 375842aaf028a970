/* Ranking metrics against cases worked out by hand. */
#include "common/data/rating_scale.h"
#include "common/evaluation/metrics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void near(double actual, double expected) {
    if (!(fabs(actual - expected) < 1e-6)) fail_msg("%.9f is not %.9f", actual, expected);
}

static double value_of(const float *value, const char *name) {
    size_t index = metric_find(name);
    assert_true(index < metric_count());
    return (double)value[index];
}

static void one_movie_at_rank_three(void **state) {
    (void)state;
    const float score[] = {0.9f, 0.1f, 0.5f, 0.8f};
    const uint32_t held_out[] = {2};
    struct placement p[1];
    metrics_place(score, 4, held_out, 1, p);
    near(p[0].rank, 3);
    near(p[0].auc, 1.0 / 3.0);
    float v[METRICS_MAX];
    metrics_of_list(&(struct ranked_list){.placement = p, .n_held_out = 1}, metric_count_placed(),
                    v);
    near(value_of(v, "hr@5"), 1);
    near(value_of(v, "ndcg@5"), 0.5); /* 1 / log2(4) */
    near(value_of(v, "recall@5"), 1);
    near(value_of(v, "precision@5"), 0.2);
    near(value_of(v, "map@5"), 1.0 / 3.0);
    near(value_of(v, "mrr"), 1.0 / 3.0);
}

static void a_tie_takes_its_middle(void **state) {
    (void)state;
    const float score[] = {1, 1, 1, 1, 1};
    const uint32_t held_out[] = {0};
    struct placement p[1];
    metrics_place(score, 5, held_out, 1, p);
    near(p[0].rank, 3);
    near(p[0].auc, 0.5);
}

static void half_ranks_past_the_cutoff_miss(void **state) {
    (void)state;
    const float score[] = {9, 8, 7, 6, 5, 5};
    const uint32_t held_out[] = {4};
    struct placement p[1];
    metrics_place(score, 6, held_out, 1, p);
    near(p[0].rank, 5.5);
    float v[METRICS_MAX];
    metrics_of_list(&(struct ranked_list){.placement = p, .n_held_out = 1}, metric_count_placed(),
                    v);
    near(value_of(v, "hr@5"), 0);
    near(value_of(v, "mrr@5"), 0);
    near(value_of(v, "ndcg@10"), 1.0 / log2(6.5));
    near(value_of(v, "mrr"), 1 / 5.5);
}

static void several_held_out(void **state) {
    (void)state;
    /* Ranking: 3 (held out), 0, 2 (held out), 1, 4 (held out), 5. */
    const float score[] = {5, 3, 4, 6, 2, 1};
    const uint32_t held_out[] = {2, 4, 3};
    struct placement p[3];
    metrics_place(score, 6, held_out, 3, p);
    near(p[0].rank, 1);
    near(p[1].rank, 3);
    near(p[2].rank, 5);
    near(p[0].auc, 1);
    near(p[1].auc, 2.0 / 3.0);
    near(p[2].auc, 1.0 / 3.0);
    float v[METRICS_MAX];
    metrics_of_list(&(struct ranked_list){.placement = p, .n_held_out = 3}, metric_count_placed(),
                    v);
    near(value_of(v, "recall@5"), 1);
    near(value_of(v, "precision@10"), 0.3);
    near(value_of(v, "map@5"), (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 3.0);
    double dcg = 1 + 1 / log2(4) + 1 / log2(6), ideal = 1 + 1 / log2(3) + 1 / log2(4);
    near(value_of(v, "ndcg@5"), dcg / ideal);
    near(value_of(v, "auc"), 2.0 / 3.0);
    struct placement beyond[7] = {{0}};
    static const double ranks[] = {1, 2, 3, 4, 5, 7, 11};
    for (size_t i = 0; i < 7; i++) {
        beyond[i].rank = ranks[i];
    }
    metrics_of_list(&(struct ranked_list){.placement = beyond, .n_held_out = 7},
                    metric_count_placed(), v);
    near(value_of(v, "recall@5"), 5.0 / 7.0);
    near(value_of(v, "recall-liang@5"), 1); /* five could be had, and were */
    near(value_of(v, "recall-liang@10"), 6.0 / 7.0);
    near(value_of(v, "ndcg@5"), 1); /* likewise */
    near(value_of(v, "map@5"), 1);
}

/* Of three held-out movies two are hits; the rare one of them counts four times as much. */
static void debiased_hits_weigh_by_rarity(void **state) {
    (void)state;
    const float score[] = {9, 1, 8, 7}, debias[] = {0.5F, 3, 2, 1};
    const uint32_t positions[] = {0, 2, 3}, movies[] = {0, 2, 3};
    struct placement p[3];
    float v[METRICS_MAX];
    metrics_place(score, 4, positions, 3, p);
    p[2].rank = 11;
    const struct ranked_list list = {
        .placement = p, .n_held_out = 3, .held_out = movies, .debias = debias};
    metrics_of_list(&list, metric_count_placed(), v);
    near(value_of(v, "hr-debiased@10"), (0.5 + 2) / 3);
    metrics_of_list(&(struct ranked_list){.placement = p, .n_held_out = 3}, metric_count_placed(),
                    v);
    near(value_of(v, "hr-debiased@10"), 2.0 / 3.0);
}

/* Ranking: a movie of 1 star, two others, one of 4 stars, one of 2 stars at place 11. */
static void graded_gain_follows_the_rating(void **state) {
    (void)state;
    const float rating[] = {4, 2, 1};
    const struct placement p[] = {
        {.rank = 1, .item = 2}, {.rank = 4, .item = 0}, {.rank = 11, .item = 1}};
    struct ranked_list list = {.placement = p, .n_held_out = 3, .rating = rating};
    float v[METRICS_MAX];
    metrics_of_list(&list, metric_count_placed(), v);
    double dcg = 1 / log2(2) + 15 / log2(5), ideal = 15 / log2(2) + 3 / log2(3) + 1 / log2(4);
    near(value_of(v, "gndcg@10"), dcg / ideal);
    list.n_held_out = 1;
    metrics_of_list(&list, metric_count_placed(), v);
    near(value_of(v, "gndcg@10"), value_of(v, "ndcg@10"));
    const float unknown[] = {4, NAN, 1};
    list.n_held_out = 3;
    list.rating = unknown;
    metrics_of_list(&list, metric_count_placed(), v);
    assert_true(isnan(value_of(v, "gndcg@10")));
    list.rating = NULL;
    metrics_of_list(&list, metric_count_placed(), v);
    assert_true(isnan(value_of(v, "gndcg@10")));
}

/* Eleven movies of the same rating: the ideal has ten of them. */
static void graded_ideal_is_as_long_as_the_list(void **state) {
    (void)state;
    struct placement p[11];
    float rating[11], v[METRICS_MAX];
    for (size_t i = 0; i < 11; i++) {
        p[i] = (struct placement){.rank = (double)i + 1, .item = i};
        rating[i] = 3;
    }
    const struct ranked_list list = {.placement = p, .n_held_out = 11, .rating = rating};
    metrics_of_list(&list, metric_count_placed(), v);
    near(value_of(v, "gndcg@10"), 1);
}

static double no_likeness(const void *of, uint32_t a, uint32_t b) {
    (void)of, (void)a, (void)b;
    return 0;
}

static void places_below_are_counted(void **state) {
    (void)state;
    const uint32_t first[] = {0, 1, 2, 3}, popularity[] = {1, 1, 1, 1};
    const float stars[] = {2.5F, 3, 3.5F, 4};
    const struct placement p = {.rank = 1};
    const struct history history = {.count = 0};
    struct ranked_list list = {.placement = &p,
                               .n_held_out = 1,
                               .first = first,
                               .n_first = 4,
                               .likeness = no_likeness,
                               .popularity = popularity,
                               .n_users = 1,
                               .history = &history,
                               .stars = stars,
                               .own_mean = 3.5};
    float v[METRICS_MAX];
    metrics_of_list(&list, metric_count(), v);
    near(value_of(v, "below-mean@10"), 0.5);
    near(value_of(v, "below-middle@10"), 0.25);
    list.own_mean = NAN;
    metrics_of_list(&list, metric_count(), v);
    assert_true(isnan(value_of(v, "below-mean@10")));
    near(value_of(v, "below-middle@10"), 0.25);
    list.stars = NULL;
    metrics_of_list(&list, metric_count(), v);
    assert_true(isnan(value_of(v, "below-middle@10")));
}

static void liked_is_high_for_anyone_and_for_the_user(void **state) {
    (void)state;
    assert_true(stars_liked(4, 3.2) && stars_liked(4, 4) && stars_liked(4, NAN));
    assert_false(stars_liked(4, 4.1) || stars_liked(3.5, 2) || stars_liked(NAN, 2));
}

static void nan_ranks_last(void **state) {
    (void)state;
    const float score[] = {NAN, -1, -2};
    const uint32_t held_out[] = {0};
    struct placement p[1];
    metrics_place(score, 3, held_out, 1, p);
    near(p[0].rank, 3);
}

static void names_are_unique(void **state) {
    (void)state;
    for (size_t i = 0; i < metric_count(); i++) {
        assert_int_equal(metric_find(metric_at(i)->name), i);
    }
    assert_int_equal(metric_find("hr@7"), metric_count());
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_movie_at_rank_three),
        cmocka_unit_test(a_tie_takes_its_middle),
        cmocka_unit_test(half_ranks_past_the_cutoff_miss),
        cmocka_unit_test(several_held_out),
        cmocka_unit_test(debiased_hits_weigh_by_rarity),
        cmocka_unit_test(graded_gain_follows_the_rating),
        cmocka_unit_test(graded_ideal_is_as_long_as_the_list),
        cmocka_unit_test(places_below_are_counted),
        cmocka_unit_test(liked_is_high_for_anyone_and_for_the_user),
        cmocka_unit_test(nan_ranks_last),
        cmocka_unit_test(names_are_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
