/* The artifacts of a run that are used together, by their roles. */
#ifndef MARQUEE_RUN_RUN_ARTIFACTS_H
#define MARQUEE_RUN_RUN_ARTIFACTS_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/view.h"
#include "common/run/run_table.h"

/* All are borrowed: whoever opened them closes them, and may do so once the models are loaded. */
struct run_artifacts {
    enum view view;                         /* that the models are of */
    const struct artifact *file[RUN_ROLES]; /* NULL: not there, or not asked for */
};

/* Whether all is there that recommending needs; *missing, which may be NULL, is the first role that
 * is not. */
bool run_artifacts_complete(const struct run_artifacts *a, enum run_role *missing);

/* Refuses mixtures (mixture_check): each artifact must be of the view that its row of the table
 * says. */
enum status run_artifacts_check(const struct run_artifacts *a, struct error *err);

#endif
