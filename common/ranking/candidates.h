/* Which movies of a large catalogue are worth the full set of features. */
#ifndef MARQUEE_RANKING_CANDIDATES_H
#define MARQUEE_RANKING_CANDIDATES_H

#include "common/base/error.h"
#include "common/features/feature.h"

#include <stddef.h>
#include <stdint.h>

/* Of the candidates movie[*n] keeps, in their order, those that are among the best of any source
 * (feature_sources): each model that scores the whole catalogue, similar users, content,
 * popularity. At most `most`; nothing happens if there are no more than that, or if fewer than
 * `least` would be left. After feature_prepare. */
enum status candidates_choose(struct feature_work *w, uint32_t *movie, size_t *n, size_t least,
                              size_t most, struct error *err);

#endif
