#include "common/run/run_artifacts.h"

#include "common/run/mixture.h"

_Static_assert((int)RUN_ROLES <= (int)MIXTURE_MAX, "every artifact of a run can be checked");

bool run_artifacts_complete(const struct run_artifacts *a, enum run_role *missing) {
    for (int role = 0; role < RUN_ROLES; role++) {
        if (a->file[role] != NULL || !run_needs((enum run_role)role, a->view)) continue;
        if (missing != NULL) *missing = (enum run_role)role;
        return false;
    }
    return true;
}

enum status run_artifacts_check(const struct run_artifacts *a, struct error *err) {
    struct mixture m = {.dataset = a->file[RUN_DATASET], .split = a->file[RUN_SPLIT]};
    const enum view views[] = {
        [RUN_EACH_VIEW] = a->view, [RUN_FIT_VIEW] = VIEW_FIT, [RUN_FULL_VIEW] = VIEW_FULL};
    for (int role = 0; role < RUN_ROLES; role++) {
        enum run_fit fit = run_file((enum run_role)role)->fit;
        if (fit != RUN_UNFITTED) mixture_add(&m, a->file[role], views[fit]);
    }
    return mixture_check(&m, err);
}
