/* Finds movies by name: matches what people type with the titles of a catalogue. */
#ifndef MARQUEE_DATA_TITLE_SEARCH_H
#define MARQUEE_DATA_TITLE_SEARCH_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"

#include <stddef.h>
#include <stdint.h>

/* Appends "Heat (1995)": the title, and the year where it is known; "movie 6" for an empty title.
 */
enum status movie_append_title(const struct catalogue *c, uint32_t movie, struct buf *out,
                               struct error *err);

/* Appends to `keys` the names in a title (the part outside parentheses, and the part in each pair
 * of them), reduced to what must match when people type them: lower-case words of ASCII letters and
 * digits separated by single spaces, without accents and one leading or trailing article. Letters
 * of other scripts stay. */
enum status title_keys(const char *title, struct strings *keys, struct error *err);

/* Finds the movies that `text` names: a raw movie id, or a title with or without its year in
 * parentheses. Case, accents, punctuation and a leading or trailing article ("The Matrix", "Matrix,
 * The", "matrix") do not matter; other titles in parentheses count ("City of Lost Children, The
 * (Cité des enfants perdus, La)"). If no title matches exactly, those that contain the text as
 * whole words are found. At most `max` indices go to `out`, ascending; *count is the number of all
 * matches. A number that is not a movie's id is looked up as a title ("1917"). */
enum status movie_matches(const struct catalogue *c, const char *text, uint32_t *out, size_t max,
                          size_t *count, struct error *err);

/* The one movie that `text` names. STATUS_USAGE if there is none, or several: the message then
 * lists them with their ids. */
enum status movie_find(const struct catalogue *c, const char *text, uint32_t *out,
                       struct error *err);

#endif
