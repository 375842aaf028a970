/* The database as the CSV files that ingest takes. */
#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/rating_scale.h"
#include "stages/serve/database.h"
#include "stages/serve/store.h"

#include <inttypes.h>
#include <stdlib.h>

/* What a user's events about one movie add up to. */
struct row {
    int64_t movie, seq; /* of the event that decided */
    struct opinion opinion;
};

struct rows {
    struct row *row;
    size_t count, capacity;
};

static void rows_release(struct rows *r) {
    mem_free(r->row);
}

static int by_time(const void *pa, const void *pb) {
    const struct row *a = pa, *b = pb;
    if (a->opinion.time != b->opinion.time) return a->opinion.time < b->opinion.time ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Writes the rows of one user in the order of time, and empties the list. */
static void write_user(FILE *out, int64_t user, struct rows *r, uint64_t *n_written) {
    if (r->count > 0) qsort(r->row, r->count, sizeof(*r->row), by_time);
    for (size_t i = 0; i < r->count; i++) {
        const struct opinion *o = &r->row[i].opinion;
        if (opinion_value(o) == 0) continue;
        (void)fprintf(out, "%" PRId64 ",%" PRId64 ",", user, r->row[i].movie);
        if (o->value != 0) (void)fprintf(out, "%.1f", stars_of(o->value));
        (void)fprintf(out, ",%" PRId64 "\n", o->time);
        ++*n_written;
    }
    r->count = 0;
}

enum { USER, MOVIE, TYPE, VALUE, TIME, SEQ };

static enum status take_event(struct rows *r, sqlite3_stmt *q, struct error *err) {
    int64_t movie = sqlite3_column_int64(q, MOVIE), time = sqlite3_column_int64(q, TIME);
    if (r->count == 0 || r->row[r->count - 1].movie != movie) {
        TRY(mem_grow(&r->row, &r->capacity, r->count + 1, sizeof(*r->row), err));
        r->row[r->count++] = (struct row){.movie = movie};
    }
    struct row *row = &r->row[r->count - 1];
    opinion_apply(&row->opinion, (uint8_t)sqlite3_column_int(q, TYPE),
                  (uint8_t)sqlite3_column_int(q, VALUE), time);
    if (row->opinion.time == time) row->seq = sqlite3_column_int64(q, SEQ);
    return STATUS_OK;
}

static enum status each_event(sqlite3 *db, sqlite3_stmt *q, FILE *out, uint64_t *n_written,
                              struct error *err) {
    AUTO(rows) struct rows rows = {0};
    int64_t user = -1;
    int code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        if (sqlite3_column_int64(q, USER) != user) write_user(out, user, &rows, n_written);
        user = sqlite3_column_int64(q, USER);
        TRY(take_event(&rows, q, err));
    }
    write_user(out, user, &rows, n_written);
    return code == SQLITE_DONE ? STATUS_OK : database_error(db, "events", err);
}

static enum status write_ratings(sqlite3 *db, FILE *out, uint64_t *n_written, struct error *err) {
    sqlite3_stmt *q = NULL;
    TRY(database_prepare(db,
                         "SELECT user, movie, type, value, time, seq FROM event "
                         "ORDER BY user, movie, time, seq",
                         &q, err));
    (void)fputs("userId,movieId,rating,timestamp\n", out);
    enum status status = each_event(db, q, out, n_written, err);
    sqlite3_finalize(q);
    return status;
}

static enum status write_forgotten(sqlite3 *db, FILE *out, uint64_t *n_written, struct error *err) {
    sqlite3_stmt *q = NULL;
    TRY(database_prepare(db, "SELECT user FROM forgotten ORDER BY user", &q, err));
    int code;
    (void)fputs("userId\n", out);
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        (void)fprintf(out, "%" PRId64 "\n", (int64_t)sqlite3_column_int64(q, 0));
        ++*n_written;
    }
    enum status status = code == SQLITE_DONE ? STATUS_OK : database_error(db, "forgotten", err);
    sqlite3_finalize(q);
    return status;
}

static enum status write_file(sqlite3 *db, const char *folder, const char *name,
                              enum status (*write)(sqlite3 *, FILE *, uint64_t *, struct error *),
                              uint64_t *n_written, struct error *err) {
    AUTO(buf) struct buf path = {0};
    struct file_writer file = {0};
    *n_written = 0;
    TRY(buf_printf(&path, err, "%s/%s", folder, name));
    TRY(file_writer_open(&file, path.data, err));
    enum status status = write(db, file.stream, n_written, err);
    if (status == STATUS_OK) return file_writer_commit(&file, err);
    file_writer_abandon(&file);
    return status;
}

enum status store_export(const char *path, const char *folder, uint64_t *n_ratings,
                         uint64_t *n_forgotten, struct error *err) {
    sqlite3 *db = NULL;
    TRY(file_make_directory(folder, err));
    TRY(database_open(&db, path, false, err));
    enum status status = database_run(db, "BEGIN", err); /* both files then show the same moment */
    if (status == STATUS_OK) {
        status = write_file(db, folder, "feedback.csv", write_ratings, n_ratings, err);
    }
    if (status == STATUS_OK) {
        status = write_file(db, folder, "forgotten.csv", write_forgotten, n_forgotten, err);
    }
    sqlite3_close(db);
    return status;
}
