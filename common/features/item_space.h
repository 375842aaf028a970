/* The space in which similar movies are sought: the movies' iALS factors or, without iALS, their
 * content vectors, as rows of unit length, so that the inner product of two is their cosine. */
#ifndef MARQUEE_FEATURES_ITEM_SPACE_H
#define MARQUEE_FEATURES_ITEM_SPACE_H

#include "common/base/error.h"
#include "common/models/content.h"
#include "common/models/model.h"

#include <stddef.h>

enum {
    SPACE_HISTORY = 256, /* newest movies of a history that are searched for similar ones */
    SPACE_ROWS = SPACE_HISTORY + 2 /* and the two user vectors of iALS */
};

struct item_space {
    size_t dim;
    float *row;    /* [movies, dim] */
    float *length; /* [movies] lengths of the original rows */
};

enum status item_space_build(struct item_space *out, const struct models *models,
                             const struct content *content, struct error *err);
void item_space_release(struct item_space *s);

/* The rows by which candidates are multiplied: the newest movies of a history, newest first, then
 * the user vectors that iALS folds it into. */
struct space_query {
    size_t n_history, n_rows;
    float *row; /* [SPACE_ROWS, dim] */
};
enum status space_query_alloc(struct space_query *q, const struct item_space *s, struct error *err);
void space_query_release(struct space_query *q);
/* `ials`: ials_query_vectors [2, dim], or NULL. */
void space_query_set(struct space_query *q, const struct item_space *s, const struct history *h,
                     const float *ials);

/* product[n, q->n_rows] = inner products of movie[n] with the rows of the query; `gathered` [n,
 * dim] is scratch. */
void item_space_multiply(const struct item_space *s, const struct space_query *q,
                         const uint32_t *movie, size_t n, float *gathered, float *product);

#endif
