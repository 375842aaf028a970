/* Features of what people say of a movie, and of how much that matters to the user. */
#include "common/base/mem.h"
#include "common/features/families.h"

static const float SHRINK_TONE = 0.5F; /* squared stars */

enum { SENTIMENT_TONE, SENTIMENT_AFFINITY, SENTIMENT_COLUMNS };

static const struct feature_spec columns[SENTIMENT_COLUMNS] = {
    [SENTIMENT_TONE] =
        FEATURE("sentiment.tone", "sentiment", "mean valence of what is said of the movie, stars"),
    [SENTIMENT_AFFINITY] = FEATURE("sentiment.affinity", "sentiment",
                                   "the same times the slope of the user's residuals on it"),
};

struct work {
    float slope; /* slope of the user's rating residuals on the tone of the movies, shrunken */
};

static bool present(const struct feature_view *view, const void *own) {
    (void)own;
    return view->content.tone != NULL;
}

static enum status work_create(void **work, const struct feature_view *view, struct error *err) {
    (void)view;
    return mem_alloc(work, 1, sizeof(struct work), err);
}

static void prepare(void *work, const struct feature_scope *scope) {
    const float *tone = scope->view->content.tone;
    const struct query *q = &scope->query->base;
    double product = 0, squares = 0;
    for (size_t i = 0; i < q->history->count; i++) {
        double value = (double)tone[q->history->movie[i]];
        product += (double)q->residual[i] * value;
        squares += value * value;
    }
    ((struct work *)work)->slope = (float)(product / (squares + (double)SHRINK_TONE));
}

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    const struct work *w = work;
    for (size_t i = 0; i < block->n; i++, x += stride) {
        float tone = scope->view->content.tone[block->movie[i]];
        x[SENTIMENT_TONE] = tone;
        x[SENTIMENT_AFFINITY] = w->slope * tone;
    }
}

const struct feature_family sentiment_family = {
    FEATURES_OF(columns),     .present = present, .work_create = work_create,
    .work_release = mem_free, .prepare = prepare, .fill = fill,
};
