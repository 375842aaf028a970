/* JSON bodies of requests. */
#ifndef MARQUEE_SERVE_BODY_H
#define MARQUEE_SERVE_BODY_H

#include "common/base/error.h"
#include "stages/serve/feedback.h"
#include "stages/serve/route.h"
#include "stages/serve/snapshot.h"
#include "stages/serve/store.h"

#include <stddef.h>
#include <stdint.h>

enum { BODY_MAX_EVENTS = 1000, BODY_MAX_MOVIES = 10000 };

/* Parses {"movies": [1, {"movieId": 260, "rating": 4.5, "timestamp": 978300000}, ...]}. A movie
 * without a rating counts as five stars; one without a time gets that of the newest rating that the
 * models know. The functions of this header fail with STATUS_USAGE if the body is malformed and
 * with STATUS_DAMAGED if it names a movie that does not exist. */
enum status body_session(const char *text, size_t size, const struct snapshot *snapshot,
                         struct user_events *out, struct error *err);

/* Parses one event or a list of them: {"userId", "movieId", "type", "value", "timestamp", "id"}.
 * *out is mem_free'd by the caller. `now` is the time of events without one. */
enum status body_feedback(const char *text, size_t size, const struct snapshot *snapshot,
                          int64_t now, struct feedback **out, size_t *count, struct error *err);

/* Makes such a failure the reply: status 400, or 404 for STATUS_DAMAGED. Returns STATUS_FAILED. */
enum status body_failed(struct reply *out, const struct error *err);

#endif
