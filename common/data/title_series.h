/* Series of movies, as far as their titles show them: "Toy Story", "Toy Story 2", "Toy Story 3";
 * "Star Wars: Episode V - The Empire Strikes Back"; "Lord of the Rings: The Two Towers, The". */
#ifndef MARQUEE_DATA_TITLE_SERIES_H
#define MARQUEE_DATA_TITLE_SERIES_H

#include "common/base/error.h"
#include "common/data/catalogue.h"

#include <stdint.h>

/* The part of a title that names its series, and the number after it. */
struct title_part {
    uint16_t name_size; /* bytes of the title: "Godfather" of "Godfather: Part II, The" */
    uint8_t number;     /* 2 of it; 1 of a title without a number */
    bool said;          /* after a word such as Part, Episode or Vol. */
    bool subtitled;     /* "NAME: subtitle" without a number */
};

/* Numbers are arabic, or roman in capitals, 2 to 30 (1 too, if said). What stands in parentheses
 * and an article after the last comma are not looked at. */
struct title_part title_part_of(const char *title);

struct title_series {
    uint32_t n_movies;
    uint32_t *group;         /* [n_movies] movies of a series have the same; NO_INDEX: of none */
    struct title_part *part; /* [n_movies] */
};

/* Movies belong together only if their titles leave little doubt:
 * - part N with part N - 1 of the same name, which must not be newer unless both numbers are said;
 *   of several (remakes) with the newest of those;
 * - all movies of a name of two words or more, if one of them is subtitled.
 * So "Malcolm X" is no tenth part of "Malcolm". Must be released, also on failure. */
enum status title_series_find(struct title_series *out, const struct catalogue *c,
                              struct error *err);
void title_series_release(struct title_series *s);

#endif
