/* Recommendations and explanations on a small world with a ranker of random weights. */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/dense.h"
#include "common/data/history.h"
#include "common/data/topk.h"
#include "common/data/view.h"
#include "common/models/item_item.h"
#include "common/ranking/candidates.h"
#include "common/ranking/evidence.h"
#include "common/ranking/integrated_gradients.h"
#include "common/ranking/recommender.h"
#include "common/ranking/similar.h"
#include "stages/recommend/print.h"
#include "stages/recommend/user_lists.h"
#include "tests/unit/ranker_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

static struct world world;
static struct opened opened;
static struct artifact *ranker_artifact;
static struct recommender *recommender;
static struct recommend_work *work;

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

static int set_up(void **state) {
    (void)state;
    struct error err = {0};
    world_random(&world);
    world_write(&world);
    opened = world_open(&world, VIEW_ALL);
    ranker_artifact = make_ranker(&world, opened.context, "ranker", NULL, 0);
    must(open_recommender(&recommender, &opened, ranker_artifact, &err), &err);
    must(recommend_work_create(&work, recommender, &err), &err);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    recommend_work_release(work);
    recommender_release(recommender);
    artifact_close(ranker_artifact);
    world_close(&opened);
    world_remove(&world);
    return 0;
}

static struct history prepare(uint32_t user) {
    struct error err = {0};
    struct history h = recommender_history(recommender, user);
    OK(recommend_prepare(work, &h, user, recommender_now(recommender, &h), &err));
    return h;
}

static bool in_history(const struct history *h, uint32_t movie) {
    for (size_t i = 0; i < h->count; i++) {
        if (h->movie[i] == movie) return true;
    }
    return false;
}

/* The lists against scoring every movie alone and counting how many are better. */
static void check_top(uint32_t user, const struct recommend_filter *filter, size_t n) {
    struct error err = {0};
    struct history h = prepare(user);
    struct recommendation all[WORLD_MOVIES], top[WORLD_MOVIES];
    bool fits[WORLD_MOVIES];
    size_t n_fits = 0, count = 0;
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        OK(recommend_score(work, &m, 1, &all[m], &err));
        bool year = filter->year_last == 0 ||
                    (world.year[m] >= filter->year_first && world.year[m] <= filter->year_last);
        bool genre = filter->genre == NULL || filter->genre[world.genre[m]];
        fits[m] = year && genre && (filter->include_seen || !in_history(&h, m));
        n_fits += fits[m];
    }
    OK(recommend_top(work, filter, n, top, &count, &err));
    assert_int_equal(count, n < n_fits ? n : n_fits);
    for (size_t i = 0; i < count; i++) {
        size_t better = 0;
        uint32_t m = top[i].movie;
        assert_true(fits[m]);
        for (uint32_t o = 0; o < WORLD_MOVIES; o++) {
            better += fits[o] && o != m && all[o].score > all[m].score;
        }
        assert_int_equal(better, i);
        assert_true(fabsf(top[i].score - all[m].score) < 1e-4F);
        assert_true(top[i].rating >= 0.5F && top[i].rating <= 5.0F);
    }
}

static void top_matches_scoring_all(void **state) {
    (void)state;
    const bool second_genre[3] = {false, true, false};
    const struct recommend_filter filters[] = {
        {.include_seen = false},
        {.include_seen = true},
        {.genre = second_genre},
        {.year_first = 1960, .year_last = 1969},
        {.genre = second_genre, .year_first = 1950, .year_last = 1979, .include_seen = true},
        {.year_first = 2050, .year_last = 2060},
    };
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        check_top((uint32_t)i * 3, &filters[i], 10);
        check_top((uint32_t)i * 3 + 1, &filters[i], WORLD_MOVIES);
    }
}

