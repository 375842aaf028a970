/* The iterations of alternating least squares, with their objective and log lines. */
#ifndef MARQUEE_MODELS_ALS_LOOP_H
#define MARQUEE_MODELS_ALS_LOOP_H

#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stddef.h>

struct als_steps {
    const char *name, *title; /* in log lines; of the progress bar */
    const struct ratings *ratings;
    /* Solves the users, then the movies. `least` then holds, for each movie that this process
     * solved, its part of the objective, which is everything but the penalties of the users. */
    enum status (*both_steps)(const void *context, struct error *err);
    /* The penalty of a user, which the movies' parts do not include. */
    double (*penalty)(const void *context, size_t user);
    const double *least; /* [n_movies] */
};

/* objective[iterations]: its value after each iteration, over all processes. */
enum status als_loop(const struct als_steps *a, const void *context, size_t iterations,
                     double *objective, struct error *err);

#endif
