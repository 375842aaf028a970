/* ncf: neural collaborative filtering (He et al. 2017), trained on the ratings of one view. */
#include "common/base/mem.h"
#include "common/models/ncf.h"
#include "common/stage/stage.h"

#include <stdio.h>

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "from ingest"},
    {"split", "split", false, INPUT_UNFITTED, "from split; not needed for --view all"},
};

/* Loads the ratings of role valid for early stopping; only view fit does not train on them. */
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

int main(int argc, char **argv) {
    const struct stage stage = {
        .name = "ncf",
        .version = 1,
        .summary = "trains embeddings and a perceptron on the ratings of one view (He et al. 2017)",
        .options = ncf_model.options,
        .n_options = ncf_model.n_options,
        .inputs = inputs,
        .n_inputs = sizeof inputs / sizeof inputs[0],
        .output_kind = "ncf",
        .has_view = true,
        .default_view = VIEW_FULL,
        .reads_roles = true,
        .params_size = ncf_model.params_size,
        .check = check,
        .run = run,
    };
    return stage_main(argc, argv, &stage);
}
