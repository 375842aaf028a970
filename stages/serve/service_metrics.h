/* Counters of the service, in the text format of Prometheus. */
#ifndef MARQUEE_SERVE_SERVICE_METRICS_H
#define MARQUEE_SERVE_SERVICE_METRICS_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
    METRIC_PAGE = 30,
    METRIC_NONE = 31,
    METRIC_ROUTES = 32,
    METRIC_STATUSES = 500,
    METRIC_BUCKETS = 14
};

struct metrics {
    /* by place in the table of routes; METRIC_PAGE and METRIC_NONE are in none */
    atomic_uint_fast64_t requests[METRIC_ROUTES][METRIC_STATUSES]; /* status - 100 */
    atomic_uint_fast64_t bucket[METRIC_ROUTES][METRIC_BUCKETS + 1];
    atomic_uint_fast64_t microseconds[METRIC_ROUTES];
    atomic_uint_fast64_t fold_ins, feedback, reloads, failed_reloads, in_flight;
};

void metrics_count(struct metrics *m, size_t route, unsigned status, uint64_t nanoseconds);

/* Appends requests by route and status and latency histograms; route_name[n_routes]. */
enum status metrics_requests(const struct metrics *m, const char *const *route_name,
                             size_t n_routes, struct buf *out, struct error *err);

/* Appends one figure with its help; `type` "counter" or "gauge". */
enum status metrics_figure(const char *name, const char *type, const char *help, double value,
                           struct buf *out, struct error *err);

#endif
