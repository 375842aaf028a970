/* Artifacts as text: the writing half. */
#include "common/base/half.h"
#include "common/base/mem.h"
#include "stages/inspect/artifact_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_PER_LINE = 16, BLOCK_SIZE = 1 << 20 /* bytes that are read at a time */ };

/* ---- values ---- */

/* NaNs keep their bits, so that text is lossless. */
static void format_nan(uint64_t bits, uint64_t usual, char out[TEXT_VALUE_SIZE]) {
    if (bits == usual) {
        snprintf(out, TEXT_VALUE_SIZE, "nan");
    } else {
        snprintf(out, TEXT_VALUE_SIZE, "nan:0x%" PRIx64, bits);
    }
}

static void format_f64(double value, char out[TEXT_VALUE_SIZE]) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    if (isnan(value)) {
        format_nan(bits, UINT64_C(0x7FF8000000000000), out);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, TEXT_VALUE_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value) return;
    }
}

static void format_f32(float value, char out[TEXT_VALUE_SIZE]) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    if (isnan(value)) {
        format_nan(bits, 0x7FC00000, out);
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(out, TEXT_VALUE_SIZE, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value) return;
    }
}

static void format_f16(uint16_t bits, char out[TEXT_VALUE_SIZE]) {
    double value = value_at(DTYPE_F16, &bits, 0);
    if (isnan(value)) {
        format_nan(bits, 0x7E00, out);
        return;
    }
    for (int digits = 3; digits <= 5; digits++) {
        snprintf(out, TEXT_VALUE_SIZE, "%.*g", digits, value);
        if (half_from_double(strtod(out, NULL)) == bits) return;
    }
}

void text_value(enum dtype dtype, const void *values, uint64_t index, char out[TEXT_VALUE_SIZE]) {
    switch (dtype) {
    case DTYPE_U64:
        snprintf(out, TEXT_VALUE_SIZE, "%" PRIu64, ((const uint64_t *)values)[index]);
        break;
    case DTYPE_I64:
        snprintf(out, TEXT_VALUE_SIZE, "%" PRId64, ((const int64_t *)values)[index]);
        break;
    case DTYPE_F64:
        format_f64(((const double *)values)[index], out);
        break;
    case DTYPE_F32:
        format_f32(((const float *)values)[index], out);
        break;
    case DTYPE_F16:
        format_f16(((const uint16_t *)values)[index], out);
        break;
    default: /* integers that a double holds exactly */
        snprintf(out, TEXT_VALUE_SIZE, "%.0f", value_at(dtype, values, index));
    }
}

void text_quote(const char *text, FILE *out) {
    putc('"', out);
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c == '\n') {
            fputs("\\n", out);
        } else if (c == '\r') {
            fputs("\\r", out);
        } else if (c == '\t') {
            fputs("\\t", out);
        } else if (c < 0x20 || c == 0x7F) {
            fprintf(out, "\\u%04x", c);
        } else {
            putc(c, out);
        }
    }
    putc('"', out);
}

/* ---- blocks of a column ---- */

enum status column_blocks_start(struct column_blocks *b, const struct artifact *a,
                                const struct column_info *info, struct error *err) {
    *b = (struct column_blocks){.artifact = a, .info = info};
    if (info->dtype == DTYPE_STR)
        return error_set(err, STATUS_FAILED, "column \"%s\" has no numbers", info->name);
    b->capacity = BLOCK_SIZE / dtype_size(info->dtype);
    TRY(mem_alloc(&b->values, BLOCK_SIZE, 1, err));
    enum status status = column_blocks_next(b, err);
    if (status != STATUS_OK) column_blocks_release(b);
    return status;
}

enum status column_blocks_next(struct column_blocks *b, struct error *err) {
    b->first += b->count;
    uint64_t left = b->info->count - b->first;
    b->count = left < b->capacity ? left : b->capacity;
    return artifact_read_range(b->artifact, b->info->name, b->info->dtype, b->first, b->count,
                               b->values, err);
}

void column_blocks_release(struct column_blocks *b) {
    mem_free(b->values);
    *b = (struct column_blocks){0};
}

/* ---- columns ---- */

