/* The byte layout of an artifact file, private to this folder. FORMAT.md is the specification in
 * words and states the same numbers. */
#ifndef MARQUEE_ARTIFACT_FORMAT_H
#define MARQUEE_ARTIFACT_FORMAT_H

#include "common/artifact/artifact.h"
#include "common/artifact/kinds.h"
#include "common/base/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "column values are written as they lie in memory, little-endian");

enum {
    FORMAT_MAJOR = 1,
    FORMAT_MINOR = 0,
    FORMAT_MUST_UNDERSTAND = 0, /* the must-understand flags that this reader knows */
    HEADER_SIZE = 64,
    TRAILER_SIZE = 16,
    MAGIC_SIZE = 8,
    CHUNK_RAW_SIZE = 1 << 20, /* of all but the last of a column; a multiple of all value sizes */
    CHUNK_STORED_LIMIT = 2 << 20,
    ZSTD_LEVEL = 1
};

/* ---- header and trailer (layout.c) ---- */

struct header {
    uint16_t major, minor;
    uint32_t must_understand, may_ignore;
    uint64_t file_size;
    uint64_t contents_offset, contents_size;
    uint64_t contents_checksum;
};

/* The first 8 bytes of the XXH3-128 digest, read as a little-endian number. */
uint64_t format_checksum(const void *data, size_t size);

void put_u16(unsigned char *at, uint16_t value);
void put_u32(unsigned char *at, uint32_t value);
void put_u64(unsigned char *at, uint64_t value);
uint16_t get_u16(const unsigned char *at);
uint32_t get_u32(const unsigned char *at);
uint64_t get_u64(const unsigned char *at);

void header_encode(const struct header *h, unsigned char bytes[HEADER_SIZE]);
/* Checks everything that can be checked from the header and `file_size` alone. *is_artifact is
 * false if the file does not even have the magic number. */
enum status header_decode(struct header *out, const unsigned char *file, uint64_t file_size,
                          bool *is_artifact, struct error *err);
void trailer_encode(uint64_t file_size, unsigned char bytes[TRAILER_SIZE]);
enum status trailer_check(const unsigned char *file, uint64_t file_size, struct error *err);

/* ---- values (value.c) ---- */

struct value_stats {
    double min, max;
    uint64_t count, nan_count; /* count: non-NaN values */
};

void value_stats_add(struct value_stats *s, enum dtype dtype, const void *values, uint64_t count);
void value_stats_merge(struct value_stats *s, const struct value_stats *other);

/* ---- filters (filter.c) ---- */

enum filter { FILTER_NONE = 0, FILTER_SHUFFLE = 1, FILTER_DELTA_SHUFFLE = 2, FILTER_LAST = 2 };

/* Chooses the filter of a column from its dtype and its first values, and so from its content
 * alone. */
enum filter filter_choose(enum dtype dtype, const void *values, uint64_t count);
bool filter_fits(enum filter filter, enum dtype dtype);
/* Filters `size` bytes from `in` to `out`, which must not overlap; `scratch` has room for `size`
 * bytes, too. */
void filter_encode(enum filter filter, size_t value_size, const unsigned char *in, size_t size,
                   unsigned char *out, unsigned char *scratch);
void filter_decode(enum filter filter, size_t value_size, const unsigned char *in, size_t size,
                   unsigned char *out);

/* ---- chunks (chunk.c) ---- */

struct chunk {
    uint64_t offset;   /* in the file */
    uint32_t size;     /* stored */
    uint64_t checksum; /* of the stored bytes */
};

/* The memory that one thread needs to encode or decode chunks of columns of up to `raw_size` bytes.
 */
struct chunk_codec;
enum status chunk_codec_create(struct chunk_codec **out, uint64_t raw_size, struct error *err);
void chunk_codec_release(struct chunk_codec *c);

size_t chunk_bound(size_t raw_size); /* the most that they can take when stored */
/* `out` has room for chunk_bound(raw_size) bytes, of which *stored are written. */
enum status chunk_encode(struct chunk_codec *c, enum filter filter, size_t value_size,
                         const unsigned char *raw, size_t raw_size, unsigned char *out,
                         size_t *stored, struct error *err);
/* Checks checksum and frame, then decodes exactly raw_size bytes. `file` is the mapped file. */
enum status chunk_decode(struct chunk_codec *c, enum filter filter, size_t value_size,
                         const unsigned char *file, const struct chunk *chunk, unsigned char *raw,
                         size_t raw_size, struct error *err);

/* ---- table of contents (contents.c) ---- */

struct column {
    struct column_info info;
    enum filter filter;
    struct chunk *chunks; /* [info.n_chunks] */
};

struct contents {
    const char *kind;
    struct digest content_id, recipe_id;
    struct lineage lineage;
    struct lineage_input *inputs; /* lineage.inputs points here */
    struct meta *meta;
    size_t n_meta;
    struct column *columns;
    size_t n_columns;
    uint32_t *by_name; /* [n_columns] column indices sorted by name */
};

