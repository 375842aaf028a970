/* Layouts, tables and whole data sets, from small files written to a scratch folder. */
#include "stages/ingest/dataset.h"

#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/rng.h"
#include "common/data/ratings.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "ingest-test-XXXXXX";

static const char *const file_names[] = {
    "ratings.csv", "movies.csv",      "users.csv", "links.csv",   "tags.csv", "genome-scores.csv",
    "ratings.dat", "genome-tags.csv", "u.data",    "users.dat",   "tags.dat", "movies.dat",
    "u.item",      "u.user",          "other.dat", "ratings.txt",
};

static void path_of(const char *name, char path[128]) {
    (void)snprintf(path, 128, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text) {
    char path[128];
    path_of(name, path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int empty_folder(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]); i++) {
        char path[128];
        path_of(file_names[i], path);
        (void)unlink(path);
    }
    return 0;
}

static int remove_folder(void **state) {
    empty_folder(state);
    return rmdir(folder);
}

static void expect_layout(const char *name) {
    AUTO(layout) struct layout l = {0};
    const char *given[N_FILE_ROLES] = {NULL};
    struct error err = {0};
    assert_int_equal(layout_find(&l, folder, given, &err), STATUS_OK);
    assert_string_equal(l.name, name);
}

static void layouts(void **state) {
    struct error err = {0};
    const char *given[N_FILE_ROLES] = {NULL};
    AUTO(layout) struct layout none = {0};
    assert_int_equal(layout_find(&none, folder, given, &err), STATUS_FAILED);
    assert_int_equal(layout_find(&none, NULL, given, &err), STATUS_USAGE);
    write_file("ratings.csv", "");
    expect_layout("ratings-csv");
    write_file("movies.csv", "");
    expect_layout("csv");
    empty_folder(state);
    write_file("ratings.dat", "");
    write_file("users.dat", "");
    expect_layout("ml-1m");
    empty_folder(state);
    write_file("ratings.dat", "");
    write_file("tags.dat", "");
    expect_layout("ml-10m");
    empty_folder(state);
    write_file("u.data", "");
    expect_layout("ml-100k");
}

static void given_files_win(void **state) {
    (void)state;
    AUTO(layout) struct layout l = {0};
    struct error err = {0};
    write_file("ratings.csv", "");
    const char *given[N_FILE_ROLES] = {[FILE_MOVIES] = "elsewhere/other.dat"};
    assert_int_equal(layout_find(&l, folder, given, &err), STATUS_OK);
    assert_string_equal(l.file[FILE_MOVIES].path.data, "elsewhere/other.dat");
    assert_int_equal(l.file[FILE_MOVIES].dialect, DIALECT_COLONS);
    assert_int_equal(source_format(&l.file[FILE_RATINGS], FILE_RATINGS), ROW_CSV);
}

/* What a test says nothing of: ties in file order, times as an order whatever they are worth. */
static const struct rating_order usual = {.rule = ORDER_OF_TIME};
static struct rating_order order = {.rule = ORDER_OF_TIME};

static enum status read_all(struct dataset *d, uint64_t bad_allowed, uint64_t *n_bad,
                            struct error *err) {
    AUTO(layout) struct layout l = {0};
    AUTO(reading) struct reading shared = {.bad_allowed = bad_allowed};
    const char *given[N_FILE_ROLES] = {NULL};
    TRY(layout_find(&l, folder, given, err));
    enum status status = dataset_read(d, &l, &order, &shared, err);
    *n_bad = shared.n_bad;
    return status;
}

static void must_read(struct dataset *d, uint64_t bad_allowed, uint64_t expected_bad) {
    struct error err = {0};
    uint64_t n_bad = 0;
    if (read_all(d, bad_allowed, &n_bad, &err) != STATUS_OK) fail_msg("%s", err.text);
    assert_int_equal(n_bad, expected_bad);
}