/* A column of one dimension wraps, one of more has a line per row of its last dimension. */
static uint64_t values_per_line(const struct column_info *info) {
    if (info->n_dims == 1) return info->dtype == DTYPE_STR ? 1 : VALUES_PER_LINE;
    return info->shape[info->n_dims - 1];
}

static void separate(uint64_t index, const struct column_info *info, FILE *out) {
    uint64_t width = values_per_line(info);
    bool ends = (index + 1) % width == 0 || index + 1 == info->count;
    putc(ends ? '\n' : ' ', out);
}

static enum status dump_numbers(const struct artifact *a, const struct column_info *info, FILE *out,
                                struct error *err) {
    struct column_blocks b;
    char text[TEXT_VALUE_SIZE];
    TRY(column_blocks_start(&b, a, info, err));
    enum status status = STATUS_OK;
    while (b.count > 0 && status == STATUS_OK) {
        for (uint64_t i = 0; i < b.count; i++) {
            text_value(info->dtype, b.values, i, text);
            fputs(text, out);
            separate(b.first + i, info, out);
        }
        status = column_blocks_next(&b, err);
    }
    column_blocks_release(&b);
    return status;
}

static enum status dump_texts(const struct artifact *a, const struct column_info *info, FILE *out,
                              struct error *err) {
    AUTO(strings) struct strings texts = {0};
    TRY(artifact_read_strings(a, info->name, info->count, &texts, err));
    for (size_t i = 0; i < texts.count; i++) {
        text_quote(strings_get(&texts, i), out);
        separate(i, info, out);
    }
    return STATUS_OK;
}

static enum status dump_column(const struct artifact *a, const struct column_info *info, FILE *out,
                               struct error *err) {
    fprintf(out, "column %s %s [", info->name, dtype_name(info->dtype));
    for (uint32_t i = 0; i < info->n_dims; i++)
        fprintf(out, "%s%" PRIu64, i > 0 ? "," : "", info->shape[i]);
    fputs("]\n", out);
    if (info->dtype == DTYPE_STR) return dump_texts(a, info, out, err);
    return dump_numbers(a, info, out, err);
}

/* ---- the rest ---- */

static void dump_lineage(const struct lineage *l, FILE *out) {
    fputs("stage ", out);
    text_quote(l->stage, out);
    fprintf(out, " version %" PRIu32 " seed %" PRIu64 " view ", l->stage_version, l->seed);
    text_quote(l->view, out);
    fputs("\nparams ", out);
    text_quote(l->params, out);
    putc('\n', out);
    for (size_t i = 0; i < l->n_inputs; i++) {
        char id[DIGEST_TEXT_SIZE];
        digest_text(&l->inputs[i].id, id);
        fputs("input ", out);
        text_quote(l->inputs[i].role, out);
        putc(' ', out);
        text_quote(l->inputs[i].kind, out);
        fprintf(out, " %s\n", id);
    }
}

static void dump_meta(const struct meta *m, FILE *out) {
    char text[TEXT_VALUE_SIZE];
    fprintf(out, "meta %s ", m->key);
    if (m->type == META_STR) {
        fputs("str ", out);
        text_quote(m->str, out);
    } else if (m->type == META_I64) {
        fprintf(out, "i64 %" PRId64, m->i64);
    } else {
        format_f64(m->f64, text);
        fprintf(out, "f64 %s", text);
    }
    putc('\n', out);
}

enum status text_dump(const struct artifact *a, const char *column, FILE *out, struct error *err) {
    if (column != NULL) {
        const struct column_info *info = artifact_column(a, column);
        if (info == NULL)
            return error_set(err, STATUS_FAILED, "%s: no column \"%s\"", artifact_path(a), column);
        return dump_column(a, info, out, err);
    }
    fprintf(out, "marquee text 1\nkind %s\n", artifact_kind(a));
    dump_lineage(artifact_lineage(a), out);
    for (size_t i = 0; i < artifact_n_meta(a); i++) {
        struct meta m = artifact_meta_at(a, i);
        dump_meta(&m, out);
    }
    for (size_t i = 0; i < artifact_n_columns(a); i++)
        TRY(dump_column(a, artifact_column_at(a, i), out, err));
    return STATUS_OK;
}
