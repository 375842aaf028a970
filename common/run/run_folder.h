/* Opens the folder of a run, for every program that takes --run or a folder. */
#ifndef MARQUEE_RUN_RUN_FOLDER_H
#define MARQUEE_RUN_RUN_FOLDER_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/view.h"
#include "common/run/run_artifacts.h"
#include "common/run/run_table.h"

#include <stdbool.h>

struct run_folder {
    char *path;                       /* as given, without trailing slashes */
    const char *name;                 /* its last part */
    struct artifact *file[RUN_PARTS]; /* NULL: missing, or not asked for */
};

/* What to open of a folder, besides dataset and split. */
struct run_wish {
    enum view view;
    unsigned roles; /* RUN_BIT(RUN_FACTORS) | ..., or run_recommending() */
    bool verify;    /* check every byte of every file, beyond what loading checks anyway */
};

/* Opens the files of one view and refuses mixtures. What recommending needs (run_needs) must be
 * there. STATUS_FAILED for a folder that is not a run (the message names the runs beside it) and
 * for a missing file, STATUS_DAMAGED for damage and mixtures. */
enum status run_folder_open(struct run_folder *out, const char *path, const struct run_wish *wish,
                            struct error *err);

/* Opens whatever there is, of every view; only the dataset is required. Does not check for
 * mixtures: see run_artifacts_check. */
enum status run_folder_open_all(struct run_folder *out, const char *path, struct error *err);
void run_folder_release(struct run_folder *f);

/* STATUS_OK if the folder is a run, which means that it holds a dataset.art. */
enum status run_folder_check(const char *path, struct error *err);

/* The artifacts of these roles that go with models of `view`, borrowed from the folder. */
struct run_artifacts run_folder_artifacts(const struct run_folder *f, enum view view,
                                          unsigned roles);

#endif
