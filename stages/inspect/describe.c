#include "stages/inspect/describe.h"

#include "common/base/mem.h"
#include "stages/inspect/artifact_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *shape_text(const struct column_info *info, char out[SHAPE_TEXT_SIZE]) {
    size_t at = (size_t)snprintf(out, SHAPE_TEXT_SIZE, "[");
    for (uint32_t i = 0; i < info->n_dims; i++)
        at += (size_t)snprintf(out + at, SHAPE_TEXT_SIZE - at, "%s%" PRIu64, i > 0 ? "," : "",
                               info->shape[i]);
    snprintf(out + at, SHAPE_TEXT_SIZE - at, "]");
    return out;
}

const char *number_text(double value, char out[32]) {
    bool whole = fabs(value) < 1e15 && value == floor(value);
    snprintf(out, 32, whole ? "%.0f" : "%.6g", value);
    return out;
}

enum status find_column(const struct artifact *a, const char *name, const struct column_info **out,
                        struct error *err) {
    *out = artifact_column(a, name);
    if (*out != NULL) return STATUS_OK;
    AUTO(buf) struct buf names = {0};
    for (size_t i = 0; i < artifact_n_columns(a); i++)
        TRY(buf_printf(&names, err, " %s", artifact_column_at(a, i)->name));
    return error_set(err, STATUS_FAILED, "%s: no column \"%s\"; there are:%s", artifact_path(a),
                     name, names.size > 0 ? names.data : " none");
}

void print_meta(const struct artifact *a) {
    for (size_t i = 0; i < artifact_n_meta(a); i++) {
        struct meta m = artifact_meta_at(a, i);
        char text[TEXT_VALUE_SIZE];
        printf("  %-22s ", m.key);
        if (m.type == META_STR) {
            text_quote(m.str, stdout);
        } else if (m.type == META_I64) {
            printf("%" PRId64, m.i64);
        } else {
            text_value(DTYPE_F64, &m.f64, 0, text);
            fputs(text, stdout);
        }
        putchar('\n');
    }
}

void print_params(const char *params, const char *indent) {
    while (*params != '\0') {
        size_t size = strcspn(params, "\n");
        printf("%s%.*s\n", indent, (int)size, params);
        params += size + (params[size] == '\n');
    }
}
