/* libFuzzer: what `ingest --feedback` and `--forgotten` read. The first byte says which, and
 * whether bad rows are skipped and movies must be listed; the header that is needed is put in front
 * unless it says not to. */
#include "stages/ingest/movies_file.h"
#include "stages/ingest/ratings_file.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/ratings.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FORGOTTEN = 1, SKIPPING = 2, LISTED = 4, BARE = 8 };

static void must(bool condition) {
    if (!condition) abort();
}

/* The path of a file in memory that holds the bytes, or NULL. */
static char *write_file(const char *header, const uint8_t *data, size_t size) {
    static int memory = -1;
    static char path[32];
    size_t before = strlen(header);
    if (memory < 0) {
        memory = memfd_create("fuzz", MFD_CLOEXEC);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    }
    if (ftruncate(memory, (off_t)(before + size)) != 0) return NULL;
    if (pwrite(memory, header, before, 0) != (ssize_t)before) return NULL;
    return pwrite(memory, data, size, (off_t)before) == (ssize_t)size ? path : NULL;
}

static struct movies *listed_movies(void) {
    static uint32_t ids[] = {1, 2, 3, 5, 8, 13};
    static struct movies movies;
    if (movies.map.count > 0) return &movies;
    struct id_map map;
    must(id_map_build(&map, ids, sizeof ids / sizeof ids[0], NULL) == STATUS_OK);
    must(movies_from_ids(&movies, &map, NULL) == STATUS_OK);
    movies.listed = true;
    return &movies;
}

static void check_rows(const struct rating_rows *rows, const struct input_table *t,
                       const struct movies *movies) {
    must(rows->count == t->n_rows && t->n_rows + t->n_bad <= t->n_lines);
    for (uint64_t i = 0; i < rows->count; i++) {
        must(rows->value[i] <= 10 && rows->time[i] >= 0);
        if (movies != NULL) must(id_map_find(&movies->map, rows->movie[i]) != NO_INDEX);
    }
}

static uint32_t largest(const uint32_t *ids, uint64_t count) {
    uint32_t id = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (ids[i] > id) id = ids[i];
    }
    return id;
}

/* Rows of the file as ratings: joined with themselves they are twice as many, arranged no more. */
static enum status take_feedback(struct input_table *t, const struct movies *movies,
                                 struct reading *shared, struct error *err) {
    AUTO(rating_rows) struct rating_rows rows = {0}, again = {0};
    TRY(feedback_rows_read(&rows, t, movies, shared, err));
    check_rows(&rows, t, movies);
    must(rating_rows_join(&again, &rows, err) == STATUS_OK);
    must(rating_rows_join(&again, &rows, err) == STATUS_OK);
    must(again.count == 2 * rows.count);
    if (rows.count == 0 || movies == NULL || largest(rows.user, rows.count) > 1000) {
        return STATUS_OK; /* large ids make large tables: slow, and no news */
    }
    struct id_map users = {0};
    struct ratings arranged = {0};
    const struct rating_order order = {TIES_FILE, 1};
    uint64_t duplicates = 0;
    must(id_map_build(&users, again.user, again.count, err) == STATUS_OK);
    must(ratings_arrange(&arranged, &duplicates, &again, &users, &movies->map, &order, err) ==
         STATUS_OK);
    must(arranged.count > 0 && arranged.count <= rows.count);
    ratings_release(&arranged);
    id_map_release(&users);
    return STATUS_OK;
}

static enum status take_forgotten(struct input_table *t, struct reading *shared,
                                  struct error *err) {
    AUTO(id_set) struct id_set users = {0};
    TRY(forgotten_read(&users, t, shared, err));
    must(users.count <= t->n_rows);
    return STATUS_OK;
}

static enum status take(struct source *source, uint8_t how, struct reading *shared,
                        struct error *err) {
    AUTO(input_table) struct input_table t = {0};
    bool forgotten = (how & FORGOTTEN) != 0;
    TRY(input_table_open(&t, source, forgotten ? FILE_FORGOTTEN : FILE_FEEDBACK, err));
    if (forgotten) return take_forgotten(&t, shared, err);
    return take_feedback(&t, how & LISTED ? listed_movies() : NULL, shared, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    uint8_t how = data[0];
    const char *header = how & FORGOTTEN ? "userId\n" : "userId,movieId,rating,timestamp\n";
    char *path = write_file(how & BARE ? "" : header, data + 1, size - 1);
    if (path == NULL) return 0;
    AUTO(reading) struct reading shared = {.bad_allowed = how & SKIPPING ? 1000 : 0};
    struct source source = {.path = {.data = path, .size = strlen(path)}};
    struct error err = {0};
    enum status status = take(&source, how, &shared, &err);
    must(status == STATUS_OK || (status == STATUS_FAILED && err.text[0] != '\0'));
    must(shared.n_bad <= shared.bad_allowed || status != STATUS_OK);
    return 0;
}
