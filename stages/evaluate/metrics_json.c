#include "common/base/mem.h"
#include "stages/evaluate/evaluate.h"

#include <stdlib.h>
#include <string.h>

static enum status out_of_memory(struct error *err) {
    return error_set(err, STATUS_FAILED, "building metrics.json: out of memory");
}

/* Puts `value` (a reference that it takes over) under `key`. */
static enum status put(json_t *object, const char *key, json_t *value, struct error *err) {
    return json_object_set_new(object, key, value) == 0 ? STATUS_OK : out_of_memory(err);
}

static json_t *estimate_json(const struct estimate *e) {
    return json_pack("{s:f,s:f,s:f}", "value", e->value, "low", e->low, "high", e->high);
}

/* One object of estimates for the users that `keep` selects (NULL: all), first `n_values` values.
 */
static enum status values_json(json_t **out, const struct evaluation *e, const float *value,
                               size_t n_values, const bool *keep, bool wanted,
                               const struct bootstrap_options *options, struct error *err) {
    MEM_AUTO float *x = NULL;
    MEM_AUTO uint32_t *user = NULL;
    MEM_AUTO struct estimate *estimate = NULL;
    TRY(MEM_NEW(&x, e->n_lists * n_values, err));
    TRY(MEM_NEW(&user, e->n_lists, err));
    TRY(MEM_NEW(&estimate, n_values, err));
    size_t n = 0;
    for (size_t row = 0; row < e->n_lists; row++) {
        if (keep != NULL && keep[row] != wanted) continue;
        user[n] = e->user[row];
        memcpy(x + n++ * n_values, value + row * metric_count(), n_values * sizeof(*x));
    }
    *out = json_pack("{s:I}", "users", (json_int_t)n);
    if (*out == NULL) return out_of_memory(err);
    if (n == 0) return STATUS_OK;
    TRY(bootstrap_means(estimate, x, user, n, n_values, options, err));
    for (size_t i = 0; i < n_values; i++) {
        TRY(put(*out, metric_at(i)->name, estimate_json(&estimate[i]), err));
    }
    return STATUS_OK;
}

static enum status breakdown_json(json_t **out, const struct evaluation *e, const float *value,
                                  const struct bootstrap_options *options, struct error *err) {
    const struct {
        const char *name;
        const bool *keep;
        bool wanted;
    } parts[] = {{"head", e->tail, false},
                 {"tail", e->tail, true},
                 {"short_history", e->long_history, false},
                 {"long_history", e->long_history, true}};
    *out = json_object();
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        json_t *part = NULL;
        enum status status = values_json(&part, e, value, metric_count_placed(), parts[i].keep,
                                         parts[i].wanted, options, err);
        if (status != STATUS_OK) {
            json_decref(part);
            return status;
        }
        TRY(put(*out, parts[i].name, part, err));
    }
    return STATUS_OK;
}

static enum status model_json(json_t *model, const struct evaluation *e, size_t component,
                              const struct bootstrap_options *options, struct error *err) {
    for (int m = 0; m < MODES; m++) {
        const float *value = e->value[m][component];
        if (value == NULL) continue;
        json_t *metrics = NULL, *breakdown = NULL;
        enum status status =
            values_json(&metrics, e, value, m == FULL ? metric_count() : metric_count_placed(),
                        NULL, true, options, err);
        if (status == STATUS_OK) status = breakdown_json(&breakdown, e, value, options, err);
        if (status == STATUS_OK && m == FULL) {
            double coverage = (double)e->covered[component] / (double)e->n_movies;
            status = put(metrics, "coverage@10", json_pack("{s:f}", "value", coverage), err);
        }
        if (status != STATUS_OK) {
            json_decref(metrics);
            json_decref(breakdown);
            return status;
        }
        TRY(put(metrics, "breakdown", breakdown, err));
        TRY(put(model, mode_name((enum mode)m), metrics, err));
    }
    return STATUS_OK;
}

/* The ranker is compared with every component on these metrics; on all of them only where users
 * have several held-out movies, because for a single one deep lists say little. */
static const char *const compared[] = {"hr@10", "ndcg@10", "recall@20", "recall@50", "ndcg@100"};
enum { COMPARED = sizeof(compared) / sizeof(compared[0]), COMPARED_SINGLE = 2 };

static size_t n_compared(const struct evaluation *e) {
    return e->several ? COMPARED : COMPARED_SINGLE;
}

static bool is_compared(const struct evaluation *e, int mode, size_t component) {
    return component != RANKER && e->value[mode][component] != NULL;
}

/* The component with the highest mean; RANKER if there is none. */
static size_t best_component(const struct evaluation *e, int mode, size_t metric) {
    size_t best = RANKER;
    double best_sum = 0;
    for (size_t c = 0; c < e->components->n_components; c++) {
        if (!is_compared(e, mode, c)) continue;
        double sum = 0;
        for (size_t row = 0; row < e->n_lists; row++) {
            sum += (double)e->value[mode][c][row * metric_count() + metric];
        }
        if (best == RANKER || sum > best_sum) {
            best = c;
            best_sum = sum;
        }
    }
    return best;
}

/* difference[n_users, n_compared * n_components]: ranker less component; 0 for what is not
 * compared.
 */
