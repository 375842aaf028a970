/* Results: the tables of metrics.json, and the plots of what it says beyond them. */
#include "stages/report/sections.h"

#include <string.h>

enum { MAX_COLUMNS = 6 };

static const struct table {
    const char *list, *title, *needs; /* needs: metric without which the table is left out */
    const char *columns[MAX_COLUMNS];
    bool compared; /* with the p-values of the columns hr@10 and ndcg@10 */
    bool paired;   /* only if the ranker was compared by `needs` */
} tables[] = {
    {"full",
     "Ranking among all movies",
     "ndcg@10",
     {"hr@10", "ndcg@10", "mrr", "auc"},
     true,
     false},
    {"full",
     "Ranking among all movies, deeper",
     "ndcg@100",
     {"hr@20", "recall@20", "recall@50", "ndcg@100"},
     true,
     true},
    {"candidates",
     "Ranking among sampled candidates",
     "ndcg@10",
     {"hr@10", "ndcg@10", "mrr", "auc"},
     true,
     false},
    {"liked",
     "Ranking among all movies, where only movies that the user liked count",
     "ndcg@10",
     {"hr@10", "ndcg@10", "mrr", "auc"},
     true,
     false},
    {"full",
     "Beyond accuracy: the first ten movies",
     "coverage@10",
     {"coverage@10", "diversity@10", "novelty@10", "popularity_bias@10", "below-mean@10",
      "below-middle@10"},
     false,
     false},
};

static double best_value(const json_t *models, const char *list, const char *column) {
    double best = -1;
    const char *name;
    json_t *model;
    json_object_foreach((json_t *)models, name, model) {
        struct interval i;
        if (interval_read(&i, json_find(model, list, column, NULL)) && i.value > best) {
            best = i.value;
        }
    }
    return best;
}

static bool is_best(const json_t *estimate, double best) {
    struct interval i;
    return interval_read(&i, estimate) && i.value >= best;
}

/* The ranker's lead over a component by the table's main metric. */
static void print_lead(struct page *p, const struct table *t, const char *name) {
    const json_t *pair = json_find(p->run->metrics, "paired", t->list, t->needs, name, NULL);
    struct interval i = {0, 0, 0};
    if (pair == NULL) {
        text_printf(&p->out, "<td>–</td>");
        return;
    }
    i.value = json_number_value(json_object_get(pair, "difference"));
    i.low = json_number_value(json_object_get(pair, "low"));
    i.high = json_number_value(json_object_get(pair, "high"));
    double probability = json_number_value(json_object_get(pair, "p"));
    double holm = json_number_value(json_object_get(pair, "p_holm"));
    text_printf(&p->out, "<td>%+.4f<small>%+.4f to %+.4f, p %s %.4f, Holm %.4f</small></td>",
                i.value, i.low, i.high, probability < 0.0001 ? "&lt;" : "=",
                probability < 0.0001 ? 0.0001 : probability, holm);
}

/* What the model was told, below its name; ends the cell. */
static void print_information(struct page *p, const json_t *model) {
    const char *label = json_string_value(json_object_get(model, "information"));
    if (label != NULL) {
        text_printf(&p->out, "<small>");
        text_html(&p->out, label);
        text_printf(&p->out, "</small>");
    }
    text_printf(&p->out, "</th>");
}

static void print_table(struct page *p, const struct table *t) {
    struct text *out = &p->out;
    json_t *models = json_object_get(p->run->metrics, "models");
    if (best_value(models, t->list, t->needs) < 0) return;
    if (t->paired && json_find(p->run->metrics, "paired", t->list, t->needs, NULL) == NULL) return;
    text_printf(out,
                "<h3>%s</h3>\n<div class=\"scroll\"><table><thead><tr>"
                "<th scope=\"col\">model</th>",
                t->title);
    for (size_t i = 0; i < MAX_COLUMNS && t->columns[i] != NULL; i++) {
        text_printf(out, "<th scope=\"col\">%s</th>", t->columns[i]);
    }
    bool lead = t->compared && json_find(models, "ranker", t->list, NULL) != NULL;
    if (lead) text_printf(out, "<th scope=\"col\">ranker’s lead, %s</th>", t->needs);
    text_printf(out, "</tr></thead><tbody>\n");
    const char *name;
    json_t *model;
    json_object_foreach(models, name, model) {
        const json_t *of_list = json_object_get(model, t->list);
        if (of_list == NULL) continue;
        text_printf(out, strcmp(name, "ranker") == 0 ? "<tr class=\"ranker\">" : "<tr>");
        text_printf(out, "<th scope=\"row\">");
        text_html(out, name);
        print_information(p, model);
        for (size_t i = 0; i < MAX_COLUMNS && t->columns[i] != NULL; i++) {
            const json_t *estimate = json_object_get(of_list, t->columns[i]);
            bool best =
                t->compared && is_best(estimate, best_value(models, t->list, t->columns[i]));
            page_interval(p, estimate, best);
        }
        if (lead) print_lead(p, t, name);
        text_printf(out, "</tr>\n");
    }
    text_printf(out, "</tbody></table></div>\n");
}

static double least(const json_t *rating, const char *column) {
    double best = 1e9;
    const char *name;
    json_t *model;
    json_object_foreach((json_t *)rating, name, model) {
        struct interval i;
        if (interval_read(&i, json_object_get(model, column)) && i.value < best) best = i.value;
    }
    return best;
}

