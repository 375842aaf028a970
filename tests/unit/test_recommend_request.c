/* What recommend is asked on the command line: years, genres, and histories of somebody new. */
#include "common/base/mem.h"
#include "stages/recommend/request.h"
#include "tests/unit/support.h"

static uint32_t movie_id[] = {10, 20, 30, 4000000000U};
static struct catalogue catalogue = {.n_movies = 4, .movie_id = movie_id, .n_genres = 2};

static void expect_history(const char *text, const char *wanted) {
    struct error err = {0};
    AUTO(history_buffer) struct history_buffer h = {0};
    AUTO(buf) struct buf found = {0};
    scratch_write("ratings.csv", text);
    if (request_ratings_file(&catalogue, scratch("ratings.csv"), 999, &h, &err) != STATUS_OK) {
        fail_msg("%s", err.text);
    }
    for (size_t i = 0; i < h.count; i++) {
        assert_int_equal(
            buf_printf(&found, &err, "%u %u %lld; ", h.movie[i], h.value[i], (long long)h.time[i]),
            STATUS_OK);
    }
    assert_string_equal(found.data, wanted);
}

static void files_become_histories(void **state) {
    (void)state;
    expect_history("movieId,rating,timestamp\r\n20,4.5,100\r\n10,0.5,50\r\n", "0 1 50; 1 9 100; ");
    expect_history("\xEF\xBB\xBF"
                   "30,5\n\n4000000000,1,7",
                   "3 2 7; 2 10 999; ");
    /* equal times stay in the order of the file */
    expect_history("30,1,5\n10,2,5\n20,3,5\n", "2 2 5; 0 4 5; 1 6 5; ");
    /* of a movie that occurs twice the later wins: by time, then by line */
    expect_history("10,1,200\n20,3,150\n10,5,100\n", "1 6 150; 0 2 200; ");
    expect_history("10,1,100\n20,3,150\n10,5,100\n", "0 10 100; 1 6 150; ");
}

static void expect_refusal(const char *text, const char *reason) {
    struct error err = {0};
    AUTO(history_buffer) struct history_buffer h = {0};
    scratch_write("ratings.csv", text);
    assert_int_equal(request_ratings_file(&catalogue, scratch("ratings.csv"), 999, &h, &err),
                     STATUS_FAILED);
    if (strstr(err.text, reason) == NULL) fail_msg("%s", err.text);
}

static void bad_files_are_refused_with_their_line(void **state) {
    (void)state;
    expect_refusal("", "ratings.csv: holds no rating");
    expect_refusal("movieId,rating\n", "ratings.csv: holds no rating");
    expect_refusal("10,4\n\n10,4.3\n", "ratings.csv:3: \"10,4.3\" has a rating that is not");
    expect_refusal("10,5.5\n", "ratings.csv:1: \"10,5.5\" has a rating that is not");
    expect_refusal("movieId,rating\n11,4\n", "ratings.csv:2: \"11,4\" names an unknown movie");
    expect_refusal("10,4\nmovieId,rating\n", "ratings.csv:2: ");
    expect_refusal("10,4,x\n", "ratings.csv:1: \"10,4,x\" has no number as its timestamp");
    expect_refusal("4294967306,4\n", "ratings.csv:1: "); /* 10 modulo 2^32 */
}

static void moments_are_seconds_or_days(void **state) {
    (void)state;
    struct error err = {0};
    const struct {
        const char *text;
        int64_t now;
    } good[] = {{"latest", 77},
                {"0", 0},
                {"1537799250", 1537799250},
                {"1970-01-01", 0},
                {"1970-03-01", 59 * 86400},
                {"2000-02-29", 951782400},
                {"2018-09-24", 1537747200},
                {"2100-03-01", 4107542400}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t now = -1;
        assert_int_equal(request_now(good[i].text, 77, &now, &err), STATUS_OK);
        assert_int_equal(now, good[i].now);
    }
    const char *const bad[] = {
        "",           "now",        "-5",          "2018-9-24",  "2018-13-01",
        "2018-00-10", "2018-02-29", "2100-02-29",  "2018-09-00", "1969-12-31",
        "2018/09/24", "12x",        "2018-09-24 ", "2018-04-31"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t now;
        if (request_now(bad[i], 77, &now, &err) != STATUS_USAGE) fail_msg("%s", bad[i]);
        assert_non_null(strstr(err.text, "--now: "));
    }
}

static void years_are_ranges(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint16_t first, last;
    } good[] = {{"1990-1999", 1990, 1999},
                {"1995", 1995, 1995},
                {"1990-", 1990, UINT16_MAX},
                {"-1999", 1, 1999}};
    static const char *const bad[] = {"", "-", "1999-1990", "1990-1999-", "x", "1990 ", "99999"};
    struct error err = {0};
    uint16_t first, last;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(request_years(good[i].text, &first, &last, &err), STATUS_OK);
        assert_int_equal(first, good[i].first);
        assert_int_equal(last, good[i].last);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(request_years(bad[i], &first, &last, &err), STATUS_USAGE);
    }
}

static void genres_are_found_whatever_their_case(void **state) {
    (void)state;
    struct error err = {0};
    MEM_AUTO bool *wanted = NULL;
    bool *none = NULL;
    assert_int_equal(request_genres(&catalogue, " sci-fi ", &wanted, &err), STATUS_OK);
    assert_false(wanted[0]);
    assert_true(wanted[1]);
    assert_int_equal(request_genres(&catalogue, "Drama,Dram", &none, &err), STATUS_USAGE);
    assert_string_equal(err.text, "--genre: no genre is called \"Dram\"; there are: Drama, Sci-Fi");
}

static int name_genres(void **state) {
    (void)state;
    return strings_add(&catalogue.genre_name, "Drama", NULL) != STATUS_OK ||
           strings_add(&catalogue.genre_name, "Sci-Fi", NULL) != STATUS_OK;
}

static int release_genres(void **state) {
    (void)state;
    strings_release(&catalogue.genre_name);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(files_become_histories),
        SCRATCH_TEST(bad_files_are_refused_with_their_line),
        cmocka_unit_test(moments_are_seconds_or_days),
        cmocka_unit_test(years_are_ranges),
        cmocka_unit_test(genres_are_found_whatever_their_case),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("recommend request", tests, name_genres, release_genres);
}
