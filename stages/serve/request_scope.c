#include "stages/serve/request_scope.h"

#include "common/base/no_index.h"
#include "common/data/catalogue.h"

void request_scope_begin(struct request_scope *scope) {
    scope->snapshot = snapshots_acquire(scope->service->snapshots);
}

enum status request_scope_user(struct request_scope *scope, uint32_t id, struct reply *out,
                               struct error *err) {
    request_scope_begin(scope);
    enum status status =
        profile_load(&scope->profile, scope->snapshot, scope->service->store, id, err);
    if (status != STATUS_OK) out->status = 503;
    return status;
}

enum status request_scope_movie(const struct request_scope *scope, uint32_t id, uint32_t *movie,
                                struct reply *out, struct error *err) {
    *movie = catalogue_find_movie(scope->snapshot->catalogue, id);
    if (*movie != NO_INDEX) return STATUS_OK;
    return reply_fail(out, 404, err, "no movie has the id %u", id);
}

enum status request_scope_prepare(struct request_scope *scope, const struct request *q,
                                  struct reply *out, struct error *err) {
    const enum purpose purpose = purpose_named(request_value(q, "for")->text);
    scope->work = snapshot_take(scope->snapshot, scope->service->wait_milliseconds);
    if (scope->work == NULL) return reply_fail(out, 503, err, "too busy; try again");
    atomic_fetch_add_explicit(&scope->service->metrics.fold_ins, 1, memory_order_relaxed);
    return engine_prepare(scope->snapshot, scope->work, &scope->profile, purpose, &scope->history,
                          err);
}

void request_scope_release(struct request_scope *scope) {
    if (scope->snapshot == NULL) return;
    snapshot_give(scope->snapshot, scope->work);
    profile_release(&scope->profile);
    snapshots_release(scope->service->snapshots, scope->snapshot);
}
