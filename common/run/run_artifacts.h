/* The artifacts of a run that are used together, by their roles. */
#ifndef MARQUEE_RUN_RUN_ARTIFACTS_H
#define MARQUEE_RUN_RUN_ARTIFACTS_H

#include "common/artifact/artifact.h"
#include "common/data/view.h"
#include "common/run/run_table.h"

/* All are borrowed: whoever opened them closes them, and may do so once the models are loaded. */
struct run_artifacts {
    enum view view;                         /* that the models are of */
    const struct artifact *file[RUN_ROLES]; /* NULL: not there, or not asked for */
};

#endif
