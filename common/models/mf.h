/* Explicit matrix factorization with biases by alternating least squares. Zhou et al., "Large-scale
 * parallel collaborative filtering for the Netflix prize", AAIM 2008. */
#ifndef MARQUEE_MODELS_MF_H
#define MARQUEE_MODELS_MF_H

#include "common/base/error.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/models/model.h"

#include <stddef.h>
#include <stdint.h>

/* Predicted stars: mean + bias_u + bias_i + p_u . q_i. */
struct mf_model {
    uint32_t dim;
    double mean, lambda, lambda_bias;
    double nu;                     /* a row of n ratings is regularised with lambda n^nu */
    float *user_bias, *movie_bias; /* [n_users], [n_movies] */
    float *user, *movie;           /* [n_users, dim], [n_movies, dim] */
};
void mf_model_release(struct mf_model *m);

struct mf_params {
    size_t dim, iterations;
    double lambda, lambda_bias, nu;
};

/* Minimises over the biases b, c and the factors p, q
 *
 *     sum_(u,i) (r_ui - mean - b_u - c_i - p_u . q_i)^2
 *         + sum_u n_u^nu (lambda |p_u|^2 + lambda_bias b_u^2) + the same over movies
 *
 * by exact half-steps in turn, users first (Zhou et al.: nu = 1). Fills `out` and
 * objective[iterations], the value after each iteration. */
enum status mf_fit(struct mf_model *out, double *objective, const struct ratings *ratings,
                   const struct mf_params *params, uint64_t seed, struct error *err);

/* The least-squares bias and vector [dim] of a user given the movie factors, regularised as in
 * training. They follow from the history alone, also for a user of the view. An empty history gives
 * zeros. */
enum status mf_fold_in(const struct mf_model *m, const struct history *h, float *bias,
                       float *vector, struct error *err);

extern const struct model mf_model;

#endif
