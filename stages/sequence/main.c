/* sequence: a recurrent encoder of histories, trained to predict the next movie. */
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/models/gru4rec.h"
#include "common/models/gru4rec_fit.h"
#include "common/stage/stage.h"

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "from ingest"},
    {"split", "split", false, INPUT_UNFITTED, "from split; not needed for --view all"},
};

static enum status run(struct stage_run *r, const void *params, struct error *err) {
    AUTO(ratings) struct ratings ratings = {0};
    bool order = true;
    TRY(dataset_has_order(&order, stage_input(r, "dataset"), err));
    if (!order) {
        log_info("the ratings have no order: there is nothing to encode");
        return STATUS_OK;
    }
    TRY(view_load(&ratings, stage_input(r, "dataset"), stage_input(r, "split"), stage_view(r),
                  err));
    stage_count(r, "movies", ratings.n_movies);
    stage_count(r, "ratings", ratings.count);
    stage_count(r, "epochs", gru4rec_epochs(params, &ratings));
    const struct fitting fitting = {
        .ratings = &ratings, .seed = stage_seed(r), .out = stage_output(r)};
    const struct instance instance = {.model = &gru4rec_model};
    return gru4rec_model.fit(&fitting, &instance, params, err);
}

int main(int argc, char **argv) {
    const struct stage stage = {
        .name = "sequence",
        .version = 1,
        .summary = "trains a recurrent encoder of histories to predict the next movie",
        .options = gru4rec_model.options,
        .n_options = gru4rec_model.n_options,
        .inputs = inputs,
        .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
        .output_kind = "sequence",
        .has_view = true,
        .default_view = VIEW_FULL,
        .params_size = gru4rec_model.params_size,
        .run = run,
    };
    return stage_main(argc, argv, &stage);
}
