/* Evaluation of the ranker and of every component alone, on the same users and candidates. */
#ifndef MARQUEE_EVALUATE_EVALUATE_H
#define MARQUEE_EVALUATE_EVALUATE_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/question.h"
#include "common/data/ratings.h"
#include "common/data/test_set.h"
#include "common/evaluation/bootstrap.h"
#include "common/evaluation/metrics.h"
#include "common/features/feature.h"
#include "common/models/ncf.h"
#include "common/ranking/ranker.h"

#include "stages/evaluate/foreign.h"
#include "stages/evaluate/information.h"
#include "stages/evaluate/list_files.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What is compared: the ranker, which comes first, every feature that ranks alone as a component
 * (feature_spec.component), and NCF. */
enum { RANKER = 0, MAX_COMPONENTS = 40 };

/* FULL: against every movie that the user has not interacted with. CANDIDATES: against the movies
 * that the split lists for the user. LIKED: the ranking of FULL, in which of the held-out movies
 * only those count that the user liked (stars_liked); users without one are left out. */
enum mode { FULL, CANDIDATES, LIKED, MODES };
const char *mode_name(enum mode m);

/* What predicts stars: the ranker, which comes first, every model that does, the plain embedding
 * network, the movie's mean. */
enum { RATING_RANKER = 0, MAX_RATING_MODELS = 16 };

/* Sums over a user's test ratings. */
struct rating_errors {
    float squared[MAX_RATING_MODELS], absolute[MAX_RATING_MODELS];
    uint32_t count;
};

/* The groups of features, in order of first appearance. */
struct groups {
    size_t count;
    const char **name; /* [count], owned by the context */
    size_t *of;        /* [feature_count] */
};

/* Who scores: the ranker, NCF, another program, or, where all are NULL, a feature as it is. */
struct contender {
    const char *name; /* key in metrics.json */
    const struct ranker *ranker;
    const struct ncf *ncf;
    const struct foreign *foreign;
    size_t feature;
    bool present;
    enum information information; /* by components_label */
};

struct components {
    const struct feature_context *context;
    const struct ranker *ranker;
    enum purpose purpose; /* of the ranker's lists; FOR_NEXT as bound */
    struct contender component[MAX_COMPONENTS];
    struct contender rating[MAX_RATING_MODELS];
    size_t n_components, n_ratings;
    bool *permuted; /* [feature_count] features that the ranker gets shuffled */
    uint64_t seed;  /* of the shuffling */
    struct groups groups;
};
void components_release(struct components *c);

/* Finds components, rating models and groups. `ncf` may be NULL; `seed` is that of shuffling.
 * Checks that the ranker was trained on exactly these features. */
enum status components_bind(struct components *c, const struct feature_context *context,
                            const struct ranker *ranker, const struct ncf *ncf, uint64_t seed,
                            struct error *err);

/* Adds the lists of another program. STATUS_USAGE if there is a component of that name. `name` and
 * `foreign` are kept by reference. */
enum status components_add_foreign(struct components *c, const char *name,
                                   const struct foreign *foreign, struct error *err);

/* Says of every component and rating model what it was told of the events to predict. */
void components_label(struct components *c, const struct told *told);

/* Marks the features of `group` to be shuffled: among the movies of each user, all features of the
 * group together, so that they keep their joint distribution and lose only what they say about the
 * movie (permutation importance, Breiman 2001, for a group). An unknown group is STATUS_USAGE. */
enum status components_permute(struct components *c, const char *group, struct error *err);

/* What the ranker loses when the features of one group are shuffled among the movies of a list, for
 * some of the users (permutation importance, Breiman 2001, per group). A list is the held-out
 * movies and either the candidates that the split has for the user or 99 drawn movies that the user
 * does not know. */
struct importance {
    size_t n_users, n_groups;
    const char *const *group; /* [n_groups] */
    bool given;               /* the candidates are the split's */
    size_t step;              /* every step-th of the evaluation's users is measured */
    float *ndcg;              /* [n_users, n_groups] loss of NDCG@10; NULL without a ranking head */
    float *squared;           /* [n_users, n_groups] rise of the sum of squared errors, stars^2 */
    float *count;             /* [n_users] ratings predicted; NULL without a rating head */
    float *base;              /* [n_users] sum of squared errors of the features as they are */
};

