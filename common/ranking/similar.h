/* Movies similar to a movie: by content, and by the item-item models. */
#ifndef MARQUEE_RANKING_SIMILAR_H
#define MARQUEE_RANKING_SIMILAR_H

#include "common/data/catalogue.h"
#include "common/data/topk.h"
#include "common/models/content.h"
#include "common/models/item_item.h"
#include "common/ranking/recommender.h"

#include <stdint.h>

/* The first SLIT model, which says what people go on to; NULL if there is none. */
const struct item_item *similar_next_model(const struct models *m);

/* Fills `best` with the movies that the filter allows, most similar first, never `movie` itself:
 * by the cosine of their terms (the stored neighbours would be too few for a filter), or by the
 * positive weights of an item-item model. */
void similar_by_content(const struct catalogue *c, const struct content *content,
                        const struct recommend_filter *filter, uint32_t movie, struct topk *best);
void similar_by_model(const struct catalogue *c, const struct item_item *model,
                      const struct recommend_filter *filter, uint32_t movie, struct topk *best);

#endif
