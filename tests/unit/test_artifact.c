/* Artifacts: what is written is read back, whatever its type, size and number of threads. */
#include "common/artifact/artifact.h"
#include "common/artifact/kinds.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/models/registry.h"
#include "tests/unit/artifact_fixture.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/marquee-artifact-XXXXXX";
static char path[64], other[64];

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(path, sizeof(path), "%s/a.art", folder);
    snprintf(other, sizeof(other), "%s/b.art", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    unlink(other);
    return rmdir(folder);
}

static void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

static struct artifact_writer *create(const char *kind) {
    struct artifact_writer *w;
    struct error err = {0};
    assert_ok(artifact_create(&w, path, kind, &err), &err);
    return w;
}

static struct artifact *open_artifact(const char *kind) {
    struct artifact *a;
    struct error err = {0};
    assert_ok(artifact_open(&a, path, kind, &err), &err);
    return a;
}

/* ---- columns ---- */

/* Values whose bytes come from a small generator, or climb slowly. */
static void make_values(enum dtype dtype, size_t count, bool ascending, unsigned char *out) {
    size_t width = dtype_size(dtype);
    uint32_t x = 12345;
    for (size_t i = 0; i < count * width; i++) {
        x = x * 1664525 + 1013904223;
        out[i] =
            (unsigned char)(ascending ? (uint64_t)(i / width / 7) >> (8 * (i % width)) : x >> 24);
    }
}

static const size_t round_trip_counts[] = {0, 1, 2, 3, 1000, 131072, 131073, 300001};

/* Calls `each` for a column of every type, of several lengths, random and ascending. */
static void for_each_column(void (*each)(void *of, const char *name, enum dtype dtype, size_t count,
                                         const unsigned char *values),
                            void *of) {
    unsigned char *values = test_malloc(300001 * 8);
    char name[64];
    for (int dtype = DTYPE_U8; dtype <= DTYPE_F16; dtype++) {
        for (size_t i = 0; i < 16 && dtype != DTYPE_STR; i++) {
            size_t count = round_trip_counts[i / 2];
            make_values((enum dtype)dtype, count, i % 2 == 1, values);
            snprintf(name, sizeof(name), "%s.%zu.%zu", dtype_name((enum dtype)dtype), count, i % 2);
            each(of, name, (enum dtype)dtype, count, values);
        }
    }
    test_free(values);
}

static void add_column(void *of, const char *name, enum dtype dtype, size_t count,
                       const unsigned char *values) {
    struct error err = {0};
    assert_ok(artifact_add_1d(of, name, dtype, count, values, &err), &err);
}

static void compare_column(void *of, const char *name, enum dtype dtype, size_t count,
                           const unsigned char *values) {
    struct error err = {0};
    unsigned char *back = NULL;
    assert_ok(artifact_read(of, name, dtype, count, &back, &err), &err);
    assert_memory_equal(back, values, count * dtype_size(dtype));
    mem_free(back);
}

static void test_round_trip(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact_writer *w = create("table");
    for_each_column(add_column, w);
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a = open_artifact("table");
    for_each_column(compare_column, a);
    artifact_close(a);
    assert_int_equal(artifact_verify(path, NULL), 0);
}

