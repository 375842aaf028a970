#include "common/base/clock.h"
#include "common/base/log.h"
#include "tests/unit/support.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <time.h>

static int kept_stderr, terminal;

/* Points standard error at a new pseudo-terminal whose other end is `terminal`. */
static int terminal_setup(void **state) {
    (void)state;
    int slave;
    if (openpty(&terminal, &slave, NULL, NULL, NULL) != 0) return -1;
    kept_stderr = dup(STDERR_FILENO);
    if (kept_stderr < 0 || dup2(slave, STDERR_FILENO) < 0) return -1;
    return close(slave);
}

static int terminal_teardown(void **state) {
    (void)state;
    if (dup2(kept_stderr, STDERR_FILENO) < 0 || close(kept_stderr) != 0) return -1;
    return close(terminal);
}

/* What was written to standard error since the last call. */
static const char *shown(void) {
    static char text[8192];
    size_t size = 0;
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    while (size + 1 < sizeof text && poll(&ready, 1, 50) == 1) {
        const ssize_t n = read(terminal, text + size, sizeof text - 1 - size);
        if (n <= 0) break;
        size += (size_t)n;
    }
    text[size] = '\0';
    return text;
}

static void wait_ms(long ms) {
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

static void colour(const char *no_colour) {
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    assert_int_equal(no_colour ? setenv("NO_COLOR", no_colour, 1) : unsetenv("NO_COLOR"), 0);
}

static void levels_choose_what_is_said(void **state) {
    (void)state;
    static const char *const expected[] = {
        [LOG_QUIET] = "",
        [LOG_WARN] = "p: warning: w 1\r\n",
        [LOG_INFO] = "p: warning: w 1\r\np: i 2\r\n",
        [LOG_DEBUG] = "p: warning: w 1\r\np: i 2\r\np: d 3\r\n",
    };
    colour("1");
    for (int level = LOG_QUIET; level <= (int)LOG_DEBUG; level++) {
        log_init("p", (enum log_level)level);
        log_warn("w %d", 1);
        log_info("i %d", 2);
        log_debug("d %d", 3);
        assert_string_equal(shown(), expected[level]);
    }
}

static void colours_only_if_wanted(void **state) {
    (void)state;
    colour(NULL);
    log_init("p", LOG_INFO);
    log_warn("x");
    log_info("y");
    assert_string_equal(shown(), "\033[33mp: warning: x\033[0m\r\np: y\r\n");
    colour(""); /* set but empty counts as not set */
    log_init("p", LOG_INFO);
    log_warn("x");
    assert_string_equal(shown(), "\033[33mp: warning: x\033[0m\r\n");
    colour("1");
    log_init("p", LOG_INFO);
    log_warn("x");
    assert_string_equal(shown(), "p: warning: x\r\n");
}

static void short_work_draws_no_bar(void **state) {
    (void)state;
    struct progress p;
    log_init("p", LOG_INFO);
    progress_start(&p, "reading", "rows", 100);
    for (int i = 0; i < 100; i++) {
        progress_add(&p, 1);
    }
    progress_end(&p);
    assert_string_equal(shown(), "");
    assert_int_equal(p.done, 100);
}

static void long_work_draws_a_bar(void **state) {
    (void)state;
    struct progress p;
    colour("1");
    log_init("p", LOG_INFO);
    progress_start(&p, "reading", "rows", 4000);
    wait_ms(1050);
    progress_add(&p, 1000);
    const char *text = shown();
    assert_non_null(strstr(text, "p: reading [######..................]  25% 1.0k/4.0k rows, "));
    assert_non_null(strstr(text, "/s, 0:03 left"));
    progress_add(&p, 1); /* not even a tenth of a second later */
    assert_string_equal(shown(), "");
    log_info("a line");
    assert_string_equal(shown(), "\r\033[Kp: a line\r\n"); /* wipes the bar first */
    wait_ms(120);
    progress_add(&p, 2999);
    assert_non_null(strstr(shown(), "100% 4.0k/4.0k rows"));
    progress_end(&p);
    assert_string_equal(shown(), "\r\033[K");
}

static void unknown_totals_show_count_and_rate(void **state) {
    (void)state;
    struct progress p;
    log_init("p", LOG_INFO);
    progress_start(&p, "lines", "read", 0);
    wait_ms(1050);
    progress_add(&p, 1234567);
    assert_non_null(strstr(shown(), "p: lines 1.2M read, 1."));
    progress_end(&p);
}

static void no_bar_without_a_terminal(void **state) {
    (void)state;
    struct progress p;
    const int file = open(scratch("log"), O_CREAT | O_WRONLY, 0600);
    const int kept = dup(STDERR_FILENO);
    assert_true(file >= 0 && kept >= 0 && dup2(file, STDERR_FILENO) >= 0);
    log_init("p", LOG_INFO);
    progress_start(&p, "reading", "rows", 10);
    p.started_ns -= 5000000000U; /* five seconds ago */
    progress_add(&p, 5);
    progress_end(&p);
    log_info("done");
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    assert_int_equal(close(kept) | close(file), 0);
    assert_string_equal(scratch_read("log"), "p: done\n");
}

static void clocks_go_forward(void **state) {
    (void)state;
    const uint64_t wall = clock_now_ns();
    const double cpu = clock_cpu_seconds();
    volatile double sum = 0;
    for (int i = 0; i < 20000000; i++) {
        sum = sum + i;
    }
    assert_true(clock_now_ns() > wall);
    assert_true(clock_cpu_seconds() > cpu);
    assert_true(clock_peak_memory() > 100000);
}

#define TERMINAL_TEST(f) cmocka_unit_test_setup_teardown(f, terminal_setup, terminal_teardown)

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TERMINAL_TEST(levels_choose_what_is_said),
        TERMINAL_TEST(colours_only_if_wanted),
        TERMINAL_TEST(short_work_draws_no_bar),
        TERMINAL_TEST(long_work_draws_a_bar),
        TERMINAL_TEST(unknown_totals_show_count_and_rate),
        SCRATCH_TEST(no_bar_without_a_terminal),
        cmocka_unit_test(clocks_go_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