/* 200 ratings of one second, the line of `left_out` missing; the movies in the dataset's order. */
static void read_one_second(uint32_t *movie, uint32_t left_out) {
    char text[200 * 24 + 40];
    size_t size = (size_t)snprintf(text, sizeof(text), "userId,movieId,rating,timestamp\n");
    for (uint32_t id = 1; id <= 200; id++) {
        if (id == left_out) continue;
        size += (size_t)snprintf(text + size, sizeof(text) - size, "5,%u,4.0,77\n", (unsigned)id);
    }
    write_file("ratings.csv", text);
    AUTO(dataset) struct dataset d = {0};
    must_read(&d, 0, 0);
    for (uint64_t i = 0; i < d.ratings.count; i++)
        movie[i] = d.movies.map.id[d.ratings.movie[i]];
}

static void ties_at_random(void **state) {
    (void)state;
    uint32_t in_file[200], drawn[200], other[200], without[199];
    read_one_second(in_file, 0);
    order.ties = TIES_RANDOM, order.seed = 1;
    read_one_second(drawn, 0);
    read_one_second(without, 77);
    order.seed = 2;
    read_one_second(other, 0);
    order = usual;
    size_t rising = 0, k = 0, differ = 0;
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(in_file[i], i + 1);
        rising += i > 0 && drawn[i] > drawn[i - 1];
        differ += drawn[i] != other[i];
        if (drawn[i] != 77) assert_int_equal(without[k++], drawn[i]); /* one row moves no other */
    }
    assert_int_equal(k, 199);
    assert_in_range(rising, 70, 130);
    assert_in_range(differ, 150, 200);
}

/* ---- what times are worth ---- */

enum { RATERS = 12, PER_RATER = 20, LISTED = 40 };

/* Rows by user; for each rater 20 of 40 movies, one second apart unless `time` is other. */
enum rows { ROWS_BY_ID, ROWS_BY_LIST, ROWS_BY_LOT };

/* The n-th movie of the list that ROWS_BY_LIST follows: all of 1..40, in no order of numbers. */
static uint32_t listed(uint32_t n) {
    return n * 17 % (LISTED + 1);
}

static uint32_t row_left_out = UINT32_MAX; /* by write_raters */

static void write_raters(enum rows rows, uint32_t n_raters, uint32_t step, bool backwards) {
    static char text[RATERS * PER_RATER * 32];
    size_t size = (size_t)snprintf(text, sizeof(text), "userId,movieId,rating,timestamp\n");
    struct rng rng = rng_keyed(1, "test.raters", 0, 0);
    for (uint32_t k = 0; k < n_raters * PER_RATER; k++) {
        uint32_t i = backwards ? n_raters * PER_RATER - 1 - k : k, user = i / PER_RATER;
        uint32_t n = 2 * (i % PER_RATER) + 1 + (user + i) % 2, time = step * (i + 1);
        if (i == row_left_out) continue;
        if (rows == ROWS_BY_LOT) time = 1 + rng_below(&rng, 1000000);
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%u,%u,%u,%u\n", (unsigned)user,
                                 (unsigned)(rows == ROWS_BY_LIST ? listed(n) : n),
                                 (unsigned)(1 + n % 5), (unsigned)time);
    }
    write_file("ratings.csv", text);
}

static void read_as(struct dataset *d, struct rating_order how) {
    order = how;
    must_read(d, 0, 0);
    order = usual;
}

static void expect_order(bool ordered, const char *why) {
    AUTO(dataset) struct dataset d = {0};
    read_as(&d, (struct rating_order){.rule = ORDER_AS_MEASURED});
    assert_int_equal(d.ordered, ordered);
    if (ordered) assert_int_equal(d.why.size, 0);
    if (!ordered && strstr(d.why.data, why) == NULL) fail_msg("%s", d.why.data);
}

