/* Choosing the candidates of a large catalogue that are worth the full set of features. */
#ifndef MARQUEE_RANKING_CANDIDATES_H
#define MARQUEE_RANKING_CANDIDATES_H

#include "common/base/error.h"
#include "common/features/feature.h"

#include <stddef.h>
#include <stdint.h>

/* Reduces the candidates movie[*n], in their order, to at most `most`: those that are among the
 * best of any source (feature_sources), which are the models that score the whole catalogue,
 * similar users, content and popularity. Does nothing if there are no more than `most`, or if fewer
 * than `least` would be left. To be called after feature_prepare. */
enum status candidates_choose(struct feature_work *w, uint32_t *movie, size_t *n, size_t least,
                              size_t most, struct error *err);

#endif