static void contributions_sum_to_the_score(void **state) {
    (void)state;
    struct error err = {0};
    for (uint32_t user = 0; user < WORLD_USERS; user += 7) {
        prepare(user);
        for (uint32_t movie = 0; movie < WORLD_MOVIES; movie += 31) {
            AUTO(attribution) struct attribution a = {0};
            MEM_AUTO struct group_share *group = NULL;
            struct recommendation r;
            size_t n_groups = 0;
            OK(recommend_explain(work, movie, &a, &err));
            OK(recommend_score(work, &movie, 1, &r, &err));
            OK(attribution_groups(&a, recommender_ranker(recommender), &group, &n_groups, &err));
            double sum = a.baseline + a.embedding, groups = a.baseline;
            for (size_t i = 0; i < a.n_features; i++) {
                sum += a.feature[i];
            }
            for (size_t i = 0; i < n_groups; i++) {
                groups += group[i].contribution;
                assert_true(i == 0 ||
                            fabs(group[i].contribution) <= fabs(group[i - 1].contribution));
            }
            double distance = fmax(fabs(a.score - a.baseline), 0.01);
            assert_true(fabs(a.score - (double)r.score) < 1e-4);
            assert_true(fabs(a.score - sum) <= 1e-3 * distance);
            assert_true(fabs(groups - sum) < 1e-9);
            assert_true(fabs(a.residual - (a.score - sum)) < 1e-9);
            assert_true(a.embedding != 0);
        }
    }
}

/* A feature that stays at its mean contributes nothing, and the baseline explains itself. */
static void the_baseline_explains_itself(void **state) {
    (void)state;
    struct error err = {0};
    const struct ranker *ranker = recommender_ranker(recommender);
    AUTO(attribution) struct attribution a = {0};
    OK(attribution_compute(&a, ranker, &(struct ranking){.head = HEAD_RANK}, NO_INDEX, NO_INDEX,
                           ranker_feature_means(ranker), 1e-3, &err));
    assert_true(a.score == a.baseline && a.embedding == 0 && a.residual == 0);
    for (size_t i = 0; i < a.n_features; i++) {
        assert_true(a.feature[i] == 0);
    }
}

static void evidence_matches_definition(void **state) {
    (void)state;
    enum { MAX = 4 };
    for (uint32_t user = 0; user < WORLD_USERS; user += 5) {
        struct history h = prepare(user);
        double mean = 0;
        for (size_t i = 0; i < h.count; i++) {
            mean += h.value[i] / (double)h.count;
        }
        for (uint32_t movie = 1; movie < WORLD_MOVIES; movie += 37) {
            struct evidence e[MAX];
            size_t count = recommend_evidence(work, movie, e, MAX);
            assert_true(count > 0);
            for (size_t i = 0; i < count; i++) {
                assert_int_not_equal(e[i].movie, movie);
                assert_true(in_history(&h, e[i].movie));
                assert_true(e[i].value >= mean - 1e-9);
                assert_true(i == 0 || e[i].strength <= e[i - 1].strength);
                float weight = some_weight(0, e[i].movie, movie);
                assert_true(fabsf(e[i].weight - fmaxf(weight, 0)) < 1e-6F);
                float cosine = content_cosine(feature_content(opened.context), e[i].movie, movie);
                assert_true(e[i].cosine == cosine);
                assert_int_equal(e[i].n_terms > 0, cosine > 0);
            }
        }
    }
}

