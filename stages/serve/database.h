/* SQLite, with its errors in struct error. */
#ifndef MARQUEE_SERVE_DATABASE_H
#define MARQUEE_SERVE_DATABASE_H

#include "common/base/error.h"

#include <sqlite3.h>
#include <stdbool.h>

/* Opens a database of events, for reading alone unless `write`, which also creates the file and its
 * tables where they are missing. */
enum status database_open(sqlite3 **out, const char *path, bool write, struct error *err);
enum status database_run(sqlite3 *db, const char *sql, struct error *err);
enum status database_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct error *err);
enum status database_error(sqlite3 *db, const char *doing, struct error *err);

#endif
