/* The database as the CSV files that ingest takes. */
#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "stages/serve/database.h"
#include "stages/serve/store.h"

#include <inttypes.h>

/* One row: what the events of a user come to for a movie. */
static void write_opinion(FILE *out, int64_t user, int64_t movie, const struct opinion *o,
                          uint64_t *n_written) {
    uint8_t value = opinion_value(o);
    if (value == 0) return;
    (void)fprintf(out, "%" PRId64 ",%" PRId64 ",", user, movie);
    if (o->value != 0) (void)fprintf(out, "%u.%u", o->value / 2, o->value % 2 * 5);
    (void)fprintf(out, ",%" PRId64 "\n", o->time);
    ++*n_written;
}

static enum status write_ratings(sqlite3 *db, FILE *out, uint64_t *n_written, struct error *err) {
    sqlite3_stmt *q = NULL;
    TRY(database_prepare(db,
                         "SELECT user, movie, type, value, time FROM event "
                         "ORDER BY user, movie, time, seq",
                         &q, err));
    struct opinion opinion = {0};
    int64_t user = -1, movie = -1;
    int code;
    (void)fputs("userId,movieId,rating,timestamp\n", out);
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        if (sqlite3_column_int64(q, 0) != user || sqlite3_column_int64(q, 1) != movie) {
            write_opinion(out, user, movie, &opinion, n_written);
            opinion = (struct opinion){0};
            user = sqlite3_column_int64(q, 0);
            movie = sqlite3_column_int64(q, 1);
        }
        opinion_apply(&opinion, (uint8_t)sqlite3_column_int(q, 2),
                      (uint8_t)sqlite3_column_int(q, 3), sqlite3_column_int64(q, 4));
    }
    write_opinion(out, user, movie, &opinion, n_written);
    enum status status = code == SQLITE_DONE ? STATUS_OK : database_error(db, "events", err);
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
    enum status status = database_run(db, "BEGIN", err); /* both files show one moment */
    if (status == STATUS_OK) {
        status = write_file(db, folder, "feedback.csv", write_ratings, n_ratings, err);
    }
    if (status == STATUS_OK) {
        status = write_file(db, folder, "forgotten.csv", write_forgotten, n_forgotten, err);
    }
    sqlite3_close(db);
    return status;
}
