/* Movies similar to a movie: by content, and by the item-item models. */
#ifndef MARQUEE_RECOMMEND_SIMILAR_MOVIES_H
#define MARQUEE_RECOMMEND_SIMILAR_MOVIES_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/models/content.h"
#include "common/models/item_item.h"
#include "common/ranking/recommender.h"
#include "stages/recommend/print.h"

#include <stddef.h>
#include <stdint.h>

struct similar_request {
    const struct catalogue *catalogue;
    const struct content *content;
    const struct models *models; /* may be NULL */
    struct recommend_filter filter;
    enum format format;
    size_t n; /* per list */
    size_t width;
};

/* Appends up to three lists of `n` movies each to `out`: the nearest by content with the terms they
 * share, and the strongest of the explaining item-item model and of the first SLIT model (what
 * people watch next). */
enum status similar_print(const struct similar_request *request, uint32_t movie, struct buf *out,
                          struct error *err);

#endif
