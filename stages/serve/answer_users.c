/* Answers about one movie or user, and feedback from users. */
#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"
#include "stages/serve/body.h"
#include "stages/serve/render.h"
#include "stages/serve/request_scope.h"
#include "stages/serve/route.h"

static enum status give(struct reply *out, json_t *json, struct error *err) {
    if (json == NULL) return error_set(err, STATUS_FAILED, "out of memory");
    out->json = json;
    return STATUS_OK;
}

enum status answer_movie(struct service *s, const struct request *q, struct reply *out,
                         struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    uint32_t movie = 0;
    request_scope_begin(&scope);
    TRY(request_scope_movie(&scope, (uint32_t)request_value(q, "movie")->integer, &movie, out,
                            err));
    const struct content *c = scope.snapshot->content;
    json_t *o = render_movie(scope.snapshot, movie), *tags = json_array();
    int bad = o == NULL || tags == NULL;
    for (uint64_t e = c->terms.offset[movie]; e < c->terms.offset[movie + 1]; e++) {
        uint32_t term = c->terms.column[e];
        if (c->term_group[term] != TERM_TAG && c->term_group[term] != TERM_GENOME) continue;
        bad |= json_array_append_new(tags, json_string(strings_get(&c->term_name, term)));
    }
    bad |= render_add(o, "tags", tags);
    return give(out, render_done(o, bad), err);
}

enum status answer_user(struct service *s, const struct request *q, struct reply *out,
                        struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    TRY(request_scope_user(&scope, (uint32_t)request_value(q, "user")->integer, out, err));
    const struct profile *p = &scope.profile;
    if (p->user == NO_INDEX && p->n_events == 0) {
        return reply_fail(out, 404, err, "nothing is known of user %u", p->id);
    }
    json_t *o = json_object(), *hidden = json_array();
    int bad = hidden == NULL;
    for (size_t i = 0; i < p->n_hidden; i++) {
        uint32_t id = scope.snapshot->catalogue->movie_id[p->hidden[i]];
        bad |= json_array_append_new(hidden, json_integer(id));
    }
    bad |= render_add(o, "userId", json_integer(p->id));
    bad |= render_add(o, "trained", json_boolean(p->user != NO_INDEX));
    bad |= render_add(o, "events", json_integer((json_int_t)p->n_events));
    bad |= render_add(o, "count", json_integer((json_int_t)p->history.count));
    bad |= render_add(o, "hidden", hidden);
    size_t n = (size_t)request_value(q, "n")->integer;
    bad |= render_add(o, "history", render_history(scope.snapshot, p, n));
    return give(out, render_done(o, bad), err);
}

enum status answer_genres(struct service *s, const struct request *q, struct reply *out,
                          struct error *err) {
    (void)q;
    AUTO(request_scope) struct request_scope scope = {.service = s};
    uint16_t first = 0, last = 0;
    request_scope_begin(&scope);
    const struct catalogue *c = scope.snapshot->catalogue;
    json_t *o = json_object(), *names = json_array();
    int bad = names == NULL;
    for (uint32_t g = 0; g < c->n_genres; g++) {
        bad |= json_array_append_new(names, json_string(strings_get(&c->genre_name, g)));
    }
    for (uint32_t m = 0; m < c->n_movies; m++) {
        uint16_t year = c->year[m];
        if (year != 0 && (first == 0 || year < first)) first = year;
        if (year > last) last = year;
    }
    bad |= render_add(o, "genres", names);
    bad |= render_add(o, "year_from", json_integer(first));
    bad |= render_add(o, "year_to", json_integer(last));
    return give(out, render_done(o, bad), err);
}

/* ---- writing ---- */

enum status answer_forget(struct service *s, const struct request *q, struct reply *out,
                          struct error *err) {
    uint32_t user = (uint32_t)request_value(q, "user")->integer;
    if (store_forget(s->store, user, err) != STATUS_OK) {
        out->status = 503;
        return STATUS_FAILED;
    }
    return give(out, json_pack("{s:I,s:b}", "userId", (json_int_t)user, "forgotten", 1), err);
}

enum status answer_feedback(struct service *s, const struct request *q, struct reply *out,
                            struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    MEM_AUTO struct feedback *events = NULL;
    size_t count = 0, added = 0;
    request_scope_begin(&scope);
    if (body_feedback(q->body, q->body_size, scope.snapshot, clock_wall_seconds(), &events, &count,
                      err) != STATUS_OK) {
        return body_failed(out, err);
    }
    if (store_add(s->store, events, count, &added, err) != STATUS_OK) {
        out->status = 503;
        return STATUS_FAILED;
    }
    atomic_fetch_add_explicit(&s->metrics.feedback, added, memory_order_relaxed);
    return give(out,
                json_pack("{s:I,s:I}", "accepted", (json_int_t)added, "repeated",
                          (json_int_t)(count - added)),
                err);
}
