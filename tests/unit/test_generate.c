/* Properties that every made-up data set must have. */
#include "common/base/file.h"
#include "common/base/mem.h"
#include "data/generate/files.h"

#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { USERS = 300, MOVIES = 400, RATINGS = 15000, SEED = 3 };

static const char *const names[] = {"ratings.csv", "movies.csv", "tags.csv", "links.csv"};
enum { RATINGS_CSV, MOVIES_CSV, TAGS_CSV, LINKS_CSV, FILES };

static char folder[] = "/tmp/marquee-generate-XXXXXX";
static struct buf made[FILES]; /* what a run wrote */

static void assert_ok(enum status status, const struct error *err) {
    if (status != STATUS_OK) fail_msg("%s", err->text);
}

/* Runs the generator and reads its files. */
static void generate_like(struct buf *out, const char *name, uint64_t seed, int threads) {
    const struct likeness *like = likeness_find(name);
    assert_non_null(like);
    AUTO(world) struct world w = {0};
    struct error err = {0};
    uint32_t counts[USERS];
    uint64_t n_tags = 0;
    char path[96];
    omp_set_num_threads(threads);
    assert_ok(viewer_counts(counts, USERS, RATINGS, MOVIES / 2, seed, &err), &err);
    assert_ok(world_create(&w, MOVIES, seed, &err), &err);
    assert_ok(files_write_movies(folder, &w, like, seed, &err), &err);
    assert_ok(files_write_ratings(folder, &w, like, counts, USERS, seed, &n_tags, &err), &err);
    for (size_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        buf_clear(&out[i]);
        assert_ok(file_read(path, &out[i], &err), &err);
        assert_int_equal(unlink(path), 0);
    }
}

static void generate(struct buf *out, uint64_t seed, int threads) {
    generate_like(out, "movielens", seed, threads);
}

static int make(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    generate(made, SEED, 1);
    return 0;
}

static int clean(void **state) {
    (void)state;
    for (size_t i = 0; i < FILES; i++)
        buf_release(&made[i]);
    return rmdir(folder);
}

/* ---- reading back ---- */

struct row {
    unsigned user, movie;
    double stars;
    long long time;
};

/* All rows of a ratings.csv; checks the header and the form of every line. */
static struct row *read_rows(const struct buf *file, size_t *count) {
    char *text = file->data, *line = strchr(text, '\n') + 1;
    struct row *row = calloc(RATINGS + 1, sizeof(*row));
    assert_non_null(row);
    assert_int_equal(strncmp(text, "userId,movieId,rating,timestamp\n", 32), 0);
    *count = 0;
    while (*line != '\0') {
        int end = 0;
        struct row *r = &row[*count];
        assert_true(*count < RATINGS);
        int n = sscanf(line, "%u,%u,%lf,%lld%n", &r->user, &r->movie, &r->stars, &r->time, &end);
        assert_int_equal(n, 4);
        assert_int_equal(line[end], '\n');
        line += end + 1;
        ++*count;
    }
    return row;
}

static struct row *read_ratings(size_t *count) {
    return read_rows(&made[RATINGS_CSV], count);
}

static bool movie_exists(unsigned id) {
    char start[24];
    snprintf(start, sizeof(start), "\n%u,", id);
    return strstr(made[MOVIES_CSV].data, start) != NULL;
}

/* ---- tests ---- */

static void test_counts(void **state) {
    (void)state;
    size_t count = 0, users = 0, of_user = 0;
    struct row *row = read_ratings(&count);
    assert_int_equal(count, RATINGS);
    for (size_t i = 0; i < count; i++) {
        bool first = i == 0 || row[i].user != row[i - 1].user;
        if (first) {
            assert_int_equal(row[i].user, users + 1);
            assert_true(users == 0 || of_user >= MIN_RATINGS);
            users++;
            of_user = 0;
        } else {
            assert_true(row[i].movie > row[i - 1].movie);
        }
        of_user++;
        assert_true(of_user <= MOVIES / 2);
        double half = 2.0 * row[i].stars;
        assert_true(half >= 1.0 && half <= 10.0 && half == (double)(int)half);
        assert_true(row[i].time > 1041000000 && row[i].time < 1577000000);
        if (i % 97 == 0) assert_true(movie_exists(row[i].movie));
    }
    assert_int_equal(users, USERS);
    free(row);
}

static int compare_times(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    return x->time < y->time ? -1 : x->time > y->time;
}

/* No two ratings of a user at the same second: the order is never in doubt. */
static void test_times(void **state) {
    (void)state;
    size_t count = 0, quick = 0;
    struct row *row = read_ratings(&count);
    qsort(row, count, sizeof(*row), compare_times);
    for (size_t i = 1; i < count; i++) {
        if (row[i].user != row[i - 1].user) continue;
        assert_true(row[i].time > row[i - 1].time);
        quick += row[i].time - row[i - 1].time <= 60;
    }
    assert_true(quick > count * 9 / 10 && quick < count); /* sessions, and gaps between them */
    free(row);
}

static int compare_descending(const void *a, const void *b) {
    const unsigned *x = a, *y = b;
    return *x > *y ? -1 : *x < *y;
}

