/* The protocols, the given files and the candidates of the split, on small hand-made data. */
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/data/roles.h"
#include "common/data/test_set.h"
#include "stages/split/pairs.h"
#include "stages/split/protocol.h"
#include "stages/split/protocol_movies.h"
#include "stages/split/targets.h"
#include "tests/unit/split_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- protocols ---- */

static void test_parse(void **state) {
    (void)state;
    struct error err = {0};
    struct protocol p = protocol_of("random:0.25");
    assert_int_equal(p.type, PROTOCOL_RANDOM);
    assert_int_equal(p.history, HISTORY_ALL);
    assert_true(fabs(p.fraction - 0.25) < 1e-12);
    assert_int_equal(protocol_of("users:7").users, 7);
    assert_int_equal(protocol_of("temporal").history, HISTORY_CUT);
    assert_int_equal(protocol_of("strong:0.2").history, HISTORY_FOLD_IN);
    static const char *const wrong[] = {
        "",           "rand",          "random:",        "random:1", "random:0",
        "users:0",    "users:2.5",     "users:x",        "given:1",  "random:nan",
        "strong:0.5", "temporal:0.2x", "leave-one-out:1"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(protocol_parse(&p, wrong[i], &err), STATUS_USAGE);
}

static void test_leave_one_out(void **state) {
    (void)state;
    static struct small s;
    static const uint32_t count[] = {1, 2, 3, 4, 5, 7, 12, 15, 0};
    static const char *const expected[] = {
        "b", "bt", "bvt", "brvt", "bbrvt", "bbbrrvt", "bbbbbrrrrrvt", "bbbbbbbbrrrrrvt", ""};
    struct protocol p = protocol_of("leave-one-out");
    small_fill(&s, count, 9, 20);
    assign(&p, &s);
    for (uint32_t u = 0; u < 9; u++)
        assert_string_equal(letters(&s, u), expected[u]);
}

static void test_rank_last_none(void **state) {
    (void)state;
    static struct small s;
    struct protocol p = protocol_of("leave-one-out");
    p.rank_last = 0;
    small_fill(&s, (const uint32_t[]){6}, 1, 20);
    assign(&p, &s);
    assert_string_equal(letters(&s, 0), "bbbbvt");
}

/* Of the newcomers, the first thirty ratings and the last are the ranker's. */
static void test_rank_newcomers(void **state) {
    (void)state;
    static struct small s;
    struct protocol p = protocol_of("leave-one-out");
    uint32_t count[MAX_USERS], drawn = 0;
    for (uint32_t u = 0; u < MAX_USERS; u++)
        count[u] = 40;
    p.newcomers = 0.25;
    p.rank_last = 2;
    small_fill(&s, count, MAX_USERS, 60);
    assign(&p, &s);
    for (uint32_t u = 0; u < MAX_USERS; u++) {
        const uint8_t *role = s.role + s.offset[u];
        bool newcomer = role[0] == ROLE_RANK;
        drawn += newcomer;
        for (uint64_t i = 0; i < 36; i++)
            assert_int_equal(role[i], !newcomer ? ROLE_BASE
                                      : i < 30  ? ROLE_RANK
                                                : ROLE_RANK_FOLD_IN);
        for (uint64_t i = 36; i < 40; i++)
            assert_int_equal(role[i], i < 38 ? ROLE_RANK : i < 39 ? ROLE_VALID : ROLE_TEST);
    }
    assert_in_range(drawn, MAX_USERS / 8, MAX_USERS * 3 / 8);
}

static void test_given(void **state) {
    (void)state;
    static struct small s;
    struct protocol p = protocol_of("given");
    p.rank_last = 2;
    small_fill(&s, (const uint32_t[]){7, 7, 1, 2}, 4, 20);
    s.role[2] = ROLE_TEST;           /* user 0: not the last */
    s.role[s.offset[2]] = ROLE_TEST; /* user 2: the only one */
    assign(&p, &s);
    assert_string_equal(letters(&s, 0), "bbtbrrv");
    assert_string_equal(letters(&s, 1), "bbbbrrv");
    assert_string_equal(letters(&s, 2), "t");
    assert_string_equal(letters(&s, 3), "bv");
}

static void test_given_valid(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    struct protocol p = protocol_of("given");
    p.rank_last = 2;
    small_fill(&s, (const uint32_t[]){7}, 1, 20);
    s.role[0] = ROLE_VALID;
    s.role[6] = ROLE_TEST;
    assert_ok(protocol_assign(&p, &s.ratings, true, s.role, &err), &err);
    assert_string_equal(letters(&s, 0), "vbbbrrt");
}

static void test_random(void **state) {
    (void)state;
    static struct small s, again;
    struct protocol p = protocol_of("random:0.3");
    small_fill(&s, many, MAX_USERS, 200);
    small_fill(&again, many, MAX_USERS, 200);
    assign(&p, &s);
    assign(&p, &again);
    assert_memory_equal(s.role, again.role, sizeof(s.role));
    double n = (double)s.ratings.count; /* 3666: four standard deviations are 0.03 */
    double test = (double)count_role(&s, ROLE_TEST) / n;
    double rank = (double)count_role(&s, ROLE_RANK) / (n * 0.7);
    double valid = (double)count_role(&s, ROLE_VALID) / (n * 0.7);
    assert_true(fabs(test - 0.3) < 0.03);
    assert_true(fabs(rank - 0.1) < 0.025);
    assert_true(fabs(valid - 0.05) < 0.018);
    for (uint32_t u = 0; u < MAX_USERS; u++)
        assert_non_null(strchr(letters(&s, u), 'b'));
    p.seed = 2;
    memset(again.role, 0, sizeof(again.role));
    assign(&p, &again);
    assert_memory_not_equal(s.role, again.role, sizeof(s.role));
}

/* The roles of what is not test must be the same when the test ratings are not there at all. */
static void test_given_without_test(void **state) {
    (void)state;
    static struct small s, less;
    for (unsigned rule = HISTORY_PREFIX; rule <= HISTORY_ALL; rule++) {
        struct protocol p = protocol_of("given");
        p.history = (enum history_rule)rule;
        small_fill(&s, many, MAX_USERS, 200);
        for (uint64_t i = 0; i < s.ratings.count; i += 7)
            s.role[i] = ROLE_TEST;
        small_fill(&less, many, MAX_USERS, 200);
        uint64_t n = 0;
        for (uint32_t u = 0; u < MAX_USERS; u++) {
            for (uint64_t i = s.offset[u]; i < s.offset[u + 1]; i++) {
                if (s.role[i] == ROLE_TEST) continue;
                less.movie[n] = s.movie[i];
                less.time[n++] = s.time[i];
            }
            less.offset[u + 1] = n;
        }
        less.ratings.count = n;
        assign(&p, &s);
        assign(&p, &less);
        n = 0;
        for (uint64_t i = 0; i < s.ratings.count; i++)
            if (s.role[i] != ROLE_TEST) assert_int_equal(s.role[i], less.role[n++]);
        assert_int_equal(n, less.ratings.count);
        assert_true(count_role(&s, ROLE_VALID) > 0 && count_role(&s, ROLE_RANK) > 0);
    }
}

static void test_users(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    struct protocol p = protocol_of("users:20");
    uint32_t held_out = 0;
    small_fill(&s, many, MAX_USERS, 200);
    assign(&p, &s);
    for (uint32_t u = 0; u < MAX_USERS; u++) {
        const char *text = letters(&s, u);
        if (strchr(text, 'f') == NULL) {
            assert_null(strchr(text, 't'));
            assert_int_equal(text[0], 'b');
            continue;
        }
        size_t size = strlen(text), n_test = 0;
        for (size_t i = 0; i < size; i++)
            n_test += text[i] == 't';
        assert_int_equal(strspn(text, "ft"), size);
        assert_int_equal(n_test, size == 60 ? 12 : 1);
        held_out++;
    }
    assert_int_equal(held_out, 20);
    p.users = 63; /* one of the 64 has a single rating; nobody would remain */
    assert_int_equal(protocol_assign(&p, &s.ratings, false, s.role, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "holding out 63 users: only 63 have 2 ratings or more"));
}

/* The same users whatever is known of them, and everybody else is treated alike. */
static void test_newcomers(void **state) {
    (void)state;
    static struct small s, none;
    static const uint32_t count[] = {30, 20, 21, 40, 3, 25};
    struct protocol p = protocol_of("users:2");
    p.known = 0;
    small_fill(&none, count, 6, 100);
    assign(&p, &none);
    for (uint32_t known = 1; known <= 20; known += 19) {
        uint32_t held_out = 0;
        p.known = known;
        small_fill(&s, count, 6, 100);
        assign(&p, &s);
        for (uint32_t u = 0; u < 6; u++) {
            bool newcomer = none.role[none.offset[u]] == ROLE_TEST;
            held_out += newcomer;
            assert_true(!newcomer || count[u] > 20);
            for (uint64_t i = s.offset[u]; i < s.offset[u + 1]; i++) {
                uint64_t place = i - s.offset[u];
                enum role expected = !newcomer            ? none.role[i]
                                     : place < known      ? ROLE_FOLD_IN
                                     : place < known + 10 ? ROLE_TEST
                                                          : ROLE_LEFT_OUT;
                assert_int_equal(s.role[i], expected);
            }
        }
        assert_int_equal(held_out, 2);
    }
}

static void test_movies(void **state) {
    (void)state;
    static struct small s, fewer;
    struct protocol p = protocol_of("movies:0.2");
    p.rank_fraction = 0.25;
    p.valid_fraction = 0.1;
    assert_int_equal(p.history, HISTORY_ALL);
    small_fill(&s, many, MAX_USERS, 200);
    assign(&p, &s);
    uint32_t n_role[ROLES] = {0};
    int16_t role[200];
    memset(role, -1, sizeof(role));
    for (uint64_t i = 0; i < s.ratings.count; i++) {
        if (role[s.movie[i]] < 0) n_role[s.role[i]]++;
        assert_true(role[s.movie[i]] < 0 || role[s.movie[i]] == s.role[i]);
        role[s.movie[i]] = s.role[i];
    }
    uint32_t n = n_role[ROLE_TEST] + n_role[ROLE_RANK] + n_role[ROLE_VALID] + n_role[ROLE_BASE];
    assert_in_range(n_role[ROLE_TEST] * 100 / n, 12, 28);
    assert_in_range(n_role[ROLE_RANK] * 100 / n, 12, 28);
    assert_in_range(n_role[ROLE_VALID] * 100 / n, 2, 14);
    /* A movie's lot does not depend on the other ratings. */
    small_fill(&fewer, many, MAX_USERS / 2, 200);
    assign(&p, &fewer);
    for (uint64_t i = 0; i < fewer.ratings.count; i++)
        assert_int_equal(fewer.role[i], role[fewer.movie[i]]);
}

static void test_movies_candidates(void **state) {
    (void)state;
    static struct small s;
    static const uint32_t count[] = {4, 2, 1};
    struct error err = {0};
    small_fill(&s, count, 3, 10); /* 0 1 2 3; 1 2; 2 */
    uint64_t by_movie_offset[] = {0, 1, 3, 6, 7, 7, 7, 7, 7, 7, 7},
             by_movie[] = {0, 1, 4, 2, 5, 6, 3};
    s.ratings.by_movie_offset = by_movie_offset;
    s.ratings.by_movie_rating = by_movie;
    for (uint64_t i = 0; i < s.ratings.count; i++)
        s.role[i] = s.movie[i] == 0 || s.movie[i] == 2 || s.movie[i] == 3 ? ROLE_TEST : ROLE_BASE;
    AUTO(test_set) struct test_set t = {0};
    assert_ok(targets_from_roles(&t, &s.ratings, s.role, TARGET_ALL, 1, &err), &err);
    assert_ok(movies_candidates(&t, &s.ratings, s.role, &err), &err);
    const uint64_t offset[] = {0, 0, 2, 4};
    const uint32_t movie[] = {0, 3, 0, 3};
    assert_memory_equal(t.candidate_offset, offset, sizeof(offset));
    assert_memory_equal(t.candidate_movie, movie, sizeof(movie));
}

/* ---- given files ---- */

static uint32_t user_ids[] = {7, 8, 900};
static uint32_t movie_ids[] = {10, 20, 30, 40, 50};
static const struct catalogue catalogue = {
    .n_users = 3, .n_movies = 5, .user_id = user_ids, .movie_id = movie_ids};

static char file_path[] = "/tmp/marquee-split-XXXXXX";

static int make_file(void **state) {
    (void)state;
    int fd = mkstemp(file_path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state) {
    (void)state;
    return unlink(file_path);
}

static void write_file(const char *text, size_t size) {
    FILE *file = fopen(file_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void assert_pairs(const char *text) {
    struct error err = {0};
    AUTO(pairs) struct pairs p = {0};
    write_file(text, strlen(text));
    assert_ok(pairs_read(&p, &catalogue, file_path, &err), &err);
    assert_int_equal(p.offset[1], 1);
    assert_int_equal(p.offset[2], 1);
    assert_int_equal(p.offset[3], 3);
    assert_int_equal(p.movie[0], 1);
    assert_int_equal(p.movie[1], 4);
    assert_int_equal(p.movie[2], 0);
}

static void test_pairs(void **state) {
    (void)state;
    assert_pairs("900,50\n7,20\n900,10\n");
    assert_pairs("userId,movieId\n900,50\n7,20\n900,10");
    assert_pairs("\xEF\xBB\xBFuserId,movieId\r\n900,50\r\n\r\n7,20\r\n900,10\r\n");
    assert_pairs("userId,movieId,rating\n900, 50,3.5\n7,20,\n900,10,5\n");
    struct error err = {0};
    AUTO(pairs) struct pairs p = {0};
    const char *text = "7,20,4.5,1234\n8,30,,99\n8,40,2\n";
    write_file(text, strlen(text));
    assert_ok(pairs_read(&p, &catalogue, file_path, &err), &err);
    assert_true(p.rating[0] == 4.5F && p.time[0] == 1234);
    assert_true(isnan(p.rating[1]) && p.time[1] == 99);
    assert_true(p.rating[2] == 2.0F && p.time[2] == INT64_MIN);
}

static void assert_refused(const char *text, const char *said) {
    struct error err = {0};
    struct pairs p;
    char expected[ERROR_TEXT_SIZE];
    write_file(text, strlen(text));
    assert_int_equal(pairs_read(&p, &catalogue, file_path, &err), STATUS_FAILED);
    snprintf(expected, sizeof(expected), "%s%s", file_path, said);
    assert_string_equal(err.text, expected);
    assert_null(p.movie);
}

static void test_bad_pairs(void **state) {
    (void)state;
    assert_refused("", ": the file is empty");
    assert_refused("7,20\nx,20\n", ":2: userId \"x\" is no number");
    assert_refused("7,20\n-8,20\n", ":2: userId \"-8\" is no number");
    assert_refused("9,20\n", ":1: userId \"9\" has no ratings");
    assert_refused("7\n", ":1: movieId \"\" is no number");
    assert_refused("7,25\n", ":1: movieId \"25\" is no movie of the dataset");
    assert_refused("7,99999999999\n", ":1: movieId \"99999999999\" is no number");
    assert_refused("7,20,4.2\n", ":1: rating \"4.2\" is not a half star between 0.5 and 5.0");
    assert_refused("7,20,5.5\n", ":1: rating \"5.5\" is not a half star between 0.5 and 5.0");
    assert_refused("7,20,nan\n", ":1: rating \"nan\" is not a half star between 0.5 and 5.0");
    assert_refused("7,20,4,-1\n", ":1: timestamp \"-1\" is not a number of seconds");
    assert_refused("7,20,4,1,9\n", ":1: field \"9\" is one too many");
    assert_refused("u,m\n7,20\n8,20\n7,20\n", ":4: userId 7, movieId 20 is given twice");
    struct error err = {0};
    struct pairs p;
    write_file("7,2\0,4\n", 8);
    assert_int_equal(pairs_read(&p, &catalogue, file_path, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "there is a NUL byte at offset 3"));
}

static void test_candidates_file(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(pairs) struct pairs p = {0};
    const char *text = "userId,movieId\n900,50,10,50\n7,20\n";
    static const uint32_t expected[] = {1, 4, 0, 4}; /* order and repetition kept */
    write_file(text, strlen(text));
    assert_ok(pairs_read_candidates(&p, &catalogue, file_path, &err), &err);
    assert_int_equal(p.offset[3], 4);
    assert_memory_equal(p.movie, expected, sizeof(expected));
}

/* User 0 rated movies 0, 1, 2; user 1 movies 1, 2, 3; user 2 movies 2, 3, 4. */
static void test_mark(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    AUTO(pairs) struct pairs p = {0};
    AUTO(test_set) struct test_set t = {0};
    uint64_t missing = 0;
    small_fill(&s, (const uint32_t[]){3, 3, 3}, 3, 5);
    const char *text = "900,40\n7,50,3.5\n7,20\n";
    write_file(text, strlen(text));
    assert_ok(pairs_read(&p, &catalogue, file_path, &err), &err);
    assert_int_equal(pairs_mark(&p, &s.ratings, ROLE_TEST, false, s.role, &missing, &err),
                     STATUS_FAILED);
    char expected[512];
    snprintf(expected, sizeof(expected),
             "%s:2: userId 7 has not rated movieId 50 (--missing allow takes it all the same)",
             file_path);
    assert_string_equal(err.text, expected);
    assert_ok(pairs_mark(&p, &s.ratings, ROLE_TEST, true, s.role, &missing, &err), &err);
    assert_int_equal(missing, 1);
    assert_string_equal(letters(&s, 0), "btb");
    assert_string_equal(letters(&s, 2), "btb");
    assert_ok(targets_from_pairs(&t, &p, &s.ratings, &err), &err);
    assert_int_equal(targets_users(&t), 2);
    assert_int_equal(t.movie[0], 4);                       /* in the order of the file */
    assert_true(t.rating[0] == 3.5F && t.time[0] == 1020); /* user's newest */
    assert_int_equal(t.movie[1], 1);
    assert_true(t.rating[1] == 1.0F && t.time[1] == 1010);
}

static void test_targets_from_roles(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    AUTO(test_set) struct test_set t = {0};
    small_fill(&s, (const uint32_t[]){3, 3, 3}, 3, 5);
    s.role[1] = s.role[2] = s.role[8] = ROLE_TEST;
    assert_ok(targets_from_roles(&t, &s.ratings, s.role, TARGET_ALL, 1, &err), &err);
    assert_int_equal(t.offset[1], 2);
    assert_int_equal(t.offset[2], 2);
    assert_int_equal(t.offset[3], 3);
    assert_int_equal(t.movie[2], 4);
    assert_true(t.rating[2] == 2.5F && t.time[2] == 1020);
}

/* ---- candidates ---- */

static void assert_candidates(const struct test_set *t, const struct ratings *r, uint32_t count) {
    for (uint32_t u = 0; u < r->n_users; u++) {
        bool taken[512] = {false};
        uint64_t n_known = r->offset[u + 1] - r->offset[u];
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++)
            taken[r->movie[i]] = true;
        uint64_t n = t->candidate_offset[u + 1] - t->candidate_offset[u];
        bool has_target = t->offset[u] < t->offset[u + 1];
        uint64_t left = r->n_movies - n_known;
        assert_int_equal(n, !has_target ? 0 : left < count ? left : count);
        for (uint64_t i = t->candidate_offset[u]; i < t->candidate_offset[u + 1]; i++) {
            assert_true(t->candidate_movie[i] < r->n_movies);
            assert_false(taken[t->candidate_movie[i]]); /* neither known nor drawn before */
            taken[t->candidate_movie[i]] = true;
        }
    }
}

static void test_draw_candidates(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    static const struct {
        uint32_t n_movies, count;
    } cases[] = {{500, 99}, {100, 30}, {100, 99}, {61, 5}, {400, 170}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO(test_set) struct test_set t = {0};
        struct protocol p = protocol_of("leave-one-out");
        small_fill(&s, many, MAX_USERS, cases[i].n_movies);
        assign(&p, &s);
        assert_ok(targets_from_roles(&t, &s.ratings, s.role, TARGET_ALL, 1, &err), &err);
        assert_ok(targets_draw_candidates(&t, &s.ratings, cases[i].count, 1, &err), &err);
        assert_candidates(&t, &s.ratings, cases[i].count);
    }
}

/* A target that the user has no rating of is no candidate either. */
static void test_candidates_of_given_targets(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    static const uint32_t count[] = {3};
    for (uint32_t n_movies = 6; n_movies <= 12; n_movies += 6) { /* by a list, and by lot */
        uint64_t offset[] = {0, 2};
        uint32_t movie[] = {n_movies - 2, n_movies - 1};
        struct test_set t = {.n_users = 1, .offset = offset, .movie = movie};
        small_fill(&s, count, 1, n_movies);
        assert_ok(targets_draw_candidates(&t, &s.ratings, n_movies - 5, 1, &err), &err);
        assert_int_equal(t.candidate_offset[1], n_movies - 5);
        for (uint32_t i = 0; i < n_movies - 5; i++)
            assert_in_range(t.candidate_movie[i], 3, n_movies - 3);
        mem_free(t.candidate_offset);
        mem_free(t.candidate_movie);
    }
}

/* Every movie that is left comes up equally often: 20,000 draws of 1 among 10, for both ways. */
static void test_candidates_uniform(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    for (uint32_t known = 3; known <= 10; known += 7) {
        uint32_t n_movies = 10 + known, hits[32] = {0};
        small_fill(&s, &known, 1, n_movies);
        s.role[known - 1] = ROLE_TEST;
        for (uint64_t seed = 0; seed < 20000; seed++) {
            AUTO(test_set) struct test_set t = {0};
            assert_ok(targets_from_roles(&t, &s.ratings, s.role, TARGET_ALL, 1, &err), &err);
            assert_ok(targets_draw_candidates(&t, &s.ratings, 1, seed, &err), &err);
            hits[t.candidate_movie[0]]++;
        }
        for (uint32_t m = known; m < n_movies; m++) /* five standard deviations are 212 */
            assert_true(hits[m] > 1788 && hits[m] < 2212);
    }
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_leave_one_out),
        cmocka_unit_test(test_rank_last_none),
        cmocka_unit_test(test_rank_newcomers),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_given_valid),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_given_without_test),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_newcomers),
        cmocka_unit_test(test_movies),
        cmocka_unit_test(test_movies_candidates),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_bad_pairs),
        cmocka_unit_test(test_candidates_file),
        cmocka_unit_test(test_mark),
        cmocka_unit_test(test_targets_from_roles),
        cmocka_unit_test(test_draw_candidates),
        cmocka_unit_test(test_candidates_of_given_targets),
        cmocka_unit_test(test_candidates_uniform),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(cases, make_file, remove_file);
}
