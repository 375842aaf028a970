/* report: what a run did, as one self-contained page; or several runs side by side. */
#include "common/base/mem.h"
#include "common/data/ratings.h"
#include "common/stage/stage.h"
#include "stages/report/compare.h"
#include "stages/report/document.h"
#include "stages/report/page.h"
#include "stages/report/plots.h"

enum { MAX_RUNS = 8 };

struct params {
    const char *plots;
    bool data;
};

#define OPTION_HOLDER struct params
static const struct option_spec options[] = {
    RUNTIME_TEXT("plots", plots, NULL,
                 "folder of the plots: their data (NAME.dat) and their pictures (NAME.svg)", 0),
    RUNTIME_FLAG("data", data, NULL, "write the data of the plots instead of the page", 0),
};

struct runs {
    struct reported_run run[MAX_RUNS];
    size_t count;
};

static void runs_release(struct runs *r) {
    for (size_t i = 0; i < r->count; i++) {
        run_release(&r->run[i]);
    }
}

static enum status open_runs(struct runs *out, struct stage_run *stage, struct error *err) {
    char **words = NULL;
    int n = stage_words(stage, &words);
    if (n == 0 || n > MAX_RUNS) {
        return error_set(err, STATUS_USAGE, "one to %d folders of runs are needed", MAX_RUNS);
    }
    for (int i = 0; i < n; i++) {
        TRY(run_open(&out->run[i], words[i], err));
        out->count++;
    }
    return STATUS_OK;
}

static enum status run(struct stage_run *stage, const void *params, struct error *err) {
    const struct params *p = params;
    const char *output = stage_output_path(stage);
    AUTO(runs) struct runs runs = {0};
    if (p->plots == NULL) return error_set(err, STATUS_USAGE, "--plots: a folder is needed");
    if (!p->data && output == NULL) {
        return error_set(err, STATUS_USAGE, "--output: a file name is needed, or --data");
    }
    TRY(open_runs(&runs, stage, err));
    if (p->data) return plots_write(runs.run, runs.count, p->plots, err);
    /* The recommender loads its own copy, and two copies of large data would be too much memory. */
    for (size_t i = 0; i < runs.count; i++) {
        ratings_release(&runs.run[i].ratings);
    }
    AUTO(page) struct page page = {.run = runs.run, .n_runs = runs.count, .plots = p->plots};
    TRY(runs.count > 1 ? compare_write(&page, err) : document_write(&page, err));
    return text_save(&page.out, output, err);
}

static const struct stage report_stage = {
    .name = "report",
    .version = 1,
    .summary = "what a run did as one page, or several runs side by side",
    .words = "RUN-FOLDER...",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .params_size = sizeof(struct params),
    .run = run,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &report_stage);
}
