#include "stages/factorize/transition_pairs.h"

#include "common/base/mem.h"

#include <math.h>
#include <string.h>

enum status sequences_make(struct sequences *out, const struct ratings *ratings,
                           const struct selection *selection, struct error *err) {
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

void transition_pairs_release(struct transition_pairs *t) {
    mem_free(t->step);
    mem_free(t->edge);
    *t = (struct transition_pairs){0};
}

/* exp(-positions / tau - seconds / scale), a scale of 0 meaning no decay with time. */
static float decay(const struct ratings *r, uint64_t from, uint64_t to, double tau, double scale) {
    double exponent = (double)(to - from) / tau;
    if (scale > 0) exponent += (double)(r->time[to] - r->time[from]) / scale;
    return (float)exp(-exponent);
}

enum status transition_pairs_make(struct transition_pairs *out, const struct sequences *s,
                                  const struct transition_params *p, struct error *err) {
    const struct ratings *r = s->ratings;
    *out = (struct transition_pairs){.sequences = s, .params = p};
    out->future_start = exp(1 / p->tau_future);
    AUTO(transition_pairs) struct transition_pairs t = *out;
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
    t = (struct transition_pairs){0}; /* moved; NOLINT(clang-analyzer-deadcode.DeadStores) */
    return STATUS_OK;
}

/* ---- sums ---- */

/* What one thread sums with. */
struct scratch {
    double *sum;    /* [n] */
    double *window; /* [max(window_past, window_future) + 1] */
};

static void scratch_release(struct scratch *w) {
    mem_free(w->sum);
    mem_free(w->window);
    *w = (struct scratch){0};
}

static enum status scratch_alloc(struct scratch *w, size_t n, const struct transition_params *p,
                                 struct error *err) {
    size_t window = p->window_past > p->window_future ? p->window_past : p->window_future;
    TRY(MEM_NEW(&w->sum, n, err));
    return MEM_NEW(&w->window, window + 1, err);
}

/* The occurrence `at` of a movie within a user's ratings [first, end), with itself and with what
 * came up to window_past before it: a pair with p = at - d is together in the moments t = at, at +
 * 1, ... as long as t - p < window_past, each adding decay(p, at) * decay(at, t)^2. The last rating
 * is no moment: nothing follows it. */
static void add_past(const struct transition_pairs *t, uint64_t first, uint64_t at, uint64_t end,
                     struct scratch *w) {
    const struct transition_step *step = t->step + at;
    uint64_t window = t->params->window_past;
    uint64_t moments = end - 1 - at < window ? end - 1 - at : window;
    if (moments == 0) return;
    double weight = 1, total = 0;
    for (uint64_t k = 0; k < moments; k++) { /* window[k]: the first k + 1 moments */
        if (k > 0) weight *= (double)step[k].past;
        total += weight * weight;
        w->window[k] = total;
    }
    uint64_t reach = window - 1 < at - first ? window - 1 : at - first;
    weight = 1;
    for (uint64_t d = 0; d <= reach; d++, step--) {
        uint64_t within = window - d < moments ? window - d : moments;
        if (step->place != NO_INDEX) w->sum[step->place] += weight * w->window[within - 1];
        weight *= (double)step->past;
    }
}

/* The occurrence `at` with what came before it: a pair with p = at - d meets in the moments t = p
 * .. at - 1 of the window, each adding decay(p, t) * future(t, at). Their sum fades by one step of
 * the past whenever p moves one back, gains the moment t = p and loses the one that p can no longer
 * see. window[d] holds future(at - d, at). */
static void add_future(const struct transition_pairs *t, uint64_t first, uint64_t at,
                       struct scratch *w) {
    uint64_t past = t->params->window_past, future = t->params->window_future;
    uint64_t reach = past + future - 1 < at - first ? past + future - 1 : at - first;
    uint64_t gaining = reach < future ? reach : future, whole = reach < past ? reach : past;
    const struct transition_step *step = t->step + at;
    const struct transition_edge *edge = t->edge + at;
    double *restrict window = w->window, *restrict sum = w->sum;
    double weight = (double)edge[0].future * t->future_start, total = 0;
    for (uint64_t d = 1; d <= gaining; d++) {
        window[d] = weight;
        weight *= (double)(edge - d)->future;
    }
    for (uint64_t d = 1; d <= gaining && d <= whole; d++) {
        total = total * (double)(step + 1 - d)->past + window[d];
        if ((step - d)->place != NO_INDEX) sum[(step - d)->place] += total;
    }
    for (uint64_t d = gaining + 1; d <= whole; d++) {
        total *= (double)(step + 1 - d)->past;
        if ((step - d)->place != NO_INDEX) sum[(step - d)->place] += total;
    }
    for (uint64_t d = whole + 1; d <= reach; d++) {
        total = total * (double)(step + 1 - d)->past + (d <= gaining ? window[d] : 0) -
                (double)(edge - d)->out * window[d - past];
        if ((step - d)->place != NO_INDEX) sum[(step - d)->place] += total;
    }
}

/* Asks memory for the steps that the occurrence `at` will need. */
static void prefetch(const struct transition_pairs *t, uint64_t at, uint64_t before,
                     uint64_t after) {
    enum { LINE = 64 / sizeof(struct transition_step), MOST = 16 };
    uint64_t from = at > before ? at - before : 0, to = at + after;
    if (to > t->sequences->ratings->count) to = t->sequences->ratings->count;
    for (uint64_t k = from, lines = 0; k < to && lines < MOST; k += LINE, lines++) {
        __builtin_prefetch(t->step + k);
    }
    __builtin_prefetch(t->edge + at);
}

/* One row, of pairs whose later movie is `later`. */
static void sum_row(const struct transition_pairs *t, enum transition_part part, uint32_t later,
                    struct scratch *w, float *row) {
    enum { AHEAD = 4 };
    const struct ratings *r = t->sequences->ratings;
    uint32_t movie = t->sequences->selection->movie[later], n = t->sequences->selection->n;
    uint64_t last = r->by_movie_offset[movie + 1];
    uint64_t before =
        t->params->window_past + (part == TRANSITION_PAST ? 0 : t->params->window_future);
    uint64_t after = part == TRANSITION_PAST ? t->params->window_past : 1;
    memset(w->sum, 0, n * sizeof(*w->sum));
    for (uint64_t e = r->by_movie_offset[movie]; e < last; e++) {
        uint64_t at = r->by_movie_rating[e], first = r->offset[r->by_movie_user[e]];
        uint64_t soon = r->by_movie_rating[e + AHEAD < last ? e + AHEAD : e];
        prefetch(t, soon, before, after);
        if (part == TRANSITION_FUTURE)
            add_future(t, first, at, w);
        else
            add_past(t, first, at, r->offset[r->by_movie_user[e] + 1], w);
    }
    for (uint32_t k = 0; k < n; k++) {
        row[k] = (float)w->sum[k];
    }
}

/* Each row is summed up by one thread, in the order of the users. */
enum status transition_pairs_sum(float *rows, uint32_t first, uint32_t count,
                                 enum transition_part part, const struct transition_pairs *t,
                                 struct error *err) {
    size_t n = t->sequences->selection->n;
    enum status status = STATUS_OK;
#pragma omp parallel
    {
        struct error mine = {0};
        AUTO(scratch) struct scratch scratch = {0};
        enum status own = scratch_alloc(&scratch, n, t->params, &mine);
#pragma omp for schedule(dynamic, 8)
        for (uint32_t row = 0; row < count; row++) {
            if (own != STATUS_OK) continue;
            sum_row(t, part, first + row, &scratch, rows + (size_t)row * n);
        }
        if (own != STATUS_OK) {
#pragma omp critical(transition_error)
            {
                status = own;
                if (err != NULL) *err = mine;
            }
        }
    }
    return status;
}
