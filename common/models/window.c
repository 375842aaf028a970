#include "common/models/window.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/models/item_item.h"
#include "common/models/partition.h"
#include "common/models/regression.h"

#include <math.h>
#include <stdbool.h>

/* Weights of a pair of positions, by their distance d. */
struct kernel {
    size_t width, side; /* side = 2 width + 1 */
    double *weight;     /* [side] near(d): 0 for d = 0 and beyond the width */
    double *sum; /* [side, side + 1] by d and r: sum of near(t) near(t - d) over -width <= t < r -
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

/* Sum over the positions t of a history of `count` ratings of the product of the weights that
 * positions `p` and `p` + `d` have at t. */
static double together(const struct kernel *k, uint64_t p, uint64_t d, uint64_t count) {
    const double *sum = k->sum + d * (k->side + 1);
    size_t before = p < k->width ? (size_t)p : k->width;
    size_t after = count - 1 - p < k->width ? (size_t)(count - 1 - p) : k->width;
    return sum[k->width + after + 1] - sum[k->width - before];
}

/* Adds the pairs of the occurrence `at` with all ratings near enough among a user's [first,
 * end). */
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

struct sums {
    const struct sequences *sequences;
    const struct kernel *kernel;
    bool context;
};

static void sum_row(const void *context, uint32_t place, double *sum) {
    const struct sums *s = context;
    const struct ratings *r = s->sequences->ratings;
    uint32_t movie = s->sequences->selection->movie[place];
    for (uint64_t e = r->by_movie_offset[movie]; e < r->by_movie_offset[movie + 1]; e++) {
        uint32_t user = r->by_movie_user[e];
        add_pairs(s->sequences, s->kernel, s->context, r->offset[user], r->by_movie_rating[e],
                  r->offset[user + 1], sum);
    }
}

static enum status fill_rows(float *rows, uint32_t first, uint32_t count, bool context,
                             const struct sequences *s, const struct window_params *p,
                             struct error *err) {
    AUTO(kernel) struct kernel kernel = {0};
    TRY(kernel_make(&kernel, p, err));
    struct sums sums = {s, &kernel, context};
    return partition_sum_rows(rows, first, count, s->selection->n, sum_row, &sums, err);
}

enum status window_middle(float *middle, uint32_t first, uint32_t count, const struct sequences *s,
                          const struct window_params *p, struct error *err) {
    return fill_rows(middle, first, count, false, s, p, err);
}

enum status window_context(float *context, const struct sequences *s, const struct window_params *p,
                           struct error *err) {
    size_t n = s->selection->n;
    TRY(fill_rows(context, 0, (uint32_t)n, true, s, p, err));
    for (size_t k = 0; context != NULL && k < n; k++) {
        double diagonal = (double)context[k * n + k];
        context[k * n + k] = (float)(diagonal * (1 + p->relative) + p->lambda);
    }
    return interrupt_check(err);
}

struct fit {
    const struct sequences *sequences;
    const struct window_params *params;
};

static enum status left(float *a, const void *context, struct error *err) {
    const struct fit *f = context;
    return window_context(a, f->sequences, f->params, err);
}

static enum status right(float *rows, uint32_t first, uint32_t count, const void *context,
                         struct error *err) {
    const struct fit *f = context;
    return window_middle(rows, first, count, f->sequences, f->params, err);
}

enum status window_fit(struct pruned *out, const struct sequences *s,
                       const struct window_params *params, struct error *err) {
    static const struct regression regression = {left, right};
    return regression_fit(out, &regression, &(struct fit){s, params}, err);
}

/* ---- the model ---- */

enum { TAU, WIDTH, LAMBDA, RELATIVE };

static const struct number_spec numbers[] = {
    [TAU] = {"tau", 1e-3, 1e6, false, false},
    [WIDTH] = {"width", 1, WINDOW_MOST, true, false},
    [LAMBDA] = {"lambda", 1e-6, 1e12, false, false},
    [RELATIVE] = {"relative", 0, 1e12, false, true},
};

static enum status fit_instance(struct pruned *out, const struct fitting *f,
                                const struct instance *instance, struct error *err) {
    const double *number = instance->number;
    const struct window_params params = {.tau = number[TAU],
                                         .width = (uint32_t)number[WIDTH],
                                         .lambda = number[LAMBDA],
                                         .relative = number[RELATIVE]};
    return window_fit(out, f->sequences, &params, err);
}

struct window_options {
    bool on;
    const char *models;
};

static enum status plan(struct instance_list *list, const struct model *self, const void *params,
                        struct error *err) {
    const struct window_options *p = params;
    return p->on ? instances_add_list(list, self, p->models, err) : STATUS_OK;
}

static const char default_models[] = "window-a:50:100:3000:3,"
                                     "window-b:10:20:1000:1,"
                                     "window-c:5:10:300:1";

#define OPTION_HOLDER struct window_options
static const struct option_spec options[] = {
    PARAMETER_FLAG("window", on, "false", "window models"),
    PARAMETER_LIST("window-models", models, default_models,
                   "name:tau:width:lambda[:relative] of each"),
};

static const struct score_spec scores[] = {
    {"", "collaborative", "score of window model %s from the whole history, all weights 1",
     NEEDS_NEITHER},
    {".rare", "collaborative",
     "the same divided by the root of the movie's popularity, relative to the mean", NEEDS_NEITHER},
};
static const struct item_score columns[] = {{WEIGHTING_ALL, false}, {WEIGHTING_ALL, true}};
static const struct item_item_kind kind = {columns, item_item_binary, fit_instance};

const struct model window_model = {
    .name = "window",
    .title = "regression on what stands before and after",
    .paper = "contexts of CBOW (Mikolov et al., 2013) with the regression of SLIT (Choi et al., "
             "WWW 2021)",
    .kind = "factors",
    OPTIONS_OF(options, struct window_options),
    NUMBERS_OF(numbers),
    SCORES_OF(scores),
    .needs = NEEDS_ORDER,
    .plan = plan,
    .item_item = &kind,
    ITEM_ITEM_FUNCTIONS,
};
