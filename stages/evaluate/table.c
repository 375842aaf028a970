/* The results table of a metrics.json. */
#include "stages/evaluate/evaluate.h"

#include <string.h>

static const char *const columns[] = {"hr@10", "ndcg@10", "mrr", "auc"};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const char *text_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "?";
}

static void print_number(const json_t *estimate, FILE *out) {
    const json_t *value = json_object_get(estimate, "value");
    if (value != NULL) {
        fprintf(out, "  %8.4f", json_number_value(value));
    } else {
        fprintf(out, "  %8s", "-");
    }
}

static void print_mode(const json_t *models, const char *mode, const char *title, FILE *out) {
    fprintf(out, "\n%-28s", title);
    for (size_t i = 0; i < N_COLUMNS; i++) {
        fprintf(out, "  %8s", columns[i]);
    }
    fputs("  95 % interval of ndcg@10\n", out);
    const char *name;
    json_t *model;
    json_object_foreach((json_t *)models, name, model) {
        const json_t *metrics = json_object_get(model, mode);
        if (metrics == NULL) continue;
        fprintf(out, "  %-26s", name);
        for (size_t i = 0; i < N_COLUMNS; i++) {
            print_number(json_object_get(metrics, columns[i]), out);
        }
        const json_t *ndcg = json_object_get(metrics, "ndcg@10");
        fprintf(out, "  %.4f to %.4f\n", json_number_value(json_object_get(ndcg, "low")),
                json_number_value(json_object_get(ndcg, "high")));
    }
}

static void print_comparison(const json_t *paired, const char *mode, FILE *out) {
    const json_t *of_metric = json_object_get(json_object_get(paired, mode), "ndcg@10");
    const char *best = json_string_value(json_object_get(of_metric, "best_component"));
    if (best == NULL) return;
    const json_t *c = json_object_get(of_metric, best);
    fprintf(out, "  ranker - %s (best component): ndcg@10 %+.4f, 95 %% %+.4f to %+.4f, p = %.4f\n",
            best, json_number_value(json_object_get(c, "difference")),
            json_number_value(json_object_get(c, "low")),
            json_number_value(json_object_get(c, "high")),
            json_number_value(json_object_get(c, "p")));
}

static void print_ratings(const json_t *rating, FILE *out) {
    if (json_object_size(rating) == 0) return;
    fprintf(out, "\n%-28s  %8s  %8s  95 %% interval of rmse\n", "rating prediction, stars", "rmse",
            "mae");
    const char *name;
    json_t *model;
    json_object_foreach((json_t *)rating, name, model) {
        const json_t *rmse = json_object_get(model, "rmse");
        fprintf(out, "  %-26s", name);
        print_number(rmse, out);
        print_number(json_object_get(model, "mae"), out);
        fprintf(out, "  %.4f to %.4f\n", json_number_value(json_object_get(rmse, "low")),
                json_number_value(json_object_get(rmse, "high")));
    }
}

enum status metrics_print(const json_t *metrics, FILE *out, struct error *err) {
    const json_t *models = json_object_get(metrics, "models");
    const json_t *paired = json_object_get(metrics, "paired");
    if (!json_is_object(models)) {
        return error_set(err, STATUS_FAILED, "no \"models\" in the metrics");
    }
    const json_t *counts = json_object_get(metrics, "counts");
    fprintf(out, "%s, split %s, seed %lld: %lld test users, %lld movies\n",
            text_at(metrics, "dataset"), text_at(json_object_get(metrics, "split"), "protocol"),
            (long long)json_integer_value(json_object_get(metrics, "seed")),
            (long long)json_integer_value(json_object_get(counts, "test_users")),
            (long long)json_integer_value(json_object_get(counts, "movies")));
    const char *permuted = json_string_value(json_object_get(metrics, "permuted"));
    if (permuted != NULL)
        fprintf(out, "the ranker's features of group %s are shuffled\n", permuted);
    print_mode(models, "full", "against the whole catalogue", out);
    print_comparison(paired, "full", out);
    if (json_object_get(json_object_get(models, "ranker"), "candidates") != NULL) {
        print_mode(models, "candidates", "against sampled candidates", out);
        print_comparison(paired, "candidates", out);
    }
    print_ratings(json_object_get(metrics, "rating"), out);
    if (ferror(out)) return error_errno(err, "printing the results");
    return STATUS_OK;
}
