#include "stages/features/training_rows.h"

#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"
#include "stages/features/compute.h"

#include <stdio.h>
#include <string.h>

enum { MAX_HARD_FEATURES = 64 };

/* The columns of the features named in `list`. */
static enum status find_features(const struct feature_context *c, const char *list,
                                 size_t columns[MAX_HARD_FEATURES], size_t *count,
                                 struct error *err) {
    *count = 0;
    for (const char *at = list; *at != '\0';) {
        size_t size = strcspn(at, ",");
        char name[FEATURE_NAME_SIZE];
        if (size >= sizeof name) {
            return error_set(err, STATUS_USAGE, "--hard-from: no feature is named \"%.*s\"",
                             (int)size, at);
        }
        snprintf(name, sizeof name, "%.*s", (int)size, at);
        size_t column = feature_find(c, name);
        if (column != SIZE_MAX && *count < MAX_HARD_FEATURES) columns[(*count)++] = column;
        at += size + (at[size] == ',');
    }
    return STATUS_OK;
}

static enum status add_needs(struct artifact_writer *w, const struct feature_context *c,
                             struct error *err) {
    MEM_AUTO uint8_t *needs = NULL;
    TRY(MEM_NEW(&needs, feature_count(c), err));
    for (size_t i = 0; i < feature_count(c); i++) {
        needs[i] = (uint8_t)feature_at(c, i)->needs;
    }
    return artifact_add_1d(w, "feature.needs", DTYPE_U8, feature_count(c), needs, err);
}

static enum status add_names(struct artifact_writer *w, const struct feature_context *c,
                             struct error *err) {
    static const char *const columns[] = {"feature.name", "feature.group", "feature.meaning"};
    for (size_t k = 0; k < 3; k++) {
        AUTO(strings) struct strings texts = {0};
        for (size_t i = 0; i < feature_count(c); i++) {
            const struct feature_spec *spec = feature_at(c, i);
            const char *text[] = {spec->name, spec->group, spec->meaning};
            TRY(strings_add(&texts, text[k], err));
        }
        TRY(artifact_add_strings(w, columns[k], &texts, err));
    }
    return STATUS_OK;
}

/* What the rows are for, as far as the ranker must know it. */
static enum status add_question(struct artifact_writer *w, const struct question *question,
                                const struct artifact *dataset, struct error *err) {
    bool order = true;
    TRY(dataset_has_order(&order, dataset, err));
    TRY(artifact_set_str(w, "history", history_rule_name(question->history), err));
    return artifact_set_str(w, "order", order ? "time" : "none", err);
}

/* A set of groups: its columns begin with its name. */
struct group_set {
    const char *name;
    enum role positive;
    enum plan_part part;
    const char *positives, *rows; /* names of their numbers in the log */
};
static const struct group_set training = {"train", ROLE_RANK, PLAN_ALL, "positives", "rows"},
                              settled = {"train", ROLE_RANK, PLAN_SETTLED, "positives", "rows"},
                              newcomers = {"newcomer", ROLE_RANK, PLAN_BEGINNINGS,
                                           "newcomer positives", "newcomer rows"},
                              validation = {"valid", ROLE_VALID, PLAN_ALL, "validation positives",
                                            "validation rows"},
                              held_out = {"valid", ROLE_VALID_OUT, PLAN_ALL, "validation positives",
                                          "validation rows"};

static enum status write_groups(struct stage_run *run, const struct row_source *source,
                                const struct group_set *set, const struct plan *plan,
                                struct sampling *sampling, struct error *err) {
    struct artifact_writer *w = stage_output(run);
    static const char *const parts[] = {"x",     "user",   "movie",   "rating",
                                        "log_q", "weight", "own_mean"};
    enum { PARTS = sizeof parts / sizeof parts[0] };
    char column[PARTS][32], purpose[32];
    for (size_t k = 0; k < PARTS; k++) {
        snprintf(column[k], sizeof column[k], "%s.%s", set->name, parts[k]);
    }
    snprintf(purpose, sizeof purpose, "features.%s", set->name);
    sampling->purpose = purpose;
    size_t size = 1 + sampling->uniform + sampling->hard;
    AUTO(group_columns) struct group_columns groups = {0};
    TRY(groups_compute(&groups, w, column[0], source, plan, sampling, err));
    TRY(artifact_add_1d(w, column[1], DTYPE_U32, plan->count, groups.user, err));
    TRY(artifact_add_2d(w, column[2], DTYPE_U32, plan->count, size, groups.movie, err));
    TRY(artifact_add_1d(w, column[3], DTYPE_U8, plan->count, groups.rating, err));
    TRY(artifact_add_1d(w, column[5], DTYPE_F32, plan->count, plan->weight, err));
    TRY(artifact_add_1d(w, column[6], DTYPE_F32, plan->count, groups.own_mean, err));
    stage_count(run, set->positives, plan->available);
    stage_count(run, set->rows, plan->count * size);
    if (set->positive != ROLE_RANK) return STATUS_OK;
    return artifact_add_2d(w, column[4], DTYPE_F32, plan->count, size, groups.log_q, err);
}

