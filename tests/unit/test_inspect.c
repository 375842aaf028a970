/* What inspect computes: profiles of movies and users by hand-worked values, statistics, tables. */
#include "common/artifact/artifact.h"
#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"
#include "stages/inspect/artifact_text.h"
#include "stages/inspect/column_export.h"
#include "stages/inspect/inspected_run.h"
#include "stages/inspect/rating_profile.h"
#include "stages/inspect/statistics.h"
#include "stages/inspect/text_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Two users, three movies, two genres (0: A, 1: B). Movie 0 is A, movie 1 is A and B, movie 2 none.
 * User 0 rated 0: 4, 1: 2, 2: 5; user 1 rated 1: 3. */
static uint64_t offset[] = {0, 3, 4};
static uint32_t movie[] = {0, 1, 2, 1};
static uint8_t value[] = {8, 4, 10, 6};
static int64_t times[] = {50, 100, 200, 70};
static uint64_t by_movie_offset[] = {0, 1, 3, 4};
static uint32_t by_movie_user[] = {0, 0, 1, 0};
static uint64_t by_movie_rating[] = {0, 1, 3, 2};
static uint64_t genre_offset[] = {0, 1, 3, 3};
static uint32_t genre_index[] = {0, 0, 1};

static struct ratings ratings = {.n_users = 2,
                                 .n_movies = 3,
                                 .count = 4,
                                 .offset = offset,
                                 .movie = movie,
                                 .value = value,
                                 .time = times,
                                 .by_movie_offset = by_movie_offset,
                                 .by_movie_user = by_movie_user,
                                 .by_movie_rating = by_movie_rating};
static struct catalogue catalogue = {.n_users = 2,
                                     .n_movies = 3,
                                     .n_genres = 2,
                                     .genre_offset = genre_offset,
                                     .genre_index = genre_index};

static bool close_to(double a, double b) {
    return fabs(a - b) < 1e-12;
}

static void test_profiles(void **state) {
    (void)state;
    struct rating_profile p;
    profile_movie(&p, &ratings, 1);
    assert_true(p.count == 2 && p.first == 70 && p.last == 100);
    assert_true(close_to(p.mean, 2.5) && close_to(p.deviation, 0.5));
    assert_true(p.stars[4] == 1 && p.stars[6] == 1 && p.stars[5] == 0);
    profile_user(&p, &ratings, 0);
    assert_true(p.count == 3 && close_to(p.mean, 11.0 / 3) && p.first == 50 && p.last == 200);
    assert_true(close_to(p.deviation, sqrt(14.0) / 3));
    assert_int_equal(popularity_place(&ratings, 1), 1);
    assert_int_equal(popularity_place(&ratings, 0), 2);
    assert_int_equal(popularity_place(&ratings, 2), 2);
}

static void test_taste(void **state) {
    (void)state;
    struct error err = {0};
    MEM_AUTO struct genre_taste *taste = NULL;
    size_t count;
    assert_int_equal(profile_taste(&taste, &count, &catalogue, &ratings, 0, &err), STATUS_OK);
    assert_int_equal(count, 2);
    /* A: 2 of 3 ratings against 3 of 4; B: 1 of 3 against 2 of 4. */
    const struct genre_taste *a = &taste[0], *b = &taste[1];
    assert_true(a->genre == 0 && a->count == 2 && b->genre == 1 && b->count == 1);
    assert_true(close_to(a->share, 2.0 / 3) && close_to(a->lift, 8.0 / 9) && close_to(a->mean, 3));
    assert_true(close_to(a->affinity, 2.0 / 7 * (log2(8.0 / 9) + 3 - 11.0 / 3)));
    assert_true(close_to(b->lift, 2.0 / 3) && close_to(b->liking, 2 - 11.0 / 3));
    assert_true(close_to(b->affinity, 1.0 / 6 * (log2(2.0 / 3) + 2 - 11.0 / 3)));
}

/* ---- a table of an artifact's column ---- */

static char path[] = "/tmp/marquee-inspect-XXXXXX";

