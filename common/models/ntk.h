/* NTK: kernel ridge regression over users with the neural tangent kernel of an infinitely wide
 * autoencoder. Sachdeva, Dhaliwal, Wu and McAuley, "Infinite recommendation networks: a
 * data-centric approach" (the model that they call infinity-AE), NeurIPS 2022; the kernel of one
 * hidden layer of rectifiers is that of Jacot, Gabriel and Hongler, NeurIPS 2018. */
#ifndef MARQUEE_MODELS_NTK_H
#define MARQUEE_MODELS_NTK_H

#include "common/base/error.h"
#include "common/data/history.h"
#include "common/models/model.h"

#include <stddef.h>
#include <stdint.h>

/* Users are rows of zeros and ones scaled to length 1, so that the kernel is a function of the
 * cosine c of two of them:
 *     k(c) = c (pi - acos c) / pi + (c (pi - acos c) + sqrt(1 - c^2)) / pi,    k(1) = 2.
 * (The paper leaves the rows as they are.) */
double ntk_kernel(double cosine);

/* With the support users' movies Y [n_support, n_items] and their kernel matrix K, the scores of a
 * history h are k(h)' A, A = (K + lambda k(1) I)^-1 Y. */
struct ntk_model {
    uint32_t n_movies, n_support, n_items;
    uint32_t *item;           /* [n_items] the movies that are scored; others score 0 */
    uint64_t *support_offset; /* [n_support + 1] */
    uint32_t *support_movie;  /* each support user's movies, ascending, scored or not */
    float *dual;              /* [n_items, n_support] A' */
    uint64_t *user_offset;    /* [n_movies + 1] the same by movie, made on load: */
    uint32_t *user;           /*     support users, ascending per movie */
};
void ntk_model_release(struct ntk_model *m);

/* The support are all users with a rating, or `most` of them drawn at random by `seed`. Of one
 * process only: on several STATUS_USAGE. */
enum status ntk_fit(struct ntk_model *out, const struct ratings *ratings,
                    const struct popular_items *items, size_t most, double lambda, uint64_t seed,
                    struct error *err);

/* score[n_movies]; `kernel` [n_support] is scratch. An empty history scores by the constant k(0).
 */
void ntk_score(const struct ntk_model *m, const struct history *h, float *kernel, float *score);

extern const struct model ntk_model;

#endif
