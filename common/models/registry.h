/* The list of models, in the order in which they are fitted, stored and shown. A new model is a row
 * of registry.c. */
#ifndef MARQUEE_MODELS_REGISTRY_H
#define MARQUEE_MODELS_REGISTRY_H

#include "common/base/buf.h"
#include "common/base/option.h"
#include "common/models/model.h"

#include <stddef.h>

size_t registry_count(void);
const struct model *registry_at(size_t index);
const struct model *registry_find(const char *name); /* NULL if unknown */

/* Appends the models as a Markdown table: name, title, artifact, paper. */
enum status registry_table(struct buf *out, struct error *err);

/* Appends the options of all models of an artifact kind to options[*n], of room `max`, for the
 * stage that fits them. The parameters of the models go behind the *params_size bytes of the
 * stage's own; *params_size grows by what they need. STATUS_FAILED if there is no room. */
enum status registry_options(const char *kind, struct option_spec *options, size_t max, size_t *n,
                             size_t *params_size, struct error *err);
/* The parameters of a model, behind `own_size` bytes of the stage's own. */
const void *registry_params(const struct model *model, const void *params, size_t own_size);

#endif
