/* Ends connections whose request makes no progress: libmicrohttpd ends those that are silent, but a
 * client that sends a byte now and then would hold its thread for ever. */
#ifndef MARQUEE_SERVE_SLOW_CLIENT_H
#define MARQUEE_SERVE_SLOW_CLIENT_H

#include "common/base/error.h"

struct slow_clients;
struct waiting; /* one connection */

/* Connections that have waited for `seconds` are shut down, by a thread of its own. */
enum status slow_clients_start(struct slow_clients **out, unsigned seconds, struct error *err);
/* When no connections are left. NULL is fine. */
void slow_clients_stop(struct slow_clients *p);

/* A connection has opened (NULL when memory runs out), and closed. */
struct waiting *slow_clients_enter(struct slow_clients *p, int socket);
void slow_clients_leave(struct slow_clients *p, struct waiting *w);

/* It waits for a request from now on; it has one. NULL is fine. */
void slow_clients_begin(struct slow_clients *p, struct waiting *w);
void slow_clients_end(struct slow_clients *p, struct waiting *w);

#endif
