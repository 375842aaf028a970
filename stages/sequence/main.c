/* sequence: a recurrent encoder of histories, trained to predict the next movie. */
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/data/question.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/models/gru4rec.h"
#include "common/models/gru4rec_fit.h"
#include "common/stage/stage.h"

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "from ingest"},
    {"split", "split", false, INPUT_UNFITTED, "from split; not needed for --view all"},
};

/* What is not told of the moment at which a movie is to be found, is not told in training either.
 */
static enum status resolve_gaps(struct gru4rec_params *p, const struct artifact *split,
                                struct error *err) {
    struct question question = {.moment = MOMENT_KNOWN};
    if (split != NULL) TRY(question_load(&question, split, err));
    p->gaps = option_text_or(p->gaps, question.moment == MOMENT_HIDDEN ? "since" : "until");
    return STATUS_OK;
}

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
    struct gru4rec_params resolved = *(const struct gru4rec_params *)params;
    TRY(resolve_gaps(&resolved, stage_input(r, "split"), err));
    TRY(stage_resolve(r, &resolved, err));
    const struct fitting fitting = {
        .ratings = &ratings, .seed = stage_seed(r), .out = stage_output(r)};
    const struct instance instance = {.model = &gru4rec_model};
    return gru4rec_model.fit(&fitting, &instance, &resolved, err);
}

int main(int argc, char **argv) {
    const struct stage stage = {
        .name = "sequence",
        .version = 2,
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
