/* What metrics.json says: results, and how they depend on history, popularity and features. */
#include "stages/report/plots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The most models of one run that get a curve: more could not be told apart. */
enum { MAX_MODELS = 5, LABEL_COLUMNS = 28 };

static void print_interval(const struct interval *i, struct text *out) {
    double low = isnan(i->low) ? i->value : i->low, high = isnan(i->high) ? i->value : i->high;
    text_printf(out, "\t%.6g\t%.6g\t%.6g", i->value, low, high);
}

static void print_row(const char *label, const json_t *estimate, struct text *out) {
    struct interval interval;
    if (!interval_read(&interval, estimate)) return;
    text_cell(out, label, LABEL_COLUMNS);
    print_interval(&interval, out);
    text_printf(out, "\n");
}

/* ---- one dot per model, or per run ---- */

enum status data_results(const struct reported_run *run, size_t n_runs, struct text *out,
                         struct error *err) {
    (void)err;
    if (n_runs > 1) {
        for (size_t i = 0; i < n_runs; i++) {
            print_row(run[i].folder.name,
                      json_find(run[i].metrics, "models", "ranker", "full", "ndcg@10", NULL), out);
        }
        return STATUS_OK;
    }
    const char *name;
    json_t *model;
    json_object_foreach(json_object_get(run->metrics, "models"), name, model) {
        print_row(name, json_find(model, "full", "ndcg@10", NULL), out);
    }
    return STATUS_OK;
}

enum status data_rating_results(const struct reported_run *run, size_t n_runs, struct text *out,
                                struct error *err) {
    (void)err;
    if (n_runs > 1) {
        for (size_t i = 0; i < n_runs; i++) {
            print_row(run[i].folder.name,
                      json_find(run[i].metrics, "rating", "ranker", "rmse", NULL), out);
        }
        return STATUS_OK;
    }
    const char *name;
    json_t *model;
    json_object_foreach(json_object_get(run->metrics, "rating"), name, model) {
        print_row(strcmp(name, "movie_mean") == 0 ? "movie mean" : name,
                  json_object_get(model, "rmse"), out);
    }
    return STATUS_OK;
}

/* ---- curves over groups of users ---- */

static double overall(const struct reported_run *r, const char *model) {
    struct interval i;
    return interval_read(&i, json_find(r->metrics, "models", model, "full", "ndcg@10", NULL))
               ? i.value
               : -1;
}

/* The ranker, then the best of the others; returns how many. */
static size_t choose_models(const struct reported_run *r, const char *chosen[MAX_MODELS]) {
    size_t n = 0;
    const char *name;
    json_t *model;
    json_object_foreach(json_object_get(r->metrics, "models"), name, model) {
        bool first = strcmp(name, "ranker") == 0;
        size_t at = n;
        while (at > 0 && strcmp(chosen[at - 1], "ranker") != 0 &&
               (first || overall(r, name) > overall(r, chosen[at - 1]))) {
            at--;
        }
        if (at >= MAX_MODELS) continue;
        size_t last = n < MAX_MODELS ? n : MAX_MODELS - 1;
        memmove(chosen + at + 1, chosen + at, (last - at) * sizeof(*chosen));
        chosen[at] = name;
        n = last + 1;
    }
    return n;
}

/* "30–99", "1k–3k": short, for there are many beside each other. */
static void print_range(const json_t *bucket, struct text *out) {
    long long from = (long long)json_integer_value(json_object_get(bucket, "from"));
    long long to = (long long)json_integer_value(json_object_get(bucket, "to"));
    bool thousands = from >= 1000;
    const char *unit = thousands ? "k" : "";
    if (thousands) from /= 1000;
    if (!json_is_integer(json_object_get(bucket, "to"))) {
        text_printf(out, "%lld%s+", from, unit);
    } else if (from == to) {
        text_printf(out, "%lld", from);
    } else {
        text_printf(out, "%lld%s–%lld%s", from, unit, thousands ? (to + 1) / 1000 : to, unit);
    }
}

