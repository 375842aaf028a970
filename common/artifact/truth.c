/* Checks values against the constraints of the table of kinds. A column is scanned part by part,
 * without branches; only if a scan finds a violation does a second, slower pass determine what and
 * where it is. */
#include "common/artifact/format.h"
#include "common/base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void truth_release(struct truth *t) {
    mem_free(t->row);
    mem_free(t->seen);
    *t = (struct truth){0};
}

/* ---- from symbols to numbers ---- */

/* The order of a matrix restarts at each of its rows. */
static enum status rows_of_matrix(struct truth *t, struct error *err) {
    const struct column_info *info = t->info;
    uint64_t size = info->shape[info->n_dims - 1];
    if (info->n_dims < 2 || info->count == 0) return STATUS_OK;
    t->n_rows = info->count / size;
    TRY(MEM_NEW(&t->row, t->n_rows, err));
    for (uint64_t i = 0; i < t->n_rows; i++)
        t->row[i] = i * size;
    return STATUS_OK;
}

enum status truth_resolve(struct truth *out, const struct contents *c, const struct kind_spec *kind,
                          const struct column_info *info, struct error *err) {
    *out = (struct truth){.info = info};
    const struct column_spec *spec = kind == NULL ? NULL : kind_column(kind, info->name);
    if (spec == NULL || spec->dtype == 0) return STATUS_OK;
    const char *of = spec->offsets_of != NULL ? spec->offsets_of : spec->index_of;
    if (of != NULL) {
        column_expand(out->symbol, of, spec, info->name);
        if (kind_symbol(c, kind, out->symbol, &out->bound, err) != STATUS_OK)
            return error_wrap(err, "column \"%s\"", info->name);
    }
    if (spec->permutation) TRY(MEM_NEW(&out->seen, info->count / 64 + 1, err));
    if (spec->order != ORDER_ANY) TRY(rows_of_matrix(out, err));
    out->spec = spec;
    out->order = column_order(spec);
    return STATUS_OK;
}

/* Rows begin where the values change. */
static enum status rows_of_runs(struct truth *t, enum dtype dtype, const void *values,
                                uint64_t count, struct error *err) {
    const char *value = values;
    size_t width = dtype_size(dtype);
    TRY(MEM_NEW(&t->row, count, err));
    for (uint64_t i = 1; i < count; i++) {
        if (memcmp(value + i * width, value + (i - 1) * width, width) != 0) t->row[t->n_rows++] = i;
    }
    return STATUS_OK;
}

enum status truth_set_rows(struct truth *t, const struct truth *per, const void *values,
                           struct error *err) {
    uint64_t count = per->info->count;
    mem_free(t->row);
    t->row = NULL;
    t->n_rows = 0;
    if (per->spec->offsets_of == NULL) return rows_of_runs(t, per->info->dtype, values, count, err);
    TRY(MEM_NEW(&t->row, count, err));
    memcpy(t->row, values, count * sizeof(*t->row));
    t->n_rows = count;
    return STATUS_OK;
}

/* ---- saying what is wrong ---- */

enum { VALUE_TEXT_SIZE = 40 };

static const char *value_text(char out[VALUE_TEXT_SIZE], enum dtype dtype, const void *value) {
    if (dtype == DTYPE_U64) {
        snprintf(out, VALUE_TEXT_SIZE, "%" PRIu64, *(const uint64_t *)value);
    } else if (dtype == DTYPE_I64) {
        snprintf(out, VALUE_TEXT_SIZE, "%" PRId64, *(const int64_t *)value);
    } else {
        snprintf(out, VALUE_TEXT_SIZE, "%.*g", dtype_is_real(dtype) ? 7 : 10,
                 value_at(dtype, value, 0));
    }
    return out;
}

/* Fails with "column "x": value 7 at 3 " followed by `what`. */
static enum status refuse(const struct truth *t, const void *value, uint64_t position,
                          const char *what, struct error *err) {
    char text[VALUE_TEXT_SIZE];
    return error_set(err, STATUS_DAMAGED, "column \"%s\": value %s at %" PRIu64 " %s",
                     t->info->name, value_text(text, t->info->dtype, value), position, what);
}

