#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/rng.h"
#include "common/data/history.h"
#include "common/data/negative_sampler.h"
#include "common/data/rating_scale.h"
#include "common/data/topk.h"
#include "stages/evaluate/evaluate.h"
#include "stages/evaluate/importance.h"
#include "stages/evaluate/list_names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything one thread needs to score a user; sized for the whole catalogue. */
struct worker {
    struct feature_work *features;
    struct history_buffer history;
    struct topk list;
    uint32_t first[METRIC_LIST_LENGTH];
    uint32_t *every_movie;        /* 0, 1, ... */
    float *x;                     /* [n_movies, n_features] */
    float *score[MAX_COMPONENTS]; /* [n_movies] */
    struct pool seen;             /* marked: not to be listed */
    uint32_t *candidate;          /* movies of the list being ranked */
    float *candidate_score;
    uint32_t *held_out; /* positions in that list */
    struct placement *placement, *liked;
    size_t capacity;    /* of the five arrays above */
    float *first_x;     /* [METRIC_LIST_LENGTH, n_features] */
    float *first_stars; /* [METRIC_LIST_LENGTH] */
    double own_mean;    /* of the history's ratings, stars; NaN: there are none */
};

static void worker_release(void *scratch) {
    struct worker *w = scratch;
    feature_work_release(w->features);
    history_buffer_release(&w->history);
    topk_release(&w->list);
    for (int c = 0; c < MAX_COMPONENTS; c++) {
        mem_free(w->score[c]);
    }
    mem_free(w->every_movie);
    mem_free(w->x);
    pool_release(&w->seen);
    mem_free(w->candidate);
    mem_free(w->candidate_score);
    mem_free(w->held_out);
    mem_free(w->placement);
    mem_free(w->liked);
    mem_free(w->first_x);
    mem_free(w->first_stars);
}

/* What all threads share. */
struct pass {
    struct evaluation *out;
    const struct components *components;
    const struct ratings *ratings;
    const uint8_t *role;
    const struct question *question;
    const struct test_set *test;
    uint8_t *covered;    /* [n_components, n_movies] */
    const float *debias; /* as in struct ranked_list */
    size_t longest;      /* list that any user is ranked in */
    struct list_files *lists;
    size_t first; /* of the rows that are evaluated now */
};

static enum status worker_create(void *scratch, const void *context, struct error *err) {
    struct worker *w = scratch;
    const struct pass *p = context;
    const struct components *m = p->components;
    uint32_t n_movies = p->out->n_movies;
    w->capacity = p->longest;
    TRY(feature_work_create(&w->features, m->context, err));
    TRY(topk_alloc(&w->list, METRIC_LIST_LENGTH, err));
    TRY(MEM_NEW(&w->every_movie, n_movies, err));
    TRY(MEM_NEW(&w->x, (size_t)n_movies * feature_count(m->context), err));
    TRY(pool_alloc(&w->seen, n_movies, err));
    TRY(MEM_NEW(&w->candidate, w->capacity, err));
    TRY(MEM_NEW(&w->candidate_score, w->capacity, err));
    TRY(MEM_NEW(&w->held_out, w->capacity, err));
    TRY(MEM_NEW(&w->placement, w->capacity, err));
    TRY(MEM_NEW(&w->liked, w->capacity, err));
    TRY(MEM_NEW(&w->first_x, METRIC_LIST_LENGTH * feature_count(m->context), err));
    TRY(MEM_NEW(&w->first_stars, METRIC_LIST_LENGTH, err));
    for (size_t c = 0; c < m->n_components; c++) {
        TRY(MEM_NEW(&w->score[c], n_movies, err));
    }
    for (uint32_t i = 0; i < n_movies; i++) {
        w->every_movie[i] = i;
    }
    return STATUS_OK;
}

/* Permutes the features of the group among the movies, by a permutation that depends on seed and
 * user alone. */
