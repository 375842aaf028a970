#include "stages/ingest/delimited_rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CSV_PIECE = 65536 }; /* bytes given to libcsv between two checks of the field's size */

void reason_set(struct reason *r, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->text, sizeof(r->text), format, arguments);
    va_end(arguments);
}

void row_reader_init(struct row_reader *r, const char *text, size_t size, uint64_t line,
                     enum row_format format) {
    memset(r, 0, sizeof(*r));
    r->next = text;
    r->end = size == 0 ? text : text + size;
    r->line = line;
    r->format = format;
    r->may_hold_nul = true;
    r->may_hold_quote = true;
    r->may_hold_return = true;
}

static void forget_csv(struct row_reader *r) {
    if (r->csv_ready) csv_free(&r->csv);
    r->csv_ready = false;
}

void row_reader_release(struct row_reader *r) {
    forget_csv(r);
    buf_release(&r->unquoted);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static struct field trimmed(const char *start, const char *end) {
    while (start < end && is_blank(*start))
        start++;
    while (end > start && is_blank(end[-1]))
        end--;
    return (struct field){start, (size_t)(end - start)};
}

/* Adds a field to the row; false if it is one too many. */
static bool add_field(struct delimited_row *row, struct field field, struct reason *bad) {
    if (row->n_fields == ROW_MAX_FIELDS) {
        reason_set(bad, "has more than %d fields", ROW_MAX_FIELDS);
        return false;
    }
    if (field.size > ROW_MAX_FIELD_SIZE) {
        reason_set(bad, "field %zu is longer than %d bytes", row->n_fields + 1, ROW_MAX_FIELD_SIZE);
        return false;
    }
    row->field[row->n_fields++] = field;
    return true;
}

static void split_at(struct delimited_row *row, const char *text, const char *end, char delimiter,
                     bool trim, struct reason *bad) {
    const char *start = text;
    for (const char *p = text;; p++) {
        if (p < end && *p != delimiter) continue;
        struct field field = trim ? trimmed(start, p) : (struct field){start, (size_t)(p - start)};
        if (!add_field(row, field, bad) || p == end) return;
        start = p + 1;
    }
}

static void split_at_colons(struct delimited_row *row, const char *text, const char *end,
                            struct reason *bad) {
    const char *start = text;
    for (const char *p = text; p < end;) {
        if (*p != ':') {
            p++;
            continue;
        }
        const char *run = p;
        while (p < end && *p == ':')
            p++;
        if (p - run < 2) continue;
        if (!add_field(row, (struct field){start, (size_t)(p - 2 - start)}, bad)) return;
        start = p;
    }
    add_field(row, (struct field){start, (size_t)(end - start)}, bad);
}

/* What libcsv's callbacks fill in. */
struct csv_row {
    struct row_reader *reader;
    size_t n_fields;
    bool complete;
    enum status status;
    struct error *err;
};

static void on_csv_field(void *text, size_t size, void *context) {
    struct csv_row *c = context;
    if (c->status != STATUS_OK) return;
    if (c->n_fields < ROW_MAX_FIELDS) {
        c->status = buf_append(&c->reader->unquoted, text, size, c->err);
        c->reader->field_end[c->n_fields] = c->reader->unquoted.size;
    }
    c->n_fields++;
}

static void on_csv_row(int terminator, void *context) {
    (void)terminator;
    ((struct csv_row *)context)->complete = true;
}

/* Gives one line, terminator included, to libcsv. False if the row cannot be good any more. */
static bool feed_line(struct csv_row *c, const char *text, size_t size, bool many_lines,
                      struct reason *bad) {
    struct csv_parser *csv = &c->reader->csv;
    while (size > 0) {
        size_t piece = size < CSV_PIECE ? size : CSV_PIECE;
        size_t used = csv_parse(csv, text, piece, on_csv_field, on_csv_row, c);
        if (c->status != STATUS_OK) return false;
        if (used != piece) {
            int code = csv_error(csv);
            if (code == CSV_EPARSE) {
                reason_set(bad, "a quote is not closed or not doubled");
            } else {
                c->status = error_set(c->err, STATUS_FAILED, "libcsv: %s", csv_strerror(code));
            }
            return false;
        }
        if (csv->entry_pos > ROW_MAX_FIELD_SIZE) {
            if (many_lines) {
                reason_set(bad, "a quote is not closed within %d bytes", ROW_MAX_FIELD_SIZE);
            } else {
                reason_set(bad, "field %zu is longer than %d bytes", c->n_fields + 1,
                           ROW_MAX_FIELD_SIZE);
            }
            return false;
        }
        text += piece;
        size -= piece;
    }
    return true;
}

static const char *line_end(const struct row_reader *r, const char *start) {
    const char *end = memchr(start, '\n', (size_t)(r->end - start));
    return end == NULL ? r->end : end;
}

/* Where the content of a line ends, if its terminator (or the end of the text) is at `end`. */
static const char *content_end_of(const char *start, const char *end) {
    return end > start && end[-1] == '\r' ? end - 1 : end;
}

/* Bytes that no line may hold, inside quotes or outside. */
static bool line_is_clean(const struct row_reader *r, const char *start, const char *content_end,
                          struct reason *bad) {
    size_t size = (size_t)(content_end - start);
    if (r->may_hold_nul && memchr(start, '\0', size) != NULL) {
        reason_set(bad, "holds a NUL byte");
    } else if (r->may_hold_return && memchr(start, '\r', size) != NULL) {
        reason_set(bad, "holds a stray carriage return");
    } else {
        return true;
    }
    return false;
}

static enum status prepare_csv(struct row_reader *r, struct error *err) {
    buf_clear(&r->unquoted);
    if (r->csv_ready) return STATUS_OK;
    if (csv_init(&r->csv, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return error_set(err, STATUS_FAILED, "libcsv: cannot be initialised");
    }
    csv_set_blk_size(&r->csv, 4096);
    r->csv_ready = true;
    return STATUS_OK;
}

/* Turns what libcsv delivered into fields of the row. */
static void take_csv_fields(const struct row_reader *r, const struct csv_row *c,
                            struct delimited_row *row, struct reason *bad) {
    size_t start = 0;
    for (size_t i = 0; i < c->n_fields; i++) {
        size_t end = i < ROW_MAX_FIELDS ? r->field_end[i] : start;
        const char *text = r->unquoted.data == NULL ? "" : r->unquoted.data + start;
        if (!add_field(row, (struct field){text, end - start}, bad)) return;
        start = end;
    }
}

/* Reads one row through libcsv, from r->next on, which moves past the row's last line. */
static enum status read_by_libcsv(struct row_reader *r, struct delimited_row *row,
                                  struct reason *bad, struct error *err) {
    TRY(prepare_csv(r, err));
    struct csv_row c = {.reader = r, .status = STATUS_OK, .err = err};
    const char *start = r->next, *first_end = NULL;
    bool going = true;
    while (going && !c.complete && start < r->end) {
        const char *end = line_end(r, start);
        if (first_end == NULL) first_end = end;
        size_t size = (size_t)(end - start) + (end < r->end ? 1 : 0);
        going = line_is_clean(r, start, content_end_of(start, end), bad) &&
                feed_line(&c, start, size, first_end != end, bad);
        start += size;
        r->line++;
    }
    if (going && !c.complete) {
        if (csv_fini(&r->csv, on_csv_field, on_csv_row, &c) != 0) {
            reason_set(bad, "a quote is not closed");
            going = false;
        }
    }
    if (c.status != STATUS_OK) return c.status;
    if (going) take_csv_fields(r, &c, row, bad);
    if (bad->text[0] == '\0') {
        r->next = start;
        return STATUS_OK;
    }
    forget_csv(r); /* its state is that of the bad row */
    r->next = first_end < r->end ? first_end + 1 : r->end;
    r->line = row->line + 1;
    return STATUS_OK;
}

/* Reads a row that ends where its line ends. */
static void read_line(struct row_reader *r, const char *end, const char *content_end,
                      struct delimited_row *row, struct reason *bad) {
    const char *text = r->next;
    r->next = end < r->end ? end + 1 : r->end;
    r->line++;
    if (!line_is_clean(r, text, content_end, bad)) return;
    switch (r->format) {
    case ROW_CSV:
        split_at(row, text, content_end, ',', true, bad);
        break;
    case ROW_COLONS:
        split_at_colons(row, text, content_end, bad);
        break;
    case ROW_TAB:
        split_at(row, text, content_end, '\t', false, bad);
        break;
    case ROW_PIPE:
        split_at(row, text, content_end, '|', false, bad);
        break;
    }
}

static bool line_is_blank(const char *text, const char *end) {
    while (text < end && is_blank(*text))
        text++;
    return text == end;
}

enum status row_read(struct row_reader *r, struct delimited_row *row, struct reason *bad, bool *end,
                     struct error *err) {
    row->n_fields = 0;
    bad->text[0] = '\0';
    *end = false;
    for (; r->next < r->end; r->line++) {
        const char *stop = line_end(r, r->next);
        const char *content_end = content_end_of(r->next, stop);
        size_t size = (size_t)(content_end - r->next);
        if (line_is_blank(r->next, content_end)) {
            r->next = stop < r->end ? stop + 1 : r->end;
            continue;
        }
        row->line = r->line;
        bool quoted = r->always_libcsv || (r->may_hold_quote && memchr(r->next, '"', size) != NULL);
        if (r->format == ROW_CSV && quoted) return read_by_libcsv(r, row, bad, err);
        read_line(r, stop, content_end, row, bad);
        return STATUS_OK;
    }
    *end = true;
    return STATUS_OK;
}
