/* Temporal splits: where they cut, what begins behind a cut, and what is to be found. */
#include "common/base/mem.h"
#include "common/data/test_set.h"
#include "stages/split/targets.h"
#include "tests/unit/split_fixture.h"

#include <math.h>

/* Roles of ratings whose times are all different: everything of one role is newer than everything
 * of the one before it, and users are either the ranker's or validation's. */
static void test_temporal(void **state) {
    (void)state;
    static struct small s;
    struct protocol p = protocol_of("temporal:0.2");
    p.rank_fraction = 0.25;
    p.valid_fraction = 0.3;
    small_fill(&s, many, MAX_USERS, 200);
    for (uint32_t u = 0; u < MAX_USERS; u++)
        for (uint64_t i = s.offset[u]; i < s.offset[u + 1]; i++)
            s.time[i] = (int64_t)((i - s.offset[u]) * 1000 + u);
    assign(&p, &s);
    uint64_t newer_than_full = 0, between = 0;
    for (uint32_t u = 0; u < MAX_USERS; u++) {
        bool rank = false, valid = false;
        for (uint64_t i = s.offset[u]; i < s.offset[u + 1]; i++) {
            rank = rank || s.role[i] == ROLE_RANK;
            valid = valid || s.role[i] == ROLE_VALID;
            bool first = i == s.offset[u];
            if (s.time[i] <= p.cuts.fit) {
                assert_true(s.role[i] == ROLE_BASE || s.role[i] == ROLE_FOLD_IN);
            } else if (s.time[i] <= p.cuts.full) {
                assert_true(s.role[i] == ROLE_RANK || s.role[i] == ROLE_VALID ||
                            (first && s.role[i] == ROLE_RANK_FOLD_IN));
                between++;
            } else {
                assert_true(s.role[i] == ROLE_TEST || (first && s.role[i] == ROLE_FOLD_IN));
                newer_than_full++;
            }
        }
        assert_false(rank && valid);
    }
    double n = (double)s.ratings.count;
    assert_true(fabs((double)newer_than_full / n - 0.2) < 0.001);
    assert_true(fabs((double)between / n - 0.2) < 0.001); /* a quarter of the other four fifths */
    assert_true(count_role(&s, ROLE_VALID) > 0);
}

static void test_temporal_same_moment(void **state) {
    (void)state;
    static struct small s;
    struct error err = {0};
    struct protocol p = protocol_of("temporal:0.2");
    small_fill(&s, many, MAX_USERS, 200);
    for (uint64_t i = 0; i < s.ratings.count; i++)
        s.time[i] = 5;
    assert_int_equal(protocol_assign(&p, &s.ratings, false, s.role, &err), STATUS_FAILED);
    assert_string_equal(err.text, "protocol temporal: none of the 3666 ratings is left to test");
}

/* Eleven ratings at 0, 10, ..., 100. The quantile 0.75 lies between 70 and 80, at 75; of the eight
 * up to that the quantile 0.5 is 35. */
static void test_temporal_cuts_at_interpolated_quantiles(void **state) {
    (void)state;
    static struct small s;
    static const uint32_t count[] = {11};
    struct protocol p = protocol_of("temporal:0.25");
    p.rank_fraction = 0.5;
    p.valid_fraction = 0;
    small_fill(&s, count, 1, 20);
    for (uint64_t i = 0; i < 11; i++)
        s.time[i] = 10 * (int64_t)i;
    assign(&p, &s);
    assert_int_equal(p.cuts.full, 75);
    assert_int_equal(p.cuts.fit, 35);
    assert_string_equal(letters(&s, 0), "bbbbrrrrttt");
}