static void shuffle_group(struct worker *w, const struct pass *p, uint32_t user) {
    const struct components *m = p->components;
    uint32_t n = p->out->n_movies;
    size_t n_features = feature_count(m->context);
    struct rng rng = rng_keyed(m->seed, "evaluate.permute", 0, user);
    for (uint32_t i = n - 1; i > 0; i--) {
        float *a = w->x + i * n_features, *b = w->x + rng_below(&rng, i + 1) * n_features;
        for (size_t f = 0; f < n_features; f++) {
            if (!m->permuted[f]) continue;
            float value = a[f];
            a[f] = b[f];
            b[f] = value;
        }
    }
}

/* A component's scores are a column of the features as they are before any shuffling. */
static void take_feature(const struct worker *w, size_t feature, size_t n, size_t n_features,
                         float *score) {
    for (size_t i = 0; i < n; i++) {
        score[i] = w->x[i * n_features + feature];
    }
}

static enum status score_catalogue(struct worker *w, const struct pass *p,
                                   const struct test_list *l, struct error *err) {
    const struct components *m = p->components;
    const uint32_t n = p->out->n_movies, user = l->user;
    size_t n_features = feature_count(m->context);
    struct history history = history_of(&w->history);
    int64_t now = question_now(p->question, VIEW_FULL, &history, p->test->time[l->first]);
    TRY(feature_prepare(w->features, &history, user, now, err));
    feature_rows(w->features, w->every_movie, n, w->x);
    for (size_t c = 0; c < m->n_components; c++) {
        const struct contender *contender = &m->component[c];
        if (contender->ranker != NULL || contender->ncf != NULL) continue;
        if (contender->foreign != NULL) continue;
        take_feature(w, contender->feature, n, n_features, w->score[c]);
    }
    if (m->permuted != NULL) shuffle_group(w, p, user);
    for (size_t c = 0; c < m->n_components; c++) {
        const struct contender *s = &m->component[c];
        if (s->present && s->ranker != NULL) {
            const struct ranking ranking = ranker_ranking(s->ranker, m->purpose, &history);
            TRY(ranker_rank(s->ranker, &ranking, user, w->every_movie, w->x, n, w->score[c], err));
        } else if (s->present && s->ncf != NULL) {
            TRY(ncf_score(s->ncf, NCF_RANK, user, w->every_movie, n, w->score[c], err));
        }
    }
    return STATUS_OK;
}

/* What other programs' lists say of the row. */
static void score_foreign(struct worker *w, const struct pass *p, size_t row) {
    const struct components *m = p->components;
    for (size_t c = 0; c < m->n_components; c++) {
        const struct foreign *foreign = m->component[c].foreign;
        if (foreign == NULL) continue;
        uint32_t number = list_number(p->out->user, row);
        if (foreign_scores(foreign, p->out->user[row], number, w->score[c])) continue;
#pragma omp atomic
        p->out->n_missing[c]++;
    }
}

/* Ranks the held-out movies in the list by the scores of the catalogue. */
static struct ranked_list rank_list(struct worker *w, const struct pass *p,
                                    const struct test_list *l, const float *score, size_t n) {
    const size_t n_held_out = (size_t)(l->end - l->first);
    for (size_t i = 0; i < n; i++) {
        w->candidate_score[i] = score[w->candidate[i]];
    }
    metrics_place(w->candidate_score, n, w->held_out, n_held_out, w->placement);
    return (struct ranked_list){.placement = w->placement,
                                .n_held_out = n_held_out,
                                .held_out = p->test->movie + l->first,
                                .rating = p->test->rating + l->first,
                                .debias = p->debias};
}

/* Finds the first movies of the list just ranked, and marks them as covered. */
static void take_first(struct worker *w, const struct pass *p, size_t component, size_t n,
                       struct ranked_list *list) {
    topk_clear(&w->list);
    for (size_t i = 0; i < n; i++) {
        topk_push(&w->list, w->candidate_score[i], w->candidate[i]);
    }
    list->n_first = w->list.count;
    for (size_t i = 0; i < list->n_first; i++) {
        w->first[i] = w->list.heap[i].id;
        uint8_t *covered = p->covered + component * p->out->n_movies + w->first[i];
#pragma omp atomic write
        *covered = 1;
    }
}

