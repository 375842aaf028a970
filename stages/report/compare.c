#include "stages/report/compare.h"

#include "common/base/mem.h"
#include "stages/report/user_table.h"

#include <math.h>
#include <string.h>

enum { MAX_RUNS = 8 };

static void heads(struct page *p, const char *first, const char *kind) {
    text_printf(&p->out,
                "<div class=\"scroll\"><table class=\"%s\"><thead><tr><th scope=\"col\">%s</th>",
                kind, first);
    for (size_t i = 0; i < p->n_runs; i++) {
        text_printf(&p->out, "<th scope=\"col\">");
        text_html(&p->out, p->run[i].folder.name);
        text_printf(&p->out, "</th>");
    }
    text_printf(&p->out, "</tr></thead><tbody>\n");
}

static void end_table(struct page *p) {
    text_printf(&p->out, "</tbody></table></div>\n");
}

static void row_head(struct page *p, const char *name) {
    text_printf(&p->out, "<tr><th scope=\"row\">");
    text_html(&p->out, name);
    text_printf(&p->out, "</th>");
}

/* ---- what was run ---- */

static bool same_as_first(const struct page *p, size_t run, size_t part) {
    if (p->run[0].folder.file[part] == NULL || p->run[run].folder.file[part] == NULL) return false;
    struct digest a = artifact_content_id(p->run[0].folder.file[part]),
                  b = artifact_content_id(p->run[run].folder.file[part]);
    return digest_equal(&a, &b);
}

static bool same_content(const struct page *p, size_t part) {
    for (size_t i = 1; i < p->n_runs; i++) {
        if (!same_as_first(p, i, part)) return false;
    }
    return true;
}

static void print_runs(struct page *p) {
    heads(p, "", "numbers");
    row_head(p, "dataset");
    for (size_t i = 0; i < p->n_runs; i++) {
        text_printf(&p->out, "<td>");
        text_html(&p->out, json_text(json_find(p->run[i].metrics, "dataset", NULL), "–"));
        text_printf(&p->out, "</td>");
    }
    text_printf(&p->out, "</tr>\n");
    row_head(p, "split");
    for (size_t i = 0; i < p->n_runs; i++) {
        text_printf(&p->out, "<td>");
        text_html(&p->out, json_text(json_find(p->run[i].metrics, "split", "protocol", NULL), "–"));
        text_printf(&p->out, "</td>");
    }
    text_printf(&p->out, "</tr>\n");
    row_head(p, "ratings");
    for (size_t i = 0; i < p->n_runs; i++) {
        text_printf(&p->out, "<td>");
        page_count(p, p->run[i].n_ratings);
        text_printf(&p->out, "</td>");
    }
    text_printf(&p->out, "</tr>\n");
    row_head(p, "test users");
    for (size_t i = 0; i < p->n_runs; i++) {
        text_printf(&p->out, "<td>");
        page_count(p, (unsigned long long)json_integer_value(
                          json_find(p->run[i].metrics, "counts", "test_users", NULL)));
        text_printf(&p->out, "</td>");
    }
    text_printf(&p->out, "</tr>\n");
    end_table(p);
    if (!same_content(p, run_part_of(RUN_DATASET, VIEW_ALL))) {
        text_printf(&p->out,
                    "<p class=\"missing\">The runs are of different data: their figures do "
                    "not compare.</p>\n");
    } else if (!same_content(p, run_part_of(RUN_SPLIT, VIEW_ALL))) {
        text_printf(&p->out,
                    "<p class=\"missing\">The runs have different splits: they were tested "
                    "on different ratings.</p>\n");
    }
}

/* ---- parameters that differ ---- */

/* The value of `name` in "name=value\n"...; NULL if it is not there. */
static const char *find_param(const char *params, const char *name, size_t size, size_t *length) {
    for (const char *line = params; line != NULL && *line != '\0';) {
        size_t end = strcspn(line, "\n");
        if (end > size && strncmp(line, name, size) == 0 && line[size] == '=') {
            *length = end - size - 1;
            return line + size + 1;
        }
        line += end + (line[end] == '\n');
    }
    return NULL;
}

static const struct lineage *lineage_of(const struct reported_run *r, size_t part) {
    return r->folder.file[part] != NULL ? artifact_lineage(r->folder.file[part]) : NULL;
}

/* Among the runs that have the part. */
static bool param_differs(const struct page *p, size_t part, const char *name, size_t size) {
    const char *value = NULL;
    size_t length = 0, other = 0;
    bool first = true;
    for (size_t i = 0; i < p->n_runs; i++) {
        const struct lineage *l = lineage_of(&p->run[i], part);
        if (l == NULL) continue;
        const char *found = find_param(l->params, name, size, &other);
        if (!first && (value == NULL) != (found == NULL)) return true;
        if (!first && value != NULL && (length != other || memcmp(value, found, length) != 0)) {
            return true;
        }
        value = found;
        length = other;
        first = false;
    }
    return false;
}

