/* What the command line asks for, turned into indices and histories. */
#ifndef MARQUEE_RECOMMEND_REQUEST_H
#define MARQUEE_RECOMMEND_REQUEST_H

#include "common/base/error.h"
#include "common/data/dataset.h"
#include "common/model/history.h"

#include <stdbool.h>
#include <stdint.h>

/* "1990-1999", "1995", "1990-" or "-1999", inclusive. STATUS_USAGE otherwise. */
enum status request_years(const char *text, uint16_t *first, uint16_t *last, struct error *err);

/* Comma-separated genre names, case ignored; *out [n_genres] is mem_free'd by the caller.
 * STATUS_USAGE names an unknown genre and lists those that there are. */
enum status request_genres(const struct catalogue *c, const char *text, bool **out,
                           struct error *err);

/* Comma-separated movies by id or title (separated by ';' if there is one, for titles with commas),
 * each as rated five stars at `now`. A movie named twice counts once. */
enum status request_likes(const struct catalogue *c, const char *text, int64_t now,
                          struct history_buffer *out, struct error *err);

/* A CSV file movieId,rating[,timestamp] with or without a header: raw movie ids, half stars 0.5 to
 * 5, seconds since 1970 (`now` where missing). Sorted by time, equal times in file order; of a
 * movie that occurs twice the later wins. STATUS_FAILED with file:line for what cannot be read. */
enum status request_ratings_file(const struct catalogue *c, const char *path, int64_t now,
                                 struct history_buffer *out, struct error *err);

#endif