static void fill_differences(const struct evaluation *e, int mode, float *difference) {
    for (size_t row = 0; row < e->n_lists; row++) {
        for (size_t i = 0; i < n_compared(e); i++) {
            size_t at = row * metric_count() + metric_find(compared[i]);
            for (size_t c = 0; c < e->components->n_components; c++) {
                *difference++ = is_compared(e, mode, c)
                                    ? e->value[mode][RANKER][at] - e->value[mode][c][at]
                                    : 0;
            }
        }
    }
}

/* metric -> {component: {difference, low, high, p}, ..., "best_component": name} */
static enum status comparisons_json(json_t *comparisons, const struct evaluation *e, int mode,
                                    const struct bootstrap_options *options, struct error *err) {
    size_t n_metrics = n_compared(e), n_components = e->components->n_components,
           n_columns = n_metrics * n_components;
    struct estimate mean[COMPARED * MAX_COMPONENTS];
    double p[COMPARED * MAX_COMPONENTS];
    MEM_AUTO float *difference = NULL;
    TRY(MEM_NEW(&difference, e->n_lists * n_columns, err));
    fill_differences(e, mode, difference);
    TRY(bootstrap_means(mean, difference, e->user, e->n_lists, n_columns, options, err));
    TRY(sign_flip_tests(p, difference, e->user, e->n_lists, n_columns, options, err));
    for (size_t i = 0; i < n_metrics; i++) {
        json_t *of_metric = json_object();
        TRY(put(comparisons, compared[i], of_metric, err));
        for (size_t c = 0; c < e->components->n_components; c++) {
            if (!is_compared(e, mode, c)) continue;
            size_t at = i * n_components + c;
            TRY(put(of_metric, e->components->component[c].name,
                    json_pack("{s:f,s:f,s:f,s:f}", "difference", mean[at].value, "low",
                              mean[at].low, "high", mean[at].high, "p", p[at]),
                    err));
        }
        size_t best = best_component(e, mode, metric_find(compared[i]));
        if (best == RANKER) continue;
        const char *name = e->components->component[best].name;
        TRY(put(of_metric, "best_component", json_string(name), err));
    }
    return STATUS_OK;
}

static enum status rating_json(json_t *rating, const struct evaluation *e, size_t model,
                               const struct bootstrap_options *options, struct error *err) {
    MEM_AUTO float *squared = NULL;
    MEM_AUTO float *absolute = NULL;
    MEM_AUTO float *count = NULL;
    TRY(MEM_NEW(&squared, e->n_lists, err));
    TRY(MEM_NEW(&absolute, e->n_lists, err));
    TRY(MEM_NEW(&count, e->n_lists, err));
    for (size_t row = 0; row < e->n_lists; row++) {
        squared[row] = e->rating[row].squared[model];
        absolute[row] = e->rating[row].absolute[model];
        count[row] = (float)e->rating[row].count;
    }
    struct estimate rmse, mae;
    TRY(bootstrap_ratio(&rmse, squared, count, e->user, e->n_lists, true, options, err));
    TRY(bootstrap_ratio(&mae, absolute, count, e->user, e->n_lists, false, options, err));
    json_t *of_model =
        json_pack("{s:o,s:o}", "rmse", estimate_json(&rmse), "mae", estimate_json(&mae));
    return put(rating, e->components->rating[model].name, of_model, err);
}

static enum status fill_json(json_t *root, const struct evaluation *e,
                             const struct bootstrap_options *options, struct error *err) {
    json_t *models = json_object(), *paired = json_object(), *rating = json_object();
    TRY(put(root, "models", models, err));
    TRY(put(root, "paired", paired, err));
    TRY(put(root, "rating", rating, err));
    for (size_t c = 0; c < e->components->n_components; c++) {
        if (e->value[FULL][c] == NULL) continue;
        json_t *model = json_object();
        TRY(put(models, e->components->component[c].name, model, err));
        TRY(model_json(model, e, c, options, err));
    }
    for (int m = 0; m < MODES; m++) {
        if (e->value[m][RANKER] == NULL) continue;
        json_t *comparisons = json_object();
        TRY(put(paired, mode_name((enum mode)m), comparisons, err));
        TRY(comparisons_json(comparisons, e, m, options, err));
    }
    uint64_t n_ratings = 0;
    for (size_t row = 0; row < e->n_lists; row++) {
        n_ratings += e->rating[row].count;
    }
    for (size_t r = 0; r < e->components->n_ratings && n_ratings > 0; r++) {
        if (e->components->rating[r].present) TRY(rating_json(rating, e, r, options, err));
    }
    TRY(slices_json(root, e, options, err));
    return put(root, "counts",
               json_pack("{s:I,s:I,s:I}", "test_users", (json_int_t)e->n_lists, "test_ratings",
                         (json_int_t)n_ratings, "movies", (json_int_t)e->n_movies),
               err);
}

enum status metrics_json(json_t **out, const struct evaluation *e,
                         const struct bootstrap_options *options, struct error *err) {
    *out = json_object();
    if (*out == NULL) return out_of_memory(err);
    enum status status = fill_json(*out, e, options, err);
    if (status != STATUS_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return status;
}
