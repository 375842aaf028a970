#include "stages/inspect/column_export.h"

#include "common/base/mem.h"
#include "stages/inspect/artifact_text.h"

#include <inttypes.h>
#include <string.h>

/* Calls `each` for every value of a column, with its text: of a number as text_value writes it. */
typedef void each_value(const struct column_info *info, uint64_t index, const char *text,
                        FILE *out);

static enum status each_text(const struct artifact *a, const struct column_info *info,
                             each_value *each, FILE *out, struct error *err) {
    AUTO(strings) struct strings texts = {0};
    TRY(artifact_read_strings(a, info->name, info->count, &texts, err));
    for (size_t i = 0; i < texts.count; i++)
        each(info, i, strings_get(&texts, i), out);
    return STATUS_OK;
}

static enum status for_each(const struct artifact *a, const struct column_info *info,
                            each_value *each, FILE *out, struct error *err) {
    struct column_blocks b;
    char text[TEXT_VALUE_SIZE];
    if (info->dtype == DTYPE_STR) return each_text(a, info, each, out, err);
    TRY(column_blocks_start(&b, a, info, err));
    enum status status = STATUS_OK;
    while (b.count > 0 && status == STATUS_OK) {
        for (uint64_t i = 0; i < b.count; i++) {
            text_value(info->dtype, b.values, i, text);
            each(info, b.first + i, text, out);
        }
        status = column_blocks_next(&b, err);
    }
    column_blocks_release(&b);
    return status;
}

/* ---- JSON ---- */

static void put_json_scalar(bool is_text, const char *text, FILE *out) {
    bool number = strspn(text, "+-0123456789.eE") == strlen(text);
    if (is_text) {
        text_quote(text, out);
    } else {
        fputs(number ? text : "null", out);
    }
}

/* Opens and closes the brackets of the dimensions that begin or end at this value. */
static void put_json_value(const struct column_info *info, uint64_t index, const char *text,
                           FILE *out) {
    uint64_t size = 1, opened = 0, closed = 0;
    for (uint32_t i = info->n_dims; i-- > 1;) {
        size *= info->shape[i];
        opened += index % size == 0;
        closed += (index + 1) % size == 0;
    }
    if (index > 0) fputs(opened > 0 ? ",\n" : ", ", out);
    for (uint64_t i = 0; i < opened; i++)
        putc('[', out);
    put_json_scalar(info->dtype == DTYPE_STR, text, out);
    for (uint64_t i = 0; i < closed; i++)
        putc(']', out);
}

static enum status put_json_column(const struct artifact *a, const struct column_info *info,
                                   FILE *out, struct error *err) {
    putc('[', out);
    TRY(for_each(a, info, put_json_value, out, err));
    putc(']', out);
    return STATUS_OK;
}

static void put_json_text(const char *key, const char *value, FILE *out) {
    fprintf(out, "\"%s\": ", key);
    text_quote(value, out);
}

static void put_json_lineage(const struct lineage *l, FILE *out) {
    put_json_text("stage", l->stage, out);
    fprintf(out, ", \"stage_version\": %" PRIu32 ", \"seed\": %" PRIu64 ", ", l->stage_version,
            l->seed);
    put_json_text("view", l->view, out);
    fputs(", ", out);
    put_json_text("params", l->params, out);
    fputs(", \"inputs\": [", out);
    for (size_t i = 0; i < l->n_inputs; i++) {
        char id[DIGEST_TEXT_SIZE];
        digest_text(&l->inputs[i].id, id);
        fputs(i > 0 ? ", {" : "{", out);
        put_json_text("role", l->inputs[i].role, out);
        fputs(", ", out);
        put_json_text("kind", l->inputs[i].kind, out);
        fprintf(out, ", \"id\": \"%s\"}", id);
    }
    putc(']', out);
}

static void put_json_meta(const struct meta *m, FILE *out) {
    char text[TEXT_VALUE_SIZE];
    fprintf(out, "\"%s\": ", m->key);
    if (m->type == META_STR) {
        text_quote(m->str, out);
    } else if (m->type == META_I64) {
        fprintf(out, "%" PRId64, m->i64);
    } else {
        text_value(DTYPE_F64, &m->f64, 0, text);
        put_json_scalar(false, text, out);
    }
}

static enum status put_json_columns(const struct artifact *a, FILE *out, struct error *err) {
    for (size_t i = 0; i < artifact_n_columns(a); i++) {
        const struct column_info *info = artifact_column_at(a, i);
        fprintf(out, "%s\"%s\": {\"dtype\": \"%s\", \"shape\": [", i > 0 ? ",\n" : "", info->name,
                dtype_name(info->dtype));
        for (uint32_t k = 0; k < info->n_dims; k++)
            fprintf(out, "%s%" PRIu64, k > 0 ? ", " : "", info->shape[k]);
        fputs("], \"values\": ", out);
        TRY(put_json_column(a, info, out, err));
        putc('}', out);
    }
    return STATUS_OK;
}

