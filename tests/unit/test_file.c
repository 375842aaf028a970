#include "common/base/file.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "tests/unit/support.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

/* ---- what reaches the disk: fsync and rename as this program calls them, written down ---- */

static char calls[32];   /* f: a file was synced, d: a folder, r: a file was renamed */
static char failing;     /* the call of these that fails */
static int failing_with; /* this errno */

static bool note(char call) {
    size_t n = strlen(calls);
    if (n + 1 < sizeof calls) calls[n] = call, calls[n + 1] = '\0';
    errno = failing_with;
    return call != failing;
}

int fsync(int file) {
    static int (*next)(int);
    struct stat info;
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "fsync");
    if (fstat(file, &info) != 0) return -1;
    return note(S_ISDIR(info.st_mode) ? 'd' : 'f') ? next(file) : -1;
}

int rename(const char *from, const char *to) {
    static int (*next)(const char *, const char *);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "rename");
    return note('r') ? next(from, to) : -1;
}

static void put(const char *name, const char *text, enum status expected) {
    struct error err = {0};
    struct file_writer w;
    assert_int_equal(file_writer_open(&w, scratch(name), &err), STATUS_OK);
    assert_true(fputs(text, w.stream) >= 0);
    assert_int_equal(file_writer_commit(&w, &err), expected);
    assert_null(w.stream);
}

static void commit_replaces(void **state) {
    (void)state;
    put("a", "one", STATUS_OK);
    assert_string_equal(scratch_read("a"), "one");
    put("a", "two", STATUS_OK);
    assert_string_equal(scratch_read("a"), "two");
    assert_false(file_exists(scratch("a.part")));
}

/* The bytes are on the disk before the name is theirs, and the name before commit returns. */
static void commit_is_durable(void **state) {
    (void)state;
    calls[0] = '\0';
    put("a", "one", STATUS_OK);
    assert_string_equal(calls, "frd");
    calls[0] = '\0';
    put("a", "two", STATUS_OK);
    assert_string_equal(calls, "frd");
}

static void break_disk(char call, int with) {
    failing = call;
    failing_with = with;
}

static void failures_of_the_disk_are_reported(void **state) {
    (void)state;
    put("a", "old", STATUS_OK);
    break_disk('f', EIO);
    put("a", "new", STATUS_FAILED);
    assert_string_equal(scratch_read("a"), "old");
    break_disk('r', EIO);
    put("a", "new", STATUS_FAILED);
    assert_string_equal(scratch_read("a"), "old");
    break_disk('d', EIO);
    put("a", "new", STATUS_FAILED);
    break_disk('d', EINVAL); /* of a file system that cannot sync folders */
    put("a", "newer", STATUS_OK);
    break_disk('\0', 0);
    assert_string_equal(scratch_read("a"), "newer");
    assert_false(file_exists(scratch("a.part")));
}

static void nothing_appears_before_commit(void **state) {
    (void)state;
    struct error err = {0};
    struct file_writer w;
    scratch_write("a", "old");
    assert_int_equal(file_writer_open(&w, scratch("a"), &err), STATUS_OK);
    assert_true(fputs("new", w.stream) >= 0);
    assert_int_equal(fflush(w.stream), 0);
    assert_string_equal(scratch_read("a"), "old");
    file_writer_abandon(&w);
    assert_string_equal(scratch_read("a"), "old");
    assert_false(file_exists(scratch("a.part")));
    file_writer_abandon(&w); /* harmless */
}

static void same_bytes_keep_the_old_file(void **state) {
    (void)state;
    const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    struct stat info;
    put("a", "same", STATUS_OK);
    assert_int_equal(utimensat(AT_FDCWD, scratch("a"), long_ago, 0), 0);
    put("a", "same", STATUS_OK);
    assert_int_equal(stat(scratch("a"), &info), 0);
    assert_int_equal(info.st_mtim.tv_sec, 1000000000);
    assert_false(file_exists(scratch("a.part")));
    put("a", "sama", STATUS_OK); /* same size, other bytes */
    assert_int_equal(stat(scratch("a"), &info), 0);
    assert_int_not_equal(info.st_mtim.tv_sec, 1000000000);
}

/* A file of zeros but for one byte, larger than what is compared at a time. */
static void put_large_at(long place, char byte) {
    struct error err = {0};
    struct file_writer w;
    assert_int_equal(file_writer_open(&w, scratch("a"), &err), STATUS_OK);
    assert_int_equal(ftruncate(fileno(w.stream), (40L << 20) + 1), 0);
    assert_int_equal(fseek(w.stream, place, SEEK_SET), 0);
    assert_int_equal(fputc(byte, w.stream), byte);
    assert_int_equal(file_writer_commit(&w, &err), STATUS_OK);
}

static void put_large(char last) {
    put_large_at(40L << 20, last);
}

