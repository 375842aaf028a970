/* Lists as files: their names, and more of them than are kept in memory at once. */
#include "stages/evaluate/list_files.h"
#include "stages/evaluate/list_names.h"
#include "tests/unit/support.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"

#include <math.h>

static void names_are_ids_and_numbers(void **state) {
    (void)state;
    char name[LIST_NAME_SIZE];
    uint32_t id = 0, number = 0;
    list_name_print(name, 4294967295, 4294967295);
    assert_string_equal(name, "4294967295.4294967295");
    assert_true(list_name_parse(name, &id, &number));
    assert_int_equal(id, 4294967295);
    assert_int_equal(number, 4294967295);
    list_name_print(name, 17, 1);
    assert_string_equal(name, "17");
    assert_true(list_name_parse(name, &id, &number));
    assert_int_equal(id, 17);
    assert_int_equal(number, 1);
    static const char *const bad[] = {"",     "x",   "17.",  "17.1", "17.0", "-1",
                                      "17.x", "017", "1.02", "1 ",   "17a",  "4294967296"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(list_name_parse(bad[i], &id, &number));
    }
}

static void rows_of_a_user_are_numbered(void **state) {
    (void)state;
    const uint32_t user[] = {0, 3, 3, 3, 4};
    const uint32_t wanted[] = {1, 1, 2, 3, 1};
    for (size_t row = 0; row < 5; row++) {
        assert_int_equal(list_number(user, row), wanted[row]);
    }
}

static void contents(const char *file, const char *wanted) {
    struct error err = {0};
    AUTO(buf) struct buf text = {0};
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", scratch_folder, file);
    assert_int_equal(file_read(path, &text, &err), STATUS_OK);
    assert_string_equal(text.data, wanted);
}

/* A catalogue so large that two lists fill the memory: five rows are three pieces. Of two models
 * one has no file. */
static void rows_are_written_piece_by_piece(void **state) {
    (void)state;
    enum { MOVIES = 1 << 21 };
    struct error err = {0};
    MEM_AUTO uint32_t *id = NULL;
    uint32_t user_id[] = {7, 9};
    const uint32_t user[] = {0, 1, 1, 1, 1}, movie[] = {2, 0, 1};
    const float score[] = {0.5F, 0.1F, 0.5F}, unknown[] = {1, NAN, NAN};
    const char *const model[] = {"a", NULL};
    char prefix[300];
    assert_int_equal(MEM_NEW(&id, MOVIES, &err), STATUS_OK);
    for (uint32_t m = 0; m < MOVIES; m++) {
        id[m] = 100 + m;
    }
    (void)snprintf(prefix, sizeof prefix, "%s/x", scratch_folder);
    const struct catalogue c = {.n_movies = MOVIES, .movie_id = id, .user_id = user_id};
    const struct list_request request = {prefix, 0, &c};
    struct list_files *f = NULL;
    assert_int_equal(list_files_open(&f, &request, model, 2, user, 5, &err), STATUS_OK);
    size_t chunk = list_files_chunk(f, 5);
    assert_int_equal(chunk, 2);
    for (size_t first = 0; first < 5; first += chunk) {
        size_t end = first + chunk < 5 ? first + chunk : 5;
        for (size_t row = first; row < end; row++) {
            const float *own = row == 4 ? unknown : score;
            for (size_t m = 0; m < 2; m++) {
                assert_int_equal(list_files_keep(f, m, row, movie, own, 3, 1, &err), STATUS_OK);
            }
        }
        assert_int_equal(list_files_write(f, first, end, &err), STATUS_OK);
    }
    assert_int_equal(list_files_commit(f, &err), STATUS_OK);
    list_files_release(f);
#define LIST(name)                                                                                 \
    name " Q0 101 1 0.5 a\n" name " Q0 102 2 0.5 a\n" name " Q0 100 3 0.100000001 a\n"
    contents("x.a.run", LIST("7") LIST("9") LIST("9.2") LIST("9.3") "9.4 Q0 102 1 1 a\n");
    contents("x.qrels", "7 0 102 1\n9 0 102 1\n9.2 0 102 1\n9.3 0 102 1\n9.4 0 102 1\n");
}

static void nothing_is_left_of_what_is_not_finished(void **state) {
    (void)state;
    struct error err = {0};
    uint32_t id[] = {5, 6};
    char prefix[300], path[320];
    (void)snprintf(prefix, sizeof prefix, "%s/gone", scratch_folder);
    (void)snprintf(path, sizeof path, "%s.qrels.part", prefix);
    const struct catalogue c = {.n_movies = 2, .movie_id = id, .user_id = id};
    const struct list_request request = {prefix, 10, &c};
    struct list_files *f = NULL;
    const char *const model[] = {"a"};
    const uint32_t user[] = {0};
    assert_int_equal(list_files_open(&f, &request, model, 1, user, 1, &err), STATUS_OK);
    assert_true(file_exists(path));
    assert_int_equal(list_files_keep(f, 0, 0, id, (float[]){1}, 0, 0, &err), STATUS_OK);
    list_files_release(f);
    assert_false(file_exists(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_ids_and_numbers),
        cmocka_unit_test(rows_of_a_user_are_numbered),
        cmocka_unit_test(rows_are_written_piece_by_piece),
        cmocka_unit_test(nothing_is_left_of_what_is_not_finished),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
