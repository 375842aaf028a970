/* Rows of delimited text that lies in memory: CSV through libcsv, and the unquoted formats of the
 * older MovieLens releases ("::", tab, '|').
 *
 * A row of CSV that holds no quote is split at its delimiters where it lies, with the result that
 * libcsv would give (a test and a fuzzer compare the two); every other row goes through libcsv in
 * strict mode. Lines are fed to it one at a time, so that line numbers are true even after a quote
 * that is never closed. */
#ifndef MARQUEE_INGEST_DELIMITED_ROWS_H
#define MARQUEE_INGEST_DELIMITED_ROWS_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <csv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROW_MAX_FIELDS = 64, ROW_MAX_FIELD_SIZE = 65536 };

struct field {
    const char *text; /* not NUL-terminated; valid until the next row is read */
    size_t size;
};

struct delimited_row {
    uint64_t line; /* of the row's first byte, counted from 1 */
    size_t n_fields;
    struct field field[ROW_MAX_FIELDS];
};

/* Why a row is bad; an empty text means that it is not. */
struct reason {
    char text[256];
};
void reason_set(struct reason *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum row_format {
    ROW_CSV,    /* ',' with quotes (RFC 4180); blanks around unquoted fields are dropped */
    ROW_COLONS, /* "::"; of a run of colons the last two are the delimiter */
    ROW_TAB,
    ROW_PIPE
};

struct row_reader {
    const char *next, *end;
    uint64_t line; /* of `next` */
    enum row_format format;
    /* false only if the caller knows that there is none: saves a search */
    bool may_hold_nul, may_hold_quote, may_hold_return;
    bool always_libcsv; /* for tests: no short cut for rows without quotes */
    struct csv_parser csv;
    bool csv_ready;
    struct buf unquoted; /* fields of a row that went through libcsv */
    size_t field_end[ROW_MAX_FIELDS];
};

/* Reads `size` bytes whose first line has the number `line`. The bytes must outlive the reader. */
void row_reader_init(struct row_reader *r, const char *text, size_t size, uint64_t line,
                     enum row_format format);
void row_reader_release(struct row_reader *r);

/* Reads the next row that is not blank; *end is set if there is none. A bad row (NUL byte, quote
 * not closed, stray carriage return, field over 64 KiB, over 64 fields) is described in `bad`, with
 * row->line set; reading goes on after its first line. Fails only if memory runs out. */
enum status row_read(struct row_reader *r, struct delimited_row *row, struct reason *bad, bool *end,
                     struct error *err);

#endif