enum status export_json(const struct artifact *a, const struct column_info *info, FILE *out,
                        struct error *err) {
    char content_id[DIGEST_TEXT_SIZE], recipe_id[DIGEST_TEXT_SIZE];
    struct digest content = artifact_content_id(a), recipe = artifact_recipe_id(a);
    if (info != NULL) {
        TRY(put_json_column(a, info, out, err));
        putc('\n', out);
        return STATUS_OK;
    }
    digest_text(&content, content_id);
    digest_text(&recipe, recipe_id);
    fprintf(out, "{\"kind\": \"%s\",\n\"content_id\": \"%s\",\n\"recipe_id\": \"%s\",\n",
            artifact_kind(a), content_id, recipe_id);
    fputs("\"lineage\": {", out);
    put_json_lineage(artifact_lineage(a), out);
    fputs("},\n\"meta\": {", out);
    for (size_t i = 0; i < artifact_n_meta(a); i++) {
        struct meta m = artifact_meta_at(a, i);
        if (i > 0) fputs(", ", out);
        put_json_meta(&m, out);
    }
    fputs("},\n\"columns\": {", out);
    TRY(put_json_columns(a, out, err));
    fputs("}}\n", out);
    return STATUS_OK;
}

/* ---- CSV ---- */

static uint64_t row_size(const struct column_info *info) {
    uint64_t size = 1;
    for (uint32_t i = 1; i < info->n_dims; i++)
        size *= info->shape[i];
    return size;
}

static void put_csv_value(const struct column_info *info, uint64_t index, const char *text,
                          FILE *out) {
    bool quotes = info->dtype == DTYPE_STR && (text[0] == '\0' || strpbrk(text, ",\"\r\n") != NULL);
    if (quotes) putc('"', out);
    if (info->dtype != DTYPE_STR && strncmp(text, "nan", 3) == 0)
        text = "nan"; /* whatever its bits */
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"') putc('"', out);
        putc(*p, out);
    }
    if (quotes) putc('"', out);
    putc((index + 1) % row_size(info) == 0 ? '\n' : ',', out);
}

enum status export_csv(const struct artifact *a, const struct column_info *info, FILE *out,
                       struct error *err) {
    uint64_t columns = row_size(info);
    for (uint64_t i = 0; i < columns && info->n_dims > 1; i++)
        fprintf(out, "%s%s.%" PRIu64, i > 0 ? "," : "", info->name, i);
    fprintf(out, "%s\n", info->n_dims > 1 ? "" : info->name);
    return for_each(a, info, put_csv_value, out, err);
}

/* ---- NPY ---- */

static const char *npy_type(enum dtype dtype) {
    static const char *const names[] = {
        [DTYPE_U8] = "|u1",  [DTYPE_I8] = "|i1",  [DTYPE_U16] = "<u2", [DTYPE_I32] = "<i4",
        [DTYPE_U32] = "<u4", [DTYPE_I64] = "<i8", [DTYPE_U64] = "<u8", [DTYPE_F32] = "<f4",
        [DTYPE_F64] = "<f8", [DTYPE_F16] = "<f2"};
    return names[dtype];
}

/* Magic, version, the length of the heading, and the heading padded so that the values begin at a
 * multiple of 64 bytes. */
static enum status put_npy_heading(const struct column_info *info, FILE *out, struct error *err) {
    AUTO(buf) struct buf text = {0};
    TRY(buf_printf(&text, err, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                   npy_type(info->dtype)));
    for (uint32_t i = 0; i < info->n_dims; i++)
        TRY(buf_printf(&text, err, "%" PRIu64 ",", info->shape[i]));
    TRY(buf_puts(&text, "), }", err));
    while ((10 + text.size + 1) % 64 != 0)
        TRY(buf_puts(&text, " ", err));
    TRY(buf_puts(&text, "\n", err));
    fwrite("\x93NUMPY\x01\x00", 1, 8, out);
    putc((int)(text.size & 0xFF), out);
    putc((int)(text.size >> 8), out);
    fwrite(text.data, 1, text.size, out);
    return STATUS_OK;
}

enum status export_npy(const struct artifact *a, const struct column_info *info, FILE *out,
                       struct error *err) {
    struct column_blocks b;
    if (info->dtype == DTYPE_STR)
        return error_set(err, STATUS_FAILED, "column \"%s\": texts have no NPY form; use --csv",
                         info->name);
    TRY(put_npy_heading(info, out, err));
    TRY(column_blocks_start(&b, a, info, err));
    enum status status = STATUS_OK;
    while (b.count > 0 && status == STATUS_OK) {
        fwrite(b.values, dtype_size(info->dtype), (size_t)b.count, out);
        status = column_blocks_next(&b, err);
    }
    column_blocks_release(&b);
    return status;
}
