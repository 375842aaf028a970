/* What was run: dataset, split, parameters, and the lineage from the CSV files to the result. */
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "stages/report/certificate.h"
#include "stages/report/sections.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static void count_fact(struct page *p, const char *name, unsigned long long count) {
    page_fact(p, name);
    page_count(p, count);
    page_end_fact(p);
}

static void print_date(struct page *p, int64_t seconds) {
    char text[32] = "?";
    time_t when = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&when, &parts) != NULL) (void)strftime(text, sizeof(text), "%Y-%m-%d", &parts);
    text_html(&p->out, text);
}

static void print_span(struct page *p) {
    if (p->run->first_time == p->run->last_time) return; /* no times */
    page_fact(p, "Rated from");
    print_date(p, p->run->first_time);
    page_end_fact(p);
    page_fact(p, "Rated to");
    print_date(p, p->run->last_time);
    page_end_fact(p);
}

static void print_facts(struct page *p) {
    const struct reported_run *r = p->run;
    const json_t *metrics = r->metrics;
    uint64_t cells = (uint64_t)r->catalogue.n_users * r->catalogue.n_movies;
    text_printf(&p->out, "<dl class=\"facts\">\n");
    count_fact(p, "Users", r->catalogue.n_users);
    count_fact(p, "Movies", r->catalogue.n_movies);
    count_fact(p, "Ratings", r->n_ratings);
    page_fact(p, "Density");
    text_printf(&p->out, "%.3g %%", cells > 0 ? 100.0 * (double)r->n_ratings / (double)cells : 0.0);
    page_end_fact(p);
    print_span(p);
    page_fact(p, "Split");
    text_html(&p->out, json_text(json_find(metrics, "split", "protocol", NULL), "not measured"));
    page_end_fact(p);
    if (metrics != NULL) {
        page_fact(p, "Seed");
        text_printf(&p->out, "%lld",
                    (long long)json_integer_value(json_object_get(metrics, "seed")));
        page_end_fact(p);
        count_fact(p, "Test users",
                   (unsigned long long)json_integer_value(
                       json_find(metrics, "counts", "test_users", NULL)));
        count_fact(p, "Test ratings",
                   (unsigned long long)json_integer_value(
                       json_find(metrics, "counts", "test_ratings", NULL)));
    }
    text_printf(&p->out, "</dl>\n");
}

/* ---- parameters: once per stage ---- */

static bool told_before(const struct reported_run *r, size_t part) {
    const struct lineage *a = artifact_lineage(r->folder.file[part]);
    for (size_t i = 0; i < part; i++) {
        if (r->folder.file[i] == NULL) continue;
        const struct lineage *b = artifact_lineage(r->folder.file[i]);
        if (strcmp(a->stage, b->stage) == 0 && strcmp(a->params, b->params) == 0) return true;
    }
    return false;
}

static void print_params(struct page *p, const char *params) {
    for (const char *line = params; *line != '\0';) {
        size_t size = strcspn(line, "\n"), name = strcspn(line, "=\n");
        AUTO(text) struct text value = {0};
        text_append(&value, line, size);
        text_printf(&p->out, "<code><span>");
        for (size_t i = 0; i < size; i++) {
            char one[2] = {line[i], '\0'};
            if (i == name) text_printf(&p->out, "</span>");
            text_html(&p->out, one);
            if (line[i] == ',' || line[i] == ':') text_printf(&p->out, "<wbr>");
        }
        text_printf(&p->out, name >= size ? "</span></code> " : "</code> ");
        line += size + (line[size] == '\n');
    }
}

static void print_parameters(struct page *p) {
    text_printf(&p->out, "<h3>Parameters</h3>\n<dl class=\"params\">\n");
    for (size_t part = 0; part < RUN_PARTS; part++) {
        const struct artifact *a = p->run->folder.file[part];
        if (a == NULL || artifact_lineage(a) == NULL || told_before(p->run, part)) {
            continue;
        }
        const struct lineage *l = artifact_lineage(a);
        text_printf(&p->out, "<div><dt>");
        text_html(&p->out, l->stage);
        text_printf(&p->out, "</dt><dd>");
        print_params(p, l->params);
        text_printf(&p->out, "</dd></div>\n");
    }
    text_printf(&p->out, "</dl>\n");
}

/* ---- lineage ---- */

static void print_id(struct page *p, const char *hex) {
    text_printf(&p->out, "<code title=\"");
    text_html(&p->out, hex);
    text_printf(&p->out, "\">");
    for (size_t i = 0; i < 12 && hex[i] != '\0'; i++) {
        char one[2] = {hex[i], '\0'};
        text_html(&p->out, one);
    }
    text_printf(&p->out, "</code>");
}

static void print_digest(struct page *p, struct digest id) {
    char hex[DIGEST_TEXT_SIZE];
    digest_text(&id, hex);
    print_id(p, hex);
}

