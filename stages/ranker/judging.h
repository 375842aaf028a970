/* How much predicted stars count for in lists of movies that the user will like. */
#ifndef MARQUEE_RANKER_JUDGING_H
#define MARQUEE_RANKER_JUDGING_H

#include "common/base/error.h"
#include "stages/ranker/experiment.h"

/* Sets e->judgement, once the networks are trained: of a grid of pairs tilt and penalty, the one
 * with the fewest first ten places predicted below the user's own mean over the validation groups,
 * among those with which the like head's NDCG@10 over the groups whose positive was liked is at
 * most 1.5 % below the best of the grid. Nothing without the heads like and rating. */
enum status judging_choose(struct experiment *e, struct error *err);

#endif
