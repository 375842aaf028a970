#include "stages/serve/route.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- routes ---- */

/* Whether `path` fits a pattern with at most one "{name}"; that part goes to segment[256]. */
static bool path_fits(const char *pattern, const char *path, char *segment) {
    segment[0] = '\0';
    while (*pattern != '\0' && *pattern != '{') {
        if (*pattern++ != *path++) return false;
    }
    if (*pattern == '\0') return *path == '\0';
    size_t size = strcspn(path, "/");
    if (size == 0 || size > 255) return false;
    memcpy(segment, path, size);
    segment[size] = '\0';
    return strcmp(strchr(pattern, '}') + 1, path + size) == 0;
}

const struct route *route_find(const char *method, const char *path, bool *same_path,
                               char segment[256]) {
    *same_path = false;
    if (strcmp(method, "HEAD") == 0) method = "GET";
    for (size_t i = 0; i < n_routes; i++) {
        if (!path_fits(routes[i].path, path, segment)) continue;
        *same_path = true;
        if (strcmp(routes[i].method, method) == 0) return &routes[i];
    }
    segment[0] = '\0';
    return NULL;
}

void route_methods(const char *path, char *out, size_t size) {
    char segment[256];
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n_routes && used < size; i++) {
        if (!path_fits(routes[i].path, path, segment)) continue;
        int n = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", routes[i].method);
        used += n > 0 ? (size_t)n : 0;
    }
}

const struct param_value *request_value(const struct request *q, const char *name) {
    static const struct param_value none = {0};
    for (size_t i = 0; i < q->route->n_params; i++) {
        if (strcmp(q->route->params[i].name, name) == 0) return &q->value[i];
    }
    return &none;
}

/* ---- replies ---- */

void reply_release(struct reply *r) {
    json_decref(r->json);
    buf_release(&r->text);
    *r = (struct reply){0};
}

enum status reply_fail(struct reply *r, unsigned status, struct error *err, const char *format,
                       ...) {
    char text[ERROR_TEXT_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    r->status = status;
    return error_set(err, STATUS_FAILED, "%s", text);
}

void reply_error(struct reply *r, unsigned status, const char *reason) {
    reply_release(r);
    r->status = status;
    r->json = json_pack("{s:{s:i,s:s}}", "error", "status", (int)status, "reason", reason);
    if (r->json == NULL) {
        static const char plain[] = "{\"error\":{\"reason\":\"no text for the reason\"}}";
        r->bytes = plain;
        r->size = sizeof plain - 1;
    }
}

/* ---- a whole request ---- */

bool key_matches(const struct buf *key, const char *given) {
    size_t size = given == NULL ? 0 : strlen(given);
    volatile unsigned char differing = size != key->size;
    for (size_t i = 0; i < key->size; i++) {
        unsigned char byte = i < size ? (unsigned char)given[i] : 0;
        differing = (unsigned char)(differing | (byte ^ (unsigned char)key->data[i]));
    }
    return differing == 0;
}

/* The query's pairs with the path's parameter in front. */
static enum status parse(const struct route *route, const struct call *call, const char *segment,
                         struct request *q, struct reply *out, struct error *err) {
    struct param_pair pair[PARAMS_MAX + 1];
    size_t n = 0;
    if (call->n_pairs > PARAMS_MAX) return reply_fail(out, 400, err, "too many parameters");
    if (segment[0] != '\0') pair[n++] = (struct param_pair){route->params[0].name, segment};
    for (size_t i = 0; i < call->n_pairs; i++) {
        pair[n++] = call->pair[i];
    }
    enum status status = params_parse(route->params, route->n_params, pair, n, q->value, err);
    if (status == STATUS_USAGE) out->status = 400;
    return status;
}

static enum status answer(struct service *s, const struct call *call, const struct route *route,
                          const char *segment, struct reply *out, struct error *err) {
    struct request q = {.route = route, .body = call->body, .body_size = call->body_size};
    if (route->write && s->key.size > 0 && !key_matches(&s->key, call->key)) {
        return reply_fail(out, 401, err, "X-API-Key: %s",
                          call->key == NULL ? "is needed to write" : "is not the right one");
    }
    TRY(parse(route, call, segment, &q, out, err));
    if (route->body == NULL && call->body_size > 0) {
        return reply_fail(out, 400, err, "this takes no body");
    }
    /* Also a guard against cross-site requests: browsers send this type only after a preflight. */
    if (route->write && strcmp(route->method, "POST") == 0 && !call->json_body) {
        return reply_fail(out, 415, err, "Content-Type: application/json is needed");
    }
    if (route->body != NULL && !call->json_body) {
        return reply_fail(out, 415, err, "Content-Type: application/json is needed");
    }
    return route->handle(s, &q, out, err);
}

void service_answer(struct service *s, const struct call *call, struct reply *out,
                    const struct route **route) {
    struct error err = {0};
    bool same_path = false;
    char segment[256], text[64 + ERROR_TEXT_SIZE];
    *out = (struct reply){0};
    *route = route_find(call->method, call->path, &same_path, segment);
    if (*route == NULL) {
        char methods[64];
        route_methods(call->path, methods, sizeof methods);
        (void)snprintf(text, sizeof text, same_path ? "this takes %s" : "there is nothing here%s",
                       same_path ? methods : "");
        reply_error(out, same_path ? 405 : 404, text);
        return;
    }
    enum status status = answer(s, call, *route, segment, out, &err);
    unsigned code = out->status;
    if (status != STATUS_OK) {
        reply_error(out, code >= 400 ? code : 500, err.text);
    } else if (code == 0) {
        out->status = 200;
    }
}
