/* Answers about the service itself. */
#include "common/base/clock.h"
#include "stages/serve/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum status give(struct reply *out, json_t *json, struct error *err) {
    if (json == NULL) return error_set(err, STATUS_FAILED, "out of memory");
    out->json = json;
    return STATUS_OK;
}

enum status answer_reload(struct service *s, const struct request *q, struct reply *out,
                          struct error *err) {
    (void)q;
    if (snapshots_reload(s->snapshots, err) != STATUS_OK) {
        atomic_fetch_add(&s->metrics.failed_reloads, 1);
        out->status = 500;
        return error_wrap(err, "the models in use stay");
    }
    atomic_fetch_add(&s->metrics.reloads, 1);
    struct snapshot *snapshot = snapshots_acquire(s->snapshots);
    json_int_t number = snapshot->number;
    snapshots_release(s->snapshots, snapshot);
    return give(out, json_pack("{s:I}", "generation", number), err);
}

enum status answer_live(struct service *s, const struct request *q, struct reply *out,
                        struct error *err) {
    (void)s, (void)q;
    return give(out, json_pack("{s:s}", "status", "alive"), err);
}

enum status answer_ready(struct service *s, const struct request *q, struct reply *out,
                         struct error *err) {
    (void)q;
    if (atomic_load(&s->draining)) return reply_fail(out, 503, err, "is shutting down");
    if (store_check(s->store, err) != STATUS_OK) {
        out->status = 503;
        return STATUS_FAILED;
    }
    struct snapshot *snapshot = snapshots_acquire(s->snapshots);
    char id[DIGEST_TEXT_SIZE];
    digest_text(&snapshot->id, id);
    json_t *json = json_pack(
        "{s:s,s:I,s:s,s:I,s:I,s:I}", "status", "ready", "generation", (json_int_t)snapshot->number,
        "models", id, "users", (json_int_t)snapshot->catalogue->n_users, "movies",
        (json_int_t)snapshot->catalogue->n_movies, "ratings", (json_int_t)snapshot->ratings->count);
    snapshots_release(s->snapshots, snapshot);
    return give(out, json, err);
}

static double resident_bytes(void) {
    char text[128] = "";
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL) return 0;
    const char *second = fgets(text, sizeof text, f) == NULL ? NULL : strchr(text, ' ');
    (void)fclose(f);
    return second == NULL ? 0 : strtod(second, NULL) * (double)sysconf(_SC_PAGESIZE);
}

static double count_of(const atomic_uint_fast64_t *counter) {
    return (double)atomic_load_explicit(counter, memory_order_relaxed);
}

static enum status write_figures(struct service *s, struct buf *out, struct error *err) {
    struct store_figures figures = {0};
    struct snapshot *snapshot = snapshots_acquire(s->snapshots);
    double age = (double)(clock_wall_seconds() - snapshot->loaded_at),
           newest = (double)snapshot->newest;
    double number = (double)snapshot->number;
    snapshots_release(s->snapshots, snapshot);
    store_figures(s->store, &figures);
    const struct {
        const char *name, *type, *help;
        double value;
    } figure[] = {
        {"marquee_model_age_seconds", "gauge", "Seconds since the models in use were loaded.", age},
        {"marquee_model_newest_rating_seconds", "gauge",
         "Time of the newest rating that the models know, in seconds since 1970.", newest},
        {"marquee_model_generation", "gauge",
         "Number of the models in use, 1 for the first since the start.", number},
        {"marquee_reloads_total", "counter", "Reloads that gave new models.",
         count_of(&s->metrics.reloads)},
        {"marquee_failed_reloads_total", "counter", "Reloads that failed; the old models stayed.",
         count_of(&s->metrics.failed_reloads)},
        {"marquee_fold_ins_total", "counter", "Histories folded into the models.",
         count_of(&s->metrics.fold_ins)},
        {"marquee_feedback_total", "counter", "Events accepted.", count_of(&s->metrics.feedback)},
        {"marquee_events", "gauge", "Events in the database.", (double)figures.events},
        {"marquee_transactions_total", "counter", "Transactions that wrote events.",
         (double)figures.groups},
        {"marquee_failed_transactions_total", "counter", "Transactions that failed.",
         (double)figures.failures},
        {"marquee_requests_in_flight", "gauge", "Requests being answered.",
         count_of(&s->metrics.in_flight)},
        {"marquee_resident_bytes", "gauge", "Resident memory of the process.", resident_bytes()},
    };
    for (size_t i = 0; i < sizeof figure / sizeof figure[0]; i++) {
        TRY(metrics_figure(figure[i].name, figure[i].type, figure[i].help, figure[i].value, out,
                           err));
    }
    return STATUS_OK;
}

enum status answer_metrics(struct service *s, const struct request *q, struct reply *out,
                           struct error *err) {
    (void)q;
    const char *name[METRIC_ROUTES];
    size_t n = n_routes < METRIC_PAGE ? n_routes : METRIC_PAGE;
    for (size_t i = 0; i < n; i++) {
        name[i] = routes[i].name;
    }
    out->content_type = "text/plain; version=0.0.4; charset=utf-8";
    TRY(metrics_requests(&s->metrics, name, n, &out->text, err));
    return write_figures(s, &out->text, err);
}
