/* The k-core of rating rows, against its definition. */
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "stages/ingest/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { USERS = 30, MOVIES = 40, ROWS = 260 };

static uint32_t user[ROWS], movie[ROWS];
static uint8_t value[ROWS];
static int64_t row_time[ROWS];

static struct rating_rows make_rows(void) {
    struct rng rng = rng_keyed(5, "test.core", 0, 0);
    for (uint32_t i = 0; i < ROWS; i++) {
        /* Squares, so that some have many rows and some few; ids are not indices. */
        uint32_t u = rng_below(&rng, USERS), m = rng_below(&rng, MOVIES);
        user[i] = 1000 + u * u / USERS;
        movie[i] = 7 + 3 * (m * m / MOVIES);
        value[i] = (uint8_t)(1 + i % 10);
        row_time[i] = i;
    }
    return (struct rating_rows){ROWS, user, movie, value, row_time};
}

static uint32_t count(const uint32_t *of, const bool *in, uint32_t id) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < ROWS; i++)
        n += in[i] && of[i] == id;
    return n;
}

/* Takes one row after another that has no right to be there, in the slowest way. */
static void expect_core(uint32_t least) {
    struct error err = {0};
    struct rating_rows rows = make_rows();
    bool in[ROWS];
    memset(in, true, sizeof in);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < ROWS && !again; i++) {
            again =
                in[i] && (count(user, in, user[i]) < least || count(movie, in, movie[i]) < least);
            if (again) in[i] = false;
        }
    }
    uint32_t expected_time[ROWS], n = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        if (in[i]) expected_time[n++] = i;
    }
    assert_int_equal(rating_rows_core(&rows, least, &err), STATUS_OK);
    assert_int_equal(rows.count, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(rows.time[i], expected_time[i]);
        assert_int_equal(rows.value[i], 1 + expected_time[i] % 10);
    }
}

static void core_is_what_remains(void **state) {
    (void)state;
    for (uint32_t least = 1; least <= 12; least++)
        expect_core(least);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(core_is_what_remains)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