/* The tenth of the movies (users) most watched (active) has far more than its share. */
static void test_skew(void **state) {
    (void)state;
    size_t count = 0, of_movies = 0, of_users = 0;
    unsigned movie[4 * MOVIES] = {0}, user[USERS + 1] = {0};
    struct row *row = read_ratings(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(row[i].movie < 4 * MOVIES);
        movie[row[i].movie]++;
        user[row[i].user]++;
    }
    qsort(movie, 4 * MOVIES, sizeof(*movie), compare_descending);
    qsort(user, USERS + 1, sizeof(*user), compare_descending);
    for (size_t i = 0; i < MOVIES / 10; i++)
        of_movies += movie[i];
    for (size_t i = 0; i < USERS / 10; i++)
        of_users += user[i];
    assert_true(of_movies > count / 4);
    assert_true(of_users > count / 4);
    assert_int_equal(user[USERS - 1] >= MIN_RATINGS, 1);
    free(row);
}

static void test_ratings_spread(void **state) {
    (void)state;
    size_t count = 0;
    struct row *row = read_ratings(&count);
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += row[i].stars;
        squares += row[i].stars * row[i].stars;
    }
    double mean = sum / (double)count, variance = squares / (double)count - mean * mean;
    assert_true(mean > 3.2 && mean < 3.8);
    assert_true(variance > 0.8 && variance < 1.4);
    free(row);
}

/* Praise stands on better ratings than blame. */
static void test_tags(void **state) {
    (void)state;
    size_t count = 0;
    struct row *row = read_ratings(&count);
    size_t good = 0, bad = 0;
    for (char *line = strchr(made[TAGS_CSV].data, '\n') + 1; *line != '\0';
         line = strchr(line, '\n') + 1) {
        unsigned user = 0, movie = 0;
        char tag[64];
        long long time = 0;
        assert_int_equal(sscanf(line, "%u,%u,%63[^,],%lld", &user, &movie, tag, &time), 4);
        size_t i = 0;
        while (i < count && (row[i].user != user || row[i].movie != movie))
            i++;
        assert_true(i < count);
        assert_true(time > row[i].time);
        bool praise = strcmp(tag, "masterpiece") == 0 || strcmp(tag, "brilliant") == 0;
        bool blame = strcmp(tag, "boring") == 0 || strcmp(tag, "predictable") == 0;
        if (praise) assert_true(row[i].stars >= 4.5);
        if (blame) assert_true(row[i].stars <= 2.0);
        good += praise;
        bad += blame;
    }
    assert_true(good > 0 && bad > 0);
    free(row);
}

static void test_movies(void **state) {
    (void)state;
    size_t count = 0, series = 0;
    unsigned last = 0, id = 0;
    for (char *line = strchr(made[MOVIES_CSV].data, '\n') + 1; *line != '\0';
         line = strchr(line, '\n') + 1) {
        char *end = strchr(line, '\n');
        assert_int_equal(sscanf(line, "%u,", &id), 1);
        assert_true(id > last);
        last = id;
        count++;
        bool quoted = *(strchr(line, ',') + 1) == '"';
        unsigned commas = 0;
        for (char *c = line; c < end; c++)
            commas += *c == ',';
        assert_true(quoted ? commas > 2 : commas == 2);
        series += strstr(line, " II") != NULL && strstr(line, " II") < end;
    }
    assert_int_equal(count, MOVIES);
    assert_true(series > 0);
}

/* ---- kinds ---- */

static void test_kinds_are_those_of_the_option(void **state) {
    (void)state;
    char list[] = LIKENESS_NAMES, *rest = list, *name = NULL;
    size_t n = 0;
    while ((name = strsep(&rest, "|")) != NULL) {
        const struct likeness *l = likeness_find(name);
        if (l == NULL) fail_msg("%s", name);
        assert_true(l->ratings >= (uint64_t)l->users * MIN_RATINGS);
        assert_true(l->ratings <= (uint64_t)l->users * (l->movies / 2));
        n++;
    }
    assert_int_equal(n, 9);
    assert_null(likeness_find("dens"));
}

/* What a kind tells otherwise, and only that, beside the usual data set of the same seed. */
static void compare_kind(const char *name, bool same_times, bool same_values, bool same_content) {
    struct buf other[FILES] = {0};
    size_t n_a = 0, n_b = 0, times = 0, values = 0;
    generate_like(other, name, SEED, 1);
    struct row *a = read_ratings(&n_a), *b = read_rows(&other[RATINGS_CSV], &n_b);
    assert_int_equal(n_a, n_b);
    for (size_t i = 0; i < n_a; i++) {
        assert_int_equal(a[i].user, b[i].user);
        assert_int_equal(a[i].movie, b[i].movie);
        times += a[i].time == b[i].time;
        values += a[i].stars == b[i].stars;
    }
    assert_true(same_times ? times == n_a : times < n_a / 10);
    assert_true(same_values ? values == n_a : values < n_a / 2);
    assert_int_equal(strcmp(made[MOVIES_CSV].data, other[MOVIES_CSV].data) == 0, same_content);
    assert_int_equal(strchr(other[TAGS_CSV].data, '\n')[1] != '\0', same_content);
    for (size_t i = 0; i < FILES; i++)
        buf_release(&other[i]);
    free(a);
    free(b);
}

