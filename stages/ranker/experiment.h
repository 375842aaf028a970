/* A run of the ranker: its parameters, its data, and the networks it trains. */
#ifndef MARQUEE_RANKER_EXPERIMENT_H
#define MARQUEE_RANKER_EXPERIMENT_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "stages/ranker/samples.h"
#include "stages/ranker/train.h"

#include <stddef.h>
#include <stdint.h>

/* As on the command line; "auto", 0 and -1 stand for the default of the mode (job.c). */
struct ranker_params {
    const char *heads;         /* "rank,newcomer,rating" */
    const char *layers;        /* hidden widths of the rank head, or "auto" */
    const char *rating_layers; /* of the rating head */
    const char *loss;
    const char *without;         /* features, groups or models left out, or "none" */
    int64_t user_dim, movie_dim; /* -1 = default of the mode */
    int64_t epochs, rating_epochs, batch, patience, ensemble;
    int64_t negatives, valid_negatives, max_targets;
    double learning_rate, rating_learning_rate, dropout, rating_dropout;
    double weight_decay, embedding_decay;
};

enum { JOB_MAX_HIDDEN = MLP_MAX_LAYERS - 1 };

/* The parameters of one head after "auto" was resolved. */
struct head_plan {
    bool wanted;
    enum loss_kind loss;
    uint32_t hidden[JOB_MAX_HIDDEN];
    size_t n_hidden;
    uint32_t epochs;
    double learning_rate, dropout;
};

struct job {
    const struct ranker_params *params;
    uint64_t seed;
    struct samples train, valid;
    struct samples none;    /* what the newcomers' network is validated on */
    struct ratings ratings; /* plain network only */
    struct unseen_sampler seen;
    struct strings name, group; /* of the features */
    float *mean, *scale;
    double mean_stars;
    int64_t new_movies;           /* not 0: the rows are of movies that the models do not know */
    uint32_t n_users, n_movies;   /* rows of the embedding tables */
    struct head_plan plan[HEADS]; /* by enum ranker_head */
    size_t n_members;
    size_t n_units;            /* members * heads */
    struct train_task *task;   /* [n_units] member by member, in the order of the heads */
    struct train_state *state; /* [n_units] */
};

/* Load the data: from a features artifact, or for the plain network from a view (with the ratings
 * of role valid to stop by when the view is VIEW_FIT). */
enum status job_load_features(struct job *j, const struct artifact *features, struct error *err);
enum status job_load_ratings(struct job *j, const struct artifact *dataset,
                             const struct artifact *split, enum view view, struct error *err);

/* Sets up the networks. To be called after loading. */
enum status job_plan(struct job *j, struct error *err);

/* Trains what is not finished yet. */
enum status job_train(struct job *j, train_hook hook, void *context, struct error *err);

/* Writes the columns and metadata of kind "ranker". */
enum status job_write(const struct job *j, struct artifact_writer *w, struct error *err);

void job_release(struct job *j);

#endif
