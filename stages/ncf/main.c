/* ncf: neural collaborative filtering (He et al. 2017), trained on the ratings of one view. */
#include "common/base/mem.h"
#include "common/models/ncf.h"
#include "common/stage/stage.h"

#include <stdio.h>

#define OPTION_HOLDER struct ncf_params
static const struct option_spec options[] = {
    PARAMETER_LIST("heads", heads, "rank,rating", "what to train"),
    PARAMETER_LIST("layers", layers, "64,32", "widths of the rank head's hidden layers, or none"),
    PARAMETER_LIST("rating-layers", rating_layers, "64,32", "the same of the rating head"),
    PARAMETER_CHOICE("loss", loss, "bce", "softmax|bpr|bce", "of the rank head"),
    PARAMETER_INT("user-dim", user_dim, "32", 0, 1024, "length of the user embeddings"),
    PARAMETER_INT("movie-dim", movie_dim, "32", 0, 1024, "length of the movie embeddings"),
    PARAMETER_INT("epochs", epochs, "12", 1, 10000,
                  "most passes over the ratings for the rank head"),
    PARAMETER_INT("rating-epochs", rating_epochs, "5", 1, 10000, "the same for the rating head"),
    PARAMETER_INT("max-targets", max_targets, "60000000", 1, 1e12,
                  "fewer passes where they would be more positives than this in all"),
    PARAMETER_INT("batch", batch, "512", 1, 1048576, "positives per step"),
    PARAMETER_INT("patience", patience, "5", 0, 10000,
                  "epochs without a better validation metric before stopping, 0 = never stop"),
    PARAMETER_INT("ensemble", ensemble, "1", 1, 16,
                  "networks per head, trained from different seeds and averaged"),
    PARAMETER_INT("negatives", negatives, "4", 1, 1000,
                  "movies drawn for each positive in each epoch"),
    PARAMETER_INT("valid-negatives", valid_negatives, "99", 1, 10000,
                  "movies that a validation positive is ranked against"),
    PARAMETER_REAL("learning-rate", learning_rate, "0.003", 0, 1,
                   "peak learning rate of the rank head"),
    PARAMETER_REAL("rating-learning-rate", rating_learning_rate, "0.003", 0, 1,
                   "the same of the rating head"),
    PARAMETER_REAL("dropout", dropout, "0", 0, 0.9,
                   "share of hidden units zeroed in training, rank head"),
    PARAMETER_REAL("rating-dropout", rating_dropout, "0", 0, 0.9, "the same in the rating head"),
    PARAMETER_REAL("weight-decay", weight_decay, "0.1", 0, 100,
                   "decoupled weight decay of the layers"),
    PARAMETER_REAL("embedding-decay", embedding_decay, "0.01", 0, 100,
                   "decoupled weight decay of the embedding rows that a step touches"),
};

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "from ingest"},
    {"split", "split", false, INPUT_UNFITTED, "from split; not needed for --view all"},
};

/* The ratings of role valid, to stop by: those of view fit alone are not trained on. */
static enum status load_validation(struct ncf_fitting *f, const struct stage_run *run,
                                   struct error *err) {
    AUTO(ratings) struct ratings all = {0};
    MEM_AUTO uint8_t *role = NULL;
    TRY(ratings_load(&all, &role, stage_input(run, "dataset"), stage_input(run, "split"), err));
    return ncf_validate_by(f, &all, role, err);
}

static enum status run(struct stage_run *run, const void *params, struct error *err) {
    AUTO(ratings) struct ratings ratings = {0};
    AUTO(ncf_fitting) struct ncf_fitting fitting = {0};
    AUTO(buf) struct buf checkpoint = {0};
    const struct digest recipe = stage_recipe_id(run);
    TRY(view_load(&ratings, stage_input(run, "dataset"), stage_input(run, "split"), stage_view(run),
                  err));
    TRY(ncf_begin(&fitting, params, &ratings, stage_seed(run), err));
    if (stage_view(run) == VIEW_FIT) TRY(load_validation(&fitting, run, err));
    TRY(ncf_plan(&fitting, err));
    TRY(buf_printf(&checkpoint, err, "%s.ckpt", stage_output_path(run)));
    TRY(networks_train_resumably(fitting.network, fitting.n_networks, checkpoint.data, &recipe,
                                 err));
    TRY(ncf_write(&fitting, stage_output(run), err));
    (void)remove(checkpoint.data);
    stage_count(run, "ratings", ratings.count);
    stage_count(run, "networks", fitting.n_networks);
    return STATUS_OK;
}

static enum status check(const void *params, struct error *err) {
    return ncf_check(params, err);
}

static const struct stage ncf_stage = {
    .name = "ncf",
    .version = 1,
    .summary = "trains embeddings and a perceptron on the ratings of one view (He et al. 2017)",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .inputs = inputs,
    .n_inputs = sizeof inputs / sizeof inputs[0],
    .output_kind = "ncf",
    .has_view = true,
    .default_view = VIEW_FULL,
    .reads_roles = true,
    .params_size = sizeof(struct ncf_params),
    .check = check,
    .run = run,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &ncf_stage);
}