struct evaluation {
    size_t n_lists;         /* with at least one held-out movie each */
    size_t n_users;         /* for whom they are made */
    bool several;           /* some list has more than one held-out movie */
    struct test_list *list; /* [n_lists] users ascending */
    uint32_t *user;         /* [n_lists] the lists' users */
    const struct components *components;
    float *value[MODES][MAX_COMPONENTS]; /* [n_lists, metric_count()]; NULL: not evaluated. Only
                                            FULL has those of the first movies */
    struct rating_errors *rating;        /* [n_lists] */
    float *
        predicted[MAX_RATING_MODELS]; /* [n_tests] stars, in the order of the test set; NaN: none */
    float *actual;                    /* [n_tests] stars; NaN: not known */
    size_t n_tests;
    uint32_t *history_length; /* [n_lists] */
    uint32_t *popularity;     /* [n_lists] ratings in the view of the first held-out movie */
    struct importance importance;
    bool *tail;                     /* [n_lists] first held-out movie is outside the head: the most
                                       popular movies that gather 80 % of the ratings */
    bool *long_history;             /* [n_lists] history longer than the median */
    size_t covered[MAX_COMPONENTS]; /* distinct movies in anybody's first ten, mode FULL */
    uint32_t n_movies;
    /* Of the list of each row: its movies, and those that count as found; a row without one of
     * these is left out. NULL: not evaluated. */
    uint32_t *listed[MODES], *relevant[MODES]; /* [n_lists] */
    bool trivial[MODES][METRICS_MAX];          /* by find_trivial */
    size_t n_missing[MAX_COMPONENTS];          /* lists that another program did not give */
};
void evaluation_release(struct evaluation *e);

/* Marks the metrics that would be the same whatever the order of the lists: hits within the first K
 * where no list is longer, everything where all movies of a list are held out. Such a figure says
 * nothing about a model, and is not printed. */
enum status find_trivial(struct evaluation *e, struct error *err);

/* The most lists that are made; where there would be more, they are drawn at random. */
struct sample_sizes {
    size_t lists;      /* evaluated */
    size_t importance; /* on which the importance of feature groups is measured */
};

struct evaluation_options {
    struct sample_sizes most;
    struct list_request lists; /* files for the lists of mode FULL; prefix NULL: none */
};

/* Makes the lists that the split asks for, with what `question` lets them know; parallel over
 * lists, with the same values for any number of threads. `ratings` and `role` are as ratings_load
 * gives them. The files of lists are of every component but those of other programs. */
enum status evaluate_users(struct evaluation *out, const struct components *components,
                           const struct ratings *ratings, const uint8_t *role,
                           const struct question *question, const struct test_set *test,
                           const struct evaluation_options *options, struct error *err);

/* The document that metrics.md describes; a new reference. */
enum status metrics_json(json_t **out, const struct evaluation *e,
                         const struct bootstrap_options *options, struct error *err);
/* The part that compares the ranker with every component, pair by pair: `paired` gets a list of the
 * mode's name, `warnings` a sentence for each component that is better by its interval. */
enum status comparisons_json(json_t *paired, json_t *warnings, const struct evaluation *e,
                             enum mode mode, const struct bootstrap_options *options,
                             struct error *err);
/* The parts of it that only plots show: results by length of history and by popularity, calibration
 * and errors of the rating models, importance of groups. */
enum status slices_json(json_t *root, const struct evaluation *e,
                        const struct bootstrap_options *options, struct error *err);
/* A row of CSV per user: id, history, popularity, the ranker's main metrics and rating errors; for
 * paired comparisons between runs. */
enum status users_csv(const struct evaluation *e, const uint32_t *user_id, const char *path,
                      struct error *err);
/* The results table of such a document. */
enum status metrics_print(const json_t *metrics, FILE *out, struct error *err);

/* dataset,split,seed,model,list,metric,value,low,high,information for every model and list that has
 * one of the metrics; where a component was compared with the ranker, there is one more row whose
 * metric is "METRIC p". A metric that is nowhere in the document is STATUS_USAGE. */
enum status metrics_rows(const json_t *metrics, const char *const *metric, size_t n_metrics,
                         FILE *out, struct error *err);

#endif
