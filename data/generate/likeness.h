/* Kinds of data sets that can be made up: the usual one, and those that lack something. */
#ifndef MARQUEE_GENERATE_LIKENESS_H
#define MARQUEE_GENERATE_LIKENESS_H

#include "data/generate/viewer.h"

#include <stdbool.h>
#include <stdint.h>

/* For --like, in the order of the table. */
#define LIKENESS_NAMES                                                                             \
    "movielens|dense|sparse|no-time|shuffled-time|no-content|two-genres|implicit|noise"

/* What the files say of when a movie was watched. */
enum told_time {
    TIME_TOLD,     /* when it was */
    TIME_SHUFFLED, /* when another movie of the same user was */
    TIME_ZERO,     /* nothing */
    TIME_COUNTED   /* 1, 2, ... in the order of the user's rows, which is that of movies */
};

/* What the files say of the movies. */
enum told_content {
    CONTENT_TOLD, /* title with year, genres, tags */
    CONTENT_NONE, /* a title with a number, and nothing else */
    CONTENT_TWO   /* the same, and one of two genres */
};

struct likeness {
    const char *name;
    uint32_t users, movies; /* unless asked for otherwise */
    uint64_t ratings;
    enum told_time time;
    enum told_content content;
    bool one_value; /* every rating is 4.0 */
    bool by_lot;    /* movies and ratings are drawn by lot */
};

const struct likeness *likeness_find(const char *name); /* NULL if there is none */

/* Makes what `user` watched (seen [count], in time order) what the files tell of it. TIME_COUNTED
 * is left to what writes the rows. The same for the same (likeness, seen, n_movies, user, seed). */
void likeness_alter(const struct likeness *l, struct viewing *seen, size_t count, uint32_t n_movies,
                    uint32_t user, uint64_t seed);

#endif
