/* The counts that reasons rest on, and the sentences, of a world that is small enough to count by
 * hand: who is counted, what is said of it, and what must not be said. */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/ranking/audience.h"
#include "common/ranking/reasons.h"
#include "tests/unit/support.h"

#include <math.h>

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

enum { USERS = 60, MOVIES = 30, DAY = 86400, NEWEST = 1000000000 };

static void love_is_high_on_the_own_scale(void **state) {
    (void)state;
    assert_int_equal(love_of((const uint8_t[]){9, 2}, 2), 9);
    assert_int_equal(love_of((const uint8_t[]){10, 10}, 2), 9);
    assert_int_equal(love_of((const uint8_t[]){8, 2}, 2), 8);
    assert_int_equal(love_of((const uint8_t[]){8, 8}, 2), LOVE_NEVER); /* gives nothing else */
    assert_int_equal(love_of((const uint8_t[]){7, 2}, 2), LOVE_NEVER);
    assert_int_equal(love_of(NULL, 0), LOVE_NEVER);
}

/* ---- ratings ---- */

static uint8_t given[USERS][MOVIES]; /* half stars; 0: not rated */
static int64_t when[USERS][MOVIES];

static void make_ratings(struct ratings *r) {
    struct error err = {0};
    *r = (struct ratings){.n_users = USERS, .n_movies = MOVIES};
    OK(MEM_NEW(&r->offset, USERS + 1, &err));
    OK(MEM_NEW(&r->movie, USERS * MOVIES, &err));
    OK(MEM_NEW(&r->value, USERS * MOVIES, &err));
    OK(MEM_NEW(&r->time, USERS * MOVIES, &err));
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t m = 0; m < MOVIES; m++) {
            if (given[u][m] == 0) continue;
            r->movie[r->count] = m;
            r->value[r->count] = given[u][m];
            r->time[r->count++] = when[u][m];
        }
        r->offset[u + 1] = r->count;
    }
    OK(ratings_index_by_movie(r, &err));
}

/* Users 0 to 39 love movie 0; 0 to 14 love movie 1 too, and 15 to 19 rate it low; user 40 loves
 * movie 1 alone. All but the last ten rate movie 2 in the middle, 20 of them in the last days.
 * Movie 3 has two ratings, of love. User 59 has rated nothing. */
static void make_given(void) {
    memset(given, 0, sizeof given);
    for (uint32_t u = 0; u < USERS - 1; u++) {
        for (uint32_t m = 0; m < MOVIES; m++) {
            when[u][m] = NEWEST - 200 * DAY;
        }
        if (u < 40) given[u][0] = 10;
        if (u < 15 || u == 40) given[u][1] = 9;
        if (u >= 15 && u < 20) given[u][1] = 4;
        if (u < 50) given[u][2] = 6;
        if (u < 20) when[u][2] = NEWEST - u * DAY;
        if (u == 44 || u == 45) given[u][3] = 10;
        given[u][4 + u % (MOVIES - 4)] = 5;
    }
}

static void audience_counts(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    AUTO(audience) struct audience a = {0};
    make_given();
    make_ratings(&r);
    OK(audience_compute(&a, &r, &err));
    assert_int_equal(a.n_people, USERS - 1);
    assert_int_equal(audience_fans(&a, 0), 40);
    assert_int_equal(audience_fans(&a, 1), 16);
    assert_int_equal(audience_fans(&a, 2), 0);
    assert_int_equal(audience_fans_of_both(&a, 0, 1), 15);
    assert_int_equal(audience_fans_of_both(&a, 1, 0), 15);
    assert_int_equal(audience_fans_who_rated(&a, 0, 1), 20);
    assert_true(audience_is_fan(&a, 1, 40) && !audience_is_fan(&a, 1, 15));
    assert_true(fabs(a.loved_share - 58.0 / (double)r.count) < 1e-12);
    assert_int_equal(a.raters[2], 50);
    assert_int_equal(a.popular, a.raters[0] + 1); /* one of thirty is in the top twentieth */
    assert_true(a.has_recent);
    assert_int_equal(a.recent[2], 20);
    assert_int_equal(a.recent_most, 20);
    assert_int_equal(a.recent_fans[2], 0);
}

