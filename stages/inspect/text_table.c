#include "stages/inspect/text_table.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"

#include <inttypes.h>
#include <string.h>

enum status text_table_cell(struct text_table *t, struct error *err, const char *format, ...) {
    char small[512];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (size < 0) return error_set(err, STATUS_FAILED, "a table cell cannot be formatted");
    if ((size_t)size >= sizeof(small)) small[utf8_fit(small, 400)] = '\0';
    return strings_add(&t->cells, small, err);
}

enum status text_table_heading(struct text_table *t, const char *names, struct error *err) {
    while (*names != '\0') {
        size_t size = strcspn(names, " ");
        TRY(strings_add_bytes(&t->cells, names, size, err));
        names += size + (names[size] == ' ');
    }
    return STATUS_OK;
}

static void pad(size_t columns, FILE *out) {
    for (size_t i = 0; i < columns; i++)
        putc(' ', out);
}

enum status text_table_print(const struct text_table *t, FILE *out, struct error *err) {
    size_t n_columns = strlen(t->align);
    MEM_AUTO size_t *width = NULL;
    TRY(MEM_NEW(&width, n_columns, err));
    for (size_t i = 0; i < t->cells.count; i++) {
        size_t cell = utf8_width(strings_get(&t->cells, i));
        if (cell > width[i % n_columns]) width[i % n_columns] = cell;
    }
    for (size_t i = 0; i < t->cells.count; i++) {
        size_t column = i % n_columns;
        const char *text = strings_get(&t->cells, i);
        size_t blank = width[column] - utf8_width(text);
        pad(column > 0 ? 2 : (size_t)t->indent, out);
        if (t->align[column] == 'r') pad(blank, out);
        fputs(text, out);
        if (t->align[column] == 'l' && column + 1 < n_columns) pad(blank, out);
        if (column + 1 == n_columns) putc('\n', out);
    }
    return STATUS_OK;
}

void text_table_release(struct text_table *t) {
    strings_release(&t->cells);
}

const char *count_text(uint64_t value, char out[32]) {
    char plain[24];
    snprintf(plain, sizeof(plain), "%" PRIu64, value);
    size_t size = strlen(plain);
    char *to = out;
    for (size_t i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0) *to++ = ',';
        *to++ = plain[i];
    }
    *to = '\0';
    return out;
}

const char *size_text(uint64_t bytes, char out[32]) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024 && unit < 4; unit++)
        value /= 1024;
    snprintf(out, 32, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return out;
}