static double cosine_of_contents(const void *content, uint32_t a, uint32_t b) {
    return (double)content_cosine(content, a, b);
}

/* Predicts the ratings of the first movies by the ranker's rating head; NULL if there is none, or
 * if
 * --permute has taken from it what it goes by. */
static enum status predict_first(const float **stars, struct worker *w, const struct pass *p,
                                 uint32_t user, size_t n, struct error *err) {
    const struct components *m = p->components;
    const struct contender *model = &m->rating[RATING_RANKER];
    size_t n_features = feature_count(m->context);
    *stars = NULL;
    if (!model->present || m->permuted != NULL) return STATUS_OK;
    for (size_t i = 0; i < n; i++) {
        memcpy(w->first_x + i * n_features, w->x + w->first[i] * n_features,
               n_features * sizeof(float));
    }
    *stars = w->first_stars;
    return ranker_score(model->ranker, HEAD_RATING, user, w->first, w->first_x, n, w->first_stars,
                        err);
}

/* Gathers what the metrics of the first movies need. */
static void describe(struct worker *w, const struct pass *p, struct ranked_list *list) {
    const struct feature_context *c = p->components->context;
    list->own_mean = w->own_mean;
    list->first = w->first;
    list->likeness = cosine_of_contents;
    list->of = feature_content(c);
    list->popularity = feature_models(c)->baseline.popularity;
    list->n_users = p->ratings->n_users;
}

/* Of the ranking of the whole catalogue, what the liked movies alone make of it. */
static void rank_liked(struct worker *w, const struct pass *p, size_t row, size_t component,
                       const struct ranked_list *full) {
    size_t n = 0;
    for (size_t h = 0; h < full->n_held_out; h++) {
        double stars = (double)full->rating[full->placement[h].item];
        if (stars_liked(stars, w->own_mean)) w->liked[n++] = full->placement[h];
    }
    p->out->relevant[LIKED][row] = (uint32_t)n;
    if (n == 0) return;
    struct ranked_list list = *full;
    list.placement = w->liked;
    list.n_held_out = n;
    float *value = p->out->value[LIKED][component] + row * metric_count();
    metrics_of_list(&list, metric_count_placed(), value);
}

static enum status rank_full(struct worker *w, const struct pass *p, size_t row,
                             const struct test_list *l, struct error *err) {
    const struct test_set *t = p->test;
    size_t n = 0, found = 0;
    const struct history history = history_of(&w->history);
    pool_clear(&w->seen);
    for (size_t i = 0; i < w->history.count; i++) {
        pool_mark(&w->seen, w->history.movie[i]);
    }
    /* The held-out movies come first, so that their positions are known. */
    for (uint64_t i = l->first; i < l->end; i++) {
        w->held_out[found++] = (uint32_t)n;
        w->candidate[n++] = t->movie[i];
        pool_mark(&w->seen, t->movie[i]);
    }
    for (uint32_t movie = 0; movie < p->out->n_movies; movie++) {
        if (!w->seen.marked[movie]) w->candidate[n++] = movie;
    }
    p->out->listed[FULL][row] = p->out->listed[LIKED][row] = (uint32_t)n;
    p->out->relevant[FULL][row] = (uint32_t)found;
    for (size_t c = 0; c < p->components->n_components; c++) {
        if (p->out->value[FULL][c] == NULL) continue;
        struct ranked_list list = rank_list(w, p, l, w->score[c], n);
        TRY(list_files_keep(p->lists, c, row, w->candidate, w->candidate_score, n, found, err));
        rank_liked(w, p, row, c, &list);
        take_first(w, p, c, n, &list);
        TRY(predict_first(&list.stars, w, p, l->user, list.n_first, err));
        describe(w, p, &list);
        list.history = &history;
        metrics_of_list(&list, metric_count(), p->out->value[FULL][c] + row * metric_count());
    }
    return STATUS_OK;
}

