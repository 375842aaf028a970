/* Opening a run's folder: the one function for every program that takes --run or a folder. */
#ifndef MARQUEE_RUN_RUN_FOLDER_H
#define MARQUEE_RUN_RUN_FOLDER_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/view.h"
#include "common/run/run_artifacts.h"
#include "common/run/run_table.h"

#include <stdbool.h>

struct run_folder {
    char *path;                       /* as given, without slashes at its end */
    const char *name;                 /* its last part */
    struct artifact *file[RUN_PARTS]; /* NULL: not there, or not asked for */
};

/* What is wanted of a folder; dataset and split always are. */
struct run_wish {
    enum view view;
    unsigned roles; /* RUN_BIT(RUN_FACTORS) | ..., or run_recommending() */
    bool verify;    /* every file to its last byte, besides what loading it will check */
};

/* Opens the files of one view and refuses a mixture of them. What recommending needs (run_needs)
 * must be there. STATUS_FAILED for a folder that is no run (the message names the runs beside it)
 * and for a file that is missing, STATUS_DAMAGED for damage and mixtures. */
enum status run_folder_open(struct run_folder *out, const char *path, const struct run_wish *wish,
                            struct error *err);

/* Opens whatever is there of every view; only the dataset must be. Mixtures are not looked for: see
 * run_artifacts_check. */
enum status run_folder_open_all(struct run_folder *out, const char *path, struct error *err);
void run_folder_release(struct run_folder *f);

/* Whether the folder holds a dataset.art, and so is a run. */
enum status run_folder_check(const char *path, struct error *err);

/* Those of these roles for models of a view, borrowed from the folder. */
struct run_artifacts run_folder_artifacts(const struct run_folder *f, enum view view,
                                          unsigned roles);

#endif
