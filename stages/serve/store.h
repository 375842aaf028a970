/* The events of users in SQLite: written by one thread in groups, each group one durable
 * transaction; read by any thread. */
#ifndef MARQUEE_SERVE_STORE_H
#define MARQUEE_SERVE_STORE_H

#include "common/base/error.h"
#include "stages/serve/feedback.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* Opens or creates the database and starts the writer. WAL, synchronous=FULL: what is acknowledged
 * survives the loss of power. A database of a newer version is refused. */
enum status store_open(struct store **out, const char *path, struct error *err);
/* Writes what is waiting, then closes. NULL is fine. */
void store_close(struct store *s);

/* Returns when the events are durable; all or none. *n_added leaves out those whose user and key
 * are there already. */
enum status store_add(struct store *s, const struct feedback *events, size_t n, size_t *n_added,
                      struct error *err);
/* Deletes the events of a user and notes that the user's training ratings are not to be used. */
enum status store_forget(struct store *s, uint32_t user, struct error *err);

struct user_event {
    uint32_t movie; /* raw id */
    uint8_t type, value;
    int64_t time;
};
struct user_events {
    struct user_event *event; /* oldest first, equal times in the order of arrival */
    size_t count, capacity;
    bool forgotten; /* once; the user's training ratings no longer count */
};
enum status store_user(struct store *s, uint32_t user, struct user_events *out, struct error *err);
void user_events_release(struct user_events *e);

struct store_figures {
    uint64_t events;                    /* in the database */
    uint64_t groups, written, failures; /* since the start: transactions, events, failed groups */
};
void store_figures(struct store *s, struct store_figures *out);

/* Whether the database answers. */
enum status store_check(struct store *s, struct error *err);

/* For tests: allows the file no further pages, so that the next write finds the disk full; false
 * lifts the limit. */
enum status store_limit(struct store *s, bool limited, struct error *err);

/* Writes `folder`/feedback.csv (userId,movieId,rating,timestamp: what the events of a user add up
 * to for each movie, in the order of time, the rating of a mere view empty) and
 * `folder`/forgotten.csv (userId). The database may be in use. */
enum status store_export(const char *path, const char *folder, uint64_t *n_ratings,
                         uint64_t *n_forgotten, struct error *err);

#endif
