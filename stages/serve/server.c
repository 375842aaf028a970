#include "stages/serve/server.h"

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "stages/serve/assets.h"
#include "stages/serve/slow_client.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_URL = 4096,
    MAX_BODY = 1 << 20,
    HEADER_MEMORY = 32 << 10,
    BODY_SECONDS = 30,
    THREAD_STACK = 1 << 20
};

struct server {
    struct service *service;
    struct MHD_Daemon *daemon;
    FILE *log;
    pthread_mutex_t logging;
    bool local_names;
    struct slow_clients *slow_clients;
};

/* One request, from its first line to its end. */
struct exchange {
    struct server *server;
    uint64_t started_ns;
    size_t url_size; /* with the query */
    bool begun;
    struct buf body;
    const struct route *route;
    bool page; /* a file of the web page */
    unsigned status;
    size_t size; /* of the reply's body */
    char method[16];
    char path[256]; /* cut */
    struct param_pair pair[PARAMS_MAX + 1];
    size_t n_pairs;
    const char *problem; /* with the query's pairs */
};

/* ---- the access log ---- */

static void address_text(const struct sockaddr *address, char *out, size_t size) {
    const void *bytes = NULL;
    out[0] = '\0';
    if (address == NULL) return;
    if (address->sa_family == AF_INET) {
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    } else if (address->sa_family == AF_INET6) {
        bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    }
    if (bytes != NULL) (void)inet_ntop(address->sa_family, bytes, out, (socklen_t)size);
}

static const char *route_name(const struct exchange *x) {
    if (x->route != NULL) return x->route->name;
    return x->page ? "page" : "none";
}

static void log_access(const struct exchange *x, const struct sockaddr *address, uint64_t took_ns,
                       bool complete) {
    char when[32] = "", from[64];
    time_t now = (time_t)clock_wall_seconds();
    struct tm parts;
    if (gmtime_r(&now, &parts) != NULL) (void)strftime(when, sizeof when, "%FT%TZ", &parts);
    address_text(address, from, sizeof from);
    json_t *line = json_pack("{s:s,s:s,s:s,s:s*,s:s,s:i,s:I,s:I,s:b}", "time", when, "address",
                             from, "method", x->method, "path", x->path, "route", route_name(x),
                             "status", (int)x->status, "bytes", (json_int_t)x->size, "microseconds",
                             (json_int_t)(took_ns / 1000), "complete", complete);
    char *text = line == NULL ? NULL : json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (text == NULL) return;
    pthread_mutex_lock(&x->server->logging);
    (void)fprintf(x->server->log, "%s\n", text);
    (void)fflush(x->server->log);
    pthread_mutex_unlock(&x->server->logging);
    mem_free(text);
}

/* ---- beginning and end of connections and requests ---- */

static void on_connection(void *context, struct MHD_Connection *connection, void **waiting,
                          enum MHD_ConnectionNotificationCode what) {
    struct slow_clients *slow_clients = ((struct server *)context)->slow_clients;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        slow_clients_leave(slow_clients, *waiting);
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *waiting = info == NULL ? NULL : slow_clients_enter(slow_clients, info->connect_fd);
}

static struct waiting *waiting_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void *on_url(void *context, const char *url, struct MHD_Connection *connection) {
    (void)connection;
    struct server *server = context;
    struct exchange *x = NULL;
    if (MEM_NEW(&x, 1, NULL) != STATUS_OK) return NULL;
    x->server = server;
    x->started_ns = clock_now_ns();
    x->url_size = strlen(url);
    size_t size = strcspn(url, "?");
    if (size >= sizeof x->path) size = sizeof x->path - 1;
    /* The address as it came, except for bytes that a log cannot hold. */
    for (size_t i = 0; i < size; i++) {
        x->path[i] = '?';
        if (url[i] > ' ' && url[i] < 127) x->path[i] = url[i];
    }
    atomic_fetch_add(&server->service->metrics.in_flight, 1);
    return x;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode how) {
    struct server *server = context;
    struct exchange *x = *state;
    slow_clients_begin(server->slow_clients, waiting_of(connection)); /* for the next one */
    if (x == NULL) return;
    uint64_t took = clock_now_ns() - x->started_ns;
    size_t place = x->page ? METRIC_PAGE : METRIC_NONE;
    if (x->route != NULL) place = (size_t)(x->route - routes);
    metrics_count(&server->service->metrics, place, x->status, took);
    if (server->log != NULL) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        log_access(x, info == NULL ? NULL : info->client_addr, took,
                   how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    }
    atomic_fetch_sub(&server->service->metrics.in_flight, 1);
    buf_release(&x->body);
    mem_free(x);
    *state = NULL;
}

/* ---- replying ---- */

