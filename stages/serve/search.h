/* Search for titles as people type them: unfinished and misspelt words are found too. */
#ifndef MARQUEE_SERVE_SEARCH_H
#define MARQUEE_SERVE_SEARCH_H

#include "common/base/error.h"
#include "common/data/catalogue.h"

#include <stddef.h>
#include <stdint.h>

struct search; /* immutable; shared by threads */

/* `popularity` [n_movies] decides between titles that fit equally well. Neither argument is kept.
 */
enum status search_build(struct search **out, const struct catalogue *c, const uint32_t *popularity,
                         struct error *err);
void search_release(struct search *s); /* NULL is fine */

struct search_hit {
    uint32_t movie;
    float score; /* 1 = every word as typed */
};

/* Fills hits[max], best first, and *count. Every word of the query must be found in the title: as
 * it is, as the beginning of a word, or with one letter wrong, missing, too many or swapped with
 * the next (two from eight letters on). A four-digit number also fits the year. A query without
 * letters or digits finds nothing. */
enum status search_find(const struct search *s, const char *query, struct search_hit *hits,
                        size_t max, size_t *count, struct error *err);

#endif
