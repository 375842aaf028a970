/* The one list of where features come from, in the order of their columns. */
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

static const struct feature_entry entries[] = {
    {NULL, item_item},
    {NULL, other_rankers},
    {&content_family, NULL},
    {&cold_items_family, NULL},
    {&sentiment_family, NULL},
    {&popularity_family, NULL},
    {&recent_popularity_family, NULL},
    {&cold_users_family, NULL},
    {&time_family, NULL},
    {NULL, rating_models},
    {&rating_family, NULL},
    {&neighbour_family, NULL},
    {&demographics_family, NULL},
    {NULL, encoders},
    {&user_family, NULL},
};

const struct feature_entry *feature_entries(size_t *count) {
    *count = sizeof entries / sizeof entries[0];
    return entries;
}
