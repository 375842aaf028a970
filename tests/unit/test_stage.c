#include "common/base/file.h"
#include "common/data/view.h"
#include "common/stage/stage.h"
#include "tests/unit/dataset_fixture.h"
#include "tests/unit/support.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sys/wait.h>

/* ---- three small stages ---- */

struct params {
    double scale;
    const char *mode;
};

static const struct option_spec options[] = {
    {"scale", OPTION_REAL, OPTION_PARAMETER, offsetof(struct params, scale), "2", 0, 10, NULL,
     "factor", 0, NULL},
    {"mode", OPTION_CHOICE, OPTION_RUNTIME, offsetof(struct params, mode), "ok", 0, 0,
     "ok|fail|damaged", "what happens", 0, NULL},
};

static char last_recipe[DIGEST_TEXT_SIZE];

static enum status write_column(struct stage_run *run, const void *params, struct error *err) {
    const struct params *p = params;
    const double values[] = {1 * p->scale, 2 * p->scale};
    TRY(artifact_add_1d(stage_output(run), "value", DTYPE_F64, 2, values, err));
    stage_count(run, "values", 2);
    stage_count(run, "fives", 5);
    const struct digest recipe = stage_recipe_id(run);
    digest_text(&recipe, last_recipe);
    if (strcmp(p->mode, "fail") == 0) {
        (void)error_set(err, STATUS_FAILED, "row 3: is odd");
        return error_wrap(err, "reading");
    }
    if (strcmp(p->mode, "damaged") == 0) return error_set(err, STATUS_DAMAGED, "broken");
    return STATUS_OK;
}

static enum status make(struct stage_run *run, const void *params, struct error *err) {
    char **words;
    if (stage_words(run, &words) == 1) TRY(stage_add_file(run, "source", words[0], NULL, err));
    return write_column(run, params, err);
}

static const struct stage maker = {.name = "maker",
                                   .version = 3,
                                   .summary = "makes a table",
                                   .words = "[FILE]",
                                   .options = options,
                                   .n_options = 2,
                                   .output_kind = "table",
                                   .params_size = sizeof(struct params),
                                   .run = make};

static const struct stage_input fitter_inputs[] = {
    {"split", "split", true, INPUT_UNFITTED, "the split"},
    {"extra", "table", false, INPUT_RUN_VIEW, "something fitted"},
};
static const struct stage fitter = {.name = "fitter",
                                    .version = 1,
                                    .summary = "fits a table",
                                    .options = options,
                                    .n_options = 2,
                                    .inputs = fitter_inputs,
                                    .n_inputs = 2,
                                    .output_kind = "table",
                                    .has_view = true,
                                    .default_view = VIEW_FIT,
                                    .params_size = sizeof(struct params),
                                    .run = write_column};

static enum status look(struct stage_run *run, const void *params, struct error *err) {
    (void)params, (void)err;
    (void)printf("view %s, output %s, seed %llu, ranker %s\n", view_name(stage_view(run)),
                 stage_output_path(run) ? stage_output_path(run) : "none",
                 (unsigned long long)stage_seed(run), stage_input(run, "ranker") ? "yes" : "no");
    return STATUS_OK;
}

static const struct stage_input judge_inputs[] = {
    {"split", "split", false, INPUT_UNFITTED, "the split"},
    {"models", "table", true, INPUT_RUN_VIEW, "models"},
    {"more", "table", false, INPUT_RUN_VIEW, "more models"},
    {"ranker", "table", false, INPUT_FIT_VIEW, "the ranker"},
};
static const struct stage judge = {.name = "judge",
                                   .version = 1,
                                   .summary = "judges",
                                   .inputs = judge_inputs,
                                   .n_inputs = 4,
                                   .default_view = VIEW_FULL,
                                   .run = look};

static enum status add_empty_split(struct artifact_writer *w, struct error *err) {
    const uint64_t offset[] = {0, 0};
    TRY(artifact_add_1d(w, "role", DTYPE_U8, 0, "", err));
    TRY(artifact_add_1d(w, "test.offset", DTYPE_U64, 2, offset, err));
    TRY(artifact_add_1d(w, "test.movie", DTYPE_U32, 0, "", err));
    TRY(artifact_add_1d(w, "test.rating", DTYPE_F32, 0, "", err));
    return artifact_add_1d(w, "test.time", DTYPE_I64, 0, "", err);
}