static bool is_empty(const json_t *const *of_series, const char *const *model, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (json_find(of_series[i], "models", model[i], "ndcg@10", NULL) != NULL) return false;
    }
    return true;
}

static void print_bucket(const json_t *bucket, const json_t *const *of_series,
                         const char *const *model, size_t n, struct text *out) {
    if (is_empty(of_series, model, n)) return;
    print_range(bucket, out);
    for (size_t i = 0; i < n; i++) {
        struct interval interval;
        if (!interval_read(&interval,
                           json_find(of_series[i], "models", model[i], "ndcg@10", NULL))) {
            interval = (struct interval){NAN, NAN, NAN};
        }
        text_printf(out, "\t%.6g\t%.6g\t%.6g", interval.value, interval.low, interval.high);
    }
    text_printf(out, "\n");
}

/* The bucket of each series, by its number. */
static void find_buckets(const struct reported_run *run, size_t n_runs, const char *axis, size_t b,
                         const json_t **of_series, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct reported_run *r = n_runs == 1 ? run : &run[i];
        of_series[i] = json_array_get(json_find(r->metrics, "by", axis, NULL), b);
    }
}

/* Label, then value, low and high of each series; nothing if no bucket has a value. The first
 * line has its name over all three. */
static void print_by(const struct reported_run *run, size_t n_runs, const char *axis,
                     struct text *out) {
    enum { MAX_SERIES = 8 };
    const char *model[MAX_SERIES] = {NULL}, *title[MAX_SERIES] = {NULL};
    size_t n = n_runs < MAX_SERIES ? n_runs : MAX_SERIES;
    if (n_runs == 1) n = choose_models(run, model);
    for (size_t i = 0; i < n; i++) {
        title[i] = n_runs == 1 ? model[i] : run[i].folder.name;
        if (n_runs > 1) model[i] = "ranker";
    }
    const json_t *buckets = json_find(run->metrics, "by", axis, NULL);
    const json_t *of_series[MAX_SERIES];
    bool empty = true;
    for (size_t b = 0; b < json_array_size(buckets); b++) {
        find_buckets(run, n_runs, axis, b, of_series, n);
        empty &= is_empty(of_series, model, n);
    }
    if (empty) return;
    text_printf(out, "range");
    for (size_t i = 0; i < 3 * n; i++) {
        text_printf(out, "\t");
        text_cell(out, title[i / 3], LABEL_COLUMNS);
    }
    text_printf(out, "\n");
    for (size_t b = 0; b < json_array_size(buckets); b++) {
        find_buckets(run, n_runs, axis, b, of_series, n);
        print_bucket(json_array_get(buckets, b), of_series, model, n, out);
    }
}

enum status data_by_history(const struct reported_run *run, size_t n_runs, struct text *out,
                            struct error *err) {
    (void)err;
    print_by(run, n_runs, "history", out);
    return STATUS_OK;
}

enum status data_by_popularity(const struct reported_run *run, size_t n_runs, struct text *out,
                               struct error *err) {
    (void)err;
    print_by(run, n_runs, "popularity", out);
    return STATUS_OK;
}

/* ---- feature groups ---- */

static int by_value(const void *a, const void *b) {
    struct interval x, y;
    const json_t *of_a = *(json_t *const *)a, *of_b = *(json_t *const *)b;
    (void)interval_read(&x, of_a);
    (void)interval_read(&y, of_b);
    return (x.value < y.value) - (x.value > y.value);
}

