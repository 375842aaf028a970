/* The one table of what each kind of artifact holds: writer, reader, inspector and documentation
 * all take it from here. */
#ifndef MARQUEE_ARTIFACT_KINDS_H
#define MARQUEE_ARTIFACT_KINDS_H

#include "common/artifact/artifact.h"

#include <stdbool.h>
#include <stddef.h>

struct column_spec {
    const char *name; /* may hold one '*' for letters, digits, '_', '-'; "*" alone is any name */
    enum dtype dtype; /* 0: any */
    /* Symbolic, e.g. "users+1" or "movies,k": the same symbol has the same size throughout a file,
     * "*" any size. NULL: any shape. */
    const char *shape;
    bool required;
    const char *meaning;
};

struct kind_spec {
    const char *name;
    const char *written_by; /* stage */
    const char *meaning;
    const struct column_spec *columns;
    size_t n_columns;
};

const struct kind_spec *kind_find(const char *name); /* NULL if unknown */
size_t kind_count(void);
const struct kind_spec *kind_at(size_t index);

/* The spec that fits a column's name, or NULL. */
const struct column_spec *kind_column(const struct kind_spec *kind, const char *column);

#endif
