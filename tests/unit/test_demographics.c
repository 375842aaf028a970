/* Features of gender, age and occupation: odds counted by hand, and users of whom nothing is known.
 */
#include "common/data/history.h"
#include "tests/unit/feature_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Ages in years and bands fall together: 16 and 1; 30 and 25; 60 and 56. */
static const uint8_t ages[] = {1, 16, 25, 30, 56, 60, 0};
static const uint8_t bands[] = {1, 1, 2, 2, 3, 3, 0};

struct scene {
    struct world world;
    struct opened opened;
    struct feature_work *work;
};

static int set_up(void **state) {
    static struct scene s;
    struct error err = {0};
    world_random(&s.world);
    s.world.with_demographics = true;
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        s.world.gender[u] = (uint8_t)(u % 3);
        s.world.age[u] = ages[u % 7];
    }
    world_write(&s.world);
    s.opened = world_open(&s.world, VIEW_FIT);
    must(feature_work_create(&s.work, s.opened.context, &err), &err);
    *state = &s;
    return 0;
}

static int tear_down(void **state) {
    struct scene *s = *state;
    feature_work_release(s->work);
    world_close(&s->opened);
    world_remove(&s->world);
    return 0;
}

/* The features of `user` without a history for one movie. */
static void rows_of(const struct scene *s, uint32_t user, uint32_t movie, float x[256]) {
    struct error err = {0};
    const struct history none = {0};
    assert_true(feature_count(s->opened.context) <= 256);
    must(feature_prepare(s->work, &none, user, EPOCH, &err), &err);
    feature_rows(s->work, &movie, 1, x);
}

static size_t column(const struct scene *s, const char *name) {
    size_t at = feature_find(s->opened.context, name);
    assert_true(at != SIZE_MAX);
    return at;
}

/* From the base ratings alone, as view fit shows them. */
static double odds(const struct world *w, const uint8_t *level, uint32_t user, uint32_t movie) {
    double here = 0, of_movie = 0, of_level = 0, all = 0;
    for (uint32_t u = 0; u < w->n_users; u++) {
        for (uint64_t i = w->offset[u]; i < w->offset[u + 1]; i++) {
            if (w->role[i] != ROLE_BASE) continue;
            bool same = level[u] == level[user], this_one = w->movie[i] == movie;
            all++;
            of_movie += this_one;
            of_level += same;
            here += same && this_one;
        }
    }
    return level[user] == 0 ? 0 : log((here + 20) / (of_level / all * of_movie + 20));
}

static void odds_are_counted(void **state) {
    const struct scene *s = *state;
    uint8_t band[WORLD_USERS];
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        band[u] = bands[u % 7];
    }
    for (uint32_t user = 0; user < 10; user++) {
        for (uint32_t movie = 0; movie < WORLD_MOVIES; movie += 13) {
            float x[256];
            double gender = odds(&s->world, s->world.gender, user, movie);
            double age = odds(&s->world, band, user, movie);
            rows_of(s, user, movie, x);
            assert_float_equal(x[column(s, "demographics.gender")], (float)gender, 1e-5);
            assert_float_equal(x[column(s, "demographics.age")], (float)age, 1e-5);
            assert_float_equal(x[column(s, "demographics.occupation")], 0, 0);
            assert_float_equal(x[column(s, "demographics")], (float)(gender + age), 2e-5);
        }
    }
}

static void nobody_is_average(void **state) {
    const struct scene *s = *state;
    float x[256];
    rows_of(s, NO_INDEX, 3, x);
    assert_float_equal(x[column(s, "demographics")], 0, 0);
}

static void absent_without_users(void **state) {
    (void)state;
    static struct world world;
    world_random(&world);
    world_write(&world);
    struct opened o = world_open(&world, VIEW_FIT);
    assert_true(feature_find(o.context, "demographics") == SIZE_MAX);
    world_close(&o);
    world_remove(&world);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(odds_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_is_average, set_up, tear_down),
        cmocka_unit_test(absent_without_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
