/* Permutation importance of feature groups, measured in the pass over the users. */
#ifndef MARQUEE_EVALUATE_IMPORTANCE_H
#define MARQUEE_EVALUATE_IMPORTANCE_H

#include "stages/evaluate/evaluate.h"

/* Allocates for at most `most` of `n_users` users, evenly spaced; for none under --permute, or if
 * the ranker has no features. */
enum status importance_allocate(struct importance *im, const struct components *m, size_t n_users,
                                size_t most, bool given, struct error *err);
void importance_release(struct importance *im);

/* What one user's movies are ranked in. */
struct importance_list {
    const struct components *components;
    uint32_t user;
    const uint32_t *movie; /* [n], the held-out ones first */
    size_t n, n_held_out;
    const float *rating; /* [n_held_out] stars; NaN unknown */
    const float *x;      /* [n_movies, n_features], the features of the catalogue */
};

/* Measures user `at` of the importance. Many threads may measure different users. */
enum status importance_measure(struct importance *im, size_t at, const struct importance_list *of,
                               struct error *err);

#endif
