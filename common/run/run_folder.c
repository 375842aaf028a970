#include "common/run/run_folder.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* ---- folders that are not runs ---- */

enum { MOST_NAMED = 8 };

static enum status is_run(bool *out, const char *folder, struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(run_path(&path, folder, run_part_of(RUN_DATASET, VIEW_ALL), err));
    *out = file_exists(path.data);
    return STATUS_OK;
}

/* Filter for scandir: skips ".", ".." and hidden entries. */
static int is_plain(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static enum status name_run(struct buf *out, size_t *n, const char *parent, const char *name,
                            struct error *err) {
    AUTO(buf) struct buf folder = {0};
    bool yes = false;
    TRY(buf_printf(&folder, err, "%s/%s", parent, name));
    TRY(is_run(&yes, folder.data, err));
    if (!yes || ++*n > MOST_NAMED) return STATUS_OK;
    return buf_printf(out, err, "%s%s", *n > 1 ? ", " : "", name);
}

/* Appends the names of the runs in the folder that holds `path`: "ml-1m, sample"; *n is their
 * number. */
static enum status name_runs_beside(struct buf *out, size_t *n, const char *path,
                                    struct error *err) {
    AUTO(buf) struct buf parent = {0};
    const char *slash = strrchr(path, '/');
    struct dirent **entry = NULL;
    TRY(buf_append(&parent, slash == NULL ? "." : path,
                   slash == NULL ? 1 : (size_t)(slash - path) + (slash == path), err));
    int count = scandir(parent.data, &entry, is_plain, alphasort);
    enum status status = STATUS_OK;
    for (int i = 0; i < count; i++) {
        if (status == STATUS_OK) status = name_run(out, n, parent.data, entry[i]->d_name, err);
        free(entry[i]);
    }
    free(entry);
    return status;
}

static enum status no_run(const char *path, struct error *err) {
    AUTO(buf) struct buf names = {0}, dataset = {0};
    char command[RUN_COMMAND_SIZE];
    size_t n = 0;
    TRY(run_path(&dataset, path, run_part_of(RUN_DATASET, VIEW_ALL), err));
    TRY(name_runs_beside(&names, &n, path, err));
    if (n == 0) {
        return error_set(err, STATUS_FAILED,
                         "%s: is no run: there is no dataset.art (%s makes one)", path,
                         run_command(dataset.data, command));
    }
    return error_set(
        err, STATUS_FAILED, "%s: is no run: there is no dataset.art; beside it there %s %s%s", path,
        n == 1 ? "is the run" : "are the runs", names.data, n > MOST_NAMED ? " and others" : "");
}

/* Sets *out to the folder's path without trailing slashes, provided that it is a run. */
static enum status find_run(char **out, const char *folder, struct error *err) {
    size_t size = strlen(folder);
    bool yes = false;
    while (size > 1 && folder[size - 1] == '/') {
        size--;
    }
    TRY(MEM_NEW(out, size + 1, err));
    memcpy(*out, folder, size);
    TRY(is_run(&yes, *out, err));
    return yes ? STATUS_OK : no_run(*out, err);
}

enum status run_folder_check(const char *path, struct error *err) {
    MEM_AUTO char *bare = NULL;
    return find_run(&bare, path, err);
}

static enum status find_folder(struct run_folder *f, const char *path, struct error *err) {
    TRY(find_run(&f->path, path, err));
    const char *slash = strrchr(f->path, '/');
    f->name = slash != NULL && slash[1] != '\0' ? slash + 1 : f->path;
    return STATUS_OK;
}

/* ---- files ---- */

static enum status verify(const char *path, struct error *err) {
    AUTO(buf) struct buf report = {0};
    char command[RUN_COMMAND_SIZE];
    if (artifact_verify(path, &report) == 0) return STATUS_OK;
    /* The lines of a report begin with the path. */
    const char *text = report.data != NULL ? report.data : path;
    return error_set(err, STATUS_DAMAGED, "%.*s; make the run again (%s)", (int)strcspn(text, "\n"),
                     text, run_command(path, command));
}

static enum status open_part(struct run_folder *f, size_t part, bool needed, bool verified,
                             struct error *err) {
    AUTO(buf) struct buf path = {0};
    char command[RUN_COMMAND_SIZE];
    TRY(run_path(&path, f->path, part, err));
    if (!file_exists(path.data)) {
        if (!needed) return STATUS_OK;
        return error_set(err, STATUS_FAILED, "%s: is not there (%s makes it)", path.data,
                         run_command(path.data, command));
    }
    TRY(artifact_open(&f->file[part], path.data, run_file(run_part(part)->role)->kind, err));
    return verified ? verify(path.data, err) : STATUS_OK;
}

static enum status open_wished(struct run_folder *f, const char *path, const struct run_wish *wish,
                               struct error *err) {
    unsigned roles = wish->roles | RUN_BIT(RUN_DATASET) | RUN_BIT(RUN_SPLIT);
    TRY(find_folder(f, path, err));
    for (int i = 0; i < RUN_ROLES; i++) {
        enum run_role role = (enum run_role)i;
        if ((roles & RUN_BIT(role)) == 0) continue;
        TRY(open_part(f, run_part_of(role, wish->view), run_needs(role, wish->view), wish->verify,
                      err));
    }
    const struct run_artifacts opened = run_folder_artifacts(f, wish->view, roles);
    return run_artifacts_check(&opened, err);
}

enum status run_folder_open(struct run_folder *out, const char *path, const struct run_wish *wish,
                            struct error *err) {
    *out = (struct run_folder){0};
    enum status status = open_wished(out, path, wish, err);
    if (status != STATUS_OK) run_folder_release(out);
    return status;
}

static enum status open_all(struct run_folder *f, const char *path, struct error *err) {
    TRY(find_folder(f, path, err));
    for (size_t part = 0; part < RUN_PARTS; part++) {
        if (run_file(run_part(part)->role)->kind == NULL) continue;
        TRY(open_part(f, part, false, false, err));
    }
    return STATUS_OK;
}

enum status run_folder_open_all(struct run_folder *out, const char *path, struct error *err) {
    *out = (struct run_folder){0};
    enum status status = open_all(out, path, err);
    if (status != STATUS_OK) run_folder_release(out);
    return status;
}

void run_folder_release(struct run_folder *f) {
    for (size_t part = 0; part < RUN_PARTS; part++) {
        artifact_close(f->file[part]);
    }
    mem_free(f->path);
    *f = (struct run_folder){0};
}

struct run_artifacts run_folder_artifacts(const struct run_folder *f, enum view view,
                                          unsigned roles) {
    struct run_artifacts a = {.view = view};
    for (int role = 0; role < RUN_ROLES; role++) {
        bool wanted = (roles & RUN_BIT(role)) != 0;
        if (wanted) a.file[role] = f->file[run_part_of((enum run_role)role, view)];
    }
    return a;
}
