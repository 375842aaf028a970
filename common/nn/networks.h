/* The networks of one artifact: for each head (what is to be predicted) as many as the ensemble has
 * members. Planned from the options that trained stages share, trained one after another with a
 * checkpoint after each epoch, and written as columns; ensemble.h reads them. */
#ifndef MARQUEE_NN_NETWORKS_H
#define MARQUEE_NN_NETWORKS_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/nn/trainer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- options ---- */

/* Marks which of names[n] stand in `text`, separated by commas. STATUS_USAGE for another one. */
enum status heads_parse(bool *wanted, const char *text, const char *const *names, size_t n,
                        struct error *err);

enum { HEAD_MAX_HIDDEN = MLP_MAX_LAYERS - 1 };

/* What the networks of one head have in common. */
struct head_plan {
    bool wanted;
    const char *name; /* "rank" */
    uint64_t stream;  /* sets its random streams apart from those of other heads */
    enum loss_kind loss;
    uint32_t hidden[HEAD_MAX_HIDDEN];
    size_t n_hidden;
    uint32_t epochs;
    double learning_rate, dropout;
};

/* "96,48" -> widths; "" and "none" mean no hidden layer. `option` is named if it is wrong. */
enum status head_parse_layers(struct head_plan *head, const char *option, const char *text,
                              struct error *err);

/* ---- training ---- */

/* Sets up one network. `common` has what does not depend on the head: samples, scaling, optimiser,
 * patience, batch. `seed` is that of the run. */
enum status network_plan(struct network *out, const struct train_task *common,
                         const struct head_plan *head, const struct mlp_inputs *inputs,
                         uint64_t member, uint64_t seed, struct error *err);
void networks_release(struct network *network, size_t count);

/* Trains what is not finished yet. */
enum status networks_train(struct network *network, size_t count, train_hook hook, void *context,
                           struct error *err);

/* The same with a line of log per epoch, and the state kept in the file `checkpoint`: a run that
 * was killed goes on from there. `recipe` names what is being trained, from what and how. */
enum status networks_train_resumably(struct network *network, size_t count, const char *checkpoint,
                                     const struct digest *recipe, struct error *err);

/* ---- columns ---- */

enum { NETWORK_COLUMN_SIZE = 64 };

/* "rank-0.weights" */
const char *network_column(char out[NETWORK_COLUMN_SIZE], const char *network, const char *part);

/* Widths, weights, embeddings and curves of each. */
enum status networks_write(const struct network *network, size_t count, struct artifact_writer *w,
                           struct error *err);

#endif
