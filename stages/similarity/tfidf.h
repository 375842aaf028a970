/* The terms of all movies as unit rows of a sparse matrix. */
#ifndef MARQUEE_SIMILARITY_TFIDF_H
#define MARQUEE_SIMILARITY_TFIDF_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/csr.h"
#include "common/models/content.h"
#include "stages/similarity/source.h"

#include <stdint.h>

struct term_params {
    double weight[TERM_GROUPS]; /* share of each group in the cosine; 0 leaves the group out */
    int64_t min_titles;         /* fewest titles that a word must occur in */
    int64_t min_tagged;         /* fewest movies that a tag must be on */
    double genome_floor;        /* excess relevance below it is dropped */
};

struct term_table {
    struct strings name;
    uint8_t *group;  /* [n_terms] enum term_group, ascending */
    float *idf;      /* [n_terms] */
    struct csr rows; /* [n_movies, n_terms], each row of length 1 or empty */
};

/* Within a group a movie's weight of a term is (1 + ln tf) * ln(1 + n / df), with tf the number of
 * times it occurs there, n the number of movies and df the number of movies that have it (Salton
 * and Buckley 1988, "Term-weighting approaches in automatic text retrieval"). The genome's
 * relevance r counts instead as r - (mean of the tag's r), which is close to 0 for what every movie
 * has a little of. Each group is scaled to length sqrt(weight) and the whole to length 1: the
 * cosine of two movies is the weighted mean of their groups' cosines where both have all groups. */
enum status tfidf_build(struct term_table *out, const struct content_source *source,
                        const struct term_params *params, struct error *err);
void term_table_release(struct term_table *t);

#endif