static void test_kinds_differ_in_what_they_lack(void **state) {
    (void)state;
    compare_kind("dense", true, true, true);
    compare_kind("no-time", false, true, true);
    compare_kind("shuffled-time", false, true, true);
    compare_kind("no-content", true, true, false);
    compare_kind("two-genres", true, true, false);
    compare_kind("implicit", true, false, true);
}

/* The times of a user are the same set, in another order. */
static void test_shuffled_times(void **state) {
    (void)state;
    struct buf other[FILES] = {0};
    size_t n = 0, moved = 0;
    generate_like(other, "shuffled-time", SEED, 2);
    struct row *a = read_ratings(&n), *b = read_rows(&other[RATINGS_CSV], &n);
    for (size_t i = 0; i < n; i++)
        moved += a[i].time != b[i].time;
    qsort(a, n, sizeof(*a), compare_times);
    qsort(b, n, sizeof(*b), compare_times);
    for (size_t i = 0; i < n; i++)
        assert_true(a[i].time == b[i].time);
    assert_true(moved > n * 9 / 10);
    for (size_t i = 0; i < FILES; i++)
        buf_release(&other[i]);
    free(a);
    free(b);
}

/* Each movie is as likely as any other, each rating too, and times are places in the file. */
static void test_noise(void **state) {
    (void)state;
    struct buf noise[FILES] = {0};
    size_t n = 0, movie[4 * MOVIES] = {0}, half[11] = {0};
    generate_like(noise, "noise", SEED, 1);
    struct row *row = read_rows(&noise[RATINGS_CSV], &n);
    assert_int_equal(n, RATINGS);
    for (size_t i = 0; i < n; i++) {
        bool first = i == 0 || row[i].user != row[i - 1].user;
        assert_true(first || row[i].movie > row[i - 1].movie);
        assert_int_equal(row[i].time, first ? 1 : row[i - 1].time + 1);
        movie[row[i].movie]++;
        half[(size_t)(2 * row[i].stars)]++;
    }
    size_t rated = 0;
    for (size_t m = 0; m < 4 * (size_t)MOVIES; m++) {
        if (movie[m] > 0) assert_in_range(movie[m], 15, 70); /* 37.5 */
        rated += movie[m] > 0;
    }
    assert_int_equal(rated, MOVIES);
    for (size_t h = 1; h <= 10; h++)
        assert_in_range(half[h], RATINGS / 10 - 200, RATINGS / 10 + 200);
    for (size_t i = 0; i < FILES; i++)
        buf_release(&noise[i]);
    free(row);
}

static void test_same_bytes(void **state) {
    (void)state;
    struct buf again[FILES] = {0}, other[FILES] = {0};
    generate(again, SEED, 4);
    generate(other, SEED + 1, 1);
    for (size_t i = 0; i < FILES; i++) {
        assert_int_equal(again[i].size, made[i].size);
        assert_memory_equal(again[i].data, made[i].data, made[i].size);
        assert_true(other[i].size != made[i].size ||
                    memcmp(other[i].data, made[i].data, made[i].size) != 0);
        buf_release(&again[i]);
        buf_release(&other[i]);
    }
}

static void test_shares(void **state) {
    (void)state;
    static const struct {
        uint32_t users, most;
        uint64_t total;
    } cases[] = {{1, 20, 20}, {10, 30, 300}, {10, 30, 299}, {7, 1000, 141}, {100, 60, 5500}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t counts[100];
        uint64_t sum = 0;
        struct error err = {0};
        assert_ok(viewer_counts(counts, cases[i].users, cases[i].total, cases[i].most, 1, &err),
                  &err);
        for (uint32_t u = 0; u < cases[i].users; u++) {
            assert_true(counts[u] >= MIN_RATINGS && counts[u] <= cases[i].most);
            sum += counts[u];
        }
        assert_int_equal(sum, cases[i].total);
    }
}

static void test_impossible(void **state) {
    (void)state;
    uint32_t counts[10];
    struct error err = {0};
    assert_int_equal(viewer_counts(counts, 10, 199, 50, 1, &err), STATUS_USAGE);
    assert_string_equal(
        err.text, "199 ratings of 10 users: each user gives 20 to 50 ratings (at most half of "
                  "the movies), so 200 to 500 together");
    assert_int_equal(viewer_counts(counts, 10, 501, 50, 1, &err), STATUS_USAGE);
    assert_int_equal(viewer_counts(counts, 10, 200, 19, 1, &err), STATUS_USAGE);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_skew),
        cmocka_unit_test(test_ratings_spread),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_movies),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_kinds_are_those_of_the_option),
        cmocka_unit_test(test_kinds_differ_in_what_they_lack),
        cmocka_unit_test(test_shuffled_times),
        cmocka_unit_test(test_noise),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(cases, make, clean);
}
