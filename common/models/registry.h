/* The list of models, in the order in which they are fitted, stored and shown. */
#ifndef MARQUEE_MODELS_REGISTRY_H
#define MARQUEE_MODELS_REGISTRY_H

#include "common/base/buf.h"
#include "common/base/option.h"
#include "common/models/model.h"

#include <stddef.h>

size_t registry_count(void);
const struct model *registry_at(size_t index);
const struct model *registry_find(const char *name); /* NULL if unknown */

/* Appends the models as a Markdown table, for documentation: name, what it is, artifact, source. */
enum status registry_table(struct buf *out, struct error *err);

/* The options of all models of an artifact kind, for the stage that fits them: appends them to
 * options[*n], of room `max`, with targets behind *params_size bytes of the stage's own, and adds
 * what they need. STATUS_FAILED if there is no room. */
enum status registry_options(const char *kind, struct option_spec *options, size_t max, size_t *n,
                             size_t *params_size, struct error *err);
/* Where a model's parameters stand behind `own_size` bytes of the stage's own. */
const void *registry_params(const struct model *model, const void *params, size_t own_size);

#endif