static void print_param(struct page *p, size_t part, const char *name, size_t size) {
    text_printf(&p->out, "<tr><th scope=\"row\">%s: ", run_part(part)->name);
    for (size_t i = 0; i < size; i++) {
        char one[2] = {name[i], '\0'};
        text_html(&p->out, one);
    }
    text_printf(&p->out, "</th>");
    for (size_t r = 0; r < p->n_runs; r++) {
        const struct lineage *l = lineage_of(&p->run[r], part);
        size_t length = 0;
        const char *value = l != NULL ? find_param(l->params, name, size, &length) : NULL;
        text_printf(&p->out, "<td class=\"text\"><code>");
        if (value == NULL) text_printf(&p->out, "–");
        for (size_t i = 0; value != NULL && i < length; i++) {
            char one[2] = {value[i], '\0'};
            text_html(&p->out, one);
            if (value[i] == ',' || value[i] == ':') text_printf(&p->out, "<wbr>");
        }
        text_printf(&p->out, "</code></td>");
    }
    text_printf(&p->out, "</tr>\n");
}

/* Whether an earlier part of the same stage has the same parameters in every run. */
static bool told_before(const struct page *p, size_t part) {
    for (size_t earlier = 0; earlier < part; earlier++) {
        bool same = true;
        for (size_t i = 0; i < p->n_runs && same; i++) {
            const struct lineage *a = lineage_of(&p->run[i], part),
                                 *b = lineage_of(&p->run[i], earlier);
            same = a == NULL || b == NULL
                       ? a == b
                       : strcmp(a->stage, b->stage) == 0 && strcmp(a->params, b->params) == 0;
        }
        if (same) return true;
    }
    return false;
}

/* Parameters of the stage as run `r` has them, unless an earlier run has them too. */
static size_t print_params_of(struct page *p, size_t part, size_t r) {
    const struct lineage *l = lineage_of(&p->run[r], part);
    size_t printed = 0;
    for (const char *line = l != NULL ? l->params : ""; *line != '\0';) {
        size_t end = strcspn(line, "\n"), size = strcspn(line, "=\n"), length;
        bool listed = false;
        for (size_t i = 0; i < r; i++) {
            const struct lineage *before = lineage_of(&p->run[i], part);
            listed |= before != NULL && find_param(before->params, line, size, &length) != NULL;
        }
        if (!listed && param_differs(p, part, line, size)) {
            print_param(p, part, line, size);
            printed++;
        }
        line += end + (line[end] == '\n');
    }
    return printed;
}

static size_t print_seeds(struct page *p, size_t part) {
    const struct lineage *first = NULL;
    bool differs = false;
    for (size_t i = 0; i < p->n_runs; i++) {
        const struct lineage *l = lineage_of(&p->run[i], part);
        if (first == NULL) first = l;
        differs |= l != NULL && l->seed != first->seed;
    }
    if (!differs) return 0;
    text_printf(&p->out, "<tr><th scope=\"row\">%s: seed</th>", run_part(part)->name);
    for (size_t i = 0; i < p->n_runs; i++) {
        const struct lineage *l = lineage_of(&p->run[i], part);
        text_printf(&p->out, "<td class=\"text\"><code>");
        if (l != NULL) {
            text_printf(&p->out, "%llu", (unsigned long long)l->seed);
        } else {
            text_printf(&p->out, "–");
        }
        text_printf(&p->out, "</code></td>");
    }
    text_printf(&p->out, "</tr>\n");
    return 1;
}

/* Says which runs have a part that others lack. */
static size_t print_presence(struct page *p, size_t part) {
    size_t there = 0;
    for (size_t i = 0; i < p->n_runs; i++) {
        there += p->run[i].folder.file[part] != NULL;
    }
    if (there == 0 || there == p->n_runs) return 0;
    row_head(p, run_part(part)->name);
    for (size_t i = 0; i < p->n_runs; i++) {
        text_printf(&p->out, "<td class=\"text\">%s</td>",
                    p->run[i].folder.file[part] != NULL ? "there" : "not there");
    }
    text_printf(&p->out, "</tr>\n");
    return 1;
}

static void print_parameters(struct page *p) {
    size_t printed = 0, start = p->out.buf.size;
    text_printf(&p->out, "<h3>Parameters that differ</h3>\n");
    heads(p, "parameter", "lineage");
    for (size_t part = 0; part < RUN_PARTS; part++) {
        if (told_before(p, part)) continue;
        printed += print_presence(p, part);
        printed += print_seeds(p, part);
        for (size_t r = 0; r < p->n_runs; r++) {
            printed += print_params_of(p, part, r);
        }
    }
    end_table(p);
    if (printed > 0 || p->out.err.status != STATUS_OK) return;
    p->out.buf.size = start;
    text_printf(&p->out, "<p class=\"missing\">No parameter differs.</p>\n");
}