static enum status split_nothing(struct stage_run *run, const void *params, struct error *err) {
    (void)params;
    return add_empty_split(stage_output(run), err);
}

/* ---- running them ---- */

/* Sends file descriptor `fd` to a scratch file and returns what it was. */
static int redirect(int fd, const char *name) {
    const int kept = dup(fd), file = open(scratch(name), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(kept >= 0 && file >= 0);
    assert_true(dup2(file, fd) >= 0);
    assert_int_equal(close(file), 0);
    return kept;
}

static void restore(int fd, int kept) {
    assert_true(dup2(kept, fd) >= 0);
    assert_int_equal(close(kept), 0);
}

static int run_stage(const struct stage *stage, const char **words) {
    char *argv[24] = {(char *)(uintptr_t)stage->name};
    int argc = 1;
    for (; words[argc - 1]; argc++) {
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    }
    (void)fflush(stdout);
    const int out = redirect(STDOUT_FILENO, "out"), err = redirect(STDERR_FILENO, "err");
    const int status = stage_main(argc, argv, stage);
    (void)fflush(stdout);
    restore(STDOUT_FILENO, out);
    restore(STDERR_FILENO, err);
    return status;
}

#define RUN(stage, ...) run_stage(&(stage), (const char *[]){__VA_ARGS__, NULL})

/* A split whose views have the ids 0101.., 0202.., 0303... */
static void write_split(const char *name, int fit_digit) {
    struct error err = {0};
    struct artifact_writer *w;
    static const char *const keys[] = {"view_id.fit", "view_id.full", "view_id.all"};
    const int digits[] = {fit_digit, 2, 3};
    assert_int_equal(artifact_create(&w, scratch(name), "split", &err), STATUS_OK);
    for (int i = 0; i < 3; i++) {
        struct digest d;
        char id[DIGEST_TEXT_SIZE];
        memset(d.bytes, digits[i], sizeof d.bytes);
        digest_text(&d, id);
        assert_int_equal(artifact_set_str(w, keys[i], id, &err), STATUS_OK);
    }
    assert_int_equal(add_empty_split(w, &err), STATUS_OK);
    assert_int_equal(artifact_commit(w, &err), STATUS_OK);
}

static struct artifact *open_table(const char *name) {
    struct error err = {0};
    struct artifact *a = NULL;
    if (artifact_open(&a, scratch(name), "table", &err) != STATUS_OK) fail_msg("%s", err.text);
    return a;
}

static void assert_contains(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("\"%s\" is not in \"%s\"", part, text);
}

/* ---- tests ---- */

static void a_run_leaves_artifact_log_and_timings(void **state) {
    (void)state;
    assert_int_equal(RUN(maker, "--output", scratch("a.art"), "--scale=3", "--seed=9", "--log-dir",
                         scratch("logs/x")),
                     0);
    assert_contains(scratch_read("err"), "maker: done: values 2, fives 5; wall ");
    json_error_t trouble;
    json_t *json = json_load_file(scratch("logs/x/maker.json"), 0, &trouble);
    assert_non_null(json);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "counts"), "fives")),
                     5);
    assert_true(json_is_real(json_object_get(json, "wall_s")));
    assert_string_equal(json_string_value(json_object_get(json, "recipe_id")), last_recipe);
    json_decref(json);

    struct artifact *a = open_table("a.art");
    const struct lineage *lineage = artifact_lineage(a);
    assert_string_equal(lineage->stage, "maker");
    assert_int_equal(lineage->stage_version, 3);
    assert_int_equal(lineage->seed, 9);
    assert_string_equal(lineage->view, "");
    assert_string_equal(lineage->params, "scale=3\n");
    assert_int_equal(lineage->n_inputs, 0);
    char recipe[DIGEST_TEXT_SIZE];
    const struct digest id = artifact_recipe_id(a);
    digest_text(&id, recipe);
    assert_string_equal(recipe, last_recipe);
    artifact_close(a);
}

