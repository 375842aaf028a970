/* NTK: kernel ridge regression over users with the neural tangent kernel of an infinitely wide
 * autoencoder. Sachdeva, Dhaliwal, Wu and McAuley, "Infinite recommendation networks: a
 * data-centric approach", NeurIPS 2022, who call the model infinity-AE; the kernel, of one hidden
 * layer of rectified linear units, is from Jacot, Gabriel and Hongler, NeurIPS 2018. */
#ifndef MARQUEE_MODELS_NTK_H
#define MARQUEE_MODELS_NTK_H

#include "common/base/error.h"
#include "common/data/history.h"
#include "common/models/model.h"

#include <stddef.h>
#include <stdint.h>

/* Users are binary rows scaled to length 1, so that the kernel is a function of the cosine c of two
 * of them:
 *
 *     k(c) = c (pi - acos c) / pi + (c (pi - acos c) + sqrt(1 - c^2)) / pi,    k(1) = 2.
 *
 * (The paper does not scale the rows.) */
double ntk_kernel(double cosine);

/* With Y [n_support, n_items] the binary rows of the support users and K their kernel matrix, the
 * scores of a history h are k(h)' A, A = (K + lambda k(1) I)^-1 Y. */
struct ntk_model {
    uint32_t n_movies, n_support, n_items;
    uint32_t *item;           /* [n_items] the movies that it scores; all others score 0 */
    uint64_t *support_offset; /* [n_support + 1] */
    uint32_t *support_movie;  /* the movies of each support user, ascending, scored or not */
    float *dual;              /* [n_items, n_support] A' */
    uint64_t *user_offset;    /* [n_movies + 1] the same by movie, derived on load: */
    uint32_t *user;           /*     support users, ascending per movie */
};
void ntk_model_release(struct ntk_model *m);

/* The support users are all users with ratings, or `most` of them, drawn at random by `seed`.
 * For a single process: the model's plan refuses several. */
enum status ntk_fit(struct ntk_model *out, const struct ratings *ratings,
                    const struct popular_items *items, size_t most, double lambda, uint64_t seed,
                    struct error *err);

/* score[n_movies]; `kernel` [n_support] is scratch. For an empty history every kernel value is
 * k(0). */
void ntk_score(const struct ntk_model *m, const struct history *h, float *kernel, float *score);

extern const struct model ntk_model;

#endif
