/* Run folders: the table of their files, what must be there, damage, mixtures, folders that are no
 * runs. */
#include "common/data/dense.h"
#include "common/run/run_folder.h"
#include "tests/unit/dataset_fixture.h"
#include "tests/unit/ranker_fixture.h"
#include "tests/unit/support.h"

static struct world world;

static void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

static void assert_contains(const char *text, const char *part) {
    if (strstr(text, part) == NULL) fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static const char *in_run(const char *name) {
    char path[64];
    (void)snprintf(path, sizeof path, "runs/tiny/%s", name);
    return scratch(path);
}

/* ---- a run: dataset, split, the models of view full and all, the ranker ---- */

static void move(const char *from, const char *to) {
    assert_int_equal(rename(in_run(from), in_run(to)), 0);
}

static void fitted_on(const struct artifact *split, enum view view) {
    struct error err = {0};
    world.view = view_name(view);
    assert_ok(split_view_id(&world.view_id, split, view, &err), &err);
}

static void write_models(const struct artifact *split, enum view view, const char *similarity,
                         const char *factors) {
    fitted_on(split, view);
    write_similarity(&world);
    write_factors(&world);
    if (strcmp(similarity, "similarity.art") != 0) move("similarity.art", similarity);
    if (strcmp(factors, "factors.art") != 0) move("factors.art", factors);
}

/* From models in the run's folder that are gone afterwards. */
static void write_ranker_of(const struct artifact *split, enum view view) {
    struct opened opened;
    write_models(split, VIEW_ALL, "similarity.art", "factors.art");
    opened = world_open(&world, VIEW_ALL);
    fitted_on(split, view);
    write_ranker(&world, opened.context, "ranker", NULL, 0);
    world_close(&opened);
    assert_int_equal(unlink(in_run("similarity.art")) | unlink(in_run("factors.art")), 0);
}

/* NAME.art, a split of the run's dataset as it is. */
static struct artifact *write_split_of_run(const char *name) {
    struct error err = {0};
    struct artifact *dataset = NULL, *split = NULL;
    assert_ok(artifact_open(&dataset, in_run("dataset.art"), "dataset", &err), &err);
    assert_ok(fixture_split(&split, in_run(name), dataset, world.role, world.offset[world.n_users],
                            world.n_users, "prefix", &err),
              &err);
    artifact_close(dataset);
    return split;
}

static int make_run(void **state) {
    if (scratch_setup(state) != 0) return -1;
    if (mkdir(scratch("runs"), 0700) != 0 || mkdir(in_run(""), 0700) != 0) return -1;
    world_random(&world);
    const char *folder = scratch("runs/tiny");
    if (strlen(folder) >= sizeof world.folder) return -1;
    memcpy(world.folder, folder, strlen(folder) + 1);
    write_dataset(&world);
    struct artifact *split = write_split_of_run("split.art");
    write_ranker_of(split, VIEW_FIT);
    write_models(split, VIEW_FULL, "similarity.full.art", "factors.full.art");
    write_models(split, VIEW_ALL, "similarity.all.art", "factors.all.art");
    artifact_close(split);
    return 0;
}

static struct run_wish wish(enum view view, bool verify) {
    return (struct run_wish){.view = view, .roles = run_recommending(), .verify = verify};
}

static void opens(enum view view, bool verify) {
    struct error err = {0};
    struct run_folder f;
    const struct run_wish w = wish(view, verify);
    assert_ok(run_folder_open(&f, scratch("runs/tiny"), &w, &err), &err);
    run_folder_release(&f);
}

/* The message holds `file` and the texts, which end with NULL. */
static void refused(enum view view, bool verify, enum status status, const char *const *text) {
    struct error err = {0};
    struct run_folder f;
    const struct run_wish w = wish(view, verify);
    assert_int_equal(run_folder_open(&f, scratch("runs/tiny"), &w, &err), status);
    for (; *text != NULL; text++) {
        assert_contains(err.text, *text);
    }
    assert_null(f.path);
    for (size_t part = 0; part < RUN_PARTS; part++) {
        assert_null(f.file[part]);
    }
}
#define REFUSED(view, verify, status, ...)                                                         \
    refused(view, verify, status, (const char *const[]){__VA_ARGS__, NULL})

/* ---- the table ---- */

static void parts_of_the_table(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(buf) struct buf path = {0};
    const struct run_part *part = run_part(run_part_of(RUN_FACTORS, VIEW_FULL));
    assert_string_equal(part->name, "factors.full");
    assert_string_equal(part->log, "factorize.full");
    assert_true(part->role == RUN_FACTORS && part->view == VIEW_FULL);
    assert_ok(run_path(&path, "a/b", run_part_of(RUN_FACTORS, VIEW_ALL), &err), &err);
    assert_string_equal(path.data, "a/b/factors.all.art");
    for (int view = VIEW_FIT; view <= VIEW_ALL; view++) {
        part = run_part(run_part_of(RUN_RANKER, (enum view)view));
        assert_string_equal(part->name, "ranker");
        assert_int_equal(part->view, VIEW_FIT);
    }
    for (size_t i = 0; i < RUN_PARTS; i++) {
        assert_int_equal(run_part_of(run_part(i)->role, run_part(i)->view), i);
    }
    enum run_role role;
    assert_true(run_role_find("ncf", &role));
    assert_int_equal(role, RUN_NCF);
    assert_false(run_role_find("factors.fit", &role));
}

static void needs_of_views(void **state) {
    (void)state;
    assert_true(run_needs(RUN_SPLIT, VIEW_FIT) && run_needs(RUN_SPLIT, VIEW_FULL));
    assert_false(run_needs(RUN_SPLIT, VIEW_ALL));
    assert_true(run_needs(RUN_RANKER, VIEW_ALL));
    assert_false(run_needs(RUN_SEQUENCE, VIEW_FULL));
    assert_false(run_needs(RUN_NCF, VIEW_FULL));
    assert_int_equal(run_recommending(), RUN_BIT(RUN_DATASET) | RUN_BIT(RUN_SPLIT) |
                                             RUN_BIT(RUN_SIMILARITY) | RUN_BIT(RUN_FACTORS) |
                                             RUN_BIT(RUN_SEQUENCE) | RUN_BIT(RUN_RANKER));
}

static void command_that_makes_a_run(void **state) {
    (void)state;
    static const struct {
        const char *path, *command;
    } cases[] = {
        {"artifacts/ml-1m/ranker.art", "make pipeline RUN=ml-1m"},
        {"sample/ranker.art", "make pipeline RUN=sample"},
        {"ranker.art", "make pipeline"},
        {"./ranker.art", "make pipeline"},
        {"a/../ranker.art", "make pipeline"},
        {"/ranker.art", "make pipeline"},
        {"a/my run;/ranker.art", "make pipeline"},
        {"a/"
         "a-name-that-is-far-too-long-to-stand-in-a-message-of-one-line/x.art",
         "make pipeline"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char command[RUN_COMMAND_SIZE];
        assert_string_equal(run_command(cases[i].path, command), cases[i].command);
    }
}

/* ---- opening ---- */

static void what_is_asked_for_is_opened(void **state) {
    (void)state;
    struct error err = {0};
    struct run_folder f;
    const struct run_wish w = {.view = VIEW_FULL, .roles = RUN_BIT(RUN_FACTORS)};
    assert_ok(run_folder_open(&f, scratch("runs/tiny//"), &w, &err), &err);
    assert_string_equal(f.name, "tiny");
    assert_string_equal(f.path, scratch("runs/tiny"));
    for (size_t part = 0; part < RUN_PARTS; part++) {
        bool wanted = part == run_part_of(RUN_DATASET, VIEW_FULL) ||
                      part == run_part_of(RUN_SPLIT, VIEW_FULL) ||
                      part == run_part_of(RUN_FACTORS, VIEW_FULL);
        assert_int_equal(f.file[part] != NULL, wanted);
    }
    struct run_artifacts a = run_folder_artifacts(&f, VIEW_FULL, RUN_BIT(RUN_FACTORS));
    assert_true(a.view == VIEW_FULL && a.file[RUN_FACTORS] != NULL);
    assert_null(a.file[RUN_SPLIT]);
    run_folder_release(&f);
}

static void a_recommender_is_opened_from_it(void **state) {
    (void)state;
    struct error err = {0};
    struct run_folder f;
    struct recommender *r = NULL;
    enum run_role missing = RUN_ROLES;
    const struct run_wish w = wish(VIEW_ALL, true);
    assert_ok(run_folder_open(&f, scratch("runs/tiny"), &w, &err), &err);
    struct run_artifacts a = run_folder_artifacts(&f, VIEW_ALL, w.roles);
    assert_true(run_artifacts_complete(&a, &missing));
    assert_ok(recommender_open(&r, &a, &err), &err);
    a.file[RUN_RANKER] = NULL;
    assert_false(run_artifacts_complete(&a, &missing));
    assert_int_equal(missing, RUN_RANKER);
    recommender_release(r);
    run_folder_release(&f);
    opens(VIEW_FULL, true);
}

static void view_all_does_without_a_split(void **state) {
    (void)state;
    assert_int_equal(unlink(in_run("split.art")), 0);
    opens(VIEW_ALL, true);
    REFUSED(VIEW_FULL, false, STATUS_FAILED, "/split.art: is not there",
            "make pipeline RUN=tiny makes it");
}

static void what_is_needed_must_be_there(void **state) {
    (void)state;
    static const char *const needed[] = {"similarity.all.art", "factors.all.art", "ranker.art"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        move(needed[i], "kept");
        REFUSED(VIEW_ALL, false, STATUS_FAILED, needed[i], ": is not there",
                "make pipeline RUN=tiny makes it");
        move("kept", needed[i]);
    }
    opens(VIEW_ALL, false);
}

/* In the first chunk of values, which opening does not look at. */
static void flip_a_byte(const char *name) {
    enum { PLACE = 72 };
    FILE *f = fopen(in_run(name), "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, PLACE, SEEK_SET), 0);
    int byte = fgetc(f);
    assert_int_equal(fseek(f, PLACE, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 0x55, f), byte ^ 0x55);
    assert_int_equal(fclose(f), 0);
}

static void damage_is_found_where_it_is_asked_for(void **state) {
    (void)state;
    static const char *const files[] = {"dataset.art", "split.art", "similarity.all.art",
                                        "factors.all.art", "ranker.art"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        flip_a_byte(files[i]);
        REFUSED(VIEW_ALL, true, STATUS_DAMAGED, files[i], "make the run again",
                "make pipeline RUN=tiny");
        opens(VIEW_ALL, false);
        flip_a_byte(files[i]);
    }
    opens(VIEW_ALL, true);
}

/* ---- mixtures ---- */

static void models_of_another_view(void **state) {
    (void)state;
    move("factors.full.art", "factors.all.art");
    REFUSED(VIEW_ALL, false, STATUS_DAMAGED,
            "factors.all.art: fitted on view full, but view all is needed");
}

/* Of the same users and movies: only the ids tell. */
static void models_of_other_ratings(void **state) {
    (void)state;
    move("dataset.art", "kept");
    world.value[3] = (uint8_t)(world.value[3] % 10 + 1);
    write_dataset(&world);
    struct artifact *other = write_split_of_run("other.art");
    write_models(other, VIEW_ALL, "similarity.other", "factors.all.art");
    artifact_close(other);
    move("kept", "dataset.art");
    REFUSED(VIEW_ALL, false, STATUS_DAMAGED, "factors.all.art: fitted on view all with id ");
    assert_int_equal(unlink(in_run("split.art")), 0);
    REFUSED(VIEW_ALL, false, STATUS_DAMAGED, "factors.all.art: fitted on view all with id ",
            "dataset.art that view has id ");
    move("other.art", "split.art");
    REFUSED(VIEW_ALL, false, STATUS_DAMAGED, "split.art: made from dataset ");
}

static void a_ranker_of_another_view_or_split(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact *split = NULL;
    assert_ok(artifact_open(&split, in_run("split.art"), "split", &err), &err);
    write_ranker_of(split, VIEW_FULL);
    REFUSED(VIEW_ALL, false, STATUS_DAMAGED,
            "ranker.art: fitted on view full, but view fit is needed");
    write_ranker_of(split, VIEW_FIT);
    artifact_close(split);
    opens(VIEW_ALL, false);
    for (uint64_t i = 0; i < world.offset[1]; i++) {
        world.role[i] = ROLE_BASE;
    }
    artifact_close(write_split_of_run("split.art"));
    REFUSED(VIEW_ALL, false, STATUS_DAMAGED, "ranker.art: fitted on view fit with id ",
            "split.art that view has id ");
}

/* ---- everything there is ---- */

static void all_that_is_there_is_opened(void **state) {
    (void)state;
    struct error err = {0};
    struct run_folder f;
    assert_int_equal(unlink(in_run("ranker.art")), 0);
    move("factors.full.art", "factors.all.art"); /* no question here */
    assert_ok(run_folder_open_all(&f, scratch("runs/tiny"), &err), &err);
    for (size_t part = 0; part < RUN_PARTS; part++) {
        static const char *const there[] = {"dataset", "split", "similarity.full", "similarity.all",
                                            "factors.all"};
        bool wanted = false;
        for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
            wanted |= strcmp(run_part(part)->name, there[i]) == 0;
        }
        assert_int_equal(f.file[part] != NULL, wanted);
    }
    run_folder_release(&f);
    move("split.art", "ranker.art");
    assert_int_equal(run_folder_open_all(&f, scratch("runs/tiny"), &err), STATUS_DAMAGED);
    assert_contains(err.text, "ranker.art");
}

/* ---- folders that are no runs ---- */

static void runs_beside_are_named(void **state) {
    (void)state;
    struct error err = {0};
    struct run_folder f;
    const struct run_wish w = wish(VIEW_ALL, false);
    assert_int_equal(run_folder_open(&f, scratch("runs/tyni/"), &w, &err), STATUS_FAILED);
    assert_contains(err.text, "runs/tyni: is no run: there is no dataset.art; beside it there is "
                              "the run tiny");
    assert_int_equal(mkdir(scratch("runs/empty"), 0700), 0);
    assert_int_equal(mkdir(scratch("runs/a"), 0700), 0);
    scratch_write("runs/a/dataset.art", "");
    scratch_write("runs/file", "");
    assert_int_equal(run_folder_open_all(&f, scratch("runs/empty"), &err), STATUS_FAILED);
    assert_contains(err.text, "runs/empty: is no run: there is no dataset.art; beside it there are "
                              "the runs a, tiny");
    for (int i = 0; i < 9; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "runs/b%d", i);
        assert_int_equal(mkdir(scratch(name), 0700), 0);
        (void)snprintf(name, sizeof name, "runs/b%d/dataset.art", i);
        scratch_write(name, "");
    }
    assert_int_equal(run_folder_check(scratch("runs/none"), &err), STATUS_FAILED);
    assert_contains(err.text, "the runs a, b0, b1, b2, b3, b4, b5, b6 and others");
    assert_ok(run_folder_check(scratch("runs/tiny"), &err), &err);
}

static void without_runs_beside_one_can_be_made(void **state) {
    (void)state;
    struct error err = {0};
    assert_int_equal(mkdir(scratch("elsewhere"), 0700), 0);
    assert_int_equal(run_folder_check(scratch("elsewhere/ml-1m"), &err), STATUS_FAILED);
    assert_contains(err.text, "elsewhere/ml-1m: is no run: there is no dataset.art (make pipeline "
                              "RUN=ml-1m makes one)");
}

#define RUN_TEST(f) cmocka_unit_test_setup_teardown(f, make_run, scratch_teardown)

int main(void) {
    dense_init();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_the_table),
        cmocka_unit_test(needs_of_views),
        cmocka_unit_test(command_that_makes_a_run),
        RUN_TEST(what_is_asked_for_is_opened),
        RUN_TEST(a_recommender_is_opened_from_it),
        RUN_TEST(view_all_does_without_a_split),
        RUN_TEST(what_is_needed_must_be_there),
        RUN_TEST(damage_is_found_where_it_is_asked_for),
        RUN_TEST(models_of_another_view),
        RUN_TEST(models_of_other_ratings),
        RUN_TEST(a_ranker_of_another_view_or_split),
        RUN_TEST(all_that_is_there_is_opened),
        RUN_TEST(runs_beside_are_named),
        RUN_TEST(without_runs_beside_one_can_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