static enum status refuse_outside(const struct truth *t, const void *value, uint64_t position,
                                  struct error *err) {
    const struct column_spec *spec = t->spec;
    AUTO(buf) struct buf what = {0};
    if (spec->offsets_of != NULL) {
        TRY(buf_printf(&what, err, "is above %s = %" PRIu64, t->symbol, t->bound));
    } else if (spec->index_of != NULL) {
        TRY(buf_printf(&what, err, "is not below %s = %" PRIu64 "%s", t->symbol, t->bound,
                       spec->or_none ? ", nor none" : ""));
    } else if (spec->permutation) {
        TRY(buf_printf(&what, err, "is not below the number of values, %" PRIu64, t->info->count));
    } else {
        TRY(buf_puts(&what, "is not ", err));
        TRY(column_range_text(spec, &what, err));
    }
    return refuse(t, value, position, what.data, err);
}

static enum status refuse_order(const struct truth *t, const void *value, uint64_t position,
                                struct error *err) {
    char before[VALUE_TEXT_SIZE];
    const char *at = (const char *)value - dtype_size(t->info->dtype);
    AUTO(buf) struct buf what = {0};
    TRY(buf_printf(&what, err, "follows %s, but values are ",
                   value_text(before, t->info->dtype, at)));
    TRY(column_order_text(t->spec, &what, err));
    return refuse(t, value, position, what.data, err);
}

/* ---- bounds ---- */

/* The allowed integers are the *size ones from *low on; false if all are allowed. */
static bool integer_bounds(const struct truth *t, uint64_t *low, uint64_t *size) {
    const struct column_spec *spec = t->spec;
    *low = 0;
    if (spec->offsets_of != NULL) {
        *size = t->bound + 1;
    } else if (spec->index_of != NULL) {
        *size = t->bound;
    } else if (spec->permutation) {
        *size = t->info->count;
    } else if (column_has_range(spec)) {
        *low = (uint64_t)(int64_t)spec->range.min;
        *size = (uint64_t)(int64_t)spec->range.max - *low + 1;
    } else {
        return false;
    }
    return true;
}

static bool integers_outside(const struct truth *t, const void *values, uint64_t count) {
    const enum dtype dtype = t->info->dtype;
    const uint64_t largest = UINT64_MAX >> (64 - 8 * dtype_size(dtype));
    uint64_t low, size;
    if (!integer_bounds(t, &low, &size)) return false;
    if (size == 0 && !t->spec->or_none) return count > 0;
    if (size == 0) return scan_integers_outside(dtype, values, count, UINT32_MAX, 0, UINT32_MAX);
    uint64_t span = size - 1 < largest ? size - 1 : largest; /* the bound may exceed the type */
    uint64_t none = t->spec->or_none ? UINT32_MAX : low;
    return scan_integers_outside(dtype, values, count, low, span, none);
}

static bool outside(const struct truth *t, const void *values, uint64_t count) {
    if (!dtype_is_real(t->info->dtype)) return integers_outside(t, values, count);
    const bool ranged = column_has_range(t->spec);
    return scan_reals_outside(t->info->dtype, values, count,
                              ranged ? t->spec->range.min : -INFINITY,
                              ranged ? t->spec->range.max : INFINITY, t->spec->or_nan);
}

static enum status check_bounds(const struct truth *t, const void *values, uint64_t first,
                                uint64_t count, struct error *err) {
    if (!outside(t, values, count)) return STATUS_OK;
    const char *value = values;
    size_t width = dtype_size(t->info->dtype);
    uint64_t i = 0;
    while (!outside(t, value + i * width, 1))
        i++;
    return refuse_outside(t, value + i * width, first + i, err);
}

/* ---- order ---- */

static bool breaks_order(const struct truth *t, const char *value) {
    size_t width = dtype_size(t->info->dtype);
    return scan_order_breaks(t->info->dtype, t->order, value - width, 2) > 0;
}

