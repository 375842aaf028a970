/* Protocol movies: whole movies are held out, to be ranked by their content alone. */
#ifndef MARQUEE_SPLIT_PROTOCOL_MOVIES_H
#define MARQUEE_SPLIT_PROTOCOL_MOVIES_H

#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/data/test_set.h"

#include <stdint.h>

struct movies_params {
    double fraction;       /* of the movies, to test */
    double rank_fraction;  /* of the others, for the ranker to learn from: as new to view fit as the
                              test movies are to full */
    double valid_fraction; /* of the others, for early stopping */
    uint64_t seed;
};

/* All ratings of a movie get the same role, drawn at random; `role` holds ROLE_BASE everywhere. The
 * draw depends on the movie's index and the seed alone. */
void movies_assign(const struct movies_params *p, const struct ratings *r, uint8_t *role);

/* Candidates of each user with a target: every movie whose ratings are ROLE_TEST that the user has
 * not rated. */
enum status movies_candidates(struct test_set *t, const struct ratings *r, const uint8_t *role,
                              struct error *err);

#endif
