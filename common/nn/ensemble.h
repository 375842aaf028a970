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
    size_t n_members; /* 0: the artifact has no such head */
    struct ensemble_member *member;
    size_t n_features;
    struct scaling scaling; /* of the features; not owned */
};

/* The number of members of each head, as the artifact's metadata state it. */
enum status ensemble_size(size_t *out, const struct artifact *a, struct error *err);

/* Reads the columns "<head>-<member>.*" of `n_members` networks over n_features features into
 * `out`, which must be zeroed; reads nothing if the artifact does not have this head.
 * STATUS_DAMAGED if widths and shapes do not agree. */
enum status ensemble_load(struct ensemble *out, const struct artifact *a, const char *head,
                          size_t n_members, size_t n_features, struct error *err);
void ensemble_release(struct ensemble *e);

/* Computes logit[n] of one user and movie[n] (NO_INDEX: a zero embedding) with raw features x[n,
 * n_features] (NULL if there are none). Safe to call from many threads at once. */
enum status ensemble_score(const struct ensemble *e, uint32_t user, const uint32_t *movie,
                           const float *x, size_t n, float *logit, struct error *err);

/* dx[n, n_features] becomes the derivative of the logit with respect to each raw feature. */
enum status ensemble_gradient(const struct ensemble *e, uint32_t user, const uint32_t *movie,
                              const float *x, size_t n, float *dx, struct error *err);

#endif
