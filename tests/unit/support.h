/* What unit tests share: cmocka with the headers it wants, and a scratch folder per test. */
#ifndef MARQUEE_TESTS_UNIT_SUPPORT_H
#define MARQUEE_TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[256];

/* For cmocka_unit_test_setup_teardown. */
__attribute__((unused)) static int scratch_setup(void **state) {
    (void)state;
    const char *parent = getenv("TMPDIR");
    (void)snprintf(scratch_folder, sizeof scratch_folder, "%s/marquee-test-XXXXXX",
                   parent && parent[0] ? parent : P_tmpdir);
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static int scratch_remove(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)type, (void)where;
    return remove(path);
}

__attribute__((unused)) static int scratch_teardown(void **state) {
    (void)state;
    return nftw(scratch_folder, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file in the scratch folder; good for fifteen more calls. */
__attribute__((unused)) static const char *scratch(const char *name) {
    static char paths[16][512];
    static unsigned next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", scratch_folder, name);
    return path;
}

__attribute__((unused)) static void scratch_write(const char *name, const char *text) {
    FILE *f = fopen(scratch(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* The text of a file in the scratch folder, "" if there is none; good until the next call. */
__attribute__((unused)) static const char *scratch_read(const char *name) {
    static char text[65536];
    FILE *f = fopen(scratch(name), "rb");
    size_t size = 0;
    if (f) {
        size = fread(text, 1, sizeof text - 1, f);
        assert_int_equal(fclose(f), 0);
    }
    text[size] = '\0';
    return text;
}

#define SCRATCH_TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

#endif