static void rank_candidates(struct worker *w, const struct pass *p, size_t row,
                            const struct test_list *l) {
    const struct test_set *t = p->test;
    const uint32_t user = l->user;
    size_t n = 0, found = 0;
    for (uint64_t i = l->first; i < l->end; i++) {
        w->held_out[found++] = (uint32_t)n;
        w->candidate[n++] = t->movie[i];
    }
    for (uint64_t i = t->candidate_offset[user]; i < t->candidate_offset[user + 1]; i++) {
        w->candidate[n++] = t->candidate_movie[i];
    }
    p->out->listed[CANDIDATES][row] = (uint32_t)n;
    p->out->relevant[CANDIDATES][row] = (uint32_t)found;
    for (size_t c = 0; c < p->components->n_components; c++) {
        if (p->out->value[CANDIDATES][c] == NULL) continue;
        struct ranked_list list = rank_list(w, p, l, w->score[c], n);
        float *value = p->out->value[CANDIDATES][c] + row * metric_count();
        metrics_of_list(&list, metric_count_placed(), value);
    }
}

static float in_stars(float prediction) {
    return (float)stars_clip(prediction);
}

/* What a model of ratings says of a movie with features x, in stars. */
static enum status predict_one(float *out, const struct contender *contender, uint32_t user,
                               uint32_t movie, const float *x, struct error *err) {
    if (contender->ranker != NULL) {
        return ranker_score(contender->ranker, HEAD_RATING, user, &movie, x, 1, out, err);
    }
    if (contender->ncf != NULL)
        return ncf_score(contender->ncf, NCF_RATING, user, &movie, 1, out, err);
    *out = in_stars(x[contender->feature]);
    return STATUS_OK;
}

static enum status predict_ratings(struct worker *w, const struct pass *p, size_t row,
                                   const struct test_list *l, struct error *err) {
    const struct components *m = p->components;
    const struct test_set *t = p->test;
    size_t n_features = feature_count(m->context);
    struct rating_errors *errors = &p->out->rating[row];
    for (uint64_t i = l->first; i < l->end; i++) {
        if (isnan(t->rating[i])) continue;
        const float *x = w->x + (size_t)t->movie[i] * n_features;
        for (size_t r = 0; r < m->n_ratings; r++) {
            float predicted = 0;
            if (!m->rating[r].present) continue;
            TRY(predict_one(&predicted, &m->rating[r], l->user, t->movie[i], x, err));
            float error = predicted - t->rating[i];
            p->out->predicted[r][i] = predicted;
            errors->squared[r] += error * error;
            errors->absolute[r] += fabsf(error);
        }
        p->out->actual[i] = t->rating[i];
        errors->count++;
    }
    return STATUS_OK;
}

enum { DRAWN = 99 };

/* The held-out movies, and the split's candidates or movies drawn among those that rank_full has
 * not marked as seen; returns how many. */
static size_t list_for_importance(struct worker *w, const struct pass *p,
                                  const struct test_list *l) {
    const struct test_set *t = p->test;
    const uint32_t user = l->user;
    size_t n = 0;
    for (uint64_t i = l->first; i < l->end; i++) {
        w->candidate[n++] = t->movie[i];
    }
    if (t->candidate_offset != NULL) {
        for (uint64_t i = t->candidate_offset[user]; i < t->candidate_offset[user + 1]; i++) {
            w->candidate[n++] = t->candidate_movie[i];
        }
        return n;
    }
    struct rng rng = rng_keyed(p->components->seed, "evaluate.drawn", 0, user);
    size_t most = n + DRAWN < w->capacity ? n + DRAWN : w->capacity;
    return n + pool_try(&w->seen, &rng, most - n, (size_t)10 * DRAWN, w->candidate + n);
}

