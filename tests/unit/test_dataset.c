/* Catalogues, views, view ids and histories of a small hand-made dataset. */
#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/question.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"
#include "common/data/test_set.h"
#include "common/data/view.h"
#include "tests/unit/dataset_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static char folder[] = "/tmp/marquee-dataset-XXXXXX";
static char dataset_path[64], split_path[64];

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(dataset_path, sizeof(dataset_path), "%s/dataset.art", folder);
    snprintf(split_path, sizeof(split_path), "%s/split.art", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(dataset_path);
    unlink(split_path);
    return rmdir(folder);
}

static void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

/* Two users; roles below: rank and valid of user 0 stand before and behind base ratings. */
static const struct fixture_rating ratings[] = {
    {0, 3, 8, 1000}, {0, 1, 6, 1100}, {0, 0, 10, 1200}, {0, 5, 4, 1300},
    {0, 2, 7, 1400}, {1, 1, 2, 1050}, {1, 3, 9, 1060},  {1, 7, 5, 1500},
};
static const uint8_t roles[] = {ROLE_BASE, ROLE_RANK, ROLE_BASE, ROLE_VALID,
                                ROLE_TEST, ROLE_BASE, ROLE_BASE, ROLE_TEST};
static const struct fixture_tag tags[] = {
    {0, 1, "early", 900}, {1, 3, "later", 1350}, {NO_INDEX, 5, "newest", 9000}};
static const struct fixture all_of_it = {ratings, COUNT(ratings), tags, COUNT(tags), 2};

static struct artifact *make_dataset(const struct fixture *f) {
    struct artifact *a = NULL;
    struct error err = {0};
    assert_ok(fixture_dataset(&a, dataset_path, f, &err), &err);
    return a;
}

static struct artifact *make_split(const struct artifact *dataset) {
    struct artifact *a = NULL;
    struct error err = {0};
    assert_ok(fixture_split(&a, split_path, dataset, roles, COUNT(roles), 2, "prefix", &err), &err);
    return a;
}

/* ---- catalogue ---- */

static void test_catalogue(void **state) {
    (void)state;
    AUTO(catalogue) struct catalogue c = {0};
    struct error err = {0};
    struct artifact *a = make_dataset(&all_of_it);
    assert_ok(catalogue_load(&c, a, &err), &err);
    assert_int_equal(c.n_users, 2);
    assert_int_equal(c.n_movies, FIXTURE_MOVIES);
    assert_int_equal(catalogue_find_user(&c, 101), 1);
    assert_int_equal(catalogue_find_user(&c, 102), NO_INDEX);
    assert_int_equal(catalogue_find_user(&c, 0), NO_INDEX);
    for (uint32_t m = 0; m < FIXTURE_MOVIES; m++)
        assert_int_equal(catalogue_find_movie(&c, 10 * (m + 1)), m);
    assert_int_equal(catalogue_find_movie(&c, 15), NO_INDEX);
    assert_int_equal(catalogue_find_movie(&c, UINT32_MAX), NO_INDEX);
    assert_string_equal(strings_get(&c.title, 4), "Movie 4");
    assert_int_equal(c.year[4], 1994);
    assert_string_equal(strings_get(&c.genre_name, c.genre_index[c.genre_offset[3]]), "Drama");
    artifact_close(a);
}

static enum status has_order(bool *out, const char *order, struct error *err) {
    struct artifact *a = NULL;
    assert_ok(fixture_dataset_of_order(&a, dataset_path, &all_of_it, order, err), err);
    enum status status = dataset_has_order(out, a, err);
    artifact_close(a);
    return status;
}

static void test_order(void **state) {
    (void)state;
    struct error err = {0};
    bool ordered = false;
    assert_ok(has_order(&ordered, NULL, &err), &err);
    assert_true(ordered);
    assert_ok(has_order(&ordered, "none", &err), &err);
    assert_false(ordered);
    assert_ok(has_order(&ordered, "time", &err), &err);
    assert_true(ordered);
    assert_int_equal(has_order(&ordered, "Time", &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "metadata order: \"Time\" is neither time nor none"));
}

/* ---- views ---- */

