/* A run of the ranker: its parameters, its data, and the networks it trains. */
#ifndef MARQUEE_RANKER_EXPERIMENT_H
#define MARQUEE_RANKER_EXPERIMENT_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/nn/networks.h"
#include "common/ranking/ranker.h"
#include "stages/ranker/training_set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As on the command line; layers, rating_layers, epochs, ensemble and the dropouts may be auto. */
struct ranker_params {
    const char *heads;         /* "rank,newcomer,rating,like" */
    const char *layers;        /* hidden widths of the rank head */
    const char *rating_layers; /* of the rating head */
    const char *loss;
    const char *without; /* features, groups or models left out, or "none" */
    int64_t user_dim, movie_dim;
    int64_t epochs, rating_epochs, batch, patience, ensemble;
    double learning_rate, rating_learning_rate, dropout, rating_dropout;
    double weight_decay, embedding_decay;
};

/* What the rows are for (a features artifact's metadata). */
struct occasion {
    bool forecast; /* the split is temporal: lists are made when the models have grown old */
    bool order;    /* the order of ratings, and their times, say something */
    bool by_lot;   /* what is held out was drawn by lot: order and moment would give it away */
};

struct experiment {
    const struct ranker_params *asked;
    struct ranker_params params; /* the same with what "auto" became, once planned */
    uint64_t seed;
    struct samples train, valid;
    struct samples none;        /* what the newcomers' network is validated on */
    struct strings name, group; /* of the features */
    struct ranges ranges;
    float *rating_scale;         /* [features] as ranges.scale, but for the rating head */
    struct occasion occasion;    /* what the rows were made for */
    struct shortcut_start start; /* of the rank head */
    float *liked, *valid_liked;  /* [groups of train, valid] weights of the like head's task */
    struct judgement judgement;  /* of the lists for like, once the networks are trained */
    double mean_stars;
    int64_t new_movies;           /* not 0: the rows are of movies that the models do not know */
    uint32_t n_users, n_movies;   /* rows of the embedding tables */
    struct head_plan plan[HEADS]; /* by enum ranker_head */
    size_t n_networks;            /* members * heads */
    struct network *network;      /* [n_networks] member by member, in the order of the heads */
};

/* Loads the data from a features artifact. */
enum status experiment_load(struct experiment *e, const struct artifact *features,
                            struct error *err);

/* Leaves out features by what they need (needs[features], bits of enum needs): where there is no
 * order, those that need order or times; where that would give away what was drawn by lot, the
 * same, but for ranking alone: a rating is predicted for a moment that is known. */
void experiment_hide(struct experiment *e, const uint8_t *needs);

/* Whether heads and layers can be read; STATUS_USAGE otherwise. */
enum status experiment_check(const struct ranker_params *params, struct error *err);

/* Sets up the networks. To be called after loading. */
enum status experiment_plan(struct experiment *e, struct error *err);

/* Writes the columns and metadata of kind "ranker". */
enum status experiment_write(const struct experiment *e, struct artifact_writer *w,
                             struct error *err);

void experiment_release(struct experiment *e);

#endif
