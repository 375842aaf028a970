/* What one request holds: a generation, a user's profile, a slot to compute in. */
#ifndef MARQUEE_SERVE_REQUEST_SCOPE_H
#define MARQUEE_SERVE_REQUEST_SCOPE_H

#include "stages/serve/engine.h"
#include "stages/serve/profile.h"
#include "stages/serve/route.h"

struct visit {
    struct service *service;
    struct generation *generation;
    struct profile profile;
    struct history history; /* of the profile, once prepared */
    struct recommend_work *work;
};

void visit_begin(struct visit *v); /* takes the generation in use */
/* The same, and the user's profile; 503 if the database does not answer. */
enum status visit_user(struct visit *v, uint32_t id, struct reply *out, struct error *err);
/* The index of a movie by its raw id; 404 if there is none. */
enum status visit_movie(const struct visit *v, uint32_t id, uint32_t *movie, struct reply *out,
                        struct error *err);
/* Waits for a slot (503 if none comes free) and makes it ready for the profile. */
enum status visit_prepare(struct visit *v, struct reply *out, struct error *err);
void visit_release(struct visit *v);

#endif
