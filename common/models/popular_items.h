/* The movies that enter the dense solves: the most popular ones, numbered 0..n-1 by popularity.
 *
 * A solve costs the cube of their number. In a large catalogue most movies have a rating or two,
 * which say next to nothing about pairs of movies; iALS and content cover those that are left
 * out. */
#ifndef MARQUEE_MODELS_POPULAR_ITEMS_H
#define MARQUEE_MODELS_POPULAR_ITEMS_H

#include "common/base/error.h"
#include "common/data/csr.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>

struct popular_items {
    uint32_t n;
    uint32_t *movie; /* [n] movie index, most popular first, ties by smaller index */
    uint32_t *place; /* [n_movies] number among the selected, or NO_INDEX */
};

/* Selects at most `limit` movies with at least `min_ratings` (>= 1) ratings each; perhaps none. */
enum status popular_items_make(struct popular_items *out, const struct ratings *ratings,
                               size_t limit, size_t min_ratings, struct error *err);
void popular_items_release(struct popular_items *s);

/* The ratings of the selected movies as a sparse matrix [n, n_users], users ascending in each row.
 * `value`, one per rating in the user-major order of `ratings`, gives the values, zeros being left
 * out; NULL means all 1. */
enum status popular_items_by_movie(struct csr *out, const struct popular_items *s,
                                   const struct ratings *ratings, const float *value,
                                   struct error *err);

#endif
