/* The one table of what each kind of artifact holds, its shapes and its truths: writer, reader,
 * inspector and documentation all take it from here. */
#ifndef MARQUEE_ARTIFACT_KINDS_H
#define MARQUEE_ARTIFACT_KINDS_H

#include "common/artifact/artifact.h"

#include <stdbool.h>
#include <stddef.h>

/* How the values of a column follow one another. */
enum order {
    ORDER_ANY,
    ORDER_ASCENDING,   /* each is larger than the one before */
    ORDER_NOT_FALLING, /* none is smaller than the one before */
    ORDER_NOT_RISING   /* none is larger than the one before */
};

/* A column of a kind. What is not set says nothing, except that floating-point values are finite
 * wherever dtype is given. In `shape`, `offsets_of`, `index_of` and `per`, a '*' stands for what
 * the '*' in `name` stands for: "weights.*.movie" of shape "entries.*" is one table per model. */
struct column_spec {
    const char *name; /* may hold one '*' for letters, digits, '_', '-'; "*" alone is any name */
    enum dtype dtype; /* 0: any */
    /* Symbolic, e.g. "users+1" or "movies,k": the same symbol has the same size throughout a file,
     * "*" any size. NULL: any shape. */
    const char *shape;
    bool required;
    const char *meaning;

    const char *offsets_of; /* row starts: from 0, never falling, to the size of this symbol */
    const char *index_of;   /* each value is below the size of this symbol */
    bool or_none;           /* ... or 2^32-1, for none */
    bool permutation;       /* each number below the number of values occurs once */
    struct {
        double min, max; /* both included; INFINITY: no limit but that values are finite */
    } range;             /* 0, 0: any */
    bool or_nan;         /* floating-point values may be NaN */
    enum order order;    /* of the texts of a str column: bytewise */
    /* Where the order begins anew: at each row of a column of offsets ("genre.offset"), or wherever
     * another column changes ("tag.movie"). NULL: at each row of a matrix; in a vector nowhere. */
    const char *per;
};

/* Rows of a table of columns; behind the meaning may follow what is true of the values:
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
    const struct column_spec *columns; /* without those that were joined to it */
    size_t n_columns;
};

const struct kind_spec *kind_find(const char *name); /* NULL if unknown */
size_t kind_count(void);
const struct kind_spec *kind_at(size_t index);

/* Joins the columns of a higher floor to a kind: a model declares its own columns in one static
 * table beside its code, and whoever lists the models joins them. The table must outlive the
 * program's use of kinds. To be called at the start, before there are threads; a
 * `__attribute__((constructor))` function in the file that lists the models does it for every
 * program that links a model, without a line in any main. The same table twice counts once; a name
 * that the kind has already, an unknown kind and too many tables are STATUS_FAILED. */
enum status kind_join(const char *kind, const struct column_spec *columns, size_t n_columns,
                      struct error *err);

/* All columns of a kind: its own, then the joined ones. */
size_t kind_n_columns(const struct kind_spec *kind);
const struct column_spec *kind_column_at(const struct kind_spec *kind, size_t index);

/* The spec that fits a column's name, or NULL. A full name fits before one with a '*'. */
const struct column_spec *kind_column(const struct kind_spec *kind, const char *column);

enum order column_order(const struct column_spec *spec); /* offsets never fall */
bool column_has_range(const struct column_spec *spec);
bool dtype_is_real(enum dtype dtype);

/* What the spec says of the values, in words: "index of movies, ascending per content.offset". */
enum status column_truths(const struct column_spec *spec, struct buf *out, struct error *err);
/* Appends what `range` and `order` say: "0.5 to 5 or NaN", "ascending per genre.offset". */
enum status column_range_text(const struct column_spec *spec, struct buf *out, struct error *err);
enum status column_order_text(const struct column_spec *spec, struct buf *out, struct error *err);

/* `text` with its '*' replaced by what that of spec->name stands for in the name of `column`. */
enum { EXPANDED_SIZE = 2 * ARTIFACT_MAX_NAME };
void column_expand(char out[EXPANDED_SIZE], const char *text, const struct column_spec *spec,
                   const char *column);

#endif
