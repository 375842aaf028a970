#include "common/models/slit_pairs.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/models/partition.h"

#include <math.h>

enum status sequences_make(struct sequences *out, const struct ratings *ratings,
                           const struct popular_items *selection, struct error *err) {
    *out = (struct sequences){.ratings = ratings, .selection = selection};
    TRY(MEM_NEW(&out->place, ratings->count, err));
    for (uint64_t k = 0; k < ratings->count; k++) {
        out->place[k] = selection->place[ratings->movie[k]];
    }
    return STATUS_OK;
}

void sequences_release(struct sequences *s) {
    mem_free(s->place);
    *s = (struct sequences){0};
}

/* ---- decays ---- */

void slit_pairs_release(struct slit_pairs *t) {
    mem_free(t->step);
    mem_free(t->edge);
    *t = (struct slit_pairs){0};
}

/* exp(-positions / tau - seconds / scale); a scale of 0 means no decay with time. */
static float decay(const struct ratings *r, uint64_t from, uint64_t to, double tau, double scale) {
    double exponent = (double)(to - from) / tau;
    if (scale > 0) exponent += (double)(r->time[to] - r->time[from]) / scale;
    return (float)exp(-exponent);
}

enum status slit_pairs_make(struct slit_pairs *out, const struct sequences *s,
                            const struct slit_params *p, struct error *err) {
    const struct ratings *r = s->ratings;
    *out = (struct slit_pairs){.sequences = s, .params = p};
    if (p->window_past > SLIT_MAX_WINDOW || p->window_future > SLIT_MAX_WINDOW) {
        return error_set(err, STATUS_USAGE, "transition model: a window of more than %d",
                         SLIT_MAX_WINDOW);
    }
    out->future_start = exp(1 / p->tau_future);
    AUTO(slit_pairs) struct slit_pairs t = *out;
    TRY(MEM_NEW(&t.step, r->count, err));
    TRY(MEM_NEW(&t.edge, r->count, err));
#pragma omp parallel for schedule(dynamic, 64)
    for (uint32_t user = 0; user < r->n_users; user++) {
        uint64_t first = r->offset[user], end = r->offset[user + 1];
        for (uint64_t k = first; k < end; k++) {
            t.step[k].place = s->place[k];
            if (k > first) {
                t.step[k].past = decay(r, k - 1, k, p->tau_past, p->past_seconds);
                t.edge[k].future = decay(r, k - 1, k, p->tau_future, p->future_seconds);
            }
            if (end - k > p->window_past)
                t.edge[k].out = decay(r, k, k + p->window_past, p->tau_past, p->past_seconds);
        }
    }
    *out = t;
    t = (struct slit_pairs){0}; /* moved; NOLINT(clang-analyzer-deadcode.DeadStores) */
    return STATUS_OK;
}

/* ---- sums ---- */

/* The occurrence `at` of a movie within a user's ratings [first, end), paired with itself and with
 * the ratings up to window_past positions before. A pair with p = at - d shares the moments t = at,
 * at + 1, ... while t - p < window_past, each of which adds decay(p, at) * decay(at, t)^2. The last
 * rating is no moment: nothing follows it. */
static void add_past(const struct slit_pairs *t, uint64_t first, uint64_t at, uint64_t end,
                     double *restrict sum) {
    const struct slit_step *step = t->step + at;
    uint64_t past = t->params->window_past;
    uint64_t moments = end - 1 - at < past ? end - 1 - at : past;
    if (moments == 0) return;
    double moment_sum[SLIT_MAX_WINDOW], weight = 1, total = 0;
    for (uint64_t k = 0; k < moments; k++) { /* up to k + 1 moments */
        if (k > 0) weight *= (double)step[k].past;
        total += weight * weight;
        moment_sum[k] = total;
    }
    uint64_t reach = past - 1 < at - first ? past - 1 : at - first;
    weight = 1;
    for (uint64_t d = 0; d <= reach; d++, step--) {
        uint64_t within = past - d < moments ? past - d : moments;
        if (step->place != NO_INDEX) sum[step->place] += weight * moment_sum[within - 1];
        weight *= (double)step->past;
    }
}

