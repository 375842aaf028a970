#include "stages/serve/snapshot.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/data/rating_scale.h"
#include "common/data/view.h"
#include "common/ranking/similar.h"
#include "common/run/run_folder.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

/* ---- memory ----
 * Left to itself, glibc would keep much of the memory of a released snapshot. */

static void keep_large_blocks_apart(void) {
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
#endif
}

static void give_memory_back(void) {
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

/* ---- slots ---- */

struct slots {
    pthread_mutex_t lock;
    pthread_cond_t given;
    struct recommend_work **free;
    size_t n_free, n;
};

static enum status slots_create(struct slots **out, const struct recommender *r, size_t n,
                                size_t shortlist, struct error *err) {
    TRY(MEM_NEW(out, 1, err));
    struct slots *s = *out;
    pthread_condattr_t monotonic;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->given, &monotonic);
    pthread_condattr_destroy(&monotonic);
    TRY(MEM_NEW(&s->free, n, err));
    for (; s->n < n; s->n++, s->n_free++) {
        TRY(recommend_work_create(&s->free[s->n], r, err));
        recommend_shortlist(s->free[s->n], shortlist);
    }
    return STATUS_OK;
}

static void slots_release(struct slots *s) {
    if (s == NULL) return;
    for (size_t i = 0; i < s->n_free; i++) {
        recommend_work_release(s->free[i]);
    }
    mem_free(s->free);
    pthread_cond_destroy(&s->given);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

struct recommend_work *snapshot_take(struct snapshot *snapshot, unsigned milliseconds) {
    struct slots *s = snapshot->slots;
    struct recommend_work *work = NULL;
    uint64_t until = clock_now_ns() + (uint64_t)milliseconds * 1000000U;
    struct timespec deadline = {(time_t)(until / 1000000000U), (long)(until % 1000000000U)};
    pthread_mutex_lock(&s->lock);
    while (s->n_free == 0) {
        if (pthread_cond_timedwait(&s->given, &s->lock, &deadline) == ETIMEDOUT) break;
    }
    if (s->n_free > 0) work = s->free[--s->n_free];
    pthread_mutex_unlock(&s->lock);
    return work;
}

void snapshot_give(struct snapshot *snapshot, struct recommend_work *work) {
    struct slots *s = snapshot->slots;
    if (work == NULL) return;
    pthread_mutex_lock(&s->lock);
    s->free[s->n_free++] = work;
    pthread_cond_signal(&s->given);
    pthread_mutex_unlock(&s->lock);
}

/* ---- loading ---- */

/* Hashes the ids of the artifacts, except the split's: view all shows every rating. */
static enum status identify(struct snapshot *snapshot, const struct run_artifacts *from,
                            struct error *err) {
    struct hash *hash = NULL;
    TRY(hash_start(&hash, err));
    for (int role = 0; role < RUN_ROLES; role++) {
        if (from->file[role] == NULL || role == RUN_SPLIT) continue;
        struct digest id = artifact_content_id(from->file[role]);
        hash_update(hash, id.bytes, sizeof id.bytes);
    }
    snapshot->id = hash_finish(hash);
    return STATUS_OK;
}

static enum status average(struct snapshot *snapshot, struct error *err) {
    const struct ratings *r = snapshot->ratings;
    TRY(MEM_NEW(&snapshot->mean, r->n_movies, err));
    for (uint32_t m = 0; m < r->n_movies; m++) {
        uint64_t first = r->by_movie_offset[m], end = r->by_movie_offset[m + 1];
        double sum = 0;
        for (uint64_t e = first; e < end; e++) {
            sum += r->value[r->by_movie_rating[e]];
        }
        snapshot->mean[m] = end > first ? (float)(stars_of(sum) / (double)(end - first)) : NAN;
    }
    return STATUS_OK;
}

static enum status load(struct snapshot *snapshot, const char *folder, size_t n_slots,
                        size_t shortlist, struct error *err) {
    AUTO(run_folder) struct run_folder opened = {0};
    const struct run_wish wish = {.view = VIEW_ALL, .roles = run_recommending(), .verify = true};
    struct history nothing = {0};
    TRY(run_folder_open(&opened, folder, &wish, err));
    const struct run_artifacts from = run_folder_artifacts(&opened, VIEW_ALL, wish.roles);
    TRY(recommender_open(&snapshot->recommender, &from, err));
    const struct feature_context *c = recommender_context(snapshot->recommender);
    snapshot->catalogue = feature_catalogue(c);
    snapshot->ratings = feature_ratings(c);
    snapshot->content = feature_content(c);
    snapshot->models = feature_models(c);
    snapshot->taste = models_first_item_item(snapshot->models);
    snapshot->next = similar_next_model(snapshot->models);
    snapshot->newest = recommender_now(snapshot->recommender, &nothing);
    snapshot->loaded_at = clock_wall_seconds();
    snapshot->references = 1;
    TRY(identify(snapshot, &from, err));
    TRY(average(snapshot, err));
    recommender_trim(snapshot->recommender);
    TRY(search_build(&snapshot->search, snapshot->catalogue, snapshot->models->baseline.popularity,
                     err));
    return slots_create(&snapshot->slots, snapshot->recommender, n_slots, shortlist, err);
}

static void snapshot_release(struct snapshot *snapshot) {
    slots_release(snapshot->slots);
    search_release(snapshot->search);
    recommender_release(snapshot->recommender);
    mem_free(snapshot->mean);
    mem_free(snapshot);
    give_memory_back();
}

enum status snapshot_load(struct snapshot **out, const char *folder, size_t n_slots,
                          size_t shortlist, struct error *err) {
    *out = NULL;
    struct snapshot *snapshot = NULL;
    TRY(MEM_NEW(&snapshot, 1, err));
    enum status status = load(snapshot, folder, n_slots, shortlist, err);
    if (status != STATUS_OK) {
        snapshot_release(snapshot);
        return status;
    }
    *out = snapshot;
    return STATUS_OK;
}

/* ---- the one in use ---- */

struct snapshots {
    struct buf folder;
    size_t n_slots, shortlist;
    pthread_mutex_t loading; /* held while one is loaded */
    pthread_mutex_t lock;    /* of `current` and all reference counts */
    struct snapshot *current;
};

enum status snapshots_open(struct snapshots **out, const char *folder, size_t n_slots,
                           size_t shortlist, struct error *err) {
    *out = NULL;
    struct snapshots *m = NULL;
    TRY(MEM_NEW(&m, 1, err));
    keep_large_blocks_apart();
    m->n_slots = n_slots;
    m->shortlist = shortlist;
    pthread_mutex_init(&m->loading, NULL);
    pthread_mutex_init(&m->lock, NULL);
    enum status status = buf_puts(&m->folder, folder, err);
    if (status == STATUS_OK) status = snapshots_reload(m, err);
    if (status != STATUS_OK) {
        snapshots_close(m);
        return status;
    }
    *out = m;
    return STATUS_OK;
}

struct snapshot *snapshots_acquire(struct snapshots *m) {
    pthread_mutex_lock(&m->lock);
    struct snapshot *snapshot = m->current;
    snapshot->references++;
    pthread_mutex_unlock(&m->lock);
    return snapshot;
}

void snapshots_release(struct snapshots *m, struct snapshot *snapshot) {
    if (snapshot == NULL) return;
    pthread_mutex_lock(&m->lock);
    bool last = --snapshot->references == 0;
    pthread_mutex_unlock(&m->lock);
    if (last) snapshot_release(snapshot);
}

enum status snapshots_reload(struct snapshots *m, struct error *err) {
    struct snapshot *fresh = NULL;
    pthread_mutex_lock(&m->loading);
    enum status status = snapshot_load(&fresh, m->folder.data, m->n_slots, m->shortlist, err);
    if (status == STATUS_OK) {
        pthread_mutex_lock(&m->lock);
        struct snapshot *old = m->current;
        fresh->number = old == NULL ? 1 : old->number + 1;
        m->current = fresh;
        pthread_mutex_unlock(&m->lock);
        snapshots_release(m, old);
    }
    pthread_mutex_unlock(&m->loading);
    return status;
}

void snapshots_close(struct snapshots *m) {
    if (m == NULL) return;
    snapshots_release(m, m->current);
    buf_release(&m->folder);
    pthread_mutex_destroy(&m->loading);
    pthread_mutex_destroy(&m->lock);
    mem_free(m);
}
