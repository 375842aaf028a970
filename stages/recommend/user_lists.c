#include "stages/recommend/user_lists.h"

#include "common/base/interrupt.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"

#include <omp.h>

enum { BLOCK_USERS = 64 };

static enum status complete(const struct printer *p, struct recommend_work *work,
                            struct printed *results, size_t count, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        struct printed *r = &results[i];
        uint32_t movie = r->recommendation.movie;
        r->n_evidence = recommend_evidence(work, movie, r->evidence, MAX_EVIDENCE);
        if (!p->explain) continue;
        TRY(recommend_explain(work, movie, &r->attribution, err));
        TRY(attribution_groups(&r->attribution, recommender_ranker(p->recommender), &r->group,
                               &r->n_groups, err));
    }
    return STATUS_OK;
}

static enum status recommend_to(const struct printer *p, const struct wishes *wishes,
                                struct recommend_work *work, const struct history *history,
                                uint32_t user, struct buf *out, struct error *err) {
    const struct catalogue *c = recommender_catalogue(p->recommender);
    size_t n = wishes->n < c->n_movies ? wishes->n : c->n_movies, count = 0;
    MEM_AUTO struct recommendation *best = NULL;
    struct printed *results = NULL;
    TRY(MEM_NEW(&best, n, err));
    recommend_shortlist(work, wishes->shortlist);
    TRY(recommend_prepare(work, history, user, recommender_now(p->recommender, history), err));
    TRY(recommend_top(work, &wishes->filter, n, best, &count, err));
    TRY(MEM_NEW(&results, count, err));
    for (size_t i = 0; i < count; i++) {
        results[i].recommendation = best[i];
    }
    enum status status = complete(p, work, results, count, err);
    const uint32_t *id = user == NO_INDEX ? NULL : &c->user_id[user];
    if (status == STATUS_OK) status = print_results(p, id, results, count, out, err);
    printed_release(results, count);
    return status;
}

enum status users_one(const struct printer *p, const struct wishes *wishes,
                      const struct history *history, uint32_t user, struct buf *out,
                      struct error *err) {
    struct recommend_work *work = NULL;
    TRY(recommend_work_create(&work, p->recommender, err));
    enum status status = recommend_threads(work, (size_t)omp_get_max_threads(), err);
    if (status == STATUS_OK) status = print_head(p, out, err);
    if (status == STATUS_OK) status = recommend_to(p, wishes, work, history, user, out, err);
    recommend_work_release(work);
    return status;
}

/* ---- every user ---- */

/* One user of a block: text and outcome. */
struct slot {
    struct buf text;
    struct error err;
    enum status status;
};

struct crew {
    struct recommend_work **work; /* [n_threads] */
    size_t n_threads;
    struct slot *slot; /* [BLOCK_USERS] */
};

static void crew_release(struct crew *crew) {
    for (size_t i = 0; i < crew->n_threads && crew->work != NULL; i++) {
        recommend_work_release(crew->work[i]);
    }
    for (size_t i = 0; i < BLOCK_USERS && crew->slot != NULL; i++) {
        buf_release(&crew->slot[i].text);
    }
    mem_free(crew->work);
    mem_free(crew->slot);
}

static enum status crew_create(struct crew *crew, const struct recommender *r, struct error *err) {
    crew->n_threads = (size_t)omp_get_max_threads();
    TRY(MEM_NEW(&crew->work, crew->n_threads, err));
    TRY(MEM_NEW(&crew->slot, BLOCK_USERS, err));
    for (size_t i = 0; i < crew->n_threads; i++) {
        TRY(recommend_work_create(&crew->work[i], r, err));
    }
    return STATUS_OK;
}

static void fill_block(const struct printer *p, const struct wishes *wishes, struct crew *crew,
                       uint32_t first, uint32_t count) {
#pragma omp parallel for schedule(dynamic)
    for (uint32_t i = 0; i < count; i++) {
        struct slot *slot = &crew->slot[i];
        struct history history = recommender_history(p->recommender, first + i);
        buf_clear(&slot->text);
        slot->status = STATUS_OK;
        if (history.count == 0 || interrupt_requested()) continue;
        slot->status = recommend_to(p, wishes, crew->work[omp_get_thread_num()], &history,
                                    first + i, &slot->text, &slot->err);
    }
}

/* The first failure in the order of users is reported, at any number of threads. */
static enum status write_block(const struct crew *crew, uint32_t count, FILE *stream,
                               uint64_t *n_users, struct error *err) {
    for (uint32_t i = 0; i < count; i++) {
        const struct slot *slot = &crew->slot[i];
        if (slot->status != STATUS_OK) {
            if (err != NULL) *err = slot->err;
            return slot->status;
        }
        if (slot->text.size == 0) continue;
        if (fwrite(slot->text.data, 1, slot->text.size, stream) != slot->text.size) {
            return error_errno(err, "output cannot be written");
        }
        ++*n_users;
    }
    return STATUS_OK;
}

static enum status write_all(const struct printer *p, const struct wishes *wishes,
                             struct crew *crew, FILE *stream, uint64_t *n_users,
                             struct progress *progress, struct error *err) {
    AUTO(buf) struct buf head = {0};
    TRY(print_head(p, &head, err));
    if (head.size > 0 && fwrite(head.data, 1, head.size, stream) != head.size) {
        return error_errno(err, "output cannot be written");
    }
    uint32_t total = recommender_catalogue(p->recommender)->n_users;
    for (uint32_t first = 0; first < total; first += BLOCK_USERS) {
        uint32_t count = total - first < BLOCK_USERS ? total - first : BLOCK_USERS;
        fill_block(p, wishes, crew, first, count);
        TRY(interrupt_check(err));
        TRY(write_block(crew, count, stream, n_users, err));
        progress_add(progress, count);
    }
    return STATUS_OK;
}

enum status users_all(const struct printer *p, const struct wishes *wishes, FILE *stream,
                      uint64_t *n_users, struct error *err) {
    AUTO(crew) struct crew crew = {0};
    struct progress progress;
    *n_users = 0;
    TRY(crew_create(&crew, p->recommender, err));
    progress_start(&progress, "recommend", "users", recommender_catalogue(p->recommender)->n_users);
    enum status status = write_all(p, wishes, &crew, stream, n_users, &progress, err);
    progress_end(&progress);
    return status;
}