/* ---- options that are left to the stage ---- */

struct chooser_params {
    int64_t networks, layers;
    double rate;
};

#define OPTION_HOLDER struct chooser_params
static const struct option_spec chooser_options[] = {
    PARAMETER_INT_AUTO("networks", networks, 1, 16, "networks", "by the number of rows"),
    PARAMETER_INT_AUTO("layers", layers, 1, 16, "layers", "by the protocol, with some"),
    PARAMETER_REAL_AUTO("rate", rate, 0, 1, "step", "a tenth"),
};

static enum status choose(struct stage_run *run, const void *params, struct error *err) {
    struct chooser_params resolved = *(const struct chooser_params *)params;
    const double value = 1;
    resolved.networks = option_int_or(resolved.networks, 3);
    resolved.rate = option_real_or(resolved.rate, 0.1);
    TRY(artifact_add_1d(stage_output(run), "value", DTYPE_F64, 1, &value, err));
    return stage_resolve(run, &resolved, err);
}

static const struct stage chooser = {.name = "chooser",
                                     .version = 1,
                                     .summary = "chooses",
                                     .options = chooser_options,
                                     .n_options = 3,
                                     .output_kind = "table",
                                     .params_size = sizeof(struct chooser_params),
                                     .run = choose};

/* What was asked stands in the lineage, what became of it in the metadata; layers had no part. */
static void what_auto_became_is_stored(void **state) {
    (void)state;
    struct error err = {0};
    const char *text = NULL;
    assert_int_equal(RUN(chooser, "-q", "-o", scratch("a.art"), "--rate=0.5"), 0);
    struct artifact *a = open_table("a.art");
    assert_string_equal(artifact_lineage(a)->params, "networks=auto\nlayers=auto\nrate=0.5\n");
    assert_int_equal(artifact_n_meta(a), 1);
    assert_int_equal(artifact_get_str(a, "resolved.networks", &text, &err), STATUS_OK);
    assert_string_equal(text, "3");
    artifact_close(a);
    assert_int_equal(RUN(chooser, "-q", "-o", scratch("a.art"), "--networks=3"), 0);
    a = open_table("a.art");
    assert_string_equal(artifact_lineage(a)->params, "networks=3\nlayers=auto\nrate=auto\n");
    assert_int_equal(artifact_n_meta(a), 1);
    assert_int_equal(artifact_get_str(a, "resolved.rate", &text, &err), STATUS_OK);
    assert_string_equal(text, "0.1");
    artifact_close(a);
}

static void quiet_runs_say_nothing(void **state) {
    (void)state;
    assert_int_equal(RUN(maker, "-q", "-o", scratch("a.art")), 0);
    assert_string_equal(scratch_read("err"), "");
    assert_string_equal(scratch_read("out"), "");
}

static void failures_leave_nothing_and_say_why(void **state) {
    (void)state;
    assert_int_equal(RUN(maker, "-q", "-o", scratch("a.art"), "--mode=fail"), STATUS_FAILED);
    assert_string_equal(scratch_read("err"), "maker: reading: row 3: is odd\n");
    assert_int_equal(RUN(maker, "-q", "-o", scratch("a.art"), "--mode=damaged"), STATUS_DAMAGED);
    assert_false(file_exists(scratch("a.art")));
    assert_false(file_exists(scratch("a.art.part")));
    /* What was there before stays. */
    scratch_write("a.art", "old");
    assert_int_equal(RUN(maker, "-q", "-o", scratch("a.art"), "--mode=fail"), STATUS_FAILED);
    assert_string_equal(scratch_read("a.art"), "old");
}

