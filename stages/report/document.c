#include "stages/report/document.h"

#include "common/base/mem.h"
#include "stages/report/sections.h"

#include <string.h>

static const struct {
    const char *id, *title;
} contents[] = {
    {"run", "Run"},         {"results", "Results"}, {"training", "Training"},
    {"where", "Breakdown"}, {"rating", "Ratings"},  {"dataset", "Dataset"},
    {"map", "Map"},         {"users", "Users"},     {"cost", "Cost"},
};

static void banner(struct page *p) {
    struct text *out = &p->out;
    const json_t *metrics = p->run->metrics;
    text_printf(out, "<header>\n<p class=\"kicker\">Marquee report</p>\n<h1>");
    text_html(out, json_text(json_object_get(metrics, "dataset"), p->run->folder.name));
    text_printf(out, "</h1>\n<p class=\"lead\">Run <b>");
    text_html(out, p->run->folder.name);
    text_printf(out, "</b></p>\n<nav aria-label=\"Sections\">");
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        text_printf(out, "<a href=\"#%s\">%s</a>", contents[i].id, contents[i].title);
    }
    text_printf(out, "</nav>\n</header>\n<main>\n");
}

enum status document_write(struct page *p, struct error *err) {
    AUTO(text) struct text title = {0};
    text_printf(&title, "Report: ");
    text_append(&title, p->run->folder.name, strlen(p->run->folder.name));
    page_head(p, title.buf.data != NULL ? title.buf.data : "Report");
    banner(p);
    section_run(p);
    section_results(p);
    section_training(p);
    section_where(p);
    section_rating(p);
    section_dataset(p);
    section_map(p);
    TRY(section_users(p, err));
    section_cost(p);
    page_foot(p);
    return STATUS_OK;
}
