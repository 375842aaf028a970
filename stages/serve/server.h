/* HTTP: libmicrohttpd with limits, the access log, and an orderly end. */
#ifndef MARQUEE_SERVE_SERVER_H
#define MARQUEE_SERVE_SERVER_H

#include "common/base/error.h"
#include "stages/serve/route.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct server_options {
    const char *address; /* numeric */
    uint16_t port;       /* 0: any free one */
    /* Refuse requests under other names than those of this machine: otherwise a web page could
     * point its own name at this machine's address, and read and write as if it were ours. */
    bool local_names;
    unsigned connections, connections_per_address, timeout_seconds;
    FILE *log; /* of accesses, as JSON lines; NULL: none */
};

struct server;

/* Listens and answers in threads of its own, one per connection. */
enum status server_start(struct server **out, struct service *s, const struct server_options *o,
                         struct error *err);
uint16_t server_port(const struct server *server);

/* Takes no new connections, waits for the requests under way (at most `seconds`), ends. Returns how
 * many were cut off. NULL is fine. */
unsigned server_stop(struct server *server, unsigned seconds);

/* Whether a Host header names this machine: localhost, 127.x.x.x or [::1], with or without a port.
 */
bool host_is_local(const char *host);

/* Whether only this machine can reach the address. STATUS_USAGE if it is not a numeric address. */
enum status address_is_local(const char *address, bool *local, struct error *err);

#endif
