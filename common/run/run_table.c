#include "common/run/run_table.h"

#include <stdio.h>
#include <string.h>

#define FILE_OF(role, name, kind, stage, fit, need)                                                \
    [RUN_##role] = {name, kind, stage, RUN_##fit, RUN_##need},
static const struct run_file files[RUN_ROLES] = {RUN_FILES(FILE_OF)};

#define PART_UNFITTED(role, name, stage)  {RUN_##role, VIEW_ALL, name, stage},
#define PART_FIT_VIEW(role, name, stage)  {RUN_##role, VIEW_FIT, name, stage ".fit"},
#define PART_FULL_VIEW(role, name, stage) {RUN_##role, VIEW_FULL, name, stage ".full"},
#define PART_EACH_VIEW(role, name, stage)                                                          \
    {RUN_##role, VIEW_FIT, name ".fit", stage ".fit"},                                             \
        {RUN_##role, VIEW_FULL, name ".full", stage ".full"},                                      \
        {RUN_##role, VIEW_ALL, name ".all", stage ".all"},
#define PARTS_OF(role, name, kind, stage, fit, need) PART_##fit(role, name, stage)
static const struct run_part parts[RUN_PARTS] = {RUN_FILES(PARTS_OF)};

const struct run_file *run_file(enum run_role role) {
    return &files[role];
}

bool run_role_find(const char *name, enum run_role *out) {
    for (int role = 0; role < RUN_ROLES; role++) {
        if (strcmp(files[role].name, name) != 0) continue;
        *out = (enum run_role)role;
        return true;
    }
    return false;
}

bool run_needs(enum run_role role, enum view view) {
    enum run_need need = files[role].need;
    return need == RUN_NEEDED || (need == RUN_UNLESS_ALL && view != VIEW_ALL);
}

unsigned run_recommending(void) {
    unsigned roles = 0;
    for (int role = 0; role < RUN_ROLES; role++) {
        if (files[role].need != RUN_ASIDE) roles |= RUN_BIT(role);
    }
    return roles;
}

const struct run_part *run_part(size_t index) {
    return &parts[index];
}

size_t run_part_of(enum run_role role, enum view view) {
    size_t part = 0;
    while (parts[part].role != role) {
        part++;
    }
    return files[role].fit == RUN_EACH_VIEW ? part + (size_t)view : part;
}

const char *run_ending(const struct run_file *file) {
    return file->kind != NULL ? "art" : "json";
}

enum status run_path(struct buf *out, const char *folder, size_t part, struct error *err) {
    const struct run_part *p = &parts[part];
    return buf_printf(out, err, "%s/%s.%s", folder, p->name, run_ending(&files[p->role]));
}

const char *run_command(const char *path, char out[RUN_COMMAND_SIZE]) {
    static const char usual[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+";
    const char *slash = strrchr(path, '/');
    const char *end = slash == NULL ? path : slash, *name = end;
    while (name > path && name[-1] != '/') {
        name--;
    }
    size_t size = (size_t)(end - name);
    bool is_name = size > 0 && size < RUN_COMMAND_SIZE / 2 && strspn(name, usual) >= size &&
                   strspn(name, ".") < size;
    (void)snprintf(out, RUN_COMMAND_SIZE, "make pipeline%s%.*s", is_name ? " RUN=" : "",
                   is_name ? (int)size : 0, name);
    return out;
}
