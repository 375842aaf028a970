/* Rows of delimited text, with and without libcsv. */
#include "stages/ingest/delimited_rows.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "stages/ingest/line_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Everything that a reader tells of a text, one line per row: "LINE:[field][field]" or
 * "LINE!reason". */
static void describe(const char *text, size_t size, enum row_format format, bool always_libcsv,
                     struct buf *out) {
    struct row_reader reader;
    struct delimited_row row;
    struct reason bad;
    struct error err = {0};
    bool end = false;
    row_reader_init(&reader, text, size, 1, format);
    reader.always_libcsv = always_libcsv;
    buf_clear(out);
    assert_int_equal(buf_puts(out, "", &err), STATUS_OK);
    for (;;) {
        assert_int_equal(row_read(&reader, &row, &bad, &end, &err), STATUS_OK);
        if (end) break;
        assert_int_equal(buf_printf(out, &err, "%d", (int)row.line), STATUS_OK);
        if (bad.text[0] != '\0') {
            assert_int_equal(buf_printf(out, &err, "!%s\n", bad.text), STATUS_OK);
            continue;
        }
        assert_int_equal(buf_puts(out, ":", &err), STATUS_OK);
        for (size_t i = 0; i < row.n_fields; i++) {
            assert_int_equal(
                buf_printf(out, &err, "[%.*s]", (int)row.field[i].size, row.field[i].text),
                STATUS_OK);
        }
        assert_int_equal(buf_puts(out, "\n", &err), STATUS_OK);
    }
    row_reader_release(&reader);
}

static void check(const char *text, enum row_format format, const char *expected) {
    AUTO(buf) struct buf out = {0};
    describe(text, strlen(text), format, false, &out);
    assert_string_equal(out.data, expected);
}

static void csv(void **state) {
    (void)state;
    check("", ROW_CSV, "");
    check("a,b\nc,d\n", ROW_CSV, "1:[a][b]\n2:[c][d]\n");
    check("a,b\r\nc,d", ROW_CSV, "1:[a][b]\n2:[c][d]\n");
    check("\n \t\r\na,\n", ROW_CSV, "3:[a][]\n");
    check(" a , b\tc ,", ROW_CSV, "1:[a][b\tc][]\n");
    check("\"a,b\",\" c \"\n", ROW_CSV, "1:[a,b][ c ]\n");
    check("\"say \"\"hi\"\"\",x\n", ROW_CSV, "1:[say \"hi\"][x]\n");
    check("\"two\nlines\",x\ny,z\n", ROW_CSV, "1:[two\nlines][x]\n3:[y][z]\n");
    check("\"\",\"\"", ROW_CSV, "1:[][]\n");
    check("a,b\rc,d\n", ROW_CSV, "1!holds a stray carriage return\n");
}

static void open_quotes(void **state) {
    (void)state;
    check("a,\"b\nc,d\ne,f\n", ROW_CSV, "1!a quote is not closed\n2:[c][d]\n3:[e][f]\n");
    check("a,\"b\nc,\"d\"\ne,f\n", ROW_CSV,
          "1!a quote is not closed or not doubled\n2:[c][d]\n3:[e][f]\n");
    check("a,b\"c\nd,e\n", ROW_CSV, "1!a quote is not closed or not doubled\n2:[d][e]\n");
    check("\"", ROW_CSV, "1!a quote is not closed\n");
    check("a\n\"\n\n\n", ROW_CSV, "1:[a]\n2!a quote is not closed\n");
}

static void other_formats(void **state) {
    (void)state;
    check("1::2::5::9\r\n", ROW_COLONS, "1:[1][2][5][9]\n");
    check("1::Alien: Part 2:::Horror\n", ROW_COLONS, "1:[1][Alien: Part 2:][Horror]\n");
    check("1::\"a::\n", ROW_COLONS, "1:[1][\"a][]\n");
    check(":", ROW_COLONS, "1:[:]\n");
    check("1\t2\t\t4", ROW_TAB, "1:[1][2][][4]\n");
    check("1| a||", ROW_PIPE, "1:[1][ a][][]\n");
}

static void nul_bytes(void **state) {
    (void)state;
    AUTO(buf) struct buf out = {0};
    describe("a\0,b\nc,d\n", 9, ROW_CSV, false, &out);
    assert_string_equal(out.data, "1!holds a NUL byte\n2:[c][d]\n");
    describe("\"a\n\0\",b\nc,d\n", 12, ROW_CSV, false, &out);
    assert_string_equal(out.data, "1!holds a NUL byte\n2!holds a NUL byte\n3:[c][d]\n");
    describe("1::\0::3\n", 8, ROW_COLONS, false, &out);
    assert_string_equal(out.data, "1!holds a NUL byte\n");
}

