/* Implicit matrix factorization by alternating least squares. */
#ifndef MARQUEE_MODELS_IALS_H
#define MARQUEE_MODELS_IALS_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/factors.h"

#include <stddef.h>
#include <stdint.h>

struct ials_params {
    size_t dim, iterations;
    double alpha0, lambda, nu;
};

/* Minimises over factors p, q, every rating being a 1,
 *     sum_(u,i) (1 - p_u . q_i)^2 + alpha0 sum_u sum_i (p_u . q_i)^2
 *         + lambda (sum_u (n_u + alpha0 n_movies)^nu |p_u|^2
 *                   + sum_i (n_i + alpha0 n_users)^nu |q_i|^2)
 * by exact half-steps in turn, users first (Hu et al., ICDM 2008, as in Rendle et al., RecSys
 * 2022). Rows without a rating stay zero. Fills `out` (released by factors_release), its `gram`
 * included, and objective[iterations], the value after each full iteration. */
enum status ials_fit(struct ials_model *out, double *objective, const struct ratings *ratings,
                     const struct ials_params *params, uint64_t seed, struct error *err);

#endif
