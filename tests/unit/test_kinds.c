/* Every truth of every column of every kind is broken once, in an artifact that is otherwise true:
 * verify and read must both name the column, the position and the value. What is broken follows
 * from the table of kinds alone, so that a column that is added to it is covered here already. */
#include "common/artifact/artifact.h"
#include "common/artifact/format.h"
#include "common/artifact/kinds.h"
#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/data/roles.h"
#include "common/models/content.h"
#include "common/models/registry.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIZE = 6, MAX_VALUES = 7 * 7 * 7 * 7, MAX_BREACHES = 12 };

static char folder[] = "/tmp/marquee-kinds-XXXXXX";
static char path[64];

/* Columns of types and truths that no stage writes today, joined to a kind as a model joins its
 * own. */
static const struct column_spec joined[] = {
    OPTIONAL_COLUMN("join.i8", DTYPE_I8, "joined", "", .range = {-3, 3},
                    .order = ORDER_NOT_FALLING),
    OPTIONAL_COLUMN("join.u16", DTYPE_U16, "joined", "", .range = {1900, 2100},
                    .order = ORDER_ASCENDING),
    OPTIONAL_COLUMN("join.i32", DTYPE_I32, "joined", "", .range = {-20, -1},
                    .order = ORDER_NOT_RISING),
    OPTIONAL_COLUMN("join.i64", DTYPE_I64, "joined", "", .range = {-1e15, 1e15}),
    OPTIONAL_COLUMN("join.f16", DTYPE_F16, "joined", "", .range = {-2, 8},
                    .order = ORDER_NOT_FALLING),
    OPTIONAL_COLUMN("join.f64", DTYPE_F64, "joined", "", .range = {1, INFINITY}, .or_nan = true),
    OPTIONAL_COLUMN("join.*.offset", DTYPE_U64, "joined+1", "", .offsets_of = "cells.*"),
    OPTIONAL_COLUMN("join.*.cell", DTYPE_U16, "cells.*", "", .index_of = "joined",
                    .order = ORDER_NOT_FALLING, .per = "join.*.offset"),
    OPTIONAL_COLUMN("join.long", DTYPE_U64, "long", "", .index_of = "bound",
                    .order = ORDER_ASCENDING, .per = "join.long_row"),
    OPTIONAL_COLUMN("join.long_row", DTYPE_U64, "rows+1", "", .offsets_of = "long"),
    OPTIONAL_COLUMN("join.bound", DTYPE_U8, "bound", ""),
    OPTIONAL_COLUMN("join.narrow", DTYPE_U8, "narrow", "", .index_of = "long"),
};
enum { JOINED = sizeof(joined) / sizeof(joined[0]) };

static int prepare(void **state) {
    (void)state;
    struct error err = {0};
    if (registry_count() == 0) return -1; /* the models join their columns */
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(path, sizeof(path), "%s/a.art", folder);
    return kind_join("checkpoint", joined, JOINED, &err) == STATUS_OK ? 0 : -1;
}

