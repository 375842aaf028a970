/* Explicit matrix factorization with biases by alternating least squares. */
#ifndef MARQUEE_MODELS_MF_H
#define MARQUEE_MODELS_MF_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/factors.h"

#include <stddef.h>
#include <stdint.h>

struct mf_params {
    size_t dim, iterations;
    double lambda, lambda_bias, nu;
};

/* Minimises over biases b, c and factors p, q
 *     sum_(u,i) (r_ui - mean - b_u - c_i - p_u . q_i)^2
 *         + sum_u n_u^nu (lambda |p_u|^2 + lambda_bias b_u^2) + the same over movies
 * by exact half-steps in turn, users first (Zhou et al., AAIM 2008: nu = 1). Fills `out` (its
 * arrays are released by factors_release) and objective[iterations], the value after each full
 * iteration. */
enum status mf_fit(struct mf_model *out, double *objective, const struct ratings *ratings,
                   const struct mf_params *params, uint64_t seed, struct error *err);

#endif
