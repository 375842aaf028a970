/* libFuzzer: rows of any bytes in every format. Besides not crashing, the short cut for rows
 * without quotes must agree with libcsv, and line numbers must rise. */
#include "stages/ingest/delimited_rows.h"
#include "stages/ingest/field.h"
#include "stages/ingest/title.h"

#include "common/base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition) {
    if (!condition) abort();
}

static bool same_rows(const struct delimited_row *a, const struct delimited_row *b) {
    if (a->line != b->line || a->n_fields != b->n_fields) return false;
    for (size_t i = 0; i < a->n_fields; i++) {
        if (a->field[i].size != b->field[i].size) return false;
        if (memcmp(a->field[i].text, b->field[i].text, a->field[i].size) != 0) return false;
    }
    return true;
}

static void use_fields(const struct delimited_row *row) {
    struct reason bad;
    struct error err = {0};
    uint32_t id;
    uint8_t rating;
    int64_t seconds;
    float relevance;
    uint16_t year;
    for (size_t i = 0; i < row->n_fields; i++) {
        AUTO(buf) struct buf title = {0};
        const struct field f = row->field[i];
        if (field_u32(f, "id", 1000, &id, &bad)) must(id <= 1000);
        if (field_rating(f, &rating, &bad)) must(rating >= 1 && rating <= 10);
        if (field_time(f, &seconds, &bad)) must(seconds >= 0);
        if (field_relevance(f, &relevance, &bad)) must(relevance >= 0 && relevance <= 1);
        must(title_parse(f.text, f.size, &title, &year, &err) == STATUS_OK);
    }
}

static void read_all(const char *text, size_t size, enum row_format format) {
    struct row_reader reader, reference;
    struct delimited_row row, expected;
    struct reason bad, expected_bad;
    struct error err = {0};
    bool end = false, expected_end = false;
    uint64_t line = 0;
    row_reader_init(&reader, text, size, 1, format);
    row_reader_init(&reference, text, size, 1, format);
    reference.always_libcsv = true;
    for (;;) {
        must(row_read(&reader, &row, &bad, &end, &err) == STATUS_OK);
        must(row_read(&reference, &expected, &expected_bad, &expected_end, &err) == STATUS_OK);
        must(end == expected_end);
        if (end) break;
        must(row.line > line);
        line = row.line;
        must(strcmp(bad.text, expected_bad.text) == 0);
        if (bad.text[0] != '\0') continue;
        must(same_rows(&row, &expected));
        use_fields(&row);
    }
    row_reader_release(&reader);
    row_reader_release(&reference);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    const enum row_format formats[] = {ROW_CSV, ROW_COLONS, ROW_TAB, ROW_PIPE};
    read_all((const char *)data + 1, size - 1, formats[data[0] % 4]);
    return 0;
}
