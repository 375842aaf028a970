/* The ranker beside every component on the same rows: differences, intervals, tests. */
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "stages/evaluate/evaluate.h"
#include "stages/evaluate/json_parts.h"

/* The ranker is compared with every component on these metrics; on all of them only where users
 * have several held-out movies, because for a single one deep lists say little. */
static const char *const compared[] = {"hr@10", "ndcg@10", "recall@20", "recall@50", "ndcg@100"};
enum { COMPARED = sizeof(compared) / sizeof(compared[0]), COMPARED_SINGLE = 2 };

static size_t n_compared(const struct evaluation *e) {
    return e->several ? COMPARED : COMPARED_SINGLE;
}

static bool is_compared(const struct evaluation *e, enum mode mode, size_t component) {
    return component != RANKER && e->value[mode][component] != NULL;
}

/* The ranker less each component on one metric, with the intervals and p-values of all of them;
 * what is not compared is 0. */
struct differences {
    struct estimate mean[COMPARED * MAX_COMPONENTS];
    double p[COMPARED * MAX_COMPONENTS];
};

/* difference[rows, n_compared * n_components] and user[rows] of the rows that the mode has; returns
 * how many. */
static size_t fill_differences(const struct evaluation *e, enum mode mode, float *difference,
                               uint32_t *user) {
    size_t n = 0;
    for (size_t row = 0; row < e->n_lists; row++) {
        if (e->relevant[mode][row] == 0) continue;
        user[n++] = e->user[row];
        for (size_t i = 0; i < n_compared(e); i++) {
            size_t at = row * metric_count() + metric_find(compared[i]);
            for (size_t c = 0; c < e->components->n_components; c++) {
                *difference++ = is_compared(e, mode, c)
                                    ? e->value[mode][RANKER][at] - e->value[mode][c][at]
                                    : 0;
            }
        }
    }
    return n;
}

static enum status measure(struct differences *out, const struct evaluation *e, enum mode mode,
                           const struct bootstrap_options *options, size_t *n, struct error *err) {
    size_t n_columns = n_compared(e) * e->components->n_components;
    MEM_AUTO float *difference = NULL;
    MEM_AUTO uint32_t *user = NULL;
    TRY(MEM_NEW(&user, e->n_lists, err));
    TRY(MEM_NEW(&difference, e->n_lists * n_columns, err));
    *n = fill_differences(e, mode, difference, user);
    if (*n == 0) return STATUS_OK;
    TRY(bootstrap_means(out->mean, difference, user, *n, n_columns, options, err));
    return sign_flip_tests(out->p, difference, user, *n, n_columns, options, err);
}

static enum status warn(json_t *warnings, const char *list, const char *metric, const char *model,
                        const struct estimate *d, struct error *err) {
    AUTO(buf) struct buf text = {0};
    TRY(buf_printf(&text, err, "%s, %s: %s is better than the ranker by %.4f, 95 %% %.4f to %.4f",
                   list, metric, model, -d->value, -d->high, -d->low));
    return append_value(warnings, json_string(text.data), err);
}

static enum status pair_json(json_t *of_metric, const char *model, const struct estimate *d,
                             double p, double p_holm, struct error *err) {
    return put_value(of_metric, model,
                     json_pack("{s:f,s:f,s:f,s:f,s:f}", "difference", d->value, "low", d->low,
                               "high", d->high, "p", p, "p_holm", p_holm),
                     err);
}

/* {component: {...}, "best_component": name, "better": [names]} for one metric. */
static enum status metric_json(json_t *of_metric, json_t *warnings, const struct evaluation *e,
                               enum mode mode, const char *metric, const struct estimate *d,
                               const double *p, struct error *err) {
    double tested[MAX_COMPONENTS], holm[MAX_COMPONENTS];
    size_t component[MAX_COMPONENTS], n = 0, best = 0;
    for (size_t c = 0; c < e->components->n_components; c++) {
        if (!is_compared(e, mode, c)) continue;
        tested[n] = p[c];
        component[n++] = c;
    }
    holm_adjust(holm, tested, n);
    json_t *better = json_array();
    TRY(put_value(of_metric, "better", better, err));
    for (size_t i = 0; i < n; i++) {
        size_t c = component[i];
        const char *name = e->components->component[c].name;
        TRY(pair_json(of_metric, name, &d[c], p[c], holm[i], err));
        if (d[c].value < d[component[best]].value) best = i;
        if (d[c].high >= 0) continue;
        TRY(append_value(better, json_string(name), err));
        TRY(warn(warnings, mode_name(mode), metric, name, &d[c], err));
    }
    if (n == 0) return STATUS_OK;
    const char *name = e->components->component[component[best]].name;
    return put_value(of_metric, "best_component", json_string(name), err);
}

enum status comparisons_json(json_t *paired, json_t *warnings, const struct evaluation *e,
                             enum mode mode, const struct bootstrap_options *options,
                             struct error *err) {
    struct differences d;
    size_t n = 0, n_components = e->components->n_components;
    TRY(measure(&d, e, mode, options, &n, err));
    if (n == 0) return STATUS_OK;
    json_t *of_mode = json_object();
    TRY(put_value(paired, mode_name(mode), of_mode, err));
    for (size_t i = 0; i < n_compared(e); i++) {
        json_t *of_metric = json_object();
        TRY(put_value(of_mode, compared[i], of_metric, err));
        if (e->trivial[mode][metric_find(compared[i])]) {
            TRY(put_value(of_metric, "trivial", json_true(), err));
            continue;
        }
        TRY(metric_json(of_metric, warnings, e, mode, compared[i], d.mean + i * n_components,
                        d.p + i * n_components, err));
    }
    return STATUS_OK;
}
