/* Series as titles show them: what belongs together, and what only looks like it. */
#include "common/data/title_series.h"
#include "tests/unit/support.h"

static void assert_part(const char *title, const char *name, unsigned number, bool said,
                        bool subtitled) {
    struct title_part p = title_part_of(title);
    if (p.name_size != strlen(name) || memcmp(title, name, p.name_size) != 0 ||
        p.number != number || p.said != said || p.subtitled != subtitled) {
        fail_msg("%s: \"%.*s\" %u, said %d, subtitled %d", title, (int)p.name_size, title, p.number,
                 p.said, p.subtitled);
    }
}

static void titles_are_taken_apart(void **state) {
    (void)state;
    assert_part("Toy Story", "Toy Story", 1, false, false);
    assert_part("Toy Story 2", "Toy Story", 2, false, false);
    assert_part("Rocky III", "Rocky", 3, false, false);
    assert_part("Godfather: Part II, The", "Godfather", 2, true, false);
    assert_part("Father of the Bride Part II", "Father of the Bride", 2, true, false);
    assert_part("Kill Bill: Vol. 1", "Kill Bill", 1, true, false);
    assert_part("Star Trek II: The Wrath of Khan", "Star Trek", 2, false, false);
    assert_part("Star Wars: Episode V - The Empire Strikes Back", "Star Wars", 5, true, false);
    assert_part("Lord of the Rings: The Two Towers, The", "Lord of the Rings", 1, false, true);
    assert_part("Scream 2 (a.k.a. Scream Again 3)", "Scream", 2, false, false);
    assert_part("Apollo 13", "Apollo", 13, false, false);
    assert_part("Fahrenheit 451", "Fahrenheit 451", 1, false, false);
    assert_part("Crocodile Dundee 2, A", "Crocodile Dundee", 2, false, false);
    assert_part("2", "2", 1, false, false);
    assert_part("Mix", "Mix", 1, false, false); /* no roman nine */
    assert_part("Part II", "Part II", 1, false, false);
    assert_part("Chapter 27", "Chapter 27", 1, false, false);
    assert_part(": Part 2", "", 1, false, false);
    assert_part("", "", 1, false, false);
}

enum { MOVIES = 26 };
static const struct {
    const char *title;
    uint16_t year;
    int series; /* 0: none */
} movie[MOVIES] = {
    {"Toy Story", 1995, 1},
    {"Toy Story 2", 1999, 1},
    {"TOY STORY 3", 2010, 1},
    {"Psycho", 1960, 2},
    {"Psycho", 1998, 0}, /* a remake */
    {"Psycho II", 1983, 2},
    {"Psycho III", 1986, 2},
    {"Malcolm", 1986, 0},
    {"Malcolm X", 1992, 0},
    {"Star Wars: Episode IV - A New Hope", 1977, 3},
    {"Star Wars: Episode V - The Empire Strikes Back", 1980, 3},
    {"Star Wars: Episode III - Revenge of the Sith", 2005, 3},
    {"Star Wars: The Clone Wars", 2008, 3},
    {"X-Men", 2000, 4},
    {"X-Men: The Last Stand", 2006, 4},
    {"Love: A Story", 1990, 0}, /* a name of one word may be of anything */
    {"Love: Another Story", 1991, 0},
    {"Species", 1995, 0},
    {"Species III", 2004, 0}, /* without the second part it may be of something else */
    {"Heat", 1986, 0},
    {"Heat", 1995, 0},
    {"Ghost Ship 2", 1990, 0},
    {"Ghost Ship", 2002, 0}, /* newer than its second part */
    {"Godfather, The", 1972, 5},
    {"Godfather: Part II, The", 1974, 5},
    {"", 0, 0},
};

static void series_of_a_catalogue(void **state) {
    (void)state;
    struct catalogue c = {.n_movies = MOVIES};
    uint16_t year[MOVIES];
    __attribute__((cleanup(title_series_release))) struct title_series s = {0};
    for (size_t i = 0; i < MOVIES; i++) {
        assert_int_equal(strings_add(&c.title, movie[i].title, NULL), STATUS_OK);
        year[i] = movie[i].year;
    }
    c.year = year;
    assert_int_equal(title_series_find(&s, &c, NULL), STATUS_OK);
    for (size_t i = 0; i < MOVIES; i++) {
        if ((s.group[i] != NO_INDEX) != (movie[i].series != 0)) fail_msg("%s", movie[i].title);
        for (size_t j = 0; j < i; j++) {
            bool same = s.group[i] != NO_INDEX && s.group[i] == s.group[j];
            bool wanted = movie[i].series != 0 && movie[i].series == movie[j].series;
            if (same != wanted) fail_msg("%s and %s", movie[i].title, movie[j].title);
        }
    }
    strings_release(&c.title);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(titles_are_taken_apart),
        cmocka_unit_test(series_of_a_catalogue),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("title_series", tests, NULL, NULL);
}
