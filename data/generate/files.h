/* The four files of a made-up data set, in MovieLens's form. */
#ifndef MARQUEE_GENERATE_FILES_H
#define MARQUEE_GENERATE_FILES_H

#include "data/generate/likeness.h"
#include "data/generate/world.h"

/* movies.csv and links.csv. */
enum status files_write_movies(const char *directory, const struct world *w,
                               const struct likeness *like, uint64_t seed, struct error *err);

/* ratings.csv and tags.csv, by user and within a user by movie; users are generated in blocks on
 * all threads and written in order, so memory does not grow with the number of ratings. *n_tags is
 * set to the number of taggings. */
enum status files_write_ratings(const char *directory, const struct world *w,
                                const struct likeness *like, const uint32_t *counts,
                                uint32_t n_users, uint64_t seed, uint64_t *n_tags,
                                struct error *err);

#endif