static void assert_movies(const struct ratings *r, const uint32_t *movie, size_t count) {
    assert_int_equal(r->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(r->movie[i], movie[i]);
}

/* Each rating is found once by its movie, users ascending. */
static void assert_item_major(const struct ratings *r) {
    uint64_t n = 0;
    for (uint32_t m = 0; m < r->n_movies; m++) {
        for (uint64_t k = r->by_movie_offset[m]; k < r->by_movie_offset[m + 1]; k++, n++) {
            uint64_t i = r->by_movie_rating[k];
            uint32_t u = r->by_movie_user[k];
            assert_int_equal(r->movie[i], m);
            assert_true(r->offset[u] <= i && i < r->offset[u + 1]);
            if (k > r->by_movie_offset[m]) assert_true(r->by_movie_user[k - 1] < u);
        }
    }
    assert_int_equal(n, r->count);
}

static void test_views(void **state) {
    (void)state;
    static const uint32_t fit[] = {3, 0, 1, 3}, full[] = {3, 1, 0, 5, 1, 3};
    static const uint32_t all[] = {3, 1, 0, 5, 2, 1, 3, 7};
    struct error err = {0};
    struct artifact *dataset = make_dataset(&all_of_it), *split = make_split(dataset);
    struct ratings r;
    assert_ok(view_load(&r, dataset, split, VIEW_FIT, &err), &err);
    assert_movies(&r, fit, COUNT(fit));
    assert_int_equal(r.offset[1], 2);
    assert_int_equal(r.value[1], 10);
    assert_int_equal(r.time[1], 1200);
    assert_item_major(&r);
    ratings_release(&r);
    assert_ok(view_load(&r, dataset, split, VIEW_FULL, &err), &err);
    assert_movies(&r, full, COUNT(full));
    assert_item_major(&r);
    ratings_release(&r);
    assert_ok(view_load(&r, dataset, NULL, VIEW_ALL, &err), &err);
    assert_movies(&r, all, COUNT(all));
    assert_item_major(&r);
    ratings_release(&r);
    assert_int_equal(view_load(&r, dataset, NULL, VIEW_FIT, &err), STATUS_FAILED);
    artifact_close(dataset);
    artifact_close(split);
}

static void test_view_shows(void **state) {
    (void)state;
    static const char *const shown[] = {"100000000", "111001000",
                                        "111111111"}; /* per view, by role */
    for (unsigned v = VIEW_FIT; v <= VIEW_ALL; v++) {
        enum view back;
        for (unsigned role = ROLE_BASE; role < ROLES; role++)
            assert_int_equal(view_shows((enum view)v, (enum role)role), shown[v][role] == '1');
        assert_true(view_parse(view_name((enum view)v), &back));
        assert_int_equal(back, v);
    }
    enum view unchanged = VIEW_FULL;
    assert_false(view_parse("test", &unchanged));
    assert_int_equal(unchanged, VIEW_FULL);
}

static void test_ratings_load(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact *dataset = make_dataset(&all_of_it), *split = make_split(dataset);
    AUTO(ratings) struct ratings r = {0};
    MEM_AUTO uint8_t *role = NULL;
    assert_ok(ratings_load(&r, &role, dataset, split, &err), &err);
    assert_int_equal(r.count, COUNT(ratings));
    assert_memory_equal(role, roles, sizeof(roles));
    artifact_close(dataset);
    artifact_close(split);
}

static void assert_damaged(struct fixture_rating bad, const char *said) {
    struct fixture f = {&bad, 1, NULL, 0, 2};
    struct error err = {0};
    struct ratings r;
    struct artifact *a = make_dataset(&f);
    assert_int_equal(view_load(&r, a, NULL, VIEW_ALL, &err), STATUS_DAMAGED);
    if (strstr(err.text, said) == NULL) fail_msg("%s", err.text);
    assert_null(r.movie);
    artifact_close(a);
}

static void test_damaged(void **state) {
    (void)state;
    assert_damaged((struct fixture_rating){0, FIXTURE_MOVIES, 5, 0},
                   "column \"rating.movie\": value 8 at 0 is not below movies = 8");
    assert_damaged((struct fixture_rating){0, 1, 11, 0}, "value 11 at 0 is not 1 to 10");
    assert_damaged((struct fixture_rating){0, 1, 0, 0}, "value 0 at 0 is not 1 to 10");
    /* user 2 of two users: the row starts end before the ratings do */
    assert_damaged((struct fixture_rating){2, 1, 5, 0},
                   "column \"rating.offset\": value 0 at 2 is not ratings = 1, where offsets end");
}

/* ---- view ids ---- */

static struct digest id_of(const struct fixture *f, const uint8_t *role, enum view view) {
    struct error err = {0};
    struct digest id;
    struct artifact *a = make_dataset(f);
    assert_ok(view_id(&id, a, role, view, &err), &err);
    artifact_close(a);
    return id;
}

/* The fixture changed in one place; says which of the three ids change with it ("101": fit, all).
 */
static void assert_changes(const struct fixture *f, const uint8_t *role, const char *changes) {
    for (unsigned v = VIEW_FIT; v <= VIEW_ALL; v++) {
        struct digest before = id_of(&all_of_it, roles, (enum view)v);
        struct digest after = id_of(f, role, (enum view)v);
        if (digest_equal(&before, &after) == (changes[v] == '1'))
            fail_msg("view %s: expected %s", view_name((enum view)v),
                     changes[v] == '1' ? "another id" : "the same id");
    }
}

static void test_view_ids_and_ratings(void **state) {
    (void)state;
    struct fixture_rating changed[COUNT(ratings)];
    struct fixture f = all_of_it;
    f.rating = changed;
    static const char *const expected[] = {"111", "011", "111", "011",
                                           "001", "111", "111", "001"}; /* by rating */
    for (size_t i = 0; i < COUNT(ratings); i++) {
        memcpy(changed, ratings, sizeof(ratings));
        changed[i].value = 1;
        assert_changes(&f, roles, expected[i]);
        memcpy(changed, ratings, sizeof(ratings));
        changed[i].time += 1;
        assert_changes(&f, roles, expected[i]);
        memcpy(changed, ratings, sizeof(ratings));
        changed[i].movie = 6;
        assert_changes(&f, roles, expected[i]);
    }
}

static void test_view_ids_without_test_ratings(void **state) {
    (void)state;
    struct fixture_rating kept[COUNT(ratings)];
    uint8_t kept_role[COUNT(ratings)];
    size_t n = 0;
    for (size_t i = 0; i < COUNT(ratings); i++) {
        if (roles[i] == ROLE_TEST) continue;
        kept[n] = ratings[i];
        kept_role[n++] = roles[i];
    }
    struct fixture f = all_of_it;
    f.rating = kept;
    f.n_ratings = n;
    assert_changes(&f, kept_role, "001");
}

static void test_view_ids_and_roles(void **state) {
    (void)state;
    uint8_t changed[COUNT(roles)];
    memcpy(changed, roles, sizeof(roles));
    changed[1] = ROLE_VALID; /* was rank: seen by the ranker in another way, not by fit */
    assert_changes(&all_of_it, changed, "010");
    memcpy(changed, roles, sizeof(roles));
    changed[4] = ROLE_FOLD_IN; /* was test: seen by neither */
    assert_changes(&all_of_it, changed, "000");
}

/* Newest visible rating: 1200 under fit, 1300 under full, 1500 under all. */
static void test_view_ids_and_tags(void **state) {
    (void)state;
    struct fixture_tag changed[COUNT(tags)];
    struct fixture f = all_of_it;
    f.tag = changed;
    static const char *const expected[] = {"111", "001", "000"}; /* by tag */
    for (size_t i = 0; i < COUNT(tags); i++) {
        memcpy(changed, tags, sizeof(tags));
        changed[i].tag = "another";
        assert_changes(&f, roles, expected[i]);
    }
    memcpy(changed, tags, sizeof(tags));
    changed[1].time = 1300; /* now seen by full: not newer than its newest rating */
    assert_changes(&f, roles, "011");
}

static void test_set_of_other_ratings(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact *dataset = make_dataset(&all_of_it), *split = make_split(dataset);
    AUTO(ratings) struct ratings r = {0};
    AUTO(test_set) struct test_set t = {0};
    assert_ok(ratings_load(&r, NULL, dataset, NULL, &err), &err);
    assert_ok(test_set_load(&t, split, &r, &err), &err);
    assert_int_equal(t.n_users, r.n_users);
    assert_int_equal(t.movie[0], FIXTURE_MOVIES - 1);
    test_set_release(&t);
    struct ratings fewer_movies = r, more_users = r;
    fewer_movies.n_movies--;
    more_users.n_users++;
    assert_int_equal(test_set_load(&t, split, &fewer_movies, &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "test.movie"));
    assert_int_equal(test_set_load(&t, split, &more_users, &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "test.offset"));
    artifact_close(dataset);
    artifact_close(split);
}

/* ---- histories ---- */

static void assert_history(const struct history_buffer *b, const uint32_t *movie, size_t count) {
    struct history h = history_of(b);
    assert_int_equal(h.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(h.movie[i], movie[i]);
}

static void test_histories(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact *dataset = make_dataset(&all_of_it), *split = make_split(dataset);
    AUTO(ratings) struct ratings r = {0};
    AUTO(history_buffer) struct history_buffer h = {0};
    enum history_rule rule = HISTORY_ALL;
    assert_ok(ratings_load(&r, NULL, dataset, NULL, &err), &err);
    assert_ok(split_history_rule(&rule, split, &err), &err);
    assert_int_equal(rule, HISTORY_PREFIX);
    /* rank at 1: the base rating before it, not the one behind */
    assert_ok(history_before(&h, &r, roles, 0, 1, HISTORY_PREFIX, &err), &err);
    assert_history(&h, (uint32_t[]){3}, 1);
    /* rank at 1 under "all": every base rating, whatever its time */
    assert_ok(history_before(&h, &r, roles, 0, 1, HISTORY_ALL, &err), &err);
    assert_history(&h, (uint32_t[]){3, 0}, 2);
    /* valid at 3: base and rank before it */
    assert_ok(history_before(&h, &r, roles, 0, 3, HISTORY_PREFIX, &err), &err);
    assert_history(&h, (uint32_t[]){3, 1, 0}, 3);
    assert_int_equal(h.value[2], 10);
    assert_int_equal(h.time[2], 1200);
    assert_ok(history_for_test(&h, &r, roles, 0, 0, rule, &err), &err);
    assert_history(&h, (uint32_t[]){3, 1, 0, 5}, 4);
    assert_ok(history_for_test(&h, &r, roles, 1, 0, rule, &err), &err);
    assert_history(&h, (uint32_t[]){1, 3}, 2);
    /* at the cut: base, whatever comes between; at the moment: all before it, valid among them */
    assert_ok(history_before(&h, &r, roles, 0, 3, HISTORY_CUT, &err), &err);
    assert_history(&h, (uint32_t[]){3, 0}, 2);
    assert_ok(history_before(&h, &r, roles, 0, 3, HISTORY_MOMENT, &err), &err);
    assert_history(&h, (uint32_t[]){3, 1, 0}, 3);
    assert_ok(history_for_test(&h, &r, roles, 0, 0, HISTORY_MOMENT, &err), &err);
    assert_history(&h, (uint32_t[]){3, 1}, 2);
    artifact_close(dataset);
    artifact_close(split);
}

static void test_question_now(void **state) {
    (void)state;
    const int64_t time[] = {100, 300};
    const struct history some = {.time = time, .count = 2}, none = {0};
    const struct question known = {.history = HISTORY_PREFIX},
                          fold_in = {.history = HISTORY_FOLD_IN},
                          hidden = {.history = HISTORY_MOMENT, .moment = MOMENT_HIDDEN},
                          cut = {HISTORY_CUT, TARGET_ALL, MOMENT_CUT, 50, 60};
    assert_int_equal(question_now(&known, VIEW_FULL, &some, 200), 200);
    assert_int_equal(question_now(&fold_in, VIEW_FULL, &some, 200), 300);
    assert_int_equal(question_now(&fold_in, VIEW_FULL, &none, 200), 200);
    assert_int_equal(question_now(&hidden, VIEW_FIT, &some, 200), 300);
    assert_int_equal(question_now(&cut, VIEW_FIT, &some, 200), 50);
    assert_int_equal(question_now(&cut, VIEW_FULL, &some, 200), 60);
}

static void test_history_grows(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(history_buffer) struct history_buffer h = {0};
    for (uint32_t i = 0; i < 1000; i++)
        assert_ok(history_add(&h, i, (uint8_t)(i % 10 + 1), (int64_t)i * 7, &err), &err);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(h.movie[i], i);
        assert_int_equal(h.value[i], i % 10 + 1);
        assert_int_equal(h.time[i], i * 7);
    }
    history_clear(&h);
    assert_int_equal(history_of(&h).count, 0);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_view_shows),
        cmocka_unit_test(test_ratings_load),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_view_ids_and_ratings),
        cmocka_unit_test(test_view_ids_without_test_ratings),
        cmocka_unit_test(test_view_ids_and_roles),
        cmocka_unit_test(test_view_ids_and_tags),
        cmocka_unit_test(test_set_of_other_ratings),
        cmocka_unit_test(test_histories),
        cmocka_unit_test(test_question_now),
        cmocka_unit_test(test_history_grows),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(cases, make_folder, remove_folder);
}
