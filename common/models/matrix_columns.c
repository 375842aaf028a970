#include "common/models/matrix_columns.h"

#include "common/base/mem.h"
#include "common/base/ranks.h"

enum status read_matrix(const struct artifact *a, const char *name, uint32_t rows,
                        uint32_t *columns, float **out, struct error *err) {
    const struct column_info *info = artifact_column(a, name);
    if (info == NULL || info->n_dims != 2 || info->shape[0] != rows || info->shape[1] == 0 ||
        info->shape[1] > 65536 || (*columns != 0 && info->shape[1] != *columns)) {
        return error_set(err, STATUS_DAMAGED,
                         "loading factors: %s: column %s: missing or of another shape than the "
                         "columns beside it",
                         artifact_path(a), name);
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