static enum status measure_importance(struct worker *w, const struct pass *p, size_t row,
                                      const struct test_list *l, struct error *err) {
    struct importance *im = &p->out->importance;
    const struct test_set *t = p->test;
    if (im->n_users == 0 || row % im->step != 0) return STATUS_OK;
    size_t n = list_for_importance(w, p, l);
    const struct importance_list list = {.components = p->components,
                                         .user = l->user,
                                         .movie = w->candidate,
                                         .n = n,
                                         .n_held_out = (size_t)(l->end - l->first),
                                         .rating = t->rating + l->first,
                                         .x = w->x};
    return importance_measure(im, row / im->step, &list, err);
}

static enum status evaluate_list(const void *context, void *scratch, size_t item,
                                 struct error *err) {
    const struct pass *p = context;
    struct worker *w = scratch;
    const size_t row = p->first + item;
    const struct test_list *l = &p->out->list[row];
    TRY(history_for_test(&w->history, p->ratings, p->role, l->user, p->test->movie[l->first],
                         p->question->history, err));
    const struct history history = history_of(&w->history);
    w->own_mean = history_mean_stars(&history);
    p->out->history_length[row] = (uint32_t)w->history.count;
    TRY(score_catalogue(w, p, l, err));
    score_foreign(w, p, row);
    TRY(rank_full(w, p, row, l, err));
    if (p->test->candidate_offset != NULL) rank_candidates(w, p, row, l);
    TRY(predict_ratings(w, p, row, l, err));
    return measure_importance(w, p, row, l, err);
}

/* The longest list that any user may be ranked in: candidates may repeat movies, and a list of the
 * catalogue has the held-out ones in front. */
static size_t longest_list(const struct test_set *t, size_t n_movies) {
    size_t longest = n_movies;
    for (uint32_t u = 0; u < t->n_users; u++) {
        size_t others = n_movies;
        if (t->candidate_offset != NULL) {
            size_t candidates = (size_t)(t->candidate_offset[u + 1] - t->candidate_offset[u]);
            if (candidates > others) others = candidates;
        }
        size_t length = (size_t)(t->offset[u + 1] - t->offset[u]) + others;
        if (length > longest) longest = length;
    }
    return longest;
}

/* Predictions start as unknown. */
static enum status allocate_predictions(struct evaluation *e, size_t n, struct error *err) {
    e->n_tests = n;
    TRY(MEM_NEW(&e->actual, n, err));
    for (size_t r = 0; r < e->components->n_ratings; r++) {
        if (e->components->rating[r].present) TRY(MEM_NEW(&e->predicted[r], n, err));
    }
    for (size_t i = 0; i < n; i++) {
        e->actual[i] = NAN;
    }
    return STATUS_OK;
}

