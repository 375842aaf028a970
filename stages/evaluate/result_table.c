/* The results table of a metrics.json. */
#include "stages/evaluate/evaluate.h"

#include <string.h>

enum { N_COLUMNS = 4 };
/* `main` is the metric whose interval is printed and by which the ranker is compared. A block is
 * shown where it was, or at least measured if it is never compared; so the deeper one is shown
 * where users have several held-out movies. */
static const struct block {
    const char *mode, *title, *columns[N_COLUMNS], *main;
    bool compared;
} blocks[] = {
    {"full", "against the whole catalogue", {"hr@10", "ndcg@10", "mrr", "auc"}, "ndcg@10", true},
    {"candidates",
     "against sampled candidates",
     {"hr@10", "ndcg@10", "mrr", "auc"},
     "ndcg@10",
     true},
    {"full",
     "whole catalogue, deeper",
     {"hr@20", "recall@20", "recall@50", "ndcg@100"},
     "ndcg@100",
     true},
    {"liked", "only liked movies count", {"hr@10", "ndcg@10", "mrr", "auc"}, "ndcg@10", true},
    {"full",
     "the first ten movies",
     {"below-mean@10", "below-middle@10", "gndcg@10", "coverage@10"},
     "below-mean@10",
     false},
};

static const char *text_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "?";
}

static int width_of(const char *column) {
    size_t size = strlen(column);
    return size > 8 ? (int)size : 8;
}

static bool is_trivial(const json_t *estimate) {
    return json_is_true(json_object_get(estimate, "trivial"));
}

static void print_number(const json_t *estimate, int width, FILE *out) {
    const json_t *value = json_object_get(estimate, "value");
    if (value != NULL) {
        fprintf(out, "  %*.4f", width, json_number_value(value));
    } else {
        fprintf(out, "  %*s", width, is_trivial(estimate) ? "trivial" : "-");
    }
}

static void print_interval(const json_t *estimate, FILE *out) {
    const json_t *low = json_object_get(estimate, "low"), *high = json_object_get(estimate, "high");
    if (low != NULL && high != NULL) {
        fprintf(out, "  %.4f to %.4f\n", json_number_value(low), json_number_value(high));
    } else {
        fprintf(out, "  -\n");
    }
}

static void print_block(const json_t *models, const struct block *b, FILE *out) {
    fprintf(out, "\n%-28s", b->title);
    for (size_t i = 0; i < N_COLUMNS; i++) {
        fprintf(out, "  %*s", width_of(b->columns[i]), b->columns[i]);
    }
    fprintf(out, "  95 %% interval of %s\n", b->main);
    const char *name;
    json_t *model;
    json_object_foreach((json_t *)models, name, model) {
        const json_t *metrics = json_object_get(model, b->mode);
        if (metrics == NULL) continue;
        fprintf(out, "  %-26s", name);
        for (size_t i = 0; i < N_COLUMNS; i++) {
            print_number(json_object_get(metrics, b->columns[i]), width_of(b->columns[i]), out);
        }
        print_interval(json_object_get(metrics, b->main), out);
    }
}

static void print_comparison(const json_t *paired, const struct block *b, FILE *out) {
    const json_t *of_metric = json_object_get(json_object_get(paired, b->mode), b->main);
    const char *best = json_string_value(json_object_get(of_metric, "best_component"));
    if (best == NULL) return;
    const json_t *c = json_object_get(of_metric, best);
    fprintf(
        out,
        "  ranker - %s (best component): %s %+.4f, 95 %% %+.4f to %+.4f, p = %.4f (Holm %.4f)\n",
        best, b->main, json_number_value(json_object_get(c, "difference")),
        json_number_value(json_object_get(c, "low")), json_number_value(json_object_get(c, "high")),
        json_number_value(json_object_get(c, "p")),
        json_number_value(json_object_get(c, "p_holm")));
}