/* ---- results ---- */

static const struct {
    const char *title, *list, *metric;
} rows[] = {
    {"all movies: hr@10", "full", "hr@10"},
    {"all movies: ndcg@10", "full", "ndcg@10"},
    {"all movies: mrr", "full", "mrr"},
    {"all movies: recall@20", "full", "recall@20"},
    {"all movies: ndcg@100", "full", "ndcg@100"},
    {"all movies: coverage@10", "full", "coverage@10"},
    {"liked movies: hr@10", "liked", "hr@10"},
    {"liked movies: ndcg@10", "liked", "ndcg@10"},
    {"candidates: hr@10", "candidates", "hr@10"},
    {"candidates: ndcg@10", "candidates", "ndcg@10"},
    {"candidates: auc", "candidates", "auc"},
    {"rating: rmse", NULL, "rmse"},
    {"rating: mae", NULL, "mae"},
};

static const json_t *result(const struct reported_run *r, size_t row) {
    return rows[row].list == NULL
               ? json_find(r->metrics, "rating", "ranker", rows[row].metric, NULL)
               : json_find(r->metrics, "models", "ranker", rows[row].list, rows[row].metric, NULL);
}

static void print_results(struct page *p) {
    text_printf(&p->out, "<h3>The ranker, with 95 %% intervals</h3>\n");
    heads(p, "metric", "numbers");
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        double best = NAN;
        for (size_t i = 0; i < p->n_runs; i++) {
            struct interval value;
            if (!interval_read(&value, result(&p->run[i], row))) continue;
            best = rows[row].list == NULL ? fmin(best, value.value) : fmax(best, value.value);
        }
        if (isnan(best)) continue;
        row_head(p, rows[row].title);
        for (size_t i = 0; i < p->n_runs; i++) {
            struct interval value;
            const json_t *estimate = result(&p->run[i], row);
            page_interval(p, estimate, interval_read(&value, estimate) && value.value == best);
        }
        text_printf(&p->out, "</tr>\n");
    }
    end_table(p);
}

/* ---- paired tests, user by user ---- */

static const struct {
    const char *title, *column, *per;
} tests[] = {
    {"all movies: hr@10", "full.hr@10", NULL},
    {"all movies: ndcg@10", "full.ndcg@10", NULL},
    {"all movies: ndcg@100", "full.ndcg@100", NULL},
    {"liked movies: ndcg@10", "liked.ndcg@10", "liked"},
    {"candidates: hr@10", "candidates.hr@10", NULL},
    {"candidates: ndcg@10", "candidates.ndcg@10", NULL},
    {"rating: mean squared error", "squared", "ratings"},
    {"rating: mean absolute error", "absolute", "ratings"},
};

static enum status print_test(struct page *p, size_t test, const struct user_table *tables,
                              bool *any, struct error *err) {
    AUTO(text) struct text cells = {0};
    bool found = false;
    for (size_t i = 1; i < p->n_runs; i++) {
        struct estimate difference = {0, 0, 0};
        double probability = 1;
        size_t n = 0;
        TRY(user_table_compare(&difference, &probability, &n, &tables[0], &tables[i],
                               tests[test].column, tests[test].per, err));
        if (n == 0) {
            text_printf(&cells, "<td>–</td>");
            continue;
        }
        found = true;
        text_printf(&cells,
                    "<td%s>%+.4f<small>%+.4f to %+.4f, p = %.4f</small><small>%zu users</small>"
                    "</td>",
                    probability < 0.05 ? " class=\"best\"" : "", difference.value, difference.low,
                    difference.high, probability, n);
    }
    if (!found) return STATUS_OK;
    *any = true;
    row_head(p, tests[test].title);
    if (cells.buf.size > 0) text_append(&p->out, cells.buf.data, cells.buf.size);
    text_printf(&p->out, "</tr>\n");
    return cells.err.status == STATUS_OK ? STATUS_OK
                                         : error_set(err, cells.err.status, "%s", cells.err.text);
}

static enum status print_tests(struct page *p, const struct user_table *tables, struct error *err) {
    bool any = false;
    size_t start = p->out.buf.size;
    text_printf(&p->out, "<h3>Paired differences to ");
    text_html(&p->out, p->run[0].folder.name);
    text_printf(&p->out,
                "</h3>\n<p>User by user, over the test users of both: mean difference, 95 %% "
                "bootstrap interval, p-value of a two-sided sign-flip test. Bold: p below "
                "0.05, with no correction for looking at several.</p>\n"
                "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">metric</th>");
    for (size_t i = 1; i < p->n_runs; i++) {
        text_printf(&p->out, "<th scope=\"col\">");
        text_html(&p->out, p->run[i].folder.name);
        text_printf(&p->out, "</th>");
    }
    text_printf(&p->out, "</tr></thead><tbody>\n");
    for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++) {
        TRY(print_test(p, t, tables, &any, err));
    }
    end_table(p);
    if (any || p->out.err.status != STATUS_OK) return STATUS_OK;
    p->out.buf.size = start;
    text_printf(
        &p->out,
        "<p class=\"missing\">No paired tests: they take the same data and a users.csv in both "
        "folders, and users of both.</p>\n");
    return STATUS_OK;
}

