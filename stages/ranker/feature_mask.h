/* Leaving features out: what an ablation trains. */
#ifndef MARQUEE_RANKER_FEATURE_MASK_H
#define MARQUEE_RANKER_FEATURE_MASK_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stddef.h>

/* Sets scale[i] to 0, so that feature i is the constant 0 to every network and its weights stay
 * unused, for each feature that one of the names in `list` (comma-separated) stands for: its own
 * name; that of its model, as "ease" for "ease.last"; or "group:" and its group's name. "none" is
 * an empty list. `name` and `group` hold scale's length of texts. A name that stands for nothing is
 * STATUS_USAGE. */
enum status feature_mask_apply(const char *list, const struct strings *name,
                               const struct strings *group, float *scale, struct error *err);

#endif
