/* Titles, years and articles; numbers and their messages. */
#include "stages/ingest/field.h"
#include "stages/ingest/title.h"

#include "common/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check_title(const char *given, const char *title, unsigned year) {
    AUTO(buf) struct buf out = {0};
    struct error err = {0};
    uint16_t found = 1;
    assert_int_equal(title_parse(given, strlen(given), &out, &found, &err), STATUS_OK);
    assert_string_equal(out.data == NULL ? "" : out.data, title);
    assert_int_equal(found, year);
}

static void years(void **state) {
    (void)state;
    check_title("Toy Story (1995)", "Toy Story", 1995);
    check_title("Toy Story (1995) ", "Toy Story", 1995);
    check_title("  Toy Story (1995)\t\"", "Toy Story", 1995);
    check_title("Toy Story(1995)", "Toy Story", 1995);
    check_title("Fawlty Towers (1975-1979)", "Fawlty Towers", 1975);
    check_title("Death Note (2006–2007)", "Death Note", 2006);
    check_title("Running (2010- )", "Running", 2010);
    check_title("Running (2010–)", "Running", 2010);
    check_title("Babylon 5", "Babylon 5", 0);
    check_title("1984 (1956)", "1984", 1956);
    check_title("2001", "2001", 0);
    check_title("(1995)", "(1995)", 1995);
    check_title("Passage of Venus (1870)", "Passage of Venus", 1870);
    check_title("Passage of Venus (1869)", "Passage of Venus (1869)", 0);
    check_title("The Last One (2099)", "The Last One", 2099);
    check_title("The Last One (2100)", "The Last One (2100)", 0);
    check_title("Area (1234)", "Area (1234)", 0);
    check_title("Area (19951)", "Area (19951)", 0);
    check_title("Area (1995 cut)", "Area (1995 cut)", 0);
    check_title("Area 1995)", "Area 1995)", 0);
    check_title("(1995) Area", "(1995) Area", 0);
    check_title("", "", 0);
    check_title("   ", "", 0);
}

static void articles(void **state) {
    (void)state;
    check_title("Matrix, The (1999)", "The Matrix", 1999);
    check_title("matrix, the", "the matrix", 0);
    check_title("Beautiful Mind, A (2001)", "A Beautiful Mind", 2001);
    check_title("American in Paris, An (1951)", "An American in Paris", 1951);
    check_title("Misérables, Les (1995)", "Les Misérables", 1995);
    check_title("Avventura, L' (Adventure, The) (1960)", "L'Avventura (The Adventure)", 1960);
    check_title("Avventura, L’", "L’Avventura", 0);
    check_title("Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)",
                "The Good, the Bad and the Ugly (Il Buono, il brutto, il cattivo)", 1966);
    check_title("Sex, Lies, and Videotape (1989)", "Sex, Lies, and Videotape", 1989);
    check_title("Girl, Interrupted (1999)", "Girl, Interrupted", 1999);
    check_title("The", "The", 0);
    check_title(", The", ", The", 0);
    check_title("Theodora, Them", "Theodora, Them", 0);
}

static void other_titles(void **state) {
    (void)state;
    check_title("City of Lost Children, The (Cité des enfants perdus, La) (1995)",
                "The City of Lost Children (La Cité des enfants perdus)", 1995);
    check_title("Seven (a.k.a. Se7en) (1995)", "Seven (a.k.a. Se7en)", 1995);
    check_title("Rome (a.k.a. Open City, The) (Roma, La) (1945)",
                "Rome (a.k.a. The Open City) (La Roma)", 1945);
    check_title("(500) Days of Summer (2009)", "(500) Days of Summer", 2009);
    check_title("Slingshot, The (Kådisbellan ) (1993)", "The Slingshot (Kådisbellan)", 1993);
    check_title("Open (never closed, The", "Open (The never closed", 0);
    check_title("Nested (one (two), The) (1990)", "Nested (The one (two))", 1990);
    check_title("f(x), The (1990)", "The f(x)", 1990);
    check_title("Two\r\nLines\t of  it (1990)", "Two Lines of it", 1990);
}

static struct field text_field(const char *text) {
    return (struct field){text, strlen(text)};
}

static void check_rating(const char *text, unsigned half_stars, const char *reason) {
    struct reason bad = {""};
    uint8_t value = 99;
    bool good = field_rating(text_field(text), &value, &bad);
    assert_string_equal(bad.text, reason);
    assert_int_equal(good, reason[0] == '\0');
    if (good) assert_int_equal(value, half_stars);
}

