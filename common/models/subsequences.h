/* What the sequence encoder is trained on: subsequences of histories, cut anew in each epoch. */
#ifndef MARQUEE_MODELS_SUBSEQUENCES_H
#define MARQUEE_MODELS_SUBSEQUENCES_H

#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>

/* The targets [from, to) among the ratings of a user, which start at `begin`. The step that
 * predicts rating j reads rating j - 1, or the start symbol if j is `begin`. */
struct subsequence {
    uint64_t begin, from, to;
};

/* Every rating of the view is a target once per epoch. Histories longer than `size` ratings (the
 * window of the encoder) are cut at a random place and then every `size` ratings. Subsequences come
 * in random order, but those of a batch are sorted, longest first. `out` has room for
 * subsequences_count; returns how many there are. */
size_t subsequences_count(const struct ratings *r, size_t size);
size_t subsequences_cut(struct subsequence *out, const struct ratings *r, size_t size, size_t batch,
                        uint64_t seed, uint64_t epoch);

#endif
