#include "common/base/mem.h"
#include "common/data/csr.h"
#include "common/data/topk.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 37, COLUMNS = 53 };

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A random sparse matrix, and the same dense. Some rows and columns are empty. */
static void random_matrix(struct csr *m, float dense[ROWS][COLUMNS]) {
    uint32_t random = 7, count = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
        for (uint32_t c = 0; c < COLUMNS; c++) {
            bool filled = r % 5 != 0 && c % 7 != 3 && next_random(&random) % 4 == 0;
            dense[r][c] = filled ? (float)(next_random(&random) % 1000) - 500.5f : 0;
            count += filled;
        }
    }
    assert_int_equal(csr_alloc(m, ROWS, COLUMNS, count, NULL), STATUS_OK);
    uint64_t e = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
        for (uint32_t c = 0; c < COLUMNS; c++) {
            if (dense[r][c] == 0) continue;
            m->column[e] = c;
            m->value[e++] = dense[r][c];
        }
        m->offset[r + 1] = e;
    }
}

static void transpose_matches_dense(void **state) {
    (void)state;
    static float dense[ROWS][COLUMNS];
    AUTO(csr) struct csr m = {0}, t = {0};
    random_matrix(&m, dense);
    assert_int_equal(csr_transpose(&t, &m, NULL), STATUS_OK);
    assert_int_equal(t.n_rows, COLUMNS);
    assert_int_equal(t.n_columns, ROWS);
    assert_int_equal(t.count, m.count);
    assert_int_equal(t.offset[COLUMNS], m.count);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        for (uint64_t e = t.offset[c]; e < t.offset[c + 1]; e++) {
            assert_true(t.value[e] == dense[t.column[e]][c]);
            assert_true(e == t.offset[c] || t.column[e] > t.column[e - 1]);
        }
    }
}

static void add_row_matches_dense(void **state) {
    (void)state;
    static float dense[ROWS][COLUMNS];
    AUTO(csr) struct csr m = {0};
    random_matrix(&m, dense);
    for (uint32_t r = 0; r < ROWS; r++) {
        float y[COLUMNS];
        for (uint32_t c = 0; c < COLUMNS; c++) {
            y[c] = (float)c;
        }
        csr_add_row(&m, r, 0.5f, y);
        for (uint32_t c = 0; c < COLUMNS; c++) {
            assert_true(y[c] == (float)c + 0.5f * dense[r][c]);
        }
    }
}

static void empty_matrix(void **state) {
    (void)state;
    AUTO(csr) struct csr m = {0}, t = {0};
    assert_int_equal(csr_alloc(&m, 0, 3, 0, NULL), STATUS_OK);
    assert_int_equal(csr_transpose(&t, &m, NULL), STATUS_OK);
    assert_int_equal(t.n_rows, 3);
    assert_int_equal(t.offset[3], 0);
}

/* Selection by rank: how many entries beat this one. */
static size_t rank_of(const float *score, uint32_t count, uint32_t id) {
    size_t better = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (isnan(score[i])) continue;
        better += score[i] > score[id] || (score[i] == score[id] && i < id);
    }
    return better;
}

static void topk_matches_ranks(void **state) {
    (void)state;
    enum { COUNT = 500 };
    float score[COUNT];
    uint32_t random = 3;
    size_t kept = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        score[i] = i % 17 == 4 ? NAN : (float)(next_random(&random) % 40); /* many ties */
        kept += score[i] == score[i];
    }
    const size_t ks[] = {0, 1, 2, 10, 63, 499, 600};
    for (size_t n = 0; n < sizeof(ks) / sizeof(ks[0]); n++) {
        AUTO(topk) struct topk t = {0};
        assert_int_equal(topk_alloc(&t, ks[n], NULL), STATUS_OK);
        for (uint32_t i = 0; i < COUNT; i++) {
            uint32_t id = (i * 211) % COUNT; /* the order of arrival must not matter */
            topk_push(&t, score[id], id);
        }
        topk_sort(&t);
        assert_int_equal(t.count, ks[n] < kept ? ks[n] : kept);
        for (size_t i = 0; i < t.count; i++) {
            assert_true(t.heap[i].score == score[t.heap[i].id]);
            assert_int_equal(rank_of(score, COUNT, t.heap[i].id), i);
        }
        struct scored one_by_one[COUNT];
        size_t count = t.count;
        memcpy(one_by_one, t.heap, count * sizeof *one_by_one);
        topk_clear(&t);
        topk_push_row(&t, 0, score, 100);
        topk_push_row(&t, 100, score + 100, COUNT - 100);
        topk_sort(&t);
        assert_int_equal(t.count, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(t.heap[i].id, one_by_one[i].id);
        }
        topk_clear(&t);
        topk_push(&t, 1, 5);
        assert_int_equal(t.count, ks[n] > 0);
    }
}

static void topk_rows_in_any_order(void **state) {
    (void)state;
    const float score[] = {2, 2, 2, 2, 2, 2, 2, 2};
    AUTO(topk) struct topk t = {0};
    assert_int_equal(topk_alloc(&t, 3, NULL), STATUS_OK);
    topk_push_row(&t, 100, score, 8);
    topk_push_row(&t, 200, score, 8);
    topk_push_row(&t, 1, score, 2); /* equal scores: the smaller ids */
    topk_sort(&t);
    assert_int_equal(t.count, 3);
    assert_int_equal(t.heap[0].id, 1);
    assert_int_equal(t.heap[1].id, 2);
    assert_int_equal(t.heap[2].id, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transpose_matches_dense),
        cmocka_unit_test(add_row_matches_dense),
        cmocka_unit_test(empty_matrix),
        cmocka_unit_test(topk_matches_ranks),
        cmocka_unit_test(topk_rows_in_any_order),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sparse", tests, NULL, NULL);
}
