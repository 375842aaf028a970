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

/* Sets wanted[i] for each of names[n] that the comma-separated list `text` contains. STATUS_USAGE
 * for a name that is none of them. */
enum status heads_parse(bool *wanted, const char *text, const char *const *names, size_t n,
                        struct error *err);

enum { HEAD_MAX_HIDDEN = MLP_MAX_LAYERS - 1 };

/* What the networks of one head share. */
struct head_plan {
    bool wanted;
    const char *name; /* "rank" */
    uint64_t stream;  /* separates its random streams from those of other heads */
    enum loss_kind loss;
    uint32_t hidden[HEAD_MAX_HIDDEN];
    size_t n_hidden;
    uint32_t epochs;
    double learning_rate, dropout;
};

/* Parses "96,48" into widths; "" and "none" mean no hidden layer. STATUS_USAGE, naming `option`, if
 * `text` is malformed. */
enum status head_parse_layers(struct head_plan *head, const char *option, const char *text,
                              struct error *err);

/* ---- training ---- */

/* Sets up one network. `common` holds what does not depend on the head: samples, scaling,
 * optimiser, patience, batch size. `seed` is the run's. */
enum status network_plan(struct network *out, const struct train_task *common,
                         const struct head_plan *head, const struct mlp_inputs *inputs,
                         uint64_t member, uint64_t seed, struct error *err);
void networks_release(struct network *network, size_t count);

/* Trains the networks that are not finished yet, one after another. */
enum status networks_train(struct network *network, size_t count, train_hook hook, void *context,
                           struct error *err);

/* The same with a log line per epoch, and with the state saved in the file `checkpoint`, from which
 * a run that was killed continues. `recipe` identifies what is being trained, from what and how. */
enum status networks_train_resumably(struct network *network, size_t count, const char *checkpoint,
                                     const struct digest *recipe, struct error *err);

/* ---- columns ---- */

enum { NETWORK_COLUMN_SIZE = 64 };

/* "rank-0.weights" */
const char *network_column(char out[NETWORK_COLUMN_SIZE], const char *network, const char *part);

/* Adds the columns of each network: widths, weights, embeddings and curves. */
enum status networks_write(const struct network *network, size_t count, struct artifact_writer *w,
                           struct error *err);

#endif
