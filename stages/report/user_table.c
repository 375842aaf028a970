#include "stages/report/user_table.h"

#include "common/base/file.h"
#include "common/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void user_table_release(struct user_table *t) {
    strings_release(&t->column);
    mem_free(t->value);
    *t = (struct user_table){0};
}

/* One line as cells; *at moves past it. */
static enum status parse_header(struct user_table *t, const char **at, struct error *err) {
    size_t size = strcspn(*at, "\n");
    for (const char *cell = *at, *end = *at + size; cell <= end;) {
        size_t length = strcspn(cell, ",\n");
        TRY(strings_add_bytes(&t->column, cell, length, err));
        cell += length + 1;
    }
    *at += size + ((*at)[size] == '\n');
    return STATUS_OK;
}

static enum status parse_row(double *value, size_t n, const char **at, const char *path,
                             size_t line, struct error *err) {
    for (size_t i = 0; i < n; i++) {
        char *end = NULL;
        value[i] = strtod(*at, &end);
        bool last = i + 1 == n;
        if (end == *at || !isfinite(value[i]) || *end != (last ? '\n' : ',')) {
            return error_set(err, STATUS_FAILED, "%s:%zu: is no row of %zu numbers", path, line, n);
        }
        *at = end + 1;
    }
    return STATUS_OK;
}

enum status user_table_parse(struct user_table *out, const struct buf *text, const char *path,
                             struct error *err) {
    if (text->size == 0) return STATUS_OK;
    const char *at = text->data, *end = text->data + text->size;
    size_t capacity = 0, line = 1;
    if (strlen(at) != text->size) {
        return error_set(err, STATUS_FAILED, "%s: holds a NUL byte", path);
    }
    TRY(parse_header(out, &at, err));
    size_t n = out->column.count;
    for (; at < end; out->n_rows++) {
        TRY(mem_grow(&out->value, &capacity, (out->n_rows + 1) * n, sizeof(*out->value), err));
        double *row = out->value + out->n_rows * n;
        TRY(parse_row(row, n, &at, path, ++line, err));
        if (out->n_rows > 0 && row[0] <= row[-(ptrdiff_t)n]) {
            return error_set(err, STATUS_FAILED, "%s:%zu: users are not in ascending order", path,
                             line);
        }
    }
    return STATUS_OK;
}

enum status user_table_load(struct user_table *out, const char *folder, struct error *err) {
    AUTO(buf) struct buf path = {0};
    AUTO(buf) struct buf text = {0};
    TRY(buf_printf(&path, err, "%s/users.csv", folder));
    if (!file_exists(path.data)) return STATUS_OK;
    TRY(file_read(path.data, &text, err));
    return user_table_parse(out, &text, path.data, err);
}

static size_t find(const struct user_table *t, const char *name) {
    size_t i = 0;
    while (i < t->column.count && strcmp(strings_get(&t->column, i), name) != 0) {
        i++;
    }
    return i;
}

/* Lists the differences of the users in both tables, and the value of `per` (else 1) that divides
 * each. */
static size_t join(const struct user_table *a, const struct user_table *b, const char *column,
                   const char *per, float *difference, float *count) {
    size_t in_a = find(a, column), in_b = find(b, column), n = 0;
    size_t per_a = per != NULL ? find(a, per) : 0, per_b = per != NULL ? find(b, per) : 0;
    if (in_a == a->column.count || in_b == b->column.count || per_a == a->column.count ||
        per_b == b->column.count) {
        return 0;
    }
    for (size_t i = 0, j = 0; i < a->n_rows && j < b->n_rows;) {
        const double *x = a->value + i * a->column.count, *y = b->value + j * b->column.count;
        if (x[0] != y[0]) {
            *(x[0] < y[0] ? &i : &j) += 1;
            continue;
        }
        i++;
        j++;
        if (per != NULL && (x[per_a] != y[per_b] || x[per_a] == 0)) continue;
        difference[n] = (float)(y[in_b] - x[in_a]);
        count[n++] = per != NULL ? (float)x[per_a] : 1;
    }
    return n;
}

enum status user_table_compare(struct estimate *difference, double *p, size_t *n_users,
                               const struct user_table *a, const struct user_table *b,
                               const char *column, const char *per, struct error *err) {
    const struct bootstrap_options options = {.bootstrap = 1000, .permutation = 9999, .seed = 1};
    MEM_AUTO float *x = NULL, *count = NULL;
    *n_users = 0;
    if (a->n_rows == 0 || b->n_rows == 0) return STATUS_OK;
    TRY(MEM_NEW(&x, a->n_rows, err));
    TRY(MEM_NEW(&count, a->n_rows, err));
    *n_users = join(a, b, column, per, x, count);
    if (*n_users == 0) return STATUS_OK;
    TRY(bootstrap_ratio(difference, x, count, NULL, *n_users, false, &options, err));
    return sign_flip_tests(p, x, NULL, *n_users, 1, &options, err);
}
