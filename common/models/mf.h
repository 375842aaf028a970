/* Explicit matrix factorization with biases by alternating least squares. */
#ifndef MARQUEE_MODELS_MF_H
#define MARQUEE_MODELS_MF_H

#include "common/base/error.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/models/model.h"

#include <stddef.h>
#include <stdint.h>

/* rating = mean + bias_u + bias_i + p_u . q_i, in stars. */
struct mf_model {
    uint32_t dim;
    double mean, lambda, lambda_bias;
    double nu;                     /* a row with n ratings is regularised with lambda * n^nu */
    float *user_bias, *movie_bias; /* [n_users], [n_movies] */
    float *user, *movie;           /* [n_users, dim], [n_movies, dim] */
};
void mf_model_release(struct mf_model *m);

struct mf_params {
    size_t dim, iterations;
    double lambda, lambda_bias, nu;
};

/* Minimises over biases b, c and factors p, q
 *     sum_(u,i) (r_ui - mean - b_u - c_i - p_u . q_i)^2
 *         + sum_u n_u^nu (lambda |p_u|^2 + lambda_bias b_u^2) + the same over movies
 * by exact half-steps in turn, users first (Zhou et al., AAIM 2008: nu = 1). Fills `out` and
 * objective[iterations], the value after each full iteration. */
enum status mf_fit(struct mf_model *out, double *objective, const struct ratings *ratings,
                   const struct mf_params *params, uint64_t seed, struct error *err);

/* Least-squares user vector [dim] and bias given the movie factors, with the regularisation of the
 * training: a user is represented by the history alone, known or not. An empty history gives zeros.
 */
enum status mf_fold_in(const struct mf_model *m, const struct history *h, float *bias,
                       float *vector, struct error *err);

extern const struct model mf_model;

#endif
