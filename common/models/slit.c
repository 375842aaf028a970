#include "common/models/slit.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/models/item_item.h"
#include "common/models/regression.h"

#include <math.h>

/* Row i has only the pairs in which i is the later movie, so the two orders of a pair of movies are
 * still to be added up; in tiles, for the cache. */
enum { TILE = 64 };

static void add_tile(float *a, size_t n, size_t row, size_t column) {
    for (size_t i = row; i < row + TILE && i < n; i++) {
        for (size_t j = column; j < column + TILE && j < i; j++) {
            a[i * n + j] += a[j * n + i];
            a[j * n + i] = a[i * n + j];
        }
    }
}

static void add_transpose(float *a, size_t n) {
#pragma omp parallel for schedule(dynamic)
    for (size_t row = 0; row < n; row += TILE) {
        for (size_t column = 0; column <= row; column += TILE) {
            add_tile(a, n, row, column);
        }
    }
}

enum status slit_past(float *past, const struct slit_pairs *t, struct error *err) {
    const struct slit_params *p = t->params;
    size_t n = t->sequences->selection->n;
    TRY(slit_pairs_sum(past, 0, (uint32_t)n, SLIT_PAST, t, err));
    if (past == NULL) return STATUS_OK;
    add_transpose(past, n);
    for (size_t k = 0; k < n; k++) {
        double diagonal = (double)past[k * n + k];
        past[k * n + k] = (float)(diagonal * (1 + p->relative) + p->lambda);
    }
    return interrupt_check(err);
}

enum status slit_future(float *future, uint32_t first, uint32_t count, const struct slit_pairs *t,
                        struct error *err) {
    return slit_pairs_sum(future, first, count, SLIT_FUTURE, t, err);
}

static enum status left(float *a, const void *context, struct error *err) {
    return slit_past(a, context, err);
}

static enum status right(float *rows, uint32_t first, uint32_t count, const void *context,
                         struct error *err) {
    return slit_future(rows, first, count, context, err);
}

enum status slit_fit(struct pruned *out, const struct sequences *s,
                     const struct slit_params *params, struct error *err) {
    static const struct regression regression = {left, right};
    AUTO(slit_pairs) struct slit_pairs pairs = {0};
    TRY(slit_pairs_make(&pairs, s, params, err));
    return regression_fit(out, &regression, &pairs, err);
}

/* ---- the model ---- */

enum {
    TAU_PAST,
    TAU_FUTURE,
    WINDOW_PAST,
    WINDOW_FUTURE,
    LAMBDA,
    RELATIVE,
    PAST_SECONDS,
    FUTURE_SECONDS
};

static const struct number_spec numbers[] = {
    [TAU_PAST] = {"tau_past", 1e-3, 1e6, false, false},
    [TAU_FUTURE] = {"tau_future", 1e-3, 1e6, false, false},
    [WINDOW_PAST] = {"window_past", 1, SLIT_MAX_WINDOW, true, false},
    [WINDOW_FUTURE] = {"window_future", 1, SLIT_MAX_WINDOW, true, false},
    [LAMBDA] = {"lambda", 1e-6, 1e12, false, false},
    [RELATIVE] = {"relative", 0, 1e12, false, true},
    [PAST_SECONDS] = {"past_seconds", 0, 1e12, false, true},
    [FUTURE_SECONDS] = {"future_seconds", 0, 1e12, false, true},
};

static enum status fit(struct pruned *out, const struct fitting *f, const struct instance *instance,
                       struct error *err) {
    const double *number = instance->number;
    const struct slit_params params = {.tau_past = number[TAU_PAST],
                                       .tau_future = number[TAU_FUTURE],
                                       .window_past = (uint32_t)number[WINDOW_PAST],
                                       .window_future = (uint32_t)number[WINDOW_FUTURE],
                                       .lambda = number[LAMBDA],
                                       .relative = number[RELATIVE],
                                       .past_seconds = number[PAST_SECONDS],
                                       .future_seconds = number[FUTURE_SECONDS]};
    return slit_fit(out, f->sequences, &params, err);
}

/* The newest entry has weight 1; those before its window_past positions have 0. Time counts back
 * from the newest entry, not from now: how long the user has been away says nothing about which of
 * the last movies matters more. */
static void decayed_weights(const double *number, const struct baseline *baseline,
                            const struct history *h, float *weight) {
    (void)baseline;
    for (size_t k = 0; k < h->count; k++) {
        double position = (double)(h->count - 1 - k);
        double exponent = position / number[TAU_PAST];
        if (number[PAST_SECONDS] > 0) {
            exponent += (double)(h->time[h->count - 1] - h->time[k]) / number[PAST_SECONDS];
        }
        weight[k] = position < number[WINDOW_PAST] ? (float)exp(-exponent) : 0.0F;
    }
}

struct slit_options {
    bool on;
    const char *models;
};

static enum status plan(struct instance_list *list, const struct model *self, const void *params,
                        struct error *err) {
    const struct slit_options *p = params;
    return p->on ? instances_add_list(list, self, p->models, err) : STATUS_OK;
}

static const char default_models[] = "transition-a:5:3:30:8:300,"
                                     "transition-b:5:3:30:8:3000,"
                                     "transition-c:2:1:15:4:300,"
                                     "transition-d:1:1:8:4:100,"
                                     "transition-e:10:8:50:20:1000,"
                                     "transition-f:50:30:150:60:3000,"
                                     "transition-g:5:3:30:8:300:1:600:60,"
                                     "transition-h:100:100:60:60:1000:0:60:60,"
                                     "transition-i:20:20:60:40:3000:1:86400:86400,"
                                     "transition-j:3:2:20:6:300:2:300:300";

#define OPTION_HOLDER struct slit_options
static const struct option_spec options[] = {
    PARAMETER_FLAG("transition", on, "true", "transition models"),
    PARAMETER_LIST(
        "transition-models", models, default_models,
        "name:tau_past:tau_future:window_past:window_future:lambda[:relative:past_seconds:"
        "future_seconds] of each"),
};

static const struct score_spec scores[] = {
    {"", "sequence", "score of transition model %s from its window of the history", NEEDS_ORDER},
    {".rare", "sequence",
     "the same divided by the root of the movie's popularity, relative to the mean", NEEDS_ORDER},
};
static const struct item_score columns[] = {{WEIGHTING_ALL, false}, {WEIGHTING_ALL, true}};
static const struct item_item_kind kind = {columns, decayed_weights, fit};

const struct model slit_model = {
    .name = "transition",
    .title = "SLIT, from what users did to what they did next",
    .paper = "Choi et al., Session-aware linear item-item models, WWW 2021",
    .kind = "factors",
    OPTIONS_OF(options, struct slit_options),
    NUMBERS_OF(numbers),
    SCORES_OF(scores),
    .needs = NEEDS_ORDER,
    .ranks = true,
    .plan = plan,
    .item_item = &kind,
    ITEM_ITEM_FUNCTIONS,
};