static int clean_up(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

/* ---- a true artifact of a kind ---- */

struct made {
    const struct column_spec *spec;
    char name[EXPANDED_SIZE];
    uint32_t n_dims;
    uint64_t shape[ARTIFACT_MAX_DIMS], count;
    double value[MAX_VALUES];
};

/* Without a type the table says nothing. */
static bool has_type(const struct column_spec *spec) {
    return spec->dtype != 0;
}

static void make_shape(struct made *c) {
    const char *dim = c->spec->shape;
    c->count = 1;
    for (c->n_dims = 0; *dim != '\0'; c->n_dims++) {
        size_t size = strcspn(dim, ",");
        bool plus_one = size > 2 && strncmp(dim + size - 2, "+1", 2) == 0;
        c->shape[c->n_dims] = SIZE + plus_one;
        c->count *= c->shape[c->n_dims];
        dim += size + (dim[size] == ',');
    }
}

/* Rows are of two values, those of offsets (but for the last two and some empty ones) and the runs
 * of i / 2. Neighbours are equal wherever the order lets them be. */
static double true_value(const struct column_spec *spec, uint64_t i) {
    static const double offsets[] = {0, 2, 2, 4, 5, 5, 6};
    double low = spec->range.min, step = 0;
    if (spec->offsets_of != NULL) return offsets[i];
    if (spec->permutation) return SIZE - 1 - (double)i;
    if (spec->order == ORDER_NOT_RISING) step = SIZE - (double)(i % SIZE / 2);
    if (spec->order == ORDER_ASCENDING) step = (double)i;
    if (spec->order == ORDER_NOT_FALLING) step = (double)(i / 2);
    if (spec->order != ORDER_ANY && spec->per != NULL) step = 1 + (double)(i % 2);
    if (spec->order == ORDER_ANY && spec->index_of != NULL) step = (double)(i % SIZE);
    return low + step;
}

static void make_column(struct made *c, const struct column_spec *spec) {
    *c = (struct made){.spec = spec};
    const char *star = strchr(spec->name, '*');
    snprintf(c->name, sizeof(c->name), "%.*s%s%s",
             (int)(star == NULL ? strlen(spec->name) : (size_t)(star - spec->name)), spec->name,
             star == NULL ? "" : "one-1", star == NULL ? "" : star + 1);
    make_shape(c);
    for (uint64_t i = 0; i < c->count; i++)
        c->value[i] = true_value(spec, i);
}

/* ---- writing it ---- */

static void store(enum dtype dtype, void *out, uint64_t i, double value) {
    const int64_t whole = isfinite(value) ? (int64_t)value : 0;
    if (dtype == DTYPE_F16) {
        ((uint16_t *)out)[i] = half_from_double(value);
    } else if (dtype == DTYPE_F32) {
        ((float *)out)[i] = (float)value;
    } else if (dtype == DTYPE_F64) {
        ((double *)out)[i] = value;
    } else {
        size_t width = dtype_size(dtype);
        memcpy((char *)out + i * width, &whole, width); /* little-endian: the low bytes */
    }
}

static enum status write_texts(struct artifact_writer *w, const struct made *c, struct error *err) {
    AUTO(strings) struct strings texts = {0};
    for (uint64_t i = 0; i < c->count; i++) {
        char text[32];
        snprintf(text, sizeof(text), "text %g", c->value[i]);
        TRY(strings_add(&texts, text, err));
    }
    return artifact_add_strings(w, c->name, &texts, err);
}

static enum status write_made(struct artifact_writer *w, const struct made *c, struct error *err) {
    static uint64_t values[MAX_VALUES];
    if (c->spec->dtype == DTYPE_STR) return write_texts(w, c, err);
    for (uint64_t i = 0; i < c->count; i++)
        store(c->spec->dtype, values, i, c->value[i]);
    return artifact_add(w, c->name, c->spec->dtype, c->n_dims, c->shape, values, err);
}

static void write_all(const struct kind_spec *kind, const struct made *column, size_t n) {
    struct error err = {0};
    struct artifact_writer *w = NULL;
    assert_ok(artifact_create(&w, path, kind->name, &err), &err);
    for (size_t i = 0; i < n; i++) {
        if (has_type(column[i].spec)) assert_ok(write_made(w, &column[i], &err), &err);
    }
    assert_ok(artifact_commit(w, &err), &err);
}

/* ---- breaking it ---- */

struct breach {
    uint64_t at;
    double value;
};

static void add(struct breach *list, size_t *n, uint64_t at, double value) {
    assert_true(*n < MAX_BREACHES);
    list[(*n)++] = (struct breach){at, value};
}

static void break_range(const struct column_spec *spec, struct breach *list, size_t *n) {
    bool real = dtype_is_real(spec->dtype);
    if (column_has_range(spec) && !isinf(spec->range.max)) add(list, n, 3, spec->range.max + 1);
    bool below = real || spec->dtype == DTYPE_I8 || spec->dtype == DTYPE_I32 ||
                 spec->dtype == DTYPE_I64 || spec->range.min > 0;
    if (column_has_range(spec) && below) add(list, n, 3, spec->range.min - 1);
    if (!real) return;
    add(list, n, 3, INFINITY);
    add(list, n, 3, -INFINITY);
    if (!spec->or_nan) add(list, n, 3, NAN);
}

static void break_order(const struct made *c, struct breach *list, size_t *n) {
    const struct column_spec *spec = c->spec;
    if (spec->order == ORDER_ASCENDING) add(list, n, 3, c->value[2]);
    if (spec->order == ORDER_ASCENDING || spec->order == ORDER_NOT_FALLING)
        add(list, n, 3, spec->range.min);
    if (spec->order == ORDER_NOT_RISING) add(list, n, 3, c->value[2] + 1);
}

static size_t all_breaches(const struct made *c, struct breach list[MAX_BREACHES]) {
    const struct column_spec *spec = c->spec;
    size_t n = 0;
    if (spec->offsets_of != NULL) {
        add(list, &n, 0, 1);
        add(list, &n, 1, SIZE + 1);
        add(list, &n, 2, 1);
        add(list, &n, SIZE, SIZE - 1);
        return n;
    }
    if (spec->index_of != NULL) add(list, &n, 3, SIZE);
    if (spec->index_of != NULL && !spec->or_none && spec->dtype == DTYPE_U32)
        add(list, &n, 3, UINT32_MAX);
    if (spec->permutation) {
        add(list, &n, 3, c->value[0]);
        add(list, &n, 3, SIZE);
    }
    break_range(spec, list, &n);
    break_order(c, list, &n);
    return n;
}

/* ---- what must be said of it ---- */

static enum status read_made(const char *kind, const struct made *c, struct error *err) {
    struct artifact *a = NULL;
    assert_ok(artifact_open(&a, path, kind, err), err);
    enum status status;
    if (c->spec->dtype == DTYPE_STR) {
        AUTO(strings) struct strings texts = {0};
        status = artifact_read_strings(a, c->name, c->count, &texts, err);
    } else {
        MEM_AUTO void *values = NULL;
        status = artifact_read(a, c->name, c->spec->dtype, c->count, &values, err);
        static uint64_t part[MAX_VALUES];
        struct error again = {0};
        /* a range is checked as well; a permutation only as a whole */
        if (status != STATUS_OK && !c->spec->permutation)
            assert_int_equal(
                artifact_read_range(a, c->name, c->spec->dtype, 0, c->count, part, &again), status);
    }
    artifact_close(a);
    return status;
}

static void assert_says(const char *text, const struct made *c, const struct breach *b) {
    char column[EXPANDED_SIZE + 32], place[32];
    snprintf(column, sizeof(column), "column \"%s\": %s", c->name,
             c->spec->dtype == DTYPE_STR ? "text \"" : "value ");
    snprintf(place, sizeof(place), " at %" PRIu64 " ", b->at);
    const char *at = strstr(text == NULL ? "" : text, column);
    if (at == NULL || strstr(at, place) == NULL)
        fail_msg("%s[%" PRIu64 "] = %g: \"%s\"", c->name, b->at, b->value, text);
}

static void assert_breach(const struct kind_spec *kind, const struct made *all, size_t n,
                          const struct made *c, const struct breach *b) {
    AUTO(buf) struct buf report = {0};
    struct error err = {0};
    write_all(kind, all, n);
    unsigned faults = artifact_verify(path, &report);
    if (faults != FAULT_TRUTH)
        fail_msg("%s.%s[%" PRIu64 "] = %g: faults %u: %s", kind->name, c->name, b->at, b->value,
                 faults, report.data);
    assert_says(report.data, c, b);
    assert_int_equal(read_made(kind->name, c, &err), STATUS_DAMAGED);
    assert_says(err.text, c, b);
    assert_non_null(strstr(err.text, path));
    err = (struct error){0};
    assert_ok(read_made(NULL, c, &err), &err); /* without a kind it can be looked into */
}

static void assert_good(const struct kind_spec *kind, const struct made *column, size_t n) {
    AUTO(buf) struct buf report = {0};
    struct error err = {0};
    write_all(kind, column, n);
    if (artifact_verify(path, &report) != 0) fail_msg("%s: %s", kind->name, report.data);
    for (size_t i = 0; i < n; i++) {
        if (has_type(column[i].spec)) assert_ok(read_made(kind->name, &column[i], &err), &err);
    }
}

/* What the table allows beside the usual is no breach. */
static void assert_exceptions(const struct kind_spec *kind, struct made *all, size_t n,
                              struct made *c) {
    const double usual = c->value[3];
    if (c->spec->or_none) c->value[3] = UINT32_MAX;
    if (c->spec->or_nan) c->value[3] = NAN;
    if (c->spec->or_none || c->spec->or_nan) assert_good(kind, all, n);
    c->value[3] = usual;
}

static size_t break_column(const struct kind_spec *kind, struct made *all, size_t n,
                           struct made *c) {
    struct breach list[MAX_BREACHES];
    size_t count = all_breaches(c, list);
    for (size_t i = 0; i < count; i++) {
        const double usual = c->value[list[i].at];
        c->value[list[i].at] = list[i].value;
        assert_breach(kind, all, n, c, &list[i]);
        c->value[list[i].at] = usual;
    }
    return count;
}

static size_t break_kind(const struct kind_spec *kind) {
    size_t n = kind_n_columns(kind), breaches = 0;
    struct made *all = calloc(n, sizeof(*all));
    assert_non_null(all);
    for (size_t i = 0; i < n; i++) {
        if (has_type(kind_column_at(kind, i))) make_column(&all[i], kind_column_at(kind, i));
        all[i].spec = kind_column_at(kind, i);
    }
    assert_good(kind, all, n);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) struct buf truths = {0};
        struct error err = {0};
        if (!has_type(all[i].spec)) continue;
        assert_exceptions(kind, all, n, &all[i]);
        size_t count = break_column(kind, all, n, &all[i]);
        assert_ok(column_truths(all[i].spec, &truths, &err), &err);
        assert_int_equal(count > 0, truths.size > 0); /* each truth that is said is broken */
        breaches += count;
    }
    free(all);
    return breaches;
}

