/* Movies, users and genres of a dataset, without its ratings. */
#ifndef MARQUEE_DATA_CATALOGUE_H
#define MARQUEE_DATA_CATALOGUE_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/base/no_index.h"

#include <stdint.h>

struct catalogue {
    uint32_t n_users, n_movies, n_genres;
    uint32_t *user_id;  /* [n_users] raw ids, ascending */
    uint32_t *movie_id; /* [n_movies] raw ids, ascending */
    struct strings title;
    uint16_t *year; /* 0 unknown */
    struct strings genre_name;
    uint64_t *genre_offset; /* [n_movies + 1] */
    uint32_t *genre_index;
};

enum status catalogue_load(struct catalogue *out, const struct artifact *dataset,
                           struct error *err);
void catalogue_release(struct catalogue *c);
uint32_t catalogue_find_user(const struct catalogue *c, uint32_t raw_id);  /* or NO_INDEX */
uint32_t catalogue_find_movie(const struct catalogue *c, uint32_t raw_id); /* or NO_INDEX */

#endif
