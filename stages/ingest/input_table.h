/* One input file as a table of rows with known columns, read in parallel blocks into flat arrays.
 */
#ifndef MARQUEE_INGEST_INPUT_TABLE_H
#define MARQUEE_INGEST_INPUT_TABLE_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "stages/ingest/delimited_rows.h"
#include "stages/ingest/source_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Columns of each file, for table_field. */
enum { RATING_USER, RATING_MOVIE, RATING_VALUE, RATING_TIME };
enum { MOVIE_ID, MOVIE_TITLE, MOVIE_GENRES };
enum { USER_ID, USER_GENDER, USER_AGE, USER_OCCUPATION };
enum { LINK_MOVIE, LINK_IMDB, LINK_TMDB };
enum { TAG_USER, TAG_MOVIE, TAG_TEXT, TAG_TIME }; /* of reviews too */
enum { GENOME_TAG_ID, GENOME_TAG_NAME };
enum { SCORE_MOVIE, SCORE_TAG, SCORE_RELEVANCE };
enum { TABLE_MAX_COLUMNS = 4 };

/* What the reading of all files shares. */
struct reading {
    uint64_t bad_allowed; /* bad rows that may be skipped, over all files */
    uint64_t n_bad;
    struct strings skipped;    /* "file:line: reason" of each, in the order of file and line */
    struct progress *progress; /* counts bytes; may be NULL */
    bool without_times;        /* the ratings have no order: times are checked, and become 0 */
};
void reading_release(struct reading *r);

struct input_table {
    const char *path;
    enum file_role role;
    enum dialect dialect;
    struct file_map map;
    enum row_format format;
    int column[TABLE_MAX_COLUMNS]; /* position of each column in a row, -1 if there is none */
    size_t n_fields;               /* of every row */
    const char *body, *end;        /* rows after the header */
    uint64_t body_line;
    bool latin1; /* text is ISO-8859-1 */
    bool holds_nul, holds_quote, holds_return;
    uint64_t n_lines; /* of the body: no more rows than that */
    uint64_t n_rows;  /* good rows, after table_read */
    uint64_t n_bad;   /* after table_read */
};

/* Maps the file and reads its header. STATUS_FAILED for a missing or empty file, a header without a
 * needed column or with one twice. `source` must outlive the table. */
enum status input_table_open(struct input_table *out, const struct source *source,
                             enum file_role role, struct error *err);
void input_table_release(struct input_table *t);

/* What a reader of a table's rows does. */
struct table_reader {
    void *context;
    /* Stores a row in slot `slot` of the reader's arrays, which must hold n_lines rows, or says in
     * `bad` what is wrong with it. Called in parallel if `move` is there; then it may touch nothing
     * but its slot. */
    enum status (*take)(void *context, size_t slot, const struct delimited_row *row,
                        struct reason *bad, struct error *err);
    /* Moves `count` taken rows from slot `from` down to slot `to` (they may overlap). NULL for a
     * reader that must see the rows one after the other; its slots then have no gaps. */
    void (*move)(void *context, size_t to, size_t from, size_t count);
};

/* Reads all rows, which end up in slots 0..n_rows in file order. The first bad row beyond those
 * allowed is the error, as "file:line: reason". The result does not depend on threads. */
enum status input_table_read(struct input_table *t, const struct table_reader *reader,
                             struct reading *shared, struct error *err);

/* A field of a row by column; empty if the file does not have the column. */
static inline struct field input_table_field(const struct input_table *t,
                                             const struct delimited_row *row, int column) {
    int position = t->column[column];
    return position < 0 ? (struct field){"", 0} : row->field[position];
}

/* Appends a field as UTF-8; if the text is not valid in the file's encoding, `bad` says so. */
enum status input_table_text(const struct input_table *t, struct field f, const char *what,
                             struct buf *out, struct reason *bad, struct error *err);

#endif
