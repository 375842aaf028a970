/* The one table of what each kind of artifact holds: its columns, their shapes, and their truths,
 * the constraints that all values keep. Writer, reader, verifier and `inspect kinds` all use it. */
#ifndef MARQUEE_ARTIFACT_KINDS_H
#define MARQUEE_ARTIFACT_KINDS_H

#include "common/artifact/artifact.h"

#include <stdbool.h>
#include <stddef.h>

/* The order of a column's values. */
enum order {
    ORDER_ANY,
    ORDER_ASCENDING,   /* each is larger than the one before */
    ORDER_NOT_FALLING, /* none is smaller than the one before */
    ORDER_NOT_RISING   /* none is larger than the one before */
};

/* A column of a kind. A member that is not set states no constraint, except that floating-point
 * values are always finite where dtype is given. In `shape`, `offsets_of`, `index_of` and `per`, a
 * '*' stands for whatever the '*' in `name` matched: "weights.*.movie" of shape "entries.*"
 * describes one table per model. */
struct column_spec {
    const char *name; /* may hold one '*' for letters, digits, '_', '-'; "*" alone is any name */
    enum dtype dtype; /* 0: any */
    /* Symbolic, e.g. "users+1" or "movies,k": the same symbol has the same size throughout a file;
     * "*" is any size. NULL: any shape. */
    const char *shape;
    bool required;
    const char *meaning;

    const char *offsets_of; /* row starts: from 0, never falling, up to the size of this symbol */
    const char *index_of;   /* each value is below the size of this symbol */
    bool or_none;           /* ... or 2^32-1, which means none */
    bool permutation;       /* each number below the number of values occurs once */
    struct {
        double min, max; /* both inclusive; INFINITY: finite, otherwise without limit */
    } range;             /* 0, 0: any */
    bool or_nan;         /* floating-point values may be NaN */
    enum order order;    /* texts of a str column compare bytewise */
    /* Where the order restarts: at each row that a column of offsets begins ("genre.offset"), or
     * wherever another column changes ("tag.movie"). NULL: at each row of a matrix, nowhere in a
     * vector. */
    const char *per;
};

/* Rows of a table of columns. Constraints on the values may follow the meaning:
 *     COLUMN("rating.value", DTYPE_U8, "ratings", "half stars", .range = {1, 10}),
 */
#define COLUMN(column, type, dims, ...)                                                            \
    { .name = (column), .dtype = (type), .shape = (dims), .required = true, .meaning = __VA_ARGS__ }
#define OPTIONAL_COLUMN(column, type, dims, ...)                                                   \
    { .name = (column), .dtype = (type), .shape = (dims), .meaning = __VA_ARGS__ }

struct kind_spec {
    const char *name;
    const char *written_by; /* stage */
    const char *meaning;
    const struct column_spec *columns; /* without those joined to it */
    size_t n_columns;
};

const struct kind_spec *kind_find(const char *name); /* NULL if unknown */
size_t kind_count(void);
const struct kind_spec *kind_at(size_t index);

/* Joins columns of a higher floor to a kind: a model declares its own columns in a static table
 * beside its code, and the list of models joins them all. The table must stay valid as long as
 * kinds are used. To be called at start-up, before there are threads: the list of models does so in
 * an `__attribute__((constructor))` function, for every program that links a model. Joining a table
 * again has no effect. STATUS_FAILED for a column name that the kind already has, an unknown kind,
 * and too many tables. */
enum status kind_join(const char *kind, const struct column_spec *columns, size_t n_columns,
                      struct error *err);

/* All columns of a kind: its own, then the joined ones. */
size_t kind_n_columns(const struct kind_spec *kind);
const struct column_spec *kind_column_at(const struct kind_spec *kind, size_t index);

/* The spec that matches a column's name, or NULL. An exact name takes precedence over a '*'. */
const struct column_spec *kind_column(const struct kind_spec *kind, const char *column);

enum order column_order(const struct column_spec *spec); /* offsets never fall */
bool column_has_range(const struct column_spec *spec);
bool dtype_is_real(enum dtype dtype);

/* The constraints on the values in words, e.g. "index of movies, ascending per content.offset";
 * replaces what `out` holds. */
enum status column_truths(const struct column_spec *spec, struct buf *out, struct error *err);
/* These append what `range` and `order` say: "0.5 to 5 or NaN", "ascending per genre.offset". */
enum status column_range_text(const struct column_spec *spec, struct buf *out, struct error *err);
enum status column_order_text(const struct column_spec *spec, struct buf *out, struct error *err);

/* Copies `text` with its '*' replaced by what the '*' of spec->name matches in the name
 * `column`. */
enum { EXPANDED_SIZE = 2 * ARTIFACT_MAX_NAME };
void column_expand(char out[EXPANDED_SIZE], const char *text, const struct column_spec *spec,
                   const char *column);

#endif