/* Every line is a JSON object with the documented members, whose contributions sum to the score. */
static void json_lines_are_json(void **state) {
    (void)state;
    struct error err = {0};
    const struct printer printer = {recommender, FORMAT_JSONL, true, 0};
    const struct wishes wishes = {.n = 7};
    const struct history h = recommender_history(recommender, 2);
    AUTO(buf) struct buf out = {0};
    OK(users_one(&printer, &wishes, &h, 2, &out, &err));
    size_t rank = 0;
    for (char *line = strtok(out.data, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        json_error_t problem;
        json_t *root = json_loads(line, 0, &problem);
        if (root == NULL) fail_msg("%s: %s", problem.text, line);
        json_int_t user = 0, number = 0, movie = 0;
        double score = 0, rating = 0, baseline = 0, residual = 0;
        const char *title = NULL, *reason = NULL;
        json_t *genres = NULL, *evidence = NULL, *groups = NULL, *group = NULL;
        assert_int_equal(json_unpack(root, "{s:I,s:I,s:I,s:s,s:o,s:F,s:F,s:s,s:o,s:{s:F,s:o,s:F}}",
                                     "user", &user, "rank", &number, "movie", &movie, "title",
                                     &title, "genres", &genres, "score", &score, "rating", &rating,
                                     "reason", &reason, "evidence", &evidence, "explanation",
                                     "baseline", &baseline, "groups", &groups, "residual",
                                     &residual),
                         0);
        assert_int_equal(user, 3);
        assert_int_equal(number, ++rank);
        assert_int_equal(json_array_size(genres), 1);
        assert_true(json_array_size(evidence) <= MAX_EVIDENCE);
        double sum = baseline + residual;
        size_t i = 0;
        json_array_foreach(groups, i, group) {
            sum += json_real_value(json_object_get(group, "contribution"));
        }
        assert_true(fabs(sum - score) < 1e-4 * fmax(fabs(score), 1));
        json_decref(root);
    }
    assert_int_equal(rank, wishes.n);
}

static void awkward_text_is_escaped(void **state) {
    (void)state;
    AUTO(buf) struct buf out = {0};
    assert_int_equal(print_json_text("a\"b\\c\nd\x01", &out, NULL), STATUS_OK);
    assert_string_equal(out.data, "\"a\\\"b\\\\c\\u000ad\\u0001\"");
    buf_clear(&out);
    assert_int_equal(print_json_text("\x1f \x7f\xc3\xa9", &out, NULL), STATUS_OK);
    assert_string_equal(out.data, "\"\\u001f \x7f\xc3\xa9\"");
    buf_clear(&out);
    assert_int_equal(print_csv_text("one, \"two\"", &out, NULL), STATUS_OK);
    assert_string_equal(out.data, "\"one, \"\"two\"\"\"");
    buf_clear(&out);
    assert_int_equal(print_padded("Am\xc3\xa9lie", 8, &out, NULL), STATUS_OK);
    assert_string_equal(out.data, "Am\xc3\xa9lie  ");
    buf_clear(&out);
    assert_int_equal(print_padded("Am\xc3\xa9lie", 4, &out, NULL), STATUS_OK);
    assert_string_equal(out.data, "Am\xc3\xa9\xe2\x80\xa6");
}

/* A ranker that knows three features, in another order, gets just those. */
static void features_are_matched_by_name(void **state) {
    (void)state;
    struct error err = {0};
    size_t n = feature_count(opened.context);
    const char *names[] = {feature_at(opened.context, n - 1)->name,
                           feature_at(opened.context, 2)->name,
                           feature_at(opened.context, 0)->name};
    struct artifact *artifact = make_ranker(&world, opened.context, "small", names, 3);
    struct recommender *small = NULL;
    struct recommend_work *w = NULL;
    OK(open_recommender(&small, &opened, artifact, &err));
    OK(recommend_work_create(&w, small, &err));
    struct history h = recommender_history(small, 4);
    int64_t now = recommender_now(small, &h);
    OK(recommend_prepare(w, &h, 4, now, &err));
    struct feature_work *features = NULL;
    OK(feature_work_create(&features, opened.context, &err));
    OK(feature_prepare(features, &h, 4, now, &err));
    for (uint32_t movie = 0; movie < WORLD_MOVIES; movie += 9) {
        float row[128], x[3], score = 0;
        struct recommendation r;
        feature_rows(features, &movie, 1, row);
        x[0] = row[n - 1], x[1] = row[2], x[2] = row[0];
        const struct ranking ranking = ranker_ranking(recommender_ranker(small), FOR_LIKE, &h);
        OK(ranker_rank(recommender_ranker(small), &ranking, 4, &movie, x, 1, &score, &err));
        OK(recommend_score(w, &movie, 1, &r, &err));
        assert_true(fabsf(score - r.score) < 1e-5F);
    }
    feature_work_release(features);
    recommend_work_release(w);
    recommender_release(small);
    artifact_close(artifact);
    const char *unknown[] = {"no-such-feature"};
    artifact = make_ranker(&world, opened.context, "unknown", unknown, 1);
    assert_int_equal(open_recommender(&small, &opened, artifact, &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "no-such-feature"));
    assert_null(small);
    artifact_close(artifact);
}

/* Scores of a list are those of its purpose, and so are their explanations. */
static void a_list_is_for_its_purpose(void **state) {
    (void)state;
    struct error err = {0};
    const struct ranker *ranker = recommender_ranker(recommender);
    size_t differing = 0;
    for (uint32_t user = 0; user < WORLD_USERS; user += 7) {
        struct recommendation r[2];
        for (int purpose = 0; purpose < 2; purpose++) {
            AUTO(attribution) struct attribution a = {0};
            const uint32_t movie = user * 5 % WORLD_MOVIES;
            float score;
            recommend_for(work, (enum purpose)purpose);
            const struct history h = prepare(user);
            const struct ranking ranking = ranker_ranking(ranker, (enum purpose)purpose, &h);
            OK(recommend_score(work, &movie, 1, &r[purpose], &err));
            OK(recommend_explain(work, movie, &a, &err));
            OK(ranker_rank(ranker, &ranking, user, &movie, a.x, 1, &score, &err));
            assert_true(fabsf(score - r[purpose].score) < 1e-5F);
            assert_true(fabs(a.score - (double)score) < 1e-5);
        }
        differing += fabsf(r[FOR_LIKE].score - r[FOR_NEXT].score) > 1e-3F;
        assert_true(r[FOR_LIKE].rating == r[FOR_NEXT].rating);
    }
    assert_true(differing > 0);
    recommend_for(work, FOR_LIKE);
}

/* The newest moment that is known, or that is asked for; never before the history ends. */
static void now_is_the_newest_time(void **state) {
    (void)state;
    const int64_t time[] = {20, 50, 30};
    const struct history h = {.time = time, .count = 3}, none = {0};
    int64_t newest = INT64_MIN;
    for (uint64_t i = 0; i < world.offset[WORLD_USERS]; i++) {
        newest = world.time[i] > newest ? world.time[i] : newest;
    }
    assert_true(newest > 50);
    assert_int_equal(recommender_now(recommender, &h), newest);
    assert_int_equal(recommender_now(recommender, &none), newest);
    assert_int_equal(recommend_moment(&h, 40), 50);
    assert_int_equal(recommend_moment(&h, 60), 60);
    assert_int_equal(recommend_moment(&none, 40), 40);
}

/* The movies that weigh more than nothing towards it, and fit, by weight. */
static void similar_movies_follow_a_model(void **state) {
    (void)state;
    enum { MAX = 100 };
    const struct recommend_filter filter = {.year_first = 1960, .year_last = 1989};
    const struct catalogue *c = recommender_catalogue(recommender);
    const struct item_item *model = models_first_item_item(feature_models(opened.context));
    AUTO(topk) struct topk best = {0};
    size_t expected = 0;
    assert_int_equal(topk_alloc(&best, MAX, NULL), STATUS_OK);
    similar_by_model(c, model, &filter, 7, &best);
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        bool fits = world.year[m] >= 1960 && world.year[m] <= 1989;
        expected += fits && some_weight(0, 7, m) > 0;
    }
    assert_int_equal(best.count, expected);
    for (size_t i = 0; i < best.count; i++) {
        uint32_t m = best.heap[i].id;
        assert_true(m != 7 && world.year[m] >= 1960 && world.year[m] <= 1989);
        assert_float_equal(best.heap[i].score, some_weight(0, 7, m), 1e-6);
        assert_true(best.heap[i].score > 0);
        assert_true(i == 0 || best.heap[i].score <= best.heap[i - 1].score);
    }
}

