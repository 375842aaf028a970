/* What the encoder is trained on: stretches of the users' ratings, cut anew in each epoch. */
#ifndef MARQUEE_MODELS_SUBSEQUENCES_H
#define MARQUEE_MODELS_SUBSEQUENCES_H

#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>

/* Targets [from, to) among the ratings of the user that begin at `begin`. The step that predicts
 * rating j reads rating j - 1, or the start where j is `begin`. */
struct subsequence {
    uint64_t begin, from, to;
};

/* Every rating of the view is a target once. Users of more than `size` ratings are cut at a random
 * place and every `size` ratings from there on. The windows come in random order, except that those
 * of each batch stand longest first. `out` holds subsequences_count. */
size_t subsequences_count(const struct ratings *r, size_t size);
size_t subsequences_cut(struct subsequence *out, const struct ratings *r, size_t size, size_t batch,
                        uint64_t seed, uint64_t epoch);

#endif
