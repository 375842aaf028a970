/* The counters of the service as Prometheus reads them. */
#include "common/base/mem.h"
#include "stages/serve/service_metrics.h"
#include "tests/unit/support.h"

static struct metrics metrics;

static int clear(void **state) {
    (void)state;
    memset(&metrics, 0, sizeof metrics);
    return 0;
}

static void expect(const char *line) {
    static const char *const names[] = {"first", "second"};
    struct error err = {0};
    AUTO(buf) struct buf text = {0};
    assert_int_equal(metrics_requests(&metrics, names, 2, &text, &err), STATUS_OK);
    if (strstr(text.data, line) == NULL) fail_msg("there is no line %s", line + 1);
}

static void requests_are_counted_by_route_and_status(void **state) {
    (void)state;
    metrics_count(&metrics, 1, 200, 1000);
    metrics_count(&metrics, 1, 200, 1000);
    metrics_count(&metrics, 1, 599, 1000);
    metrics_count(&metrics, METRIC_PAGE, 304, 1000);
    metrics_count(&metrics, 12345, 404, 1000);
    expect("\nmarquee_requests_total{route=\"second\",status=\"200\"} 2\n");
    expect("\nmarquee_requests_total{route=\"second\",status=\"599\"} 1\n");
    expect("\nmarquee_requests_total{route=\"page\",status=\"304\"} 1\n");
    expect("\nmarquee_requests_total{route=\"none\",status=\"404\"} 1\n");
    expect("\nmarquee_request_seconds_count{route=\"second\"} 3\n");
    expect("\nmarquee_request_seconds_count{route=\"first\"} 0\n");
}

/* A bucket holds all that took no longer than it says. */
static void buckets_hold_what_took_no_longer(void **state) {
    (void)state;
    metrics_count(&metrics, 0, 200, 500000); /* half a millisecond to the nanosecond */
    metrics_count(&metrics, 0, 200, 500001);
    metrics_count(&metrics, 0, 200, UINT64_C(11000000000));
    expect("\nmarquee_request_seconds_bucket{route=\"first\",le=\"0.0005\"} 1\n");
    expect("\nmarquee_request_seconds_bucket{route=\"first\",le=\"0.001\"} 2\n");
    expect("\nmarquee_request_seconds_bucket{route=\"first\",le=\"10\"} 2\n");
    expect("\nmarquee_request_seconds_bucket{route=\"first\",le=\"+Inf\"} 3\n");
    expect("\nmarquee_request_seconds_sum{route=\"first\"} 11.001000\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(requests_are_counted_by_route_and_status, clear),
        cmocka_unit_test_setup(buckets_hold_what_took_no_longer, clear),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("serve metrics", tests, NULL, NULL);
}