static void ratings(void **state) {
    (void)state;
    check_rating("0.5", 1, "");
    check_rating(".5", 1, "");
    check_rating("1", 2, "");
    check_rating("1.", 2, "");
    check_rating("4.0", 8, "");
    check_rating("4.50", 9, "");
    check_rating("5.000", 10, "");
    check_rating("05", 10, "");
    check_rating("5.5", 0, "rating \"5.5\" is not a half star between 0.5 and 5.0");
    check_rating("4.05", 0, "rating \"4.05\" is not a half star between 0.5 and 5.0");
    check_rating("4.55", 0, "rating \"4.55\" is not a half star between 0.5 and 5.0");
    check_rating("-0.5", 0, "rating \"-0.5\" is not a half star between 0.5 and 5.0");
    check_rating("00", 0, "rating \"00\" is not a half star between 0.5 and 5.0");
    check_rating("", 0, "rating \"\" is not a number");
    check_rating(".", 0, "rating \".\" is not a number");
    check_rating("4..0", 0, "rating \"4..0\" is not a number");
    check_rating("4,0", 0, "rating \"4,0\" is not a number");
}

static void numbers(void **state) {
    (void)state;
    struct reason bad = {""};
    uint32_t id = 0;
    int64_t seconds = 0;
    float share = 0;
    assert_true(field_u32(text_field("4294967294"), "id", 4294967294U, &id, &bad));
    assert_true(id == 4294967294U);
    assert_true(field_u32(text_field("007"), "id", 7, &id, &bad));
    assert_int_equal(id, 7);
    assert_false(field_u32(text_field("8"), "id", 7, &id, &bad));
    assert_string_equal(bad.text, "id \"8\" is not a whole number from 0 to 7");
    assert_true(field_time(text_field("4102444799"), &seconds, &bad));
    assert_true(seconds == 4102444799);
    assert_false(field_time(text_field("--5"), &seconds, &bad));
    assert_true(field_relevance(text_field("2.5e-2"), &share, &bad));
    assert_true(share == 0.025F);
    assert_false(field_relevance(text_field("-0.1"), &share, &bad));
    assert_false(field_relevance(text_field("0x1"), &share, &bad));
    assert_false(field_relevance(text_field("inf"), &share, &bad));
}

static void quoting(void **state) {
    (void)state;
    char out[FIELD_QUOTE_SIZE];
    assert_string_equal(field_quote(text_field("a\tb"), out), "\"a\\x09b\"");
    assert_string_equal(field_quote(text_field("\xC3"), out), "\"\\xC3\"");
    /* 39 letters and a character of two bytes: the cut falls before the character */
    const char *text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaéb";
    assert_string_equal(field_quote(text_field(text), out),
                        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\"");
    char control[64];
    memset(control, 1, sizeof(control));
    assert_int_equal(strlen(field_quote((struct field){control, sizeof(control)}, out)),
                     40 * 4 + 5);
}

/* Forty bytes of a field are shown, or fewer so that no character is cut in two. */
static void quotes_are_cut_between_characters(void **state) {
    (void)state;
    static const struct {
        const char *end; /* behind 38 bytes */
        const char *quoted;
    } cases[] = {
        {"ab", "ab\""},
        {"abc", "ab...\""},
        {"a\xC3\xA9", "a...\""},
        {"\xC3\xA9z", "\xC3\xA9...\""},
        {"\xE2\x82\xAC", "...\""},
        {"a\xF0\x9F\x8E\xAC", "a...\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64] = "", wanted[80] = "\"", quoted[FIELD_QUOTE_SIZE];
        memset(text, 'x', 38);
        memset(wanted + 1, 'x', 38);
        memcpy(text + 38, cases[i].end, strlen(cases[i].end) + 1);
        memcpy(wanted + 39, cases[i].quoted, strlen(cases[i].quoted) + 1);
        const struct field f = {text, strlen(text)};
        assert_string_equal(field_quote(f, quoted), wanted);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(years),    cmocka_unit_test(quotes_are_cut_between_characters),
        cmocka_unit_test(articles), cmocka_unit_test(other_titles),
        cmocka_unit_test(ratings),  cmocka_unit_test(numbers),
        cmocka_unit_test(quoting),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
