/* The artifact container: named typed columns, typed metadata and lineage in one compressed,
 * checksummed file. FORMAT.md beside this file is the byte-level specification; kinds.h says which
 * columns each kind of artifact has. */
#ifndef MARQUEE_ARTIFACT_ARTIFACT_H
#define MARQUEE_ARTIFACT_ARTIFACT_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values are those on disk. */
enum dtype {
    DTYPE_U8 = 1,
    DTYPE_I8 = 2,
    DTYPE_U16 = 3,
    DTYPE_I32 = 4,
    DTYPE_U32 = 5,
    DTYPE_I64 = 6,
    DTYPE_U64 = 7,
    DTYPE_F32 = 8,
    DTYPE_F64 = 9,
    DTYPE_STR = 10,
    DTYPE_F16 = 11 /* IEEE binary16, in memory as uint16_t (common/base/half.h converts) */
};

size_t dtype_size(enum dtype dtype);      /* bytes of one value; 0 for str and unknown values */
const char *dtype_name(enum dtype dtype); /* "u8", ...; "?" for unknown values */
bool dtype_parse(const char *name, enum dtype *out);
/* Value `index` of an array of a numeric dtype, as the nearest double; 0 for str. */
double value_at(enum dtype dtype, const void *values, uint64_t index);
bool name_valid(const char *name); /* for columns, kinds and metadata keys */

enum { ARTIFACT_MAX_DIMS = 4, ARTIFACT_MAX_NAME = 120 };

struct column_info {
    char name[ARTIFACT_MAX_NAME + 1];
    enum dtype dtype;
    uint32_t n_dims; /* 1..4 */
    uint64_t shape[ARTIFACT_MAX_DIMS];
    uint64_t count;  /* product of shape */
    double min, max; /* over non-NaN values; 0 for str and empty columns */
    uint64_t nan_count;
    uint64_t raw_size, stored_size; /* bytes before and after compression */
    uint32_t n_chunks;
    struct digest digest; /* of the decoded values, independent of compression */
};

enum meta_type { META_I64 = 1, META_F64 = 2, META_STR = 3 };

struct meta {
    const char *key;
    enum meta_type type;
    int64_t i64;
    double f64;
    const char *str;
};

/* One thing that the artifact was made from. `id` is the content id of an artifact, the hash of a
 * CSV file, or the id of a view: an artifact fitted on a view names that view's id, which is
 * computed from the visible ratings alone and so cannot vary with anything held out. */
struct lineage_input {
    const char *role; /* "dataset", "split", "ratings.csv", ... */
    const char *kind; /* kind of artifact, or "file", or "view" */
    struct digest id;
};

struct lineage {
    const char *stage;
    uint32_t stage_version;
    uint64_t seed;
    const char *view;   /* "fit", "full", "all", or "" if the stage has no views */
    const char *params; /* canonical parameters, "name=value\n"... */
    const struct lineage_input *inputs;
    size_t n_inputs;
};

/* The recipe id: hash of stage, version, parameters, seed, view and inputs. */
enum status lineage_recipe_id(const struct lineage *lineage, struct digest *out, struct error *err);

/* ---- reading ---- */

struct artifact; /* an open file; safe for concurrent reads of different columns */

/* Opens a file and checks its header, trailer and table of contents, but not the chunks. With a
 * `kind`, the file must be of that kind, its columns must fit the kind's table, and values are
 * checked against that table whenever they are read. NULL accepts any kind and leaves values
 * unchecked, for inspection. A wrong magic number, version, kind, size or checksum gives
 * STATUS_DAMAGED with a message that says what is wrong and where. */
enum status artifact_open(struct artifact **out, const char *path, const char *kind,
                          struct error *err);
void artifact_close(struct artifact *a); /* NULL is fine */

const char *artifact_path(const struct artifact *a);
const char *artifact_kind(const struct artifact *a);
struct digest artifact_content_id(const struct artifact *a);
struct digest artifact_recipe_id(const struct artifact *a);
const struct lineage *artifact_lineage(const struct artifact *a);
size_t artifact_n_columns(const struct artifact *a);
const struct column_info *artifact_column_at(const struct artifact *a, size_t index);
const struct column_info *artifact_column(const struct artifact *a, const char *name); /* or NULL */
size_t artifact_n_meta(const struct artifact *a);
struct meta artifact_meta_at(const struct artifact *a, size_t index);
uint64_t artifact_file_size(const struct artifact *a);

bool artifact_has_meta(const struct artifact *a, const char *key);
/* A missing key or another type is STATUS_DAMAGED. */
enum status artifact_get_i64(const struct artifact *a, const char *key, int64_t *out,
                             struct error *err);
enum status artifact_get_f64(const struct artifact *a, const char *key, double *out,
                             struct error *err);
