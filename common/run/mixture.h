/* Refusing mixtures: artifacts that are used together must be of one dataset, each fitted on the
 * view that it is wanted of. The one place that compares them, for stages, run folders and the
 * service alike. */
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
    enum view view; /* that it is wanted of */
};

/* All artifacts are borrowed. To be initialised with {0}, dataset and split as they are at hand;
 * the fitted ones by mixture_add. */
struct mixture {
    const struct artifact *dataset, *split; /* NULL: not at hand */
    struct mixture_file fitted[MIXTURE_MAX];
    size_t n_fitted;
    /* What each view shows, once it was asked for: its id, and the artifact that states it. */
    struct digest view_id[3];
    const struct artifact *source[3];
};

/* At most MIXTURE_MAX; NULL is passed over. */
void mixture_add(struct mixture *m, const struct artifact *fitted, enum view view);

/* The id of what a view shows: the split states it; of view all the dataset gives it; without
 * either the first artifact fitted on the view has it. *known is false if there is none of them. */
enum status mixture_view_id(struct mixture *m, enum view view, struct digest *out, bool *known,
                            struct error *err);

/* STATUS_DAMAGED if the split is of another dataset, or if an artifact was fitted on another view
 * than it is wanted of, or on the same view of other data; the message names the file, both ids,
 * and what to do. */
enum status mixture_check(struct mixture *m, struct error *err);

#endif
