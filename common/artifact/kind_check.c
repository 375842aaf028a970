/* Checks the columns of a file against the table of kinds. */
#include "common/artifact/format.h"
#include "common/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A symbol of the table's shapes, and the size that a column gave it. */
struct symbol {
    char name[EXPANDED_SIZE];
    uint64_t size;
    const char *column; /* the column that gave it */
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

/* Finds the spec of a column and checks dtype and dimensions against it. */
static enum status find_spec(const struct kind_spec *kind, const char *name, enum dtype dtype,
                             uint32_t n_dims, const struct column_spec **out, struct error *err) {
    *out = kind_column(kind, name);
    if (*out == NULL)
        return error_set(err, STATUS_FAILED, "kind %s has no column \"%s\"", kind->name, name);
    return check_spec(*out, name, dtype, n_dims, err);
}

enum status kind_check_column(const char *kind, const char *name, enum dtype dtype, uint32_t n_dims,
                              struct error *err) {
    const struct kind_spec *spec = kind_find(kind);
    if (spec == NULL) return error_set(err, STATUS_FAILED, "no kind is called \"%s\"", kind);
    const struct column_spec *column;
    return find_spec(spec, name, dtype, n_dims, &column, err);
}

static void symbols_release(struct symbols *all) {
    mem_free(all->items);
}

static const struct symbol *find_symbol(const struct symbols *all, const char *name) {
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].name, name) == 0) return &all->items[i];
    }
    return NULL;
}

/* Binds a symbol to a size, or compares the size with the one it is bound to already. */
static enum status bind(struct symbols *all, const char *name, uint64_t size, const char *column,
                        struct error *err) {
    const struct symbol *known = find_symbol(all, name);
    if (known != NULL && known->size == size) return STATUS_OK;
    if (known != NULL)
        return error_set(err, STATUS_FAILED,
                         "column \"%s\" has %s = %" PRIu64 ", column \"%s\" %" PRIu64, column, name,
                         size, known->column, known->size);
    TRY(mem_grow(&all->items, &all->capacity, all->count + 1, sizeof(*all->items), err));
    struct symbol *s = &all->items[all->count++];
    snprintf(s->name, sizeof(s->name), "%s", name);
    s->size = size;
    s->column = column;
    return STATUS_OK;
}

/* Checks one dimension: "*", "symbol" or "symbol+1". */
static enum status check_dim(struct symbols *all, const char *dim, uint64_t size,
                             const char *column, struct error *err) {
    if (strcmp(dim, "*") == 0) return STATUS_OK;
    size_t dim_size = strlen(dim);
    if (dim_size <= 2 || strcmp(dim + dim_size - 2, "+1") != 0)
        return bind(all, dim, size, column, err);
    if (size == 0)
        return error_set(err, STATUS_FAILED, "column \"%s\" is empty, the kind says [%s]", column,
                         dim);
    char symbol[EXPANDED_SIZE];
    snprintf(symbol, sizeof(symbol), "%.*s", (int)dim_size - 2, dim);
    return bind(all, symbol, size - 1, column, err);
}

static enum status check_shape(struct symbols *all, const struct column_spec *spec,
                               const struct column_info *info, struct error *err) {
    const char *shape = spec->shape;
    for (uint32_t i = 0; i < info->n_dims; i++) {
        char pattern[EXPANDED_SIZE], dim[EXPANDED_SIZE];
        size_t size = strcspn(shape, ",");
        snprintf(pattern, sizeof(pattern), "%.*s", (int)size, shape);
        bool any = strcmp(pattern, "*") == 0;
        column_expand(dim, pattern, spec, info->name);
        TRY(check_dim(all, any ? pattern : dim, info->shape[i], info->name, err));
        shape += size + (shape[size] == ',');
    }
    return STATUS_OK;
}

/* Binds the symbols of all columns; a column that the kind does not have is an error. */
static enum status bind_columns(struct symbols *all, const struct contents *c,
                                const struct kind_spec *kind, struct error *err) {
    for (size_t i = 0; i < c->n_columns; i++) {
        const struct column_info *info = &c->columns[i].info;
        const struct column_spec *spec;
        TRY(find_spec(kind, info->name, info->dtype, info->n_dims, &spec, err));
        if (spec->shape != NULL) TRY(check_shape(all, spec, info, err));
    }
    return STATUS_OK;
}

static enum status check_required(const struct contents *c, const struct kind_spec *kind,
                                  struct error *err) {
    for (size_t i = 0; i < kind_n_columns(kind); i++) {
        const struct column_spec *spec = kind_column_at(kind, i);
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
    AUTO(symbols) struct symbols symbols = {0};
    return bind_columns(&symbols, c, kind, err);
}

enum status kind_symbol(const struct contents *c, const struct kind_spec *kind, const char *symbol,
                        uint64_t *size, struct error *err) {
    AUTO(symbols) struct symbols symbols = {0};
    TRY(bind_columns(&symbols, c, kind, err));
    const struct symbol *found = find_symbol(&symbols, symbol);
    if (found == NULL)
        return error_set(err, STATUS_DAMAGED, "no column says how many %s there are", symbol);
    *size = found->size;
    return STATUS_OK;
}
