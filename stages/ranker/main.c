/* ranker: trains the neural ranker. */
#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/data/view.h"
#include "common/stage/stage.h"
#include "stages/ranker/experiment.h"
#include "stages/ranker/judging.h"

#include <stdio.h>

#define OPTION_HOLDER struct ranker_params
static const struct option_spec options[] = {
    PARAMETER_LIST("heads", heads, "rank,newcomer,rating,like",
                   "heads to train; newcomer and like continue from the trained rank head"),
    PARAMETER_LIST_AUTO("layers", layers, "widths of the rank head's hidden layers, or none",
                        "128,64; for new movies 8"),
    PARAMETER_LIST_AUTO("rating-layers", rating_layers, "the same for the rating head",
                        "64,32; for new movies 8"),
    PARAMETER_CHOICE("loss", loss, "softmax", "softmax|bpr|bce", "loss function of the rank head"),
    PARAMETER_LIST_AUTO("without", without, "features, models or group:NAME to leave out, or none",
                        "recent; none where the split is temporal or ratings have no order"),
    PARAMETER_INT("user-dim", user_dim, "0", 0, 1024, "length of the user embeddings"),
    PARAMETER_INT("movie-dim", movie_dim, "0", 0, 1024, "length of the movie embeddings"),
    PARAMETER_INT_AUTO("epochs", epochs, 1, 10000, "most passes over the groups, rank head",
                       "14; for new movies 3"),
    PARAMETER_INT("rating-epochs", rating_epochs, "20", 1, 10000, "the same for the rating head"),
    PARAMETER_INT("batch", batch, "128", 1, 1048576,
                  "groups (a positive and its negatives) per step"),
    PARAMETER_INT(
        "patience", patience, "5", 0, 10000,
        "epochs without a better validation metric before training stops early; 0: never"),
    PARAMETER_INT_AUTO("ensemble", ensemble, 1, 16,
                       "networks per head, trained from different seeds and averaged",
                       "as many as have 30,000 groups between them, 1 to 5"),
    PARAMETER_REAL("learning-rate", learning_rate, "0.004", 0, 1,
                   "peak learning rate of the rank head"),
    PARAMETER_REAL("rating-learning-rate", rating_learning_rate, "0.001", 0, 1,
                   "the same for the rating head"),
    PARAMETER_REAL_AUTO("dropout", dropout, 0, 0.9,
                        "share of hidden units zeroed in training, rank head",
                        "0.05; for new movies 0"),
    PARAMETER_REAL_AUTO("rating-dropout", rating_dropout, 0, 0.9, "the same for the rating head",
                        "0.2; for new movies 0"),
    PARAMETER_REAL("weight-decay", weight_decay, "0.1", 0, 100,
                   "decoupled weight decay of the layers"),
    PARAMETER_REAL("embedding-decay", embedding_decay, "0.01", 0, 100,
                   "decoupled weight decay of the embedding rows that a step touches"),
};

static const struct stage_input inputs[] = {
    {"features", "features", true, INPUT_FIT_VIEW, "training rows"},
};

static enum status run(struct stage_run *run, const void *params, struct error *err) {
    AUTO(experiment) struct experiment e = {.asked = params, .seed = stage_seed(run)};
    AUTO(buf) struct buf checkpoint = {0};
    const struct digest recipe = stage_recipe_id(run);
    TRY(experiment_load(&e, stage_input(run, "features"), err));
    TRY(experiment_plan(&e, err));
    TRY(stage_resolve(run, &e.params, err));
    TRY(buf_printf(&checkpoint, err, "%s.ckpt", stage_output_path(run)));
    TRY(networks_train_resumably(e.network, e.n_networks, checkpoint.data, &recipe, err));
    TRY(judging_choose(&e, err));
    TRY(experiment_write(&e, stage_output(run), err));
    (void)remove(checkpoint.data);
    stage_count(run, "groups", e.train.n_groups);
    stage_count(run, "features", e.train.n_features);
    stage_count(run, "networks", e.n_networks);
    return STATUS_OK;
}

static enum status check(const void *params, struct error *err) {
    return experiment_check(params, err);
}

static const struct stage ranker_stage = {
    .name = "ranker",
    .version = 4,
    .summary = "trains the neural ranker: a ranking head and a rating head",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .inputs = inputs,
    .n_inputs = sizeof inputs / sizeof inputs[0],
    .output_kind = "ranker",
    .has_view = true,
    .default_view = VIEW_FIT,
    .params_size = sizeof(struct ranker_params),
    .check = check,
    .run = run,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &ranker_stage);
}
