/* NCF, neural collaborative filtering: the embeddings of user and movie, concatenated, go through a
 * multi-layer perceptron. The "MLP" of He et al., "Neural collaborative filtering", WWW 2017. It
 * knows users by their index only, so it can score none but those of its training set.
 *
 * One head ranks: every rating is a positive, against unseen movies that are drawn anew in each
 * epoch. The other predicts stars, from the ratings alone. Either may be an ensemble. */
#ifndef MARQUEE_MODELS_NCF_H
#define MARQUEE_MODELS_NCF_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/negative_sampler.h"
#include "common/data/ratings.h"
#include "common/models/model.h"
#include "common/nn/networks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ncf_head { NCF_RANK, NCF_RATING, NCF_HEADS };

/* Listed with the others for its options and source. It scores known users only, so it has no
 * scores that could be features: evaluate compares it as it is. */
extern const struct model ncf_model;

/* ---- fitting ---- */

struct ncf_params {
    const char *heads; /* "rank,rating" */
    const char *layers, *rating_layers;
    const char *loss; /* of the rank head: "bce", "bpr" or "softmax" */
    int64_t user_dim, movie_dim, epochs, rating_epochs, batch, patience, ensemble;
    int64_t negatives, valid_negatives;
    int64_t max_targets; /* positives in all epochs together, at most */
    double learning_rate, rating_learning_rate, dropout, rating_dropout;
    double weight_decay, embedding_decay;
};

struct ncf_fitting {
    const struct ncf_params *params;
    uint64_t seed;
    struct samples train, valid;
    struct unseen_sampler unseen;
    double mean_stars;
    struct head_plan plan[NCF_HEADS];
    struct network *network; /* [n_networks] by member, then by head */
    size_t n_networks;
};

/* STATUS_USAGE if heads or layers cannot be parsed. */
enum status ncf_check(const struct ncf_params *params, struct error *err);

/* Sets up the training set: every rating is a positive. STATUS_FAILED without any. */
enum status ncf_begin(struct ncf_fitting *f, const struct ncf_params *params,
                      const struct ratings *ratings, uint64_t seed, struct error *err);

/* Sets up the validation set for early stopping: the ratings of role valid, each with negatives,
 * drawn once, that the user has not rated in the training set. Without it training runs all of its
 * epochs. */
enum status ncf_validate_by(struct ncf_fitting *f, const struct ratings *all, const uint8_t *role,
                            struct error *err);

/* Plans the networks, f->network, which are then to be trained (networks.h). */
enum status ncf_plan(struct ncf_fitting *f, struct error *err);

/* Writes the columns and metadata of kind "ncf". */
enum status ncf_write(const struct ncf_fitting *f, struct artifact_writer *w, struct error *err);

void ncf_fitting_release(struct ncf_fitting *f);

/* ---- scoring ---- */

struct ncf;
enum status ncf_load(struct ncf **out, const struct artifact *a, struct error *err);
void ncf_release(struct ncf *m);
bool ncf_has_head(const struct ncf *m, enum ncf_head head);

/* out[n]: for NCF_RANK a real number to sort by, for NCF_RATING stars clipped to 0.5..5. NO_INDEX,
 * as user or movie, has the zero embedding. STATUS_FAILED without that head. Thread-safe. */
enum status ncf_score(const struct ncf *m, enum ncf_head head, uint32_t user, const uint32_t *movie,
                      size_t n, float *out, struct error *err);

#endif