static void usage_errors(void **state) {
    (void)state;
    assert_int_equal(RUN(maker, "--scale=3"), STATUS_USAGE);
    assert_string_equal(scratch_read("err"), "maker: --output: a file name is needed\n");
    assert_int_equal(RUN(maker, "--scale=11"), STATUS_USAGE);
    assert_string_equal(scratch_read("err"),
                        "maker: --scale: \"11\" is not a number between 0 and 10\n");
    assert_int_equal(RUN(fitter, "-o", scratch("a")), STATUS_USAGE);
    assert_string_equal(scratch_read("err"),
                        "fitter: --split: an artifact of kind split is needed\n");
    assert_int_equal(RUN(fitter, "word"), STATUS_USAGE);
    assert_string_equal(scratch_read("err"), "fitter: \"word\": unexpected word (see --help)\n");
    assert_int_equal(RUN(fitter, "--view=none"), STATUS_USAGE);
    assert_string_equal(scratch_read("err"),
                        "fitter: --view: \"none\" is not one of fit|full|all\n");
    assert_int_equal(RUN(maker, "--view=fit"), STATUS_USAGE); /* knows no views */
}

static void help_version_and_parameters(void **state) {
    (void)state;
    assert_int_equal(RUN(fitter, "--nonsense", "--help"), 0);
    assert_contains(scratch_read("out"), "fitter: fits a table\n\nusage: fitter [OPTION]...\n");
    assert_contains(scratch_read("out"), "--scale X");
    assert_contains(scratch_read("out"), "--extra TEXT");
    assert_contains(scratch_read("out"), "fit|full|all [default fit]");
    assert_int_equal(RUN(maker, "-h"), 0);
    assert_contains(scratch_read("out"), "usage: maker [OPTION]... [FILE]\n");
    assert_int_equal(RUN(maker, "--version"), 0);
    assert_string_equal(scratch_read("out"), "maker 3\n");
    assert_int_equal(RUN(maker, "--params-canonical", "--scale=2.50"), 0);
    assert_string_equal(scratch_read("out"), "scale=2.5\n");
}

static enum status refuse_odd(const void *params, struct error *err) {
    const struct params *p = params;
    if (p->scale != 3) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--scale: 3 is odd");
}

static void parameters_are_checked_alone(void **state) {
    (void)state;
    assert_int_equal(RUN(fitter, "--check", "--scale=3"), 0); /* without the input that it needs */
    assert_string_equal(scratch_read("out"), "");
    assert_string_equal(scratch_read("err"), "");
    assert_int_equal(RUN(fitter, "--scale=11", "--check"), STATUS_USAGE);
    assert_string_equal(scratch_read("err"),
                        "fitter: --scale: \"11\" is not a number between 0 and 10\n");
    assert_int_equal(RUN(fitter, "--check", "--scael=3"), STATUS_USAGE);
    assert_string_equal(scratch_read("err"),
                        "fitter: --scael: unknown option; did you mean --scale?\n");
    /* What make gives a stage itself is no parameter. */
    static const char *const others[] = {"--output=a", "--split=a", "--view=fit", "--seed=1",
                                         "--version",  "--help=1",  "--log-dir=a"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(RUN(fitter, "--check", others[i]), STATUS_USAGE);
        assert_contains(scratch_read("err"), "unknown option");
    }
}

static void a_stage_may_check_more(void **state) {
    (void)state;
    struct stage careful = maker;
    careful.check = refuse_odd;
    assert_int_equal(RUN(careful, "--check", "--scale=2"), 0);
    assert_int_equal(RUN(careful, "--check", "--scale=3"), STATUS_USAGE);
    assert_string_equal(scratch_read("err"), "maker: --scale: 3 is odd\n");
    assert_int_equal(RUN(careful, "-q", "-o", scratch("a.art"), "--scale=3"), STATUS_USAGE);
    assert_false(file_exists(scratch("a.art")));
}

static void a_stage_describes_itself(void **state) {
    (void)state;
    assert_int_equal(RUN(fitter, "--describe"), 0);
    const char own[] =
        "stage\tfitter\t1\n"
        "view\tfit\n"
        "input\tsplit\tsplit\trequired\tunfitted\n"
        "input\textra\ttable\toptional\trun\n"
        "output\ttable\n"
        "option\tscale\treal\tparameter\t2\t0..10\tfactor\n"
        "option\tmode\tchoice\truntime\tok\tok|fail|damaged\twhat happens\n"
        "common\tview\tchoice\truntime\tfit\tfit|full|all\tratings that may be seen\n"
        "common\toutput\ttext\truntime\t\t\tfile to write\n";
    assert_memory_equal(scratch_read("out"), own, strlen(own));
    assert_int_equal(RUN(judge, "--describe"), 0);
    assert_null(strstr(scratch_read("out"), "view\t"));
    assert_null(strstr(scratch_read("out"), "output\ttable"));
    assert_contains(scratch_read("out"), "input\tranker\ttable\toptional\tfit\n");
}

