#include "common/ranking/recommender.h"

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/data/ratings.h"
#include "common/data/topk.h"
#include "common/ranking/candidates.h"

#include <math.h>
#include <string.h>

enum { BLOCK_MOVIES = 512 };

/* ---- the models ---- */

struct recommender {
    struct feature_context *context;
    struct ranker *ranker;
    struct reason_facts *reasons;
    size_t *column;    /* [ranker_n_features] index in the context of each input */
    bool same_columns; /* column is 0, 1, 2...: rows of features are inputs as they are */
    int64_t newest;    /* time of the newest rating */
};

static enum status unknown_feature(const char *ranker, const char *name, struct error *err) {
    char command[RUN_COMMAND_SIZE];
    return error_set(
        err, STATUS_DAMAGED,
        "%s: the ranker needs feature \"%s\", which these models do not give; train it "
        "on theirs (%s)",
        ranker, name, run_command(ranker, command));
}

/* Finds the features that are the inputs of the ranker, by name. */
static enum status match_features(struct recommender *r, const struct artifact *ranker,
                                  struct error *err) {
    size_t n = ranker_n_features(r->ranker);
    TRY(MEM_NEW(&r->column, n, err));
    r->same_columns = n == feature_count(r->context);
    for (size_t i = 0; i < n; i++) {
        const char *name = ranker_feature_name(r->ranker, i);
        r->column[i] = feature_find(r->context, name);
        if (r->column[i] == SIZE_MAX) {
            return unknown_feature(artifact_path(ranker), name, err);
        }
        r->same_columns = r->same_columns && r->column[i] == i;
    }
    return STATUS_OK;
}

static enum status open_models(struct recommender *r, const struct run_artifacts *from,
                               struct error *err) {
    TRY(feature_context_load(&r->context, from, err));
    TRY(ranker_load(&r->ranker, from->file[RUN_RANKER], err));
    const struct ratings *ratings = feature_ratings(r->context);
    for (uint64_t i = 0; i < ratings->count; i++) {
        if (i == 0 || ratings->time[i] > r->newest) r->newest = ratings->time[i];
    }
    TRY(reason_facts_create(&r->reasons, feature_catalogue(r->context), ratings,
                            feature_content(r->context), feature_models(r->context), err));
    return match_features(r, from->file[RUN_RANKER], err);
}

enum status recommender_open(struct recommender **out, const struct run_artifacts *from,
                             struct error *err) {
    *out = NULL;
    struct recommender *r = NULL;
    TRY(MEM_NEW(&r, 1, err));
    enum status status = open_models(r, from, err);
    if (status != STATUS_OK) {
        recommender_release(r);
        return status;
    }
    *out = r;
    return STATUS_OK;
}

void recommender_release(struct recommender *r) {
    if (r == NULL) return;
    reason_facts_release(r->reasons);
    feature_context_release(r->context);
    ranker_release(r->ranker);
    mem_free(r->column);
    mem_free(r);
}

void recommender_trim(struct recommender *r) {
    feature_context_trim(r->context);
}

const struct feature_context *recommender_context(const struct recommender *r) {
    return r->context;
}

const struct catalogue *recommender_catalogue(const struct recommender *r) {
    return feature_catalogue(r->context);
}

const struct ranker *recommender_ranker(const struct recommender *r) {
    return r->ranker;
}

struct history recommender_history(const struct recommender *r, uint32_t user) {
    const struct ratings *all = feature_ratings(r->context);
    uint64_t first = all->offset[user];
    return (struct history){.movie = all->movie + first,
                            .value = all->value + first,
                            .time = all->time + first,
                            .count = (size_t)(all->offset[user + 1] - first)};
}

int64_t recommend_moment(const struct history *h, int64_t time) {
    for (size_t i = 0; i < h->count; i++) {
        if (h->time[i] > time) time = h->time[i];
    }
    return time;
}

int64_t recommender_now(const struct recommender *r, const struct history *h) {
    return recommend_moment(h, r->newest);
}

static bool has_genre(const struct catalogue *c, uint32_t movie, const bool *wanted) {
    for (uint64_t e = c->genre_offset[movie]; e < c->genre_offset[movie + 1]; e++) {
        if (wanted[c->genre_index[e]]) return true;
    }
    return false;
}

bool recommend_allows(const struct catalogue *c, const struct recommend_filter *f, uint32_t movie) {
    if (f->genre != NULL && !has_genre(c, movie, f->genre)) return false;
    if (f->year_first == 0 && f->year_last == 0) return true;
    return c->year[movie] >= f->year_first && c->year[movie] <= f->year_last;
}

/* ---- one user ---- */

/* Buffers of one thread for a block of movies. */
struct desk {
    size_t thread;
    float *row; /* [BLOCK_MOVIES, feature_count] */
    float *x;   /* [BLOCK_MOVIES, ranker_n_features]; NULL if same_columns */
};

