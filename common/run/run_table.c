#include "common/run/run_table.h"

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

enum status run_path(struct buf *out, const char *folder, size_t part, struct error *err) {
    bool json = files[parts[part].role].kind == NULL;
    return buf_printf(out, err, "%s/%s.%s", folder, parts[part].name, json ? "json" : "art");
}
