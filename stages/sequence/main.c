/* sequence: a recurrent encoder of histories, trained to predict the next movie. */
#include "common/base/mem.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/models/gru4rec_fit.h"
#include "common/stage/stage.h"

#define OPTION_HOLDER struct train_params
static const struct option_spec options[] = {
    PARAMETER_INT("dim", dim, "64", 1, 1024, "length of the movies' embeddings"),
    PARAMETER_INT("hidden", hidden, "128", 1, 1024, "length of the state"),
    PARAMETER_INT("window", window, "200", 1, 100000, "newest ratings that are read"),
    PARAMETER_INT("batch", batch, "16", 1, 2048, "windows per step"),
    PARAMETER_INT("negatives", negatives, "512", 1, 100000,
                  "movies drawn per step; the whole catalogue if it has no more"),
    PARAMETER_REAL("popularity", popularity, "0.5", 0, 2,
                   "they are drawn by popularity to this power"),
    PARAMETER_INT("epochs", epochs, "8", 1, 10000,
                  "passes over the ratings; up to four times as many where movies have few"),
    PARAMETER_INT("max-targets", max_targets, "25000000", 1, 1e12,
                  "fewer passes where they would be more ratings than this in all"),
    PARAMETER_REAL("learning-rate", learning_rate, "0.006", 1e-9, 10, "of Adam, at its highest"),
    PARAMETER_REAL("decay", decay, "0", 0, 10, "decoupled weight decay of the embeddings"),
    PARAMETER_REAL("input-dropout", input_dropout, "0.1", 0, 0.95, "share of what a step reads"),
    PARAMETER_REAL("output-dropout", output_dropout, "0.1", 0, 0.95,
                   "share of the state that movies are compared with"),
};

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "from ingest"},
    {"split", "split", false, INPUT_UNFITTED, "from split; not needed for --view all"},
};

static enum status run(struct stage_run *r, const void *params, struct error *err) {
    const struct train_params *p = params;
    AUTO(ratings) struct ratings ratings = {0};
    AUTO(sequence_model) struct sequence_model model = {0};
    MEM_AUTO double *loss = NULL;
    TRY(view_load(&ratings, stage_input(r, "dataset"), stage_input(r, "split"), stage_view(r),
                  err));
    size_t epochs = train_epochs(p, &ratings);
    TRY(MEM_NEW(&loss, epochs, err));
    TRY(train(&model, loss, &ratings, p, stage_seed(r), err));
    TRY(sequence_write(&model, stage_output(r), err));
    TRY(artifact_add_1d(stage_output(r), "loss", DTYPE_F64, epochs, loss, err));
    stage_count(r, "movies", ratings.n_movies);
    stage_count(r, "ratings", ratings.count);
    stage_count(r, "epochs", epochs);
    return STATUS_OK;
}

static const struct stage sequence_stage = {
    .name = "sequence",
    .version = 1,
    .summary = "trains a recurrent encoder of histories to predict the next movie",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .inputs = inputs,
    .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
    .output_kind = "sequence",
    .has_view = true,
    .default_view = VIEW_FULL,
    .params_size = sizeof(struct train_params),
    .run = run,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &sequence_stage);
}
