/* The seam between a recommendation model and everything else.
 *
 * A model is one file pair of this folder and one row of registry.c. Its `struct model` states its
 * name and paper, the options of the stage that fits it, the columns of its artifact, how it is
 * fitted and loaded, and the scores that it gives. Everything else follows: --help and the
 * canonical parameters, `inspect kinds`, the ranker's features, the components that evaluate
 * compares, explanations, the report and the tables of the documentation.
 *
 * A model may be fitted several times with different hyperparameters, as the ten SLIT models of a
 * run: each fit is an instance with a name of its own. */
#ifndef MARQUEE_MODELS_MODEL_H
#define MARQUEE_MODELS_MODEL_H

#include "common/artifact/artifact.h"
#include "common/artifact/kinds.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/base/option.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/models/baseline.h"
#include "common/models/popular_items.h"
#include "common/models/slit_pairs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model;
struct models;

/* ---- fitting ---- */

enum { MODEL_NAME_SIZE = 32, MODEL_NUMBERS = 8 };

/* A hyperparameter of an instance: its name and the values it may have. */
struct number_spec {
    const char *name; /* as in the artifact: "tau_past" */
    double min, max;
    bool whole;    /* a whole number */
    bool optional; /* may be left out of a list, with all that follow; then 0 */
};

/* One fit of a model. */
struct instance {
    const struct model *model;
    char name[MODEL_NAME_SIZE];
    double number[MODEL_NUMBERS]; /* in the order of model->numbers */
};

enum { INSTANCES_MAX = 64 };
struct instance_list {
    struct instance instance[INSTANCES_MAX];
    size_t count;
};
/* Adds one instance, named like the model, if the flag at the head of its parameters is on: the
 * `plan` of models without hyperparameters per instance. */
enum status instances_add_one(struct instance_list *list, const struct model *model,
                              const void *params, struct error *err);
/* STATUS_USAGE if the name is taken. */
enum status instances_add(struct instance_list *list, const struct instance *instance,
                          struct error *err);
/* Adds the instances of a list "name:number:number...,name:...", with the numbers of the model.
 * STATUS_USAGE names the part that does not fit and the form that is expected. */
enum status instances_add_list(struct instance_list *list, const struct model *model,
                               const char *text, struct error *err);

/* Appends the hyperparameters as they are stored: "lambda=300 relative=1". */
enum status instance_describe(struct buf *out, const struct instance *instance, struct error *err);

/* What a model is fitted to, and where it is written. Of several processes each has the ratings of
 * its own users (partition.h); all call `fit`, and `out` is NULL on all but the first. */
struct fitting {
    const struct ratings *ratings; /* the ratings that the view shows */
    const struct baseline *baseline;
    const struct popular_items *items; /* what the item-item models are limited to */
    const struct sequences *sequences; /* the histories of the view, for SLIT and window models */
    size_t keep;                       /* weights that item-item models keep per target */
    uint64_t seed;
    struct artifact_writer *out;
};

/* ---- scoring ---- */

/* What a user is scored by: a history, at a moment. */
struct query {
    const struct history *history;
    int64_t now;           /* seconds since 1970 */
    uint32_t self;         /* user index in the view, or NO_INDEX */
    const float *recent;   /* [history->count] exp(-d / 10), d = 0 for the newest */
    const float *residual; /* [history->count] rating - baseline, stars */
};

/* A block of candidates that are scored together. */
struct score_block {
    const uint32_t *movie;
    size_t n;
    /* [n, stride] inner products of the candidates' unit rows in the item space
     * (features/item_space.h) with the newest movies of the history and, from column first_query
     * on, with the user vectors of iALS: one matrix product for all who need it. `length`
     * [n_movies] is what rows of the space were divided by. */
    const float *product, *length;
    size_t stride, first_query;
};

/* What must be known of a history for a score or a feature to mean anything: the order of its
 * ratings; times, of its ratings or of others'; the moment for which the list is made. Where it is
 * not known, they take no part. */
enum needs { NEEDS_NEITHER = 0, NEEDS_ORDER = 1, NEEDS_CLOCK = 2, NEEDS_MOMENT = 4 };

/* One number per candidate: a column of the ranker's features. */
struct score_spec {
    const char *suffix;  /* appended to the instance's name: "", ".recent" */
    const char *group;   /* feature group: "collaborative", "sequence", "rating" */
    const char *meaning; /* one line; "%s" stands for the instance's name */
    enum needs needs;
};