static void large_files_are_compared_to_the_end(void **state) {
    (void)state;
    struct stat first, same, other;
    put_large('x');
    assert_int_equal(stat(scratch("a"), &first), 0);
    put_large('x');
    assert_int_equal(stat(scratch("a"), &same), 0);
    assert_int_equal(same.st_ino, first.st_ino);
    put_large('y');
    assert_int_equal(stat(scratch("a"), &other), 0);
    assert_int_not_equal(other.st_ino, first.st_ino);
    for (long mebibyte = 0; mebibyte < 40; mebibyte += 5) {
        put_large_at(mebibyte << 20, 'x');
        assert_int_equal(stat(scratch("a"), &same), 0);
        assert_int_not_equal(same.st_ino, other.st_ino);
        other = same;
    }
}

static void writers_of_one_file_do_not_meet(void **state) {
    (void)state;
    struct error err = {0};
    struct file_writer w[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(file_writer_open(&w[i], scratch("a"), &err), STATUS_OK);
        assert_true(fprintf(w[i].stream, "%d", i) > 0);
    }
    assert_true(file_exists(scratch("a.part")));
    assert_true(file_exists(scratch("a.2.part")));
    assert_int_equal(file_writer_commit(&w[1], &err), STATUS_OK);
    assert_string_equal(scratch_read("a"), "1");
    put("a", "another", STATUS_OK); /* takes the name that is free again */
    file_writer_abandon(&w[2]);
    assert_string_equal(scratch_read("a"), "another");
    assert_int_equal(file_writer_commit(&w[0], &err), STATUS_OK);
    assert_string_equal(scratch_read("a"), "0");
    assert_false(file_exists(scratch("a.part")));
    assert_false(file_exists(scratch("a.2.part")));
    assert_false(file_exists(scratch("a.3.part")));
}

static void remains_of_the_killed_are_taken_over(void **state) {
    (void)state;
    scratch_write("a.part", "much longer than what is written now");
    put("a", "new", STATUS_OK);
    assert_string_equal(scratch_read("a"), "new");
    assert_false(file_exists(scratch("a.part")));
}

static void open_says_what_it_cannot_write(void **state) {
    (void)state;
    struct error err = {0};
    struct file_writer w;
    char expected[600];
    (void)snprintf(expected, sizeof expected,
                   "%s.part: cannot be written: No such file or directory", scratch("no/a"));
    assert_int_equal(file_writer_open(&w, scratch("no/a"), &err), STATUS_FAILED);
    assert_string_equal(err.text, expected);
    file_writer_abandon(&w);
}