static enum status add_groups(struct stage_run *run, const struct row_source *source,
                              const struct group_set *set, struct sampling *sampling,
                              int64_t max_rows, struct error *err) {
    size_t size = 1 + sampling->uniform + sampling->hard;
    size_t max_groups = (uint64_t)max_rows > size ? (size_t)max_rows / size : 1;
    AUTO(plan) struct plan plan = {0};
    TRY(plan_make(&plan, source->ratings, source->role, set->positive, set->part, max_groups,
                  sampling->seed, err));
    if (plan.count == 0 && set->part == PLAN_BEGINNINGS) return STATUS_OK;
    if (plan.count == 0 && set->positive == ROLE_RANK) {
        return error_set(err, STATUS_FAILED, "%s: no rating has the role rank",
                         artifact_path(stage_input(run, "split")));
    }
    if (source->question.history == HISTORY_CUT) {
        TRY(plan_weigh_lists(&plan, source->ratings->n_users, err));
    }
    return write_groups(run, source, set, &plan, sampling, err);
}

/* kind[n_movies]: the role of a movie's ratings where the split gives all of them the same, else
 * NULL. */
static enum status find_kinds(uint8_t **kind, const struct ratings *r, const uint8_t *role,
                              const struct artifact *split, struct error *err) {
    const char *protocol;
    *kind = NULL;
    TRY(artifact_get_str(split, "protocol", &protocol, err));
    if (strcmp(protocol, "movies") != 0) return STATUS_OK;
    TRY(MEM_NEW(kind, r->n_movies, err));
    memset(*kind, ROLES, r->n_movies);
    for (uint64_t i = 0; i < r->count; i++) {
        (*kind)[r->movie[i]] = role[i];
    }
    return STATUS_OK;
}

enum status rows_write(struct stage_run *run, const struct feature_context *context,
                       const struct rows_params *p, struct error *err) {
    const struct artifact *dataset = stage_input(run, "dataset"),
                          *split = stage_input(run, "split");
    size_t columns[MAX_HARD_FEATURES];
    struct sampling train = {.uniform = (size_t)p->uniform,
                             .hard = (size_t)p->hard,
                             .hard_feature = columns,
                             .hard_top = (size_t)p->hard_top,
                             .short_share = p->short_share,
                             .seed = stage_seed(run)};
    struct sampling valid = {.uniform = (size_t)p->valid_negatives, .seed = stage_seed(run)};
    TRY(find_features(context, p->hard_from, columns, &train.n_hard_features, err));
    if (train.hard > 0 && train.n_hard_features == 0) {
        return error_set(err, STATUS_USAGE, "--hard-from: none of the features \"%s\" exists",
                         p->hard_from);
    }
    if (feature_catalogue(context)->n_movies < 2) {
        return error_set(err, STATUS_FAILED, "%s: ranking needs two movies at least",
                         artifact_path(dataset));
    }
    AUTO(ratings) struct ratings ratings = {0};
    MEM_AUTO uint8_t *role = NULL;
    TRY(ratings_load(&ratings, &role, dataset, split, err));
    struct row_source source = {.context = context, .ratings = &ratings, .role = role};
    MEM_AUTO uint8_t *kind = NULL;
    TRY(find_kinds(&kind, &ratings, role, split, err));
    source.kind = kind;
    TRY(artifact_set_i64(stage_output(run), "new_movies", kind != NULL, err));
    TRY(question_load(&source.question, split, err));
    TRY(add_names(stage_output(run), context, err));
    TRY(add_needs(stage_output(run), context, err));
    TRY(add_question(stage_output(run), &source.question, dataset, err));
    const bool beginnings =
        source.question.history == HISTORY_PREFIX && plan_has_beginnings(&ratings, role);
    if (beginnings) train.short_share = 0;
    const struct group_set *usual = beginnings ? &settled : &training;
    TRY(add_groups(run, &source, usual, &train, p->max_rows, err));
    if (beginnings && p->beginnings) {
        TRY(add_groups(run, &source, &newcomers, &train, p->max_rows, err));
    }
    const struct group_set *last =
        source.question.history == HISTORY_FOLD_IN ? &held_out : &validation;
    return add_groups(run, &source, last, &valid, p->max_valid_rows, err);
}
