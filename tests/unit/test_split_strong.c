/* Strong generalisation: which users are held out, what of theirs, and what nobody sees. */
#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/data/question.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"
#include "common/data/view.h"
#include "stages/split/strong.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

enum { USERS = 100, MOVIES = 60, MOST = USERS * 40 };

struct small {
    uint64_t offset[USERS + 1];
    uint32_t movie[MOST];
    uint8_t value[MOST];
    int64_t time[MOST];
    uint8_t role[MOST];
    struct ratings ratings;
};

static const struct strong_params usual = {
    .fraction = 0.1, .rank_users = 0.25, .min_rating = 4, .min_ratings = 5, .seed = 3};

static void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

/* User u has 40 ratings, of which every other one counts; the last ten users have 4 that count. */
static void fill(struct small *s) {
    memset(s, 0, sizeof(*s));
    uint64_t n = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        uint32_t count = u < USERS - 10 ? 40 : 8;
        for (uint32_t i = 0; i < count; i++, n++) {
            s->movie[n] = (u + i) % MOVIES;
            s->value[n] = i % 2 == 0 ? 8 : 7;
            s->time[n] = 1000 + i;
        }
        s->offset[u + 1] = n;
    }
    s->ratings = (struct ratings){.n_users = USERS,
                                  .n_movies = MOVIES,
                                  .count = n,
                                  .offset = s->offset,
                                  .movie = s->movie,
                                  .value = s->value,
                                  .time = s->time};
}

static void assign(struct small *s, const struct strong_params *p) {
    struct error err = {0};
    assert_ok(strong_assign(p, &s->ratings, s->role, &err), &err);
}

/* How many ratings of each role a user has. */
static void count_roles(const struct small *s, uint32_t user, unsigned count[ROLES]) {
    memset(count, 0, ROLES * sizeof(*count));
    for (uint64_t i = s->offset[user]; i < s->offset[user + 1]; i++)
        count[s->role[i]]++;
}

/* Of the 90 users with ratings enough 9 are test, 9 validation, a quarter of the others the
 * ranker's. */
static void test_shares(void **state) {
    (void)state;
    static struct small s;
    static const enum role pair[3][2] = {{ROLE_TEST, ROLE_FOLD_IN},
                                         {ROLE_VALID_OUT, ROLE_VALID_FOLD_IN},
                                         {ROLE_RANK, ROLE_RANK_FOLD_IN}};
    unsigned users[3] = {0}, base = 0, out = 0;
    fill(&s);
    assign(&s, &usual);
    for (uint32_t u = 0; u < USERS; u++) {
        unsigned count[ROLES];
        count_roles(&s, u, count);
        if (u >= USERS - 10) {
            assert_int_equal(count[ROLE_LEFT_OUT], 8);
            out++;
            continue;
        }
        assert_int_equal(count[ROLE_LEFT_OUT], 20);
        base += count[ROLE_BASE] == 20;
        for (size_t k = 0; k < 3; k++) {
            if (count[pair[k][0]] == 0) continue;
            users[k]++;
            assert_int_equal(count[pair[k][0]], 4);
            assert_int_equal(count[pair[k][1]], 16);
        }
    }
    assert_int_equal(users[0], 9);
    assert_int_equal(users[1], 9);
    assert_int_equal(users[2], 18);
    assert_int_equal(base, 54);
    assert_int_equal(out, 10);
}

static void test_left_out_by_value(void **state) {
    (void)state;
    static struct small s;
    struct strong_params p = usual;
    p.min_rating = 3.5;
    fill(&s);
    assign(&s, &usual);
    for (uint64_t i = 0; i < s.ratings.count; i++)
        if (s.value[i] < 8) assert_int_equal(s.role[i], ROLE_LEFT_OUT);
    assign(&s, &p);
    for (uint64_t i = 0; i < s.ratings.count; i++)
        assert_int_not_equal(s.role[i], ROLE_LEFT_OUT);
}

