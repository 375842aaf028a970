#include "common/base/buf.h"
#include "common/base/mem.h"
#include "tests/unit/support.h"

static void alloc_is_zeroed_and_aligned(void **state) {
    (void)state;
    struct error err = {0};
    for (size_t count = 0; count < 200; count += 13) {
        MEM_AUTO double *x = NULL;
        assert_int_equal(MEM_NEW(&x, count, &err), STATUS_OK);
        assert_non_null(x);
        assert_int_equal((uintptr_t)x % 64, 0);
        for (size_t i = 0; i < count; i++) {
            assert_true(x[i] == 0);
        }
    }
}

static void alloc_refuses_overflow(void **state) {
    (void)state;
    struct error err = {0};
    int unused = 0;
    int *x = &unused;
    assert_int_equal(MEM_NEW(&x, SIZE_MAX / 2, &err), STATUS_FAILED);
    assert_null(x);
    assert_non_null(strstr(err.text, "out of memory: 9223372036854775807 elements of 4 bytes"));
    assert_int_equal(mem_alloc(&x, SIZE_MAX - 3, 1, &err), STATUS_FAILED);
    assert_int_equal(mem_alloc(&x, SIZE_MAX / 2 - 64, 1, &err), STATUS_FAILED);
    assert_int_equal(MEM_NEW(&x, SIZE_MAX / 4 + 2, &err), STATUS_FAILED); /* modulo 2^64: 4 bytes */
    assert_null(x);
}

static void grow_refuses_overflow(void **state) {
    (void)state;
    struct error err = {0};
    int *x = NULL;
    size_t capacity = 0; /* doubled until it holds them, this many are 0 bytes modulo 2^64 */
    assert_int_equal(mem_grow(&x, &capacity, SIZE_MAX / 4 + 2, 4, &err), STATUS_FAILED);
    assert_null(x);
    assert_int_equal(capacity, 0);
}

static void multiply_notices_overflow(void **state) {
    (void)state;
    size_t product = 0;
    assert_true(mem_multiply(SIZE_MAX / 3, 3, &product));
    assert_int_equal(product, SIZE_MAX / 3 * 3);
    assert_false(mem_multiply(SIZE_MAX / 3 + 1, 3, &product));
    assert_true(mem_multiply(0, SIZE_MAX, &product));
    assert_int_equal(product, 0);
}

static void grow_keeps_the_elements(void **state) {
    (void)state;
    struct error err = {0};
    MEM_AUTO uint32_t *x = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(mem_grow(&x, &capacity, i + 1, sizeof *x, &err), STATUS_OK);
        assert_true(capacity > i);
        x[i] = i * 7;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(x[i], i * 7);
    }
    assert_true(capacity < 4000);
}

static void failed_grow_changes_nothing(void **state) {
    (void)state;
    struct error err = {0};
    MEM_AUTO uint32_t *x = NULL;
    size_t capacity = 0;
    assert_int_equal(mem_grow(&x, &capacity, 3, sizeof *x, &err), STATUS_OK);
    uint32_t *const before = x;
    const size_t capacity_before = capacity;
    assert_int_equal(mem_grow(&x, &capacity, SIZE_MAX / 2, sizeof *x, &err), STATUS_FAILED);
    assert_ptr_equal(x, before);
    assert_int_equal(capacity, capacity_before);
}

static void buffer_appends_and_stays_terminated(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(buf) struct buf b = {0};
    assert_int_equal(buf_append(&b, "a\0b", 3, &err), STATUS_OK);
    assert_int_equal(buf_puts(&b, "cd", &err), STATUS_OK);
    assert_int_equal(buf_printf(&b, &err, "<%05d|%s>", 42, "text"), STATUS_OK);
    assert_int_equal(b.size, 17);
    assert_memory_equal(b.data, "a\0bcd<00042|text>", 18);
    buf_clear(&b);
    assert_int_equal(b.size, 0);
    assert_string_equal(b.data, "");
    buf_release(&b);
    assert_null(b.data);
    assert_int_equal(buf_puts(&b, "again", &err), STATUS_OK);
    assert_string_equal(b.data, "again");
}

static void buffer_takes_long_formats(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(buf) struct buf b = {0};
    for (int i = 0; i < 100; i++) {
        assert_int_equal(buf_printf(&b, &err, "%1000d", i), STATUS_OK);
    }
    assert_int_equal(b.size, 100000);
    assert_memory_equal(b.data + 99998, "99", 3);
}

static void strings_keep_their_order_and_bytes(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(strings) struct strings s = {0};
    assert_int_equal(strings_add(&s, "", &err), STATUS_OK);
    assert_int_equal(strings_add_bytes(&s, "Amélie, 2001", 7, &err), STATUS_OK);
    for (int i = 0; i < 500; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "n%d", i);
        assert_int_equal(strings_add(&s, text, &err), STATUS_OK);
    }
    assert_int_equal(s.count, 502);
    assert_string_equal(strings_get(&s, 0), "");
    assert_string_equal(strings_get(&s, 1), "Amélie");
    assert_string_equal(strings_get(&s, 2), "n0");
    assert_string_equal(strings_get(&s, 501), "n499");
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc_is_zeroed_and_aligned),
        cmocka_unit_test(alloc_refuses_overflow),
        cmocka_unit_test(grow_refuses_overflow),
        cmocka_unit_test(multiply_notices_overflow),
        cmocka_unit_test(grow_keeps_the_elements),
        cmocka_unit_test(failed_grow_changes_nothing),
        cmocka_unit_test(buffer_appends_and_stays_terminated),
        cmocka_unit_test(buffer_takes_long_formats),
        cmocka_unit_test(strings_keep_their_order_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
