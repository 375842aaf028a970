/* The one list of the sources of features, in the order of their columns: families, each defined in
 * a file of this folder, and models, by sort. A new family is a row here. */
#ifndef MARQUEE_FEATURES_FAMILIES_H
#define MARQUEE_FEATURES_FAMILIES_H

#include "common/features/family.h"

#define FEATURE_SOURCES(FAMILY, MODELS)                                                            \
    MODELS(item_item)                                                                              \
    MODELS(other_rankers)                                                                          \
    FAMILY(content_family)                                                                         \
    FAMILY(cold_items_family)                                                                      \
    FAMILY(sentiment_family)                                                                       \
    FAMILY(popularity_family)                                                                      \
    FAMILY(recent_popularity_family)                                                               \
    FAMILY(cold_users_family)                                                                      \
    FAMILY(time_family)                                                                            \
    MODELS(rating_models)                                                                          \
    FAMILY(rating_family)                                                                          \
    FAMILY(neighbour_family)                                                                       \
    FAMILY(demographics_family)                                                                    \
    MODELS(encoders)                                                                               \
    FAMILY(user_family)

#define DECLARE_FAMILY(name) extern const struct feature_family name;
#define DECLARE_NOTHING(sort)
FEATURE_SOURCES(DECLARE_FAMILY, DECLARE_NOTHING)
#undef DECLARE_FAMILY
#undef DECLARE_NOTHING

#endif
