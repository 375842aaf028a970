#include "stages/serve/database.h"

#include <stddef.h>

enum { DATABASE_VERSION = 1 };

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS event("
    " seq INTEGER PRIMARY KEY, user INTEGER NOT NULL, movie INTEGER NOT NULL,"
    " type INTEGER NOT NULL, value INTEGER NOT NULL, time INTEGER NOT NULL, key TEXT) STRICT;"
    "CREATE INDEX IF NOT EXISTS event_user ON event(user);"
    "CREATE UNIQUE INDEX IF NOT EXISTS event_key ON event(user, key) WHERE key IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS forgotten(user INTEGER PRIMARY KEY) STRICT;"
    "PRAGMA user_version = 1;";

enum status database_error(sqlite3 *db, const char *doing, struct error *err) {
    const char *path = db == NULL ? NULL : sqlite3_db_filename(db, NULL);
    return error_set(err, STATUS_FAILED, "%s: %s: %s", path == NULL ? "database" : path, doing,
                     db == NULL ? "out of memory" : sqlite3_errmsg(db));
}

enum status database_run(sqlite3 *db, const char *sql, struct error *err) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return STATUS_OK;
    return database_error(db, "statement", err);
}

enum status database_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct error *err) {
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK) {
        return STATUS_OK;
    }
    return database_error(db, "statement", err);
}

static enum status check_version(sqlite3 *db, struct error *err) {
    sqlite3_stmt *statement = NULL;
    TRY(database_prepare(db, "PRAGMA user_version", &statement, err));
    int version = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    if (version < 0) return database_error(db, "is no database", err);
    if (version <= DATABASE_VERSION) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "%s: is of version %d, this program knows up to %d",
                     sqlite3_db_filename(db, NULL), version, DATABASE_VERSION);
}

static enum status configure(sqlite3 *db, bool write, struct error *err) {
    (void)sqlite3_busy_timeout(db, 5000);
    TRY(check_version(db, err));
    if (!write) return STATUS_OK;
    TRY(database_run(db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                     "PRAGMA secure_delete=ON;",
                     err));
    return database_run(db, schema, err);
}

enum status database_open(sqlite3 **out, const char *path, bool write, struct error *err) {
    *out = NULL;
    sqlite3 *db = NULL;
    int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
    if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_FULLMUTEX, NULL) != SQLITE_OK) {
        enum status status = error_set(err, STATUS_FAILED, "%s: cannot be opened: %s", path,
                                       db == NULL ? "out of memory" : sqlite3_errmsg(db));
        sqlite3_close(db);
        return status;
    }
    enum status status = configure(db, write, err);
    if (status != STATUS_OK) {
        sqlite3_close(db);
        return status;
    }
    *out = db;
    return STATUS_OK;
}