static void files_enter_lineage_and_recipe(void **state) {
    (void)state;
    char first[DIGEST_TEXT_SIZE];
    scratch_write("x.csv", "1,2\n");
    assert_int_equal(RUN(maker, "-q", "-o", scratch("a.art"), scratch("x.csv")), 0);
    memcpy(first, last_recipe, sizeof first);
    struct artifact *a = open_table("a.art");
    const struct lineage *lineage = artifact_lineage(a);
    assert_int_equal(lineage->n_inputs, 1);
    assert_string_equal(lineage->inputs[0].role, "source");
    assert_string_equal(lineage->inputs[0].kind, "file");
    const struct digest expected = hash_bytes("1,2\n", 4);
    assert_true(digest_equal(&lineage->inputs[0].id, &expected));
    artifact_close(a);
    scratch_write("x.csv", "1,3\n");
    assert_int_equal(RUN(maker, "-q", "-o", scratch("a.art"), scratch("x.csv")), 0);
    assert_string_not_equal(first, last_recipe);
    assert_int_equal(RUN(maker, "-q", "-o", scratch("a.art"), scratch("none.csv")), STATUS_FAILED);
}

static void fitted_outputs_name_their_view(void **state) {
    (void)state;
    struct error err = {0};
    const char *text = NULL;
    write_split("split.art", 1);
    assert_int_equal(RUN(fitter, "-q", "-o", scratch("fit.art"), "--split", scratch("split.art")),
                     0);
    struct artifact *a = open_table("fit.art");
    assert_int_equal(artifact_get_str(a, "view", &text, &err), STATUS_OK);
    assert_string_equal(text, "fit");
    assert_int_equal(artifact_get_str(a, "view_id", &text, &err), STATUS_OK);
    assert_string_equal(text, "01010101010101010101010101010101");
    const struct lineage *lineage = artifact_lineage(a);
    assert_string_equal(lineage->view, "fit");
    assert_int_equal(lineage->n_inputs, 1); /* the view in place of the split */
    assert_string_equal(lineage->inputs[0].kind, "view");
    char id[DIGEST_TEXT_SIZE];
    digest_text(&lineage->inputs[0].id, id);
    assert_string_equal(id, text);
    artifact_close(a);
}

static void readers_of_roles_name_the_full_view(void **state) {
    (void)state;
    struct error err = {0};
    const char *text = NULL;
    struct stage reader = fitter;
    reader.reads_roles = true;
    write_split("split.art", 1);
    assert_int_equal(RUN(reader, "-q", "-o", scratch("fit.art"), "--split", scratch("split.art")),
                     0);
    struct artifact *a = open_table("fit.art");
    const struct lineage *lineage = artifact_lineage(a);
    char id[DIGEST_TEXT_SIZE];
    assert_int_equal(lineage->n_inputs, 1);
    assert_string_equal(lineage->view, "fit");
    digest_text(&lineage->inputs[0].id, id);
    assert_string_equal(id, "02020202020202020202020202020202");
    /* What it was fitted on is still the fit view. */
    assert_int_equal(artifact_get_str(a, "view_id", &text, &err), STATUS_OK);
    assert_string_equal(text, "01010101010101010101010101010101");
    artifact_close(a);
}

static void fit(const char *name, const char *split, const char *view) {
    assert_int_equal(
        RUN(fitter, "-q", "-o", scratch(name), "--split", scratch(split), "--view", view), 0);
}