static void print_ratings(struct page *p) {
    json_t *rating = json_object_get(p->run->metrics, "rating");
    if (json_object_size(rating) == 0) {
        text_printf(&p->out, "<p class=\"missing\">No rating was predicted: no model of this run "
                             "does, or the test ratings are not known.</p>\n");
        return;
    }
    static const char *const columns[] = {"rmse", "mae"};
    text_printf(&p->out, "<h3>Rating prediction, in stars</h3>\n<div class=\"scroll\"><table>"
                         "<thead><tr><th scope=\"col\">model</th><th scope=\"col\">rmse</th>"
                         "<th scope=\"col\">mae</th></tr></thead><tbody>\n");
    const char *name;
    json_t *model;
    json_object_foreach(rating, name, model) {
        text_printf(&p->out, strcmp(name, "ranker") == 0 ? "<tr class=\"ranker\">" : "<tr>");
        text_printf(&p->out, "<th scope=\"row\">");
        text_html(&p->out, strcmp(name, "movie_mean") == 0 ? "movie mean" : name);
        print_information(p, model);
        for (size_t i = 0; i < 2; i++) {
            const json_t *estimate = json_object_get(model, columns[i]);
            struct interval interval;
            bool best =
                interval_read(&interval, estimate) && interval.value <= least(rating, columns[i]);
            page_interval(p, estimate, best);
        }
        text_printf(&p->out, "</tr>\n");
    }
    text_printf(&p->out, "</tbody></table></div>\n");
}

/* Components that are better than the ranker, which should not happen. */
static void print_warnings(struct page *p) {
    const json_t *warnings = json_object_get(p->run->metrics, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        text_printf(&p->out, "<p class=\"warning\">");
        text_html(&p->out, json_text(json_array_get(warnings, i), "?"));
        text_printf(&p->out, "</p>\n");
    }
}

void section_results(struct page *p) {
    page_section(p, "results", "Results");
    if (p->run->metrics == NULL) {
        text_printf(&p->out, "<p class=\"missing\">This run has not been measured: there is no "
                             "metrics.json.</p>\n</section>\n");
        return;
    }
    text_printf(&p->out,
                "<p>The ranker beside every component, each on the same lists of the same users; "
                "small figures are 95 %% bootstrap intervals over users. The lead is the mean "
                "difference per user, with the p-value of a paired sign-flip test, alone and after "
                "Holm’s correction for all components. A figure that no order of the lists could "
                "have changed is called trivial.</p>\n");
    text_printf(&p->out,
                "<p>Below a name stands what the model is told of the event to predict: blind, its "
                "history alone; moment, also when it is asked; day, also when the rating was "
                "given; side data, what the movies consist of.</p>\n");
    print_warnings(p);
    text_printf(&p->out, "<div class=\"plots\">\n");
    page_plot(p, "results", "NDCG@10 among all movies, with 95 % intervals.",
              "No model of this run ranks movies.");
    page_plot(p, "rating-results",
              "RMSE of rating prediction in stars (less is better), with 95 % "
              "intervals.",
              NULL);
    text_printf(&p->out, "</div>\n");
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        print_table(p, &tables[i]);
    }
    print_ratings(p);
    text_printf(&p->out, "</section>\n");
}

void section_training(struct page *p) {
    page_section(p, "training", "Training");
    text_printf(&p->out, "<div class=\"plots\">\n");
    page_plot(p, "rank-loss", "Ranking head: loss per epoch.",
              page_has_plot(p, "rating-loss") ? "The ranker has no ranking head."
                                              : "There is no ranker.");
    page_plot(p, "rank-metric", "Ranking head: NDCG@10 on the validation ratings per epoch.", NULL);
    page_plot(p, "rating-loss", "Rating head: loss per epoch.",
              page_has_plot(p, "rank-loss") ? "The ranker has no rating head." : NULL);
    page_plot(p, "rating-metric", "Rating head: RMSE on the validation ratings per epoch.", NULL);
    text_printf(&p->out, "</div>\n</section>\n");
}

void section_where(struct page *p) {
    page_section(p, "where", "Where the result comes from");
    text_printf(&p->out, "<div class=\"plots\">\n");
    page_plot(p, "by-history",
              "NDCG@10 among all movies by the length of the user’s history, with 95 % intervals.",
              "The result by length of history was not measured.");
    page_plot(p, "by-popularity",
              "NDCG@10 among all movies by the number of ratings that the held-out movie has.",
              "The result by popularity was not measured.");
    page_plot(p, "groups",
              "What the ranking head loses, in NDCG@10 among a hundred movies, when the features "
              "of a group are shuffled among them.",
              page_has_plot(p, "rating-groups")
                  ? NULL
                  : "What each group of features carries was not measured.");
    page_plot(p, "rating-groups",
              "What the rating head loses: the rise of RMSE when a group is shuffled.", NULL);
    text_printf(&p->out, "</div>\n</section>\n");
}

void section_rating(struct page *p) {
    page_section(p, "rating", "Predicted and actual ratings");
    text_printf(&p->out, "<div class=\"plots\">\n");
    page_plot(p, "calibration",
              "Mean actual rating of the test ratings that were predicted about so; on the line "
              "the prediction is right on average. Larger dots stand for more ratings.",
              "No calibration: no rating was predicted, or it was not measured.");
    page_plot(p, "errors", "Prediction less actual rating: share of the test ratings.", NULL);
    text_printf(&p->out, "</div>\n</section>\n");
}

void section_map(struct page *p) {
    page_section(p, "map", "Map of the movies");
    page_plot(p, "map",
              "The most rated movies by their vectors in the implicit factorization (without it, "
              "the explicit one or content), projected on two principal components. Near each "
              "other: watched by the same people. A title shows on hover; a movie of several "
              "genres has the colour of the rarest.",
              "There are no vectors of movies to draw.");
    text_printf(&p->out, "</section>\n");
}
