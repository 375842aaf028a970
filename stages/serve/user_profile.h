/* What is known of a user now: the ratings that the models were trained on, and what the user has
 * told the service since. */
#ifndef MARQUEE_SERVE_USER_PROFILE_H
#define MARQUEE_SERVE_USER_PROFILE_H

#include "common/base/error.h"
#include "common/data/history.h"
#include "stages/serve/snapshot.h"
#include "stages/serve/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile {
    uint32_t id;                   /* raw */
    uint32_t user;                 /* index among the trained users, or NO_INDEX */
    struct history_buffer history; /* in the order of time */
    uint32_t *hidden;              /* movies that are not to be recommended, ascending */
    size_t n_hidden;
    size_t n_events; /* of the database */
    bool forgotten;
};

/* Of each movie the latest opinion counts. Events after the newest rating that the models know are
 * set to that moment, in their order: the models know no popularity of later times, and every movie
 * would look forgotten. Events about movies that the models do not know are left out. `store` may
 * be NULL. */
enum status profile_load(struct profile *out, const struct snapshot *snapshot, struct store *store,
                         uint32_t id, struct error *err);

/* The profile of a visitor of whom only the given events are known. */
enum status profile_of_events(struct profile *out, const struct snapshot *snapshot,
                              const struct user_event *events, size_t n, struct error *err);
void profile_release(struct profile *p);

/* Half stars of a movie in the history, 0 if it is not there. */
uint8_t profile_value(const struct profile *p, uint32_t movie);
bool profile_hides(const struct profile *p, uint32_t movie);

#endif
