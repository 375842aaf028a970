#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "common/data/title_search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    uint32_t id;
    const char *title;
    uint16_t year;
} movies[] = {
    {1, "Toy Story", 1995},
    {6, "Heat", 1995},
    {7, "Heat", 1986},
    {11, "American President, The", 1995},
    {29, "City of Lost Children, The (Cit\xc3\xa9 des enfants perdus, La)", 1995},
    {47, "Seven (a.k.a. Se7en)", 1995},
    {300, "Quiz Show", 1994},
    {2571, "Matrix, The", 1999},
    {3114, "Toy Story 2", 1999},
    {4308, "Moulin Rouge", 2001},
    {4973, "Amelie (Fabuleux destin d'Am\xc3\xa9lie Poulain, Le)", 2001},
    {5000, "", 0},
    {6365, "Matrix Reloaded, The", 2003},
    {7000, "Thelma & Louise", 1991},
    {7001, "M*A*S*H", 1970},
    {7002,
     "WALL\xc2\xb7"
     "E",
     2008},
    {8000, "1917", 2019},
    {8001, "\xd0\x91\xd1\x80\xd0\xb0\xd1\x82", 1997},
    {8002, "2012", 2009},
    {8003, "A", 1998},
};
enum { N_MOVIES = sizeof(movies) / sizeof(movies[0]) };

static struct catalogue catalogue;

static int set_up(void **state) {
    (void)state;
    catalogue.n_movies = N_MOVIES;
    if (MEM_NEW(&catalogue.movie_id, N_MOVIES, NULL) != STATUS_OK) return -1;
    if (MEM_NEW(&catalogue.year, N_MOVIES, NULL) != STATUS_OK) return -1;
    for (size_t i = 0; i < N_MOVIES; i++) {
        catalogue.movie_id[i] = movies[i].id;
        catalogue.year[i] = movies[i].year;
        if (strings_add(&catalogue.title, movies[i].title, NULL) != STATUS_OK) return -1;
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    catalogue_release(&catalogue);
    return 0;
}

static void expect(const char *text, uint32_t id) {
    struct error err = {0};
    uint32_t movie = 0;
    if (movie_find(&catalogue, text, &movie, &err) != STATUS_OK) fail_msg("%s", err.text);
    if (catalogue.movie_id[movie] != id) {
        fail_msg("\"%s\" found %u, not %u", text, catalogue.movie_id[movie], id);
    }
}

static void expect_error(const char *text, const char *message) {
    struct error err = {0};
    uint32_t movie = 0;
    assert_int_equal(movie_find(&catalogue, text, &movie, &err), STATUS_USAGE);
    assert_string_equal(err.text, message);
}

static void by_id(void **state) {
    (void)state;
    expect("1", 1);
    expect("300", 300);
    expect("1917", 8000);        /* no such id: a title */
    expect("2012 (2009)", 8002); /* the year makes it a title */
}

static void case_articles_and_years(void **state) {
    (void)state;
    const char *const ways[] = {"Matrix, The",    "The Matrix",    "matrix",
                                "  THE  MATRIX",  "Matrix (1999)", "the matrix (1999)",
                                "The Matrix 1999"};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        expect(ways[i], 2571);
    }
    expect("toy story", 1); /* equal beats contained */
    expect("Toy Story 2", 3114);
    expect("Heat (1986)", 7);
    expect("heat 1995", 6);
    expect("A (1998)", 8003);
}

static void accents_punctuation_and_other_titles(void **state) {
    (void)state;
    expect("am\xc3\xa9lie", 4973);
    expect("Le fabuleux destin d'Amelie Poulain", 4973);
    expect("la cite des enfants perdus", 29);
    expect("Se7en", 47);
    expect("seven", 47);
    expect("thelma and louise", 7000);
    expect("Thelma & Louise", 7000);
    expect("wall e", 7002);
    expect("\xd0\xb1\xd1\x80\xd0\xb0\xd1\x82", 8001);
}

static void contained_words(void **state) {
    (void)state;
    expect("reloaded", 6365);
    expect("american", 11);
    expect_error("moul", "no movie is called \"moul\""); /* not a whole word */
}

static void ambiguous_and_unknown(void **state) {
    (void)state;
    expect_error("heat", "\"heat\" may be any of 2 movies: 6 Heat (1995), 7 Heat (1986)");
    expect_error("story",
                 "\"story\" may be any of 2 movies: 1 Toy Story (1995), 3114 Toy Story 2 (1999)");
    expect_error("heat1995", "no movie is called \"heat1995\"");
    expect_error("Heat (2001)", "no movie is called \"Heat (2001)\"");
    expect_error("", "no movie is called \"\"");
    expect_error("()", "no movie is called \"()\"");
    expect_error("99999999999", "no movie is called \"99999999999\"");
}

static void shown_titles(void **state) {
    (void)state;
    AUTO(buf) struct buf text = {0};
    assert_int_equal(movie_append_title(&catalogue, 7, &text, NULL), STATUS_OK);
    assert_string_equal(text.data, "Matrix, The (1999)");
    buf_clear(&text);
    assert_int_equal(movie_append_title(&catalogue, 11, &text, NULL), STATUS_OK);
    assert_string_equal(text.data, "movie 5000");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_id),
        cmocka_unit_test(case_articles_and_years),
        cmocka_unit_test(accents_punctuation_and_other_titles),
        cmocka_unit_test(contained_words),
        cmocka_unit_test(ambiguous_and_unknown),
        cmocka_unit_test(shown_titles),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("title", tests, set_up, tear_down);
}
