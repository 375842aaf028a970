#include "common/data/roles.h"

static const char *const role_names[ROLES] = {"base",          "rank",      "valid",
                                              "test",          "fold-in",   "rank-fold-in",
                                              "valid-fold-in", "valid-out", "left-out"};

const char *role_name(enum role role) {
    return role_names[role];
}

enum status roles_load(uint8_t **out, const struct artifact *split, uint64_t count,
                       struct error *err) {
    return artifact_read(split, "role", DTYPE_U8, count, out, err);
}