/* Why some figures are no numbers. */
static void explain_trivial(const json_t *models, const struct block *b, FILE *out) {
    bool any = false;
    const char *name;
    json_t *model;
    json_object_foreach((json_t *)models, name, model) {
        const json_t *metrics = json_object_get(model, b->mode);
        for (size_t i = 0; i < N_COLUMNS; i++) {
            any |= is_trivial(json_object_get(metrics, b->columns[i]));
        }
    }
    if (any) fprintf(out, "  trivial: these lists are so short that no order changes the figure\n");
}

static void print_warnings(const json_t *warnings, FILE *out) {
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        fprintf(out, "%swarning: %s\n", i == 0 ? "\n" : "",
                json_string_value(json_array_get(warnings, i)));
    }
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
        print_number(rmse, 8, out);
        print_number(json_object_get(model, "mae"), 8, out);
        print_interval(rmse, out);
    }
}

/* What the ranker was told of the events that it predicts. */
static void print_information(const json_t *information, FILE *out) {
    const char *ranking = json_string_value(json_object_get(information, "ranking")),
               *ratings = json_string_value(json_object_get(information, "ratings"));
    if (ranking == NULL && ratings == NULL) return;
    fprintf(out, "information:");
    if (ranking != NULL) fprintf(out, " ranking %s", ranking);
    if (ratings != NULL) fprintf(out, "%s ratings %s", ranking != NULL ? "," : "", ratings);
    fputc('\n', out);
}

static bool is_shown(const json_t *models, const json_t *paired, const struct block *b) {
    if (b->compared) return json_object_get(json_object_get(paired, b->mode), b->main) != NULL;
    const json_t *ranker = json_object_get(json_object_get(models, "ranker"), b->mode);
    return json_object_get(ranker, b->main) != NULL;
}

static long long count_at(const json_t *counts, const char *key) {
    return (long long)json_integer_value(json_object_get(counts, key));
}

/* What was asked, of how many, and whether the order of ratings took part. */
static void print_head(const json_t *metrics, const json_t *counts, FILE *out) {
    const json_t *split = json_object_get(metrics, "split");
    const char *target = json_string_value(json_object_get(split, "target"));
    const char *no_order = json_string_value(json_object_get(metrics, "no_order"));
    const bool temporal = strcmp(text_at(split, "protocol"), "temporal") == 0;
    fprintf(out, "%s, split %s", text_at(metrics, "dataset"), text_at(split, "protocol"));
    if (temporal && target != NULL) fprintf(out, ", target %s", target);
    fprintf(out, ", seed %lld: %lld test users", count_at(metrics, "seed"),
            count_at(counts, "test_users"));
    if (count_at(counts, "lists") > count_at(counts, "test_users"))
        fprintf(out, ", %lld lists", count_at(counts, "lists"));
    fprintf(out, ", %lld movies\n", count_at(counts, "movies"));
    if (no_order != NULL) fprintf(out, "the ratings have no order: %s\n", no_order);
}

enum status metrics_print(const json_t *metrics, FILE *out, struct error *err) {
    const json_t *models = json_object_get(metrics, "models");
    const json_t *paired = json_object_get(metrics, "paired");
    if (!json_is_object(models)) {
        return error_set(err, STATUS_FAILED, "no \"models\" in the metrics");
    }
    const json_t *counts = json_object_get(metrics, "counts");
    print_head(metrics, counts, out);
    print_information(json_object_get(metrics, "information"), out);
    const char *permuted = json_string_value(json_object_get(metrics, "permuted"));
    if (permuted != NULL)
        fprintf(out, "the ranker's features of group %s are shuffled\n", permuted);
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        if (!is_shown(models, paired, &blocks[i])) continue;
        print_block(models, &blocks[i], out);
        explain_trivial(models, &blocks[i], out);
        print_comparison(paired, &blocks[i], out);
    }
    print_ratings(json_object_get(metrics, "rating"), out);
    print_warnings(json_object_get(metrics, "warnings"), out);
    if (ferror(out)) return error_errno(err, "printing the results");
    return STATUS_OK;
}
