/* The sorts of models in the list of features. */
#include "common/features/families.h"
#include "common/features/feature_internal.h"

#include <string.h>

static bool in_factors(const struct model *m) {
    return strcmp(m->kind, "factors") == 0;
}

static bool item_item(const struct model *m) {
    return m->item_item != NULL;
}

static bool other_rankers(const struct model *m) {
    return in_factors(m) && m->item_item == NULL && !m->predicts_stars;
}

static bool rating_models(const struct model *m) {
    return in_factors(m) && m->predicts_stars;
}

static bool encoders(const struct model *m) {
    return !in_factors(m);
}

#define FAMILY_ROW(name) {&(name), NULL},
#define MODELS_ROW(sort) {NULL, (sort)},
static const struct feature_entry entries[] = {FEATURE_SOURCES(FAMILY_ROW, MODELS_ROW)};

const struct feature_entry *feature_entries(size_t *count) {
    *count = sizeof entries / sizeof entries[0];
    return entries;
}
