/* What the content of movies is made of, as far as a view shows it. */
#ifndef MARQUEE_SIMILARITY_SOURCE_H
#define MARQUEE_SIMILARITY_SOURCE_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"

#include <stdbool.h>
#include <stdint.h>

struct content_source {
    struct catalogue catalogue;
    struct strings tag_name;
    uint64_t n_taggings;     /* those that are used */
    uint32_t *tag_movie;     /* [n_taggings] */
    uint32_t *tag_index;     /* [n_taggings] into tag_name */
    uint32_t *tag_users;     /* [tag_name.count] users of those taggings, each counted once */
    uint64_t n_tags_newer;   /* left out: newer than the newest visible rating */
    uint64_t n_tags_unrated; /* left out: their user has no visible rating of the movie */

    struct strings genome_name; /* empty where there is no genome */
    uint32_t n_genome_movies;
    uint32_t *genome_movie; /* [n_genome_movies] */
    float *genome;          /* [n_genome_movies, genome_name.count] relevance, 0 to 1 */
};

/* `only_rated`: use a tagging only if the view shows its user's rating of the movie. A tag reveals
 * that its user saw the movie, so without this it could give away a held-out rating. */
enum status content_source_load(struct content_source *out, const struct artifact *dataset,
                                const struct ratings *visible, bool only_rated, struct error *err);
void content_source_release(struct content_source *s);

/* What decides whether a tagging or a review counts: the time of the newest visible rating
 * (INT64_MIN if there is none), and the position of the user's rating of the movie, or UINT64_MAX
 * if there is none. */
int64_t visible_newest(const struct ratings *visible);
uint64_t visible_rating(const struct ratings *visible, uint32_t user, uint32_t movie);

#endif
