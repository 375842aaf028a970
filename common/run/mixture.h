/* Refuses mixtures: artifacts that are used together must come from one dataset, and each must have
 * been fitted on the view that its use requires. The only place that compares ids, for stages, run
 * folders and the service alike. */
#ifndef MARQUEE_RUN_MIXTURE_H
#define MARQUEE_RUN_MIXTURE_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/data/view.h"

#include <stdbool.h>
#include <stddef.h>

enum { MIXTURE_MAX = 16 };

struct mixture_file {
    const struct artifact *artifact;
    enum view view; /* that it must have been fitted on */
};

/* All artifacts are borrowed. Initialise with {0}, plus dataset and split if available; add the
 * fitted artifacts with mixture_add. */
struct mixture {
    const struct artifact *dataset, *split; /* NULL: not available */
    struct mixture_file fitted[MIXTURE_MAX];
    size_t n_fitted;
    /* Per view, filled in on first use: the id of what it shows, and the artifact that says so. */
    struct digest view_id[3];
    const struct artifact *source[3];
};

/* At most MIXTURE_MAX calls; a `fitted` of NULL is ignored. */
void mixture_add(struct mixture *m, const struct artifact *fitted, enum view view);

/* The id of what a view shows: as the split states it; without a split, for view all, as computed
 * from the dataset; otherwise as the first artifact fitted on the view states it. *known is false
 * if there is none of these. */
enum status mixture_view_id(struct mixture *m, enum view view, struct digest *out, bool *known,
                            struct error *err);

/* STATUS_DAMAGED if the split is of another dataset, or if an artifact was fitted on a view other
 * than the required one, or on the same view of other data; the message names the file, both ids or
 * views, and what to do. */
enum status mixture_check(struct mixture *m, struct error *err);

#endif
