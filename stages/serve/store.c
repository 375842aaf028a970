#include "stages/serve/store.h"

#include "common/base/file.h"
#include "common/base/mem.h"
#include "stages/serve/database.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { GROUP_MAX = 20000 }; /* events of one transaction, beyond those of its first job */

/* What a thread waits for; lives on that thread's stack. */
struct job {
    const struct feedback *events; /* NULL: forget `user` */
    size_t n;
    uint32_t user;
    size_t n_added, n_deleted;
    enum status status;
    struct error err;
    bool done;
    struct job *next;
};

struct store {
    sqlite3 *writer, *reader;
    sqlite3_stmt *insert, *delete_events, *forget, *begin, *commit, *rollback;
    sqlite3_stmt *select, *is_forgotten;
    pthread_mutex_t reading;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t arrived, finished;
    struct job *first, *last;
    bool closing;
    struct store_figures figures;

    pthread_t thread;
    bool started;
};

/* ---- the writer ---- */

/* Runs a statement that gives no rows. */
static enum status step(struct store *s, sqlite3_stmt *statement, const char *doing,
                        struct error *err) {
    int code = sqlite3_step(statement);
    enum status status = STATUS_OK;
    if (code != SQLITE_DONE) status = database_error(s->writer, doing, err);
    (void)sqlite3_reset(statement);
    return status;
}

static enum status insert(struct store *s, const struct feedback *e, size_t *n_added,
                          struct error *err) {
    sqlite3_stmt *q = s->insert;
    int bad = sqlite3_bind_int64(q, 1, e->user) | sqlite3_bind_int64(q, 2, e->movie) |
              sqlite3_bind_int(q, 3, e->type) | sqlite3_bind_int(q, 4, e->value) |
              sqlite3_bind_int64(q, 5, e->time);
    bad |= e->key[0] == '\0' ? sqlite3_bind_null(q, 6)
                             : sqlite3_bind_text(q, 6, e->key, -1, SQLITE_STATIC);
    if (bad != SQLITE_OK) return database_error(s->writer, "event", err);
    TRY(step(s, q, "event", err));
    *n_added += (size_t)sqlite3_changes(s->writer);
    return STATUS_OK;
}

static enum status do_job(struct store *s, struct job *job, struct error *err) {
    job->n_added = 0;
    for (size_t i = 0; i < job->n; i++) {
        TRY(insert(s, &job->events[i], &job->n_added, err));
    }
    if (job->events != NULL) return STATUS_OK;
    (void)sqlite3_bind_int64(s->delete_events, 1, job->user);
    (void)sqlite3_bind_int64(s->forget, 1, job->user);
    TRY(step(s, s->delete_events, "events of a user", err));
    job->n_deleted = (size_t)sqlite3_changes(s->writer);
    return step(s, s->forget, "user", err);
}

static enum status do_group(struct store *s, struct job *jobs, struct error *err) {
    TRY(step(s, s->begin, "begin", err));
    for (struct job *job = jobs; job != NULL; job = job->next) {
        TRY(do_job(s, job, err));
    }
    return step(s, s->commit, "commit", err);
}

/* Takes as many jobs from the queue as fit one transaction. */
static struct job *take_group(struct store *s) {
    struct job *jobs = s->first, *last = jobs;
    size_t events = jobs->n;
    while (last->next != NULL && events + last->next->n <= GROUP_MAX) {
        last = last->next;
        events += last->n;
    }
    s->first = last->next;
    if (s->first == NULL) s->last = NULL;
    last->next = NULL;
    return jobs;
}

/* Wakes the waiting threads. A job is on its thread's stack and may be gone once it is done. */
static void finish_group(struct store *s, struct job *jobs, enum status status,
                         const struct error *err) {
    s->figures.groups++;
    s->figures.failures += status != STATUS_OK;
    while (jobs != NULL) {
        struct job *next = jobs->next;
        if (status == STATUS_OK) {
            s->figures.written += jobs->n_added;
            s->figures.events += jobs->n_added;
            s->figures.events -= jobs->n_deleted;
        }
        jobs->status = status;
        jobs->err = *err;
        jobs->done = true;
        jobs = next;
    }
    pthread_cond_broadcast(&s->finished);
}

