#include "stages/similarity/words.h"

#include "common/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect_words(const char *title, const char *expected) {
    AUTO(strings) struct strings words = {0};
    AUTO(buf) struct buf joined = {0};
    assert_int_equal(title_words(title, &words, NULL), STATUS_OK);
    for (size_t i = 0; i < words.count; i++) {
        assert_int_equal(
            buf_printf(&joined, NULL, "%s%s", i > 0 ? "|" : "", strings_get(&words, i)), STATUS_OK);
    }
    assert_string_equal(joined.data == NULL ? "" : joined.data, expected);
}

static void splits_and_folds(void **state) {
    (void)state;
    expect_words("Star Wars: Episode VI - Return of the Jedi", "star|wars|episode|vi|return|jedi");
    expect_words("Lord of the Rings, The", "lord|rings");
    expect_words("Ocean's Eleven (a.k.a. Ocean\xe2\x80\x99s 11)", "oceans|eleven|oceans|11");
    expect_words("2001: A Space Odyssey", "2001|space|odyssey");
    expect_words("", "");
    expect_words(" - ! ", "");
    expect_words("THE", "");
}

static void other_scripts_are_letters(void **state) {
    (void)state;
    expect_words("AM\xc3\x89LIE Poulain", "am\xc3\xa9lie|poulain");
    expect_words("\xd0\x91\xd1\x80\xd0\xb0\xd1\x82 2000", "\xd0\xb1\xd1\x80\xd0\xb0\xd1\x82|2000");
    expect_words("\xe4\xb8\x83\xe4\xba\xba\xe3\x80\x81\xe4\xbe\x8d",
                 "\xe4\xb8\x83\xe4\xba\xba|\xe4\xbe\x8d"); /* ideographic comma separates */
    expect_words("Coup d\xe2\x80\xa6tat \xc2\xabnoir\xc2\xbb", "coup|tat|noir");
}

static void every_word_boundary_is_seen(void **state) {
    (void)state;
    const char *separators = " \t,.;:!?()[]{}<>-_/\\|&+*#%$@=~^\"";
    for (const char *s = separators; *s != '\0'; s++) {
        char title[16] = "alpha?beta";
        title[5] = *s;
        expect_words(title, "alpha|beta");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_and_folds),
        cmocka_unit_test(other_scripts_are_letters),
        cmocka_unit_test(every_word_boundary_is_seen),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
