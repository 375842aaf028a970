/* The artifacts of a run that are used together, by role. */
#ifndef MARQUEE_RUN_RUN_ARTIFACTS_H
#define MARQUEE_RUN_RUN_ARTIFACTS_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/view.h"
#include "common/run/run_table.h"

/* All are borrowed: whoever opened them closes them, which is safe once the models are loaded. */
struct run_artifacts {
    enum view view;                         /* that the models were fitted on */
    const struct artifact *file[RUN_ROLES]; /* NULL: missing, or not asked for */
};

/* Whether everything that recommending needs is there; if not, *missing (unless NULL) is the first
 * role that is missing. */
bool run_artifacts_complete(const struct run_artifacts *a, enum run_role *missing);

/* Refuses mixtures (mixture_check): each artifact must have been fitted on the view that its row of
 * the table says. */
enum status run_artifacts_check(const struct run_artifacts *a, struct error *err);

#endif