/* What nobody learns from: the held-out users' movies that no other user has. */
static void test_unknown_movie(void **state) {
    (void)state;
    static struct small s;
    fill(&s);
    assign(&s, &usual);
    uint32_t user = 0;
    unsigned count[ROLES];
    for (count_roles(&s, 0, count); count[ROLE_TEST] == 0; count_roles(&s, ++user, count)) {
    }
    s.ratings.n_movies = MOVIES + 1;
    s.movie[s.offset[user]] = MOVIES;
    assign(&s, &usual);
    count_roles(&s, user, count);
    assert_int_equal(s.role[s.offset[user]], ROLE_LEFT_OUT);
    assert_int_equal(count[ROLE_TEST], 3); /* a fifth of the 19 left */
    assert_int_equal(count[ROLE_FOLD_IN], 16);
}

/* Views show nothing of held-out users, and of the ranker's nothing in view fit. */
static void test_views(void **state) {
    (void)state;
    static const enum role never[] = {ROLE_TEST, ROLE_FOLD_IN, ROLE_VALID_OUT, ROLE_VALID_FOLD_IN,
                                      ROLE_LEFT_OUT};
    for (size_t k = 0; k < sizeof(never) / sizeof(never[0]); k++)
        assert_false(view_shows(VIEW_FIT, never[k]) || view_shows(VIEW_FULL, never[k]));
    assert_false(view_shows(VIEW_FIT, ROLE_RANK) || view_shows(VIEW_FIT, ROLE_RANK_FOLD_IN));
    assert_true(view_shows(VIEW_FULL, ROLE_RANK) && view_shows(VIEW_FULL, ROLE_RANK_FOLD_IN));
}

/* With the test ratings deleted the other users keep their roles. */
static void test_without_test(void **state) {
    (void)state;
    static struct small s, less;
    fill(&s);
    assign(&s, &usual);
    uint64_t n = 0;
    fill(&less);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint64_t i = s.offset[u]; i < s.offset[u + 1]; i++) {
            if (s.role[i] == ROLE_TEST) continue;
            less.movie[n] = s.movie[i];
            less.value[n] = s.value[i];
            less.time[n++] = s.time[i];
        }
        less.offset[u + 1] = n;
    }
    less.ratings.count = n;
    assign(&less, &usual);
    for (uint32_t u = 0; u < USERS; u++) {
        unsigned count[ROLES];
        uint64_t size = s.offset[u + 1] - s.offset[u];
        count_roles(&s, u, count);
        if (count[ROLE_TEST] > 0) continue;
        assert_int_equal(less.offset[u + 1] - less.offset[u], size);
        assert_memory_equal(less.role + less.offset[u], s.role + s.offset[u], size);
    }
}

/* A held-out rating is scored with what is known, whatever their order, at its newest time. */
static void test_history(void **state) {
    (void)state;
    static struct small s;
    AUTO(history_buffer) struct history_buffer b = {0};
    struct error err = {0};
    fill(&s);
    assign(&s, &usual);
    for (uint64_t i = 0; i < s.ratings.count; i++) {
        if (s.role[i] != ROLE_RANK && s.role[i] != ROLE_VALID_OUT) continue;
        uint32_t user = 0;
        while (s.offset[user + 1] <= i)
            user++;
        assert_ok(history_before(&b, &s.ratings, s.role, user, i, HISTORY_FOLD_IN, &err), &err);
        struct history h = history_of(&b);
        assert_int_equal(h.count, 16);
        const struct question fold_in = {.history = HISTORY_FOLD_IN};
        assert_int_equal(question_now(&fold_in, VIEW_FIT, &h, s.time[i]), h.time[15]);
        for (size_t k = 0; k < h.count; k++)
            assert_int_not_equal(h.movie[k], s.movie[i]);
    }
}

static void test_too_few(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    struct strong_params p = usual;
    fill(&s);
    p.min_ratings = 21;
    assert_int_equal(strong_assign(&p, &s.ratings, s.role, &err), STATUS_FAILED);
    assert_string_equal(err.text, "protocol strong: 0 users have 21 ratings or more of 4 stars or "
                                  "more: too few to be divided");
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(test_shares),        cmocka_unit_test(test_left_out_by_value),
        cmocka_unit_test(test_unknown_movie), cmocka_unit_test(test_views),
        cmocka_unit_test(test_without_test),  cmocka_unit_test(test_history),
        cmocka_unit_test(test_too_few),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(cases, NULL, NULL);
}
