/* The parts of metrics.json that plots show: results by length of history and by popularity,
 * calibration and errors of the rating models, importance of groups of features. */
#include "common/base/mem.h"
#include "stages/evaluate/evaluate.h"
#include "stages/evaluate/json_parts.h"

#include <math.h>

/* ---- by length of history, by popularity ---- */

/* Where the slices begin; the last has no end. */
static const uint32_t history_from[] = {0, 1, 5, 10, 20, 50, 100, 200, 500, 1000};
static const uint32_t popularity_from[] = {0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000};

static const char *const sliced[] = {"hr@10", "ndcg@10"};
enum { SLICED = sizeof(sliced) / sizeof(sliced[0]) };

/* Every component's metrics over the users with from <= size < to, in the list full. */
static enum status slice_models(json_t *models, const struct evaluation *e, const uint32_t *size,
                                uint32_t from, uint32_t to, size_t n,
                                const struct bootstrap_options *options, struct error *err) {
    struct estimate estimate[MAX_COMPONENTS * SLICED];
    MEM_AUTO float *x = NULL;
    MEM_AUTO uint32_t *user = NULL;
    size_t columns = e->components->n_components * SLICED, at = 0;
    TRY(MEM_NEW(&x, n * columns, err));
    TRY(MEM_NEW(&user, n, err));
    for (size_t row = 0; row < e->n_lists; row++) {
        if (size[row] < from || size[row] >= to) continue;
        for (size_t c = 0; c < e->components->n_components; c++) {
            const float *value = e->value[FULL][c];
            for (size_t i = 0; i < SLICED && value != NULL; i++) {
                x[at * columns + c * SLICED + i] =
                    value[row * metric_count() + metric_find(sliced[i])];
            }
        }
        user[at++] = e->user[row];
    }
    TRY(bootstrap_means(estimate, x, user, n, columns, options, err));
    for (size_t c = 0; c < e->components->n_components; c++) {
        if (e->value[FULL][c] == NULL) continue;
        json_t *model = json_object();
        TRY(put_value(models, e->components->component[c].name, model, err));
        for (size_t i = 0; i < SLICED; i++) {
            if (e->trivial[FULL][metric_find(sliced[i])]) continue;
            TRY(put_value(model, sliced[i], estimate_json(&estimate[c * SLICED + i]), err));
        }
    }
    return STATUS_OK;
}

static enum status slices_by(json_t *by, const char *axis, const struct evaluation *e,
                             const uint32_t *size, const uint32_t *from, size_t n_slices,
                             const struct bootstrap_options *options, struct error *err) {
    json_t *slices = json_array();
    TRY(put_value(by, axis, slices, err));
    for (size_t s = 0; s < n_slices; s++) {
        uint32_t to = s + 1 < n_slices ? from[s + 1] : UINT32_MAX;
        size_t n = 0;
        for (size_t row = 0; row < e->n_lists; row++) {
            n += size[row] >= from[s] && size[row] < to;
        }
        json_t *slice = json_pack("{s:I,s:I}", "from", (json_int_t)from[s], "users", (json_int_t)n);
        json_t *models = json_object();
        TRY(append_value(slices, slice, err));
        if (s + 1 < n_slices) TRY(put_value(slice, "to", json_integer((json_int_t)to - 1), err));
        TRY(put_value(slice, "models", models, err));
        if (n > 0) TRY(slice_models(models, e, size, from[s], to, n, options, err));
    }
    return STATUS_OK;
}

/* ---- calibration and errors ---- */

/* Predictions lie between 0.5 and 5, errors between -4.5 and 4.5 stars. */
enum { BINS = 18, ERROR_BINS = 37 };

static size_t bin_of(float value, double from, double width, size_t n) {
    double bin = floor(((double)value - from) / width);
    return bin < 0 ? 0 : bin >= (double)n ? n - 1 : (size_t)bin;
}