/* Scores of the whole catalogue, that of movie m at first[m * stride]; 0 means no opinion. */
struct catalogue_scores {
    const float *first;
    size_t stride;
};

/* ---- the seam ---- */

struct item_item_kind; /* item_item.h */

struct model {
    const char *name;  /* of its options, and of its instance if there is only one */
    const char *title; /* for people: "EASE on all ratings" */
    const char *paper; /* authors, title, venue */
    const char *kind;  /* of its artifact; the stage that writes this kind fits it */

    /* The first option is the flag that turns the model on; its target, a bool, is the first member
     * of the struct of parameters. */
    const struct option_spec *options;
    size_t n_options, params_size;
    const struct number_spec *numbers; /* of an instance */
    size_t n_numbers;
    const struct column_spec *columns; /* added to those of the artifact kind */
    size_t n_columns;

    const struct score_spec *scores; /* in the order in which `score` writes them */
    size_t n_scores;
    enum needs needs;    /* of the ratings that it is fitted to */
    bool ranks;          /* evaluate ranks by scores[0] of the first instance too */
    bool predicts_stars; /* scores[0] is a rating in stars */

    /* Adds the instances that the parameters ask for to the list. */
    enum status (*plan)(struct instance_list *list, const struct model *self, const void *params,
                        struct error *err);
    enum status (*fit)(const struct fitting *f, const struct instance *instance, const void *params,
                       struct error *err);
    /* Calls models_add for each instance in the artifact; there may be none. */
    enum status (*load)(struct models *models, const struct model *self, const struct artifact *a,
                        struct error *err);
    void (*release)(void *fitted); /* frees the state that models_add was given */

    /* Scratch of one thread for one instance. */
    enum status (*work_create)(void **work, const struct models *models, const void *fitted,
                               struct error *err);
    void (*work_release)(void *work); /* NULL is fine */
    /* Once per user: everything that depends on the query alone. */
    enum status (*prepare)(void *work, const struct query *q, struct error *err);
    /* x[i * stride + k] = score k of candidate i. */
    void (*score)(const void *work, const struct score_block *block, float *x, size_t stride);
    /* Fills in up to `max` score vectors over the catalogue, made by `prepare`, from which
     * candidates are chosen, and returns how many. NULL: none. */
    size_t (*sources)(const void *work, struct catalogue_scores *out, size_t max);

    const struct item_item_kind *item_item; /* NULL unless it is a matrix of weights */
};

/* The members for a table and its length. */
#define OPTIONS_OF(table, params)                                                                  \
    .options = (table), .n_options = sizeof(table) / sizeof((table)[0]),                           \
    .params_size = sizeof(params)
#define SCORES_OF(table)  .scores = (table), .n_scores = sizeof(table) / sizeof((table)[0])
#define NUMBERS_OF(table) .numbers = (table), .n_numbers = sizeof(table) / sizeof((table)[0])
#define COLUMNS_OF(table) .columns = (table), .n_columns = sizeof(table) / sizeof((table)[0])

/* ---- the models of one view ---- */

struct fitted {
    const struct model *model;
    char name[MODEL_NAME_SIZE];
    void *state; /* made by `load` */
};

struct models {
    struct baseline baseline;
    uint64_t n_ratings;
    float *log_popularity; /* [n_movies] log(1 + ratings) */
    float *rarity;         /* [n_movies] sqrt((mean popularity + 1) / (popularity + 1)) */
    struct fitted *fitted; /* in the order of the registry */
    size_t count, capacity;
};

/* Loads the models that the artifacts hold: of kind factors, which is required, and sequence; NULLs
 * are skipped. On failure there is nothing to release. */
enum status models_load(struct models *out, const struct artifact *const *artifacts, size_t n,
                        struct error *err);
void models_release(struct models *m);

/* For `load` functions. Takes ownership of `state`, also on failure. */
enum status models_add(struct models *m, const struct model *model, const char *name, void *state,
                       struct error *err);

/* Reads the state of a model of one instance; on failure `release` gets what there is. */
typedef enum status (*model_reader)(void *state, const struct artifact *a,
                                    const struct baseline *baseline, struct error *err);
/* For `load` of such a model: a zeroed state of `size` bytes, read and added. */
enum status models_read(struct models *m, const struct model *model, size_t size, model_reader read,
                        const struct artifact *a, struct error *err);

/* The state of the first instance of a model, or NULL. */
const void *models_find(const struct models *m, const struct model *model);

#endif
