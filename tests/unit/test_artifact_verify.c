/* Verify finds every single flipped bit and every truncation, and names what it found. */
#include "common/artifact/artifact.h"
#include "common/artifact/format.h"
#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "tests/unit/artifact_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/marquee-verify-XXXXXX";
static char whole[64]; /* the good file */
static char path[64]; /* of a file in memory: ten thousand rewrites on disk would take their time */
static int memory = -1;
static struct buf good;

static int prepare(void **state) {
    (void)state;
    struct error err = {0};
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(whole, sizeof(whole), "%s/a.art", folder);
    write_small(whole);
    memory = memfd_create("artifact", MFD_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
    return memory >= 0 && file_read(whole, &good, &err) == STATUS_OK ? 0 : -1;
}

static int clean_up(void **state) {
    (void)state;
    buf_release(&good);
    close(memory);
    unlink(whole);
    return rmdir(folder);
}

static void write_file(const void *bytes, size_t size) {
    assert_int_equal(ftruncate(memory, (off_t)size), 0);
    assert_int_equal(pwrite(memory, bytes, size, 0), (ssize_t)size);
}

static bool opens(void) {
    struct error err = {0};
    struct artifact *a;
    if (artifact_open(&a, path, NULL, &err) != STATUS_OK) {
        assert_int_equal(err.status, STATUS_DAMAGED);
        assert_non_null(strstr(err.text, path));
        return false;
    }
    artifact_close(a);
    return true;
}

static void test_good(void **state) {
    (void)state;
    AUTO(buf) struct buf report = {0};
    write_file(good.data, good.size);
    assert_int_equal(artifact_verify(path, &report), 0);
    assert_int_equal(report.size, 0);
}

static void test_every_flipped_bit(void **state) {
    (void)state;
    AUTO(buf) struct buf report = {0};
    uint64_t contents = get_u64((unsigned char *)good.data + 32);
    for (size_t bit = 0; bit < good.size * 8; bit++) {
        good.data[bit / 8] = (char)(good.data[bit / 8] ^ (1 << bit % 8));
        write_file(good.data, good.size);
        buf_clear(&report);
        unsigned faults = artifact_verify(path, &report);
        size_t at = bit / 8;
        unsigned expected = at < MAGIC_SIZE                 ? FAULT_OPEN
                            : at < HEADER_SIZE              ? FAULT_HEADER
                            : at < contents                 ? FAULT_CHUNK
                            : at < good.size - TRAILER_SIZE ? FAULT_CONTENTS
                                                            : FAULT_HEADER;
        if (faults != expected)
            fail_msg("bit %zu: faults %u, not %u: %s", bit, faults, expected, report.data);
        assert_true(report.size > 0 && report.data[report.size - 1] == '\n');
        assert_int_equal(opens(), expected == FAULT_CHUNK);
        good.data[bit / 8] = (char)(good.data[bit / 8] ^ (1 << bit % 8));
    }
}

static void test_every_truncation(void **state) {
    (void)state;
    for (size_t size = 0; size < good.size; size++) {
        write_file(good.data, size);
        unsigned faults = artifact_verify(path, NULL);
        assert_int_equal(faults, size == 0 ? FAULT_OPEN : FAULT_HEADER);
        assert_false(opens());
    }
}

static void test_appended_bytes(void **state) {
    (void)state;
    AUTO(buf) struct buf longer = {0};
    struct error err = {0};
    buf_append(&longer, good.data, good.size, &err);
    for (size_t i = 0; i < 20; i++) {
        buf_append(&longer, "", 1, &err);
        write_file(longer.data, longer.size);
        assert_int_equal(artifact_verify(path, NULL), FAULT_HEADER);
    }
}

static void test_unfinished_file(void **state) {
    (void)state;
    AUTO(buf) struct buf report = {0};
    memset(good.data, 0, HEADER_SIZE);
    write_file(good.data, good.size);
    assert_int_equal(artifact_verify(path, &report), FAULT_HEADER);
    assert_non_null(strstr(report.data, "never finished"));
    struct error err = {0};
    buf_clear(&good);
    assert_int_equal(file_read(whole, &good, &err), STATUS_OK);
}

/* ---- files whose checksums are right but whose contents are not ---- */

/* Replaces the table of contents by an edited copy and repairs sizes and checksums around it. */
static void write_forged(const unsigned char *data, size_t data_size, const unsigned char *contents,
                         size_t contents_size) {
    unsigned char header[HEADER_SIZE], trailer[TRAILER_SIZE];
    struct header h = {.major = FORMAT_MAJOR,
                       .file_size = data_size + contents_size + TRAILER_SIZE,
                       .contents_offset = data_size,
                       .contents_size = contents_size,
                       .contents_checksum = format_checksum(contents, contents_size)};
    header_encode(&h, header);
    trailer_encode(h.file_size, trailer);
    AUTO(buf) struct buf file = {0};
    struct error err = {0};
    buf_append(&file, header, HEADER_SIZE, &err);
    buf_append(&file, data + HEADER_SIZE, data_size - HEADER_SIZE, &err);
    buf_append(&file, contents, contents_size, &err);
    buf_append(&file, trailer, TRAILER_SIZE, &err);
    write_file(file.data, file.size);
}

/* A filter that happens to give the same values is no fault: it stands behind a name and a type. */
static bool is_filter(const unsigned char *contents, uint64_t at) {
    return at > 2 && contents[at - 2] == '\0' && contents[at - 1] > 0 &&
           contents[at - 1] <= DTYPE_F16 && contents[at] <= FILTER_LAST;
}

/* Every byte of the table of contents set to other values under a right checksum: never a crash,
 * and always a fault, because values, statistics, lineage and metadata all are under an id. */
static void test_forged_contents(void **state) {
    (void)state;
    unsigned char *bytes = (unsigned char *)good.data;
    uint64_t at = get_u64(bytes + 32), size = get_u64(bytes + 40);
    unsigned char *contents = test_malloc(size);
    for (uint64_t i = 0; i < size; i++) {
        static const unsigned char others[] = {0x01, 0x80, 0xFF};
        for (size_t k = 0; k < sizeof(others); k++) {
            memcpy(contents, bytes + at, size);
            contents[i] ^= others[k];
            write_forged(bytes, at, contents, size);
            if (artifact_verify(path, NULL) == 0 && !is_filter(bytes + at, i))
                fail_msg("byte %d of the contents", (int)i);
            (void)opens();
        }
    }
    for (uint64_t cut = 0; cut < size; cut++) {
        write_forged(bytes, at, bytes + at, cut);
        assert_int_equal(artifact_verify(path, NULL), FAULT_CONTENTS);
    }
    test_free(contents);
}

static void test_bytes_that_belong_to_nothing(void **state) {
    (void)state;
    unsigned char *bytes = (unsigned char *)good.data;
    uint64_t at = get_u64(bytes + 32), size = get_u64(bytes + 40);
    AUTO(buf) struct buf data = {0};
    AUTO(buf) struct buf report = {0};
    struct error err = {0};
    buf_append(&data, bytes, at, &err);
    buf_append(&data, "??", 2, &err);
    write_forged((unsigned char *)data.data, data.size, bytes + at, size);
    assert_int_equal(artifact_verify(path, &report), FAULT_BYTES);
    assert_non_null(strstr(report.data, "belong to nothing"));
    assert_true(opens()); /* harmless to readers */
}

static void set_header(size_t at, uint32_t value, size_t width) {
    unsigned char header[HEADER_SIZE];
    memcpy(header, good.data, HEADER_SIZE);
    if (width == 2) {
        put_u16(header + at, (uint16_t)value);
    } else {
        put_u32(header + at, value);
    }
    put_u64(header + 56, format_checksum(header, 56));
    AUTO(buf) struct buf file = {0};
    struct error err = {0};
    buf_append(&file, header, HEADER_SIZE, &err);
    buf_append(&file, good.data + HEADER_SIZE, good.size - HEADER_SIZE, &err);
    write_file(file.data, file.size);
}

static void test_versions_and_flags(void **state) {
    (void)state;
    set_header(8, FORMAT_MAJOR + 1, 2);
    assert_int_equal(artifact_verify(path, NULL), FAULT_HEADER);
    set_header(10, FORMAT_MINOR + 1, 2);
    assert_int_equal(artifact_verify(path, NULL), 0);
    set_header(12, 1, 4);
    assert_int_equal(artifact_verify(path, NULL), FAULT_HEADER);
    set_header(12, 0x80000000, 4);
    assert_int_equal(artifact_verify(path, NULL), FAULT_HEADER);
    assert_false(opens());
    set_header(16, 0x80000001, 4);
    assert_int_equal(artifact_verify(path, NULL), 0);
    assert_true(opens());
    set_header(20, 1, 4);
    assert_int_equal(artifact_verify(path, NULL), FAULT_HEADER);
}

static void test_no_file(void **state) {
    (void)state;
    AUTO(buf) struct buf report = {0};
    assert_int_equal(artifact_verify("/nonexistent.art", &report), FAULT_OPEN);
    assert_non_null(strstr(report.data, "/nonexistent.art"));
    assert_int_equal(artifact_verify(folder, &report), FAULT_OPEN);
    write_file("userId,movieId\n", 15);
    assert_int_equal(artifact_verify(path, NULL), FAULT_OPEN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_every_flipped_bit),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_appended_bytes),
        cmocka_unit_test(test_unfinished_file),
        cmocka_unit_test(test_forged_contents),
        cmocka_unit_test(test_bytes_that_belong_to_nothing),
        cmocka_unit_test(test_versions_and_flags),
        cmocka_unit_test(test_no_file),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("artifact verify", tests, prepare, clean_up);
}