static int compare_lists(const void *a, const void *b) {
    const struct test_list *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* Leaves `most` of the lists, drawn at random. */
static void thin_lists(struct evaluation *e, size_t most, uint64_t seed) {
    if (e->n_lists <= most) return;
    struct rng rng = rng_keyed(seed, "evaluate.users", 0, 0);
    for (size_t i = 0; i < most; i++) {
        size_t other = i + rng_below(&rng, (uint32_t)(e->n_lists - i));
        struct test_list list = e->list[i];
        e->list[i] = e->list[other];
        e->list[other] = list;
    }
    qsort(e->list, most, sizeof(*e->list), compare_lists);
    e->n_lists = most;
}

static enum status note_users(struct evaluation *e, struct error *err) {
    TRY(MEM_NEW(&e->user, e->n_lists, err));
    for (size_t row = 0; row < e->n_lists; row++) {
        e->user[row] = e->list[row].user;
        e->n_users += row == 0 || e->user[row] != e->user[row - 1];
        e->several |= e->list[row].end - e->list[row].first > 1;
    }
    return STATUS_OK;
}

static enum status allocate(struct evaluation *e, const struct components *m,
                            const struct test_set *test, bool each, uint32_t n_movies,
                            size_t max_lists, struct error *err) {
    e->n_movies = n_movies;
    e->components = m;
    TRY(test_lists(&e->list, &e->n_lists, test, each, err));
    if (e->n_lists == 0) return error_set(err, STATUS_FAILED, "the split holds nothing to test on");
    thin_lists(e, max_lists, m->seed);
    TRY(note_users(e, err));
    TRY(MEM_NEW(&e->rating, e->n_lists, err));
    TRY(MEM_NEW(&e->tail, e->n_lists, err));
    TRY(MEM_NEW(&e->long_history, e->n_lists, err));
    TRY(MEM_NEW(&e->history_length, e->n_lists, err));
    TRY(MEM_NEW(&e->popularity, e->n_lists, err));
    TRY(allocate_predictions(e, (size_t)test->offset[test->n_users], err));
    for (int mode = 0; mode < MODES; mode++) {
        if (mode == CANDIDATES && test->candidate_offset == NULL) continue;
        TRY(MEM_NEW(&e->listed[mode], e->n_lists, err));
        TRY(MEM_NEW(&e->relevant[mode], e->n_lists, err));
    }
    for (size_t c = 0; c < m->n_components; c++) {
        if (!m->component[c].present) continue;
        TRY(MEM_NEW(&e->value[FULL][c], e->n_lists * metric_count(), err));
        TRY(MEM_NEW(&e->value[LIKED][c], e->n_lists * metric_count(), err));
        if (test->candidate_offset == NULL) continue;
        TRY(MEM_NEW(&e->value[CANDIDATES][c], e->n_lists * metric_count(), err));
    }
    return STATUS_OK;
}

void evaluation_release(struct evaluation *e) {
    for (int m = 0; m < MODES; m++) {
        for (int c = 0; c < MAX_COMPONENTS; c++) {
            mem_free(e->value[m][c]);
        }
        mem_free(e->listed[m]);
        mem_free(e->relevant[m]);
    }
    mem_free(e->list);
    mem_free(e->user);
    mem_free(e->rating);
    mem_free(e->tail);
    mem_free(e->long_history);
    mem_free(e->history_length);
    mem_free(e->popularity);
    mem_free(e->actual);
    for (int r = 0; r < MAX_RATING_MODELS; r++) {
        mem_free(e->predicted[r]);
    }
    importance_release(&e->importance);
    *e = (struct evaluation){0};
}

static int descending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

/* debias[n_movies] of struct ranked_list; a movie without ratings counts as one with a rating. */
static enum status weigh_movies(float **debias, const struct evaluation *e,
                                const uint32_t *popularity, const struct test_set *test,
                                struct error *err) {
    double sum = 0;
    TRY(MEM_NEW(debias, e->n_movies, err));
    for (size_t row = 0; row < e->n_lists; row++) {
        const struct test_list *l = &e->list[row];
        for (uint64_t i = l->first; i < l->end; i++) {
            sum += 1 / sqrt(fmax(popularity[test->movie[i]], 1)) / (double)(l->end - l->first);
        }
    }
    for (uint32_t m = 0; m < e->n_movies; m++) {
        (*debias)[m] = (float)((double)e->n_lists / sum / sqrt(fmax(popularity[m], 1)));
    }
    return STATUS_OK;
}

/* Marks lists whose first held-out movie is less popular than the head. */
static enum status mark_tail(struct evaluation *e, const struct baseline *f,
                             const struct test_set *test, struct error *err) {
    MEM_AUTO uint32_t *sorted = NULL;
    TRY(MEM_NEW(&sorted, f->n_movies, err));
    memcpy(sorted, f->popularity, f->n_movies * sizeof(*sorted));
    qsort(sorted, f->n_movies, sizeof(*sorted), descending);
    uint64_t total = 0, gathered = 0;
    for (uint32_t i = 0; i < f->n_movies; i++) {
        total += sorted[i];
    }
    uint32_t last = 0;
    while (last + 1 < f->n_movies && (double)(gathered + sorted[last]) < 0.8 * (double)total) {
        gathered += sorted[last++];
    }
    for (size_t row = 0; row < e->n_lists; row++) {
        uint32_t movie = test->movie[e->list[row].first];
        e->popularity[row] = f->popularity[movie];
        e->tail[row] = f->popularity[movie] < sorted[last];
    }
    return STATUS_OK;
}

static enum status mark_long_histories(struct evaluation *e, const uint32_t *length,
                                       struct error *err) {
    MEM_AUTO uint32_t *sorted = NULL;
    TRY(MEM_NEW(&sorted, e->n_lists, err));
    memcpy(sorted, length, e->n_lists * sizeof(*sorted));
    qsort(sorted, e->n_lists, sizeof(*sorted), descending);
    for (size_t row = 0; row < e->n_lists; row++) {
        e->long_history[row] = length[row] > sorted[e->n_lists / 2];
    }
    return STATUS_OK;
}

/* In pieces, after each of which its lists are written. */
static enum status run_pieces(struct pass *p, struct progress *progress, struct error *err) {
    size_t n = p->out->n_lists, chunk = list_files_chunk(p->lists, n);
    for (p->first = 0; p->first < n; p->first += chunk) {
        size_t left = n - p->first;
        const struct parallel lists = {
            .n = left < chunk ? left : chunk,
            .block = 8,
            .context = p,
            .each = evaluate_list,
            .scratch = {sizeof(struct worker), worker_create, worker_release},
            .progress = progress};
        TRY(parallel_blocks(&lists, err));
        TRY(list_files_write(p->lists, p->first, p->first + lists.n, err));
    }
    return list_files_commit(p->lists, err);
}

static enum status run_pass(struct pass *p, const struct list_request *lists, struct error *err) {
    struct progress progress;
    const char *model[MAX_COMPONENTS] = {NULL};
    const struct components *m = p->components;
    for (size_t c = 0; c < m->n_components; c++) {
        const struct contender *s = &m->component[c];
        if (s->present && s->foreign == NULL) model[c] = s->name;
    }
    TRY(list_files_open(&p->lists, lists, model, m->n_components, p->out->user, p->out->n_lists,
                        err));
    progress_start(&progress, "evaluate", "lists", p->out->n_lists);
    enum status status = run_pieces(p, &progress, err);
    progress_end(&progress);
    list_files_release(p->lists);
    return status;
}

enum status evaluate_users(struct evaluation *out, const struct components *components,
                           const struct ratings *ratings, const uint8_t *role,
                           const struct question *question, const struct test_set *test,
                           const struct evaluation_options *options, struct error *err) {
    TRY(allocate(out, components, test, question->target == TARGET_SUCCESSIVE, ratings->n_movies,
                 options->most.lists, err));
    TRY(importance_allocate(&out->importance, components, out->n_lists, options->most.importance,
                            test->candidate_offset != NULL, err));
    const struct baseline *baseline = &feature_models(components->context)->baseline;
    MEM_AUTO float *debias = NULL;
    MEM_AUTO uint8_t *covered = NULL;
    TRY(weigh_movies(&debias, out, baseline->popularity, test, err));
    TRY(MEM_NEW(&covered, components->n_components * ratings->n_movies, err));
    struct pass pass = {.out = out,
                        .components = components,
                        .ratings = ratings,
                        .role = role,
                        .question = question,
                        .test = test,
                        .covered = covered,
                        .debias = debias,
                        .longest = longest_list(test, ratings->n_movies)};
    TRY(run_pass(&pass, &options->lists, err));
    for (size_t c = 0; c < components->n_components; c++) {
        for (size_t i = 0; i < ratings->n_movies; i++) {
            out->covered[c] += covered[c * ratings->n_movies + i];
        }
    }
    TRY(find_trivial(out, err));
    TRY(mark_tail(out, baseline, test, err));
    return mark_long_histories(out, out->history_length, err);
}
