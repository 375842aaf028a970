#include "stages/report/reported_run.h"

#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/view.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *kind;
} parts[PARTS] = {
    [PART_DATASET] = {"dataset", "dataset"},
    [PART_SPLIT] = {"split", "split"},
    [PART_SIMILARITY_FIT] = {"similarity.fit", "similarity"},
    [PART_SIMILARITY_FULL] = {"similarity.full", "similarity"},
    [PART_SIMILARITY_ALL] = {"similarity.all", "similarity"},
    [PART_FACTORS_FIT] = {"factors.fit", "factors"},
    [PART_FACTORS_FULL] = {"factors.full", "factors"},
    [PART_FACTORS_ALL] = {"factors.all", "factors"},
    [PART_SEQUENCE_FIT] = {"sequence.fit", "sequence"},
    [PART_SEQUENCE_FULL] = {"sequence.full", "sequence"},
    [PART_SEQUENCE_ALL] = {"sequence.all", "sequence"},
    [PART_FEATURES] = {"features", "features"},
    [PART_RANKER] = {"ranker", "ranker"},
    [PART_NCF] = {"ncf", "ranker"},
};

static const char *const log_names[] = {
    "ingest",        "split",          "similarity.fit", "similarity.full", "similarity.all",
    "factorize.fit", "factorize.full", "factorize.all",  "sequence.fit",    "sequence.full",
    "sequence.all",  "features.fit",   "ranker.fit",     "ranker.full",     "evaluate.full"};

const char *run_log_name(size_t index) {
    return index < sizeof(log_names) / sizeof(log_names[0]) ? log_names[index] : NULL;
}

const char *part_name(enum part part) {
    return parts[part].name;
}

/* *out stays NULL if there is no such file. */
static enum status read_json(json_t **out, const char *folder, const char *name,
                             struct error *err) {
    AUTO(buf) struct buf path = {0};
    json_error_t problem;
    TRY(buf_printf(&path, err, "%s/%s", folder, name));
    if (!file_exists(path.data)) return STATUS_OK;
    *out = json_load_file(path.data, JSON_REJECT_DUPLICATES, &problem);
    if (*out == NULL) {
        return error_set(err, STATUS_FAILED, "%s:%d: %s", path.data, problem.line, problem.text);
    }
    if (json_is_object(*out)) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "%s: is no JSON object", path.data);
}

static enum status open_artifacts(struct reported_run *r, struct error *err) {
    for (int part = 0; part < PARTS; part++) {
        AUTO(buf) struct buf path = {0};
        TRY(buf_printf(&path, err, "%s/%s.art", r->folder, parts[part].name));
        if (!file_exists(path.data)) continue;
        TRY(artifact_open(&r->art[part], path.data, parts[part].kind, err));
    }
    if (r->art[PART_DATASET] != NULL) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "%s: is no run: there is no dataset.art", r->folder);
}

static enum status read_logs(struct reported_run *r, struct error *err) {
    r->logs = json_object();
    for (size_t i = 0; i < sizeof(log_names) / sizeof(log_names[0]); i++) {
        AUTO(buf) struct buf name = {0};
        json_t *log = NULL;
        TRY(buf_printf(&name, err, "logs/%s.json", log_names[i]));
        TRY(read_json(&log, r->folder, name.data, err));
        if (log != NULL && json_object_set_new(r->logs, log_names[i], log) != 0) {
            return error_set(err, STATUS_FAILED, "%s: out of memory", name.data);
        }
    }
    return STATUS_OK;
}

static enum status set_folder(struct reported_run *r, const char *folder, struct error *err) {
    size_t size = strlen(folder);
    while (size > 1 && folder[size - 1] == '/') {
        size--;
    }
    TRY(mem_alloc(&r->folder, size + 1, 1, err));
    memcpy(r->folder, folder, size);
    const char *slash = strrchr(r->folder, '/');
    r->name = slash != NULL && slash[1] != '\0' ? slash + 1 : r->folder;
    return STATUS_OK;
}

static void find_span(struct reported_run *r) {
    const int64_t *time = r->ratings.time;
    r->n_ratings = r->ratings.count;
    for (uint64_t i = 0; i < r->n_ratings; i++) {
        if (i == 0 || time[i] < r->first_time) r->first_time = time[i];
        if (i == 0 || time[i] > r->last_time) r->last_time = time[i];
    }
}

static enum status open_all(struct reported_run *r, const char *folder, struct error *err) {
    TRY(set_folder(r, folder, err));
    TRY(open_artifacts(r, err));
    TRY(read_json(&r->metrics, r->folder, "metrics.json", err));
    TRY(read_logs(r, err));
    TRY(catalogue_load(&r->catalogue, r->art[PART_DATASET], err));
    TRY(view_load(&r->ratings, r->art[PART_DATASET], NULL, VIEW_ALL, err));
    find_span(r);
    return STATUS_OK;
}

enum status run_open(struct reported_run *out, const char *folder, struct error *err) {
    *out = (struct reported_run){0};
    enum status status = open_all(out, folder, err);
    if (status != STATUS_OK) run_release(out);
    return status;
}

void run_release(struct reported_run *r) {
    for (int part = 0; part < PARTS; part++) {
        artifact_close(r->art[part]);
    }
    json_decref(r->metrics);
    json_decref(r->logs);
    catalogue_release(&r->catalogue);
    ratings_release(&r->ratings);
    mem_free(r->folder);
    *r = (struct reported_run){0};
}

const struct artifact *run_latest(const struct reported_run *r, enum part all) {
    return r->art[all] != NULL ? r->art[all] : r->art[all - 1];
}

json_t *json_find(const json_t *object, ...) {
    va_list keys;
    va_start(keys, object);
    const char *key;
    json_t *found = (json_t *)object;
    while (found != NULL && (key = va_arg(keys, const char *)) != NULL) {
        found = json_object_get(found, key);
    }
    va_end(keys);
    return found;
}

const char *json_text(const json_t *value, const char *otherwise) {
    return json_is_string(value) ? json_string_value(value) : otherwise;
}

static double number_or_nan(const json_t *value) {
    return json_is_number(value) ? json_number_value(value) : NAN;
}

bool interval_read(struct interval *out, const json_t *estimate) {
    *out = (struct interval){number_or_nan(json_object_get(estimate, "value")),
                             number_or_nan(json_object_get(estimate, "low")),
                             number_or_nan(json_object_get(estimate, "high"))};
    return !isnan(out->value);
}