static void mixtures_are_refused(void **state) {
    (void)state;
    write_split("split.art", 1);
    write_split("other.art", 7);
    fit("fit.art", "split.art", "fit");
    fit("full.art", "split.art", "full");
    fit("strange.art", "other.art", "fit");
    assert_int_equal(RUN(judge, "-q", "--split", scratch("split.art"), "--models",
                         scratch("full.art"), "--ranker", scratch("fit.art")),
                     0);
    assert_string_equal(scratch_read("out"), "view full, output none, seed 1, ranker yes\n");
    assert_int_equal(
        RUN(judge, "-q", "--split", scratch("split.art"), "--models", scratch("fit.art")),
        STATUS_DAMAGED);
    assert_contains(scratch_read("err"), "fit.art: fitted on view fit, but view full is needed");
    assert_int_equal(RUN(judge, "-q", "--split", scratch("split.art"), "--models",
                         scratch("full.art"), "--ranker", scratch("full.art")),
                     STATUS_DAMAGED);
    assert_int_equal(RUN(judge, "-q", "--split", scratch("split.art"), "--models",
                         scratch("full.art"), "--ranker", scratch("strange.art")),
                     STATUS_DAMAGED);
    assert_contains(scratch_read("err"), "strange.art: fitted on view fit with id 0707");
    assert_int_equal(RUN(fitter, "-q", "-o", scratch("b"), "--view=full", "--extra",
                         scratch("fit.art"), "--split", scratch("split.art")),
                     STATUS_DAMAGED);
    assert_false(file_exists(scratch("b")));
}

static void without_a_split_inputs_must_agree(void **state) {
    (void)state;
    write_split("split.art", 1);
    write_split("other.art", 7);
    fit("fit.art", "split.art", "fit");
    fit("full.art", "split.art", "full");
    fit("same.art", "other.art", "full"); /* the full views of both splits are alike */
    fit("strange.art", "other.art", "fit");
    assert_int_equal(RUN(judge, "-q", "--models", scratch("full.art"), "--more",
                         scratch("same.art"), "--ranker", scratch("fit.art")),
                     0);
    assert_int_equal(RUN(judge, "-q", "--models", scratch("fit.art")), STATUS_DAMAGED);
    assert_contains(scratch_read("err"), "fit.art: fitted on view fit, but view full is needed");
    assert_int_equal(
        RUN(judge, "-q", "--models", scratch("full.art"), "--ranker", scratch("full.art")),
        STATUS_DAMAGED);
    struct stage fit_judge = judge;
    fit_judge.default_view = VIEW_FIT;
    assert_int_equal(
        RUN(fit_judge, "-q", "--models", scratch("fit.art"), "--more", scratch("strange.art")),
        STATUS_DAMAGED);
    assert_contains(scratch_read("err"), "that view has id 0101");
}

/* A stage that a signal reaches while it works. */
static enum status be_stopped(struct stage_run *run, const void *params, struct error *err) {
    (void)raise(SIGTERM);
    return write_column(run, params, err);
}

static enum status only_be_stopped(struct stage_run *run, const void *params, struct error *err) {
    (void)run, (void)params, (void)err;
    (void)raise(SIGTERM);
    return STATUS_OK;
}

/* One that writes no artifact, and so has nobody else to notice. */
static void an_interrupted_run_without_output_says_so(void **state) {
    (void)state;
    struct stage stopped = maker;
    stopped.run = only_be_stopped;
    stopped.output_kind = NULL;
    int how = 0;
    const pid_t child = fork();
    if (child == 0) _exit(RUN(stopped, "-q"));
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), STATUS_INTERRUPTED);
}

/* In a process of its own, because the signal is remembered. */
static void an_interrupted_run_leaves_nothing(void **state) {
    (void)state;
    struct stage stopped = maker;
    stopped.run = be_stopped;
    int how = 0;
    const pid_t child = fork();
    if (child == 0) _exit(RUN(stopped, "-o", scratch("a.art")));
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), STATUS_INTERRUPTED);
    assert_contains(scratch_read("err"), "maker: interrupted\n");
    assert_false(file_exists(scratch("a.art")));
    assert_false(file_exists(scratch("a.art.part")));
}

