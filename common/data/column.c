#include "common/data/column.h"

#include "common/base/no_index.h"

enum status column_count(const struct artifact *a, const char *name, uint64_t *out,
                         struct error *err) {
    const struct column_info *column = artifact_column(a, name);
    if (column == NULL)
        return error_set(err, STATUS_DAMAGED, "%s: column %s is missing", artifact_path(a), name);
    *out = column->count;
    return STATUS_OK;
}

enum status column_count_indexed(const struct artifact *a, const char *name, uint32_t *out,
                                 struct error *err) {
    uint64_t count = 0;
    TRY(column_count(a, name, &count, err));
    if (count > NO_INDEX)
        return error_set(err, STATUS_DAMAGED, "%s: column %s: %llu values are too many",
                         artifact_path(a), name, (unsigned long long)count);
    *out = (uint32_t)count;
    return STATUS_OK;
}

enum status column_check_indices(const struct artifact *a, const char *name, const uint32_t *index,
                                 uint64_t count, uint32_t bound, struct error *err) {
    for (uint64_t i = 0; i < count; i++) {
        if (index[i] < bound) continue;
        return error_set(err, STATUS_DAMAGED, "%s: column %s: value %u at %llu is not below %u",
                         artifact_path(a), name, index[i], (unsigned long long)i, bound);
    }
    return STATUS_OK;
}
