/* Mixtures are refused: one test for each comparison that mixture_check makes, each with an
 * artifact that nothing else would refuse. */
#include "common/run/mixture.h"

#include "common/run/run_artifacts.h"
#include "tests/unit/dataset_fixture.h"
#include "tests/unit/support.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Two datasets that differ in one value, and splits of them. */
static const struct fixture_rating ratings[] = {
    {0, 3, 8, 1000}, {0, 1, 6, 1100}, {0, 0, 10, 1200}, {1, 1, 2, 1050}, {1, 3, 9, 1060}};
static const struct fixture_rating changed[] = {
    {0, 3, 8, 1000}, {0, 1, 6, 1100}, {0, 0, 9, 1200}, {1, 1, 2, 1050}, {1, 3, 9, 1060}};
static const uint8_t roles[] = {ROLE_BASE, ROLE_RANK, ROLE_TEST, ROLE_BASE, ROLE_TEST};
static const uint8_t other_roles[] = {ROLE_BASE, ROLE_BASE, ROLE_TEST, ROLE_RANK, ROLE_TEST};

enum { MOST_FITTED = 8 };

static struct scene {
    struct artifact *dataset, *split, *other_dataset, *other_split, *resplit;
    struct artifact *fitted[MOST_FITTED];
    size_t n_fitted;
} s;

static void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

static int open_scene(void **state) {
    struct error err = {0};
    if (scratch_setup(state) != 0) return -1;
    const struct fixture here = {ratings, COUNT(ratings), NULL, 0, 2};
    const struct fixture there = {changed, COUNT(changed), NULL, 0, 2};
    s = (struct scene){0};
    assert_ok(fixture_dataset(&s.dataset, scratch("dataset.art"), &here, &err), &err);
    assert_ok(fixture_dataset(&s.other_dataset, scratch("other.art"), &there, &err), &err);
    assert_ok(fixture_split(&s.split, scratch("split.art"), s.dataset, roles, COUNT(roles), 2,
                            "prefix", &err),
              &err);
    assert_ok(fixture_split(&s.other_split, scratch("other-split.art"), s.other_dataset, roles,
                            COUNT(roles), 2, "prefix", &err),
              &err);
    assert_ok(fixture_split(&s.resplit, scratch("resplit.art"), s.dataset, other_roles,
                            COUNT(other_roles), 2, "prefix", &err),
              &err);
    return 0;
}

static int close_scene(void **state) {
    for (size_t i = 0; i < s.n_fitted; i++) {
        artifact_close(s.fitted[i]);
    }
    artifact_close(s.dataset);
    artifact_close(s.other_dataset);
    artifact_close(s.split);
    artifact_close(s.other_split);
    artifact_close(s.resplit);
    return scratch_teardown(state);
}

