/* evaluate: every metric, of the ranker and of every component alone. */
#include "common/base/json.h"
#include "common/base/mem.h"
#include "common/data/view.h"
#include "common/stage/stage.h"
#include "stages/evaluate/evaluate.h"

#include <stdlib.h>
#include <string.h>

struct params {
    const char *dataset_name;
    const char *permute;
    const char *print;
    const char *rows;
    const char *users;
    const char *foreign;
    const char *lists;
    const char *purpose;
    int64_t max_users, bootstrap, permutation, importance, list_length;
};

#define OPTION_HOLDER struct params
static const struct option_spec options[] = {
    PARAMETER_TEXT("dataset-name", dataset_name, "unnamed",
                   "name of the data set, written to metrics.json"),
    PARAMETER_CHOICE("for", purpose, "next", PURPOSE_CHOICES, "what the ranker's lists are for"),
    PARAMETER_TEXT(
        "permute", permute, NULL,
        "feature group to shuffle among each user's movies, to see how much the ranker needs it"),
    PARAMETER_INT("max-users", max_users, "10000", 1, 1e9,
                  "test users to evaluate; a random sample where there are more"),
    PARAMETER_INT("bootstrap", bootstrap, "1000", 0, 1e6,
                  "bootstrap resamples of the users for each 95 % interval"),
    PARAMETER_INT("permutation", permutation, "9999", 1, 1e7, "random sign flips for each p-value"),
    PARAMETER_INT("importance", importance, "1000", 0, 1e9,
                  "users on whom the permutation importance of each feature group is measured"),
    PARAMETER_LIST("foreign", foreign, "none",
                   "NAME=FILE,...: TREC run files of other programs, to measure beside the ranker"),
    RUNTIME_TEXT("lists", lists, NULL,
                 "write the lists as TREC files, this name with .MODEL.run and .qrels behind it",
                 0),
    RUNTIME_INT("list-length", list_length, "1000", 0, 1e9,
                "movies of each list that --lists writes; 0: all", 0),
    RUNTIME_TEXT("users", users, NULL, "CSV file to write the ranker's metrics of each user to", 0),
    /* Must be the only option: main handles it. */
    RUNTIME_TEXT("print", print, NULL,
                 "print the results table of this metrics.json; nothing is computed", 0),
    RUNTIME_TEXT("rows", rows, NULL,
                 "print the metrics named after it from this metrics.json, as CSV rows", 0),
};

static const struct stage_input inputs[] = {
    {"dataset", "dataset", true, INPUT_UNFITTED, "the data set"},
    {"split", "split", true, INPUT_UNFITTED, "its split"},
    {"similarity", "similarity", true, INPUT_RUN_VIEW, "content similarity"},
    {"factors", "factors", true, INPUT_RUN_VIEW, "collaborative models"},
    {"sequence", "sequence", false, INPUT_RUN_VIEW, "the sequence encoder"},
    {"ranker", "ranker", true, INPUT_FIT_VIEW, "the neural ranker"},
    {"ncf", "ncf", false, INPUT_RUN_VIEW, "neural collaborative filtering"},
};

struct loaded {
    struct feature_context *context;
    struct ranker *ranker;
    struct ncf *ncf;
    struct ratings ratings;
    uint8_t *role;
    struct test_set test;
    struct components components;
    struct foreign_list named;
    struct foreign *foreign[MAX_COMPONENTS];
    struct digest foreign_hash[MAX_COMPONENTS];
};

static void loaded_release(struct loaded *l) {
    feature_context_release(l->context);
    ranker_release(l->ranker);
    ncf_release(l->ncf);
    ratings_release(&l->ratings);
    mem_free(l->role);
    test_set_release(&l->test);
    components_release(&l->components);
    for (size_t i = 0; i < MAX_COMPONENTS; i++) {
        foreign_release(l->foreign[i]);
    }
    foreign_list_release(&l->named);
}

static enum status load(struct loaded *l, struct stage_run *run, struct error *err) {
    const struct run_artifacts from = stage_artifacts(run);
    const struct artifact *dataset = from.file[RUN_DATASET], *split = from.file[RUN_SPLIT];
    TRY(feature_context_load(&l->context, &from, err));
    TRY(ranker_load(&l->ranker, from.file[RUN_RANKER], err));
    if (from.file[RUN_NCF] != NULL) TRY(ncf_load(&l->ncf, from.file[RUN_NCF], err));
    TRY(ratings_load(&l->ratings, &l->role, dataset, split, err));
    TRY(test_set_load(&l->test, split, &l->ratings, err));
    return components_bind(&l->components, l->context, l->ranker, l->ncf, stage_seed(run), err);
}

