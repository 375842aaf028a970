#include "common/ranking/similar.h"

const struct item_model *similar_next_model(const struct factors *f) {
    for (size_t i = 0; f != NULL && i < f->n_item_models; i++) {
        if (f->item_models[i].type == ITEM_TRANSITION) return &f->item_models[i];
    }
    return NULL;
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

void similar_by_model(const struct catalogue *c, const struct item_model *model,
                      const struct recommend_filter *filter, uint32_t movie, struct topk *best) {
    const struct csr *w = &model->weights;
    for (uint64_t e = w->offset[movie]; e < w->offset[movie + 1]; e++) {
        uint32_t other = w->column[e];
        if (other == movie || !(w->value[e] > 0)) continue;
        if (recommend_allows(c, filter, other)) topk_push(best, w->value[e], other);
    }
    topk_sort(best);
}
