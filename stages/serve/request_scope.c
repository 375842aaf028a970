#include "stages/serve/request_scope.h"

void visit_begin(struct visit *v) {
    v->generation = models_acquire(v->service->models);
}

enum status visit_user(struct visit *v, uint32_t id, struct reply *out, struct error *err) {
    visit_begin(v);
    enum status status = profile_load(&v->profile, v->generation, v->service->store, id, err);
    if (status != STATUS_OK) out->status = 503;
    return status;
}

enum status visit_movie(const struct visit *v, uint32_t id, uint32_t *movie, struct reply *out,
                        struct error *err) {
    *movie = catalogue_find_movie(v->generation->catalogue, id);
    if (*movie != NO_INDEX) return STATUS_OK;
    return reply_fail(out, 404, err, "no movie has the id %u", id);
}

enum status visit_prepare(struct visit *v, struct reply *out, struct error *err) {
    v->work = generation_take(v->generation, v->service->wait_milliseconds);
    if (v->work == NULL) return reply_fail(out, 503, err, "too busy; try again");
    atomic_fetch_add_explicit(&v->service->metrics.fold_ins, 1, memory_order_relaxed);
    return engine_prepare(v->generation, v->work, &v->profile, &v->history, err);
}

void visit_release(struct visit *v) {
    if (v->generation == NULL) return;
    generation_give(v->generation, v->work);
    profile_release(&v->profile);
    models_release(v->service->models, v->generation);
}