static enum status load_foreign(struct loaded *l, struct stage_run *run, const char *list,
                                struct error *err) {
    TRY(foreign_list_parse(&l->named, list, err));
    for (size_t i = 0; i < l->named.count; i++) {
        if (i == MAX_COMPONENTS) return error_set(err, STATUS_USAGE, "--foreign: too many files");
        TRY(stage_add_file(run, l->named.name[i], l->named.path[i], &l->foreign_hash[i], err));
        TRY(foreign_read(&l->foreign[i], l->named.path[i], feature_catalogue(l->context), err));
        TRY(components_add_foreign(&l->components, l->named.name[i], l->foreign[i], err));
    }
    return STATUS_OK;
}

/* Lists of users who are not tested, and users without a list, may be a mistake. */
static void tell_unused(const struct evaluation *e) {
    for (size_t c = 0; c < e->components->n_components; c++) {
        const struct contender *s = &e->components->component[c];
        if (s->foreign == NULL) continue;
        size_t lists = foreign_lists(s->foreign), used = e->n_lists - e->n_missing[c];
        if (lists > used)
            log_warn("%s: %zu lists are of users who are not tested", s->name, lists - used);
        if (e->n_missing[c] > 0) {
            log_warn("%s: %zu of %zu tested lists are missing: all their movies count as tied",
                     s->name, e->n_missing[c], e->n_lists);
        }
    }
}

/* {name: {file: hash of its bytes, lists, missing}} */
static json_t *foreign_json(const struct loaded *l, const struct evaluation *e) {
    json_t *files = json_object();
    size_t first = l->components.n_components - l->named.count;
    for (size_t i = 0; i < l->named.count; i++) {
        char text[DIGEST_TEXT_SIZE];
        digest_text(&l->foreign_hash[i], text);
        json_t *file = json_pack("{s:s,s:I,s:I}", "file", text, "lists",
                                 (json_int_t)foreign_lists(l->foreign[i]), "missing",
                                 (json_int_t)e->n_missing[first + i]);
        json_object_set_new(files, l->named.name[i], file);
    }
    return files;
}

/* Copies a text of an artifact's metadata, if it is there. */
static void copy_text(json_t *out, const char *key, const struct artifact *a, const char *meta) {
    const char *text = NULL;
    struct error ignored;
    if (artifact_has_meta(a, meta) && artifact_get_str(a, meta, &text, &ignored) == STATUS_OK)
        json_object_set_new(out, key, json_string(text));
}

/* What was evaluated comes first in the document. */
static json_t *header_json(struct stage_run *run, const struct params *p, const struct loaded *l,
                           const struct evaluation *e) {
    const struct artifact *split = stage_input(run, "split");
    json_t *root = json_pack("{s:s,s:{s:s},s:I}", "dataset", p->dataset_name, "split", "params",
                             artifact_lineage(split)->params, "seed", (json_int_t)stage_seed(run));
    copy_text(json_object_get(root, "split"), "protocol", split, "protocol");
    copy_text(json_object_get(root, "split"), "target", split, "target");
    copy_text(json_object_get(root, "split"), "moment", split, "moment");
    copy_text(root, "no_order", stage_input(run, "dataset"), "order.why");
    json_object_set_new(root, "for", json_string(p->purpose));
    if (p->permute != NULL) json_object_set_new(root, "permuted", json_string(p->permute));
    json_t *artifacts = json_object();
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        const struct artifact *a = stage_input(run, inputs[i].role);
        if (a == NULL) continue;
        struct digest id = artifact_content_id(a);
        char text[DIGEST_TEXT_SIZE];
        digest_text(&id, text);
        json_object_set_new(artifacts, inputs[i].role, json_string(text));
    }
    json_object_set_new(root, "artifacts", artifacts);
    if (l->named.count > 0) json_object_set_new(root, "foreign", foreign_json(l, e));
    return root;
}

enum { STORED_AS = JSON_INDENT(2) | JSON_REAL_PRECISION(7) };

/* Rounds the numbers as the file will hold them, so that a table from the file is the same. */
static enum status round_as_stored(json_t **root, struct error *err) {
    char *text = json_dumps(*root, STORED_AS);
    json_t *rounded = text != NULL ? json_loads(text, 0, NULL) : NULL;
    free(text);
    if (rounded == NULL) return error_set(err, STATUS_FAILED, "rounding metrics: out of memory");
    json_decref(*root);
    *root = rounded;
    return STATUS_OK;
}

