/* How much predicted stars count for in lists of movies that the user will like. */
#ifndef MARQUEE_RANKER_JUDGING_H
#define MARQUEE_RANKER_JUDGING_H

#include "common/base/error.h"
#include "stages/ranker/experiment.h"

/* Sets e->judgement, once the networks are trained, to the best of a grid of pairs tilt and penalty
 * on the validation groups: by the NDCG@10 over those whose positive was liked, less 0.15 of the
 * share of everybody's first ten places that are predicted below the user's own mean. If the rank
 * head reaches no less than the like head, each with its best pair, the like networks go back to
 * where they started, which is the rank head. Nothing without the heads like and rating. */
enum status judging_choose(struct experiment *e, struct error *err);

#endif
