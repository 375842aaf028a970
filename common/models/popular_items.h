/* The movies that enter the dense solves: the most popular ones, numbered 0..n-1 by popularity.
 *
 * A solve costs the cube of their number. In a wide catalogue most movies have a rating or two,
 * which say next to nothing about pairs of movies; what is left out is covered by iALS and content.
 */
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
    uint32_t *place; /* [n_movies] number in the selection, or NO_INDEX */
};

/* At most `limit` movies, only such as have at least `min_ratings` >= 1 ratings; perhaps none. */
enum status popular_items_make(struct popular_items *out, const struct ratings *ratings,
                               size_t limit, size_t min_ratings, struct error *err);
void popular_items_release(struct popular_items *s);

/* The selected ratings as a sparse matrix [n, n_users], users ascending per row. `value`, one per
 * rating in the user-major order of `ratings`, gives the values; zeros are left out. NULL: all 1.
 */
enum status popular_items_by_movie(struct csr *out, const struct popular_items *s,
                                   const struct ratings *ratings, const float *value,
                                   struct error *err);

#endif