static void test_temporal_cuts_as_given(void **state) {
    (void)state;
    static struct small s;
    static const uint32_t count[] = {11};
    struct error err = {0};
    struct protocol p = protocol_of("temporal:0.25");
    p.valid_fraction = 0;
    p.cut = 40;
    p.fit_cut = 15;
    small_fill(&s, count, 1, 20);
    for (uint64_t i = 0; i < 11; i++)
        s.time[i] = 10 * (int64_t)i;
    assign(&p, &s);
    assert_string_equal(letters(&s, 0), "bbrrrtttttt");
    p.fit_cut = 41;
    assert_int_equal(protocol_assign(&p, &s.ratings, false, s.role, &err), STATUS_USAGE);
    assert_string_equal(err.text, "--fit-cut: 41 is later than the cut that divides, 40");
}

/* Cuts at 9 and 4. Who begins behind a cut is asked from the second rating on; who has one rating
 * up to the later cut teaches nothing. */
static void test_temporal_first_ratings(void **state) {
    (void)state;
    static struct small s;
    static const uint32_t count[] = {6, 3, 4, 2};
    static const int64_t time[] = {0, 1, 2, 3, 4, 4, 6, 8, 9, 10, 12, 13, 14, 4, 11};
    struct protocol p = protocol_of("temporal:0.4");
    p.rank_fraction = 0.3;
    p.valid_fraction = 0;
    small_fill(&s, count, 4, 20);
    memcpy(s.time, time, sizeof time);
    assign(&p, &s);
    assert_int_equal(p.cuts.full, 8);
    assert_int_equal(p.cuts.fit, 4);
    assert_string_equal(letters(&s, 0), "bbbbbb");
    assert_string_equal(letters(&s, 1), "Rrt");
    assert_string_equal(letters(&s, 2), "fttt");
    assert_string_equal(letters(&s, 3), "ft");
}

/* Held out are the ratings number 3 to 5 of the user. */
static void test_targets_of_each_rule(void **state) {
    (void)state;
    static struct small s;
    static const uint32_t count[] = {6, 4, 5};
    struct error err = {0};
    small_fill(&s, count, 3, 20);
    for (uint64_t i = 3; i < 6; i++)
        s.role[i] = ROLE_TEST;
    s.role[14] = ROLE_TEST;
    static const struct {
        enum target_rule rule;
        size_t of_first, lists;
        uint32_t movie; /* of the first target */
    } expected[] = {{TARGET_ALL, 3, 2, 3},
                    {TARGET_SUCCESSIVE, 3, 4, 3},
                    {TARGET_FIRST, 1, 2, 3},
                    {TARGET_LAST, 1, 2, 5}};
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        AUTO(test_set) struct test_set t = {0};
        MEM_AUTO struct test_list *list = NULL;
        size_t n_lists = 0;
        assert_ok(targets_from_roles(&t, &s.ratings, s.role, expected[k].rule, 1, &err), &err);
        assert_int_equal(t.offset[1], expected[k].of_first);
        assert_int_equal(t.offset[2], t.offset[1]);
        assert_int_equal(t.movie[0], expected[k].movie);
        assert_ok(test_lists(&list, &n_lists, &t, expected[k].rule == TARGET_SUCCESSIVE, &err),
                  &err);
        assert_int_equal(n_lists, expected[k].lists);
        assert_int_equal(list[n_lists - 1].user, 2);
        assert_int_equal(list[n_lists - 1].end, t.offset[3]);
    }
    bool drawn[6] = {false};
    for (uint64_t seed = 0; seed < 40; seed++) {
        AUTO(test_set) struct test_set t = {0};
        assert_ok(targets_from_roles(&t, &s.ratings, s.role, TARGET_RANDOM, seed, &err), &err);
        assert_int_equal(t.offset[1], 1);
        drawn[t.movie[0]] = true;
    }
    assert_true(drawn[3] && drawn[4] && drawn[5]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_temporal),
        cmocka_unit_test(test_temporal_same_moment),
        cmocka_unit_test(test_temporal_cuts_at_interpolated_quantiles),
        cmocka_unit_test(test_temporal_cuts_as_given),
        cmocka_unit_test(test_temporal_first_ratings),
        cmocka_unit_test(test_targets_of_each_rule),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