/* What is lost without it, greatest first. */
static void print_groups(const struct reported_run *run, const char *metric, struct text *out) {
    enum { MAX_GROUPS = 32 };
    const char *name;
    json_t *group, *sorted[MAX_GROUPS];
    json_t *groups = json_find(run->metrics, "importance", "groups", NULL);
    struct interval interval;
    size_t n = 0;
    json_object_foreach(groups, name, group) {
        json_t *estimate = json_object_get(group, metric);
        if (!interval_read(&interval, estimate) || n == MAX_GROUPS) continue;
        /* What is the same for all movies of a user changes nothing when it is shuffled. */
        if (interval.low != 0 || interval.high != 0) sorted[n++] = estimate;
    }
    qsort(sorted, n, sizeof(sorted[0]), by_value);
    for (size_t i = 0; i < n; i++) {
        json_object_foreach(groups, name, group) {
            if (json_object_get(group, metric) == sorted[i]) print_row(name, sorted[i], out);
        }
    }
}

enum status data_groups(const struct reported_run *run, size_t n_runs, struct text *out,
                        struct error *err) {
    (void)n_runs;
    (void)err;
    print_groups(run, "ndcg@10", out);
    return STATUS_OK;
}

enum status data_rating_groups(const struct reported_run *run, size_t n_runs, struct text *out,
                               struct error *err) {
    (void)n_runs;
    (void)err;
    print_groups(run, "rmse", out);
    return STATUS_OK;
}

/* ---- rating calibration and errors: a block per series, its name in the first line ---- */

static double number(const json_t *object, const char *key) {
    return json_number_value(json_object_get(object, key));
}

static void begin_block(const char *title, struct text *out) {
    if (out->buf.size > 0) text_printf(out, "\n\n");
    text_cell(out, title, LABEL_COLUMNS);
}

static void print_calibration(const json_t *of_model, const char *title, struct text *out) {
    const json_t *bins = json_object_get(of_model, "bins");
    if (json_array_size(bins) == 0) return;
    begin_block(title, out);
    text_printf(out, "\tactual\tcount\n");
    for (size_t i = 0; i < json_array_size(bins); i++) {
        const json_t *bin = json_array_get(bins, i);
        if (number(bin, "count") == 0) continue;
        text_printf(out, "%.4f\t%.4f\t%.0f\n", number(bin, "predicted"), number(bin, "actual"),
                    number(bin, "count"));
    }
}

static void print_errors(const json_t *of_model, const char *title, struct text *out) {
    const json_t *bins = json_object_get(of_model, "errors");
    double total = 0;
    for (size_t i = 0; i < json_array_size(bins); i++) {
        total += number(json_array_get(bins, i), "count");
    }
    if (total == 0) return;
    begin_block(title, out);
    text_printf(out, "\tshare\n");
    for (size_t i = 0; i < json_array_size(bins); i++) {
        const json_t *bin = json_array_get(bins, i);
        text_printf(out, "%.4f\t%.6f\n", (number(bin, "from") + number(bin, "to")) / 2,
                    number(bin, "count") / total);
    }
}

typedef void print_block(const json_t *of_model, const char *title, struct text *out);

static void print_blocks(const struct reported_run *run, size_t n_runs, print_block *print,
                         struct text *out) {
    static const char *const models[] = {"ranker", "movie_mean"};
    for (size_t i = 0; i < (n_runs == 1 ? 2 : n_runs); i++) {
        const struct reported_run *r = n_runs == 1 ? run : &run[i];
        const char *model = n_runs == 1 ? models[i] : "ranker";
        print(json_find(r->metrics, "calibration", model, NULL),
              n_runs > 1 ? r->folder.name
              : i == 0   ? "ranker"
                         : "movie mean",
              out);
    }
}

enum status data_calibration(const struct reported_run *run, size_t n_runs, struct text *out,
                             struct error *err) {
    (void)err;
    print_blocks(run, n_runs, print_calibration, out);
    return STATUS_OK;
}

enum status data_errors(const struct reported_run *run, size_t n_runs, struct text *out,
                        struct error *err) {
    (void)err;
    print_blocks(run, n_runs, print_errors, out);
    return STATUS_OK;
}