static void test_every_truth_of_every_column(void **state) {
    (void)state;
    for (size_t i = 0; i < kind_count(); i++) {
        size_t breaches = break_kind(kind_at(i));
        print_message("# %s: %zu breaches\n", kind_at(i)->name, breaches);
        assert_true(breaches > 0 || strcmp(kind_at(i)->name, "table") == 0);
    }
}

/* ---- the table itself ---- */

static bool is_symbol(const struct kind_spec *kind, const char *symbol) {
    size_t size = strlen(symbol);
    for (size_t i = 0; i < kind_n_columns(kind); i++) {
        const char *dim = kind_column_at(kind, i)->shape;
        while (dim != NULL && *dim != '\0') {
            if (strncmp(dim, symbol, size) == 0 && strchr(",+", dim[size]) != NULL) return true;
            dim += strcspn(dim, ",");
            dim += *dim == ',';
        }
    }
    return false;
}

static void assert_sound(const struct kind_spec *kind, const struct column_spec *c) {
    if (c->offsets_of != NULL) {
        assert_int_equal(c->dtype, DTYPE_U64);
        assert_true(is_symbol(kind, c->offsets_of));
        assert_null(strchr(c->shape, ','));
    }
    if (c->index_of != NULL) assert_true(is_symbol(kind, c->index_of));
    if (c->or_none) assert_int_equal(c->dtype, DTYPE_U32);
    if (c->or_none) assert_non_null(c->index_of);
    if (c->or_nan) assert_true(dtype_is_real(c->dtype));
    if (!dtype_is_real(c->dtype)) assert_true(c->range.max < (double)INFINITY);
    if (c->permutation) assert_int_equal(c->dtype, DTYPE_U64);
    if (c->per == NULL) return;
    assert_int_not_equal(c->order, ORDER_ANY);
    const struct column_spec *per = kind_column(kind, c->per);
    assert_non_null(per);
    assert_null(per->per);
    assert_true(per->offsets_of != NULL || strcmp(per->shape, c->shape) == 0);
}

