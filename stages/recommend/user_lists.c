#include "stages/recommend/user_lists.h"

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/parallel.h"
#include "common/data/catalogue.h"

#include <omp.h>

enum { BLOCK_USERS = 64 };

static enum status complete(const struct printer *p, struct recommend_work *work,
                            struct printed *results, size_t count, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        struct printed *r = &results[i];
        uint32_t movie = r->recommendation.movie;
        r->n_evidence = recommend_evidence(work, movie, r->evidence, MAX_EVIDENCE);
        r->n_reasons = recommend_reasons(work, &r->recommendation, r->reason);
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
    recommend_for(work, wishes->purpose);
    TRY(recommend_prepare(work, history, user, recommend_moment(history, wishes->now), err));
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

/* A block of users, whose lists are made in parallel and written in order. */
struct user_lists {
    const struct printer *printer;
    const struct wishes *wishes;
    struct scratch_pool work; /* recommend_work of each thread */
    uint32_t first;
    struct buf *text; /* [BLOCK_USERS] */
};

static void user_lists_release(struct user_lists *l) {
    scratch_pool_release(&l->work);
    for (size_t i = 0; i < BLOCK_USERS && l->text != NULL; i++) {
        buf_release(&l->text[i]);
    }
    mem_free(l->text);
}

static enum status create_work(void *scratch, const void *context, struct error *err) {
    return recommend_work_create(scratch, context, err);
}

static void release_work(void *scratch) {
    recommend_work_release(*(struct recommend_work **)scratch);
}

static enum status list_user(const void *context, void *scratch, size_t item, struct error *err) {
    const struct user_lists *l = context;
    uint32_t user = l->first + (uint32_t)item;
    struct history history = recommender_history(l->printer->recommender, user);
    buf_clear(&l->text[item]);
    if (history.count == 0) return STATUS_OK;
    return recommend_to(l->printer, l->wishes, *(struct recommend_work **)scratch, &history, user,
                        &l->text[item], err);
}

static enum status write_block(const struct user_lists *l, size_t count, FILE *stream,
                               uint64_t *n_users, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        const struct buf *text = &l->text[i];
        if (text->size == 0) continue;
        if (fwrite(text->data, 1, text->size, stream) != text->size) {
            return error_errno(err, "output cannot be written");
        }
        ++*n_users;
    }
    return STATUS_OK;
}

static enum status write_all(struct user_lists *l, FILE *stream, uint64_t *n_users,
                             struct progress *progress, struct error *err) {
    AUTO(buf) struct buf head = {0};
    TRY(print_head(l->printer, &head, err));
    if (head.size > 0 && fwrite(head.data, 1, head.size, stream) != head.size) {
        return error_errno(err, "output cannot be written");
    }
    uint32_t total = recommender_catalogue(l->printer->recommender)->n_users;
    for (; l->first < total; l->first += BLOCK_USERS) {
        const struct parallel users = {.n = total - l->first < BLOCK_USERS ? total - l->first
                                                                           : BLOCK_USERS,
                                       .context = l,
                                       .each = list_user,
                                       .pool = &l->work,
                                       .progress = progress};
        TRY(parallel_blocks(&users, err));
        TRY(write_block(l, users.n, stream, n_users, err));
    }
    return STATUS_OK;
}

enum status users_all(const struct printer *p, const struct wishes *wishes, FILE *stream,
                      uint64_t *n_users, struct error *err) {
    static const struct scratch work = {sizeof(struct recommend_work *), create_work, release_work};
    AUTO(user_lists) struct user_lists lists = {.printer = p, .wishes = wishes};
    struct progress progress;
    *n_users = 0;
    TRY(MEM_NEW(&lists.text, BLOCK_USERS, err));
    TRY(scratch_pool_create(&lists.work, 0, &work, p->recommender, err));
    progress_start(&progress, "recommend", "users", recommender_catalogue(p->recommender)->n_users);
    enum status status = write_all(&lists, stream, n_users, &progress, err);
    progress_end(&progress);
    return status;
}
