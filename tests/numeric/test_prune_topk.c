/* Pruning against sorting, with ties, zeros and NaN. */
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/models/prune_topk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

enum { N = 300 };

static const float *sorted_by;

static int compare(const void *a, const void *b) {
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    float x = fabsf(sorted_by[i]), y = fabsf(sorted_by[j]);
    return x > y ? -1 : x < y ? 1 : i < j ? -1 : i > j;
}

/* The kept ones are the first of all in order; here as flags. */
static void expect(bool *kept, const float *weights, uint32_t target, size_t keep) {
    uint32_t order[N], count = 0;
    for (uint32_t i = 0; i < N; i++) {
        kept[i] = false;
        if (i != target && weights[i] != 0 && !isnan(weights[i])) order[count++] = i;
    }
    sorted_by = weights;
    qsort(order, count, sizeof(order[0]), compare);
    for (size_t k = 0; k < keep && k < count; k++) {
        kept[order[k]] = true;
    }
}

static void check(const float *weights, uint32_t target, size_t keep) {
    struct error err = {0};
    AUTO(pruned) struct pruned s = {0};
    uint32_t scratch[N], kept = 0;
    bool expected[N];
    assert_int_equal(pruned_alloc(&s, N, keep, &err), STATUS_OK);
    pruned_take(&s, target, weights, scratch);
    expect(expected, weights, target, keep);
    for (uint32_t i = 0; i < N; i++) {
        if (!expected[i]) continue;
        size_t at = (size_t)target * s.keep + kept++;
        assert_int_equal(s.from[at], i);
        assert_true(s.weight[at] == weights[i]);
    }
    assert_int_equal(s.count[target], kept);
}

static void test_keeps_what_sorting_puts_first(void **state) {
    (void)state;
    struct rng rng = rng_keyed(1, "test", 0, 0);
    float weights[N];
    for (uint32_t turn = 0; turn < 40; turn++) {
        for (uint32_t i = 0; i < N; i++) {
            double x = rng_normal(&rng);
            /* By turns all different, mostly equal, mostly 0. */
            weights[i] = (float)(turn % 3 == 0 ? x : turn % 3 == 1 ? round(x * 4) / 4 : trunc(x));
        }
        weights[7] = NAN;
        weights[8] = -1e-40F; /* a subnormal number */
        for (size_t keep = 1; keep <= N; keep += 37) {
            check(weights, turn * 7, keep);
        }
        check(weights, turn, N);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keeps_what_sorting_puts_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
