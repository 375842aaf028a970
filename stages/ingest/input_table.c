#include "stages/ingest/input_table.h"

#include "common/base/utf8.h"
#include "stages/ingest/field.h"
#include "stages/ingest/line_scan.h"

#include <ctype.h>
#include <string.h>

enum { ANYWHERE = -1 };

/* One column: its name in a CSV header and its position in the formats without a header. */
struct column_rule {
    const char *name;
    bool required;
    int in_colons, in_100k;
};

struct file_rule {
    struct column_rule column[TABLE_MAX_COLUMNS];
    size_t fields_in_colons, fields_in_100k;
};

static const struct file_rule rules[N_FILE_ROLES] = {
    [FILE_RATINGS] = {{{"userId", true, 0, 0},
                       {"movieId", true, 1, 1},
                       {"rating", true, 2, 2},
                       {"timestamp", false, 3, 3}},
                      4,
                      4},
    /* u.item: id, title, three dates and addresses, 19 genre flags */
    [FILE_MOVIES] = {{{"movieId", true, 0, 0}, {"title", true, 1, 1}, {"genres", false, 2, 5}},
                     3,
                     24},
    /* users.dat: id, gender, age, occupation, zip; u.user: id, age, gender, occupation, zip */
    [FILE_USERS] = {{{"userId", true, 0, 0},
                     {"gender", false, 1, 2},
                     {"age", false, 2, 1},
                     {"occupation", false, 3, 3}},
                    5,
                    5},
    [FILE_LINKS] = {{{"movieId", true, ANYWHERE, ANYWHERE},
                     {"imdbId", false, ANYWHERE, ANYWHERE},
                     {"tmdbId", false, ANYWHERE, ANYWHERE}},
                    0,
                    0},
    [FILE_TAGS] = {{{"userId", true, 0, ANYWHERE},
                    {"movieId", true, 1, ANYWHERE},
                    {"tag", true, 2, ANYWHERE},
                    {"timestamp", false, 3, ANYWHERE}},
                   4,
                   0},
    [FILE_REVIEWS] = {{{"userId", true, ANYWHERE, ANYWHERE},
                       {"movieId", true, ANYWHERE, ANYWHERE},
                       {"text", true, ANYWHERE, ANYWHERE},
                       {"timestamp", false, ANYWHERE, ANYWHERE}},
                      0,
                      0},
    [FILE_GENOME_TAGS] = {{{"tagId", true, ANYWHERE, ANYWHERE}, {"tag", true, ANYWHERE, ANYWHERE}},
                          0,
                          0},
    [FILE_GENOME_SCORES] = {{{"movieId", true, ANYWHERE, ANYWHERE},
                             {"tagId", true, ANYWHERE, ANYWHERE},
                             {"relevance", true, ANYWHERE, ANYWHERE}},
                            0,
                            0},
    [FILE_FEEDBACK] = {{{"userId", true, ANYWHERE, ANYWHERE},
                        {"movieId", true, ANYWHERE, ANYWHERE},
                        {"rating", true, ANYWHERE, ANYWHERE},
                        {"timestamp", true, ANYWHERE, ANYWHERE}},
                       0,
                       0},
    [FILE_FORGOTTEN] = {{{"userId", true, ANYWHERE, ANYWHERE}}, 0, 0},
};

void reading_release(struct reading *r) {
    strings_release(&r->skipped);
}

/* Header names are compared ignoring case and underscores: userId, user_id, USERID. */
static bool same_name(struct field f, const char *name) {
    size_t i = 0;
    for (;; i++, name++) {
        while (i < f.size && f.text[i] == '_')
            i++;
        if (i == f.size || *name == '\0') return i == f.size && *name == '\0';
        if (tolower((unsigned char)f.text[i]) != tolower((unsigned char)*name)) return false;
    }
}

static enum status find_column(struct input_table *t, const struct delimited_row *header,
                               size_t column, struct error *err) {
    const struct column_rule *rule = &rules[t->role].column[column];
    t->column[column] = -1;
    for (size_t i = 0; i < header->n_fields; i++) {
        if (!same_name(header->field[i], rule->name)) continue;
        if (t->column[column] >= 0) {
            return error_set(err, STATUS_FAILED, "%s:%llu: the header names \"%s\" twice", t->path,
                             (unsigned long long)header->line, rule->name);
        }
        t->column[column] = (int)i;
    }
    if (t->column[column] < 0 && rule->required) {
        return error_set(err, STATUS_FAILED, "%s:%llu: the header has no column \"%s\"", t->path,
                         (unsigned long long)header->line, rule->name);
    }
    return STATUS_OK;
}