/* An artifact that says it was fitted on a view of a split. */
static const struct artifact *fitted(const char *name, const struct artifact *split,
                                     enum view view) {
    struct error err = {0};
    struct artifact_writer *w = NULL;
    struct digest id;
    char text[DIGEST_TEXT_SIZE];
    assert_ok(split_view_id(&id, split, view, &err), &err);
    digest_text(&id, text);
    assert_ok(artifact_create(&w, scratch(name), "table", &err), &err);
    assert_ok(artifact_set_str(w, "view", view_name(view), &err), &err);
    assert_ok(artifact_set_str(w, "view_id", text, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    assert_true(s.n_fitted < MOST_FITTED);
    assert_ok(artifact_open(&s.fitted[s.n_fitted], scratch(name), NULL, &err), &err);
    return s.fitted[s.n_fitted++];
}

static void accepted(struct mixture *m) {
    struct error err = {0};
    assert_ok(mixture_check(m, &err), &err);
}

/* The message holds each of the texts, which end with NULL. */
static void refused(struct mixture *m, const char *const *text) {
    struct error err = {0};
    assert_int_equal(mixture_check(m, &err), STATUS_DAMAGED);
    for (; *text != NULL; text++) {
        if (strstr(err.text, *text) == NULL) fail_msg("\"%s\" is not in \"%s\"", *text, err.text);
    }
}
#define REFUSED(m, ...) refused(m, (const char *const[]){__VA_ARGS__, NULL})

/* ---- each comparison ---- */

static void what_belongs_together_passes(void **state) {
    (void)state;
    struct mixture m = {.dataset = s.dataset, .split = s.split};
    mixture_add(&m, fitted("a.art", s.split, VIEW_FULL), VIEW_FULL);
    mixture_add(&m, NULL, VIEW_FULL);
    mixture_add(&m, fitted("b.art", s.split, VIEW_FIT), VIEW_FIT);
    accepted(&m);
    assert_int_equal(m.n_fitted, 2);
    struct mixture alone = {.dataset = s.dataset};
    mixture_add(&alone, s.fitted[1], VIEW_FIT);
    accepted(&alone);
}

static void split_of_another_dataset(void **state) {
    (void)state;
    struct mixture m = {.dataset = s.dataset, .split = s.other_split};
    char id[DIGEST_TEXT_SIZE];
    const struct digest there = artifact_content_id(s.other_dataset);
    digest_text(&there, id);
    REFUSED(&m, "other-split.art: made from dataset ", id, "dataset.art is ", "make pipeline");
    m.split = s.split;
    accepted(&m);
}

static void another_split(void **state) {
    (void)state;
    for (int view = VIEW_FIT; view <= VIEW_FULL; view++) {
        struct mixture m = {.dataset = s.dataset, .split = s.split};
        const char *name = view_name((enum view)view);
        char said[48];
        (void)snprintf(said, sizeof said, "a.art: fitted on view %s with id ", name);
        mixture_add(&m, fitted("a.art", s.resplit, (enum view)view), (enum view)view);
        REFUSED(&m, said, "split.art that view has id ", "make pipeline");
    }
}

/* What stands behind the first is looked at as well. */
static void another_split_behind_good_ones(void **state) {
    (void)state;
    struct mixture m = {.dataset = s.dataset, .split = s.split};
    mixture_add(&m, fitted("a.art", s.split, VIEW_FULL), VIEW_FULL);
    mixture_add(&m, fitted("b.art", s.resplit, VIEW_FIT), VIEW_FIT);
    REFUSED(&m, "b.art: fitted on view fit with id ");
}

static void another_view(void **state) {
    (void)state;
    struct mixture m = {.dataset = s.dataset, .split = s.split};
    mixture_add(&m, fitted("a.art", s.split, VIEW_FULL), VIEW_FIT);
    REFUSED(&m, "a.art: fitted on view full, but view fit is needed");
}

/* Nothing states an id of view fit but the artifact itself: its name alone can be compared. */
static void another_view_without_a_split(void **state) {
    (void)state;
    struct mixture m = {0};
    mixture_add(&m, fitted("a.art", s.split, VIEW_FULL), VIEW_FIT);
    REFUSED(&m, "a.art: fitted on view full, but view fit is needed");
}

static void view_all_of_another_dataset(void **state) {
    (void)state;
    struct mixture m = {.dataset = s.dataset};
    mixture_add(&m, fitted("a.art", s.other_split, VIEW_ALL), VIEW_ALL);
    REFUSED(&m, "a.art: fitted on view all with id ", "dataset.art that view has id ");
    struct mixture good = {.dataset = s.other_dataset};
    mixture_add(&good, s.fitted[0], VIEW_ALL);
    accepted(&good);
}

static void two_that_disagree(void **state) {
    (void)state;
    struct mixture m = {0};
    mixture_add(&m, fitted("a.art", s.split, VIEW_FIT), VIEW_FIT);
    mixture_add(&m, fitted("b.art", s.split, VIEW_FULL), VIEW_FULL);
    accepted(&m);
    mixture_add(&m, fitted("c.art", s.resplit, VIEW_FIT), VIEW_FIT);
    REFUSED(&m, "c.art: fitted on view fit with id ", "a.art that view has id ");
}

static void what_says_no_view(void **state) {
    (void)state;
    struct error err = {0};
    struct mixture m = {.dataset = s.dataset};
    mixture_add(&m, s.other_dataset, VIEW_ALL);
    assert_int_equal(mixture_check(&m, &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "view"));
}

/* ---- ids ---- */

static void ids_of_views(void **state) {
    (void)state;
    struct error err = {0};
    struct digest found, wanted;
    bool known = true;
    struct mixture nothing = {.dataset = s.dataset};
    assert_ok(mixture_view_id(&nothing, VIEW_FIT, &found, &known, &err), &err);
    assert_false(known);
    assert_ok(mixture_view_id(&nothing, VIEW_ALL, &found, &known, &err), &err);
    assert_ok(split_view_id(&wanted, s.split, VIEW_ALL, &err), &err);
    assert_true(known && digest_equal(&found, &wanted));
    struct mixture split = {.split = s.split};
    assert_ok(mixture_view_id(&split, VIEW_FIT, &found, &known, &err), &err);
    assert_ok(split_view_id(&wanted, s.split, VIEW_FIT, &err), &err);
    assert_true(known && digest_equal(&found, &wanted));
    struct mixture models = {0};
    mixture_add(&models, fitted("a.art", s.split, VIEW_FULL), VIEW_FULL);
    mixture_add(&models, fitted("b.art", s.split, VIEW_FIT), VIEW_FIT);
    assert_ok(mixture_view_id(&models, VIEW_FIT, &found, &known, &err), &err);
    assert_true(known && digest_equal(&found, &wanted));
}

/* ---- a run's artifacts: the views that the table wants ---- */

static void roles_have_their_views(void **state) {
    (void)state;
    struct error err = {0};
    const struct artifact *fit = fitted("fit.art", s.split, VIEW_FIT),
                          *full = fitted("full.art", s.split, VIEW_FULL),
                          *all = fitted("all.art", s.split, VIEW_ALL);
    const struct run_artifacts good = {.view = VIEW_FULL,
                                       .file = {[RUN_DATASET] = s.dataset,
                                                [RUN_SPLIT] = s.split,
                                                [RUN_SIMILARITY] = full,
                                                [RUN_FACTORS] = full,
                                                [RUN_SEQUENCE] = full,
                                                [RUN_FEATURES] = fit,
                                                [RUN_RANKER] = fit,
                                                [RUN_NCF] = full}};
    assert_ok(run_artifacts_check(&good, &err), &err);
    for (int role = RUN_SIMILARITY; role <= RUN_NCF; role++) {
        struct run_artifacts bad = good;
        bad.file[role] = all;
        assert_int_equal(run_artifacts_check(&bad, &err), STATUS_DAMAGED);
        assert_non_null(strstr(err.text, "all.art: fitted on view all"));
    }
    struct run_artifacts split = good;
    split.file[RUN_SPLIT] = s.other_split;
    assert_int_equal(run_artifacts_check(&split, &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "other-split.art: made from dataset"));
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, open_scene, close_scene)

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        SCENE_TEST(what_belongs_together_passes),
        SCENE_TEST(split_of_another_dataset),
        SCENE_TEST(another_split),
        SCENE_TEST(another_split_behind_good_ones),
        SCENE_TEST(another_view),
        SCENE_TEST(another_view_without_a_split),
        SCENE_TEST(view_all_of_another_dataset),
        SCENE_TEST(two_that_disagree),
        SCENE_TEST(what_says_no_view),
        SCENE_TEST(ids_of_views),
        SCENE_TEST(roles_have_their_views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
