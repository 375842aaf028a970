/* Fits every collaborative model that the parameters ask for and writes each to the artifact. */
#ifndef MARQUEE_FACTORIZE_FACTORIZE_H
#define MARQUEE_FACTORIZE_FACTORIZE_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stdbool.h>
#include <stdint.h>

/* What all models share; the models' own parameters follow it in memory (registry_params). */
struct factorize_params {
    double movie_shrinkage, user_shrinkage, liked;
    int64_t item_limit, item_min_ratings, keep;
};

/* Whether the lists of models can be read; STATUS_USAGE otherwise. */
enum status factorize_check(const void *params, struct error *err);

/* `params` starts with a struct factorize_params. Without `order`, the ratings' order says nothing,
 * and models that need it are left out. */
enum status factorize(struct artifact_writer *out, const struct ratings *ratings, bool order,
                      const void *params, uint64_t seed, struct error *err);

#endif