struct recommend_work {
    const struct recommender *recommender;
    struct feature_work *features;
    struct history history;
    uint32_t user;
    enum purpose purpose;
    struct ranking ranking; /* of the user, for the purpose */
    size_t shortlist;       /* most candidates that are ranked; 0: all */
    uint32_t *candidate;    /* [n_movies] */
    bool *seen;             /* [n_movies] all false outside list_candidates */
    float *score;           /* [n_movies] */
    struct scratch_pool desks;
};

static enum status desk_create(void *scratch, const void *context, struct error *err) {
    struct desk *d = scratch;
    const struct recommender *r = context;
    TRY(MEM_NEW(&d->row, BLOCK_MOVIES * feature_count(r->context), err));
    if (r->same_columns) return STATUS_OK;
    return MEM_NEW(&d->x, BLOCK_MOVIES * ranker_n_features(r->ranker), err);
}

static void desk_release(void *scratch) {
    struct desk *d = scratch;
    mem_free(d->row);
    mem_free(d->x);
}

static struct desk *desk_of(const struct recommend_work *w, size_t thread) {
    return w->desks.piece[thread];
}

enum status recommend_threads(struct recommend_work *w, size_t threads, struct error *err) {
    static const struct scratch desk = {sizeof(struct desk), desk_create, desk_release};
    scratch_pool_release(&w->desks);
    TRY(feature_work_threads(w->features, threads, err));
    TRY(scratch_pool_create(&w->desks, threads, &desk, w->recommender, err));
    for (size_t i = 0; i < w->desks.n; i++) {
        desk_of(w, i)->thread = i;
    }
    return STATUS_OK;
}

static enum status create_work(struct recommend_work *w, struct error *err) {
    const struct recommender *r = w->recommender;
    uint32_t n_movies = feature_catalogue(r->context)->n_movies;
    TRY(feature_work_create(&w->features, r->context, err));
    TRY(MEM_NEW(&w->candidate, n_movies, err));
    TRY(MEM_NEW(&w->seen, n_movies, err));
    TRY(MEM_NEW(&w->score, n_movies, err));
    return recommend_threads(w, 1, err);
}

enum status recommend_work_create(struct recommend_work **out, const struct recommender *r,
                                  struct error *err) {
    *out = NULL;
    struct recommend_work *w = NULL;
    TRY(MEM_NEW(&w, 1, err));
    w->recommender = r;
    w->purpose = FOR_LIKE;
    enum status status = create_work(w, err);
    if (status != STATUS_OK) {
        recommend_work_release(w);
        return status;
    }
    *out = w;
    return STATUS_OK;
}

void recommend_work_release(struct recommend_work *w) {
    if (w == NULL) return;
    feature_work_release(w->features);
    mem_free(w->candidate);
    mem_free(w->seen);
    mem_free(w->score);
    scratch_pool_release(&w->desks);
    mem_free(w);
}

void recommend_shortlist(struct recommend_work *w, size_t most) {
    w->shortlist = most;
}

void recommend_for(struct recommend_work *w, enum purpose purpose) {
    w->purpose = purpose;
}

enum status recommend_prepare(struct recommend_work *w, const struct history *history,
                              uint32_t user, int64_t now, struct error *err) {
    w->history = *history;
    w->user = user;
    w->ranking = ranker_ranking(w->recommender->ranker, w->purpose, history);
    if (ranker_n_features(w->recommender->ranker) == 0) return STATUS_OK;
    return feature_prepare(w->features, &w->history, user, now, err);
}

/* The inputs of the ranker for n <= BLOCK_MOVIES movies. */
static const float *inputs(const struct recommend_work *w, const struct desk *d,
                           const uint32_t *movie, size_t n) {
    const struct recommender *r = w->recommender;
    size_t n_inputs = ranker_n_features(r->ranker), n_features = feature_count(r->context);
    if (n_inputs == 0) return d->row;
    feature_rows_of(w->features, d->thread, movie, n, d->row);
    if (r->same_columns) return d->row;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n_inputs; j++) {
            d->x[i * n_inputs + j] = d->row[i * n_features + r->column[j]];
        }
    }
    return d->x;
}

static enum status score_block(const struct recommend_work *w, const uint32_t *movie, size_t n,
                               struct recommendation *out, struct error *err) {
    const struct ranker *r = w->recommender->ranker;
    const float *x = inputs(w, desk_of(w, 0), movie, n);
    float score[BLOCK_MOVIES];
    TRY(ranker_rank(r, &w->ranking, w->user, movie, x, n, score, err));
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct recommendation){movie[i], score[i], NAN};
    }
    if (!ranker_has_head(r, HEAD_RATING)) return STATUS_OK;
    TRY(ranker_score(r, HEAD_RATING, w->user, movie, x, n, score, err));
    for (size_t i = 0; i < n; i++) {
        out[i].rating = score[i];
    }
    return STATUS_OK;
}

