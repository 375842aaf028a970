/* Views of a dataset: what each shows, and the ids that tell them apart.
 *
 * Every stage that fits anything reads its ratings through view_load and nothing else: what a view
 * does not show cannot leak into a model. */
#ifndef MARQUEE_DATA_VIEW_H
#define MARQUEE_DATA_VIEW_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"

#include <stdbool.h>
#include <stdint.h>

/* VIEW_FIT: role base. VIEW_FULL: base, rank, rank-fold-in, valid. VIEW_ALL: every rating. */
enum view { VIEW_FIT, VIEW_FULL, VIEW_ALL };
const char *view_name(enum view view); /* "fit", "full", "all" */
bool view_parse(const char *name, enum view *out);

/* Whether models fitted on `view` may see a rating of this role. */
bool view_shows(enum view view, enum role role);

/* The ratings that `view` shows. `split` may be NULL for VIEW_ALL. */
enum status view_load(struct ratings *out, const struct artifact *dataset,
                      const struct artifact *split, enum view view, struct error *err);

/* The id of what a view shows: catalogue, visible ratings with their order and (VIEW_FULL) roles,
 * those of validation users among them, and the taggings not newer than the newest visible rating.
 * Artifacts fitted on a view carry it; two artifacts may be used together only if their view ids
 * agree with the split's. */
enum status view_id(struct digest *out, const struct artifact *dataset, const uint8_t *role,
                    enum view view, struct error *err);

/* The id that `split` states for a view, and the name and id of the view that a fitted artifact
 * states (*name is owned by the artifact). mixture_check (common/run) compares them. */
enum status split_view_id(struct digest *out, const struct artifact *split, enum view view,
                          struct error *err);
enum status fitted_view_id(struct digest *out, const char **name, const struct artifact *fitted,
                           struct error *err);

#endif