static enum status calibration_json(json_t *of_model, const struct evaluation *e, size_t model,
                                    struct error *err) {
    double predicted[BINS] = {0}, actual[BINS] = {0};
    uint64_t count[BINS] = {0}, errors[ERROR_BINS] = {0};
    for (size_t i = 0; i < e->n_tests; i++) {
        if (isnan(e->actual[i])) continue;
        float p = e->predicted[model][i];
        size_t bin = bin_of(p, 0.5, 0.25, BINS);
        predicted[bin] += (double)p;
        actual[bin] += (double)e->actual[i];
        count[bin]++;
        /* Exact predictions, of error 0, lie in the middle of a bin. */
        errors[bin_of(p - e->actual[i], -4.625, 0.25, ERROR_BINS)]++;
    }
    json_t *bins = json_array(), *error_bins = json_array();
    TRY(put_value(of_model, "bins", bins, err));
    TRY(put_value(of_model, "errors", error_bins, err));
    for (size_t b = 0; b < BINS; b++) {
        double n = count[b] > 0 ? (double)count[b] : 1;
        TRY(append_value(bins,
                         json_pack("{s:f,s:f,s:I,s:f,s:f}", "from", 0.5 + 0.25 * (double)b, "to",
                                   0.75 + 0.25 * (double)b, "count", (json_int_t)count[b],
                                   "predicted", predicted[b] / n, "actual", actual[b] / n),
                         err));
    }
    for (size_t b = 0; b < ERROR_BINS; b++) {
        double from = -4.625 + 0.25 * (double)b;
        TRY(append_value(error_bins,
                         json_pack("{s:f,s:f,s:I}", "from", from, "to", from + 0.25, "count",
                                   (json_int_t)errors[b]),
                         err));
    }
    return STATUS_OK;
}

static enum status calibrations_json(json_t *root, const struct evaluation *e, struct error *err) {
    json_t *calibration = json_object();
    TRY(put_value(root, "calibration", calibration, err));
    bool any = false;
    for (size_t i = 0; i < e->n_tests; i++) {
        any |= !isnan(e->actual[i]);
    }
    for (size_t r = 0; r < e->components->n_ratings && any; r++) {
        if (!e->components->rating[r].present) continue;
        json_t *of_model = json_object();
        TRY(put_value(calibration, e->components->rating[r].name, of_model, err));
        TRY(calibration_json(of_model, e, r, err));
    }
    return STATUS_OK;
}

/* ---- importance of groups ---- */

static double sum(const float *x, size_t n) {
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        total += (double)x[i];
    }
    return total;
}

/* Rise of the RMSE when the mean squared error rises from `mean` by `by`. */
static double rise(double mean, double by) {
    return sqrt(fmax(mean + by, 0)) - sqrt(mean);
}

static enum status rating_importance(json_t *group, const struct importance *im, size_t g,
                                     const struct bootstrap_options *options, struct error *err) {
    MEM_AUTO float *squared = NULL;
    struct estimate more;
    double count = sum(im->count, im->n_users);
    if (count == 0) return STATUS_OK;
    TRY(MEM_NEW(&squared, im->n_users, err));
    for (size_t i = 0; i < im->n_users; i++) {
        squared[i] = im->squared[i * im->n_groups + g];
    }
    TRY(bootstrap_ratio(&more, squared, im->count, NULL, im->n_users, false, options, err));
    double mean = sum(im->base, im->n_users) / count;
    struct estimate rmse = {rise(mean, more.value), rise(mean, more.low), rise(mean, more.high)};
    return put_value(group, "rmse", estimate_json(&rmse), err);
}

static enum status importance_json(json_t *root, const struct importance *im,
                                   const struct bootstrap_options *options, struct error *err) {
    MEM_AUTO struct estimate *loss = NULL;
    if (im->n_users == 0) return STATUS_OK;
    json_t *groups = json_object();
    TRY(put_value(root, "importance",
                  json_pack("{s:I,s:s,s:o}", "users", (json_int_t)im->n_users, "list",
                            im->given ? "candidates" : "drawn", "groups", groups),
                  err));
    TRY(MEM_NEW(&loss, im->n_groups, err));
    if (im->ndcg != NULL) {
        TRY(bootstrap_means(loss, im->ndcg, NULL, im->n_users, im->n_groups, options, err));
    }
    for (size_t g = 0; g < im->n_groups; g++) {
        json_t *group = json_object();
        TRY(put_value(groups, im->group[g], group, err));
        if (im->ndcg != NULL) TRY(put_value(group, "ndcg@10", estimate_json(&loss[g]), err));
        if (im->squared != NULL) TRY(rating_importance(group, im, g, options, err));
    }
    return STATUS_OK;
}

enum status slices_json(json_t *root, const struct evaluation *e,
                        const struct bootstrap_options *options, struct error *err) {
    json_t *by = json_object();
    TRY(put_value(root, "by", by, err));
    TRY(slices_by(by, "history", e, e->history_length, history_from,
                  sizeof(history_from) / sizeof(history_from[0]), options, err));
    TRY(slices_by(by, "popularity", e, e->popularity, popularity_from,
                  sizeof(popularity_from) / sizeof(popularity_from[0]), options, err));
    TRY(calibrations_json(root, e, err));
    return importance_json(root, &e->importance, options, err);
}
