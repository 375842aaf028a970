#include "common/stage/stage.h"

#include "common/base/clock.h"
#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/base/threads.h"
#include "common/data/dense.h"
#include "common/stage/internal.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

/* ---- options ---- */

#define OPTION_HOLDER struct stage_options
static const struct option_spec common_options[] = {
    RUNTIME_TEXT("output", output, NULL, "file to write", 'o'),
    RUNTIME_INT("seed", seed, "1", 0, 9007199254740992.0, "of all random numbers", 0),
    RUNTIME_INT_AUTO("threads", threads, 1, 4096, "threads to use; results do not depend on it",
                     "one per core"),
    RUNTIME_TEXT("log-dir", log_dir, NULL, "folder for a JSON file of timings", 0),
    RUNTIME_FLAG("quiet", quiet, NULL, "only errors on standard error", 'q'),
    RUNTIME_FLAG("verbose", verbose, NULL, "details on standard error", 'v'),
    RUNTIME_FLAG("help", help, NULL, "print this and exit", 'h'),
    RUNTIME_FLAG("version", version, NULL, "print the stage's version and exit", 0),
    RUNTIME_FLAG("params-canonical", params_canonical, NULL,
                 "print the parameters as they are stored, and exit", 0),
    RUNTIME_FLAG("describe", describe, NULL,
                 "print inputs, output and options in a form for programs, and exit", 0),
};
enum { N_COMMON = sizeof common_options / sizeof common_options[0] };

static const struct option_spec check_option = RUNTIME_FLAG(
    "check", check, NULL, "check the parameters given, the stage's own alone, and exit", 0);

/* Builds the table of all options: the stage's own, --check (placed here because it can be combined
 * with these only), one per input, --view, and the common ones. Their targets lie in one block: the
 * stage's params, then struct stage_options. */
static enum status build_options(struct stage_run *run, struct error *err) {
    const struct stage *stage = run->stage;
    const size_t align = 64;
    const size_t base = (stage->params_size + align - 1) / align * align;
    TRY(mem_alloc(&run->params, base + sizeof run->options, 1, err));
    run->options_offset = base;
    TRY(MEM_NEW(&run->specs, stage->n_options + 1 + stage->n_inputs + 1 + N_COMMON, err));
    size_t n = 0;
    for (size_t i = 0; i < stage->n_options; i++) {
        run->specs[n++] = stage->options[i];
    }
    run->specs[n] = check_option;
    run->specs[n++].offset += base;
    for (size_t i = 0; i < stage->n_inputs; i++) {
        run->specs[n++] = (struct option_spec){
            .name = stage->inputs[i].role,
            .type = OPTION_TEXT,
            .effect = OPTION_RUNTIME,
            .offset = base + offsetof(struct stage_options, input) + i * sizeof(const char *),
            .help = stage->inputs[i].help};
    }
    if (stage->has_view) {
        run->specs[n++] =
            (struct option_spec){.name = "view",
                                 .type = OPTION_CHOICE,
                                 .effect = OPTION_RUNTIME,
                                 .offset = base + offsetof(struct stage_options, view),
                                 .default_value = view_name(stage->default_view),
                                 .choices = "fit|full|all",
                                 .help = "ratings that may be seen"};
    }
    for (size_t i = 0; i < N_COMMON; i++) {
        run->specs[n] = common_options[i];
        run->specs[n++].offset += base;
    }
    run->n_specs = n;
    return STATUS_OK;
}

static void print_help(const struct stage_run *run, FILE *out) {
    const struct stage *stage = run->stage;
    const size_t own = stage->n_options;
    (void)fprintf(out, "%s: %s\n\nusage: %s [OPTION]...%s%s\n", stage->name, stage->summary,
                  stage->name, stage->words ? " " : "", stage->words ? stage->words : "");
    if (own > 0) {
        (void)fputs("\nParameters:\n", out);
        options_help(run->specs, own, out);
    }
    if (stage->n_inputs > 0) {
        (void)fputs("\nInputs (artifact files):\n", out);
        options_help(run->specs + own + 1, stage->n_inputs, out);
    }
    (void)fputs("\nRunning:\n", out);
    const size_t common = own + 1 + stage->n_inputs;
    options_help(run->specs + common, run->n_specs - common, out);
    options_help(run->specs + own, 1, out);
}

static enum status parse(struct stage_run *run, int argc, char **argv, struct error *err) {
    const struct stage *stage = run->stage;
    TRY(options_default(run->specs, run->n_specs, run->params, err));
    const size_t allowed = options_ask_for_check(argc, argv) ? stage->n_options + 1 : run->n_specs;
    TRY(options_parse(run->specs, allowed, run->params, argc, argv,
                      stage->words ? &run->n_words : NULL, err));
    if (stage->check) TRY(stage->check(run->params, err));
    run->words = argv + 1;
    memcpy(&run->options, (char *)run->params + run->options_offset, sizeof run->options);
    run->view = stage->default_view;
    if (stage->has_view) (void)view_parse(run->options.view, &run->view);
    return options_canonical(stage->options, stage->n_options, run->params, &run->canonical, err);
}

