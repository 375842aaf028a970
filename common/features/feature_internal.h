/* Shared by the files of the feature engine; families include family.h. */
#ifndef MARQUEE_FEATURES_FEATURE_INTERNAL_H
#define MARQUEE_FEATURES_FEATURE_INTERNAL_H

#include "common/features/family.h"
#include "common/features/feature.h"

/* A source of columns: a family or a fitted model. */
struct feature_source {
    const struct feature_family *family; /* NULL: a model */
    const struct fitted *fitted;
    void *own;    /* of the family */
    size_t first; /* column */
};

struct feature_context {
    struct feature_view view;
    struct feature_source *source; /* [n_sources] in the order of the columns */
    size_t n_sources, source_capacity;
    struct feature_spec *specs;
    size_t n_specs;
    struct strings texts; /* meanings that contain the name of a model */
};

/* An entry of the list of features: a family, or all fitted models of a sort. */
struct feature_entry {
    const struct feature_family *family; /* NULL: models */
    bool (*models)(const struct model *model);
};
const struct feature_entry *feature_entries(size_t *count);

/* Fills source, specs and texts; families load from `dataset`. */
enum status feature_list_build(struct feature_context *c, const struct artifact *dataset,
                               struct error *err);

#endif
