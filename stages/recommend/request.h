/* What the command line asks for, turned into indices and histories. */
#ifndef MARQUEE_RECOMMEND_REQUEST_H
#define MARQUEE_RECOMMEND_REQUEST_H

#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/ranking/recommender.h"
#include "stages/recommend/print.h"

#include <stdbool.h>
#include <stdint.h>

/* As on the command line. */
struct recommend_request {
    const char *user, *likes, *ratings_file, *similar_to; /* exactly one of these, or `all` */
    bool all, exclude_seen, explain;
    int64_t n;         /* movies per list */
    int64_t shortlist; /* movies that are ranked, at most; 0: all */
    const char *purpose, *now;
    const char *genre, *year, *format, *run_folder;
};

/* STATUS_USAGE unless the request names one thing to do, in a format that it can be done in. */
enum status request_check(const struct recommend_request *q, struct error *err);

enum format request_format(const struct recommend_request *q); /* "auto" resolved */

/* The filter that genres, years and --exclude-seen make; it points to *genre, which is mem_free'd
 * by the caller. */
enum status request_filter(const struct recommend_request *q, const struct catalogue *c,
                           bool **genre, struct recommend_filter *out, struct error *err);

/* The history of the user that is named (*user is the index), or of somebody new (*user is
 * NO_INDEX), whose history is put into `given`. `out` points into the recommender or `given`. */
enum status request_history(const struct recommend_request *q, const struct recommender *r,
                            struct history_buffer *given, struct history *out, uint32_t *user,
                            struct error *err);

/* The moment that lists are for, seconds since 1970: "latest", `newest` then, a number of seconds,
 * or a day as 2018-09-24, at whose beginning (UTC). STATUS_USAGE otherwise. */
enum status request_now(const char *text, int64_t newest, int64_t *now, struct error *err);

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