/* The spread against its definition. */
static void spread_is_what_remains(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    AUTO(audience) struct audience a = {0};
    make_given();
    make_ratings(&r);
    OK(audience_compute(&a, &r, &err));
    double mean = 0, squares = 0, all = 0;
    size_t n = 0;
    for (uint64_t i = 0; i < r.count; i++) {
        mean += 0.5 * r.value[i] / (double)r.count;
    }
    static double d[USERS][MOVIES];
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t m = 0; m < MOVIES; m++) {
            double sum = 5 * mean, count = 5;
            for (uint32_t k = 0; k < MOVIES; k++) {
                if (k == m || given[u][k] == 0) continue;
                sum += 0.5 * given[u][k];
                count++;
            }
            d[u][m] = 0.5 * given[u][m] - sum / count;
        }
    }
    for (uint32_t m = 0; m < MOVIES; m++) {
        for (uint32_t u = 0; u < USERS; u++) {
            if (given[u][m] == 0) continue;
            double sum = 0, count = 5;
            for (uint32_t v = 0; v < USERS; v++) {
                if (v == u || given[v][m] == 0) continue;
                sum += d[v][m];
                count++;
            }
            double e = d[u][m] - sum / count;
            all += e * e;
            if (a.raters[m] < 32) continue;
            squares += e * e;
            n++;
        }
    }
    assert_int_equal(n, 90); /* movies 0 and 2 */
    assert_true(fabs((double)audience_spread(&a, 40) - sqrt(squares / 90)) < 1e-5);
    assert_true(fabs((double)audience_spread(&a, 63) - sqrt(squares / 90)) < 1e-5);
    /* Movies of 16 to 31 ratings have 21 in all: too few to say anything of them. */
    assert_true(fabs((double)audience_spread(&a, 21) - sqrt(all / (double)r.count)) < 1e-5);
    assert_true(isnan(audience_spread(&a, 0)));
}

static void equal_ratings_say_nothing_of_love(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(ratings) struct ratings r = {0};
    AUTO(audience) struct audience a = {0};
    make_given();
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t m = 0; m < MOVIES; m++) {
            if (given[u][m] > 0) given[u][m] = 10;
            when[u][m] = u * MOVIES + m; /* numbers of rows, no dates */
        }
    }
    make_ratings(&r);
    OK(audience_compute(&a, &r, &err));
    assert_int_equal(a.fan_offset[MOVIES], 0);
    assert_true(a.loved_share == 0);
    assert_false(a.has_recent);
}

/* ---- sentences ---- */

/* Movies 0, 1 and 3 have the genre, all tags and the title word; movies 4 to 9, which are rated
 * low, have "slow" too. "boring" goes with low ratings of its users, "mine" is of one person. */
enum { CRIME, BORING, MAFIA, MINE, SLOW, AMERICAN, TERMS };
static const char *const names[TERMS] = {"Crime", "boring", "mafia", "mine", "slow", "american"};
static uint8_t groups[TERMS] = {TERM_GENRE, TERM_TAG, TERM_TAG, TERM_TAG, TERM_TAG, TERM_TITLE};
static uint32_t users[TERMS] = {0, 5, 2, 1, 5, 0};
static float valence[TERMS] = {NAN, -1, 0.5F, 1, 1, NAN};

struct told {
    struct ratings ratings;
    struct catalogue catalogue;
    struct content content;
    struct reason_facts *facts;
    uint16_t year[MOVIES];
    uint32_t id[MOVIES];
};

static void told_release(struct told *w) {
    reason_facts_release(w->facts);
    ratings_release(&w->ratings);
    strings_release(&w->catalogue.title);
    strings_release(&w->content.term_name);
    csr_release(&w->content.terms);
}

static void make_content(struct content *c) {
    struct error err = {0};
    uint64_t e = 0;
    c->n_movies = MOVIES;
    c->n_terms = TERMS;
    c->term_group = groups;
    c->term_users = users;
    c->term_valence = valence;
    for (size_t t = 0; t < TERMS; t++) {
        OK(strings_add(&c->term_name, names[t], &err));
    }
    OK(csr_alloc(&c->terms, MOVIES, TERMS, (uint64_t)MOVIES * TERMS, &err));
    for (uint32_t m = 0; m < MOVIES; m++) {
        for (uint32_t t = 0; t < TERMS; t++) {
            bool has = m == 0 || m == 1 || m == 3 || (m >= 4 && m < 10 && t == SLOW);
            if (!has) continue;
            c->terms.column[e] = t;
            c->terms.value[e++] = 0.4082F; /* unit rows of six */
        }
        c->terms.offset[m + 1] = e;
    }
}