/* The occurrence `at`, paired with the ratings before it. A pair with p = at - d shares the moments
 * t = p .. at - 1 from which the future reaches `at`, each of which adds decay(p, t) * future(t,
 * at). When p moves back by one, their sum decays by one step of the past, gains the moment t = p,
 * and loses the moment whose past no longer reaches p. future_at[d] holds future(at - d, at). */
static void add_future(const struct slit_pairs *t, uint64_t first, uint64_t at,
                       double *restrict sum) {
    double future_at[SLIT_MAX_WINDOW + 1];
    uint64_t past = t->params->window_past, future = t->params->window_future;
    uint64_t reach = past + future - 1 < at - first ? past + future - 1 : at - first;
    uint64_t gaining = reach < future ? reach : future, whole = reach < past ? reach : past;
    const struct slit_step *step = t->step + at;
    const struct slit_edge *edge = t->edge + at;
    double weight = (double)edge[0].future * t->future_start, total = 0;
    for (uint64_t d = 1; d <= gaining; d++) {
        future_at[d] = weight;
        weight *= (double)(edge - d)->future;
    }
    for (uint64_t d = 1; d <= gaining && d <= whole; d++) {
        total = total * (double)(step + 1 - d)->past + future_at[d];
        if ((step - d)->place != NO_INDEX) sum[(step - d)->place] += total;
    }
    for (uint64_t d = gaining + 1; d <= whole; d++) {
        total *= (double)(step + 1 - d)->past;
        if ((step - d)->place != NO_INDEX) sum[(step - d)->place] += total;
    }
    for (uint64_t d = whole + 1; d <= reach; d++) {
        /* d - past < future and d - past < d: set above.
         * NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
        double gone = (double)(edge - d)->out * future_at[d - past];
        total = total * (double)(step + 1 - d)->past + (d <= gaining ? future_at[d] : 0) - gone;
        if ((step - d)->place != NO_INDEX) sum[(step - d)->place] += total;
    }
}

/* Prefetches the steps that the occurrence `at` will need. Inline, because gcc drops calls of
 * functions that do nothing else. */
__attribute__((always_inline)) static inline void prefetch(const struct slit_pairs *t, uint64_t at,
                                                           uint64_t before, uint64_t after) {
    enum { LINE = 64 / sizeof(struct slit_step), MOST = 16 };
    uint64_t from = at > before ? at - before : 0, to = at + after;
    if (to > t->sequences->ratings->count) to = t->sequences->ratings->count;
    for (uint64_t k = from, lines = 0; k < to && lines < MOST; k += LINE, lines++) {
        __builtin_prefetch(t->step + k);
    }
    __builtin_prefetch(t->edge + at);
}

__attribute__((always_inline)) static inline void prefetch_soon(const struct slit_pairs *t,
                                                                enum slit_part part, uint64_t at) {
    uint64_t past = t->params->window_past, future = t->params->window_future;
    if (part == SLIT_PAST)
        prefetch(t, at, past, past);
    else
        prefetch(t, at, past + future, 1);
}

/* One row: the pairs whose later movie is `later`. */
static void sum_row(const struct slit_pairs *t, enum slit_part part, uint32_t later, double *sum) {
    enum { AHEAD = 4 };
    const struct ratings *r = t->sequences->ratings;
    uint32_t movie = t->sequences->selection->movie[later];
    uint64_t last = r->by_movie_offset[movie + 1];
    for (uint64_t e = r->by_movie_offset[movie]; e < last; e++) {
        uint64_t at = r->by_movie_rating[e], first = r->offset[r->by_movie_user[e]];
        prefetch_soon(t, part, r->by_movie_rating[e + AHEAD < last ? e + AHEAD : e]);
        if (part == SLIT_FUTURE)
            add_future(t, first, at, sum);
        else
            add_past(t, first, at, r->offset[r->by_movie_user[e] + 1], sum);
    }
}

static void sum_past(const void *context, uint32_t row, double *sum) {
    sum_row(context, SLIT_PAST, row, sum);
}

static void sum_future(const void *context, uint32_t row, double *sum) {
    sum_row(context, SLIT_FUTURE, row, sum);
}

enum status slit_pairs_sum(float *rows, uint32_t first, uint32_t count, enum slit_part part,
                           const struct slit_pairs *t, struct error *err) {
    return partition_sum_rows(rows, first, count, t->sequences->selection->n,
                              part == SLIT_PAST ? sum_past : sum_future, t, err);
}
