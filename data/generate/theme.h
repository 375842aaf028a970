/* The table of themes that made-up movies belong to, and their titles. */
#ifndef MARQUEE_GENERATE_THEME_H
#define MARQUEE_GENERATE_THEME_H

#include "common/base/rng.h"

#include <stddef.h>

enum { THEME_NOUNS = 7, THEME_TAGS = 5, TITLE_SIZE = 96 };

struct theme {
    const char *genres;  /* separated by '|', sorted */
    double year, spread; /* centre and deviation of the years of release */
    const char *nouns[THEME_NOUNS];
    const char *tags[THEME_TAGS];
};

size_t theme_count(void);
const struct theme *theme_at(size_t index);

/* A title in parts: that of "The Silver Harbor II" is the core "Silver Harbor" with an article,
 * from which MovieLens's form "Silver Harbor II, The" can be made. */
struct title {
    char core[TITLE_SIZE];
    int article; /* nonzero: "The" belongs to it */
};

/* Draws a title that fits the theme. */
struct title title_draw(const struct theme *theme, struct rng *rng);

/* How a series goes on: "X II", "X 2", or "X: The Return". */
enum series_style { SERIES_ROMAN, SERIES_ARABIC, SERIES_SUBTITLE, SERIES_STYLES };

/* The title of part `part` (1 = the first) of a series in MovieLens's form, without the year. */
void title_format(const struct title *title, enum series_style style, unsigned part, char *out,
                  size_t size);

/* Draws a tag: mostly one of the theme, sometimes one that says how good the user found the movie
 * (`stars`), sometimes a personal note. */
const char *tag_draw(const struct theme *theme, double stars, struct rng *rng);

#endif
