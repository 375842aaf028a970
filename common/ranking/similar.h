/* Movies that are similar to a movie: by content, and by item-item models. */
#ifndef MARQUEE_RANKING_SIMILAR_H
#define MARQUEE_RANKING_SIMILAR_H

#include "common/data/catalogue.h"
#include "common/data/topk.h"
#include "common/models/content.h"
#include "common/models/item_item.h"
#include "common/ranking/recommender.h"

#include <stdint.h>

/* The first SLIT model, whose weights say what users went on to rate; NULL without any. */
const struct item_item *similar_next_model(const struct models *m);

/* Fills `best` with the movies that the filter allows, most similar first, `movie` itself excepted:
 * by the cosine of their terms (of the stored neighbours too few might pass the filter), or by the
 * positive weights of an item-item model. */
void similar_by_content(const struct catalogue *c, const struct content *content,
                        const struct recommend_filter *filter, uint32_t movie, struct topk *best);
void similar_by_model(const struct catalogue *c, const struct item_item *model,
                      const struct recommend_filter *filter, uint32_t movie, struct topk *best);

#endif