/* Longer than a batch of chunks, so that batches, chunks and the rest are all met. */
static void test_long_column_and_ranges(void **state) {
    (void)state;
    enum { COUNT = 5 * 1024 * 1024 + 12345 };
    struct error err = {0};
    uint32_t *values = test_malloc(COUNT * sizeof(*values)), *back;
    for (uint32_t i = 0; i < COUNT; i++)
        values[i] = i * 3 + i % 5;
    struct artifact_writer *w = create("table");
    uint64_t unknown = UINT64_MAX;
    assert_ok(artifact_begin(w, "x", DTYPE_U32, 1, &unknown, &err), &err);
    for (size_t at = 0, step = 1; at < COUNT; at += step, step = step * 2 + 1) {
        if (step > COUNT - at) step = COUNT - at;
        assert_ok(artifact_append(w, values + at, step, &err), &err);
    }
    assert_ok(artifact_end(w, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a = open_artifact("table");
    assert_int_equal(artifact_column(a, "x")->shape[0], COUNT);
    assert_true(artifact_column(a, "x")->n_chunks == 21);
    assert_ok(artifact_read(a, "x", DTYPE_U32, UINT64_MAX, &back, &err), &err);
    assert_memory_equal(back, values, COUNT * sizeof(*values));
    mem_free(back);
    static const struct {
        uint64_t first, count;
    } ranges[] = {{0, 1},           {262143, 2},    {262144, 262144},
                  {100000, 900000}, {COUNT - 1, 1}, {COUNT, 0},
                  {7, 0},           {0, COUNT},     {524288, COUNT - 524288}};
    uint32_t *part = test_malloc(COUNT * sizeof(*part));
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        assert_ok(
            artifact_read_range(a, "x", DTYPE_U32, ranges[i].first, ranges[i].count, part, &err),
            &err);
        assert_memory_equal(part, values + ranges[i].first, ranges[i].count * sizeof(*part));
    }
    assert_int_equal(artifact_read_range(a, "x", DTYPE_U32, COUNT, 1, part, &err), STATUS_FAILED);
    assert_int_equal(artifact_read_range(a, "x", DTYPE_U32, 1, UINT64_MAX, part, &err),
                     STATUS_FAILED);
    artifact_close(a);
    test_free(part);
    test_free(values);
}

static void test_strings(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(strings) struct strings in = {0}, out = {0};
    for (int i = 0; i < 40000; i++) {
        char text[64];
        snprintf(text, sizeof(text), "film \"%d\" \xC3\xA9\n%*s", i, i % 50, "");
        assert_ok(strings_add(&in, i % 3 == 0 ? "" : text, &err), &err);
    }
    struct artifact_writer *w = create("table");
    assert_ok(artifact_add_strings(w, "title", &in, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a = open_artifact("table");
    assert_ok(artifact_read_strings(a, "title", 40000, &out, &err), &err);
    assert_int_equal(out.count, in.count);
    assert_memory_equal(out.bytes.data, in.bytes.data, in.bytes.size);
    assert_int_equal(artifact_read_strings(a, "title", 39999, &out, &err), STATUS_DAMAGED);
    assert_int_equal(artifact_verify(path, NULL), 0);
    artifact_close(a);
}

static void test_statistics(void **state) {
    (void)state;
    struct error err = {0};
    const float f[] = {2.5F, NAN, -1.0F, NAN, 7.0F};
    const int64_t i[] = {-5, 3, 9};
    const uint16_t h[] = {0x3C00, 0xC000, 0x7E00, 0x0001}; /* 1, -2, NaN, 2^-24 */
    const double none[] = {NAN};
    struct artifact_writer *w = create("table");
    assert_ok(artifact_add_1d(w, "f", DTYPE_F32, 5, f, &err), &err);
    assert_ok(artifact_add_1d(w, "i", DTYPE_I64, 3, i, &err), &err);
    assert_ok(artifact_add_1d(w, "h", DTYPE_F16, 4, h, &err), &err);
    assert_ok(artifact_add_1d(w, "none", DTYPE_F64, 1, none, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a = open_artifact(NULL);
    const struct column_info *c = artifact_column(a, "f");
    assert_true(c->min == -1.0 && c->max == 7.0 && c->nan_count == 2 && c->count == 5);
    c = artifact_column(a, "i");
    assert_true(c->min == -5.0 && c->max == 9.0 && c->nan_count == 0);
    c = artifact_column(a, "h");
    assert_true(c->min == -2.0 && c->max == 1.0 && c->nan_count == 1);
    c = artifact_column(a, "none");
    assert_true(c->min == 0.0 && c->max == 0.0 && c->nan_count == 1);
    assert_null(artifact_column(a, "absent"));
    artifact_close(a);
}

/* ---- metadata, lineage, ids ---- */

static void test_metadata_and_lineage(void **state) {
    (void)state;
    struct error err = {0};
    write_small(path);
    struct artifact *a = open_artifact("split");
    int64_t seed;
    double mean;
    const char *history;
    assert_ok(artifact_get_i64(a, "n", &seed, &err), &err);
    assert_ok(artifact_get_f64(a, "mean", &mean, &err), &err);
    assert_ok(artifact_get_str(a, "history", &history, &err), &err);
    assert_true(seed == -7 && mean == 3.25);
    assert_string_equal(history, "prefix");
    assert_int_equal(artifact_get_i64(a, "mean", &seed, &err), STATUS_DAMAGED);
    assert_int_equal(artifact_get_i64(a, "absent", &seed, &err), STATUS_DAMAGED);
    const struct lineage *l = artifact_lineage(a);
    assert_string_equal(l->stage, "split");
    assert_string_equal(l->params, "protocol=leave-one-out\n");
    assert_int_equal(l->seed, 42);
    assert_int_equal(l->n_inputs, 1);
    assert_string_equal(l->inputs[0].role, "dataset");
    struct digest recipe, from_file = artifact_recipe_id(a);
    assert_ok(lineage_recipe_id(l, &recipe, &err), &err);
    assert_true(digest_equal(&recipe, &from_file));
    artifact_close(a);
}

/* The id of a table with two columns in either order, one value of which may differ. */
static struct digest id_of(bool swapped, uint8_t value, int64_t meta) {
    struct error err = {0};
    const uint8_t x[] = {1, 2, value};
    const uint32_t y[] = {9};
    struct artifact_writer *w = create("table");
    if (swapped) assert_ok(artifact_add_1d(w, "y", DTYPE_U32, 1, y, &err), &err);
    assert_ok(artifact_add_1d(w, "x", DTYPE_U8, 3, x, &err), &err);
    if (!swapped) assert_ok(artifact_add_1d(w, "y", DTYPE_U32, 1, y, &err), &err);
    assert_ok(artifact_set_i64(w, "m", meta, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a = open_artifact(NULL);
    struct digest id = artifact_content_id(a);
    artifact_close(a);
    return id;
}

static void test_content_id(void **state) {
    (void)state;
    struct digest first = id_of(false, 3, 0), swapped = id_of(true, 3, 0);
    struct digest value = id_of(false, 4, 0), meta = id_of(false, 3, 1);
    assert_true(digest_equal(&first, &swapped));
    assert_false(digest_equal(&first, &value));
    assert_false(digest_equal(&first, &meta));
}

static struct digest id_of_shape(uint64_t rows, uint64_t columns) {
    struct error err = {0};
    const uint8_t x[] = {1, 2, 3, 4, 5, 6};
    struct artifact_writer *w = create("table");
    assert_ok(artifact_add_2d(w, "x", DTYPE_U8, rows, columns, x, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a = open_artifact(NULL);
    struct digest id = artifact_content_id(a);
    artifact_close(a);
    return id;
}

static void test_content_id_has_the_shape(void **state) {
    (void)state;
    struct digest wide = id_of_shape(2, 3), high = id_of_shape(3, 2);
    assert_false(digest_equal(&wide, &high));
}

/* Whatever differs in how something was made, the recipe is another one. */
static void test_recipe_id(void **state) {
    (void)state;
    struct error err = {0};
    struct lineage_input input[2] = {{.role = "a", .kind = "k"}, {.role = "b", .kind = "k"}};
    input[1].id.bytes[15] = 1;
    const struct lineage first = {.stage = "s",
                                  .stage_version = 1,
                                  .seed = 1,
                                  .view = "fit",
                                  .params = "p=1\n",
                                  .inputs = input,
                                  .n_inputs = 1};
    struct lineage varied[7];
    struct digest id[8];
    for (size_t i = 0; i < 7; i++)
        varied[i] = first;
    varied[0].stage = "t";
    varied[1].stage_version = 2;
    varied[2].seed = 2;
    varied[3].view = "full";
    varied[4].params = "p=2\n";
    varied[5].n_inputs = 2;
    varied[6].inputs = input + 1;
    assert_ok(lineage_recipe_id(&first, &id[0], &err), &err);
    for (size_t i = 0; i < 7; i++) {
        assert_ok(lineage_recipe_id(&varied[i], &id[i + 1], &err), &err);
        for (size_t k = 0; k <= i; k++)
            assert_false(digest_equal(&id[i + 1], &id[k]));
    }
}

/* A minimum of -0 would make two files of equal values. */
static void test_minus_zero_is_zero(void **state) {
    (void)state;
    struct error err = {0};
    const float x[] = {-0.0F, -0.0F};
    struct artifact_writer *w = create("table");
    assert_ok(artifact_add_1d(w, "x", DTYPE_F32, 2, x, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a = open_artifact(NULL);
    assert_false(signbit(artifact_column(a, "x")->min) || signbit(artifact_column(a, "x")->max));
    artifact_close(a);
}

static void write_with_threads(int threads) {
    struct error err = {0};
    enum { COUNT = 3000000 };
    float *values = test_malloc(COUNT * sizeof(*values));
    for (int i = 0; i < COUNT; i++)
        values[i] = sinf((float)i);
    int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    struct artifact_writer *w = create("table");
    assert_ok(artifact_add_2d(w, "x", DTYPE_F32, COUNT / 3, 3, values, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    omp_set_num_threads(before);
    test_free(values);
}

static void test_same_bytes_at_any_number_of_threads(void **state) {
    (void)state;
    struct error err = {0};
    struct digest one, three;
    write_with_threads(1);
    assert_ok(hash_file(path, &one, &err), &err);
    unlink(path);
    write_with_threads(3);
    assert_ok(hash_file(path, &three, &err), &err);
    assert_true(digest_equal(&one, &three));
}

/* ---- refusals ---- */

static void test_writer_refusals(void **state) {
    (void)state;
    struct error err = {0};
    const uint8_t bytes[] = {1, 2, 3};
    const uint64_t too_many[] = {UINT64_MAX / 2, 4};
    struct artifact_writer *w;
    assert_int_equal(artifact_create(&w, path, "nonsense", &err), STATUS_FAILED);
    assert_null(w);
    w = create("split");
    assert_int_equal(artifact_add_1d(w, "rolle", DTYPE_U8, 3, bytes, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "kind split has no column \"rolle\""));
    assert_int_equal(artifact_add_1d(w, "role", DTYPE_I8, 3, bytes, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "is i8, the kind says u8"));
    assert_int_equal(artifact_add_2d(w, "role", DTYPE_U8, 1, 3, bytes, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "2 dimensions"));
    assert_int_equal(artifact_add(w, "role", DTYPE_U8, 2, too_many, bytes, &err), STATUS_FAILED);
    assert_ok(artifact_add_1d(w, "role", DTYPE_U8, 3, bytes, &err), &err);
    assert_int_equal(artifact_add_1d(w, "role", DTYPE_U8, 3, bytes, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "there already"));
    assert_int_equal(artifact_set_str(w, "bad key", "", &err), STATUS_FAILED);
    assert_int_equal(artifact_set_str(w, "key", "\xFF", &err), STATUS_FAILED);
    unlink(path);
    assert_int_equal(artifact_commit(w, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "needs a column \"test.offset\""));
    assert_false(file_exists(path));
}

static void test_writer_checks_what_was_appended(void **state) {
    (void)state;
    struct error err = {0};
    const uint64_t shape[] = {2, 3}, open_shape[] = {UINT64_MAX, 3};
    const uint8_t bytes[6] = {0};
    const char *bad = "\xC3(";
    unlink(path);
    struct artifact_writer *w = create("table");
    assert_ok(artifact_begin(w, "a", DTYPE_U8, 2, shape, &err), &err);
    assert_int_equal(artifact_begin(w, "b", DTYPE_U8, 2, shape, &err), STATUS_FAILED);
    assert_ok(artifact_append(w, bytes, 5, &err), &err);
    assert_int_equal(artifact_end(w, &err), STATUS_FAILED);
    artifact_abandon(w);
    w = create("table");
    assert_ok(artifact_begin(w, "b", DTYPE_U8, 2, open_shape, &err), &err);
    assert_ok(artifact_append(w, bytes, 4, &err), &err);
    assert_int_equal(artifact_end(w, &err), STATUS_FAILED);
    artifact_abandon(w);
    w = create("table");
    uint64_t one = 1;
    assert_int_equal(artifact_add(w, "c", DTYPE_STR, 1, &one, &bad, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "not UTF-8"));
    artifact_abandon(w);
    assert_false(file_exists(path));
    char part[80];
    snprintf(part, sizeof(part), "%s.part", path);
    assert_false(file_exists(part));
}

static void test_sizes_of_equal_symbols(void **state) {
    (void)state;
    struct error err = {0};
    const uint8_t role[2] = {0};
    const uint64_t offset[] = {0, 1, 1};
    const uint32_t movie[] = {4, 5};
    const float rating[] = {1};
    const int64_t time[] = {1};
    struct artifact_writer *w = create("split");
    assert_ok(artifact_add_1d(w, "role", DTYPE_U8, 2, role, &err), &err);
    assert_ok(artifact_add_1d(w, "test.offset", DTYPE_U64, 3, offset, &err), &err);
    assert_ok(artifact_add_1d(w, "test.movie", DTYPE_U32, 2, movie, &err), &err);
    assert_ok(artifact_add_1d(w, "test.rating", DTYPE_F32, 1, rating, &err), &err);
    assert_ok(artifact_add_1d(w, "test.time", DTYPE_I64, 1, time, &err), &err);
    assert_int_equal(artifact_commit(w, &err), STATUS_FAILED);
    assert_non_null(
        strstr(err.text, "column \"test.rating\" has tests = 1, column \"test.movie\" 2"));
    w = create("split");
    const uint64_t longer[] = {0, 1, 1, 1};
    assert_ok(artifact_add_1d(w, "role", DTYPE_U8, 2, role, &err), &err);
    assert_ok(artifact_add_1d(w, "test.offset", DTYPE_U64, 3, offset, &err), &err);
    assert_ok(artifact_add_1d(w, "test.movie", DTYPE_U32, 1, movie, &err), &err);
    assert_ok(artifact_add_1d(w, "test.rating", DTYPE_F32, 1, rating, &err), &err);
    assert_ok(artifact_add_1d(w, "test.time", DTYPE_I64, 1, time, &err), &err);
    assert_ok(artifact_add_1d(w, "candidate.offset", DTYPE_U64, 4, longer, &err), &err);
    assert_int_equal(artifact_commit(w, &err), STATUS_FAILED); /* users+1, of 2 and of 3 users */
    assert_non_null(
        strstr(err.text, "column \"candidate.offset\" has users = 3, column \"test.offset\" 2"));
}

static void test_reader_refusals(void **state) {
    (void)state;
    struct error err = {0};
    struct artifact *a;
    void *values;
    write_small(path);
    assert_int_equal(artifact_open(&a, path, "dataset", &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "its kind is split, wanted is dataset"));
    assert_null(a);
    assert_int_equal(artifact_open(&a, "/nonexistent.art", NULL, &err), STATUS_FAILED);
    a = open_artifact("split");
    assert_int_equal(artifact_read(a, "role", DTYPE_U16, 3, &values, &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "column \"role\" is u8, not u16"));
    assert_int_equal(artifact_read(a, "role", DTYPE_U8, 4, &values, &err), STATUS_DAMAGED);
    assert_int_equal(artifact_read(a, "absent", DTYPE_U8, 4, &values, &err), STATUS_DAMAGED);
    artifact_close(a);
}

/* ---- kinds ---- */

static void test_kinds(void **state) {
    (void)state;
    for (size_t i = 0; i < kind_count(); i++) {
        const struct kind_spec *kind = kind_at(i);
        assert_ptr_equal(kind_find(kind->name), kind); /* no name twice */
        for (size_t k = 0; k < kind->n_columns; k++) {
            const struct column_spec *c = &kind->columns[k];
            assert_true(c->meaning[0] != '\0' && (c->dtype == 0 || dtype_name(c->dtype)[0] != '?'));
            if (strchr(c->name, '*') == NULL) assert_ptr_equal(kind_column(kind, c->name), c);
            assert_false(c->required && strchr(c->name, '*') != NULL);
        }
    }
    assert_null(kind_at(kind_count()));
    assert_true(registry_count() > 0); /* the models join their columns */
    const struct kind_spec *factors = kind_find("factors");
    assert_string_equal(kind_column(factors, "weights.ease.value")->name, "weights.*.value");
    assert_null(kind_column(factors, "weights..value"));
    assert_null(kind_column(factors, "weights.a.b.value"));
    assert_null(kind_column(factors, "weights.value"));
    assert_non_null(kind_column(kind_find("table"), "any.name-at_all"));
}

/* ---- replacement ---- */

static void test_unchanged_content_leaves_the_file(void **state) {
    (void)state;
    write_small(path);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(link(other, path), 0);
    write_small(path); /* a replaced file would no longer be the link's other name */
    struct error err = {0};
    struct artifact_writer *w = create("table");
    assert_ok(artifact_commit(w, &err), &err);
    struct artifact *a;
    assert_ok(artifact_open(&a, other, "split", &err), &err);
    artifact_close(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_long_column_and_ranges),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_metadata_and_lineage),
        cmocka_unit_test(test_content_id),
        cmocka_unit_test(test_content_id_has_the_shape),
        cmocka_unit_test(test_recipe_id),
        cmocka_unit_test(test_minus_zero_is_zero),
        cmocka_unit_test(test_same_bytes_at_any_number_of_threads),
        cmocka_unit_test(test_writer_refusals),
        cmocka_unit_test(test_writer_checks_what_was_appended),
        cmocka_unit_test(test_sizes_of_equal_symbols),
        cmocka_unit_test(test_reader_refusals),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_unchanged_content_leaves_the_file),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("artifact", tests, make_folder, remove_folder);
}