/* A split is of the dataset that its lineage names, and of no other. */
static void a_split_of_another_dataset_is_refused(void **state) {
    (void)state;
    struct error err = {0};
    const struct fixture_rating rating[] = {{0, 0, 8, 1000}, {0, 1, 6, 1001}};
    const struct fixture_rating changed[] = {{0, 0, 8, 1000}, {0, 1, 7, 1001}};
    struct artifact *dataset = NULL, *other = NULL;
    static const struct stage_input both[] = {
        {"dataset", "dataset", true, INPUT_UNFITTED, "the dataset"},
        {"split", "split", true, INPUT_UNFITTED, "the split"},
    };
    static const struct stage_input first[] = {
        {"dataset", "dataset", true, INPUT_UNFITTED, "the dataset"}};
    struct stage splitter = maker, reader = judge;
    const struct fixture f = {.rating = rating, .n_ratings = 2, .n_users = 1};
    const struct fixture g = {.rating = changed, .n_ratings = 2, .n_users = 1};
    assert_int_equal(fixture_dataset(&dataset, scratch("d.art"), &f, &err), STATUS_OK);
    assert_int_equal(fixture_dataset(&other, scratch("e.art"), &g, &err), STATUS_OK);
    artifact_close(dataset);
    artifact_close(other);
    splitter.inputs = first;
    splitter.n_inputs = 1;
    splitter.output_kind = "split";
    splitter.run = split_nothing;
    reader.inputs = both;
    reader.n_inputs = 2;
    assert_int_equal(RUN(splitter, "-q", "--dataset", scratch("d.art"), "-o", scratch("split.art")),
                     0);
    assert_int_equal(
        RUN(reader, "-q", "--dataset", scratch("d.art"), "--split", scratch("split.art")), 0);
    assert_int_equal(
        RUN(reader, "-q", "--dataset", scratch("e.art"), "--split", scratch("split.art")),
        STATUS_DAMAGED);
    assert_contains(scratch_read("err"), "split.art: made from dataset ");
}

static void optional_inputs_may_be_none(void **state) {
    (void)state;
    write_split("split.art", 1);
    fit("full.art", "split.art", "full");
    assert_int_equal(RUN(judge, "-q", "--models", scratch("full.art"), "--ranker=none"), 0);
    assert_string_equal(scratch_read("out"), "view full, output none, seed 1, ranker no\n");
    assert_int_equal(RUN(judge, "-q", "--models=none"), STATUS_FAILED); /* a file name */
}

static void wrong_kinds_and_damage_are_status_3(void **state) {
    (void)state;
    write_split("split.art", 1);
    assert_int_equal(RUN(judge, "-q", "--models", scratch("split.art")), STATUS_DAMAGED);
    scratch_write("text",
                  "no artifact at all, but long enough to hold a header of 64 bytes.......");
    assert_int_equal(RUN(judge, "-q", "--models", scratch("text")), STATUS_DAMAGED);
}

int main(void) {
    /* Else the first stage_main would start this program anew (common/base/threads.h). */
    if (setenv("OMP_WAIT_POLICY", "passive", 1) != 0) return 1;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(a_run_leaves_artifact_log_and_timings),
        SCRATCH_TEST(what_auto_became_is_stored),
        SCRATCH_TEST(quiet_runs_say_nothing),
        SCRATCH_TEST(failures_leave_nothing_and_say_why),
        SCRATCH_TEST(usage_errors),
        SCRATCH_TEST(help_version_and_parameters),
        SCRATCH_TEST(parameters_are_checked_alone),
        SCRATCH_TEST(a_stage_may_check_more),
        SCRATCH_TEST(a_stage_describes_itself),
        SCRATCH_TEST(files_enter_lineage_and_recipe),
        SCRATCH_TEST(fitted_outputs_name_their_view),
        SCRATCH_TEST(readers_of_roles_name_the_full_view),
        SCRATCH_TEST(mixtures_are_refused),
        SCRATCH_TEST(without_a_split_inputs_must_agree),
        SCRATCH_TEST(an_interrupted_run_leaves_nothing),
        SCRATCH_TEST(an_interrupted_run_without_output_says_so),
        SCRATCH_TEST(a_split_of_another_dataset_is_refused),
        SCRATCH_TEST(optional_inputs_may_be_none),
        SCRATCH_TEST(wrong_kinds_and_damage_are_status_3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