static void orders_worth_nothing(void **state) {
    (void)state;
    write_raters(ROWS_BY_LOT, RATERS, 1, false);
    expect_order(true, NULL);
    write_raters(ROWS_BY_ID, RATERS, 1, false);
    expect_order(false, "that of movie ids (rank correlation 1.000)");
    write_raters(ROWS_BY_ID, RATERS, 1, true); /* file the other way round, times are not */
    expect_order(false, "that of movie ids (rank correlation 1.000)");
    write_raters(ROWS_BY_LIST, RATERS, 1, false);
    expect_order(false, "that of one list (two users have 100.0 % ");
    write_raters(ROWS_BY_LIST, RATERS, 0, false);
    expect_order(false, "all ratings have the same time");
    write_raters(ROWS_BY_ID, 9, 1, false); /* of so few it may be chance */
    expect_order(true, NULL);
    write_file("ratings.csv", "userId,movieId,rating\n1,10,4\n1,20,4\n");
    expect_order(false, "the ratings file has no timestamps");
    write_file("ratings.csv", "userId,movieId,rating,timestamp\n1,1,4,7\n1,2,4,7\n2,1,4,8\n"
                              "2,2,4,8\n3,1,4,9\n");
    expect_order(false, "all times are equal for 100.0 % of the users");
}

static void figures_of_times(void **state) {
    (void)state;
    AUTO(dataset) struct dataset d = {0};
    /* User 1: ids fall with time but for a tie; user 2: one session, and one a day later. */
    write_file("ratings.csv", "userId,movieId,rating,timestamp\n"
                              "1,4,4,100\n1,3,4,100\n1,2,4,200\n1,1,4,300\n"
                              "2,2,4,90003\n2,1,4,3\n2,3,4,3602\n"
                              "3,1,4,5\n3,2,4,5\n"
                              "4,1,4,5\n");
    must_read(&d, 0, 0);
    const struct time_worth *w = &d.worth;
    assert_float_equal(w->tied, 4.0 / 10, 1e-12);
    assert_float_equal(w->users_equal, 1.0 / 3, 1e-12);
    /* Ranks of times 0.5 0.5 2 3, of ids 3 2 1 0, of rows 0 1 2 3: Spearman -/+4.5 / sqrt(4.5 * 5);
     * user 2, weight 2: times 0 1 2, ids 0 2 1, rows 1 2 0. */
    double first = 4.5 / sqrt(4.5 * 5);
    assert_float_equal(w->rank_movie, (-3 * first + 2 * 0.5) / 5, 1e-12);
    assert_float_equal(w->rank_row, (3 * first + 2 * -0.5) / 5, 1e-12);
    assert_int_equal(w->days, 2);
    /* Sessions of 200 s; 3599 and 0 s; 0; 0: the third of five is 0. */
    assert_float_equal(w->session, 0, 0);
    assert_int_equal(w->users_ranked, 2);
}

static void median_session(void **state) {
    (void)state;
    AUTO(dataset) struct dataset d = {0};
    write_file("ratings.csv", "userId,movieId,rating,timestamp\n"
                              "1,1,4,100000\n1,2,4,103599\n1,3,4,107198\n" /* 7198 s */
                              "1,4,4,110798\n"                             /* alone */
                              "2,1,4,0\n2,2,4,70\n");
    must_read(&d, 0, 0);
    assert_float_equal(d.worth.session, 70, 0);
}

/* Without an order the file's rows and times leave no trace: neither in places nor in times. */
static void order_by_lot(void **state) {
    (void)state;
    AUTO(dataset) struct dataset one = {0}, back = {0}, other = {0};
    write_file("tags.csv", "userId,movieId,tag,timestamp\n1,3,late,900\n1,3,early,100\n");
    write_raters(ROWS_BY_ID, RATERS, 1, false);
    read_as(&one, (struct rating_order){.seed = 1});
    read_as(&other, (struct rating_order){.seed = 2});
    write_raters(ROWS_BY_ID, RATERS, 3, true);
    read_as(&back, (struct rating_order){.seed = 1});
    const struct ratings *r = &one.ratings;
    assert_memory_equal(r->movie, back.ratings.movie, r->count * sizeof(*r->movie));
    assert_memory_equal(r->value, back.ratings.value, r->count * sizeof(*r->value));
    size_t rising = 0, differ = 0;
    for (uint64_t i = 0; i < r->count; i++) {
        assert_int_equal(r->time[i], 0);
        assert_int_equal(r->value[i], 2 * (1 + one.movies.map.id[r->movie[i]] % 5));
        rising += i % PER_RATER > 0 && r->movie[i] > r->movie[i - 1];
        differ += r->movie[i] != other.ratings.movie[i];
    }
    assert_in_range(rising, 80, 150); /* of 228 */
    assert_in_range(differ, 200, 240);
    for (uint32_t m = 0; m < r->n_movies; m++) {
        for (uint64_t k = r->by_movie_offset[m]; k < r->by_movie_offset[m + 1]; k++)
            assert_int_equal(r->movie[r->by_movie_rating[k]], m);
    }
    assert_int_equal(one.tags.count, 2);
    assert_int_equal(one.tags.time[0] + one.tags.time[1], 0);
    assert_string_equal(strings_get(&one.tags.name.list, one.tags.index[0]),
                        "late"); /* file order */
}

