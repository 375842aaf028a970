/* Finding movies by what people type. */
#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "stages/serve/search.h"
#include "tests/unit/support.h"

static const struct {
    const char *title;
    uint16_t year;
    uint32_t popularity;
} movies[] = {
    {"Toy Story", 1995, 300},
    {"Toy Story 2", 1999, 200},
    {"The Matrix", 1999, 400},
    {"The Matrix Reloaded", 2003, 100},
    {"Heat", 1995, 150},
    {"Heat", 1986, 5},
    {"City of Lost Children (Cit\xc3\xa9 des enfants perdus, La)", 1995, 60},
    {"1917", 2019, 80},
    {"Am\xc3\xa9lie", 2001, 220},
    {"Schindler's List", 1993, 350},
    {"\xe4\xb8\x83\xe4\xba\xba\xe3\x81\xae\xe4\xbe\x8d", 1954, 90},
    {"Heathers", 1989, 70},
};
enum { N_MOVIES = sizeof movies / sizeof movies[0] };

static struct catalogue catalogue;
static struct search *search;

static int set_up(void **state) {
    (void)state;
    uint32_t popularity[N_MOVIES];
    catalogue.n_movies = N_MOVIES;
    if (MEM_NEW(&catalogue.year, N_MOVIES, NULL) != STATUS_OK) return -1;
    for (uint32_t m = 0; m < N_MOVIES; m++) {
        catalogue.year[m] = movies[m].year;
        popularity[m] = movies[m].popularity;
        if (strings_add(&catalogue.title, movies[m].title, NULL) != STATUS_OK) return -1;
    }
    return search_build(&search, &catalogue, popularity, NULL) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    search_release(search);
    strings_release(&catalogue.title);
    mem_free(catalogue.year);
    return 0;
}

/* The first movie found, -1 if none is. */
static int first(const char *query) {
    struct search_hit hits[N_MOVIES];
    size_t count = 0;
    assert_int_equal(search_find(search, query, hits, N_MOVIES, &count, NULL), STATUS_OK);
    return count == 0 ? -1 : (int)hits[0].movie;
}

static void finds(void **state) {
    (void)state;
    static const struct {
        const char *query;
        int movie;
    } cases[] = {
        {"toy story", 0},
        {"Toy Story 2", 1},
        {"toy story 1999", 1},
        {"matrix", 2},
        {"the matrix", 2},
        {"Matrix, The", 2},
        {"matr", 2},
        {"m", 2},
        {"matrxi", 2},
        {"matirx relo", 3},
        {"heat", 4},
        {"heat 1986", 5},
        {"heathe", 11},
        {"cite des enfants", 6},
        {"lost childrn", 6},
        {"1917", 7},
        {"amelie", 8},
        {"AMELIE", 8},
        {"am\xc3\xa9l", 8},
        {"schindlers list", 9},
        {"shindler", 9},
        {"schinlder lst", -1},
        {"xyzzy", -1},
        {"", -1},
        {"!?", -1},
        {"heat matrix", -1},
        {"the", -1},
        {"story toy", 0},
        {"\xe4\xb8\x83\xe4\xba\xba", 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int found = first(cases[i].query);
        if (found != cases[i].movie) {
            fail_msg("\"%s\" finds %d, not %d", cases[i].query, found, cases[i].movie);
        }
    }
}

static void takes_any_text(void **state) {
    (void)state;
    char text[400];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(first(text), -1);
    for (size_t i = 0; i + 2 < sizeof text; i += 2) {
        text[i] = 'a';
        text[i + 1] = ' ';
    }
    assert_int_equal(first(text), -1); /* letters alone, but for the last, are no beginnings */
}

static void respects_max(void **state) {
    (void)state;
    struct search_hit hits[2];
    size_t count = 0;
    assert_int_equal(search_find(search, "heat", hits, 2, &count, NULL), STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(hits[0].movie, 4);
    assert_int_equal(hits[1].movie, 5);
    assert_true(hits[0].score == 1);
    assert_int_equal(search_find(search, "heat", hits, 0, &count, NULL), STATUS_OK);
    assert_int_equal(count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(takes_any_text),
        cmocka_unit_test(respects_max),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
