/* Text and filters are lossless: any bits of any type come back. */
#include "common/artifact/format.h"
#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "stages/inspect/artifact_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/marquee-text-XXXXXX";
static char first[64], second[64], text[64];

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(first, sizeof(first), "%s/a.art", folder);
    snprintf(second, sizeof(second), "%s/b.art", folder);
    snprintf(text, sizeof(text), "%s/a.txt", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(first);
    unlink(second);
    unlink(text);
    return rmdir(folder);
}

static void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

static void test_half_from_double(void **state) {
    (void)state;
    for (uint32_t i = 0; i <= UINT16_MAX; i++) {
        uint16_t half = (uint16_t)i;
        double value = value_at(DTYPE_F16, &half, 0);
        float expected = half_to_float(half);
        if (isnan(value)) {
            assert_true(isnan(expected));
            assert_int_equal(half_from_double(value), 0x7E00);
            continue;
        }
        assert_true(value == (double)expected && !signbit(value) == !signbit(expected));
        assert_int_equal(half_from_double(value), half);
        if (!isfinite(value) || (half & 0x7FFF) == 0x7BFF) continue;
        uint16_t next = (uint16_t)(half + 1); /* half way between goes to the even one */
        double middle = (value + value_at(DTYPE_F16, &next, 0)) / 2;
        assert_int_equal(half_from_double(middle), half % 2 == 0 ? half : next);
    }
    assert_int_equal(half_from_double(65519.99), 0x7BFF);
    assert_int_equal(half_from_double(65520), 0x7C00);
    assert_int_equal(half_from_double(-1e300), 0xFC00);
}

static void test_filters(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    static const enum dtype dtypes[] = {DTYPE_U16, DTYPE_I32, DTYPE_U64, DTYPE_F32, DTYPE_F64};
    unsigned char in[COUNT * 8], out[sizeof(in)], back[sizeof(in)], scratch[sizeof(in)];
    struct rng rng = rng_keyed(7, "test.filters", 0, 0);
    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (unsigned char)rng_u64(&rng);
    for (size_t d = 0; d < sizeof(dtypes) / sizeof(dtypes[0]); d++) {
        for (int f = FILTER_NONE; f <= FILTER_LAST; f++) {
            if (!filter_fits((enum filter)f, dtypes[d])) continue;
            size_t width = dtype_size(dtypes[d]), size = COUNT * width;
            filter_encode((enum filter)f, width, in, size, out, scratch);
            if (f != FILTER_NONE) assert_memory_not_equal(out, in, size);
            filter_decode((enum filter)f, width, out, size, back);
            assert_memory_equal(back, in, size);
        }
    }
    assert_false(filter_fits(FILTER_DELTA_SHUFFLE, DTYPE_F32));
    assert_false(filter_fits(FILTER_SHUFFLE, DTYPE_STR));
    assert_false(filter_fits((enum filter)(FILTER_LAST + 1), DTYPE_U32));
}

static void test_choice_of_filter(void **state) {
    (void)state;
    uint32_t ids[1000], ascending[1000];
    struct rng rng = rng_keyed(7, "test.choice", 0, 0);
    for (uint32_t i = 0; i < 1000; i++) {
        ids[i] = rng_below(&rng, 4000);
        ascending[i] = 978300760 + i * 13;
    }
    assert_int_equal(filter_choose(DTYPE_U32, ids, 1000), FILTER_SHUFFLE);
    assert_int_equal(filter_choose(DTYPE_U32, ascending, 1000), FILTER_DELTA_SHUFFLE);
    assert_int_equal(filter_choose(DTYPE_F32, ascending, 1000), FILTER_SHUFFLE);
    assert_int_equal(filter_choose(DTYPE_U8, ids, 1000), FILTER_NONE);
    assert_int_equal(filter_choose(DTYPE_U32, ids, 0), FILTER_SHUFFLE);
}

/* Random bits: among floats every kind of NaN, infinity and subnormal number. */
static void add_random(struct artifact_writer *w, enum dtype dtype, struct rng *rng) {
    enum { COUNT = 3000 };
    struct error err = {0};
    size_t size = COUNT * dtype_size(dtype);
    unsigned char *values = test_malloc(size);
    for (size_t i = 0; i < size; i++)
        values[i] = (unsigned char)(rng_below(rng, 4) == 0 ? 0xFF : rng_u64(rng));
    assert_ok(artifact_add_2d(w, dtype_name(dtype), dtype, COUNT / 3, 3, values, &err), &err);
    test_free(values);
}

static void add_random_texts(struct artifact_writer *w, struct rng *rng) {
    static const char *const pieces[] = {
        "\"", "\\",    "\n", "\r", "\t", "\x01", "\x7F", "#", " ", "\xC3\xA9", "\xF0\x9F\x8E\xAC",
        "a",  "column"};
    struct error err = {0};
    AUTO(strings) struct strings all = {0};
    for (int i = 0; i < 500; i++) {
        AUTO(buf) struct buf one = {0};
        assert_ok(buf_puts(&one, "", &err), &err);
        for (uint32_t k = rng_below(rng, 10); k > 0; k--) {
            const char *piece = pieces[rng_below(rng, sizeof(pieces) / sizeof(pieces[0]))];
            assert_ok(buf_puts(&one, piece, &err), &err);
        }
        assert_ok(strings_add(&all, one.data, &err), &err);
    }
    assert_ok(artifact_add_strings(w, "texts", &all, &err), &err);
}

static void dump(const char *path, struct artifact **out) {
    struct error err = {0};
    assert_ok(artifact_open(out, path, NULL, &err), &err);
    FILE *file = fopen(text, "w");
    assert_non_null(file);
    assert_ok(text_dump(*out, NULL, file, &err), &err);
    assert_int_equal(fclose(file), 0);
}

static void test_any_bits_come_back(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact_writer *w;
    struct rng rng = rng_keyed(7, "test.text", 0, 0);
    assert_ok(artifact_create(&w, first, "table", &err), &err);
    for (int dtype = DTYPE_U8; dtype <= DTYPE_F16; dtype++) {
        if (dtype != DTYPE_STR) add_random(w, (enum dtype)dtype, &rng);
    }
    add_random_texts(w, &rng);
    assert_ok(artifact_set_f64(w, "nan", NAN, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a, *b;
    dump(first, &a);
    assert_ok(text_pack(text, second, &err), &err);
    assert_ok(artifact_open(&b, second, "table", &err), &err);
    struct digest x = artifact_content_id(a), y = artifact_content_id(b);
    assert_true(digest_equal(&x, &y));
    artifact_close(a);
    artifact_close(b);
    assert_int_equal(artifact_verify(second, NULL), 0);
}

static void test_dump_of_an_unknown_column(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact *a;
    assert_ok(artifact_open(&a, first, NULL, &err), &err);
    assert_int_equal(text_dump(a, "absent", stderr, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "no column \"absent\""));
    artifact_close(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_from_double),          cmocka_unit_test(test_filters),
        cmocka_unit_test(test_choice_of_filter),          cmocka_unit_test(test_any_bits_come_back),
        cmocka_unit_test(test_dump_of_an_unknown_column),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("artifact text", tests, make_folder, remove_folder);
}