static void size_limits(void **state) {
    (void)state;
    static char text[ROW_MAX_FIELD_SIZE + 8];
    AUTO(buf) struct buf out = {0};
    memset(text, 'a', sizeof(text));
    describe(text, ROW_MAX_FIELD_SIZE, ROW_CSV, false, &out);
    assert_int_equal(out.size, ROW_MAX_FIELD_SIZE + 5);
    describe(text, ROW_MAX_FIELD_SIZE + 1, ROW_CSV, false, &out);
    assert_string_equal(out.data, "1!field 1 is longer than 65536 bytes\n");
    memcpy(text, "b,\"", 3);
    describe(text, sizeof(text), ROW_CSV, false, &out);
    assert_string_equal(out.data, "1!field 2 is longer than 65536 bytes\n");
    text[9] = '\n';
    describe(text, sizeof(text), ROW_CSV, false, &out);
    const char expected[] = "1!a quote is not closed within 65536 bytes\n2:[aaa";
    assert_int_equal(strncmp(out.data, expected, strlen(expected)), 0);
}

static void field_limit(void **state) {
    (void)state;
    char commas[ROW_MAX_FIELDS + 1], quoted[ROW_MAX_FIELDS + 4];
    AUTO(buf) struct buf out = {0};
    memset(commas, ',', sizeof(commas));
    describe(commas, ROW_MAX_FIELDS - 1, ROW_CSV, false, &out);
    assert_int_equal(out.size, 2 + 2 * ROW_MAX_FIELDS + 1);
    describe(commas, ROW_MAX_FIELDS, ROW_CSV, false, &out);
    assert_string_equal(out.data, "1!has more than 64 fields\n");
    memset(quoted, ',', sizeof(quoted));
    memcpy(quoted, "\"\"", 2);
    describe(quoted, ROW_MAX_FIELDS + 1, ROW_CSV, false, &out);
    assert_int_equal(out.size, 2 + 2 * ROW_MAX_FIELDS + 1);
    describe(quoted, ROW_MAX_FIELDS + 2, ROW_CSV, false, &out);
    assert_string_equal(out.data, "1!has more than 64 fields\n");
}

/* Splitting rows without quotes in place gives what libcsv gives, on texts made of the characters
 * that matter. */
static void short_cut_equals_libcsv(void **state) {
    (void)state;
    static const char alphabet[] = "ab, \t\r\n\",";
    AUTO(buf) struct buf fast = {0}, slow = {0};
    struct rng rng = rng_keyed(1, "test.rows", 0, 0);
    for (int i = 0; i < 20000; i++) {
        char text[24];
        size_t size = rng_below(&rng, sizeof(text));
        for (size_t k = 0; k < size; k++)
            text[k] = alphabet[rng_below(&rng, sizeof(alphabet) - 1)];
        describe(text, size, ROW_CSV, false, &fast);
        describe(text, size, ROW_CSV, true, &slow);
        assert_string_equal(fast.data, slow.data);
    }
}

/* Against a plain loop, at all alignments and around the sizes at which the loops change. */
static void scans(void **state) {
    (void)state;
    enum { SIZE = 3 * 16 * 255 };
    static const char alphabet[] = "a,\n\n\r\"";
    static char text[SIZE];
    struct rng rng = rng_keyed(2, "test.rows", 0, 0);
    for (int i = 0; i < 2000; i++) {
        size_t from = rng_below(&rng, 40), size = rng_below(&rng, SIZE - 40);
        uint32_t variety = 1 + rng_below(&rng, sizeof(alphabet)); /* the last is NUL */
        struct scan expected = {0};
        for (size_t k = 0; k < SIZE; k++)
            text[k] = alphabet[k % 3 == 0 ? rng_below(&rng, variety) : 0];
        for (const char *p = text + from; p < text + from + size; p++) {
            expected.n_newlines += *p == '\n';
            expected.nul = expected.nul || *p == '\0';
            expected.quote = expected.quote || *p == '"';
            expected.carriage_return = expected.carriage_return || *p == '\r';
        }
        struct scan found = scan_text(text + from, size);
        assert_int_equal(found.n_newlines, expected.n_newlines);
        assert_int_equal(found.nul, expected.nul);
        assert_int_equal(found.quote, expected.quote);
        assert_int_equal(found.carriage_return, expected.carriage_return);
    }
    struct scan all_newlines = scan_text(memset(text, '\n', SIZE), SIZE);
    assert_int_equal(all_newlines.n_newlines, SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv),
        cmocka_unit_test(open_quotes),
        cmocka_unit_test(nul_bytes),
        cmocka_unit_test(other_formats),
        cmocka_unit_test(size_limits),
        cmocka_unit_test(field_limit),
        cmocka_unit_test(short_cut_equals_libcsv),
        cmocka_unit_test(scans),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
