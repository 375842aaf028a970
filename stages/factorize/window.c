#include "stages/factorize/window.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/data/mixed.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Targets per piece of the right-hand side: bounds the memory beside the one square matrix. */
enum { PIECE = 1024 };

/* The weights of a pair of positions, by their distance d. */
struct kernel {
    size_t width, side; /* side = 2 width + 1 */
    double *weight;     /* [side] near(d); 0 at d = 0 and beyond the width */
    double *sum; /* [side, side + 1] of d and r: sum of near(t) near(t - d) over -width <= t < r -
                    width */
};

static void kernel_release(struct kernel *k) {
    mem_free(k->weight);
    mem_free(k->sum);
    *k = (struct kernel){0};
}

static double near(const struct kernel *k, int64_t d) {
    size_t distance = (size_t)(d < 0 ? -d : d);
    return distance <= k->width ? k->weight[distance] : 0;
}

static enum status kernel_make(struct kernel *k, const struct window_params *p, struct error *err) {
    k->width = p->width;
    k->side = 2 * k->width + 1;
    TRY(MEM_NEW(&k->weight, k->side, err));
    TRY(MEM_NEW(&k->sum, k->side * (k->side + 1), err));
    for (size_t d = 1; d <= k->width; d++) {
        k->weight[d] = exp(-(double)d / p->tau);
    }
    for (size_t d = 0; d < k->side; d++) {
        double *sum = k->sum + d * (k->side + 1);
        for (size_t r = 0; r < k->side; r++) {
            int64_t t = (int64_t)r - (int64_t)k->width;
            sum[r + 1] = sum[r] + near(k, t) * near(k, t - (int64_t)d);
        }
    }
    return STATUS_OK;
}

/* Sum over the positions t of a history of `count` of the weight at t of one at `p` and of one at
 * `p` + `d`. */
static double together(const struct kernel *k, uint64_t p, uint64_t d, uint64_t count) {
    const double *sum = k->sum + d * (k->side + 1);
    size_t before = p < k->width ? (size_t)p : k->width;
    size_t after = count - 1 - p < k->width ? (size_t)(count - 1 - p) : k->width;
    return sum[k->width + after + 1] - sum[k->width - before];
}

/* The occurrence `at` among a user's ratings [first, end) with all that is near enough. */
static void add_pairs(const struct sequences *s, const struct kernel *k, bool context,
                      uint64_t first, uint64_t at, uint64_t end, double *sum) {
    uint64_t reach = context ? 2 * k->width : k->width;
    uint64_t from = at - first < reach ? first : at - reach;
    uint64_t to = end - at <= reach ? end : at + reach + 1;
    for (uint64_t other = from; other < to; other++) {
        uint64_t p = other < at ? other : at, d = other < at ? at - other : other - at;
        if (s->place[other] == NO_INDEX) continue;
        sum[s->place[other]] += context ? together(k, p - first, d, end - first) : k->weight[d];
    }
}

static void sum_row(const struct sequences *s, const struct kernel *k, bool context, uint32_t place,
                    double *sum, float *row) {
    const struct ratings *r = s->ratings;
    uint32_t movie = s->selection->movie[place], n = s->selection->n;
    memset(sum, 0, n * sizeof(*sum));
    for (uint64_t e = r->by_movie_offset[movie]; e < r->by_movie_offset[movie + 1]; e++) {
        uint32_t user = r->by_movie_user[e];
        add_pairs(s, k, context, r->offset[user], r->by_movie_rating[e], r->offset[user + 1], sum);
    }
    for (uint32_t i = 0; i < n; i++) {
        row[i] = (float)sum[i];
    }
}

/* Each row is summed up by one thread, in the order of the users. */
static enum status fill_rows(float *rows, uint32_t first, uint32_t count, bool context,
                             const struct sequences *s, const struct window_params *p,
                             struct error *err) {
    size_t n = s->selection->n;
    AUTO(kernel) struct kernel kernel = {0};
    TRY(kernel_make(&kernel, p, err));
    enum status status = STATUS_OK;
#pragma omp parallel
    {
        struct error mine = {0};
        MEM_AUTO double *sum = NULL;
        enum status own = MEM_NEW(&sum, n, &mine);
#pragma omp for schedule(dynamic, 8)
        for (uint32_t row = 0; row < count; row++) {
            if (own != STATUS_OK) continue;
            sum_row(s, &kernel, context, first + row, sum, rows + (size_t)row * n);
        }
        if (own != STATUS_OK) {
#pragma omp critical(window_error)
            {
                status = own;
                if (err != NULL) *err = mine;
            }
        }
    }
    return status;
}

enum status window_middle(float *middle, uint32_t first, uint32_t count, const struct sequences *s,
                          const struct window_params *p, struct error *err) {
    return fill_rows(middle, first, count, false, s, p, err);
}

enum status window_context(float *context, const struct sequences *s, const struct window_params *p,
                           struct error *err) {
    size_t n = s->selection->n;
    TRY(fill_rows(context, 0, (uint32_t)n, true, s, p, err));
    for (size_t k = 0; k < n; k++) {
        double diagonal = (double)context[k * n + k];
        context[k * n + k] = (float)(diagonal * (1 + p->relative) + p->lambda);
    }
    return interrupt_check(err);
}

enum status window_fit(struct strongest *out, const struct sequences *s,
                       const struct window_params *params, struct error *err) {
    uint32_t n = s->selection->n;
    MEM_AUTO float *inverse = NULL, *right = NULL, *weights = NULL;
    TRY(mem_alloc(&inverse, (size_t)n * n, sizeof(float), err));
    TRY(mem_alloc(&right, (size_t)(n < PIECE ? n : PIECE) * n, sizeof(float), err));
    TRY(mem_alloc(&weights, (size_t)(n < PIECE ? n : PIECE) * n, sizeof(float), err));
    TRY(window_context(inverse, s, params, err));
    TRY(dense_invert_spd(n, inverse, err));
    for (uint32_t first = 0; first < n; first += PIECE) {
        uint32_t count = n - first < PIECE ? n - first : PIECE;
        TRY(interrupt_check(err));
        TRY(window_middle(right, first, count, s, params, err));
        TRY(mixed_multiply(count, n, n, right, inverse, weights, err));
        TRY(strongest_take_rows(out, first, count, weights, err));
    }
    return STATUS_OK;
}
