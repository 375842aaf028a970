/* What factorizations by alternating least squares share: iterations, their objective and log. */
#ifndef MARQUEE_MODELS_ALS_LOOP_H
#define MARQUEE_MODELS_ALS_LOOP_H

#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stddef.h>

struct als_steps {
    const char *name, *title; /* in the log; of the progress */
    const struct ratings *ratings;
    /* Solves the users, then the movies, and leaves in `least` the objective's part of each movie
     * that this process solved. */
    enum status (*both_steps)(const void *context, struct error *err);
    /* The objective's part of a user, which the movies' parts do not hold. */
    double (*penalty)(const void *context, size_t user);
    const double *least; /* [n_movies] */
};

/* objective[iterations]: after each, over all processes. */
enum status als_loop(const struct als_steps *a, const void *context, size_t iterations,
                     double *objective, struct error *err);

#endif
