/* Who rated which movie, how and when. Models read ratings not from here but through a view
 * (view.h): what a view does not show cannot leak into a model. */
#ifndef MARQUEE_DATA_RATINGS_H
#define MARQUEE_DATA_RATINGS_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Ratings in compressed rows: user-major in time order (ties in file order, or in random order; all
 * by lot in a dataset without order), and item-major. */
struct ratings {
    uint32_t n_users, n_movies;
    uint64_t count;
    uint64_t *offset; /* [n_users + 1] */
    uint32_t *movie;  /* [count] */
    uint8_t *value;   /* [count] half stars, 1..10 */
    int64_t *time;    /* [count] seconds since 1970 */

    uint64_t *by_movie_offset; /* [n_movies + 1] */
    uint32_t *by_movie_user;   /* [count] ascending per movie */
    uint64_t *by_movie_rating; /* [count] position in the arrays above */
};
void ratings_release(struct ratings *r);

/* Reads every rating, but only the user-major half; the next function makes the other one. */
enum status ratings_read(struct ratings *out, const struct artifact *dataset, struct error *err);

/* Whether the order of a user's ratings says anything: metadata `order` is "time", or "none" where
 * ingest put them into an order by lot and made all times one. A dataset without it, which an
 * earlier version wrote, has the order of its times. STATUS_DAMAGED for another value. */
enum status dataset_has_order(bool *out, const struct artifact *dataset, struct error *err);

/* Makes the item-major half from the user-major one, by counting sort. */
enum status ratings_index_by_movie(struct ratings *r, struct error *err);

/* Loads every rating with its role (`role` NULL if not needed), for the stages that evaluate or
 * build training rows. *role [count] is mem_free'd by the caller. */
enum status ratings_load(struct ratings *out, uint8_t **role, const struct artifact *dataset,
                         const struct artifact *split, struct error *err);

#endif
