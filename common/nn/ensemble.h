/* The trained networks of one head, as loaded: their logits are averaged. */
#ifndef MARQUEE_NN_ENSEMBLE_H
#define MARQUEE_NN_ENSEMBLE_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/nn/mlp.h"

#include <stddef.h>
#include <stdint.h>

struct ensemble_member {
    struct mlp_layout layout;
    float *params; /* one block, as in mlp.h */
};

struct ensemble {
    size_t n_members; /* 0: there is no such head */
    struct ensemble_member *member;
    size_t n_features;
    const float *mean, *scale; /* [n_features] of the features; not owned */
};

/* The number of members that an artifact says it has, of each of its heads. */
enum status ensemble_size(size_t *out, const struct artifact *a, struct error *err);

/* Reads the columns "<head>-<member>.*" of `n_members` networks over n_features features into
 * `out`, which holds zeros; nothing if the head is not there. STATUS_DAMAGED if widths and shapes
 * do not agree. */
enum status ensemble_load(struct ensemble *out, const struct artifact *a, const char *head,
                          size_t n_members, size_t n_features, struct error *err);
void ensemble_release(struct ensemble *e);

/* logit[n] of one user (NO_INDEX: the zero embedding) and movie[n] (likewise) with raw features
 * x[n, n_features], NULL if there are none. Safe to call from many threads at once. */
enum status ensemble_score(const struct ensemble *e, uint32_t user, const uint32_t *movie,
                           const float *x, size_t n, float *logit, struct error *err);

/* dx[n, n_features]: derivative of the logit by each raw feature. */
enum status ensemble_gradient(const struct ensemble *e, uint32_t user, const uint32_t *movie,
                              const float *x, size_t n, float *dx, struct error *err);

#endif