static enum status check(const void *params, struct error *err) {
    const struct params *p = params;
    if (p->print != NULL) {
        return error_set(err, STATUS_USAGE, "--print: stands alone, as in evaluate --print FILE");
    }
    if (p->rows != NULL) {
        return error_set(err, STATUS_USAGE,
                         "--rows: stands first, as in evaluate --rows FILE ndcg@10 rmse");
    }
    AUTO(foreign_list) struct foreign_list foreign = {0};
    return foreign_list_parse(&foreign, p->foreign, err);
}

static enum status evaluate(struct stage_run *run, const void *params, struct error *err) {
    const struct params *p = params;
    AUTO(loaded) struct loaded l = {0};
    AUTO(evaluation) struct evaluation evaluation = {0};
    TRY(load(&l, run, err));
    TRY(load_foreign(&l, run, p->foreign, err));
    struct told told = {0};
    TRY(told_by_split(&told, stage_input(run, "split"), err));
    components_label(&l.components, &told);
    l.components.purpose = purpose_named(p->purpose);
    if (p->permute != NULL) TRY(components_permute(&l.components, p->permute, err));
    struct question question;
    TRY(question_load(&question, stage_input(run, "split"), err));
    const struct evaluation_options asked = {
        .most = {(size_t)p->max_users, (size_t)p->importance},
        .lists = {p->lists, (size_t)p->list_length, feature_catalogue(l.context)}};
    TRY(evaluate_users(&evaluation, &l.components, &l.ratings, l.role, &question, &l.test, &asked,
                       err));
    stage_count(run, "test users", evaluation.n_users);
    tell_unused(&evaluation);

    struct bootstrap_options statistics = {(uint32_t)p->bootstrap, (uint32_t)p->permutation,
                                           stage_seed(run)};
    json_t *metrics = NULL, *root = header_json(run, p, &l, &evaluation);
    enum status status = metrics_json(&metrics, &evaluation, &statistics, err);
    if (status == STATUS_OK && (root == NULL || json_object_update(root, metrics) != 0)) {
        status = error_set(err, STATUS_FAILED, "building metrics.json: out of memory");
    }
    const char *path = stage_output_path(run);
    if (status == STATUS_OK && path != NULL) status = json_write_file(path, root, STORED_AS, err);
    if (status == STATUS_OK && p->users != NULL) {
        status = users_csv(&evaluation, feature_catalogue(l.context)->user_id, p->users, err);
    }
    if (status == STATUS_OK) status = round_as_stored(&root, err);
    if (status == STATUS_OK) status = metrics_print(root, stdout, err);
    json_decref(metrics);
    json_decref(root);
    return status;
}

static const struct stage evaluate_stage = {
    .name = "evaluate",
    .version = 8,
    .summary = "measures the ranker and every component alone on the held-out movies",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .inputs = inputs,
    .n_inputs = sizeof(inputs) / sizeof(inputs[0]),
    .has_view = true,
    .default_view = VIEW_FULL,
    .params_size = sizeof(struct params),
    .check = check,
    .run = evaluate,
};

/* evaluate --print FILE: the table of results measured before; with metrics named, CSV of them. */
static int print_file(const char *path, const char *const *metric, size_t n_metrics) {
    json_error_t problem;
    json_t *metrics = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    struct error err = {0};
    enum status status = STATUS_OK;
    if (metrics == NULL) {
        status = error_set(&err, STATUS_FAILED, "%s:%d: %s", path, problem.line, problem.text);
    } else if (n_metrics > 0) {
        status = metrics_rows(metrics, metric, n_metrics, stdout, &err);
    } else {
        status = metrics_print(metrics, stdout, &err);
    }
    if (metrics != NULL && status != STATUS_OK) status = error_wrap(&err, "%s", path);
    json_decref(metrics);
    if (status != STATUS_OK) fprintf(stderr, "evaluate: %s\n", err.text);
    return (int)status;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--print") == 0) return print_file(argv[2], NULL, 0);
    if (argc == 2 && strncmp(argv[1], "--print=", 8) == 0) return print_file(argv[1] + 8, NULL, 0);
    if (argc > 3 && strcmp(argv[1], "--rows") == 0) {
        return print_file(argv[2], (const char *const *)argv + 3, (size_t)argc - 3);
    }
    return stage_main(argc, argv, &evaluate_stage);
}