enum status recommend_score(struct recommend_work *w, const uint32_t *movie, size_t n,
                            struct recommendation *out, struct error *err) {
    for (size_t first = 0; first < n; first += BLOCK_MOVIES) {
        size_t rows = n - first < BLOCK_MOVIES ? n - first : BLOCK_MOVIES;
        TRY(score_block(w, movie + first, rows, out + first, err));
    }
    return STATUS_OK;
}

static size_t list_candidates(struct recommend_work *w, const struct recommend_filter *filter) {
    const struct catalogue *c = feature_catalogue(w->recommender->context);
    size_t count = 0;
    for (size_t i = 0; i < w->history.count; i++) {
        w->seen[w->history.movie[i]] = !filter->include_seen;
    }
    for (uint32_t m = 0; m < c->n_movies; m++) {
        if (!w->seen[m] && recommend_allows(c, filter, m)) w->candidate[count++] = m;
    }
    for (size_t i = 0; i < w->history.count; i++) {
        w->seen[w->history.movie[i]] = false;
    }
    return count;
}

static enum status score_some(const void *context, void *scratch, struct block_items items,
                              struct error *err) {
    const struct recommend_work *w = context;
    const uint32_t *movie = w->candidate + items.first;
    size_t n = items.end - items.first;
    return ranker_rank(w->recommender->ranker, &w->ranking, w->user, movie,
                       inputs(w, scratch, movie, n), n, w->score + items.first, err);
}

/* Fills w->score with the scores of the candidates. */
static enum status score_candidates(struct recommend_work *w, size_t n, struct error *err) {
    const struct parallel candidates = {
        .n = n, .block = BLOCK_MOVIES, .context = w, .blocks = score_some, .pool = &w->desks};
    return parallel_blocks(&candidates, err);
}

/* Finds the best by score; their ratings are predicted afterwards. */
static enum status rank_candidates(struct recommend_work *w, size_t n, struct topk *best,
                                   struct error *err) {
    TRY(score_candidates(w, n, err));
    for (size_t i = 0; i < n; i++) {
        topk_push(best, w->score[i], w->candidate[i]);
    }
    topk_sort(best);
    return STATUS_OK;
}

enum status recommend_top(struct recommend_work *w, const struct recommend_filter *filter, size_t n,
                          struct recommendation *out, size_t *count, struct error *err) {
    AUTO(topk) struct topk best = {0};
    size_t n_candidates = list_candidates(w, filter);
    if (n <= w->shortlist / 4 && ranker_n_features(w->recommender->ranker) > 0) {
        TRY(candidates_choose(w->features, w->candidate, &n_candidates, n, w->shortlist, err));
    }
    TRY(topk_alloc(&best, n < n_candidates ? n : n_candidates, err));
    TRY(rank_candidates(w, n_candidates, &best, err));
    *count = best.count;
    for (size_t i = 0; i < best.count; i++) {
        w->candidate[i] = best.heap[i].id;
    }
    TRY(recommend_score(w, w->candidate, best.count, out, err));
    for (size_t i = 0; i < best.count; i++) {
        out[i].score = best.heap[i].score;
    }
    return STATUS_OK;
}

enum status recommend_explain(struct recommend_work *w, uint32_t movie, struct attribution *out,
                              struct error *err) {
    const struct ranker *r = w->recommender->ranker;
    return attribution_compute(out, r, &w->ranking, w->user, movie,
                               inputs(w, desk_of(w, 0), &movie, 1), 1e-3, err);
}

size_t recommend_evidence(const struct recommend_work *w, uint32_t movie, struct evidence *out,
                          size_t max) {
    const struct feature_context *c = w->recommender->context;
    return explain_evidence(feature_content(c), feature_models(c), &w->history, movie, out, max);
}

size_t recommend_reasons(const struct recommend_work *w, const struct recommendation *r,
                         struct given_reason *out) {
    const struct reason_user user = {&w->history, w->user};
    return reasons_find(w->recommender->reasons, &user, r->movie, (double)r->rating, out);
}

enum status recommender_say(const struct recommender *r, const struct given_reason *reason,
                            struct buf *out, struct error *err) {
    return reason_append(r->reasons, reason, out, err);
}

enum status recommender_append_meaning(const struct recommender *r, size_t feature, struct buf *out,
                                       struct error *err) {
    static const char same[] = "the same";
    size_t index = r->column[feature], before = index;
    while (before > 0 &&
           strncmp(feature_at(r->context, before)->meaning, same, sizeof same - 1) == 0) {
        before--;
    }
    if (before < index) TRY(buf_printf(out, err, "%s; ", feature_at(r->context, before)->meaning));
    return buf_puts(out, feature_at(r->context, index)->meaning, err);
}