static struct artifact *make_artifact(void) {
    struct error err = {0};
    struct artifact_writer *w;
    struct artifact *a = NULL;
    const float x[] = {1, 0, NAN, 5, INFINITY, 0};
    const int64_t t[] = {1000000000000, 1000000000002};
    uint64_t shape[] = {1, 2, 3};
    AUTO(strings) struct strings names = {0};
    strings_add(&names, "a \"b\"", &err);
    strings_add(&names, "", &err);
    if (artifact_create(&w, path, "table", &err) != STATUS_OK ||
        artifact_add(w, "x", DTYPE_F32, 3, shape, x, &err) != STATUS_OK ||
        artifact_add_1d(w, "t", DTYPE_I64, 2, t, &err) != STATUS_OK ||
        artifact_add_strings(w, "s", &names, &err) != STATUS_OK ||
        artifact_commit(w, &err) != STATUS_OK ||
        artifact_open(&a, path, "table", &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return a;
}

static void test_statistics(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact *a = make_artifact();
    struct column_statistics s;
    assert_int_equal(column_statistics_of(&s, a, artifact_column(a, "x"), &err), STATUS_OK);
    assert_true(s.finite == 4 && s.zeros == 2 && close_to(s.mean, 1.5));
    assert_true(close_to(s.deviation, sqrt(26.0 / 4 - 2.25)));
    assert_int_equal(column_statistics_of(&s, a, artifact_column(a, "t"), &err), STATUS_OK);
    assert_true(s.mean == 1000000000001 && s.deviation == 1);
    assert_int_equal(column_statistics_of(&s, a, artifact_column(a, "s"), &err), STATUS_OK);
    assert_int_equal(s.zeros, 1);
    artifact_close(a);
}

typedef enum status export_function(const struct artifact *, const struct column_info *, FILE *,
                                    struct error *);

static void assert_exports(export_function *export, const char *column, const void *expected,
                           size_t size) {
    struct error err = {0};
    struct artifact *a = make_artifact();
    char *text = NULL;
    size_t text_size;
    FILE *out = open_memstream(&text, &text_size);
    assert_int_equal(export(a, artifact_column(a, column), out, &err), STATUS_OK);
    fclose(out);
    assert_int_equal(text_size, size);
    assert_memory_equal(text, expected, size);
    free(text);
    artifact_close(a);
}

static void test_exports(void **state) {
    (void)state;
    static const char json[] = "[[[1, 0, null],\n[5, null, 0]]]\n";
    static const char csv[] = "x.0,x.1,x.2,x.3,x.4,x.5\n1,0,nan,5,inf,0\n";
    static const char texts[] = "s\n\"a \"\"b\"\"\"\n\"\"\n";
    static const char npy[] = "\x93NUMPY\x01\x00\x76\x00{'descr': '<i8', 'fortran_order': False, "
                              "'shape': (2,), }";
    assert_exports(export_json, "x", json, sizeof(json) - 1);
    assert_exports(export_csv, "x", csv, sizeof(csv) - 1);
    assert_exports(export_csv, "s", texts, sizeof(texts) - 1);
    unsigned char whole[128 + 16];
    const int64_t t[] = {1000000000000, 1000000000002};
    memset(whole, ' ', sizeof(whole));
    memcpy(whole, npy, sizeof(npy) - 1);
    whole[127] = '\n';
    memcpy(whole + 128, t, sizeof(t));
    assert_exports(export_npy, "t", whole, sizeof(whole));
}

static void test_text_of_values(void **state) {
    (void)state;
    char text[TEXT_VALUE_SIZE];
    const double f64[] = {0.1, 1e300, -0.0, 5e-324};
    const char *const expected[] = {"0.1", "1e+300", "-0", "4.94065645841247e-324"};
    for (size_t i = 0; i < 4; i++) {
        text_value(DTYPE_F64, f64, i, text);
        assert_string_equal(text, expected[i]);
        assert_true(strtod(text, NULL) == f64[i]);
    }
    const uint64_t largest = UINT64_MAX;
    text_value(DTYPE_U64, &largest, 0, text);
    assert_string_equal(text, "18446744073709551615");
}

static void test_table(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(text_table) struct text_table t = {.align = "lr", .indent = 1};
    char *text = NULL;
    size_t size;
    text_table_heading(&t, "movie n", &err);
    text_table_cell(&t, &err, "Am\xC3\xA9lie");
    text_table_cell(&t, &err, "%d", 12345);
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(text_table_print(&t, out, &err), STATUS_OK);
    fclose(out);
    assert_string_equal(text, " movie       n\n Am\xC3\xA9lie  12345\n");
    free(text);
}

static void test_small_texts(void **state) {
    (void)state;
    char text[32];
    assert_string_equal(count_text(0, text), "0");
    assert_string_equal(count_text(999, text), "999");
    assert_string_equal(count_text(1234567, text), "1,234,567");
    assert_string_equal(size_text(1023, text), "1023 B");
    assert_string_equal(size_text(1536, text), "1.5 KiB");
    assert_string_equal(date_text(978300760, text), "2000-12-31");
    assert_string_equal(date_text(-1, text), "1969-12-31");
}

static int make_path(void **state) {
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles),       cmocka_unit_test(test_taste),
        cmocka_unit_test(test_statistics),     cmocka_unit_test(test_exports),
        cmocka_unit_test(test_text_of_values), cmocka_unit_test(test_table),
        cmocka_unit_test(test_small_texts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("inspect", tests, make_path, remove_path);
}