/* What each source of a shortlist says of the movies, as the feature that tells it. */
static const char *const sources[] = {"ease",          "ease.recent", "ease-liked",
                                      "ease-residual", "next",        "content.vector",
                                      "users",         "popularity",  "recent.30d"};
enum { N_SOURCES = sizeof sources / sizeof sources[0] };

/* Whether fewer than k of the movies are better than one by a source, equal ones by index; of a
 * movie of which it says nothing, never. */
static bool is_among_best(const float *score, const uint32_t *movie, size_t n, uint32_t own,
                          size_t k) {
    size_t better = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t m = movie[i];
        if (score[m] == 0) continue;
        better += score[m] > score[own] || (score[m] == score[own] && m < own);
    }
    return score[own] != 0 && better < k;
}

static void check_shortlist(struct feature_work *w, const struct history *h, const float *x) {
    struct error err = {0};
    const size_t n_features = feature_count(opened.context), most = 40;
    uint32_t all[WORLD_MOVIES], kept[WORLD_MOVIES];
    static float score[N_SOURCES][WORLD_MOVIES];
    size_t n = 0, n_kept, next = 0;
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        if (!in_history(h, m)) all[n++] = m;
        for (size_t s = 0; s < N_SOURCES; s++) {
            score[s][m] = x[m * n_features + feature_find(opened.context, sources[s])];
        }
    }
    n_kept = n;
    memcpy(kept, all, sizeof kept);
    OK(candidates_choose(w, kept, &n_kept, 1, most, &err));
    assert_true(n_kept <= most);
    for (size_t i = 0; i < n; i++) { /* in their order, and just those */
        bool wanted = false;
        for (size_t s = 0; s < N_SOURCES; s++) {
            wanted |= is_among_best(score[s], all, n, all[i], most / N_SOURCES);
        }
        bool found = next < n_kept && kept[next] == all[i];
        next += found;
        if (found != wanted) fail_msg("movie %u %s", all[i], wanted ? "is missing" : "is listed");
    }
    assert_int_equal(next, n_kept);
    size_t same = n;
    memcpy(kept, all, sizeof kept);
    OK(candidates_choose(w, kept, &same, n_kept + 1, most, &err)); /* too few would be left */
    assert_int_equal(same, n);
}

