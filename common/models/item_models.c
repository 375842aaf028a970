#include "common/models/item_models.h"

#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/models/partition.h"
#include "common/models/prune_topk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the list ---- */

static enum status add(struct item_model_list *list, const struct item_model_spec *spec,
                       struct error *err) {
    if (list->count == ITEM_MODELS_MAX) {
        return error_set(err, STATUS_USAGE, "item-item models: more than %d", ITEM_MODELS_MAX);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->spec[i].name, spec->name) == 0) {
            return error_set(err, STATUS_USAGE, "item-item models: name \"%s\" is given twice",
                             spec->name);
        }
    }
    list->spec[list->count++] = *spec;
    return STATUS_OK;
}

enum status item_models_add_ease(struct item_model_list *list, enum item_model_type type,
                                 const struct ridge *ridge, struct error *err) {
    struct item_model_spec spec = {.type = type, .ridge = *ridge};
    snprintf(spec.name, sizeof(spec.name), "%s", item_model_type_name(type));
    return add(list, &spec, err);
}

/* Reads ":number" within [min, max] at *at and moves on. */
static bool read_number(const char **at, double min, double max, double *out) {
    if (**at != ':') return false;
    char *end;
    *out = strtod(*at + 1, &end);
    bool good = end != *at + 1 && *out >= min && *out <= max;
    *at = end;
    return good;
}

static bool read_name(const char **at, char *name, size_t size) {
    size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    if (length == 0 || length >= size) return false;
    memcpy(name, *at, length);
    name[length] = '\0';
    *at += length;
    return true;
}

static bool read_transition(const char **at, struct item_model_spec *spec) {
    double past, future, *optional[3];
    struct slit_params *p = &spec->transition;
    optional[0] = &p->relative;
    optional[1] = &p->past_seconds;
    optional[2] = &p->future_seconds;
    if (!read_name(at, spec->name, sizeof(spec->name)) ||
        !read_number(at, 1e-3, 1e6, &p->tau_past) || !read_number(at, 1e-3, 1e6, &p->tau_future) ||
        !read_number(at, 1, SLIT_MAX_WINDOW, &past) ||
        !read_number(at, 1, SLIT_MAX_WINDOW, &future) || !read_number(at, 1e-6, 1e12, &p->lambda)) {
        return false;
    }
    for (size_t k = 0; k < 3 && **at == ':'; k++) {
        if (!read_number(at, 0, 1e12, optional[k])) return false;
    }
    if (past != floor(past) || future != floor(future)) return false;
    p->window_past = (uint32_t)past;
    p->window_future = (uint32_t)future;
    return **at == '\0' || **at == ',';
}

enum status item_models_add_transitions(struct item_model_list *list, const char *text,
                                        struct error *err) {
    const char *at = text;
    while (*at != '\0') {
        struct item_model_spec spec = {.type = ITEM_TRANSITION};
        const char *start = at;
        if (!read_transition(&at, &spec)) {
            return error_set(
                err, STATUS_USAGE,
                "transition models: \"%.*s\" is not name:tau_past:tau_future:"
                "window_past:window_future:lambda[:relative[:past_seconds[:future_seconds]]]",
                (int)strcspn(start, ","), start);
        }
        TRY(add(list, &spec, err));
        if (*at == ',') at++;
    }
    return STATUS_OK;
}

static bool read_window(const char **at, struct item_model_spec *spec) {
    double width;
    struct window_params *p = &spec->window;
    if (!read_name(at, spec->name, sizeof(spec->name)) || !read_number(at, 1e-3, 1e6, &p->tau) ||
        !read_number(at, 1, WINDOW_MOST, &width) || !read_number(at, 1e-6, 1e12, &p->lambda)) {
        return false;
    }
    if (**at == ':' && !read_number(at, 0, 1e12, &p->relative)) return false;
    if (width != floor(width)) return false;
    p->width = (uint32_t)width;
    return **at == '\0' || **at == ',';
}

enum status item_models_add_windows(struct item_model_list *list, const char *text,
                                    struct error *err) {
    const char *at = text;
    while (*at != '\0') {
        struct item_model_spec spec = {.type = ITEM_WINDOW};
        const char *start = at;
        if (!read_window(&at, &spec)) {
            return error_set(
                err, STATUS_USAGE,
                "window models: \"%.*s\" is not name:tau:width:lambda[:relative], width to %d",
                (int)strcspn(start, ","), start, WINDOW_MOST);
        }
        TRY(add(list, &spec, err));
        if (*at == ',') at++;
    }
    return STATUS_OK;
}

