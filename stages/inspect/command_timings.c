/* timings: how long each stage of a run took, from the logs that the stages left. */
#include "common/base/buf.h"
#include "common/base/json.h"
#include "common/base/mem.h"
#include "stages/inspect/command.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listing {
    struct dirent **entry;
    int count;
};

static void listing_release(struct listing *l) {
    for (int i = 0; i < l->count; i++) {
        free(l->entry[i]);
    }
    free(l->entry);
}

static int is_log(const struct dirent *entry) {
    const size_t size = strlen(entry->d_name);
    return size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

/* A run whose stages ran without --log-dir has no folder of logs, and no timings. */
static enum status list_logs(struct listing *out, const char *folder, struct error *err) {
    DIR *run = opendir(folder);
    if (run == NULL) return error_errno(err, "%s: cannot be opened", folder);
    (void)closedir(run);
    AUTO(buf) struct buf logs = {0};
    TRY(buf_printf(&logs, err, "%s/logs", folder));
    const int count = scandir(logs.data, &out->entry, is_log, alphasort);
    out->count = count > 0 ? count : 0;
    return STATUS_OK;
}

static enum status add_log(json_t *seconds, const char *folder, const char *name,
                           struct error *err) {
    AUTO(buf) struct buf path = {0}, stage = {0};
    json_error_t problem;
    TRY(buf_printf(&path, err, "%s/logs/%s", folder, name));
    TRY(buf_printf(&stage, err, "%.*s", (int)(strlen(name) - 5), name));
    json_t *log = json_load_file(path.data, JSON_REJECT_DUPLICATES, &problem);
    if (log == NULL) {
        return error_set(err, STATUS_FAILED, "%s:%d: %s", path.data, problem.line, problem.text);
    }
    json_t *wall = json_object_get(log, "wall_s");
    enum status status = STATUS_OK;
    if (!json_is_number(wall)) {
        status =
            error_set(err, STATUS_FAILED, "%s: is no stage's log: there is no wall_s", path.data);
    } else if (json_object_set(seconds, stage.data, wall) != 0) {
        status = error_set(err, STATUS_FAILED, "%s: out of memory", path.data);
    }
    json_decref(log);
    return status;
}

static enum status run_timings(struct inspect_call *call, struct error *err) {
    const char *folder = call->words[0];
    AUTO(listing) struct listing logs = {0};
    TRY(list_logs(&logs, folder, err));
    json_t *seconds = json_object(), *root = json_pack("{s:O}", "timings_s", seconds);
    enum status status = STATUS_OK;
    if (root == NULL) status = error_set(err, STATUS_FAILED, "%s: out of memory", folder);
    for (int i = 0; i < logs.count && status == STATUS_OK; i++) {
        status = add_log(seconds, folder, logs.entry[i]->d_name, err);
    }
    if (status == STATUS_OK && json_dumpf(root, stdout, JSON_INDENT(2)) == 0) puts("");
    json_decref(seconds);
    json_decref(root);
    return status;
}

const struct inspect_command inspect_timings = {
    .name = "timings",
    .words = "RUN-FOLDER",
    .min_words = 1,
    .max_words = 1,
    .summary = "wall seconds of every stage of a run, as JSON",
    .run = run_timings,
};
