#include "common/base/mem.h"
#include "stages/evaluate/evaluate.h"
#include "stages/evaluate/json_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The mean of a column of x[n, n_values] over the rows that have it, where some have not (NaN);
 * false if none has. */
static enum status partial_mean(bool *any, struct estimate *out, const float *x,
                                const uint32_t *user, size_t n, size_t n_values,
                                const struct bootstrap_options *options, struct error *err) {
    MEM_AUTO float *value = NULL;
    MEM_AUTO float *count = NULL;
    TRY(MEM_NEW(&value, n, err));
    TRY(MEM_NEW(&count, n, err));
    *any = false;
    for (size_t i = 0; i < n; i++) {
        bool known = !isnan(x[i * n_values]);
        value[i] = known ? x[i * n_values] : 0;
        count[i] = known;
        *any |= known;
    }
    return *any ? bootstrap_ratio(out, value, count, user, n, false, options, err) : STATUS_OK;
}

static bool has_unknown(const float *x, size_t n, size_t n_values) {
    bool unknown = false;
    for (size_t i = 0; i < n; i++) {
        unknown |= isnan(x[i * n_values]);
    }
    return unknown;
}

/* Some of the users: those whose mark is as wanted. */
struct part {
    const char *name;
    const bool *mark; /* [n_users] */
    bool wanted;
};

/* One object of estimates for the users of the list that are in the part (NULL: all), first
 * `n_values` values. */
static enum status values_json(json_t **out, const struct evaluation *e, enum mode mode,
                               const float *value, size_t n_values, const struct part *part,
                               const struct bootstrap_options *options, struct error *err) {
    MEM_AUTO float *x = NULL;
    MEM_AUTO uint32_t *user = NULL;
    MEM_AUTO struct estimate *estimate = NULL;
    TRY(MEM_NEW(&x, e->n_lists * n_values, err));
    TRY(MEM_NEW(&user, e->n_lists, err));
    TRY(MEM_NEW(&estimate, n_values, err));
    size_t n = 0;
    for (size_t row = 0; row < e->n_lists; row++) {
        if (e->relevant[mode][row] == 0 || (part != NULL && part->mark[row] != part->wanted))
            continue;
        user[n] = e->user[row];
        memcpy(x + n++ * n_values, value + row * metric_count(), n_values * sizeof(*x));
    }
    *out = json_pack("{s:I}", "users", (json_int_t)n);
    if (*out == NULL) return no_memory(err);
    if (n == 0) return STATUS_OK;
    TRY(bootstrap_means(estimate, x, user, n, n_values, options, err));
    for (size_t i = 0; i < n_values; i++) {
        bool any = true;
        if (has_unknown(x + i, n, n_values)) {
            TRY(partial_mean(&any, &estimate[i], x + i, user, n, n_values, options, err));
        }
        if (!any) continue;
        json_t *figure =
            e->trivial[mode][i] ? json_pack("{s:b}", "trivial", 1) : estimate_json(&estimate[i]);
        TRY(put_value(*out, metric_at(i)->name, figure, err));
    }
    return STATUS_OK;
}

static enum status breakdown_json(json_t **out, const struct evaluation *e, enum mode mode,
                                  const float *value, const struct bootstrap_options *options,
                                  struct error *err) {
    const struct part parts[] = {{"head", e->tail, false},
                                 {"tail", e->tail, true},
                                 {"short_history", e->long_history, false},
                                 {"long_history", e->long_history, true}};
    *out = json_object();
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        json_t *figures = NULL;
        enum status status =
            values_json(&figures, e, mode, value, metric_count_placed(), &parts[i], options, err);
        if (status != STATUS_OK) {
            json_decref(figures);
            return status;
        }
        TRY(put_value(*out, parts[i].name, figures, err));
    }
    return STATUS_OK;
}

static bool has_rows(const struct evaluation *e, enum mode mode) {
    size_t n = 0;
    for (size_t row = 0; row < e->n_lists && e->relevant[mode] != NULL; row++) {
        n += e->relevant[mode][row] > 0;
    }
    return n > 0;
}

