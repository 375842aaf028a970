/* Movies, picks and histories as JSON. Each function returns a new reference, or NULL when memory
 * runs out. */
#ifndef MARQUEE_SERVE_RENDER_H
#define MARQUEE_SERVE_RENDER_H

#include "stages/serve/engine.h"
#include "stages/serve/snapshot.h"
#include "stages/serve/user_profile.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* {"movieId", "title", "year", "genres", "ratings", "mean"} */
json_t *render_movie(const struct snapshot *snapshot, uint32_t movie);

/* A movie with "score" and, if there is a rating head, "predicted"; an explained one with "reason",
 * "reasons", "evidence" and "explanation" as well. */
json_t *render_pick(const struct snapshot *snapshot, const struct pick *pick);

/* A movie with its score under the key `weight` (NULL: without), and with the terms that it shares
 * with the movie `with` (NO_INDEX: none). */
json_t *render_scored(const struct snapshot *snapshot, struct scored s, const char *weight,
                      uint32_t with);

/* A user's movies, newest first. */
json_t *render_history(const struct snapshot *snapshot, const struct profile *p, size_t max);

/* Adds a member and takes over the reference to `value`. Returns nonzero if that failed or `value`
 * is NULL. */
int render_add(json_t *object, const char *key, json_t *value);
/* Returns `object`; if `bad`, releases it and returns NULL. */
json_t *render_done(json_t *object, int bad);

#endif
