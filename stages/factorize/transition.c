#include "stages/factorize/transition.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/data/dense.h"

#include <math.h>
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

void transition_tables_release(struct transition_tables *t) {
    mem_free(t->past);
    mem_free(t->pair);
    *t = (struct transition_tables){0};
}

/* Positions p and p + d, with `left` moments from p + d on: the sum over the s-th of those moments
 * of exp(-(d + s) / tau) exp(-s / tau), as long as p is within the window. */
static void fill_past(struct transition_tables *t, const struct transition_params *p) {
    for (uint32_t d = 0; d < t->n_past; d++) {
        double *row = t->past + (size_t)d * (t->n_past + 1);
        for (uint32_t left = 1; left <= t->n_past; left++) {
            uint32_t s = left - 1;
            double more = d + s < p->window_past ? exp(-((double)d + 2.0 * s) / p->tau_past) : 0;
            row[left] = row[left - 1] + more;
        }
    }
}

/* Positions p and p + d: the sum over the moments p + s, s < d, of exp(-s / tau_past)
 * exp(-(d - s - 1) / tau_future), within both windows. */
static void fill_pair(struct transition_tables *t, const struct transition_params *p) {
    for (uint32_t d = 1; d <= t->n_pair; d++) {
        for (uint32_t s = 0; s < d && s < p->window_past; s++) {
            if (d - s - 1 >= p->window_future) continue;
            t->pair[d - 1] += exp(-(double)s / p->tau_past - (double)(d - s - 1) / p->tau_future);
        }
    }
}

enum status transition_tables_make(struct transition_tables *out, const struct transition_params *p,
                                   struct error *err) {
    *out = (struct transition_tables){.n_past = p->window_past,
                                      .n_pair = p->window_past + p->window_future - 1};
    enum status status =
        mem_alloc(&out->past, (size_t)out->n_past * (out->n_past + 1), sizeof(double), err);
    if (status == STATUS_OK) status = MEM_NEW(&out->pair, out->n_pair, err);
    if (status != STATUS_OK) {
        transition_tables_release(out);
        return status;
    }
    fill_past(out, p);
    fill_pair(out, p);
    return STATUS_OK;
}

/* One occurrence, at `at` of the user's ratings [first, end), against its neighbours in time. The
 * last rating is no moment: nothing follows it. */
static void add_past(const struct sequences *s, const struct transition_tables *t, uint32_t i,
                     uint64_t first, uint64_t at, uint64_t end, double *sum) {
    uint64_t reach = t->n_past - 1;
    uint64_t from = at - first > reach ? at - reach : first;
    uint64_t to = end - 1 - at > reach ? at + reach + 1 : end;
    for (uint64_t k = from; k < to; k++) {
        uint32_t other = s->place[k];
        if (other == NO_INDEX || other > i) continue;
        uint64_t distance = k < at ? at - k : k - at;
        uint64_t left = end - 1 - (k < at ? at : k);
        if (left > t->n_past) left = t->n_past;
        sum[other] += t->past[distance * (t->n_past + 1) + left];
    }
}

static void add_future(const struct sequences *s, const struct transition_tables *t, uint64_t first,
                       uint64_t at, double *sum) {
    for (uint64_t d = 1; d <= t->n_pair && d <= at - first; d++) {
        uint32_t other = s->place[at - d];
        if (other != NO_INDEX) sum[other] += t->pair[d - 1];
    }
}

void transition_past_row(const struct sequences *s, const struct transition_tables *t, uint32_t i,
                         double *sum) {
    const struct ratings *r = s->ratings;
    uint32_t movie = s->selection->movie[i];
    memset(sum, 0, s->selection->n * sizeof(*sum));
    for (uint64_t e = r->by_movie_offset[movie]; e < r->by_movie_offset[movie + 1]; e++) {
        uint32_t user = r->by_movie_user[e];
        add_past(s, t, i, r->offset[user], r->by_movie_rating[e], r->offset[user + 1], sum);
    }
}

void transition_future_row(const struct sequences *s, const struct transition_tables *t, uint32_t j,
                           double *sum) {
    const struct ratings *r = s->ratings;
    uint32_t movie = s->selection->movie[j];
    memset(sum, 0, s->selection->n * sizeof(*sum));
    for (uint64_t e = r->by_movie_offset[movie]; e < r->by_movie_offset[movie + 1]; e++) {
        add_future(s, t, r->offset[r->by_movie_user[e]], r->by_movie_rating[e], sum);
    }
}

typedef void (*row_function)(const struct sequences *s, const struct transition_tables *t,
                             uint32_t row, double *sum);

/* rows[count, n] = rows first..first+count-1 of S'S or T'S. Each is summed up in double by one
 * thread, in the order of the users. */
static enum status fill_rows(float *rows, uint32_t first, uint32_t count, row_function function,
                             const struct sequences *s, const struct transition_tables *t,
                             struct error *err) {
    size_t n = s->selection->n;
    enum status status = STATUS_OK;
#pragma omp parallel
    {
        MEM_AUTO double *sum = NULL;
        struct error mine = {0};
        enum status own = MEM_NEW(&sum, n, &mine);
#pragma omp for schedule(dynamic, 8)
        for (uint32_t row = 0; row < count; row++) {
            if (own != STATUS_OK) continue;
            function(s, t, first + row, sum);
            for (size_t k = 0; k < n; k++) {
                rows[(size_t)row * n + k] = (float)sum[k];
            }
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

/* The inverse P of S'S + lambda I. */
static enum status invert_past(float *matrix, const struct sequences *s,
                               const struct transition_tables *t, double lambda,
                               struct error *err) {
    uint32_t n = s->selection->n;
    TRY(fill_rows(matrix, 0, n, transition_past_row, s, t, err));
    for (size_t k = 0; k < n; k++) {
        matrix[k * n + k] = (float)((double)matrix[k * n + k] + lambda);
    }
    TRY(interrupt_check(err));
    return dense_invert_spd(n, matrix, err);
}

enum status transition_fit(struct strongest *out, const struct sequences *s,
                           const struct transition_params *params, struct error *err) {
    uint32_t n = s->selection->n;
    AUTO(transition_tables) struct transition_tables tables = {0};
    MEM_AUTO float *inverse = NULL, *right = NULL, *weights = NULL;
    TRY(transition_tables_make(&tables, params, err));
    TRY(mem_alloc(&inverse, (size_t)n * n, sizeof(float), err));
    TRY(mem_alloc(&right, (size_t)(n < PIECE ? n : PIECE) * n, sizeof(float), err));
    TRY(mem_alloc(&weights, (size_t)(n < PIECE ? n : PIECE) * n, sizeof(float), err));
    TRY(invert_past(inverse, s, &tables, params->lambda, err));
    for (uint32_t first = 0; first < n; first += PIECE) {
        uint32_t count = n - first < PIECE ? n - first : PIECE;
        TRY(interrupt_check(err));
        TRY(fill_rows(right, first, count, transition_future_row, s, &tables, err));
        dense_gemm_parallel('N', 'N', count, n, n, 1.0F, right, n, inverse, n, 0.0F, weights, n);
        TRY(strongest_take_rows(out, first, count, weights, err));
    }
    return STATUS_OK;
}
