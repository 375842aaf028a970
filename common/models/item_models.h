/* The item-item models of a run: which there are, and fitting one of them. */
#ifndef MARQUEE_MODELS_ITEM_MODELS_H
#define MARQUEE_MODELS_ITEM_MODELS_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/models/ease.h"
#include "common/models/factors.h"
#include "common/models/popular_items.h"
#include "common/models/slit.h"
#include "common/models/window.h"

#include <stddef.h>
#include <stdint.h>

enum { ITEM_MODELS_MAX = 32 };

struct item_model_spec {
    char name[32];
    enum item_model_type type;
    struct ridge ridge;            /* EASE types */
    struct slit_params transition; /* ITEM_TRANSITION */
    struct window_params window;   /* ITEM_WINDOW */
};

struct item_model_list {
    struct item_model_spec spec[ITEM_MODELS_MAX];
    size_t count;
};

enum status item_models_add_ease(struct item_model_list *list, enum item_model_type type,
                                 const struct ridge *ridge, struct error *err);

/* Adds transition models from "name:tau_past:tau_future:window_past:window_future:lambda,...", each
 * optionally going on with ":relative:past_seconds:future_seconds" (0 where left out). Anything
 * malformed or out of range, and a name twice, is STATUS_USAGE with the part at fault. */
enum status item_models_add_transitions(struct item_model_list *list, const char *text,
                                        struct error *err);

/* The same for window models, from "name:tau:width:lambda[:relative],...". */
enum status item_models_add_windows(struct item_model_list *list, const char *text,
                                    struct error *err);

/* The text of column item_model.params. */
enum status item_model_describe(struct buf *out, const struct item_model_spec *spec,
                                struct error *err);

/* The simple biases of the residual model: out->mean, and movie_bias shrunken by `movie_shrinkage`
 * ratings' worth. `out` is released by factors_release; user_shrinkage and liked must be set. */
enum status baseline_fit(struct factors *out, const struct ratings *ratings, double movie_shrinkage,
                         struct error *err);

/* What the models are fitted to. */
struct item_model_data {
    const struct ratings *ratings;
    const struct popular_items *selection;
    const struct sequences *sequences;
    const struct factors *baseline;
    size_t keep; /* weights per target movie */
};
enum status item_model_fit(struct csr *weights, const struct item_model_spec *spec,
                           const struct item_model_data *data, struct error *err);

#endif
