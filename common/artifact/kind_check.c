/* Columns against the table of kinds. */
#include "common/artifact/format.h"
#include "common/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A symbol of the table's shapes with the size that a column gave it. */
struct symbol {
    char name[32];
    uint64_t size;
    const char *column; /* that gave it */
};

struct symbols {
    struct symbol *items;
    size_t count, capacity;
};

static uint32_t count_dims(const char *shape) {
    uint32_t dims = 1;
    for (; *shape != '\0'; shape++)
        dims += *shape == ',';
    return dims;
}

static enum status check_spec(const struct column_spec *spec, const char *name, enum dtype dtype,
                              uint32_t n_dims, struct error *err) {
    if (spec->dtype != 0 && spec->dtype != dtype)
        return error_set(err, STATUS_FAILED, "column \"%s\" is %s, the kind says %s", name,
                         dtype_name(dtype), dtype_name(spec->dtype));
    if (spec->shape != NULL && count_dims(spec->shape) != n_dims)
        return error_set(err, STATUS_FAILED,
                         "column \"%s\" has %" PRIu32 " dimensions, the kind says [%s]", name,
                         n_dims, spec->shape);
    return STATUS_OK;
}

enum status kind_check_column(const char *kind, const char *name, enum dtype dtype, uint32_t n_dims,
                              struct error *err) {
    const struct kind_spec *spec = kind_find(kind);
    if (spec == NULL) return error_set(err, STATUS_FAILED, "no kind is called \"%s\"", kind);
    const struct column_spec *column = kind_column(spec, name);
    if (column == NULL)
        return error_set(err, STATUS_FAILED, "kind %s has no column \"%s\"", kind, name);
    return check_spec(column, name, dtype, n_dims, err);
}

/* Binds one symbol, or compares with what it was bound to before. */
static enum status bind(struct symbols *all, const char *name, size_t name_size, uint64_t size,
                        const char *column, struct error *err) {
    for (size_t i = 0; i < all->count; i++) {
        struct symbol *s = &all->items[i];
        if (strlen(s->name) != name_size || strncmp(s->name, name, name_size) != 0) continue;
        if (s->size == size) return STATUS_OK;
        return error_set(err, STATUS_FAILED,
                         "column \"%s\" has %s = %" PRIu64 ", column \"%s\" %" PRIu64, column,
                         s->name, size, s->column, s->size);
    }
    TRY(mem_grow(&all->items, &all->capacity, all->count + 1, sizeof(*all->items), err));
    struct symbol *s = &all->items[all->count++];
    snprintf(s->name, sizeof(s->name), "%.*s", (int)name_size, name);
    s->size = size;
    s->column = column;
    return STATUS_OK;
}

/* One dimension: "*", "symbol" or "symbol+1". */
static enum status check_dim(struct symbols *all, const char *dim, size_t dim_size, uint64_t size,
                             const char *column, struct error *err) {
    if (dim_size == 1 && *dim == '*') return STATUS_OK;
    bool plus_one = dim_size > 2 && memcmp(dim + dim_size - 2, "+1", 2) == 0;
    if (!plus_one) return bind(all, dim, dim_size, size, column, err);
    if (size == 0)
        return error_set(err, STATUS_FAILED, "column \"%s\" is empty, the kind says [%.*s]", column,
                         (int)dim_size, dim);
    return bind(all, dim, dim_size - 2, size - 1, column, err);
}

static enum status check_shape(struct symbols *all, const char *shape,
                               const struct column_info *info, struct error *err) {
    for (uint32_t i = 0; i < info->n_dims; i++) {
        size_t size = strcspn(shape, ",");
        TRY(check_dim(all, shape, size, info->shape[i], info->name, err));
        shape += size + (shape[size] == ',');
    }
    return STATUS_OK;
}

static enum status check_required(const struct contents *c, const struct kind_spec *kind,
                                  struct error *err) {
    for (size_t i = 0; i < kind->n_columns; i++) {
        const struct column_spec *spec = &kind->columns[i];
        if (spec->required && contents_column(c, spec->name) == NULL)
            return error_set(err, STATUS_FAILED, "kind %s needs a column \"%s\"", kind->name,
                             spec->name);
    }
    return STATUS_OK;
}

enum status kind_check(const struct contents *c, struct error *err) {
    const struct kind_spec *kind = kind_find(c->kind);
    if (kind == NULL) return error_set(err, STATUS_FAILED, "no kind is called \"%s\"", c->kind);
    TRY(check_required(c, kind, err));
    struct symbols symbols = {0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < c->n_columns && status == STATUS_OK; i++) {
        const struct column_info *info = &c->columns[i].info;
        status = kind_check_column(c->kind, info->name, info->dtype, info->n_dims, err);
        if (status != STATUS_OK) break;
        const char *shape = kind_column(kind, info->name)->shape;
        if (shape != NULL) status = check_shape(&symbols, shape, info, err);
    }
    mem_free(symbols.items);
    return status;
}
