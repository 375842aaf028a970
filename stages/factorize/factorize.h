/* Fits every collaborative model that the parameters ask for and writes each to the artifact. */
#ifndef MARQUEE_FACTORIZE_FACTORIZE_H
#define MARQUEE_FACTORIZE_FACTORIZE_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stdbool.h>
#include <stdint.h>

struct factorize_params {
    bool mf, ials, ease, ease_liked, ease_residual, ease_dropout, transition, window;
    int64_t mf_dim, mf_iterations;
    double mf_lambda, mf_lambda_bias, mf_nu;
    int64_t ials_dim, ials_iterations;
    double ials_alpha0, ials_lambda, ials_nu;
    double ease_lambda, ease_liked_lambda, ease_residual_lambda;
    double ease_dropout_lambda, ease_dropout_share;
    double liked, movie_shrinkage, user_shrinkage;
    const char *transition_models, *window_models;
    int64_t item_limit, item_min_ratings, keep;
};

enum status factorize(struct artifact_writer *out, const struct ratings *ratings,
                      const struct factorize_params *params, uint64_t seed, struct error *err);

#endif