static void add_headers(struct MHD_Response *response, const struct exchange *x,
                        const struct reply *reply) {
    const char *type = reply->content_type == NULL ? "application/json" : reply->content_type;
    (void)MHD_add_response_header(response, "Content-Type", type);
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    (void)MHD_add_response_header(response, "Cache-Control",
                                  reply->bytes == NULL ? "no-store" : "no-cache");
    (void)MHD_add_response_header(response, "Content-Security-Policy",
                                  "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");
    (void)MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    if (reply->status == 503) (void)MHD_add_response_header(response, "Retry-After", "1");
    if (reply->status == 405) {
        char methods[64];
        route_methods(x->path, methods, sizeof methods);
        (void)MHD_add_response_header(response, "Allow", methods[0] == '\0' ? "GET" : methods);
    }
    if (atomic_load(&x->server->service->draining)) {
        (void)MHD_add_response_header(response, "Connection", "close");
    }
}

static struct MHD_Response *make_response(struct exchange *x, struct reply *reply) {
    if (reply->bytes != NULL) {
        x->size = reply->size;
        return MHD_create_response_from_buffer(reply->size, (void *)(uintptr_t)reply->bytes,
                                               MHD_RESPMEM_PERSISTENT);
    }
    char *text = NULL;
    if (reply->json != NULL) {
        text = json_dumps(reply->json, JSON_COMPACT | JSON_REAL_PRECISION(12));
        x->size = text == NULL ? 0 : strlen(text);
    } else {
        text = reply->text.data;
        x->size = reply->text.size;
        reply->text = (struct buf){0};
    }
    if (text == NULL) return NULL;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(x->size, text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) mem_free(text);
    return response;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct exchange *x,
                                  struct reply *reply) {
    struct MHD_Response *response = make_response(x, reply);
    x->status = reply->status;
    enum MHD_Result result = MHD_NO;
    if (response != NULL) {
        add_headers(response, x, reply);
        result = MHD_queue_response(connection, reply->status, response);
        MHD_destroy_response(response);
    }
    reply_release(reply);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, struct exchange *x,
                              unsigned status, const char *reason) {
    struct reply reply = {0};
    reply_error(&reply, status, reason);
    return send_reply(connection, x, &reply);
}

/* ---- requests ---- */

static enum MHD_Result on_pair(void *context, enum MHD_ValueKind kind, const char *name,
                               size_t name_size, const char *value, size_t value_size) {
    (void)kind;
    struct exchange *x = context;
    if (strlen(name) != name_size || (value != NULL && strlen(value) != value_size)) {
        x->problem = "the query holds a NUL byte";
        return MHD_NO;
    }
    if (x->n_pairs > PARAMS_MAX) return MHD_NO;
    x->pair[x->n_pairs++] = (struct param_pair){name, value};
    return MHD_YES;
}

static const char *header(struct MHD_Connection *connection, const char *name) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* A web page, style or script. False if the path is none of them. */
static bool find_asset(const char *path, const char *method, struct reply *out) {
    const struct asset *asset = asset_find(path);
    if (asset == NULL) return false;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        reply_error(out, 405, "this takes GET");
        return true;
    }
    *out = (struct reply){.status = 200,
                          .bytes = asset->start,
                          .size = (size_t)(asset->end - asset->start),
                          .content_type = asset->content_type};
    return true;
}

static bool is_json(const char *type) {
    size_t size = sizeof "application/json" - 1;
    if (type == NULL || strncasecmp(type, "application/json", size) != 0) return false;
    return type[size] == '\0' || type[size] == ';' || type[size] == ' ';
}

bool host_is_local(const char *host) {
    static const char *const names[] = {"localhost", "[::1]"};
    size_t size = strcspn(host, ":");
    if (host[0] == '[') size = strcspn(host, "]") + 1;
    if (size > strlen(host) || (host[size] != '\0' && host[size] != ':')) return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == size && strncasecmp(host, names[i], size) == 0) return true;
    }
    char text[INET_ADDRSTRLEN];
    struct in_addr v4;
    if (size >= sizeof text) return false;
    memcpy(text, host, size);
    text[size] = '\0';
    return inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static enum MHD_Result respond(struct MHD_Connection *connection, struct exchange *x,
                               const char *path, const char *method) {
    struct reply reply = {0};
    const char *host = header(connection, "Host");
    if (x->server->local_names && host != NULL && !host_is_local(host)) {
        return refuse(connection, x, 403, "Host: is not this machine; other names need a key");
    }
    x->page = find_asset(path, method, &reply);
    if (x->page) return send_reply(connection, x, &reply);
    (void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, on_pair, x);
    if (x->problem != NULL) return refuse(connection, x, 400, x->problem);
    struct call call = {.method = method,
                        .path = path,
                        .key = header(connection, "X-API-Key"),
                        .pair = x->pair,
                        .n_pairs = x->n_pairs,
                        .body = x->body.data,
                        .body_size = x->body.size,
                        .json_body = is_json(header(connection, "Content-Type"))};
    service_answer(x->server->service, &call, &reply, &x->route);
    return send_reply(connection, x, &reply);
}

