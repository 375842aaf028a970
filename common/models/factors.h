/* The collaborative models of one view: loading, folding users in, scoring.
 *
 * Users are always represented by their history: nothing here needs a user to have been in the
 * training data, and a rating given a second ago counts at once. */
#ifndef MARQUEE_MODELS_FACTORS_H
#define MARQUEE_MODELS_FACTORS_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/csr.h"
#include "common/data/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum item_model_type {
    ITEM_EASE,          /* EASE (Steck, WWW 2019) on all ratings, binary */
    ITEM_EASE_LIKED,    /* EASE on ratings at or above the user's mean and at least `liked` */
    ITEM_EASE_RESIDUAL, /* EASE on rating - (mean + user bias + movie bias) */
    ITEM_TRANSITION,    /* SLIT part of SLIST (Choi et al., WWW 2021) */
    ITEM_EASE_DROPOUT,  /* EASE with the ridge of dropout (Steck, NeurIPS 2020) */
    ITEM_WINDOW         /* regression of a movie on what stands before and after it */
};

const char *item_model_type_name(enum item_model_type type); /* as stored in the artifact */

/* An item-item model: score of target j = sum over history i of h_i * weights[i][j]. */
struct item_model {
    char name[32]; /* "ease", "transition-a", ...; also the name of its main feature */
    enum item_model_type type;
    struct csr weights;  /* row = history movie, column = target movie */
    double tau_past;     /* transition: decay of the history, in positions */
    double tau_future;   /* transition: decay of the targets in training, in positions */
    double past_seconds; /* transition: decay of the history with time; 0 = none */
    uint32_t window;     /* transition: newest movies of the history that count */
    double lambda;       /* ridge */
};

struct mf_model { /* explicit: mean + bias_u + bias_i + p_u . q_i, in stars */
    bool present;
    uint32_t dim;
    double mean, lambda, lambda_bias;
    double nu;                     /* a row with n ratings is regularised with lambda * n^nu */
    float *user_bias, *movie_bias; /* [n_users], [n_movies] */
    float *user, *movie;           /* [n_users, dim], [n_movies, dim] */
};

struct ials_model { /* implicit: p_u . q_i (Hu et al. 2008; scaling of Rendle et al. 2022) */
    bool present;
    uint32_t dim, n_movies;
    double alpha0;       /* weight of the unobserved */
    double lambda, nu;   /* regularisation and its frequency exponent */
    float *user, *movie; /* [n_users, dim], [n_movies, dim] */
    float *gram;         /* [dim, dim] = alpha0 * movie' movie, computed on load */
};

struct factors {
    uint32_t n_users, n_movies;
    uint32_t *popularity;  /* [n_movies] ratings in the view */
    double mean;           /* of the view's ratings, stars */
    float *movie_bias;     /* [n_movies] shrunken mean of rating - mean, stars */
    double user_shrinkage; /* ratings' worth of shrinkage of a user's bias towards 0 */
    double liked;          /* ITEM_EASE_LIKED: stars from which a rating may count as liked */
    struct mf_model mf;
    struct ials_model ials;
    struct item_model *item_models;
    size_t n_item_models;
};

enum status factors_load(struct factors *out, const struct artifact *a, struct error *err);
void factors_release(struct factors *f);
const struct item_model *factors_item_model(const struct factors *f,
                                            const char *name); /* or NULL */

/* Least-squares user vector (and bias) given the movie factors, by a small SPD solve with the
 * regularisation of the training. `weight` NULL or one weight >= 0 per history entry (decay). An
 * empty history gives zeros. */
enum status mf_fold_in(const struct mf_model *m, const struct history *h, float *bias,
                       float *vector, struct error *err);
enum status ials_fold_in(const struct ials_model *m, const struct history *h, const float *weight,
                         float *vector, struct error *err);

/* scores[n_movies] += contribution of the history with one weight per entry. */
void item_model_score(const struct item_model *m, const struct history *h, const float *weight,
                      float *scores);
/* The weights that belong to a transition model's time constants: `weight` [h->count], the newest
 * entry has 1, entries out of the window 0. Time counts back from the newest entry, not from now:
 * how long the user has been away says nothing about which of the last movies matters more. */
void transition_history_weights(const struct item_model *m, const struct history *h, float *weight);

/* residual[h->count] = rating - (mean + user bias + movie bias) in stars, with the simple biases
 * that ITEM_EASE_RESIDUAL was trained on (shrunken means, independent of the factorizations). */
void factors_residuals(const struct factors *f, const struct history *h, float *residual);

/* The history weights that a model of any type was trained with, decay aside: EASE 1, EASE_LIKED 1
 * for liked ratings and else 0, EASE_RESIDUAL factors_residuals, TRANSITION
 * transition_history_weights. `weight` [h->count]. */
void item_model_history_weights(const struct factors *f, const struct item_model *m,
                                const struct history *h, float *weight);

#endif