static void make_told(struct told *w) {
    struct error err = {0};
    static const char *const titles[] = {"Gang", "Gang II", "Middle", "Rare"};
    make_ratings(&w->ratings);
    w->catalogue.n_movies = MOVIES;
    w->catalogue.year = w->year;
    w->catalogue.movie_id = w->id;
    for (uint32_t m = 0; m < MOVIES; m++) {
        OK(strings_add(&w->catalogue.title, m < 4 ? titles[m] : "", &err));
        w->year[m] = (uint16_t)(1990 + m);
        w->id[m] = m;
    }
    make_content(&w->content);
    OK(reason_facts_create(&w->facts, &w->catalogue, &w->ratings, &w->content, NULL, &err));
}

/* Whether a sentence that begins with `text` is among the reasons for a movie; NULL: how many there
 * are. Every test asks for user 0, who loves movie 0, or for somebody new who does. */
static const char *sentence(const struct told *w, const struct history *h, uint32_t self,
                            uint32_t movie, double stars, enum reason_kind kind) {
    static char text[256];
    struct given_reason reason[REASON_KINDS];
    const struct reason_user user = {h, self};
    size_t n = reasons_find(w->facts, &user, movie, stars, reason);
    assert_true(n >= 1);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) struct buf out = {0};
        assert_true(i == 0 || reason[i].bits <= reason[i - 1].bits);
        assert_int_equal(reason_append(w->facts, &reason[i], &out, NULL), STATUS_OK);
        assert_true(reason[i].kind != REASON_NONE || n == 1);
        if (reason[i].kind == kind) (void)snprintf(text, sizeof text, "%s", out.data);
    }
    return text;
}

static const uint32_t liked_movie[] = {5, 0, 6};
static const uint8_t liked_value[] = {4, 10, 5};
static const int64_t liked_time[] = {1, 2, 3};
static const struct history liking = {liked_movie, liked_value, liked_time, 3};

static void people_are_others(void **state) {
    (void)state;
    AUTO(told) struct told w = {0};
    make_given();
    make_told(&w);
    /* 16 of 59 people loved movie 1, 15 of the 40 who loved movie 0. */
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 1, NAN, REASON_PEOPLE), "");
    for (uint32_t u = 15; u < 40; u++) {
        given[u][0] = 0;
    }
    told_release(&w);
    w = (struct told){0};
    make_told(&w);
    /* Now all 15 who loved movie 0; 59 * 15 / (15 * 16) */
    assert_string_equal(
        sentence(&w, &liking, NO_INDEX, 1, NAN, REASON_PEOPLE),
        "15 of the 15 others who loved Gang (1990) loved this too, 3.7 times the usual share");
    /* User 0 is among them: 14 of 14, of 58 people, 15 of whom love movie 1. */
    assert_string_equal(
        sentence(&w, &liking, 0, 1, NAN, REASON_PEOPLE),
        "14 of the 14 others who loved Gang (1990) loved this too, 3.9 times the usual share");
    /* User 40 is not. */
    assert_string_equal(
        sentence(&w, &liking, 41, 1, NAN, REASON_PEOPLE),
        "15 of the 15 others who loved Gang (1990) loved this too, 3.6 times the usual share");
}

static void few_people_say_nothing(void **state) {
    (void)state;
    AUTO(told) struct told w = {0};
    make_given();
    for (uint32_t u = 9; u < 40; u++) {
        given[u][0] = 0; /* nine love it */
    }
    make_told(&w);
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 1, NAN, REASON_PEOPLE), "");
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 1, NAN, REASON_SEEN), "");
}

static void seen_where_love_says_nothing(void **state) {
    (void)state;
    AUTO(told) struct told w = {0};
    make_given();
    for (uint32_t u = 0; u < USERS; u++) {
        if (u >= 20) given[u][0] = 0;
        if (given[u][1] == 9) given[u][1] = 5;
    }
    make_told(&w);
    /* 21 of 59 have rated movie 1, all 20 who loved movie 0. */
    assert_string_equal(
        sentence(&w, &liking, NO_INDEX, 1, NAN, REASON_SEEN),
        "20 of the 20 others who loved Gang (1990) saw this too, 2.8 times the usual share");
}