/* The status with which a request is refused before its body is read; 0: it is not. */
static unsigned early_refusal(struct MHD_Connection *connection, const struct exchange *x,
                              const char **reason) {
    const char *length = header(connection, "Content-Length");
    if (x->url_size > MAX_URL) {
        *reason = "the address is longer than 4096 bytes";
        return 414;
    }
    if (length != NULL && (strlen(length) > 7 || strtol(length, NULL, 10) > MAX_BODY)) {
        *reason = "the body is larger than 1 MiB";
        return 413;
    }
    return 0;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **state) {
    (void)context, (void)version;
    struct exchange *x = *state;
    const char *reason = NULL;
    if (x == NULL) return MHD_NO;
    if (!x->begun) {
        x->begun = true;
        slow_clients_end(x->server->slow_clients, waiting_of(connection));
        (void)snprintf(x->method, sizeof x->method, "%s", method);
        unsigned status = early_refusal(connection, x, &reason);
        return status == 0 ? MHD_YES : refuse(connection, x, status, reason);
    }
    if (*size > 0) {
        uint64_t took = clock_now_ns() - x->started_ns;
        if (took > (uint64_t)BODY_SECONDS * 1000000000U) return MHD_NO;
        /* The rest of a body that turns out to be too large is read and discarded. */
        if (x->body.size <= MAX_BODY && buf_append(&x->body, data, *size, NULL) != STATUS_OK) {
            return MHD_NO;
        }
        *size = 0;
        return MHD_YES;
    }
    if (x->body.size > MAX_BODY) {
        return refuse(connection, x, 413, "the body is larger than 1 MiB");
    }
    return respond(connection, x, path, method);
}

/* ---- starting and stopping ---- */

static enum status resolve(const char *address, uint16_t port, struct addrinfo **out,
                           struct error *err) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    char text[8];
    (void)snprintf(text, sizeof text, "%u", port);
    if (getaddrinfo(address, text, &hints, out) == 0) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--address: \"%.60s\" is not a numeric address", address);
}

enum status address_is_local(const char *address, bool *local, struct error *err) {
    struct addrinfo *found = NULL;
    TRY(resolve(address, 0, &found, err));
    if (found->ai_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)found->ai_addr;
        *local = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    } else {
        const struct sockaddr_in6 *v6 = (const void *)found->ai_addr;
        *local = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    }
    freeaddrinfo(found);
    return STATUS_OK;
}

static void drop_message(void *context, const char *format, va_list arguments) {
    (void)context, (void)format, (void)arguments;
}

static enum status start_daemon(struct server *server, const struct server_options *o,
                                struct error *err) {
    struct addrinfo *address = NULL;
    TRY(resolve(o->address, o->port, &address, err));
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                     MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    if (address->ai_family == AF_INET6) flags |= MHD_USE_IPv6;
    server->daemon = MHD_start_daemon(
        flags, o->port, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, drop_message,
        NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_SOCK_ADDR,
        address->ai_addr, MHD_OPTION_URI_LOG_CALLBACK, on_url, server, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_MEMORY,
        MHD_OPTION_CONNECTION_LIMIT, o->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        o->connections_per_address, MHD_OPTION_CONNECTION_TIMEOUT, o->timeout_seconds,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
        MHD_OPTION_END);
    freeaddrinfo(address);
    if (server->daemon != NULL) return STATUS_OK;
    return error_errno(err, "%s port %u: cannot be listened to", o->address, o->port);
}

enum status server_start(struct server **out, struct service *s, const struct server_options *o,
                         struct error *err) {
    struct server *server = NULL;
    *out = NULL;
    TRY(MEM_NEW(&server, 1, err));
    server->service = s;
    server->log = o->log;
    server->local_names = o->local_names;
    pthread_mutex_init(&server->logging, NULL);
    enum status status = slow_clients_start(&server->slow_clients, 2 * o->timeout_seconds, err);
    if (status == STATUS_OK) status = start_daemon(server, o, err);
    if (status != STATUS_OK) {
        (void)server_stop(server, 0);
        return status;
    }
    *out = server;
    return STATUS_OK;
}

uint16_t server_port(const struct server *server) {
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

unsigned server_stop(struct server *server, unsigned seconds) {
    unsigned cut_off = 0;
    if (server == NULL) return 0;
    if (server->daemon != NULL) {
        atomic_store(&server->service->draining, true);
        int listener = MHD_quiesce_daemon(server->daemon);
        uint64_t until = clock_now_ns() + (uint64_t)seconds * 1000000000U;
        const struct timespec pause = {0, 5000000};
        atomic_uint_fast64_t *in_flight = &server->service->metrics.in_flight;
        while (atomic_load(in_flight) > 0 && clock_now_ns() < until) {
            (void)nanosleep(&pause, NULL);
        }
        cut_off = (unsigned)atomic_load(in_flight);
        MHD_stop_daemon(server->daemon);
        if (listener >= 0) (void)close(listener);
    }
    slow_clients_stop(server->slow_clients);
    pthread_mutex_destroy(&server->logging);
    mem_free(server);
    return cut_off;
}
