/* What is said of an evaluation: tests of the ranker beside components, warnings, figures that mean
 * nothing; of an evaluation made up here. */
#include "stages/evaluate/evaluate.h"
#include "tests/unit/support.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/dense.h"

#include <math.h>

enum { USERS = 60, MODELS = 3 };
static const struct bootstrap_options options = {.bootstrap = 200, .permutation = 999, .seed = 1};

/* A ranker and two components over USERS users with one held-out movie each, in lists of `listed`
 * movies. Component "ease" has it at rank 1, the ranker at 2, "mf" at 9, but for every
 * sixth user, where all are at rank 3. */
struct scene {
    struct evaluation e;
    struct components components;
};

static void put_rank(struct evaluation *e, size_t c, size_t row, double rank) {
    static const float stars = 4;
    const struct placement p = {.rank = rank, .auc = 0.5};
    const struct ranked_list list = {.placement = &p, .n_held_out = 1, .rating = &stars};
    metrics_of_list(&list, metric_count_placed(), e->value[FULL][c] + row * metric_count());
}

static void make(struct scene *s, uint32_t listed) {
    static const char *const names[MODELS] = {"ranker", "ease", "mf"};
    static const double ranks[MODELS] = {2, 1, 9};
    struct error err = {0};
    struct evaluation *e = &s->e;
    *s = (struct scene){.components = {.n_components = MODELS}};
    *e = (struct evaluation){
        .n_lists = USERS, .n_users = USERS, .components = &s->components, .n_movies = listed};
    assert_int_equal(MEM_NEW(&e->listed[FULL], USERS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&e->relevant[FULL], USERS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&e->user, USERS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&e->rating, USERS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&e->tail, USERS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&e->long_history, USERS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&e->history_length, USERS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&e->popularity, USERS, &err), STATUS_OK);
    for (size_t c = 0; c < MODELS; c++) {
        s->components.component[c] = (struct contender){.name = names[c], .present = true};
        assert_int_equal(MEM_NEW(&e->value[FULL][c], USERS * metric_count(), &err), STATUS_OK);
        for (size_t row = 0; row < USERS; row++) {
            put_rank(e, c, row, row % 6 == 0 ? 3 : ranks[c]);
        }
    }
    for (size_t row = 0; row < USERS; row++) {
        e->user[row] = (uint32_t)row;
        e->listed[FULL][row] = listed;
        e->relevant[FULL][row] = 1;
    }
    assert_int_equal(find_trivial(e, &err), STATUS_OK);
}

static json_t *document(const struct scene *s) {
    struct error err = {0};
    json_t *root = NULL;
    if (metrics_json(&root, &s->e, &options, &err) != STATUS_OK) fail_msg("%s", err.text);
    return root;
}

