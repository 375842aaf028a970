#include "stages/serve/engine.h"

#include "common/base/mem.h"
#include "common/data/topk.h"
#include "common/ranking/similar.h"
#include "stages/serve/mmr.h"

#include <string.h>

enum { DIVERSE_POOL = 300 }; /* most candidates for a diverse list */

void picks_release(struct picks *p) {
    for (size_t i = 0; i < p->count && p->pick != NULL; i++) {
        attribution_release(&p->pick[i].attribution);
        mem_free(p->pick[i].group);
    }
    mem_free(p->pick);
    *p = (struct picks){0};
}

enum status engine_prepare(const struct snapshot *snapshot, struct recommend_work *work,
                           const struct profile *p, enum purpose purpose, struct history *history,
                           struct error *err) {
    *history = history_of(&p->history);
    recommend_for(work, purpose);
    return recommend_prepare(work, history, p->user,
                             recommender_now(snapshot->recommender, history), err);
}

/* ---- choosing ---- */

static bool excluded(const struct snapshot *snapshot, const struct wish *wish,
                     const struct profile *p, uint32_t movie) {
    for (size_t i = 0; i < wish->n_exclude; i++) {
        if (wish->exclude[i] == snapshot->catalogue->movie_id[movie]) return true;
    }
    return profile_hides(p, movie);
}

static size_t drop_excluded(const struct snapshot *snapshot, const struct wish *wish,
                            const struct profile *p, struct recommendation *list, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!excluded(snapshot, wish, p, list[i].movie)) list[kept++] = list[i];
    }
    return kept;
}

/* Length of the list to rank before exclusions, diversity and offset shorten it. */
static size_t depth(const struct wish *wish, const struct profile *p) {
    size_t wanted = wish->offset + wish->n;
    if (wish->diversity > 0) {
        size_t pool = 5 * wanted < DIVERSE_POOL ? 5 * wanted : DIVERSE_POOL;
        if (pool > wanted) wanted = pool;
    }
    return wanted + wish->n_exclude + p->n_hidden;
}

static enum status explain(const struct snapshot *snapshot, struct recommend_work *work,
                           struct pick *pick, struct error *err) {
    uint32_t movie = pick->recommendation.movie;
    struct attribution *a = &pick->attribution;
    pick->n_evidence = recommend_evidence(work, movie, pick->evidence, WISH_MAX_EVIDENCE);
    pick->n_reasons = recommend_reasons(work, &pick->recommendation, pick->reason);
    TRY(recommend_explain(work, movie, a, err));
    pick->explained = true;
    /* Scored alone, a movie may differ from its score in the list in the last bit; the residual
     * takes the difference. */
    a->residual += (double)pick->recommendation.score - a->score;
    a->score = pick->recommendation.score;
    return attribution_groups(a, recommender_ranker(snapshot->recommender), &pick->group,
                              &pick->n_groups, err);
}

enum status engine_recommend(const struct snapshot *snapshot, struct recommend_work *work,
                             const struct profile *p, const struct wish *wish, struct picks *out,
                             struct error *err) {
    MEM_AUTO struct recommendation *list = NULL;
    size_t count = 0, k = depth(wish, p), end = wish->offset + wish->n;
    *out = (struct picks){0};
    if (k > snapshot->catalogue->n_movies) k = snapshot->catalogue->n_movies;
    TRY(MEM_NEW(&list, k, err));
    TRY(recommend_top(work, &wish->filter, k, list, &count, err));
    count = drop_excluded(snapshot, wish, p, list, count);
    TRY(mmr_rerank(list, count, end, wish->diversity, snapshot->content, err));
    if (end > count) end = count;
    size_t n = end > wish->offset ? end - wish->offset : 0;
    TRY(MEM_NEW(&out->pick, n, err));
    for (; out->count < n; out->count++) {
        out->pick[out->count].recommendation = list[wish->offset + out->count];
    }
    for (size_t i = 0; wish->explain && i < n; i++) {
        TRY(explain(snapshot, work, &out->pick[i], err));
    }
    return STATUS_OK;
}

/* ---- without a user ---- */

static void copy_out(const struct topk *best, struct scored *out, size_t *count) {
    *count = best->count;
    memcpy(out, best->heap, best->count * sizeof(*out));
}

enum status engine_similar(const struct snapshot *snapshot, enum similar_kind kind, uint32_t movie,
                           const struct recommend_filter *filter, size_t n, struct scored *out,
                           size_t *count, struct error *err) {
    AUTO(topk) struct topk best = {0};
    const struct item_item *model = kind == SIMILAR_TASTE ? snapshot->taste : snapshot->next;
    *count = 0;
    TRY(topk_alloc(&best, n, err));
    if (kind == SIMILAR_CONTENT) {
        similar_by_content(snapshot->catalogue, snapshot->content, filter, movie, &best);
    } else if (model != NULL) {
        similar_by_model(snapshot->catalogue, model, filter, movie, &best);
    }
    copy_out(&best, out, count);
    return STATUS_OK;
}

enum status engine_popular(const struct snapshot *snapshot, const struct recommend_filter *filter,
                           size_t n, struct scored *out, size_t *count, struct error *err) {
    AUTO(topk) struct topk best = {0};
    TRY(topk_alloc(&best, n, err));
    for (uint32_t m = 0; m < snapshot->catalogue->n_movies; m++) {
        if (recommend_allows(snapshot->catalogue, filter, m)) {
            topk_push(&best, (float)snapshot->models->baseline.popularity[m], m);
        }
    }
    topk_sort(&best);
    copy_out(&best, out, count);
    return STATUS_OK;
}