static void shortlists_hold_the_best_of_each_source(void **state) {
    (void)state;
    struct error err = {0};
    struct feature_work *w = NULL;
    MEM_AUTO float *x = NULL;
    uint32_t movie[WORLD_MOVIES];
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        movie[m] = m;
    }
    OK(MEM_NEW(&x, WORLD_MOVIES * feature_count(opened.context), &err));
    OK(feature_work_create(&w, opened.context, &err));
    for (uint32_t user = 0; user < WORLD_USERS; user += 3) {
        const struct history h = recommender_history(recommender, user);
        OK(feature_prepare(w, &h, user, recommender_now(recommender, &h), &err));
        feature_rows(w, movie, WORLD_MOVIES, x);
        check_shortlist(w, &h, x);
    }
    feature_work_release(w);
}

/* A shortlist gives the same scores and, of a world this small, most of the same movies. */
static void test_shortlist(void **state) {
    (void)state;
    struct error err = {0};
    struct recommend_filter filter = {0};
    struct recommendation all[WORLD_MOVIES], top[10];
    size_t n_all = 0, count = 0, shared = 0, users = 0;
    for (uint32_t user = 0; user < WORLD_USERS; user++) {
        struct history h = prepare(user);
        if (WORLD_MOVIES - h.count < 100) continue;
        recommend_shortlist(work, 0);
        OK(recommend_top(work, &filter, WORLD_MOVIES, all, &n_all, &err));
        recommend_shortlist(work, 90);
        OK(recommend_top(work, &filter, 10, top, &count, &err));
        assert_int_equal(count, 10);
        for (size_t i = 0; i < count; i++) {
            size_t place = 0;
            while (place < n_all && all[place].movie != top[i].movie) {
                place++;
            }
            assert_true(place < n_all);
            assert_float_equal(top[i].score, all[place].score, 1e-4);
            assert_true(i == 0 || top[i].score <= top[i - 1].score);
            shared += place < 10;
        }
        OK(recommend_top(work, &filter, WORLD_MOVIES, all, &count, &err));
        assert_int_equal(count, n_all); /* a long list ranks all */
        users++;
    }
    recommend_shortlist(work, 0);
    assert_true(users > 5);
    assert_true(shared >= 4 * users); /* the ranker's weights are random: by lot it were 5 of 10 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_for_its_purpose),
        cmocka_unit_test(now_is_the_newest_time),
        cmocka_unit_test(similar_movies_follow_a_model),
        cmocka_unit_test(shortlists_hold_the_best_of_each_source),
        cmocka_unit_test(test_shortlist),
        cmocka_unit_test(top_matches_scoring_all),
        cmocka_unit_test(contributions_sum_to_the_score),
        cmocka_unit_test(the_baseline_explains_itself),
        cmocka_unit_test(evidence_matches_definition),
        cmocka_unit_test(json_lines_are_json),
        cmocka_unit_test(awkward_text_is_escaped),
        cmocka_unit_test(features_are_matched_by_name),
    };
    dense_init();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("recommend", tests, set_up, tear_down);
}