uint64_t column_chunk_size(const struct column_info *info, uint32_t chunk); /* raw */

/* These append fields of a table of contents to `b`. */
enum status contents_put_u8(struct buf *b, uint8_t value, struct error *err);
enum status contents_put_u32(struct buf *b, uint32_t value, struct error *err);
enum status contents_put_u64(struct buf *b, uint64_t value, struct error *err);
enum status contents_put_text(struct buf *b, const char *text, struct error *err);
enum status contents_put_lineage(struct buf *b, const struct lineage *lineage, struct error *err);
enum status contents_put_meta(struct buf *b, const struct meta *meta, struct error *err);
enum status contents_put_column(struct buf *b, const struct column *column, struct error *err);

/* Decodes and checks `size` bytes; texts in `out` point into them. No chunk may reach beyond offset
 * `data_end`; `newer` allows further bytes at the end, as a higher minor version may add. */
enum status contents_decode(struct contents *out, const unsigned char *bytes, uint64_t size,
                            uint64_t data_end, bool newer, struct error *err);
void contents_release(struct contents *c);
const struct column *contents_column(const struct contents *c, const char *name); /* or NULL */

/* Computes the content id from the rest of the contents. */
enum status contents_content_id(const struct contents *c, struct digest *out, struct error *err);

/* Checks columns against the kind's table: names, dtypes, dimensions, required columns, and that
 * equal symbols have equal sizes (kind_check.c). */
enum status kind_check(const struct contents *c, struct error *err);
/* The same for one column as it is written, without the sizes. */
enum status kind_check_column(const char *kind, const char *name, enum dtype dtype, uint32_t n_dims,
                              struct error *err);

/* Looks up the size of a symbol that occurs in the shapes; the columns must have passed
 * kind_check. */
enum status kind_symbol(const struct contents *c, const struct kind_spec *kind, const char *symbol,
                        uint64_t *size, struct error *err);

/* ---- scans of values, one pass each (scan.c) ---- */

/* Whether any integer is neither in [low, low + span], modulo 2^bits of its type, nor `none`. */
bool scan_integers_outside(enum dtype dtype, const void *values, uint64_t count, uint64_t low,
                           uint64_t span, uint64_t none);
/* Whether any floating-point value is infinite, outside of [min, max], or a NaN unless `or_nan`. */
bool scan_reals_outside(enum dtype dtype, const void *values, uint64_t count, double min,
                        double max, bool or_nan);
/* How many values break the order with the one before them; count < 2^32. */
uint64_t scan_order_breaks(enum dtype dtype, enum order order, const void *values, uint64_t count);

/* ---- truths: the constraints on the values of a column (truth.c) ---- */

/* The constraints on a column of one file: its spec, with the symbols resolved to numbers. */
struct truth {
    const struct column_spec *spec; /* NULL: no constraints */
    const struct column_info *info;
    char symbol[EXPANDED_SIZE]; /* of offsets_of or index_of */
    uint64_t bound;             /* its size */
    enum order order;           /* ORDER_ANY: not checked */
    uint64_t *row;              /* [n_rows] where the order restarts; ascending, with repeats */
    uint64_t n_rows;            /* 0: one order throughout the column */
    uint64_t *seen;             /* for a permutation: a bit per value */
};

/* Fills in all but the rows that come from another column. `kind` NULL: no constraints. */
enum status truth_resolve(struct truth *out, const struct contents *c, const struct kind_spec *kind,
                          const struct column_info *info, struct error *err);
/* Sets the rows from the `values` of column `per`, the one that t->spec->per names. */
enum status truth_set_rows(struct truth *t, const struct truth *per, const void *values,
                           struct error *err);
void truth_release(struct truth *t);

/* Checks values [first, first + count) of a numeric column; `before` says that values[-1] exists
 * and is the value in front of them. Reads only *t, so that threads may check different parts. */
enum status truth_check(const struct truth *t, const void *values, uint64_t first, uint64_t count,
                        bool before, struct error *err);
/* Checks what depends on all values, that a permutation repeats none; to be called for the parts of
 * the column in their order. */
enum status truth_check_next(struct truth *t, const void *values, uint64_t first, uint64_t count,
                             struct error *err);
enum status truth_check_texts(const struct truth *t, const char *bytes, struct error *err);

/* ---- the open file (artifact_read.c), shared with verify.c ---- */

struct artifact {
    char *path;
    struct file_map map;
    struct header header;
    struct contents contents;
    const struct kind_spec *kind; /* whose constraints are checked on reading; NULL: none */
};

/* The constraints on a column, including its rows, for which it reads the column that they come
 * from. If that fails, *out has everything but the order. */
enum status artifact_truth(const struct artifact *a, const struct column *column, struct truth *out,
                           struct error *err);
enum status strings_check(const char *bytes, uint64_t size, uint64_t count, struct error *err);

#endif
