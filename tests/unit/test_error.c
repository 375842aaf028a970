#include "common/base/error.h"
#include "common/base/interrupt.h"
#include "tests/unit/support.h"

#include <errno.h>
#include <signal.h>

static void set_returns_and_stores_the_status(void **state) {
    (void)state;
    struct error err = {0};
    assert_int_equal(error_set(&err, STATUS_DAMAGED, "row %d", 7), STATUS_DAMAGED);
    assert_int_equal(err.status, STATUS_DAMAGED);
    assert_string_equal(err.text, "row 7");
    assert_int_equal(error_set(NULL, STATUS_USAGE, "nobody listens"), STATUS_USAGE);
}

static void set_may_quote_its_own_text(void **state) {
    (void)state;
    struct error err = {0};
    (void)error_set(&err, STATUS_FAILED, "inner");
    (void)error_set(&err, STATUS_FAILED, "outer: %s", err.text);
    assert_string_equal(err.text, "outer: inner");
}

static void wrap_puts_contexts_in_front(void **state) {
    (void)state;
    struct error err = {0};
    (void)error_set(&err, STATUS_USAGE, "\"x\" is no number");
    assert_int_equal(error_wrap(&err, "line %d", 812), STATUS_USAGE);
    assert_int_equal(error_wrap(&err, "%s", "ratings.csv"), STATUS_USAGE);
    assert_string_equal(err.text, "ratings.csv: line 812: \"x\" is no number");
}

static void errno_is_named(void **state) {
    (void)state;
    struct error err = {0};
    errno = ENOENT;
    assert_int_equal(error_errno(&err, "%s: cannot be opened", "a.csv"), STATUS_FAILED);
    assert_string_equal(err.text, "a.csv: cannot be opened: No such file or directory");
}

static void long_messages_are_cut_not_overrun(void **state) {
    (void)state;
    struct {
        struct error err;
        char behind[8];
    } guarded = {.behind = "guard"};
    char wide[3 * ERROR_TEXT_SIZE];
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    (void)error_set(&guarded.err, STATUS_FAILED, "%s", wide);
    assert_int_equal(strlen(guarded.err.text), ERROR_TEXT_SIZE - 1);
    (void)error_wrap(&guarded.err, "context");
    assert_int_equal(strlen(guarded.err.text), ERROR_TEXT_SIZE - 1);
    assert_memory_equal(guarded.err.text, "context: www", 12);
    assert_string_equal(guarded.behind, "guard");
}

static enum status fail_at(int step, int *reached) {
    *reached = 1;
    TRY(step == 1 ? STATUS_USAGE : STATUS_OK);
    *reached = 2;
    TRY(step == 2 ? STATUS_DAMAGED : STATUS_OK);
    *reached = 3;
    return STATUS_OK;
}

static void try_leaves_at_the_first_failure(void **state) {
    (void)state;
    int reached = 0;
    assert_int_equal(fail_at(1, &reached), STATUS_USAGE);
    assert_int_equal(reached, 1);
    assert_int_equal(fail_at(2, &reached), STATUS_DAMAGED);
    assert_int_equal(reached, 2);
    assert_int_equal(fail_at(0, &reached), STATUS_OK);
    assert_int_equal(reached, 3);
}

static void signals_become_a_flag(void **state) {
    (void)state;
    struct error err = {0};
    interrupt_install();
    assert_false(interrupt_requested());
    assert_int_equal(interrupt_check(&err), STATUS_OK);
    assert_int_equal(raise(SIGTERM), 0);
    assert_true(interrupt_requested());
    assert_int_equal(interrupt_check(&err), STATUS_INTERRUPTED);
    assert_string_equal(err.text, "interrupted");
    /* The second one ends the process: the handler has gone. */
    struct sigaction now;
    assert_int_equal(sigaction(SIGTERM, NULL, &now), 0);
    assert_ptr_equal(now.sa_handler, SIG_DFL);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_returns_and_stores_the_status),
        cmocka_unit_test(set_may_quote_its_own_text),
        cmocka_unit_test(wrap_puts_contexts_in_front),
        cmocka_unit_test(errno_is_named),
        cmocka_unit_test(long_messages_are_cut_not_overrun),
        cmocka_unit_test(try_leaves_at_the_first_failure),
        cmocka_unit_test(signals_become_a_flag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
