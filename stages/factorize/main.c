/* factorize: the collaborative models of one view. */
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/models/partition.h"
#include "common/stage/stage.h"
#include "stages/factorize/factorize.h"

static const char transition_models[] = "transition-a:5:3:30:8:300,"
                                        "transition-b:5:3:30:8:3000,"
                                        "transition-c:2:1:15:4:300,"
                                        "transition-d:1:1:8:4:100,"
                                        "transition-e:10:8:50:20:1000,"
                                        "transition-f:50:30:150:60:3000,"
                                        "transition-g:5:3:30:8:300:1:600:60,"
                                        "transition-h:100:100:60:60:1000:0:60:60,"
                                        "transition-i:20:20:60:40:3000:1:86400:86400,"
                                        "transition-j:3:2:20:6:300:2:300:300";

static const char window_models[] = "window-a:50:100:3000:3,"
                                    "window-b:10:20:1000:1,"
                                    "window-c:5:10:300:1";

#define OPTION_HOLDER struct factorize_params
static const struct option_spec options[] = {
    PARAMETER_FLAG("mf", mf, "true", "explicit matrix factorization with biases"),
    PARAMETER_INT("mf-dim", mf_dim, "64", 1, 1024, "factors of the explicit factorization"),
    PARAMETER_INT("mf-iterations", mf_iterations, "14", 1, 1000, "its iterations"),
    PARAMETER_REAL("mf-lambda", mf_lambda, "0.07", 1e-9, 1e9, "its regularisation of factors"),
    PARAMETER_REAL("mf-lambda-bias", mf_lambda_bias, "0.02", 1e-9, 1e9,
                   "its regularisation of biases"),
    PARAMETER_REAL("mf-nu", mf_nu, "1", 0, 2,
                   "a row of n ratings is regularised with lambda * n^nu"),
    PARAMETER_FLAG("ials", ials, "true", "implicit matrix factorization"),
    PARAMETER_INT("ials-dim", ials_dim, "64", 1, 1024, "factors of the implicit factorization"),
    PARAMETER_INT("ials-iterations", ials_iterations, "12", 1, 1000, "its iterations"),
    PARAMETER_REAL("ials-alpha0", ials_alpha0, "0.3", 1e-6, 1e3,
                   "its weight of what was not rated"),
    PARAMETER_REAL("ials-lambda", ials_lambda, "0.005", 1e-9, 1e9, "its regularisation"),
    PARAMETER_REAL("ials-nu", ials_nu, "1", 0, 2,
                   "exponent of a row's frequency in the regularisation"),
    PARAMETER_FLAG("ease", ease, "true", "EASE on all ratings"),
    PARAMETER_REAL("ease-lambda", ease_lambda, "1000", 1e-6, 1e12, "its ridge"),
    PARAMETER_FLAG("ease-liked", ease_liked, "true",
                   "EASE on ratings that say the user liked the movie"),
    PARAMETER_REAL("ease-liked-lambda", ease_liked_lambda, "1000", 1e-6, 1e12, "its ridge"),
    PARAMETER_REAL("liked", liked, "3.5", 0.5, 5,
                   "stars from which (and from the user's mean) one likes"),
    PARAMETER_FLAG("ease-residual", ease_residual, "true",
                   "EASE on ratings less user's and movie's bias"),
    PARAMETER_REAL("ease-residual-lambda", ease_residual_lambda, "600", 1e-6, 1e12, "its ridge"),
    PARAMETER_FLAG("ease-dropout", ease_dropout, "false", "EASE with the ridge of dropout"),
    PARAMETER_REAL("ease-dropout-lambda", ease_dropout_lambda, "300", 1e-6, 1e12,
                   "its constant ridge"),
    PARAMETER_REAL("ease-dropout-share", ease_dropout_share, "0.6", 0, 0.99,
                   "share of the history that is thought to be dropped"),
    PARAMETER_REAL("movie-shrinkage", movie_shrinkage, "10", 0, 1e6,
                   "ratings of shrinkage, movie biases"),
    PARAMETER_REAL("user-shrinkage", user_shrinkage, "10", 1e-6, 1e6,
                   "ratings of shrinkage, user biases"),
    PARAMETER_FLAG("transition", transition, "true", "transition models"),
    PARAMETER_LIST(
        "transition-models", transition_models, transition_models,
        "name:tau_past:tau_future:window_past:window_future:lambda[:relative:past_seconds:"
        "future_seconds] of each"),
    PARAMETER_FLAG("window", window, "false", "window models"),
    PARAMETER_LIST("window-models", window_models, window_models,
                   "name:tau:width:lambda[:relative] of each"),
    PARAMETER_INT("item-limit", item_limit, "10000", 1, 100000,
                  "most popular movies in the item-item models (memory: 4 bytes times the square)"),
    PARAMETER_INT("item-min-ratings", item_min_ratings, "2", 1, 1000000,
                  "ratings of the view that a movie needs for the item-item models"),
    PARAMETER_INT("keep", keep, "1000", 1, 100000, "strongest weights kept per target movie"),
};

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "from ingest"},
    {"split", "split", false, INPUT_UNFITTED, "from split; not needed for --view all"},
};

static enum status run(struct stage_run *run, const void *params, struct error *err) {
    AUTO(ratings) struct ratings ratings = {0};
    TRY(view_load(&ratings, stage_input(run, "dataset"), stage_input(run, "split"), stage_view(run),
                  err));
    stage_count(run, "users", ratings.n_users);
    stage_count(run, "movies", ratings.n_movies);
    stage_count(run, "ratings", ratings.count);
    TRY(partition_cut(&ratings, err));
    TRY(factorize(stage_output(run), &ratings, params, stage_seed(run), err));
    if (ranks_count() > 1)
        log_info("%zu processes; the first sent %llu bytes", ranks_count(),
                 (unsigned long long)ranks_bytes_sent());
    return STATUS_OK;
}

static const struct stage factorize_stage = {
    .name = "factorize",
    .version = 2,
    .summary = "fits the collaborative models on one view of the ratings",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .inputs = inputs,
    .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
    .output_kind = "factors",
    .has_view = true,
    .distributed = true,
    .default_view = VIEW_FULL,
    .params_size = sizeof(struct factorize_params),
    .run = run,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &factorize_stage);
}
