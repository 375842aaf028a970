/* ranker: trains the neural ranker. */
#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/data/view.h"
#include "common/stage/stage.h"
#include "stages/ranker/experiment.h"

#include <stdio.h>

#define OPTION_HOLDER struct ranker_params
static const struct option_spec options[] = {
    PARAMETER_LIST("heads", heads, "rank,newcomer,rating",
                   "what to train; newcomer goes on from rank"),
    PARAMETER_LIST("layers", layers, "auto", "widths of the rank head's hidden layers, or none"),
    PARAMETER_LIST("rating-layers", rating_layers, "auto", "the same of the rating head"),
    PARAMETER_CHOICE("loss", loss, "auto", "auto|softmax|bpr|bce",
                     "of the rank head; auto: softmax over the group, plain network: bce"),
    PARAMETER_LIST("without", without, "none",
                   "features, models or group:NAME to leave out, or none"),
    PARAMETER_INT("user-dim", user_dim, "-1", -1, 1024, "length of the user embeddings, -1 = auto"),
    PARAMETER_INT("movie-dim", movie_dim, "-1", -1, 1024,
                  "length of the movie embeddings, -1 = auto"),
    PARAMETER_INT("epochs", epochs, "0", 0, 10000,
                  "most passes over the groups for the rank head, 0 = auto"),
    PARAMETER_INT("rating-epochs", rating_epochs, "0", 0, 10000,
                  "the same for the rating head, 0 = auto"),
    PARAMETER_INT("batch", batch, "0", 0, 1048576,
                  "groups (a positive and its negatives) per step, 0 = auto"),
    PARAMETER_INT("patience", patience, "5", 0, 10000,
                  "epochs without a better validation metric before stopping, 0 = never stop"),
    PARAMETER_INT(
        "ensemble", ensemble, "0", 0, 16,
        "networks per head, trained from different seeds and averaged; 0: as many as have "
        "30,000 groups between them, at most five"),
    PARAMETER_INT("negatives", negatives, "4", 1, 1000,
                  "plain network: movies drawn for each positive in each epoch"),
    PARAMETER_INT(
        "max-targets", max_targets, "60000000", 1, 1e12,
        "plain network: fewer passes where they would be more positives than this in all"),
    PARAMETER_INT("valid-negatives", valid_negatives, "99", 1, 10000,
                  "plain network: movies that a validation positive is ranked against"),
    PARAMETER_REAL("learning-rate", learning_rate, "-1", -1, 1,
                   "peak learning rate of the rank head, -1 = auto"),
    PARAMETER_REAL("rating-learning-rate", rating_learning_rate, "-1", -1, 1,
                   "the same of the rating head, -1 = auto"),
    PARAMETER_REAL("dropout", dropout, "-1", -1, 0.9,
                   "share of hidden units zeroed in training, rank head, -1 = auto"),
    PARAMETER_REAL("rating-dropout", rating_dropout, "-1", -1, 0.9,
                   "the same in the rating head, -1 = auto"),
    PARAMETER_REAL("weight-decay", weight_decay, "0.1", 0, 100,
                   "decoupled weight decay of the layers"),
    PARAMETER_REAL("embedding-decay", embedding_decay, "0.01", 0, 100,
                   "decoupled weight decay of the embedding rows that a step touches"),
};

static const struct stage_input inputs[] = {
    {"features", "features", true, INPUT_FIT_VIEW, "training rows"},
};

static enum status run(struct stage_run *run, const void *params, struct error *err) {
    AUTO(experiment) struct experiment e = {.params = params, .seed = stage_seed(run)};
    AUTO(buf) struct buf checkpoint = {0};
    const struct digest recipe = stage_recipe_id(run);
    TRY(experiment_load(&e, stage_input(run, "features"), err));
    TRY(experiment_plan(&e, err));
    TRY(buf_printf(&checkpoint, err, "%s.ckpt", stage_output_path(run)));
    TRY(networks_train_resumably(e.network, e.n_networks, checkpoint.data, &recipe, err));
    TRY(experiment_write(&e, stage_output(run), err));
    (void)remove(checkpoint.data);
    stage_count(run, "groups", e.train.n_groups);
    stage_count(run, "features", e.train.n_features);
    stage_count(run, "networks", e.n_networks);
    return STATUS_OK;
}

static const struct stage ranker_stage = {
    .name = "ranker",
    .version = 1,
    .summary = "trains the neural ranker: a ranking head and a rating head",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .inputs = inputs,
    .n_inputs = sizeof inputs / sizeof inputs[0],
    .output_kind = "ranker",
    .has_view = true,
    .default_view = VIEW_FIT,
    .params_size = sizeof(struct ranker_params),
    .run = run,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &ranker_stage);
}