/* ---- inputs ---- */

/* The path of an input, or NULL; the name "none" switches an optional input off. */
static const char *input_path(const struct stage_run *run, size_t i) {
    const char *path = run->options.input[i];
    const bool none = path && !run->stage->inputs[i].required && strcmp(path, "none") == 0;
    return none ? NULL : path;
}

static enum status open_inputs(struct stage_run *run, struct error *err) {
    for (size_t i = 0; i < run->stage->n_inputs; i++) {
        const struct stage_input *input = &run->stage->inputs[i];
        const char *path = input_path(run, i);
        if (path) {
            TRY(artifact_open(&run->input[i], path, input->kind, err));
        } else if (input->required) {
            return error_set(err, STATUS_USAGE, "--%s: an artifact of kind %s is needed",
                             input->role, input->kind);
        }
    }
    return STATUS_OK;
}

/* Of several processes only the first writes. */
static enum status prepare(struct stage_run *run, struct error *err) {
    const struct stage *stage = run->stage;
    if (stage->output_kind && !(run->options.output && run->options.output[0])) {
        return error_set(err, STATUS_USAGE, "--output: a file name is needed");
    }
    TRY(open_inputs(run, err));
    TRY(stage_check_inputs(run, err));
    if (!stage->output_kind || ranks_self() > 0) return STATUS_OK;
    TRY(artifact_create(&run->writer, run->options.output, stage->output_kind, err));
    if (!stage->has_view) return STATUS_OK;
    char id[DIGEST_TEXT_SIZE];
    digest_text(&run->view_id, id);
    TRY(artifact_set_str(run->writer, "view", view_name(run->view), err));
    return artifact_set_str(run->writer, "view_id", id, err);
}

static enum status finish(struct stage_run *run, struct error *err) {
    if (!run->writer) return STATUS_OK;
    TRY(stage_set_lineage(run, err));
    struct artifact_writer *writer = run->writer;
    run->writer = NULL; /* released by commit whatever the outcome */
    return artifact_commit(writer, err);
}

static enum status execute(struct stage_run *run, struct error *err) {
    if (run->options.threads != OPTION_AUTO_INT) omp_set_num_threads((int)run->options.threads);
    dense_init();
    interrupt_install();
    if (run->stage->distributed) TRY(ranks_start(err));
    if (ranks_self() > 0) log_init(run->stage->name, LOG_QUIET);
    TRY(prepare(run, err));
    TRY(run->stage->run(run, run->params, err));
    TRY(interrupt_check(err));
    TRY(finish(run, err));
    if (ranks_self() == 0) stage_report(run);
    return STATUS_OK;
}

static void release(struct stage_run *run) {
    artifact_abandon(run->writer);
    for (size_t i = 0; i < STAGE_MAX_INPUTS; i++) {
        artifact_close(run->input[i]);
    }
    strings_release(&run->file_roles);
    mem_free(run->file);
    buf_release(&run->canonical);
    mem_free(run->params);
    mem_free(run->specs);
}

static enum status act(struct stage_run *run, int argc, char **argv, struct error *err) {
    TRY(build_options(run, err));
    if (options_ask_for_help(argc, argv)) {
        TRY(options_default(run->specs, run->n_specs, run->params, err));
        print_help(run, stdout);
        return STATUS_OK;
    }
    TRY(parse(run, argc, argv, err));
    if (run->options.check) return STATUS_OK;
    if (run->options.describe) {
        stage_describe(run, stdout);
        return STATUS_OK;
    }
    if (run->options.version) {
        (void)printf("%s %u\n", run->stage->name, (unsigned)run->stage->version);
        return STATUS_OK;
    }
    if (run->options.params_canonical) {
        (void)fputs(run->canonical.data, stdout);
        return STATUS_OK;
    }
    const enum log_level normal = run->options.verbose ? LOG_DEBUG : LOG_INFO;
    log_init(run->stage->name, run->options.quiet ? LOG_QUIET : normal);
    return execute(run, err);
}

int stage_main(int argc, char **argv, const struct stage *stage) {
    struct stage_run run = {.stage = stage, .started_ns = clock_now_ns()};
    struct error err = {0};
    threads_wait_passively(argv);
    log_init(stage->name, LOG_INFO);
    enum status status = act(&run, argc, argv, &err);
    if (status == STATUS_OK && (fflush(stdout) != 0 || ferror(stdout))) {
        status = error_errno(&err, "standard output cannot be written");
    }
    release(&run);
    if (status != STATUS_OK) (void)fprintf(stderr, "%s: %s\n", stage->name, err.text);
    ranks_end(status);
    return (int)status;
}
