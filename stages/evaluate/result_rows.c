/* Results as rows of CSV: benchmark files are kept and compared line by line. */
#include "stages/evaluate/evaluate.h"

#include <string.h>

/* What every row of one document begins with. */
struct origin {
    const char *dataset, *split;
    long long seed;
};

static const char *information_in(const json_t *of_model) {
    const char *text = json_string_value(json_object_get(of_model, "information"));
    return text != NULL ? text : "";
}

static void print_row(const struct origin *o, const char *model, const json_t *of_model,
                      const char *list, const char *metric, const json_t *estimate, FILE *out) {
    const json_t *value = json_object_get(estimate, "value"),
                 *low = json_object_get(estimate, "low"), *high = json_object_get(estimate, "high");
    if (value == NULL) return;
    fprintf(out, "%s,%s,%lld,%s,%s,%s,%.4f,", o->dataset, o->split, o->seed, model, list, metric,
            json_number_value(value));
    if (low != NULL) fprintf(out, "%.4f", json_number_value(low));
    fputc(',', out);
    if (high != NULL) fprintf(out, "%.4f", json_number_value(high));
    fprintf(out, ",%s\n", information_in(of_model));
}

/* The paired test against the ranker as a metric of the component. */
static void print_p(const struct origin *o, const json_t *paired, const char *model,
                    const json_t *of_model, const char *list, const char *metric, FILE *out) {
    const json_t *of_metric = json_object_get(json_object_get(paired, list), metric);
    const json_t *p = json_object_get(json_object_get(of_metric, model), "p");
    if (p == NULL) return;
    fprintf(out, "%s,%s,%lld,%s,%s,%s p,%.4f,,,%s\n", o->dataset, o->split, o->seed, model, list,
            metric, json_number_value(p), information_in(of_model));
}

static bool exists(const json_t *metrics, const char *metric) {
    const char *name;
    json_t *of_model;
    json_object_foreach(json_object_get(metrics, "rating"), name, of_model) {
        if (json_object_get(of_model, metric) != NULL) return true;
    }
    json_object_foreach(json_object_get(metrics, "models"), name, of_model) {
        for (int m = 0; m < MODES; m++) {
            const json_t *list = json_object_get(of_model, mode_name((enum mode)m));
            if (json_object_get(list, metric) != NULL) return true;
        }
    }
    return false;
}

static void print_metric(const struct origin *o, const json_t *metrics, const char *metric,
                         FILE *out) {
    const json_t *paired = json_object_get(metrics, "paired");
    const char *name;
    json_t *of_model;
    for (int m = 0; m < MODES; m++) {
        const char *list = mode_name((enum mode)m);
        json_object_foreach(json_object_get(metrics, "models"), name, of_model) {
            const json_t *values = json_object_get(of_model, list);
            print_row(o, name, of_model, list, metric, json_object_get(values, metric), out);
            print_p(o, paired, name, of_model, list, metric, out);
        }
    }
    json_object_foreach(json_object_get(metrics, "rating"), name, of_model) {
        print_row(o, name, of_model, "ratings", metric, json_object_get(of_model, metric), out);
    }
}

enum status metrics_rows(const json_t *metrics, const char *const *metric, size_t n_metrics,
                         FILE *out, struct error *err) {
    const struct origin origin = {
        json_string_value(json_object_get(metrics, "dataset")),
        json_string_value(json_object_get(json_object_get(metrics, "split"), "protocol")),
        (long long)json_integer_value(json_object_get(metrics, "seed"))};
    if (origin.dataset == NULL || origin.split == NULL ||
        strpbrk(origin.dataset, ",\"\n") != NULL) {
        return error_set(err, STATUS_FAILED, "no plain \"dataset\" and \"split\" in the metrics");
    }
    for (size_t i = 0; i < n_metrics; i++) {
        if (!exists(metrics, metric[i])) {
            return error_set(err, STATUS_USAGE, "metric \"%s\" is not in the metrics", metric[i]);
        }
        print_metric(&origin, metrics, metric[i], out);
    }
    if (ferror(out)) return error_errno(err, "printing the rows");
    return STATUS_OK;
}
