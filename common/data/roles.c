#include "common/data/roles.h"

static const char *const role_names[ROLES] = {"base",          "rank",      "valid",
                                              "test",          "fold-in",   "rank-fold-in",
                                              "valid-fold-in", "valid-out", "left-out"};

const char *role_name(enum role role) {
    return role_names[role];
}

enum status roles_load(uint8_t **out, const struct artifact *split, uint64_t count,
                       struct error *err) {
    TRY(artifact_read(split, "role", DTYPE_U8, count, out, err));
    for (uint64_t i = 0; i < count; i++) {
        if ((*out)[i] < ROLES) continue;
        return error_set(err, STATUS_DAMAGED, "%s: column role: value %u at %llu is no role",
                         artifact_path(split), (*out)[i], (unsigned long long)i);
    }
    return STATUS_OK;
}