/* A row that is not there moves no other: what is held out leaves no trace in the order. */
static void lots_are_drawn_one_by_one(void **state) {
    (void)state;
    AUTO(dataset) struct dataset all = {0}, without = {0};
    write_raters(ROWS_BY_ID, RATERS, 1, false);
    read_as(&all, (struct rating_order){.seed = 1});
    row_left_out = 3 * PER_RATER + 7;
    write_raters(ROWS_BY_ID, RATERS, 1, false);
    row_left_out = UINT32_MAX;
    read_as(&without, (struct rating_order){.seed = 1});
    const struct ratings *a = &all.ratings, *b = &without.ratings;
    assert_int_equal(b->count + 1, a->count);
    uint64_t k = 0, missing = 0;
    for (uint64_t i = 0; i < a->count; i++) {
        if (k < b->count && a->movie[i] == b->movie[k])
            k++;
        else
            missing++;
    }
    assert_int_equal(k, b->count);
    assert_int_equal(missing, 1);
}

/* Shuffled: the last rating of each user stays, the others are the same set, and the times too. */
static void shuffled_before_last(void **state) {
    (void)state;
    AUTO(dataset) struct dataset plain = {0}, mixed = {0};
    write_raters(ROWS_BY_LOT, RATERS, 1, false);
    read_as(&plain, usual);
    read_as(&mixed, (struct rating_order){.rule = ORDER_OF_TIME, .seed = 1, .shuffled = true});
    const struct ratings *a = &plain.ratings, *b = &mixed.ratings;
    size_t moved = 0;
    assert_memory_equal(a->time, b->time, a->count * sizeof(*a->time));
    for (uint32_t u = 0; u < a->n_users; u++) {
        uint64_t last = a->offset[u + 1] - 1, sum = 0;
        assert_int_equal(a->movie[last], b->movie[last]);
        assert_int_equal(a->value[last], b->value[last]);
        for (uint64_t i = a->offset[u]; i < last; i++) {
            sum += ((uint64_t)1 << b->movie[i]) - ((uint64_t)1 << a->movie[i]);
            moved += a->movie[i] != b->movie[i];
        }
        assert_int_equal(sum, 0); /* bits of a set */
    }
    assert_in_range(moved, 180, 228);
    for (uint64_t k = 0; k < b->by_movie_offset[1]; k++)
        assert_int_equal(b->movie[b->by_movie_rating[k]], 0);
}

/* ---- order and duplicates ---- */

static void order_and_duplicates(void **state) {
    (void)state;
    AUTO(dataset) struct dataset d = {0};
    write_file("ratings.csv", "userId,movieId,rating,timestamp\n"
                              "7,30,1.0,50\n"
                              "3,30,2.0,40\n"
                              "7,10,3.0,50\n" /* tie with the first: file order */
                              "7,20,4.0,10\n"
                              "7,30,5.0,20\n" /* older than the first line: dropped */
                              "3,10,0.5,40\n"
                              "3,30,1.5,40\n"); /* as old as line 3, later in the file: stays */
    must_read(&d, 0, 0);
    const struct ratings *r = &d.ratings;
    assert_int_equal(d.n_duplicates, 2);
    assert_int_equal(r->count, 5);
    const uint32_t users[] = {3, 7}, movies[] = {10, 20, 30};
    assert_memory_equal(d.users.id, users, sizeof(users));
    assert_memory_equal(d.movies.map.id, movies, sizeof(movies));
    const uint64_t offset[] = {0, 2, 5};
    assert_memory_equal(r->offset, offset, sizeof(offset));
    const uint32_t movie[] = {0, 2, 1, 2, 0};
    assert_memory_equal(r->movie, movie, sizeof(movie));
    const uint8_t value[] = {1, 3, 8, 2, 6};
    assert_memory_equal(r->value, value, sizeof(value));
    const int64_t time[] = {40, 40, 10, 50, 50};
    assert_memory_equal(r->time, time, sizeof(time));
    const uint64_t by_movie_offset[] = {0, 2, 3, 5};
    assert_memory_equal(r->by_movie_offset, by_movie_offset, sizeof(by_movie_offset));
    const uint32_t by_movie_user[] = {0, 1, 1, 0, 1};
    assert_memory_equal(r->by_movie_user, by_movie_user, sizeof(by_movie_user));
    const uint64_t by_movie_rating[] = {0, 4, 2, 1, 3};
    assert_memory_equal(r->by_movie_rating, by_movie_rating, sizeof(by_movie_rating));
}