static json_t *at(json_t *object, const char *const *key, size_t n) {
    for (size_t i = 0; i < n; i++) {
        object = json_object_get(object, key[i]);
    }
    return object;
}
#define AT(object, ...)                                                                            \
    at((object), (const char *const[]){__VA_ARGS__},                                               \
       sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void printed(const json_t *root, struct buf *out) {
    struct error err = {0};
    char path[300];
    (void)snprintf(path, sizeof path, "%s/table", scratch_folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(metrics_print(root, f, &err), STATUS_OK);
    (void)fclose(f);
    assert_int_equal(file_read(path, out, &err), STATUS_OK);
}

static void a_better_component_is_warned_of(void **state) {
    (void)state;
    struct scene s;
    make(&s, 50);
    json_t *root = document(&s);
    json_t *pairs = AT(root, "paired", "full", "ndcg@10");
    assert_string_equal(json_string_value(json_object_get(pairs, "best_component")), "ease");
    json_t *better = json_object_get(pairs, "better");
    assert_int_equal(json_array_size(better), 1);
    assert_string_equal(json_string_value(json_array_get(better, 0)), "ease");
    assert_int_equal(json_array_size(AT(root, "paired", "full", "hr@10", "better")), 0);
    json_t *warnings = json_object_get(root, "warnings");
    assert_int_equal(json_array_size(warnings), 1);
    const char *text = json_string_value(json_array_get(warnings, 0));
    assert_non_null(strstr(text, "full, ndcg@10: ease is better than the ranker by 0.3076"));
    AUTO(buf) struct buf table = {0};
    printed(root, &table);
    assert_non_null(strstr(table.data, "\nwarning: full, ndcg@10: ease is better than"));
    json_decref(root);
    evaluation_release(&s.e);
}

static void p_values_are_corrected_for_all_components(void **state) {
    (void)state;
    struct scene s;
    make(&s, 50);
    json_t *root = document(&s);
    for (size_t c = 1; c < MODELS; c++) {
        json_t *pair = AT(root, "paired", "full", "ndcg@10", s.components.component[c].name);
        assert_true(json_number_value(json_object_get(pair, "p")) == 0.001);
        assert_true(json_number_value(json_object_get(pair, "p_holm")) == 0.002);
    }
    json_decref(root);
    evaluation_release(&s.e);
}

static bool is_trivial(json_t *root, const char *metric) {
    json_t *figure = AT(root, "models", "ranker", "full", metric);
    assert_true(json_is_object(figure));
    bool trivial = json_is_true(json_object_get(figure, "trivial"));
    assert_int_equal(trivial, json_object_get(figure, "value") == NULL);
    return trivial;
}

/* In lists of nine movies every movie is among the first ten, but not at every place. */
static void short_lists_make_hits_trivial(void **state) {
    (void)state;
    struct scene s;
    make(&s, 9);
    json_t *root = document(&s);
    assert_true(is_trivial(root, "hr@10") && is_trivial(root, "recall@10"));
    assert_true(is_trivial(root, "precision@20") && is_trivial(root, "hr-debiased@10"));
    assert_false(is_trivial(root, "hr@5") || is_trivial(root, "ndcg@10"));
    assert_false(is_trivial(root, "auc") || is_trivial(root, "mrr"));
    assert_true(json_is_true(AT(root, "paired", "full", "hr@10", "trivial")));
    assert_null(AT(root, "paired", "full", "hr@10", "mf"));
    assert_non_null(AT(root, "paired", "full", "ndcg@10", "mf"));
    AUTO(buf) struct buf table = {0};
    printed(root, &table);
    assert_non_null(strstr(table.data, "  ranker                       trivial    0.6"));
    assert_non_null(strstr(table.data, "  trivial: these lists are so short"));
    json_decref(root);
    evaluation_release(&s.e);
}

static void a_list_of_one_makes_everything_trivial(void **state) {
    (void)state;
    struct scene s;
    make(&s, 1);
    json_t *root = document(&s);
    for (size_t i = 0; i < metric_count_placed(); i++) {
        assert_true(is_trivial(root, metric_at(i)->name));
    }
    assert_int_equal(json_array_size(json_object_get(root, "warnings")), 0);
    AUTO(buf) struct buf table = {0};
    printed(root, &table);
    assert_null(strstr(table.data, "1.0000"));
    json_decref(root);
    evaluation_release(&s.e);
}

/* One list that is longer is enough: its order tells. */
static void one_longer_list_is_enough(void **state) {
    (void)state;
    struct scene s;
    struct error err = {0};
    make(&s, 9);
    s.e.listed[FULL][USERS - 1] = 11;
    assert_int_equal(find_trivial(&s.e, &err), STATUS_OK);
    json_t *root = document(&s);
    assert_false(is_trivial(root, "hr@10"));
    assert_true(is_trivial(root, "hr@20"));
    json_decref(root);
    evaluation_release(&s.e);
}

/* The ranker is at rank 2 but for ten users at rank 3. */
static void rows_without_a_value_are_left_out(void **state) {
    (void)state;
    struct scene s;
    make(&s, 50);
    size_t graded = metric_find("gndcg@10"), deep = metric_find("map@20");
    for (size_t row = 0; row < USERS; row++) {
        float *value = s.e.value[FULL][RANKER] + row * metric_count();
        if (row % 6 == 0) value[graded] = NAN;
        value[deep] = NAN;
    }
    json_t *root = document(&s);
    json_t *figures = AT(root, "models", "ranker", "full");
    double mean = json_number_value(AT(figures, "gndcg@10", "value"));
    assert_true(fabs(mean - 1 / log2(3)) < 1e-6);
    assert_null(json_object_get(figures, "map@20"));
    assert_int_equal(json_integer_value(json_object_get(figures, "users")), USERS);
    json_decref(root);
    evaluation_release(&s.e);
}

/* Of the list of liked movies only the users with one count; without any there is no list. */
static void users_without_a_liked_movie_are_left_out(void **state) {
    (void)state;
    struct error err = {0};
    struct scene s;
    make(&s, 50);
    assert_int_equal(MEM_NEW(&s.e.listed[LIKED], USERS, &err), STATUS_OK);
    assert_int_equal(MEM_NEW(&s.e.relevant[LIKED], USERS, &err), STATUS_OK);
    for (size_t c = 0; c < MODELS; c++) {
        assert_int_equal(MEM_NEW(&s.e.value[LIKED][c], USERS * metric_count(), &err), STATUS_OK);
    }
    json_t *root = document(&s);
    assert_null(AT(root, "models", "ranker", "liked"));
    assert_null(AT(root, "paired", "liked"));
    json_decref(root);
    for (size_t row = 0; row < 20; row++) {
        s.e.listed[LIKED][row] = 50;
        s.e.relevant[LIKED][row] = 1;
        s.e.value[LIKED][RANKER][row * metric_count() + metric_find("hr@10")] = row % 4 == 0;
    }
    assert_int_equal(find_trivial(&s.e, &err), STATUS_OK);
    root = document(&s);
    json_t *liked = AT(root, "models", "ranker", "liked");
    assert_int_equal(json_integer_value(json_object_get(liked, "users")), 20);
    assert_true(fabs(json_number_value(AT(liked, "hr@10", "value")) - 0.25) < 1e-6);
    double lead = json_number_value(AT(root, "paired", "liked", "hr@10", "mf", "difference"));
    assert_true(fabs(lead - 0.25) < 1e-6);
    json_decref(root);
    evaluation_release(&s.e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_better_component_is_warned_of),
        cmocka_unit_test(p_values_are_corrected_for_all_components),
        cmocka_unit_test(short_lists_make_hits_trivial),
        cmocka_unit_test(a_list_of_one_makes_everything_trivial),
        cmocka_unit_test(one_longer_list_is_enough),
        cmocka_unit_test(rows_without_a_value_are_left_out),
        cmocka_unit_test(users_without_a_liked_movie_are_left_out),
    };
    dense_init();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
