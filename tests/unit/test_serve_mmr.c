/* Maximal marginal relevance against orders that were worked out by hand. */
#include "stages/serve/mmr.h"
#include "tests/unit/support.h"

/* Five movies over three terms: 1 is the twin of 0; 2 lies between 0 and 3; 4 is like no other. */
static uint64_t offset[] = {0, 1, 2, 4, 5, 6};
static uint32_t column[] = {0, 0, 0, 1, 1, 2};
static float value[] = {1, 1, 0.6F, 0.8F, 1, 1};
static const struct content content = {
    .n_movies = 5, .n_terms = 3, .terms = {5, 3, 6, offset, column, value}};

/* Of the relevances 1, 3/4, 1/2, 1/4 and 0, whatever the scale of the scores. */
static void expect(double diversity, size_t n, float scale, float shift, const char *expected) {
    struct recommendation list[5];
    char order[6] = "";
    for (uint32_t i = 0; i < 5; i++) {
        list[i] = (struct recommendation){i, shift + scale * (float)(4 - i), (float)i};
    }
    assert_int_equal(mmr_rerank(list, 5, n, diversity, &content, NULL), STATUS_OK);
    for (size_t i = 0; i < 5; i++) {
        order[i] = (char)('0' + list[i].movie);
        assert_true(list[i].rating == (float)list[i].movie); /* entries move as a whole */
    }
    assert_string_equal(order, expected);
}

/* d = 1/4, after 0 and 1: movie 2 is worth 3/8 - 0.15, movie 3 3/16 - 0, movie 4 0 - 0. d = 3/4,
 * after 0, 3 and 4: movie 1 is worth 3/16 - 3/4, movie 2 1/8 - 0.6, the larger of its cosines with
 * 0 and 3; by their sum or mean it would be another order. */
static void trades(void **state) {
    (void)state;
    expect(0, 5, 1, 0, "01234");
    expect(0.25, 5, 1, 0, "01243");
    expect(0.5, 5, 1, 0, "03412");
    expect(0.75, 5, 1, 0, "03421");
    expect(1, 5, 1, 0, "03421");
}

static void ignores_scale(void **state) {
    (void)state;
    expect(0.5, 5, 100, -350, "03412");
    expect(0.25, 5, 0.01F, 7, "01243");
    expect(0.25, 5, 0, 2, "03421"); /* equal scores: only the likeness is left to decide */
}

static void selects_n(void **state) {
    (void)state;
    expect(0.5, 0, 1, 0, "01234");
    expect(0.5, 2, 1, 0, "03124");
    expect(0.5, 50, 1, 0, "03412");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trades),
        cmocka_unit_test(ignores_scale),
        cmocka_unit_test(selects_n),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
