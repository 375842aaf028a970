/* Implicit matrix factorization by alternating least squares. */
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
    double alpha0;       /* weight of the unobserved */
    double lambda, nu;   /* regularisation and its frequency exponent */
    float *user, *movie; /* [n_users, dim], [n_movies, dim] */
    float *gram;         /* [dim, dim] = alpha0 * movie' movie, computed on load */
};
void ials_model_release(struct ials_model *m);

struct ials_params {
    size_t dim, iterations;
    double alpha0, lambda, nu;
};

/* Minimises over factors p, q, every rating being a 1,
 *     sum_(u,i) (1 - p_u . q_i)^2 + alpha0 sum_u sum_i (p_u . q_i)^2
 *         + lambda (sum_u (n_u + alpha0 n_movies)^nu |p_u|^2
 *                   + sum_i (n_i + alpha0 n_users)^nu |q_i|^2)
 * by exact half-steps in turn, users first (Hu et al., ICDM 2008, as in Rendle et al., RecSys
 * 2022). Rows without a rating stay zero. Fills `out`, its `gram` included, and
 * objective[iterations], the value after each full iteration. */
enum status ials_fit(struct ials_model *out, double *objective, const struct ratings *ratings,
                     const struct ials_params *params, uint64_t seed, struct error *err);

/* Least-squares user vector [dim] given the movie factors, with the regularisation of the training.
 * `weight` NULL or one weight >= 0 per history entry. An empty history gives zeros. */
enum status ials_fold_in(const struct ials_model *m, const struct history *h, const float *weight,
                         float *vector, struct error *err);

extern const struct model ials_model;

/* The vectors [2, dim] of the query that a work of ials_model was prepared for: from the whole and
 * from the recent history. The model's scores take their products with the movies' factors from the
 * score block (columns first_query and first_query + 1, of rows of unit length). */
const float *ials_query_vectors(const void *work);

#endif
