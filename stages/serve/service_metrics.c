#include "stages/serve/service_metrics.h"

#include <inttypes.h>

static const double bucket_seconds[METRIC_BUCKETS] = {
    0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};

static uint64_t get(const atomic_uint_fast64_t *counter) {
    return (uint64_t)atomic_load_explicit(counter, memory_order_relaxed);
}

static void add(atomic_uint_fast64_t *counter, uint64_t amount) {
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

void metrics_count(struct metrics *m, size_t route, unsigned status, uint64_t nanoseconds) {
    size_t place = status >= 100 && status < 600 ? status - 100 : 400;
    size_t bucket = 0;
    if (route >= METRIC_ROUTES) route = METRIC_NONE;
    while (bucket < METRIC_BUCKETS && (double)nanoseconds > 1e9 * bucket_seconds[bucket]) {
        bucket++;
    }
    add(&m->requests[route][place], 1);
    add(&m->bucket[route][bucket], 1);
    add(&m->microseconds[route], nanoseconds / 1000);
}

static enum status route_histogram(const struct metrics *m, size_t r, const char *name,
                                   struct buf *out, struct error *err) {
    uint64_t sum = 0;
    for (size_t b = 0; b < METRIC_BUCKETS; b++) {
        sum += get(&m->bucket[r][b]);
        TRY(buf_printf(out, err,
                       "marquee_request_seconds_bucket{route=\"%s\",le=\"%g\"} %" PRIu64 "\n", name,
                       bucket_seconds[b], sum));
    }
    sum += get(&m->bucket[r][METRIC_BUCKETS]);
    return buf_printf(out, err,
                      "marquee_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %" PRIu64 "\n"
                      "marquee_request_seconds_sum{route=\"%s\"} %.6f\n"
                      "marquee_request_seconds_count{route=\"%s\"} %" PRIu64 "\n",
                      name, sum, name, (double)get(&m->microseconds[r]) / 1e6, name, sum);
}

static const char *name_of(const char *const *route_name, size_t n_routes, size_t r) {
    if (r < n_routes) return route_name[r];
    if (r == METRIC_PAGE) return "page";
    return r == METRIC_NONE ? "none" : NULL;
}

enum status metrics_requests(const struct metrics *m, const char *const *route_name,
                             size_t n_routes, struct buf *out, struct error *err) {
    TRY(buf_puts(out,
                 "# HELP marquee_requests_total Requests by route and status.\n"
                 "# TYPE marquee_requests_total counter\n",
                 err));
    for (size_t r = 0; r < METRIC_ROUTES; r++) {
        const char *name = name_of(route_name, n_routes, r);
        for (unsigned s = 0; name != NULL && s < METRIC_STATUSES; s++) {
            uint64_t count = get(&m->requests[r][s]);
            if (count == 0) continue;
            TRY(buf_printf(out, err,
                           "marquee_requests_total{route=\"%s\",status=\"%u\"} %" PRIu64 "\n", name,
                           s + 100, count));
        }
    }
    TRY(buf_puts(out,
                 "# HELP marquee_request_seconds Time from the request's line to its end.\n"
                 "# TYPE marquee_request_seconds histogram\n",
                 err));
    for (size_t r = 0; r < METRIC_ROUTES; r++) {
        const char *name = name_of(route_name, n_routes, r);
        if (name != NULL) TRY(route_histogram(m, r, name, out, err));
    }
    return STATUS_OK;
}

enum status metrics_figure(const char *name, const char *type, const char *help, double value,
                           struct buf *out, struct error *err) {
    return buf_printf(out, err, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", name, help, name, type,
                      name, value);
}
