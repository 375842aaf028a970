/* Content similarity of one view, loaded from its artifact: terms, nearest neighbours, vectors. */
#ifndef MARQUEE_MODELS_CONTENT_H
#define MARQUEE_MODELS_CONTENT_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/csr.h"

#include <stddef.h>
#include <stdint.h>

enum term_group { TERM_GENRE, TERM_TAG, TERM_TITLE, TERM_DECADE, TERM_GENOME, TERM_GROUPS };
const char *term_group_name(enum term_group group);

struct content {
    uint32_t n_movies, n_terms, k, dim;
    struct strings term_name;
    uint8_t *term_group;       /* [n_terms] */
    float *term_idf;           /* [n_terms] */
    uint32_t *term_users;      /* [n_terms] who used the tag; NULL without */
    float *term_valence;       /* [n_terms] of tags, stars; NaN where unknown, NULL without any */
    struct csr terms;          /* [n_movies, n_terms] unit rows */
    uint32_t *neighbour_movie; /* [n_movies, k] */
    float *neighbour_cosine;   /* [n_movies, k] */
    float *vector;             /* [n_movies, dim] */
    float *tone; /* [n_movies] mean valence of its tags and words, stars; NULL without */
};
enum status content_load(struct content *out, const struct artifact *a, struct error *err);
void content_release(struct content *c);

float content_cosine(const struct content *c, uint32_t a, uint32_t b); /* from the terms, exact */

/* The terms that two movies share, largest product of weights first, at most `max`. Returns how
 * many. */
size_t content_shared_terms(const struct content *c, uint32_t a, uint32_t b, uint32_t *term,
                            float *product, size_t max);

#endif
