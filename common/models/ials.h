/* iALS: matrix factorization of implicit feedback by alternating least squares. Hu, Koren and
 * Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008, in the form of
 * Rendle et al., "Revisiting the performance of iALS on item recommendation benchmarks", RecSys
 * 2022. */
#ifndef MARQUEE_MODELS_IALS_H
#define MARQUEE_MODELS_IALS_H

#include "common/base/error.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/models/model.h"

#include <stddef.h>
#include <stdint.h>

/* score = p_u . q_i */
struct ials_model {
    uint32_t dim, n_movies;
    double alpha0;       /* weight of unobserved pairs */
    double lambda, nu;   /* regularisation and its frequency exponent */
    float *user, *movie; /* [n_users, dim], [n_movies, dim] */
    float *gram;         /* [dim, dim] = alpha0 movie' movie, computed on load */
};
void ials_model_release(struct ials_model *m);

struct ials_params {
    size_t dim, iterations;
    double alpha0, lambda, nu;
};

/* Minimises over the factors p and q, with every rating a 1,
 *
 *     sum_(u,i) (1 - p_u . q_i)^2 + alpha0 sum_u sum_i (p_u . q_i)^2
 *         + lambda (sum_u (n_u + alpha0 n_movies)^nu |p_u|^2
 *                   + sum_i (n_i + alpha0 n_users)^nu |q_i|^2)
 *
 * by exact half-steps in turn, users first. Rows without ratings stay zero. Fills `out`, its `gram`
 * included, and objective[iterations], the value after each iteration. */
enum status ials_fit(struct ials_model *out, double *objective, const struct ratings *ratings,
                     const struct ials_params *params, uint64_t seed, struct error *err);

/* The least-squares user vector [dim] of a history given the movie factors, regularised as in
 * training. `weight`: one weight >= 0 per entry of the history, or NULL for 1 each. An empty
 * history gives zeros. */
enum status ials_fold_in(const struct ials_model *m, const struct history *h, const float *weight,
                         float *vector, struct error *err);

extern const struct model ials_model;

/* The user vectors [2, dim] of the query that `work` (of ials_model) was prepared for: from the
 * whole and from the recent history. The scores of the model are their products with the movies'
 * factors, which the score block brings (columns first_query and first_query + 1, of rows of unit
 * length). */
const float *ials_query_vectors(const void *work);

#endif
