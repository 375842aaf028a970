#include "common/ranking/similar.h"

#include "common/models/slit.h"

const struct item_item *similar_next_model(const struct models *m) {
    return models_find(m, &slit_model);
}

void similar_by_content(const struct catalogue *c, const struct content *content,
                        const struct recommend_filter *filter, uint32_t movie, struct topk *best) {
    for (uint32_t other = 0; other < c->n_movies; other++) {
        if (other == movie || !recommend_allows(c, filter, other)) continue;
        float cosine = content_cosine(content, movie, other);
        if (cosine > 0) topk_push(best, cosine, other);
    }
    topk_sort(best);
}

void similar_by_model(const struct catalogue *c, const struct item_item *model,
                      const struct recommend_filter *filter, uint32_t movie, struct topk *best) {
    const struct csr *w = &model->weights;
    for (uint64_t e = w->offset[movie]; e < w->offset[movie + 1]; e++) {
        uint32_t other = w->column[e];
        if (other == movie || !(w->value[e] > 0)) continue;
        if (recommend_allows(c, filter, other)) topk_push(best, w->value[e], other);
    }
    topk_sort(best);
}