static void *write_groups(void *argument) {
    struct store *s = argument;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (s->first == NULL && !s->closing) {
            pthread_cond_wait(&s->arrived, &s->lock);
        }
        if (s->first == NULL) break;
        struct job *jobs = take_group(s);
        struct error err = {0};
        pthread_mutex_unlock(&s->lock);
        enum status status = do_group(s, jobs, &err);
        /* SQLite has rolled back by itself after some errors. */
        if (status != STATUS_OK && !sqlite3_get_autocommit(s->writer)) {
            (void)step(s, s->rollback, "rollback", NULL);
        }
        pthread_mutex_lock(&s->lock);
        finish_group(s, jobs, status, &err);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static enum status wait_for(struct store *s, struct job *job, struct error *err) {
    pthread_mutex_lock(&s->lock);
    if (s->last == NULL) {
        s->first = job;
    } else {
        s->last->next = job;
    }
    s->last = job;
    pthread_cond_signal(&s->arrived);
    while (!job->done) {
        pthread_cond_wait(&s->finished, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    if (job->status != STATUS_OK && err != NULL) *err = job->err;
    return job->status;
}

enum status store_add(struct store *s, const struct feedback *events, size_t n, size_t *n_added,
                      struct error *err) {
    struct job job = {.events = events, .n = n};
    *n_added = 0;
    if (n == 0) return STATUS_OK;
    TRY(wait_for(s, &job, err));
    *n_added = job.n_added;
    return STATUS_OK;
}

enum status store_forget(struct store *s, uint32_t user, struct error *err) {
    struct job job = {.user = user};
    return wait_for(s, &job, err);
}

/* ---- opening ---- */

static enum status prepare(struct store *s, struct error *err) {
    struct {
        sqlite3 *db;
        sqlite3_stmt **statement;
        const char *sql;
    } wanted[] = {
        {s->writer, &s->insert,
         "INSERT INTO event(user, movie, type, value, time, key) VALUES(?, ?, ?, ?, ?, ?) "
         "ON CONFLICT DO NOTHING"},
        {s->writer, &s->delete_events, "DELETE FROM event WHERE user = ?"},
        {s->writer, &s->forget, "INSERT INTO forgotten VALUES(?) ON CONFLICT DO NOTHING"},
        {s->writer, &s->begin, "BEGIN IMMEDIATE"},
        {s->writer, &s->commit, "COMMIT"},
        {s->writer, &s->rollback, "ROLLBACK"},
        {s->reader, &s->select,
         "SELECT movie, type, value, time FROM event WHERE user = ? ORDER BY time, seq"},
        {s->reader, &s->is_forgotten, "SELECT 1 FROM forgotten WHERE user = ?"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        TRY(database_prepare(wanted[i].db, wanted[i].sql, wanted[i].statement, err));
    }
    return STATUS_OK;
}

static enum status count_events(struct store *s, struct error *err) {
    sqlite3_stmt *q = NULL;
    TRY(database_prepare(s->reader, "SELECT count(*) FROM event", &q, err));
    if (sqlite3_step(q) == SQLITE_ROW) s->figures.events = (uint64_t)sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return STATUS_OK;
}

static enum status start(struct store *s, const char *path, struct error *err) {
    TRY(database_open(&s->writer, path, true, err));
    TRY(database_open(&s->reader, path, false, err));
    TRY(prepare(s, err));
    TRY(count_events(s, err));
    if (pthread_create(&s->thread, NULL, write_groups, s) != 0) {
        return error_set(err, STATUS_FAILED, "%s: the writing thread cannot be started", path);
    }
    s->started = true;
    return STATUS_OK;
}

enum status store_open(struct store **out, const char *path, struct error *err) {
    *out = NULL;
    struct store *s = NULL;
    TRY(MEM_NEW(&s, 1, err));
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->reading, NULL);
    pthread_cond_init(&s->arrived, NULL);
    pthread_cond_init(&s->finished, NULL);
    enum status status = start(s, path, err);
    if (status != STATUS_OK) {
        store_close(s);
        return status;
    }
    *out = s;
    return STATUS_OK;
}

void store_close(struct store *s) {
    if (s == NULL) return;
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_signal(&s->arrived);
    pthread_mutex_unlock(&s->lock);
    if (s->started) pthread_join(s->thread, NULL);
    sqlite3_stmt *statements[] = {s->insert, s->delete_events, s->forget, s->begin,
                                  s->commit, s->rollback,      s->select, s->is_forgotten};
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        sqlite3_finalize(statements[i]);
    }
    sqlite3_close(s->reader);
    sqlite3_close(s->writer);
    pthread_cond_destroy(&s->finished);
    pthread_cond_destroy(&s->arrived);
    pthread_mutex_destroy(&s->reading);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

/* ---- reading ---- */

static enum status read_events(struct store *s, struct user_events *out, struct error *err) {
    int code;
    while ((code = sqlite3_step(s->select)) == SQLITE_ROW) {
        TRY(mem_grow(&out->event, &out->capacity, out->count + 1, sizeof(*out->event), err));
        out->event[out->count++] =
            (struct user_event){.movie = (uint32_t)sqlite3_column_int64(s->select, 0),
                                .type = (uint8_t)sqlite3_column_int(s->select, 1),
                                .value = (uint8_t)sqlite3_column_int(s->select, 2),
                                .time = sqlite3_column_int64(s->select, 3)};
    }
    return code == SQLITE_DONE ? STATUS_OK : database_error(s->reader, "events of a user", err);
}

enum status store_user(struct store *s, uint32_t user, struct user_events *out, struct error *err) {
    out->count = 0;
    pthread_mutex_lock(&s->reading);
    (void)sqlite3_bind_int64(s->select, 1, user);
    (void)sqlite3_bind_int64(s->is_forgotten, 1, user);
    enum status status = read_events(s, out, err);
    if (status == STATUS_OK) {
        int code = sqlite3_step(s->is_forgotten);
        out->forgotten = code == SQLITE_ROW;
        if (code != SQLITE_ROW && code != SQLITE_DONE) {
            status = database_error(s->reader, "forgotten users", err);
        }
    }
    (void)sqlite3_reset(s->select);
    (void)sqlite3_reset(s->is_forgotten);
    pthread_mutex_unlock(&s->reading);
    return status;
}

void user_events_release(struct user_events *e) {
    mem_free(e->event);
    *e = (struct user_events){0};
}

enum status store_check(struct store *s, struct error *err) {
    pthread_mutex_lock(&s->reading);
    (void)sqlite3_bind_int64(s->is_forgotten, 1, 0);
    int code = sqlite3_step(s->is_forgotten);
    enum status status = STATUS_OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE) status = database_error(s->reader, "check", err);
    (void)sqlite3_reset(s->is_forgotten);
    pthread_mutex_unlock(&s->reading);
    return status;
}

void store_figures(struct store *s, struct store_figures *out) {
    pthread_mutex_lock(&s->lock);
    *out = s->figures;
    pthread_mutex_unlock(&s->lock);
}

enum status store_limit(struct store *s, bool limited, struct error *err) {
    return database_run(
        s->writer, limited ? "PRAGMA max_page_count = 1" : "PRAGMA max_page_count = 1073741823",
        err);
}
