/* Ends connections whose request does not get ahead: libmicrohttpd ends those that are silent, but
 * a client that sends a byte now and then would hold its thread for ever. */
#ifndef MARQUEE_SERVE_SLOW_CLIENT_H
#define MARQUEE_SERVE_SLOW_CLIENT_H

#include "common/base/error.h"

struct patience;
struct waiting; /* one connection */

/* Connections that have waited for `seconds` are shut down, by a thread of its own. */
enum status patience_start(struct patience **out, unsigned seconds, struct error *err);
/* When no connections are left. NULL is fine. */
void patience_stop(struct patience *p);

/* A connection has come (NULL when memory runs out), and gone. */
struct waiting *patience_enter(struct patience *p, int socket);
void patience_leave(struct patience *p, struct waiting *w);

/* It waits for a request from now on; it has one. NULL is fine. */
void patience_begin(struct patience *p, struct waiting *w);
void patience_end(struct patience *p, struct waiting *w);

#endif
