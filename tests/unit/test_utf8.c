#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "tests/unit/support.h"

static void validity(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"Am\xC3\xA9lie", true},
        {"\xE4\xB8\x83\xE4\xBA\xBA", true},
        {"\xF0\x9F\x8E\xAC", true},  /* U+1F3AC */
        {"\xF4\x8F\xBF\xBF", true},  /* U+10FFFF */
        {"\xF4\x90\x80\x80", false}, /* beyond it */
        {"\xED\x9F\xBF", true},      /* U+D7FF */
        {"\xED\xA0\x80", false},     /* U+D800, the first surrogate */
        {"\xED\xBF\xBF", false},     /* U+DFFF, the last */
        {"\xEE\x80\x80", true},      /* U+E000 */
        {"\xC0\xAF", false},         /* overlong '/' */
        {"\xE0\x80\xAF", false},     /* overlong */
        {"\xF0\x80\x80\xAF", false}, /* overlong */
        {"\xC1\xBF", false},
        {"\x80", false},     /* continuation alone */
        {"\xE9", false},     /* ISO-8859-1 */
        {"\xE4\xB8", false}, /* cut short */
        {"\xE4\xB8x", false},
        {"\xFF", false},
        {"\xF8\x88\x80\x80\x80", false}, /* five bytes */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (utf8_valid(cases[i].text, strlen(cases[i].text)) != cases[i].valid) {
            fail_msg("case %zu", i);
        }
    }
}

static void latin1_becomes_utf8(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(buf) struct buf out = {0};
    char all[256];
    for (int i = 0; i < 256; i++) {
        all[i] = (char)i;
    }
    assert_int_equal(utf8_from_latin1("Mis\xE9rables", 10, &out, &err), STATUS_OK);
    assert_string_equal(out.data, "Misérables");
    buf_clear(&out);
    assert_int_equal(utf8_from_latin1(all, 256, &out, &err), STATUS_OK);
    assert_int_equal(out.size, 128 + 2 * 128);
    assert_true(utf8_valid(out.data, out.size));
}

static void normalise(const char *text, const char *expected) {
    struct error err = {0};
    AUTO(buf) struct buf out = {0};
    assert_int_equal(utf8_normalise(text, strlen(text), &out, &err), STATUS_OK);
    assert_string_equal(out.data, expected);
}

static void normalising_trims_folds_and_lowers(void **state) {
    (void)state;
    normalise("", "");
    normalise(" \t\n", "");
    normalise("Sci-Fi", "sci-fi");
    normalise("  Based  on\ta \r\n BOOK ", "based on a book");
    normalise("AMÉLIE", "amélie");
    normalise("ÜBER ÆØÅ", "über æøå");
    normalise("ΑΘΗΝΑ", "αθηνα");
    normalise("МОСКВА Ё", "москва ё");
    normalise("\xC2\xA0x\xE3\x80\x80\xE2\x80\x83y\xE2\x80\xA8", "x y"); /* Unicode spaces */
    normalise("七人の侍", "七人の侍");
}

static void normalising_refuses_bad_bytes(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(buf) struct buf out = {0};
    assert_int_equal(utf8_normalise("ab\xE9", 3, &out, &err), STATUS_FAILED);
    assert_string_equal(err.text, "text is not valid UTF-8 at byte 2");
}

static void widths_are_columns(void **state) {
    (void)state;
    assert_int_equal(utf8_width(""), 0);
    assert_int_equal(utf8_width("Amélie"), 6);
    assert_int_equal(utf8_width("七人"), 4);
    assert_int_equal(utf8_width("e\xCC\x81"), 1); /* combining accent */
    assert_int_equal(utf8_width("a\xFFz"), 3);    /* a broken byte takes a column */
}

static void fitting_cuts_between_characters(void **state) {
    (void)state;
    assert_int_equal(utf8_fit("Amélie", 3), 4);
    assert_int_equal(utf8_fit("Amélie", 100), 7);
    assert_int_equal(utf8_fit("七人", 3), 3); /* the second would need a fourth column */
    assert_int_equal(utf8_fit("七人", 1), 0);
    assert_int_equal(utf8_fit("e\xCC\x81x", 1), 3); /* the accent stays with its letter */
    assert_int_equal(utf8_fit("abc", 0), 0);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validity),
        cmocka_unit_test(latin1_becomes_utf8),
        cmocka_unit_test(normalising_trims_folds_and_lowers),
        cmocka_unit_test(normalising_refuses_bad_bytes),
        cmocka_unit_test(widths_are_columns),
        cmocka_unit_test(fitting_cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