static void test_the_table_is_sound(void **state) {
    (void)state;
    for (size_t i = 0; i < kind_count(); i++) {
        for (size_t k = 0; k < kind_n_columns(kind_at(i)); k++)
            assert_sound(kind_at(i), kind_column_at(kind_at(i), k));
    }
    /* where the table repeats an enumeration */
    assert_true(kind_column(kind_find("split"), "role")->range.max == ROLES - 1);
    assert_true(kind_column(kind_find("similarity"), "term.group")->range.max == TERM_GROUPS - 1);
}

static void test_joining(void **state) {
    (void)state;
    static const struct column_spec twice[] = {COLUMN("state", DTYPE_U8, "bytes", "")};
    struct error err = {0};
    const struct kind_spec *kind = kind_find("checkpoint");
    assert_int_equal(kind_n_columns(kind), kind->n_columns + JOINED);
    assert_ok(kind_join("checkpoint", joined, JOINED, &err), &err);
    assert_int_equal(kind_n_columns(kind), kind->n_columns + JOINED);
    assert_ptr_equal(kind_column_at(kind, kind->n_columns), joined);
    assert_null(kind_column_at(kind, kind_n_columns(kind)));
    assert_int_equal(kind_join("checkpoint", twice, 1, &err), STATUS_FAILED);
    assert_string_equal(err.text, "kind checkpoint has a column \"state\" already");
    assert_int_equal(kind_join("films", twice, 1, &err), STATUS_FAILED);
    assert_string_equal(err.text, "no kind is called \"films\"");
}

