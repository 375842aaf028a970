/* The families of features; each is defined in the file of its name. */
#ifndef MARQUEE_FEATURES_FAMILIES_H
#define MARQUEE_FEATURES_FAMILIES_H

#include "common/features/family.h"

extern const struct feature_family content_family, cold_items_family, sentiment_family,
    popularity_family, recent_popularity_family, cold_users_family, time_family, rating_family,
    neighbour_family, demographics_family, user_family;

#endif