/* Index of the first row that begins at or after `position` (binary search). */
static uint64_t find_row(const struct truth *t, uint64_t position) {
    uint64_t low = 0, high = t->n_rows;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (t->row[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Counts the breaks at positions [from, end) that are allowed because a row begins there. values[0]
 * is value number `first` of the column. */
static uint64_t allowed_breaks(const struct truth *t, const char *values, uint64_t first,
                               uint64_t from, uint64_t end) {
    size_t width = dtype_size(t->info->dtype);
    uint64_t allowed = 0, last = UINT64_MAX;
    for (uint64_t r = find_row(t, from); r < t->n_rows && t->row[r] < end; r++) {
        if (t->row[r] == last) continue; /* an empty row */
        last = t->row[r];
        allowed += breaks_order(t, values + (last - first) * width);
    }
    return allowed;
}

static bool begins_row(const struct truth *t, uint64_t position) {
    uint64_t row = find_row(t, position);
    return row < t->n_rows && t->row[row] == position;
}

static enum status check_order(const struct truth *t, const char *values, uint64_t first,
                               uint64_t count, bool before, struct error *err) {
    const enum dtype dtype = t->info->dtype;
    const size_t width = dtype_size(dtype), back = before ? width : 0;
    if (t->order == ORDER_ANY) return STATUS_OK;
    const uint64_t from = first + !before; /* the first value whose predecessor is at hand */
    uint64_t breaks = scan_order_breaks(dtype, t->order, values - back, count + before);
    if (breaks == 0 || breaks == allowed_breaks(t, values, first, from, first + count))
        return STATUS_OK;
    uint64_t i = from;
    while (begins_row(t, i) || !breaks_order(t, values + (i - first) * width))
        i++;
    return refuse_order(t, values + (i - first) * width, i, err);
}

static enum status check_ends(const struct truth *t, const uint64_t *values, uint64_t first,
                              uint64_t count, struct error *err) {
    if (t->spec->offsets_of == NULL || count == 0) return STATUS_OK;
    if (first == 0 && values[0] != 0)
        return refuse(t, values, 0, "is not 0, where offsets begin", err);
    const uint64_t *last = values + count - 1;
    if (first + count < t->info->count || *last == t->bound) return STATUS_OK;
    char what[EXPANDED_SIZE + VALUE_TEXT_SIZE];
    snprintf(what, sizeof(what), "is not %s = %" PRIu64 ", where offsets end", t->symbol, t->bound);
    return refuse(t, last, first + count - 1, what, err);
}

/* ---- all of it ---- */

enum status truth_check(const struct truth *t, const void *values, uint64_t first, uint64_t count,
                        bool before, struct error *err) {
    if (t->spec == NULL || count == 0) return STATUS_OK;
    TRY(check_bounds(t, values, first, count, err));
    TRY(check_order(t, values, first, count, before, err));
    return check_ends(t, values, first, count, err);
}

enum status truth_check_next(struct truth *t, const void *values, uint64_t first, uint64_t count,
                             struct error *err) {
    if (t->spec == NULL || !t->spec->permutation) return STATUS_OK;
    const uint64_t *value = values;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t *word = &t->seen[value[i] / 64], bit = (uint64_t)1 << value[i] % 64;
        if ((*word & bit) != 0) return refuse(t, value + i, first + i, "occurs twice", err);
        *word |= bit;
    }
    return STATUS_OK;
}

enum status truth_check_texts(const struct truth *t, const char *bytes, struct error *err) {
    if (t->spec == NULL || t->order != ORDER_ASCENDING) return STATUS_OK;
    for (uint64_t i = 1; i < t->info->count; i++) {
        const char *text = bytes + strlen(bytes) + 1;
        if (strcmp(bytes, text) >= 0)
            return error_set(err, STATUS_DAMAGED,
                             "column \"%s\": text \"%.60s\" at %" PRIu64
                             " follows \"%.60s\", but texts are ascending",
                             t->info->name, text, i, bytes);
        bytes = text;
    }
    return STATUS_OK;
}