static void test_names_with_a_star(void **state) {
    (void)state;
    char name[EXPANDED_SIZE];
    const struct kind_spec *kind = kind_find("checkpoint");
    const struct column_spec *cell = kind_column(kind, "join.a.cell");
    assert_non_null(cell);
    assert_null(kind_column(kind, "join.a.b.cell"));
    assert_null(kind_column(kind, "join..cell"));
    column_expand(name, "cells.*", cell, "join.a_2.cell");
    assert_string_equal(name, "cells.a_2");
    column_expand(name, "joined", cell, "join.a.cell");
    assert_string_equal(name, "joined");
}

/* ---- files that lack what a truth speaks of ---- */

static void add_u64(struct artifact_writer *w, const char *name, size_t n, const uint64_t *values) {
    struct error err = {0};
    assert_ok(artifact_add_1d(w, name, DTYPE_U64, n, values, &err), &err);
}

static struct artifact_writer *begin_checkpoint(void) {
    struct error err = {0};
    struct artifact_writer *w = NULL;
    const uint8_t byte = 0;
    assert_ok(artifact_create(&w, path, "checkpoint", &err), &err);
    assert_ok(artifact_add_1d(w, "state", DTYPE_U8, 1, &byte, &err), &err);
    return w;
}

static void assert_untrue(const char *column, const char *said) {
    AUTO(buf) struct buf report = {0};
    struct error err = {0};
    struct artifact *a = NULL;
    MEM_AUTO void *values = NULL;
    assert_int_equal(artifact_verify(path, &report), FAULT_TRUTH);
    if (strstr(report.data, said) == NULL) fail_msg("%s", report.data);
    assert_ok(artifact_open(&a, path, "checkpoint", &err), &err);
    enum dtype dtype = artifact_column(a, column)->dtype;
    assert_int_equal(artifact_read(a, column, dtype, UINT64_MAX, &values, &err), STATUS_DAMAGED);
    if (strstr(err.text, said) == NULL) fail_msg("%s", err.text);
    artifact_close(a);
}

