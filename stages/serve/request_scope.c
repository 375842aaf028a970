#include "stages/serve/request_scope.h"

#include "common/base/no_index.h"
#include "common/data/catalogue.h"

void request_scope_begin(struct request_scope *v) {
    v->snapshot = snapshots_acquire(v->service->snapshots);
}

enum status request_scope_user(struct request_scope *v, uint32_t id, struct reply *out,
                               struct error *err) {
    request_scope_begin(v);
    enum status status = profile_load(&v->profile, v->snapshot, v->service->store, id, err);
    if (status != STATUS_OK) out->status = 503;
    return status;
}

enum status request_scope_movie(const struct request_scope *v, uint32_t id, uint32_t *movie,
                                struct reply *out, struct error *err) {
    *movie = catalogue_find_movie(v->snapshot->catalogue, id);
    if (*movie != NO_INDEX) return STATUS_OK;
    return reply_fail(out, 404, err, "no movie has the id %u", id);
}

enum status request_scope_prepare(struct request_scope *v, struct reply *out, struct error *err) {
    v->work = snapshot_take(v->snapshot, v->service->wait_milliseconds);
    if (v->work == NULL) return reply_fail(out, 503, err, "too busy; try again");
    atomic_fetch_add_explicit(&v->service->metrics.fold_ins, 1, memory_order_relaxed);
    return engine_prepare(v->snapshot, v->work, &v->profile, &v->history, err);
}

void request_scope_release(struct request_scope *v) {
    if (v->snapshot == NULL) return;
    snapshot_give(v->snapshot, v->work);
    profile_release(&v->profile);
    snapshots_release(v->service->snapshots, v->snapshot);
}
