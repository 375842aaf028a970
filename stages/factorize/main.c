/* factorize: the collaborative models of one view. */
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/models/partition.h"
#include "common/models/registry.h"
#include "common/stage/stage.h"
#include "stages/factorize/factorize.h"

#include <stdio.h>
#include <string.h>

#define OPTION_HOLDER struct factorize_params
static const struct option_spec own_options[] = {
    PARAMETER_REAL("movie-shrinkage", movie_shrinkage, "10", 0, 1e6,
                   "ratings of shrinkage, movie biases"),
    PARAMETER_REAL("user-shrinkage", user_shrinkage, "10", 1e-6, 1e6,
                   "ratings of shrinkage, user biases"),
    PARAMETER_REAL("liked", liked, "3.5", 0.5, 5,
                   "stars from which a rating counts as liked, if it is not below the user's mean"),
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
    bool order = true;
    TRY(dataset_has_order(&order, stage_input(run, "dataset"), err));
    TRY(factorize(stage_output(run), &ratings, order, params, stage_seed(run), err));
    if (ranks_count() > 1)
        log_info("%zu processes; the first sent %llu bytes", ranks_count(),
                 (unsigned long long)ranks_bytes_sent());
    return STATUS_OK;
}

/* --list needs no inputs, so it is answered before the stage asks for them. */
static int print_list(void) {
    AUTO(buf) struct buf text = {0};
    struct error err = {0};
    if (registry_table(&text, &err) != STATUS_OK) {
        (void)fprintf(stderr, "factorize: %s\n", err.text);
        return (int)err.status;
    }
    (void)fputs(text.data, stdout);
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

/* The stage's own options and those of the models. */
enum { N_OWN = sizeof own_options / sizeof own_options[0], MAX_OPTIONS = 256 };

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0) return print_list();
    static struct option_spec options[MAX_OPTIONS];
    struct error err = {0};
    struct stage stage = {
        .name = "factorize",
        .version = 2,
        .summary = "fits the collaborative models on one view of the ratings",
        .options = options,
        .n_options = N_OWN,
        .inputs = inputs,
        .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
        .output_kind = "factors",
        .has_view = true,
        .distributed = true,
        .default_view = VIEW_FULL,
        .params_size = sizeof(struct factorize_params),
        .check = factorize_check,
        .run = run,
    };
    memcpy(options, own_options, sizeof own_options);
    if (registry_options("factors", options, MAX_OPTIONS, &stage.n_options, &stage.params_size,
                         &err) != STATUS_OK) {
        (void)fprintf(stderr, "factorize: %s\n", err.text);
        return (int)err.status;
    }
    return stage_main(argc, argv, &stage);
}
