#include "stages/report/reported_run.h"

#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/view.h"

#include <math.h>
#include <string.h>

/* *out stays NULL if there is no such file. */
static enum status read_json(json_t **out, const char *path, struct error *err) {
    json_error_t problem;
    if (!file_exists(path)) return STATUS_OK;
    *out = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (*out == NULL) {
        return error_set(err, STATUS_FAILED, "%s:%d: %s", path, problem.line, problem.text);
    }
    if (json_is_object(*out)) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "%s: is no JSON object", path);
}

static enum status read_metrics(struct reported_run *r, struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(run_path(&path, r->folder.path, run_part_of(RUN_METRICS, VIEW_FULL), err));
    return read_json(&r->metrics, path.data, err);
}

static enum status read_certificate(struct reported_run *r, struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(buf_printf(&path, err, "%s/certificate.json", r->folder.path));
    return read_json(&r->certificate, path.data, err);
}

static enum status read_logs(struct reported_run *r, struct error *err) {
    r->logs = json_object();
    for (size_t part = 0; part < RUN_PARTS; part++) {
        const char *name = run_part(part)->log;
        AUTO(buf) struct buf path = {0};
        json_t *log = NULL;
        TRY(buf_printf(&path, err, "%s/logs/%s.json", r->folder.path, name));
        TRY(read_json(&log, path.data, err));
        if (log != NULL && json_object_set_new(r->logs, name, log) != 0) {
            return error_set(err, STATUS_FAILED, "%s: out of memory", path.data);
        }
    }
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
    TRY(run_folder_open_all(&r->folder, folder, err));
    TRY(read_metrics(r, err));
    TRY(read_certificate(r, err));
    TRY(read_logs(r, err));
    const struct artifact *dataset = run_newest(r, RUN_DATASET);
    TRY(catalogue_load(&r->catalogue, dataset, err));
    TRY(view_load(&r->ratings, dataset, NULL, VIEW_ALL, err));
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
    json_decref(r->metrics);
    json_decref(r->certificate);
    json_decref(r->logs);
    catalogue_release(&r->catalogue);
    ratings_release(&r->ratings);
    run_folder_release(&r->folder);
    *r = (struct reported_run){0};
}

const struct artifact *run_newest(const struct reported_run *r, enum run_role role) {
    const struct artifact *all = r->folder.file[run_part_of(role, VIEW_ALL)];
    return all != NULL ? all : r->folder.file[run_part_of(role, VIEW_FULL)];
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