static enum status model_json(json_t *model, const struct evaluation *e, size_t component,
                              const struct bootstrap_options *options, struct error *err) {
    enum information told = e->components->component[component].information;
    TRY(put_value(model, "information", json_string(information_name(told)), err));
    for (int m = 0; m < MODES; m++) {
        const float *value = e->value[m][component];
        if (value == NULL || !has_rows(e, (enum mode)m)) continue;
        json_t *metrics = NULL, *breakdown = NULL;
        enum status status =
            values_json(&metrics, e, (enum mode)m, value,
                        m == FULL ? metric_count() : metric_count_placed(), NULL, options, err);
        if (status == STATUS_OK && m != LIKED) {
            status = breakdown_json(&breakdown, e, (enum mode)m, value, options, err);
        }
        if (status == STATUS_OK && m == FULL) {
            double coverage = (double)e->covered[component] / (double)e->n_movies;
            status = put_value(metrics, "coverage@10", json_pack("{s:f}", "value", coverage), err);
        }
        if (status != STATUS_OK) {
            json_decref(metrics);
            json_decref(breakdown);
            return status;
        }
        if (breakdown != NULL) TRY(put_value(metrics, "breakdown", breakdown, err));
        TRY(put_value(model, mode_name((enum mode)m), metrics, err));
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
    const struct contender *contender = &e->components->rating[model];
    struct estimate rmse, mae;
    TRY(bootstrap_ratio(&rmse, squared, count, e->user, e->n_lists, true, options, err));
    TRY(bootstrap_ratio(&mae, absolute, count, e->user, e->n_lists, false, options, err));
    json_t *of_model =
        json_pack("{s:s,s:o,s:o}", "information", information_name(contender->information), "rmse",
                  estimate_json(&rmse), "mae", estimate_json(&mae));
    return put_value(rating, contender->name, of_model, err);
}

/* What the ranker's heads were told: the label of the run. */
static enum status information_json(json_t *root, const struct components *c, struct error *err) {
    json_t *of_run = json_object();
    TRY(put_value(root, "information", of_run, err));
    const struct contender *ranks = &c->component[RANKER], *stars = &c->rating[RATING_RANKER];
    if (ranks->present) {
        const char *name = information_name(ranks->information);
        TRY(put_value(of_run, "ranking", json_string(name), err));
    }
    if (c->n_ratings == 0 || !stars->present) return STATUS_OK;
    return put_value(of_run, "ratings", json_string(information_name(stars->information)), err);
}

static enum status fill_json(json_t *root, const struct evaluation *e,
                             const struct bootstrap_options *options, struct error *err) {
    json_t *models = json_object(), *paired = json_object(), *rating = json_object(),
           *warnings = json_array();
    TRY(information_json(root, e->components, err));
    TRY(put_value(root, "models", models, err));
    TRY(put_value(root, "paired", paired, err));
    TRY(put_value(root, "rating", rating, err));
    TRY(put_value(root, "warnings", warnings, err));
    for (size_t c = 0; c < e->components->n_components; c++) {
        if (e->value[FULL][c] == NULL) continue;
        json_t *model = json_object();
        TRY(put_value(models, e->components->component[c].name, model, err));
        TRY(model_json(model, e, c, options, err));
    }
    for (int m = 0; m < MODES; m++) {
        if (e->value[m][RANKER] == NULL) continue;
        TRY(comparisons_json(paired, warnings, e, (enum mode)m, options, err));
    }
    uint64_t n_ratings = 0;
    for (size_t row = 0; row < e->n_lists; row++) {
        n_ratings += e->rating[row].count;
    }
    for (size_t r = 0; r < e->components->n_ratings && n_ratings > 0; r++) {
        if (e->components->rating[r].present) TRY(rating_json(rating, e, r, options, err));
    }
    TRY(slices_json(root, e, options, err));
    return put_value(root, "counts",
                     json_pack("{s:I,s:I,s:I,s:I}", "test_users", (json_int_t)e->n_users, "lists",
                               (json_int_t)e->n_lists, "test_ratings", (json_int_t)n_ratings,
                               "movies", (json_int_t)e->n_movies),
                     err);
}

enum status metrics_json(json_t **out, const struct evaluation *e,
                         const struct bootstrap_options *options, struct error *err) {
    *out = json_object();
    if (*out == NULL) return no_memory(err);
    enum status status = fill_json(*out, e, options, err);
    if (status != STATUS_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return status;
}