enum status artifact_get_str(const struct artifact *a, const char *key, const char **out,
                             struct error *err); /* owned by the artifact */

/* Reads a whole column into a new array at *(void **)out (mem_free it). The column must exist with
 * this dtype and this many values; `count` UINT64_MAX accepts any number. If the artifact was
 * opened with its kind, the values satisfy everything that kinds.c states about the column, and
 * callers need not check any of it again. */
enum status artifact_read(const struct artifact *a, const char *name, enum dtype dtype,
                          uint64_t count, void *out, struct error *err);

/* Reads values [first, first + count) of the flattened column into the caller's memory. Decodes and
 * checks only the chunks that hold them; where the range begins or ends inside a chunk, the order
 * of values is not checked across that chunk's edges. Not for str columns. */
enum status artifact_read_range(const struct artifact *a, const char *name, enum dtype dtype,
                                uint64_t first, uint64_t count, void *out, struct error *err);

/* Reads a str column; appends to `out`. `count` as in artifact_read. */
enum status artifact_read_strings(const struct artifact *a, const char *name, uint64_t count,
                                  struct strings *out, struct error *err);

/* What artifact_verify may find, as flags; or-ed together they are the exit status of `inspect
 * verify`. */
enum artifact_fault {
    FAULT_OPEN = 1,     /* cannot be read, or is not an artifact */
    FAULT_HEADER = 2,   /* header or trailer */
    FAULT_CONTENTS = 4, /* table of contents */
    FAULT_CHUNK = 8,    /* a chunk does not decode */
    FAULT_DIGEST = 16,  /* decoded values, statistics or ids differ from what the file says */
    FAULT_KIND = 32,    /* columns, types or shapes do not fit the kind */
    FAULT_BYTES = 64,   /* bytes that belong to no chunk */
    FAULT_TRUTH = 128   /* values break the kind's rules: bounds, order, finiteness */
};

/* Checks everything: every byte of the file is covered by some check. Returns the faults and
 * describes each in `report` (one line each). */
unsigned artifact_verify(const char *path, struct buf *report);

/* ---- writing ---- */

struct artifact_writer;

/* Starts writing `<path>.part`; nothing appears at `path` until commit. */
enum status artifact_create(struct artifact_writer **out, const char *path, const char *kind,
                            struct error *err);

/* Keys are names of up to ARTIFACT_MAX_NAME letters, digits, '.', '_', '-', as are column names;
 * each may be set once. Texts are UTF-8. */
enum status artifact_set_i64(struct artifact_writer *w, const char *key, int64_t value,
                             struct error *err);
enum status artifact_set_f64(struct artifact_writer *w, const char *key, double value,
                             struct error *err);
enum status artifact_set_str(struct artifact_writer *w, const char *key, const char *value,
                             struct error *err);

/* Copies `lineage`, from which the recipe id is computed. Without this call the lineage is
 * empty. */
enum status artifact_set_lineage(struct artifact_writer *w, const struct lineage *lineage,
                                 struct error *err);

/* Adds a column from memory. Chunks are compressed in parallel; the bytes do not depend on the
 * number of threads. STATUS_FAILED for a name used twice, and for a column, dtype or number of
 * dimensions that the kind's table does not have. */
enum status artifact_add(struct artifact_writer *w, const char *name, enum dtype dtype,
                         uint32_t n_dims, const uint64_t *shape, const void *values,
                         struct error *err);
enum status artifact_add_1d(struct artifact_writer *w, const char *name, enum dtype dtype,
                            uint64_t count, const void *values, struct error *err);
enum status artifact_add_2d(struct artifact_writer *w, const char *name, enum dtype dtype,
                            uint64_t rows, uint64_t columns, const void *values, struct error *err);
enum status artifact_add_strings(struct artifact_writer *w, const char *name,
                                 const struct strings *values, struct error *err);

/* The same in pieces, for columns larger than memory: one begin, any number of appends, one end;
 * one column at a time. A `shape[0]` of UINT64_MAX means that it is not known yet; it then follows
 * from what was appended. For a str column `values` is a `const char *const *`. */
enum status artifact_begin(struct artifact_writer *w, const char *name, enum dtype dtype,
                           uint32_t n_dims, const uint64_t *shape, struct error *err);
enum status artifact_append(struct artifact_writer *w, const void *values, uint64_t count,
                            struct error *err);
enum status artifact_end(struct artifact_writer *w, struct error *err);

/* Writes table of contents, trailer and header, checks that every required column of the kind is
 * there, fsyncs and renames. Releases the writer whatever the outcome; on failure no file is left.
 */
enum status artifact_commit(struct artifact_writer *w, struct error *err);
/* Removes the unfinished file and releases the writer. NULL is fine. */
void artifact_abandon(struct artifact_writer *w);

#endif
