/* The label of a figure: what the split lets know, and what a model makes of it. */
#include "stages/evaluate/information.h"
#include "tests/unit/support.h"

static void must(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

/* What a split of these metadata tells; NULL: without the key. */
static struct told told(const char *history, const char *moment, const char *candidates) {
    struct error err = {0};
    struct artifact_writer *w = NULL;
    struct artifact *split = NULL;
    struct told out = {0};
    char path[300];
    const uint64_t offset[] = {0};
    const struct lineage lineage = {.stage = "test", .view = "", .params = ""};
    (void)snprintf(path, sizeof path, "%s/split.art", scratch_folder);
    must(artifact_create(&w, path, "split", &err), &err);
    must(artifact_set_lineage(w, &lineage, &err), &err);
    must(artifact_set_str(w, "history", history, &err), &err);
    if (moment != NULL) must(artifact_set_str(w, "moment", moment, &err), &err);
    if (candidates != NULL) must(artifact_set_str(w, "candidates", candidates, &err), &err);
    must(artifact_add_1d(w, "role", DTYPE_U8, 0, offset, &err), &err);
    must(artifact_add_1d(w, "test.offset", DTYPE_U64, 1, offset, &err), &err);
    must(artifact_add_1d(w, "test.movie", DTYPE_U32, 0, offset, &err), &err);
    must(artifact_add_1d(w, "test.rating", DTYPE_F32, 0, offset, &err), &err);
    must(artifact_add_1d(w, "test.time", DTYPE_I64, 0, offset, &err), &err);
    must(artifact_commit(w, &err), &err);
    must(artifact_open(&split, path, "split", &err), &err);
    must(told_by_split(&out, split, &err), &err);
    artifact_close(split);
    return out;
}

static void splits_tell_the_moment_or_hide_it(void **state) {
    (void)state;
    assert_true(told("prefix", NULL, NULL).moment);
    assert_true(told("all", "known", "sampled").moment);
    assert_false(told("prefix", "hidden", "sampled").moment);
    assert_false(told("fold-in", NULL, NULL).moment);
    assert_false(told("prefix", NULL, "sampled").cold_items);
    assert_true(told("all", NULL, "held-out").cold_items);
}

static const char *label(struct uses uses, bool moment, bool cold_items) {
    const struct told split = {.moment = moment, .cold_items = cold_items};
    return information_name(information_of(&uses, &split));
}

static void models_are_labelled_by_what_they_use(void **state) {
    (void)state;
    const struct uses nothing = {0}, clock = {.moment = true, .content = true},
                      rating = {.moment = true, .stars = true}, foreign = {.foreign = true};
    assert_string_equal(label(nothing, true, false), "blind");
    assert_string_equal(label(clock, true, false), "moment");
    assert_string_equal(label(clock, false, false), "blind");
    assert_string_equal(label(rating, true, false), "day");
    assert_string_equal(label(rating, false, false), "blind");
    assert_string_equal(label(clock, true, true), "side data");
    assert_string_equal(label(nothing, true, true), "blind");
    assert_string_equal(label(foreign, true, true), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_tell_the_moment_or_hide_it),
        cmocka_unit_test(models_are_labelled_by_what_they_use),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
