/* features: the training and validation rows of the ranker. */
#include "common/base/mem.h"
#include "common/data/view.h"
#include "common/stage/stage.h"
#include "stages/features/training_rows.h"

#include <stdio.h>
#include <string.h>

#define OPTION_HOLDER struct rows_params
static const struct option_spec options[] = {
    PARAMETER_INT(
        "uniform", uniform, "100", 0, 100000,
        "negatives per positive, drawn uniformly from the movies that the user has not rated"),
    PARAMETER_INT(
        "hard", hard, "0", 0, 100000,
        "hard negatives per positive, drawn from the movies that some features rank highest"),
    PARAMETER_LIST(
        "hard-from", hard_from, "ease,ials,content",
        "features that --hard ranks by; those of models that were not fitted are left out"),
    PARAMETER_INT("hard-top", hard_top, "300", 2, 1000000,
                  "movies at the top of each ranking that --hard draws from"),
    PARAMETER_INT("valid-negatives", valid_negatives, "200", 1, 100000,
                  "uniform negatives per validation positive"),
    PARAMETER_INT("max-rows", max_rows, "8000000", 1, 1e12,
                  "most training rows; if there would be more, positives are left out at random"),
    PARAMETER_INT("max-valid-rows", max_valid_rows, "2000000", 1, 1e12,
                  "the same for validation rows"),
    PARAMETER_REAL("short-share", short_share, "0.05", 0, 1,
                   "share of the positives whose history is cut to its newest ratings, at most 20"),
    PARAMETER_FLAG("beginnings", beginnings, "true",
                   "also rows from the beginnings of newcomers, for the ranker's newcomer head"),
    RUNTIME_FLAG("list", list, NULL, "print the table of features and exit", 0),
};

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "data set"},
    {"split", "split", true, INPUT_UNFITTED, "roles of its ratings"},
    {"similarity", "similarity", true, INPUT_FIT_VIEW, "content similarity of view fit"},
    {"factors", "factors", true, INPUT_FIT_VIEW, "collaborative models of view fit"},
    {"sequence", "sequence", false, INPUT_FIT_VIEW, "the sequence encoder of view fit"},
};

static enum status run(struct stage_run *stage, const void *params, struct error *err) {
    if (stage_view(stage) != VIEW_FIT) {
        return error_set(err, STATUS_USAGE, "--view: rows are computed with models of view fit");
    }
    struct feature_context *context = NULL;
    const struct run_artifacts from = stage_artifacts(stage);
    TRY(feature_context_load(&context, &from, err));
    stage_count(stage, "features", feature_count(context));
    enum status status = rows_write(stage, context, params, err);
    feature_context_release(context);
    return status;
}

static const struct stage features_stage = {
    .name = "features",
    .version = 3,
    .summary = "computes the training and validation rows of the ranker",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .inputs = inputs,
    .n_inputs = sizeof inputs / sizeof inputs[0],
    .output_kind = "features",
    .has_view = true,
    .default_view = VIEW_FIT,
    .reads_roles = true,
    .params_size = sizeof(struct rows_params),
    .run = run,
};

/* --list needs no inputs, so it is answered before the stage asks for them. */
static int print_list(void) {
    AUTO(buf) struct buf text = {0};
    struct error err = {0};
    if (feature_table(&text, &err) != STATUS_OK) {
        fprintf(stderr, "features: %s\n", err.text);
        return (int)err.status;
    }
    fputs(text.data, stdout);
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0) return print_list();
    return stage_main(argc, argv, &features_stage);
}