static void a_series_is_named(void **state) {
    (void)state;
    AUTO(told) struct told w = {0};
    make_given();
    for (uint32_t u = 15; u < 40; u++) {
        given[u][0] = 0;
    }
    make_told(&w);
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 1, NAN, REASON_SERIES),
                        "part 2 of \"Gang\"; you gave Gang (1990) 5.0 stars");
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 3, NAN, REASON_SERIES), "");
}

/* Of what movies 0 and 3 share, neither a tag that goes with low ratings, of its users or of its
 * movies, nor that of one person, nor the word of the titles. */
static void themes_are_praise(void **state) {
    (void)state;
    AUTO(told) struct told w = {0};
    make_given();
    make_told(&w);
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 3, NAN, REASON_THEME),
                        "Crime tagged \"mafia\", as in Gang (1990), which you gave 5.0 stars");
    const uint32_t movie[] = {0, 1, 3, 6};
    const uint8_t value[] = {10, 10, 4, 4};
    const int64_t time[] = {1, 2, 3, 4};
    const struct history three = {movie, value, time, 4};
    w.content.terms.column[w.content.terms.offset[2]] = CRIME; /* movie 2 gets no term of 3's */
    assert_string_equal(sentence(&w, &three, NO_INDEX, 3, NAN, REASON_THEME),
                        "Crime tagged \"mafia\", as in Gang II (1991), which you gave 5.0 stars");
    const struct history disliked = {movie + 2, value + 2, time, 2};
    assert_string_equal(sentence(&w, &disliked, NO_INDEX, 1, NAN, REASON_THEME), "");
}

static void popular_is_what_many_rated(void **state) {
    (void)state;
    AUTO(told) struct told w = {0};
    make_given();
    for (uint32_t u = 0; u < 50; u++) {
        if (u < 45) given[u][2] = 9;
        if (u >= 20) given[u][0] = 0;
    }
    make_told(&w);
    /* Two ratings, both of love, are none. */
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 3, NAN, REASON_POPULARITY), "");
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 2, NAN, REASON_POPULARITY),
                        "most rated of the 90 days to 2001-09-09: rated by 20 people, and loved by "
                        "20");
    for (uint32_t u = 0; u < 20; u++) {
        when[u][2] = NEWEST - 200 * DAY;
    }
    told_release(&w);
    w = (struct told){0};
    make_told(&w);
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 2, NAN, REASON_POPULARITY),
                        "rated by 50 of 59 people, and loved by 45 of them");
}

static void predictions_are_above_the_mean(void **state) {
    (void)state;
    AUTO(told) struct told w = {0};
    make_given();
    make_told(&w);
    const char *text = sentence(&w, &liking, NO_INDEX, 2, 4.62, REASON_PREDICTION);
    unsigned tenths = 0;
    assert_int_equal(
        sscanf(text, "we expect 4.6 stars, give or take 0.%u (your mean is 3.2)", &tenths), 1);
    assert_true(tenths > 0);
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 2, 3.3, REASON_PREDICTION), "");
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 2, 1.02, REASON_PREDICTION), "");
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 2, NAN, REASON_PREDICTION), "");
    assert_string_equal(sentence(&w, &liking, NO_INDEX, 2, 1.02, REASON_NONE),
                        "no single fact stands out: it is the sum of many small ones");
}

/* Without a history, and of a movie without ratings, nothing is made up. */
static void nothing_is_known(void **state) {
    (void)state;
    AUTO(told) struct told w = {0};
    const struct history nothing = {0};
    make_given();
    for (uint32_t u = 0; u < USERS; u++) {
        given[u][MOVIES - 1] = 0;
    }
    make_told(&w);
    assert_string_not_equal(sentence(&w, &nothing, NO_INDEX, 1, 4.8, REASON_NONE), "");
    assert_string_not_equal(sentence(&w, &liking, NO_INDEX, MOVIES - 1, 4.8, REASON_NONE), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(love_is_high_on_the_own_scale),
        cmocka_unit_test(audience_counts),
        cmocka_unit_test(spread_is_what_remains),
        cmocka_unit_test(equal_ratings_say_nothing_of_love),
        cmocka_unit_test(people_are_others),
        cmocka_unit_test(few_people_say_nothing),
        cmocka_unit_test(seen_where_love_says_nothing),
        cmocka_unit_test(a_series_is_named),
        cmocka_unit_test(themes_are_praise),
        cmocka_unit_test(popular_is_what_many_rated),
        cmocka_unit_test(predictions_are_above_the_mean),
        cmocka_unit_test(nothing_is_known),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("reasons", tests, NULL, NULL);
}