static void print_sources(struct page *p) {
    const struct lineage *l = artifact_lineage(run_newest(p->run, RUN_DATASET));
    for (size_t i = 0; l != NULL && i < l->n_inputs; i++) {
        text_printf(&p->out, "<tr><th scope=\"row\">");
        text_html(&p->out, l->inputs[i].role);
        text_printf(&p->out, "</th><td class=\"text\">source file</td><td class=\"text\">–</td>"
                             "<td class=\"text\">");
        print_digest(p, l->inputs[i].id);
        text_printf(&p->out, "</td></tr>\n");
    }
}

/* The artifact in the run's folder that an input is, or NULL. */
static const char *name_of_input(const struct reported_run *r, const struct lineage_input *input) {
    for (size_t part = 0; part < RUN_PARTS; part++) {
        if (r->folder.file[part] == NULL) continue;
        struct digest id = artifact_content_id(r->folder.file[part]);
        if (digest_equal(&id, &input->id)) return run_part(part)->name;
    }
    return NULL;
}

static void print_inputs(struct page *p, const struct lineage *l) {
    if (l->n_inputs == 0) text_printf(&p->out, "–");
    for (size_t i = 0; i < l->n_inputs; i++) {
        const struct lineage_input *input = &l->inputs[i];
        const char *name = name_of_input(p->run, input);
        bool view = strcmp(input->kind, "view") == 0;
        if (i > 0) text_printf(&p->out, ", ");
        text_html(&p->out, name != NULL ? name : input->role);
        if (view && strcmp(l->view, "") != 0) {
            text_printf(&p->out, " ");
            text_html(&p->out, strcmp(input->role, "roles") == 0 ? "full" : l->view);
        }
        if (name == NULL) {
            text_printf(&p->out, " ");
            print_digest(p, input->id);
        }
    }
}

static void print_artifact(struct page *p, size_t part) {
    const struct artifact *a = p->run->folder.file[part];
    const struct lineage *l = artifact_lineage(a);
    text_printf(&p->out, "<tr><th scope=\"row\">%s</th><td class=\"text\">", run_part(part)->name);
    text_html(&p->out, l != NULL ? l->stage : "?");
    if (l != NULL) text_printf(&p->out, " %u", (unsigned)l->stage_version);
    text_printf(&p->out, "</td><td class=\"text\">");
    if (l != NULL && run_part(part)->role == RUN_DATASET) {
        text_printf(&p->out, "the files above");
    } else if (l != NULL) {
        print_inputs(p, l);
    }
    text_printf(&p->out, "</td><td class=\"text\">");
    print_digest(p, artifact_content_id(a));
    text_printf(&p->out, "</td></tr>\n");
}

/* What was measured, and whether it is what stands in the folder now. */
static void print_result(struct page *p) {
    const char *role;
    json_t *id;
    bool stale = false, first = true;
    if (p->run->metrics == NULL) return;
    text_printf(&p->out, "<tr><th scope=\"row\">metrics.json</th><td class=\"text\">evaluate</td>"
                         "<td class=\"text\">");
    json_object_foreach(json_object_get(p->run->metrics, "artifacts"), role, id) {
        bool found = false;
        for (size_t part = 0; part < RUN_PARTS; part++) {
            if (p->run->folder.file[part] == NULL) continue;
            struct digest digest = artifact_content_id(p->run->folder.file[part]);
            char hex[DIGEST_TEXT_SIZE];
            digest_text(&digest, hex);
            if (strcmp(hex, json_text(id, "")) != 0 || found) continue;
            text_printf(&p->out, "%s%s", first ? "" : ", ", run_part(part)->name);
            found = true;
        }
        if (!found) {
            text_printf(&p->out, "%s", first ? "" : ", ");
            text_html(&p->out, role);
            text_printf(&p->out, " ");
            print_id(p, json_text(id, "?"));
            stale = true;
        }
        first = false;
    }
    text_printf(&p->out, "</td><td class=\"text\">%s</td></tr>\n",
                stale ? "of artifacts that are no longer here" : "–");
}

void section_run(struct page *p) {
    page_section(p, "run", "What was run");
    print_facts(p);
    text_printf(&p->out, "<h3>From the source files to the result</h3>\n"
                         "<div class=\"scroll\"><table class=\"lineage\"><thead><tr>"
                         "<th scope=\"col\">what</th><th scope=\"col\">made by</th>"
                         "<th scope=\"col\">from</th><th scope=\"col\">hash of the content</th>"
                         "</tr></thead><tbody>\n");
    print_sources(p);
    for (size_t part = 0; part < RUN_PARTS; part++) {
        if (p->run->folder.file[part] != NULL) print_artifact(p, part);
    }
    print_result(p);
    text_printf(&p->out, "</tbody></table></div>\n");
    certificate_print(p);
    print_parameters(p);
    text_printf(&p->out, "</section>\n");
}