enum status item_model_describe(struct buf *out, const struct item_model_spec *spec,
                                struct error *err) {
    const struct slit_params *p = &spec->transition;
    const struct window_params *w = &spec->window;
    if (spec->type == ITEM_WINDOW) {
        return buf_printf(out, err, "tau=%.9g width=%u lambda=%.9g relative=%.9g", w->tau,
                          (unsigned)w->width, w->lambda, w->relative);
    }
    if (spec->type == ITEM_EASE_DROPOUT) {
        return buf_printf(out, err, "lambda=%.9g dropout=%.9g", spec->ridge.lambda,
                          spec->ridge.dropout);
    }
    if (spec->type != ITEM_TRANSITION) {
        return buf_printf(out, err, "lambda=%.9g", spec->ridge.lambda);
    }
    return buf_printf(out, err,
                      "tau_past=%.9g tau_future=%.9g window_past=%u window_future=%u lambda=%.9g "
                      "relative=%.9g past_seconds=%.9g future_seconds=%.9g",
                      p->tau_past, p->tau_future, (unsigned)p->window_past,
                      (unsigned)p->window_future, p->lambda, p->relative, p->past_seconds,
                      p->future_seconds);
}

/* ---- fitting ---- */

/* sums[n_movies] of rating - mean, of all processes. */
static enum status movie_residuals(double *sums, const struct ratings *ratings, double mean,
                                   struct error *err) {
    for (uint32_t i = 0; i < ratings->n_movies; i++) {
        for (uint64_t e = ratings->by_movie_offset[i]; e < ratings->by_movie_offset[i + 1]; e++) {
            sums[i] += 0.5 * ratings->value[ratings->by_movie_rating[e]] - mean;
        }
    }
    return ranks_sum(sums, ratings->n_movies, err);
}

enum status baseline_fit(struct factors *out, const struct ratings *ratings, double movie_shrinkage,
                         struct error *err) {
    MEM_AUTO double *count = NULL, *sum = NULL;
    double total[3] = {0, (double)ratings->count, (double)ratings->n_users};
    out->n_movies = ratings->n_movies;
    TRY(MEM_NEW(&out->popularity, ratings->n_movies, err));
    TRY(MEM_NEW(&out->movie_bias, ratings->n_movies, err));
    TRY(MEM_NEW(&sum, ratings->n_movies, err));
    for (uint64_t k = 0; k < ratings->count; k++) {
        total[0] += ratings->value[k];
    }
    TRY(ranks_sum(total, 3, err));
    out->n_users = (uint32_t)total[2];
    out->mean = total[1] > 0 ? 0.5 * total[0] / total[1] : 0;
    TRY(partition_movie_counts(&count, ratings, err));
    TRY(movie_residuals(sum, ratings, out->mean, err));
    for (uint32_t i = 0; i < ratings->n_movies; i++) {
        out->popularity[i] = (uint32_t)count[i];
        out->movie_bias[i] = (float)(sum[i] / (count[i] + movie_shrinkage));
    }
    return STATUS_OK;
}

/* The value of every rating for a model: the very weights that the history has when scoring. */
static enum status history_values(float **out, enum item_model_type type,
                                  const struct item_model_data *data, struct error *err) {
    const struct ratings *r = data->ratings;
    struct item_model model = {.type = type};
    TRY(MEM_NEW(out, r->count, err));
    for (uint32_t user = 0; user < r->n_users; user++) {
        uint64_t first = r->offset[user];
        struct history history = {r->movie + first, r->value + first, r->time + first,
                                  (size_t)(r->offset[user + 1] - first)};
        item_model_history_weights(data->baseline, &model, &history, *out + first);
    }
    return STATUS_OK;
}

static enum status fit_ease(struct pruned *out, const struct item_model_spec *spec,
                            const struct item_model_data *data, struct error *err) {
    AUTO(csr) struct csr by_movie = {0};
    MEM_AUTO float *value = NULL;
    if (spec->type != ITEM_EASE && spec->type != ITEM_EASE_DROPOUT)
        TRY(history_values(&value, spec->type, data, err));
    TRY(popular_items_by_movie(&by_movie, data->selection, data->ratings, value, err));
    return ease_fit(out, &by_movie, &spec->ridge, err);
}

enum status item_model_fit(struct csr *weights, const struct item_model_spec *spec,
                           const struct item_model_data *data, struct error *err) {
    AUTO(pruned) struct pruned kept = {0};
    TRY(pruned_alloc(&kept, data->selection->n, data->keep, err));
    enum status status =
        spec->type == ITEM_TRANSITION ? slit_fit(&kept, data->sequences, &spec->transition, err)
        : spec->type == ITEM_WINDOW   ? window_fit(&kept, data->sequences, &spec->window, err)
                                      : fit_ease(&kept, spec, data, err);
    if (status != STATUS_OK) return error_wrap(err, "fitting %s", spec->name);
    return pruned_to_csr(weights, &kept, data->selection, data->ratings->n_movies, err);
}