static void catalogue(void **state) {
    (void)state;
    AUTO(dataset) struct dataset d = {0};
    write_file("ratings.csv", "userId,movieId,rating,timestamp\n1,300,4,1\n5,20,4,1\n");
    write_file("movies.csv", "movieId,title,genres\n"
                             "300,\"Matrix, The (1999)\",Sci-Fi|Action|Sci-Fi\n"
                             "20,Up (2009),(no genres listed)\n"
                             "7,Unrated,Drama| Action \n");
    write_file("links.csv", "movieId,imdbId,tmdbId\n300,0133093,603\n7,,\n");
    write_file("users.csv", "userId,age,gender\n5,30,F\n9,20,M\n");
    must_read(&d, 0, 0);
    const uint32_t ids[] = {7, 20, 300};
    assert_memory_equal(d.movies.map.id, ids, sizeof(ids));
    assert_string_equal(strings_get(&d.movies.title, 2), "The Matrix");
    assert_int_equal(d.movies.year[2], 1999);
    assert_int_equal(d.movies.genre.list.count, 3);
    assert_string_equal(strings_get(&d.movies.genre.list, 0), "Action");
    assert_string_equal(strings_get(&d.movies.genre.list, 2), "Sci-Fi");
    const uint64_t genre_offset[] = {0, 2, 2, 4};
    assert_memory_equal(d.movies.genre_offset, genre_offset, sizeof(genre_offset));
    const uint32_t genre_index[] = {0, 1, 0, 2};
    assert_memory_equal(d.movies.genre_index, genre_index, sizeof(genre_index));
    const uint32_t imdb[] = {0, 0, 133093};
    assert_memory_equal(d.movies.imdb, imdb, sizeof(imdb));
    const uint8_t gender[] = {0, 1}, age[] = {0, 30}, occupation[] = {255, 255};
    assert_memory_equal(d.user_facts.gender, gender, sizeof(gender));
    assert_memory_equal(d.user_facts.age, age, sizeof(age));
    assert_memory_equal(d.user_facts.occupation, occupation, sizeof(occupation));
    assert_int_equal(d.user_facts.n_outside, 1);
}

static void tags(void **state) {
    (void)state;
    AUTO(dataset) struct dataset d = {0};
    write_file("ratings.csv", "userId,movieId,rating,timestamp\n1,10,4,1\n2,20,4,1\n");
    write_file("tags.csv", "userId,movieId,tag,timestamp\n"
                           "2,20,Zebra,9\n"
                           "8,10,  ÉTÉ  Indien ,7\n"
                           "1,10,zebra,3\n"
                           "1,10,\" \",3\n"
                           "1,10,apple,7\n"
                           "1,99,gone,7\n");
    must_read(&d, 0, 0);
    assert_int_equal(d.tags.n_empty, 1);
    assert_int_equal(d.tags.n_outside, 1);
    assert_int_equal(d.tags.count, 4);
    assert_int_equal(d.tags.name.list.count, 3);
    assert_string_equal(strings_get(&d.tags.name.list, 0), "apple");
    assert_string_equal(strings_get(&d.tags.name.list, 1), "zebra");
    assert_string_equal(strings_get(&d.tags.name.list, 2), "été indien");
    const uint32_t movie[] = {0, 0, 0, 1}, index[] = {1, 2, 0, 1};
    const uint32_t user[] = {0, NO_INDEX, 0, 1};
    assert_memory_equal(d.tags.movie, movie, sizeof(movie));
    assert_memory_equal(d.tags.index, index, sizeof(index));
    assert_memory_equal(d.tags.user, user, sizeof(user));
}

