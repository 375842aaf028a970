/* Which features the ranker leaves out: those that are named, and those that would mean nothing. */
#include "common/base/mem.h"
#include "common/models/model.h"
#include "stages/ranker/experiment.h"
#include "stages/ranker/feature_mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

static void leaves_features_out(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(strings) struct strings names = {0}, groups = {0};
    const char *const name[] = {"ease", "ease.last", "ease-liked", "mf", "user.gap", "user.length"};
    const char *const group[] = {"c", "c", "c", "rating", "user", "user"};
    for (size_t i = 0; i < 6; i++) {
        OK(strings_add(&names, name[i], &err));
        OK(strings_add(&groups, group[i], &err));
    }
    const struct {
        const char *list;
        float left[6];
    } cases[] = {{"none", {1, 1, 1, 1, 1, 1}},
                 {"ease", {0, 0, 1, 1, 1, 1}},
                 {"ease.last,mf", {1, 0, 1, 0, 1, 1}},
                 {"group:c,user.gap", {0, 0, 0, 1, 0, 1}},
                 {"user", {1, 1, 1, 1, 0, 0}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float scale[] = {1, 1, 1, 1, 1, 1};
        OK(feature_mask_apply(cases[i].list, &names, &groups, scale, &err));
        assert_memory_equal(scale, cases[i].left, sizeof scale);
    }
    float scale[6] = {0};
    assert_int_equal(feature_mask_apply("mf,eas", &names, &groups, scale, &err), STATUS_USAGE);
    assert_int_equal(feature_mask_apply("", &names, &groups, scale, &err), STATUS_OK);
    assert_int_equal(feature_mask_apply(",mf", &names, &groups, scale, &err), STATUS_USAGE);
}

/* Where held-out ratings were drawn by lot, ranking is told neither order nor times; the rating
 * head is. Without an order neither is. */
static void hides_what_has_no_meaning(void **state) {
    (void)state;
    const struct {
        struct occasion occasion;
        bool rank, rating;
    } cases[] = {{{.order = true}, true, true},
                 {{.order = true, .by_lot = true}, false, true},
                 {{.order = false}, false, false}};
    for (size_t i = 0; i < 3; i++) {
        struct experiment e = {.occasion = cases[i].occasion, .train = {.n_features = 3}};
        float scale[3] = {1, 1, 1}, rating[3] = {1, 1, 1};
        const uint8_t needs[] = {NEEDS_NEITHER, NEEDS_ORDER, NEEDS_CLOCK};
        e.ranges.scale = scale;
        e.rating_scale = rating;
        experiment_hide(&e, needs);
        assert_true(scale[0] == 1 && rating[0] == 1);
        assert_true((scale[1] == 1) == cases[i].rank && (scale[2] == 1) == cases[i].rank);
        assert_true((rating[1] == 1) == cases[i].rating && (rating[2] == 1) == cases[i].rating);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_features_out),
        cmocka_unit_test(hides_what_has_no_meaning),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("feature mask", tests, NULL, NULL);
}