static void test_what_a_truth_needs(void **state) {
    (void)state;
    struct error err = {0};
    const uint64_t offset[] = {0, 0};
    struct artifact_writer *w = begin_checkpoint();
    add_u64(w, "join.x.offset", 2, offset);
    assert_ok(artifact_commit(w, &err), &err);
    assert_untrue("join.x.offset",
                  "column \"join.x.offset\": no column says how many cells.x there are");

    const uint16_t cell[] = {0};
    const int8_t joined_values[] = {1};
    w = begin_checkpoint();
    assert_ok(artifact_add_1d(w, "join.i8", DTYPE_I8, 1, joined_values, &err), &err);
    assert_ok(artifact_add_1d(w, "join.x.cell", DTYPE_U16, 1, cell, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    assert_untrue("join.x.cell", "column \"join.x.cell\": its rows: no column \"join.x.offset\"");
}

/* An index of nothing has no good value, but a column without values is good. */
static void test_empty_dimensions(void **state) {
    (void)state;
    struct error err = {0};
    const uint64_t rows[] = {0, 1}, value[] = {0};
    const uint8_t none = 0;
    struct artifact_writer *w = begin_checkpoint();
    add_u64(w, "join.long_row", 2, rows);
    add_u64(w, "join.long", 1, value);
    assert_ok(artifact_add_1d(w, "join.bound", DTYPE_U8, 0, &none, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    assert_untrue("join.long", "column \"join.long\": value 0 at 0 is not below bound = 0");

    w = begin_checkpoint();
    add_u64(w, "join.long_row", 1, rows);
    add_u64(w, "join.long", 0, value);
    assert_ok(artifact_add_1d(w, "join.bound", DTYPE_U8, 0, &none, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
    assert_int_equal(artifact_verify(path, NULL), 0);
}

/* ---- columns of several chunks ---- */

enum { LONG = 400000, PER_CHUNK = CHUNK_RAW_SIZE / 8 };
static uint64_t long_values[LONG], long_rows[3] = {0, 2 * PER_CHUNK, LONG};

static void write_long(void) {
    struct error err = {0};
    MEM_AUTO uint8_t *bound = NULL;
    struct artifact_writer *w = begin_checkpoint();
    assert_ok(MEM_NEW(&bound, LONG, &err), &err);
    add_u64(w, "join.long_row", 3, long_rows);
    add_u64(w, "join.long", LONG, long_values);
    assert_ok(artifact_add_1d(w, "join.bound", DTYPE_U8, LONG, bound, &err), &err);
    bound[0] = 200; /* an index whose type cannot reach the bound */
    assert_ok(artifact_add_1d(w, "join.narrow", DTYPE_U8, 1, bound, &err), &err);
    assert_ok(artifact_commit(w, &err), &err);
}

/* Rows ascend anew from the second one, which begins where a chunk does. */
static void fill_long(void) {
    for (uint64_t i = 0; i < LONG; i++)
        long_values[i] = i < long_rows[1] ? i : i - long_rows[1];
}

static void assert_long_breach(uint64_t at, uint64_t value) {
    char said[64];
    snprintf(said, sizeof(said), "column \"join.long\": value %" PRIu64 " at %" PRIu64 " ", value,
             at);
    fill_long();
    long_values[at] = value;
    write_long();
    assert_untrue("join.long", said);
}

static void test_columns_of_several_chunks(void **state) {
    (void)state;
    fill_long();
    write_long();
    assert_int_equal(artifact_verify(path, NULL), 0);
    assert_long_breach(PER_CHUNK, 0);                 /* seen only across the seam */
    assert_long_breach(PER_CHUNK, PER_CHUNK - 1);     /* the same, equal */
    assert_long_breach(PER_CHUNK + 1, PER_CHUNK - 5); /* within the second chunk */
    assert_long_breach(LONG - 1, 7);
    assert_long_breach(LONG - 1, LONG); /* beyond the bound */
    assert_long_breach(3 * PER_CHUNK, LONG + 7);
}

/* Of several breaches the first is reported, whatever the number of threads. */
static void test_the_first_breach_is_reported(void **state) {
    (void)state;
    fill_long();
    long_values[3 * PER_CHUNK + 5] = long_values[PER_CHUNK + 9] = LONG;
    write_long();
    assert_untrue("join.long", "value 400000 at 131081 is not below bound = 400000");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_truth_of_every_column),
        cmocka_unit_test(test_the_table_is_sound),
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_names_with_a_star),
        cmocka_unit_test(test_what_a_truth_needs),
        cmocka_unit_test(test_empty_dimensions),
        cmocka_unit_test(test_columns_of_several_chunks),
        cmocka_unit_test(test_the_first_breach_is_reported),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("kinds", tests, prepare, clean_up);
}