static void genome(void **state) {
    (void)state;
    AUTO(dataset) struct dataset d = {0};
    write_file("ratings.csv", "userId,movieId,rating,timestamp\n1,10,4,1\n1,20,4,1\n1,30,4,1\n");
    write_file("genome-tags.csv", "tagId,tag\n9,Noir\n4,007\n");
    write_file("genome-scores.csv", "movieId,tagId,relevance\n"
                                    "30,9,0.25\n10,4,1\n10,9,0.5\n10,9,0.75\n77,4,0.1\n");
    must_read(&d, 0, 0);
    const struct genome *g = &d.genome;
    assert_string_equal(strings_get(&g->name, 0), "007");
    assert_string_equal(strings_get(&g->name, 1), "noir");
    const uint32_t movie[] = {0, 2};
    const float relevance[] = {1.0F, 0.75F, 0.0F, 0.25F};
    assert_int_equal(g->n_movies, 2);
    assert_memory_equal(g->movie, movie, sizeof(movie));
    assert_memory_equal(g->relevance, relevance, sizeof(relevance));
    assert_int_equal(g->n_duplicates, 1);
    assert_int_equal(g->n_missing, 1);
    assert_int_equal(g->n_outside, 1);
}

static void older_layouts(void **state) {
    AUTO(dataset) struct dataset d = {0}, e = {0};
    write_file("ratings.dat", "1::661::3::978302109\n2::1193::5::978300760\n");
    write_file("movies.dat",
               "661::Mis\xE9rables, Les: Film (1995)::Drama\n1193::B (1975)::Drama\n");
    write_file("users.dat", "1::F::1::10::48067\n2::M::56::0::70072\n");
    must_read(&d, 0, 0);
    assert_string_equal(strings_get(&d.movies.title, 0), "Misérables, Les: Film");
    assert_int_equal(d.user_facts.age[1], 56);
    assert_int_equal(d.user_facts.occupation[1], 0);
    empty_folder(state);
    write_file("u.data", "1\t267\t3\t881250949\n1\t242\t4\t881250950\n");
    write_file("u.item", "267|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n"
                         "242|L\xE9on (1994)|1|||0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1\n");
    write_file("u.user", "1|24|M|technician|85711\n");
    must_read(&e, 0, 0);
    assert_string_equal(strings_get(&e.movies.title, 0), "Léon");
    assert_int_equal(e.movies.genre_offset[1], 2);
    assert_int_equal(e.movies.genre_offset[2], 2);
    assert_string_equal(strings_get(&e.movies.genre.list, 0), "Action");
    assert_string_equal(strings_get(&e.movies.genre.list, 1), "Western");
    assert_int_equal(e.user_facts.occupation[0], 19);
}

static void utf8_in_dat_files(void **state) {
    (void)state;
    AUTO(dataset) struct dataset d = {0};
    write_file("ratings.dat", "1::5::3.5::978302109\n");
    write_file("movies.dat", "5::Amélie (2001)::Comedy\n");
    must_read(&d, 0, 0);
    assert_string_equal(strings_get(&d.movies.title, 0), "Amélie");
}

static void bad_rows_are_counted(void **state) {
    (void)state;
    AUTO(dataset) struct dataset d = {0}, e = {0};
    struct error err = {0};
    uint64_t n_bad = 0;
    write_file("ratings.csv", "userId,movieId,rating,timestamp\n"
                              "1,10,4,1\nx,10,4,1\n1,20,4,2\n1,20,9,2\n1,30,4,3\n");
    must_read(&d, 2, 2);
    assert_int_equal(d.n_bad[FILE_RATINGS], 2);
    assert_int_equal(d.n_rows[FILE_RATINGS], 3);
    assert_int_equal(d.ratings.count, 3);
    assert_int_equal(read_all(&e, 1, &n_bad, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "ratings.csv:5: rating \"9\" is not a half star"));
}

