#include "stages/serve/user_profile.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"

#include <stdlib.h>

/* One training rating or event. */
struct entry {
    uint32_t movie;
    uint8_t type, value;
    int64_t time;
    size_t order; /* of arrival; the training ratings come first */
};

struct entries {
    struct entry *entry;
    size_t count, capacity;
};

static void entries_release(struct entries *e) {
    mem_free(e->entry);
}

static enum status add(struct entries *e, uint32_t movie, uint8_t type, uint8_t value, int64_t time,
                       struct error *err) {
    TRY(mem_grow(&e->entry, &e->capacity, e->count + 1, sizeof(*e->entry), err));
    e->entry[e->count] = (struct entry){movie, type, value, time, e->count};
    e->count++;
    return STATUS_OK;
}

static enum status add_events(struct entries *e, const struct catalogue *c,
                              const struct user_event *events, size_t n, struct error *err) {
    for (size_t i = 0; i < n; i++) {
        uint32_t movie = catalogue_find_movie(c, events[i].movie);
        if (movie == NO_INDEX) continue;
        TRY(add(e, movie, events[i].type, events[i].value, events[i].time, err));
    }
    return STATUS_OK;
}

static int by_movie(const void *pa, const void *pb) {
    const struct entry *a = pa, *b = pb;
    if (a->movie != b->movie) return a->movie < b->movie ? -1 : 1;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static int by_time(const void *pa, const void *pb) {
    const struct entry *a = pa, *b = pb;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Reduces sorted entries to one per movie, in place; movies that say nothing about taste are
 * dropped, hidden ones are listed. Returns how many are left. */
static size_t decide(struct profile *p, struct entry *entry, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count;) {
        struct opinion opinion = {0};
        uint32_t movie = entry[i].movie;
        size_t decider = i;
        for (; i < count && entry[i].movie == movie; i++) {
            opinion_apply(&opinion, entry[i].type, entry[i].value, entry[i].time);
            if (opinion.time == entry[i].time) decider = i;
        }
        if (opinion.hidden) p->hidden[p->n_hidden++] = movie;
        uint8_t value = opinion_value(&opinion);
        if (value == 0) continue;
        struct entry one = {movie, FEEDBACK_RATING, value, opinion.time, entry[decider].order};
        entry[kept++] = one;
    }
    return kept;
}

static enum status arrange(struct profile *p, const struct snapshot *snapshot, struct entries *e,
                           struct error *err) {
    TRY(MEM_NEW(&p->hidden, e->count, err));
    if (e->count == 0) return STATUS_OK;
    qsort(e->entry, e->count, sizeof(*e->entry), by_movie);
    e->count = decide(p, e->entry, e->count);
    if (e->count > 0) qsort(e->entry, e->count, sizeof(*e->entry), by_time);
    for (size_t i = 0; i < e->count; i++) {
        const struct entry *one = &e->entry[i];
        int64_t time = one->time < snapshot->newest ? one->time : snapshot->newest;
        TRY(history_add(&p->history, one->movie, one->value, time, err));
    }
    return STATUS_OK;
}

static enum status load(struct profile *p, const struct snapshot *snapshot, struct store *store,
                        struct user_events *events, struct error *err) {
    AUTO(entries) struct entries entries = {0};
    uint32_t user = catalogue_find_user(snapshot->catalogue, p->id);
    if (store != NULL) TRY(store_user(store, p->id, events, err));
    p->forgotten = events->forgotten;
    p->n_events = events->count;
    p->user = p->forgotten ? NO_INDEX : user;
    if (p->user != NO_INDEX) {
        struct history h = recommender_history(snapshot->recommender, user);
        for (size_t i = 0; i < h.count; i++) {
            TRY(add(&entries, h.movie[i], FEEDBACK_RATING, h.value[i], h.time[i], err));
        }
    }
    TRY(add_events(&entries, snapshot->catalogue, events->event, events->count, err));
    return arrange(p, snapshot, &entries, err);
}

enum status profile_load(struct profile *out, const struct snapshot *snapshot, struct store *store,
                         uint32_t id, struct error *err) {
    AUTO(user_events) struct user_events events = {0};
    *out = (struct profile){.id = id};
    enum status status = load(out, snapshot, store, &events, err);
    if (status != STATUS_OK) profile_release(out);
    return status;
}

enum status profile_of_events(struct profile *out, const struct snapshot *snapshot,
                              const struct user_event *events, size_t n, struct error *err) {
    AUTO(entries) struct entries entries = {0};
    *out = (struct profile){.id = NO_INDEX, .user = NO_INDEX, .n_events = n};
    enum status status = add_events(&entries, snapshot->catalogue, events, n, err);
    if (status == STATUS_OK) status = arrange(out, snapshot, &entries, err);
    if (status != STATUS_OK) profile_release(out);
    return status;
}

void profile_release(struct profile *p) {
    history_buffer_release(&p->history);
    mem_free(p->hidden);
    *p = (struct profile){0};
}

uint8_t profile_value(const struct profile *p, uint32_t movie) {
    for (size_t i = 0; i < p->history.count; i++) {
        if (p->history.movie[i] == movie) return p->history.value[i];
    }
    return 0;
}

bool profile_hides(const struct profile *p, uint32_t movie) {
    for (size_t i = 0; i < p->n_hidden; i++) {
        if (p->hidden[i] == movie) return true;
    }
    return false;
}
