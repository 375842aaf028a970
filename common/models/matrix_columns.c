#include "common/models/matrix_columns.h"

#include "common/base/mem.h"
#include "common/base/ranks.h"

enum { MAX_COLUMNS = 65536 };

enum status read_matrix(const struct artifact *a, const char *name, uint32_t rows,
                        uint32_t *columns, float **out, struct error *err) {
    const struct column_info *info = artifact_column(a, name);
    if (info == NULL || info->shape[1] == 0 || info->shape[1] > MAX_COLUMNS) {
        return error_set(err, STATUS_DAMAGED,
                         "loading factors: %s: column %s: missing, or not 1 to %d factors wide",
                         artifact_path(a), name, MAX_COLUMNS);
    }
    *columns = (uint32_t)info->shape[1];
    return artifact_read(a, name, DTYPE_F32, (uint64_t)rows * *columns, out, err);
}

enum status collect_user_rows(float **all, const struct fitting *f, const float *own, size_t width,
                              struct error *err) {
    if (ranks_self() == 0) {
        TRY(mem_alloc(all, f->baseline->n_users, width * sizeof(float), err));
    }
    return ranks_collect(*all, own, f->ratings->n_users * width, err);
}