/* A file of several blocks with bad and blank lines strewn in gives the same at any number of
 * threads, and what a reading row by row gives. */
enum { MANY = 400000 };

static void write_many(uint64_t *n_good, uint64_t *n_bad, uint64_t *checksum) {
    char path[128];
    path_of("ratings.csv", path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    struct rng rng = rng_keyed(1, "test.many", 0, 0);
    (void)fputs("userId,movieId,rating,timestamp\n", f);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t kind = rng_below(&rng, 5000), half = 1 + rng_below(&rng, 10);
        if (kind == 0) {
            (void)fputs("broken\n", f);
            (*n_bad)++;
        } else if (kind == 1) {
            (void)fputs("\n", f);
        } else {
            (void)fprintf(f, "%u,%u,%u.%u,%u\n", i / 100, i % 100 + 1, half / 2, half % 2 * 5, i);
            (*n_good)++;
            *checksum += (uint64_t)half * i;
        }
    }
    assert_int_equal(fclose(f), 0);
}

static void blocks(void **state) {
    (void)state;
    uint64_t n_good = 0, n_bad = 0, checksum = 0;
    write_many(&n_good, &n_bad, &checksum);
    const int before = omp_get_max_threads();
    for (int n_threads = 1; n_threads <= 3; n_threads += 2) {
        AUTO(dataset) struct dataset d = {0};
        omp_set_num_threads(n_threads);
        must_read(&d, MANY, n_bad);
        assert_int_equal(d.ratings.count, n_good);
        uint64_t sum = 0;
        for (uint64_t i = 0; i < n_good; i++)
            sum += d.ratings.value[i] * (uint64_t)d.ratings.time[i];
        assert_int_equal(sum, checksum);
    }
    omp_set_num_threads(before);
}

static void sparse_ids(void **state) {
    (void)state;
    const uint32_t raw[] = {4000000000U, 5, 4000000000U, 70000, 5, 0};
    const uint32_t sorted[] = {0, 5, 70000, 4000000000U};
    struct error err = {0};
    AUTO(id_map) struct id_map m = {0};
    assert_int_equal(id_map_build(&m, raw, 6, &err), STATUS_OK);
    assert_int_equal(m.count, 4);
    assert_memory_equal(m.id, sorted, sizeof(sorted));
    assert_int_equal(id_map_find(&m, 70000), 2);
    assert_int_equal(id_map_find(&m, 4000000000U), 3);
    assert_int_equal(id_map_find(&m, 6), NO_INDEX);
    assert_int_equal(id_map_find(&m, UINT32_MAX), NO_INDEX);
}

/* Every digit of an id counts in its place. */
static void many_sparse_ids(void **state) {
    (void)state;
    enum { COUNT = 3000 };
    struct error err = {0};
    AUTO(id_map) struct id_map m = {0};
    uint32_t raw[COUNT], x = 7;
    for (size_t i = 0; i < COUNT; i++) {
        x = x * 1664525U + 1013904223U; /* all bits change */
        raw[i] = x;
    }
    assert_int_equal(id_map_build(&m, raw, COUNT, &err), STATUS_OK);
    assert_int_equal(m.count, COUNT);
    for (size_t i = 1; i < COUNT; i++) {
        assert_true(m.id[i - 1] < m.id[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(m.id[id_map_find(&m, raw[i])], raw[i]);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, empty_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(layouts),
        TEST(given_files_win),
        TEST(ties_at_random),
        TEST(orders_worth_nothing),
        TEST(figures_of_times),
        TEST(median_session),
        TEST(order_by_lot),
        TEST(lots_are_drawn_one_by_one),
        TEST(shuffled_before_last),
        TEST(order_and_duplicates),
        TEST(catalogue),
        TEST(tags),
        TEST(genome),
        TEST(older_layouts),
        TEST(utf8_in_dat_files),
        TEST(bad_rows_are_counted),
        TEST(blocks),
        cmocka_unit_test(sparse_ids),
        cmocka_unit_test(many_sparse_ids),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