static void only_regular_files_are_replaced(void **state) {
    (void)state;
    struct error err = {0};
    struct file_writer w;
    struct stat info;
    assert_int_equal(mkfifo(scratch("pipe"), 0600), 0);
    assert_int_equal(file_writer_open(&w, scratch("pipe"), &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "pipe: is not a regular file"));
    assert_null(w.stream);
    file_writer_abandon(&w);
    assert_int_equal(stat(scratch("pipe"), &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_false(file_exists(scratch("pipe.part")));
    assert_int_equal(file_writer_open(&w, scratch_folder, &err), STATUS_FAILED);
    assert_int_equal(file_writer_open(&w, "", &err), STATUS_FAILED);
    assert_string_equal(err.text, "\"\": is no name of a file");
}

static void full_disk_is_a_failure(void **state) {
    (void)state;
    if (!file_exists("/dev/full")) skip();
    struct error err = {0};
    struct file_writer w;
    assert_int_equal(file_writer_open(&w, scratch("a"), &err), STATUS_OK);
    assert_int_equal(fclose(w.stream), 0);
    w.stream = fopen("/dev/full", "wb");
    assert_non_null(w.stream);
    assert_true(fputs("text", w.stream) >= 0);
    assert_int_equal(file_writer_commit(&w, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "No space left on device"));
    assert_false(file_exists(scratch("a")));
    assert_false(file_exists(scratch("a.part")));
}

static void read_appends_the_whole_file(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(buf) struct buf expected = {0};
    AUTO(buf) struct buf found = {0};
    for (int i = 0; i < 30000; i++) {
        assert_int_equal(buf_printf(&expected, &err, "%d,", i), STATUS_OK);
    }
    scratch_write("a", expected.data);
    assert_int_equal(file_read(scratch("a"), &found, &err), STATUS_OK);
    assert_int_equal(found.size, expected.size);
    assert_memory_equal(found.data, expected.data, expected.size);
    assert_int_equal(file_read(scratch("none"), &found, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "none: cannot be opened: No such file"));
    assert_int_equal(file_read(scratch_folder, &found, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "cannot be read: Is a directory"));
}

static void map_shows_the_bytes(void **state) {
    (void)state;
    struct error err = {0};
    struct file_map map;
    scratch_write("a", "bytes");
    assert_int_equal(file_map_open(&map, scratch("a"), &err), STATUS_OK);
    assert_int_equal(map.size, 5);
    assert_memory_equal(map.data, "bytes", 5);
    file_map_release(&map);
    scratch_write("empty", "");
    assert_int_equal(file_map_open(&map, scratch("empty"), &err), STATUS_OK);
    assert_int_equal(map.size, 0);
    assert_null(map.data);
    file_map_release(&map);
    assert_int_equal(file_map_open(&map, scratch_folder, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "is not a regular file"));
}

static void folders_are_made_with_their_parents(void **state) {
    (void)state;
    struct error err = {0};
    struct stat info;
    assert_int_equal(file_make_directory(scratch("a/b//c/"), &err), STATUS_OK);
    assert_int_equal(file_make_directory(scratch("a/b/c"), &err), STATUS_OK);
    assert_int_equal(stat(scratch("a/b/c"), &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    scratch_write("file", "");
    assert_int_equal(file_make_directory(scratch("file/d"), &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "file: folder cannot be made"));
}

static void digest_of(const char *text, char out[DIGEST_TEXT_SIZE]) {
    const struct digest d = hash_bytes(text, strlen(text));
    digest_text(&d, out);
}

/* Values of `xxhsum -H2`. */
static void digests_match_the_reference(void **state) {
    (void)state;
    char text[DIGEST_TEXT_SIZE];
    digest_of("", text);
    assert_string_equal(text, "99aa06d3014798d86001c324468d497f");
    digest_of("a", text);
    assert_string_equal(text, "a96faf705af16834e6c632b61e964e1f");
}

static void streaming_equals_one_piece(void **state) {
    (void)state;
    struct error err = {0};
    struct hash *h = NULL;
    uint8_t bytes[1000];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 31);
    }
    assert_int_equal(hash_start(&h, &err), STATUS_OK);
    for (size_t at = 0, step = 1; at < sizeof bytes; at += step, step += 7) {
        hash_update(h, bytes + at, step < sizeof bytes - at ? step : sizeof bytes - at);
    }
    const struct digest streamed = hash_finish(h), whole = hash_bytes(bytes, sizeof bytes);
    assert_true(digest_equal(&streamed, &whole));
    bytes[999] ^= 1;
    const struct digest other = hash_bytes(bytes, sizeof bytes);
    assert_false(digest_equal(&streamed, &other));
}

static struct digest pair_of_texts(const char *a, const char *b) {
    struct error err = {0};
    struct hash *h = NULL;
    assert_int_equal(hash_start(&h, &err), STATUS_OK);
    hash_update_text(h, a);
    hash_update_text(h, b);
    return hash_finish(h);
}

static void texts_are_hashed_with_their_length(void **state) {
    (void)state;
    const struct digest x = pair_of_texts("ab", "c"), y = pair_of_texts("a", "bc");
    assert_false(digest_equal(&x, &y));
}

static void numbers_are_hashed_little_endian(void **state) {
    (void)state;
    struct error err = {0};
    struct hash *h = NULL;
    assert_int_equal(hash_start(&h, &err), STATUS_OK);
    hash_update_u64(h, 0x0102030405060708U);
    const struct digest found = hash_finish(h), expected = hash_bytes("\10\7\6\5\4\3\2\1", 8);
    assert_true(digest_equal(&found, &expected));
}

static void digest_text_reads_back(void **state) {
    (void)state;
    char text[DIGEST_TEXT_SIZE];
    struct digest d = hash_bytes("x", 1), back;
    digest_text(&d, text);
    assert_true(digest_parse(text, &back));
    assert_true(digest_equal(&d, &back));
    assert_false(digest_parse("", &back));
    assert_false(digest_parse("99aa06d3014798d86001c324468d497", &back));   /* short */
    assert_false(digest_parse("99aa06d3014798d86001c324468d497f0", &back)); /* long */
    assert_false(digest_parse("99aa06d3014798d86001c324468d497g", &back));
    assert_false(digest_parse("99AA06D3014798D86001C324468D497F", &back)); /* one form only */
}

static void file_hash_is_that_of_its_bytes(void **state) {
    (void)state;
    struct error err = {0};
    struct digest found;
    scratch_write("a", "some bytes");
    assert_int_equal(hash_file(scratch("a"), &found, &err), STATUS_OK);
    const struct digest expected = hash_bytes("some bytes", 10);
    assert_true(digest_equal(&found, &expected));
    assert_int_equal(hash_file(scratch("none"), &found, &err), STATUS_FAILED);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(commit_replaces),
        SCRATCH_TEST(commit_is_durable),
        SCRATCH_TEST(failures_of_the_disk_are_reported),
        SCRATCH_TEST(nothing_appears_before_commit),
        SCRATCH_TEST(same_bytes_keep_the_old_file),
        SCRATCH_TEST(large_files_are_compared_to_the_end),
        SCRATCH_TEST(writers_of_one_file_do_not_meet),
        SCRATCH_TEST(remains_of_the_killed_are_taken_over),
        SCRATCH_TEST(open_says_what_it_cannot_write),
        SCRATCH_TEST(only_regular_files_are_replaced),
        SCRATCH_TEST(full_disk_is_a_failure),
        SCRATCH_TEST(read_appends_the_whole_file),
        SCRATCH_TEST(map_shows_the_bytes),
        SCRATCH_TEST(folders_are_made_with_their_parents),
        cmocka_unit_test(digests_match_the_reference),
        cmocka_unit_test(streaming_equals_one_piece),
        cmocka_unit_test(texts_are_hashed_with_their_length),
        cmocka_unit_test(numbers_are_hashed_little_endian),
        cmocka_unit_test(digest_text_reads_back),
        SCRATCH_TEST(file_hash_is_that_of_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
