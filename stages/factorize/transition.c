#include "stages/factorize/transition.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/data/dense.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Targets per piece of the right-hand side: bounds the memory beside the one square matrix. */
enum { PIECE = 1024 };

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

/* What one thread sums with. */
struct scratch {
    double *sum;    /* [n] */
    double *window; /* [max(window_past, window_future)] */
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
    return MEM_NEW(&w->window, window, err);
}

/* The decay of the past from position k - 1 to position k. */
static double past_step(const struct ratings *r, uint64_t k, const struct transition_params *p) {
    double exponent = 1.0 / p->tau_past;
    if (p->past_seconds > 0) exponent += (double)(r->time[k] - r->time[k - 1]) / p->past_seconds;
    return exp(-exponent);
}

/* The occurrence `at` of a movie within a user's ratings [first, end), with itself and with what
 * came up to window_past before it: a pair with p = at - d is together in the moments t = at, at +
 * 1, ... as long as t - p < window_past, each adding decay(p, at) * decay(at, t)^2. The last rating
 * is no moment: nothing follows it. */
static void add_past(const struct sequences *s, const struct transition_params *p, uint64_t first,
                     uint64_t at, uint64_t end, struct scratch *w) {
    const struct ratings *r = s->ratings;
    uint64_t moments = end - 1 - at < p->window_past ? end - 1 - at : p->window_past;
    if (moments == 0) return;
    double decay = 1, total = 0;
    for (uint64_t k = 0; k < moments; k++) { /* window[k]: the first k + 1 moments */
        if (k > 0) decay *= past_step(r, at + k, p);
        total += decay * decay;
        w->window[k] = total;
    }
    decay = 1;
    for (uint64_t d = 0; d < p->window_past && d <= at - first; d++) {
        if (d > 0) decay *= past_step(r, at - d + 1, p);
        uint64_t within = p->window_past - d < moments ? p->window_past - d : moments;
        uint32_t other = s->place[at - d];
        if (other != NO_INDEX) w->sum[other] += decay * w->window[within - 1];
    }
}

/* The occurrence `at` with what came before it: a pair with p = at - d meets in the moments t = p
 * .. at - 1, each adding decay(p, t) * future(t, at). window[k] holds that of t = at - 1 - k and
 * takes on another step of decay(p, t) whenever p moves one back. */
static void add_future(const struct sequences *s, const struct transition_params *p, uint64_t first,
                       uint64_t at, struct scratch *w) {
    const struct ratings *r = s->ratings;
    uint64_t reach = (uint64_t)p->window_past + p->window_future - 1;
    for (uint64_t d = 1; d <= reach && d <= at - first; d++) {
        uint64_t active = d < p->window_future ? d : p->window_future;
        uint64_t out_of_past = d > p->window_past ? d - p->window_past : 0;
        double step = d > 1 ? past_step(r, at - d + 1, p) : 1, total = 0;
        for (uint64_t k = out_of_past; k < active; k++) {
            if (k == d - 1) { /* t = p */
                double exponent = (double)k / p->tau_future;
                if (p->future_seconds > 0) {
                    exponent += (double)(r->time[at] - r->time[at - d]) / p->future_seconds;
                }
                w->window[k] = exp(-exponent);
            } else {
                w->window[k] *= step;
            }
            total += w->window[k];
        }
        uint32_t other = s->place[at - d];
        if (other != NO_INDEX) w->sum[other] += total;
    }
}

/* One row, of pairs whose later movie is `later`. */
static void sum_row(const struct sequences *s, const struct transition_params *p, bool future,
                    uint32_t later, struct scratch *w, float *row) {
    const struct ratings *r = s->ratings;
    uint32_t movie = s->selection->movie[later], n = s->selection->n;
    memset(w->sum, 0, n * sizeof(*w->sum));
    for (uint64_t e = r->by_movie_offset[movie]; e < r->by_movie_offset[movie + 1]; e++) {
        uint64_t at = r->by_movie_rating[e], first = r->offset[r->by_movie_user[e]];
        if (future)
            add_future(s, p, first, at, w);
        else
            add_past(s, p, first, at, r->offset[r->by_movie_user[e] + 1], w);
    }
    for (uint32_t k = 0; k < n; k++) {
        row[k] = (float)w->sum[k];
    }
}

/* Each row is summed up by one thread, in the order of the users. */
static enum status fill_rows(float *rows, uint32_t first, uint32_t count, bool future,
                             const struct sequences *s, const struct transition_params *p,
                             struct error *err) {
    size_t n = s->selection->n;
    enum status status = STATUS_OK;
#pragma omp parallel
    {
        struct error mine = {0};
        AUTO(scratch) struct scratch scratch = {0};
        enum status own = scratch_alloc(&scratch, n, p, &mine);
#pragma omp for schedule(dynamic, 8)
        for (uint32_t row = 0; row < count; row++) {
            if (own != STATUS_OK) continue;
            sum_row(s, p, future, first + row, &scratch, rows + (size_t)row * n);
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

enum status transition_future(float *future, uint32_t first, uint32_t count,
                              const struct sequences *s, const struct transition_params *p,
                              struct error *err) {
    return fill_rows(future, first, count, true, s, p, err);
}

/* Row i has the pairs where i is the later one, so that both orders of a pair of movies are to be
 * added up; in tiles, for the sake of the cache. */
static void add_transpose(float *a, size_t n) {
    enum { TILE = 64 };
#pragma omp parallel for schedule(dynamic)
    for (size_t row = 0; row < n; row += TILE) {
        for (size_t column = 0; column <= row; column += TILE) {
            for (size_t i = row; i < row + TILE && i < n; i++) {
                for (size_t j = column; j < column + TILE && j < i; j++) {
                    a[i * n + j] += a[j * n + i];
                    a[j * n + i] = a[i * n + j];
                }
            }
        }
    }
}

enum status transition_past(float *past, const struct sequences *s,
                            const struct transition_params *p, struct error *err) {
    size_t n = s->selection->n;
    TRY(fill_rows(past, 0, (uint32_t)n, false, s, p, err));
    add_transpose(past, n);
    for (size_t k = 0; k < n; k++) {
        double diagonal = (double)past[k * n + k];
        past[k * n + k] = (float)(diagonal * (1 + p->relative) + p->lambda);
    }
    return interrupt_check(err);
}

enum status transition_fit(struct strongest *out, const struct sequences *s,
                           const struct transition_params *params, struct error *err) {
    uint32_t n = s->selection->n;
    MEM_AUTO float *inverse = NULL, *right = NULL, *weights = NULL;
    TRY(mem_alloc(&inverse, (size_t)n * n, sizeof(float), err));
    TRY(mem_alloc(&right, (size_t)(n < PIECE ? n : PIECE) * n, sizeof(float), err));
    TRY(mem_alloc(&weights, (size_t)(n < PIECE ? n : PIECE) * n, sizeof(float), err));
    TRY(transition_past(inverse, s, params, err));
    TRY(dense_invert_spd(n, inverse, err));
    for (uint32_t first = 0; first < n; first += PIECE) {
        uint32_t count = n - first < PIECE ? n - first : PIECE;
        TRY(interrupt_check(err));
        TRY(transition_future(right, first, count, s, params, err));
        dense_gemm_parallel('N', 'N', count, n, n, 1.0F, right, n, inverse, n, 0.0F, weights, n);
        TRY(strongest_take_rows(out, first, count, weights, err));
    }
    return STATUS_OK;
}