static enum status read_header(struct input_table *t, struct error *err) {
    struct row_reader reader;
    struct delimited_row header;
    struct reason bad;
    bool end = false;
    row_reader_init(&reader, t->body, (size_t)(t->end - t->body), 1, ROW_CSV);
    enum status status = row_read(&reader, &header, &bad, &end, err);
    if (status == STATUS_OK && end) {
        status = error_set(err, STATUS_FAILED, "%s: is empty", t->path);
    }
    if (status == STATUS_OK && bad.text[0] != '\0') {
        status = error_set(err, STATUS_FAILED, "%s:%llu: header: %s", t->path,
                           (unsigned long long)header.line, bad.text);
    }
    for (size_t c = 0; c < TABLE_MAX_COLUMNS && status == STATUS_OK; c++) {
        if (rules[t->role].column[c].name != NULL) status = find_column(t, &header, c, err);
    }
    t->n_fields = header.n_fields;
    t->body = reader.next;
    t->body_line = reader.line;
    row_reader_release(&reader);
    return status;
}

static enum status place_columns(struct input_table *t, struct error *err) {
    const struct file_rule *rule = &rules[t->role];
    bool colons = t->dialect == DIALECT_COLONS;
    t->n_fields = colons ? rule->fields_in_colons : rule->fields_in_100k;
    for (size_t c = 0; c < TABLE_MAX_COLUMNS; c++)
        t->column[c] = colons ? rule->column[c].in_colons : rule->column[c].in_100k;
    if (t->n_fields > 0) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "%s: this kind of file is known as CSV only", t->path);
}

static enum status skip_mark(struct input_table *t, struct error *err) {
    if (t->map.size >= 3 && memcmp(t->body, "\xEF\xBB\xBF", 3) == 0) t->body += 3;
    if (t->map.size >= 2 &&
        (memcmp(t->body, "\xFF\xFE", 2) == 0 || memcmp(t->body, "\xFE\xFF", 2) == 0)) {
        return error_set(err, STATUS_FAILED, "%s: is UTF-16; UTF-8 is needed", t->path);
    }
    return STATUS_OK;
}

enum status input_table_open(struct input_table *out, const struct source *source,
                             enum file_role role, struct error *err) {
    *out =
        (struct input_table){.path = source->path.data, .role = role, .dialect = source->dialect};
    TRY(file_map_open(&out->map, out->path, err));
    if (out->map.size == 0) return error_set(err, STATUS_FAILED, "%s: is empty", out->path);
    out->body = (const char *)out->map.data;
    out->end = out->body + out->map.size;
    out->body_line = 1;
    out->format = source_format(source, role);
    const struct scan scan = scan_parallel(out->body, (size_t)out->map.size);
    out->holds_nul = scan.nul;
    out->holds_return = scan.carriage_return;
    out->holds_quote = out->format == ROW_CSV && scan.quote;
    /* ml-10m is UTF-8, unlike its sister releases; Latin-1 text with accents is never valid UTF-8
     * in practice. */
    out->latin1 = out->format != ROW_CSV && !utf8_valid(out->body, out->map.size);
    TRY(skip_mark(out, err));
    TRY(out->format == ROW_CSV ? read_header(out, err) : place_columns(out, err));
    out->n_lines = scan_lines(&scan, (const char *)out->map.data, (size_t)out->map.size) -
                   (out->body_line - 1);
    return STATUS_OK;
}

void input_table_release(struct input_table *t) {
    file_map_release(&t->map);
}

enum status input_table_text(const struct input_table *t, struct field f, const char *what,
                             struct buf *out, struct reason *bad, struct error *err) {
    if (t->latin1) return utf8_from_latin1(f.text, f.size, out, err);
    if (!utf8_valid(f.text, f.size)) {
        char quoted[FIELD_QUOTE_SIZE];
        reason_set(bad, "%s %s is not valid UTF-8", what, field_quote(f, quoted));
        return STATUS_OK;
    }
    return buf_append(out, f.text, f.size, err);
}
