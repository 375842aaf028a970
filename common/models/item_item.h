/* Item-item models: a sparse matrix of weights from the movies of a history to all movies,
 *
 *     score of movie j = sum over the movies i of the history of h_i * weights[i][j],
 *
 * with history weights h that the model defines. EASE, SLIT, window models and RP3beta are of this
 * form; what they share is here: pruning, storing, loading, and scoring under several weightings of
 * the history. */
#ifndef MARQUEE_MODELS_ITEM_ITEM_H
#define MARQUEE_MODELS_ITEM_ITEM_H

#include "common/base/error.h"
#include "common/data/csr.h"
#include "common/data/history.h"
#include "common/models/model.h"
#include "common/models/prune_topk.h"

#include <stdbool.h>
#include <stddef.h>

/* A fitted instance. */
struct item_item {
    const struct model *model;
    char name[MODEL_NAME_SIZE];
    double number[MODEL_NUMBERS];
    struct csr weights; /* row = movie of the history, column = target */
};

/* What part of the history makes a score: all of it; all of it, times exp(-d/10) at d positions
 * from the newest; the newest three movies; the newest one. */
enum weighting { WEIGHTING_ALL, WEIGHTING_RECENT, WEIGHTING_LAST3, WEIGHTING_LAST, WEIGHTINGS };

struct item_score {
    enum weighting weighting;
    bool rare; /* times the target's rarity (struct models) */
};

struct item_item_kind {
    const struct item_score *scores; /* [model->n_scores] */
    /* weight[h->count]: the history weights h, the same that the model was fitted with. */
    void (*history_weights)(const double *number, const struct baseline *baseline,
                            const struct history *h, float *weight);
    /* `out` is allocated for f->items->n movies; it stays empty on all processes but the first. */
    enum status (*fit)(struct pruned *out, const struct fitting *f, const struct instance *instance,
                       struct error *err);
};

/* The columns weights.NAME.* of each instance. */
enum { ITEM_ITEM_COLUMNS = 3 };
extern const struct column_spec item_item_columns[ITEM_ITEM_COLUMNS];

/* The members of struct model that all item-item models share. */
#define ITEM_ITEM_FUNCTIONS                                                                        \
    .columns = item_item_columns, .n_columns = ITEM_ITEM_COLUMNS, .fit = item_item_fit,            \
    .load = item_item_load, .release = item_item_free, .work_create = item_item_work_create,       \
    .work_release = item_item_work_release, .prepare = item_item_prepare,                          \
    .score = item_item_score, .sources = item_item_sources

enum status item_item_fit(const struct fitting *f, const struct instance *instance,
                          const void *params, struct error *err);
enum status item_item_load(struct models *models, const struct model *self,
                           const struct artifact *a, struct error *err);
void item_item_free(void *fitted);
enum status item_item_work_create(void **work, const struct models *models, const void *fitted,
                                  struct error *err);
void item_item_work_release(void *work);
enum status item_item_prepare(void *work, const struct query *q, struct error *err);
void item_item_score(const void *work, const struct score_block *block, float *x, size_t stride);
size_t item_item_sources(const void *work, struct catalogue_scores *out, size_t max);

/* h = 1 for every movie. */
void item_item_binary(const double *number, const struct baseline *baseline,
                      const struct history *h, float *weight);

/* Fits the weights of an instance; item_item_fit writes them too. */
enum status item_item_weights(struct csr *weights, const struct fitting *f,
                              const struct instance *instance, struct error *err);
/* Writes the columns item_model.name, .type and .params: the item-item instances of the list. */
enum status item_item_write_list(struct artifact_writer *out, const struct instance_list *list,
                                 struct error *err);

/* The first item-item model of the view, whose weights serve as evidence; NULL without any. */
const struct item_item *models_first_item_item(const struct models *m);

#endif
