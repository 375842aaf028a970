/* Requests, replies, and the table of routes that server, metrics and documentation are made from.
 */
#ifndef MARQUEE_SERVE_ROUTE_H
#define MARQUEE_SERVE_ROUTE_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "stages/serve/params.h"
#include "stages/serve/service_metrics.h"
#include "stages/serve/snapshot.h"
#include "stages/serve/store.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* What all requests share. */
struct service {
    struct snapshots *snapshots;
    struct store *store;
    struct metrics metrics;
    struct buf key; /* empty: no key is needed */
    atomic_bool draining;
    unsigned wait_milliseconds; /* for a slot to compute in */
};

struct route;

struct request {
    const struct route *route;
    struct param_value value[PARAMS_MAX]; /* in the order of the route's table */
    const char *body;
    size_t body_size;
};

/* The value of a parameter that the route's table has. */
const struct param_value *request_value(const struct request *q, const char *name);

struct reply {
    unsigned status;          /* 200 unless set */
    json_t *json;             /* or: */
    struct buf text;          /* or: */
    const void *bytes;        /* that live as long as the program */
    size_t size;              /* of `bytes` */
    const char *content_type; /* NULL: JSON */
};
void reply_release(struct reply *r);

/* Sets status and reason; returns STATUS_FAILED, for handlers to return. */
enum status reply_fail(struct reply *r, unsigned status, struct error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fills the reply. On failure the message becomes the reason; the status is the one in the reply if
 * that is an error, else 500. */
typedef enum status (*handler)(struct service *s, const struct request *q, struct reply *out,
                               struct error *err);

struct route {
    const char *method, *path; /* "GET", "/api/recommend/{user}" */
    const char *name;          /* operation id, label of the metrics */
    const char *summary;
    const char *body;   /* schema of the body (in apidocs.c), NULL: none is taken */
    const char *answer; /* schema of the answer */
    bool write;         /* needs the key, if there is one */
    handler handle;
    const struct param_spec *params;
    size_t n_params;
};

extern const struct route routes[];
extern const size_t n_routes;

/* The route of a method and path, or NULL; *same_path then says whether the path has routes of
 * other methods. segment[256] gets the text of the path's parameter, "" if it has none. */
const struct route *route_find(const char *method, const char *path, bool *same_path,
                               char segment[256]);
/* "GET, POST": the methods of a path. */
void route_methods(const char *path, char *out, size_t size);

/* The handlers. */
enum status answer_recommend(struct service *, const struct request *, struct reply *,
                             struct error *);
enum status answer_session(struct service *, const struct request *, struct reply *,
                           struct error *);
enum status answer_similar(struct service *, const struct request *, struct reply *,
                           struct error *);
enum status answer_predict(struct service *, const struct request *, struct reply *,
                           struct error *);
enum status answer_movies(struct service *, const struct request *, struct reply *, struct error *);
enum status answer_movie(struct service *, const struct request *, struct reply *, struct error *);
enum status answer_user(struct service *, const struct request *, struct reply *, struct error *);
enum status answer_forget(struct service *, const struct request *, struct reply *, struct error *);
enum status answer_popular(struct service *, const struct request *, struct reply *,
                           struct error *);
enum status answer_genres(struct service *, const struct request *, struct reply *, struct error *);
enum status answer_feedback(struct service *, const struct request *, struct reply *,
                            struct error *);
enum status answer_reload(struct service *, const struct request *, struct reply *, struct error *);
enum status answer_live(struct service *, const struct request *, struct reply *, struct error *);
enum status answer_ready(struct service *, const struct request *, struct reply *, struct error *);
enum status answer_metrics(struct service *, const struct request *, struct reply *,
                           struct error *);
enum status answer_apidocs(struct service *, const struct request *, struct reply *,
                           struct error *);

/* Answers a request, without HTTP: finds the route, checks the key and the parameters, calls
 * the handler, and turns a failure into a JSON error. *route NULL if there is none. */
struct call {
    const char *method, *path, *key; /* `key` as given, or NULL */
    const struct param_pair *pair;   /* of the query */
    size_t n_pairs;
    const char *body;
    size_t body_size;
    bool json_body; /* the content type is application/json */
};
void service_answer(struct service *s, const struct call *call, struct reply *out,
                    const struct route **route);

/* {"error": {"status": 404, "reason": "..."}} */
void reply_error(struct reply *r, unsigned status, const char *reason);

/* Whether a given key (may be NULL) is the right one, in a time that depends on nothing but the
 * lengths. */
bool key_matches(const struct buf *key, const char *given);

#endif