static enum status section_compared(struct page *p, struct error *err) {
    struct user_table tables[MAX_RUNS] = {{.n_rows = 0}};
    enum status status = STATUS_OK;
    page_section(p, "results", "Results");
    print_results(p);
    for (size_t i = 0; i < p->n_runs && i < MAX_RUNS && status == STATUS_OK; i++) {
        /* In another data set the same ids stand for other users. */
        if (!same_as_first(p, i, run_part_of(RUN_DATASET, VIEW_ALL))) continue;
        status = user_table_load(&tables[i], p->run[i].folder.path, err);
    }
    if (status == STATUS_OK) status = print_tests(p, tables, err);
    for (size_t i = 0; i < MAX_RUNS; i++) {
        user_table_release(&tables[i]);
    }
    text_printf(&p->out, "<div class=\"plots\">\n");
    page_plot(p, "results", "NDCG@10 of the ranker among all movies, with 95 % intervals.", NULL);
    page_plot(p, "rating-results", "RMSE of the ranker’s rating head, with 95 % intervals.", NULL);
    text_printf(&p->out, "</div>\n</section>\n");
    return status;
}

static void section_curves(struct page *p) {
    page_section(p, "curves", "Curves");
    text_printf(&p->out, "<div class=\"plots\">\n");
    page_plot(p, "rank-loss", "Ranking head: validation loss per epoch.",
              "No run has a ranking head.");
    page_plot(p, "rank-metric", "Ranking head: NDCG@10 on the validation ratings.", NULL);
    page_plot(p, "rating-loss", "Rating head: validation loss per epoch.",
              "No run has a rating head.");
    page_plot(p, "rating-metric", "Rating head: RMSE on the validation ratings.", NULL);
    page_plot(p, "by-history", "NDCG@10 of the ranker by the length of the user’s history.", NULL);
    page_plot(p, "by-popularity",
              "NDCG@10 of the ranker by the number of ratings of the held-out movie.", NULL);
    page_plot(p, "calibration", "Predicted and mean actual rating.", NULL);
    page_plot(p, "errors", "Prediction less actual rating.", NULL);
    text_printf(&p->out, "</div>\n</section>\n");
}

static void section_times(struct page *p) {
    page_section(p, "cost", "Time and memory");
    heads(p, "stage", "numbers");
    for (size_t part = 0; part < RUN_PARTS; part++) {
        bool any = false;
        for (size_t i = 0; i < p->n_runs; i++) {
            any |= json_object_get(p->run[i].logs, run_part(part)->log) != NULL;
        }
        if (!any) continue;
        row_head(p, run_part(part)->log);
        for (size_t i = 0; i < p->n_runs; i++) {
            const json_t *log = json_object_get(p->run[i].logs, run_part(part)->log);
            if (log == NULL) {
                text_printf(&p->out, "<td>–</td>");
                continue;
            }
            text_printf(&p->out, "<td>%.1f s<small>%.0f MiB</small></td>",
                        json_number_value(json_object_get(log, "wall_s")),
                        json_number_value(json_object_get(log, "peak_memory_bytes")) / 1048576);
        }
        text_printf(&p->out, "</tr>\n");
    }
    end_table(p);
    text_printf(&p->out, "</section>\n");
}

enum status compare_write(struct page *p, struct error *err) {
    page_head(p, "Comparison of runs");
    text_printf(&p->out, "<header>\n<p class=\"kicker\">Marquee comparison</p>\n<h1>");
    for (size_t i = 0; i < p->n_runs; i++) {
        if (i > 0) text_printf(&p->out, " · ");
        text_html(&p->out, p->run[i].folder.name);
    }
    text_printf(&p->out, "</h1>\n<nav aria-label=\"Sections\"><a href=\"#run\">Runs</a>"
                         "<a href=\"#results\">Results</a><a href=\"#curves\">Curves</a>"
                         "<a href=\"#cost\">Cost</a></nav>\n</header>\n<main>\n");
    page_section(p, "run", "What was run");
    print_runs(p);
    print_parameters(p);
    text_printf(&p->out, "</section>\n");
    TRY(section_compared(p, err));
    section_curves(p);
    section_times(p);
    page_foot(p);
    return STATUS_OK;
}
