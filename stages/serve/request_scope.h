/* What one request holds: a snapshot of the models, a user's profile, a slot to compute in. */
#ifndef MARQUEE_SERVE_REQUEST_SCOPE_H
#define MARQUEE_SERVE_REQUEST_SCOPE_H

#include "common/data/history.h"
#include "stages/serve/engine.h"
#include "stages/serve/route.h"
#include "stages/serve/user_profile.h"

struct request_scope {
    struct service *service;
    struct snapshot *snapshot;
    struct profile profile;
    struct history history; /* of the profile, once prepared */
    struct recommend_work *work;
};

void request_scope_begin(struct request_scope *scope); /* takes the snapshot in use */
/* The same, and loads the user's profile; 503 if the database does not answer. */
enum status request_scope_user(struct request_scope *scope, uint32_t id, struct reply *out,
                               struct error *err);
/* The index of a movie by its raw id; 404 if there is none. */
enum status request_scope_movie(const struct request_scope *scope, uint32_t id, uint32_t *movie,
                                struct reply *out, struct error *err);
/* Waits for a slot (503 if none becomes free) and prepares it for the profile and the request's
 * purpose. */
enum status request_scope_prepare(struct request_scope *scope, const struct request *q,
                                  struct reply *out, struct error *err);
void request_scope_release(struct request_scope *scope);

#endif
