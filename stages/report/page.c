#include "stages/report/page.h"

#include "common/base/file.h"
#include "common/base/mem.h"
#include "stages/report/palette.h"
#include "stages/report/svg.h"

#include <math.h>
#include <stdio.h>

/* The style sheet is part of the program. */
__asm__(".pushsection .rodata\n"
        ".global marquee_report_style\n"
        "marquee_report_style:\n"
        ".incbin \"stages/report/style.css\"\n"
        ".global marquee_report_style_end\n"
        "marquee_report_style_end:\n"
        ".byte 0\n"
        ".popsection\n");
extern const char marquee_report_style[], marquee_report_style_end[];

void page_release(struct page *p) {
    text_release(&p->out);
}

void page_head(struct page *p, const char *title) {
    struct text *out = &p->out;
    text_printf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<title>");
    text_html(out, title);
    text_printf(out, "</title>\n<style>\n");
    palette_css(out);
    text_append(out, marquee_report_style,
                (size_t)(marquee_report_style_end - marquee_report_style));
    text_printf(out, "</style>\n</head>\n<body>\n");
}

void page_foot(struct page *p) {
    text_printf(&p->out, "</main>\n</body>\n</html>\n");
}

void page_section(struct page *p, const char *id, const char *title) {
    text_printf(&p->out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
}

void page_fact(struct page *p, const char *name) {
    text_printf(&p->out, "<div><dt>%s</dt><dd>", name);
}

void page_end_fact(struct page *p) {
    text_printf(&p->out, "</dd></div>\n");
}

static enum status read_plot(struct buf *svg, const struct page *p, const char *name) {
    AUTO(buf) struct buf path = {0};
    struct error err = {0};
    TRY(buf_printf(&path, &err, "%s/%s.svg", p->plots, name));
    if (!file_exists(path.data)) return STATUS_OK;
    return file_read(path.data, svg, &err);
}

bool page_has_plot(const struct page *p, const char *name) {
    AUTO(buf) struct buf svg = {0};
    return read_plot(&svg, p, name) == STATUS_OK && svg.size > 0;
}

void page_plot(struct page *p, const char *name, const char *caption, const char *missing) {
    AUTO(buf) struct buf svg = {0};
    struct text *out = &p->out;
    if (read_plot(&svg, p, name) != STATUS_OK || svg.size == 0) {
        if (missing != NULL) text_printf(out, "<p class=\"missing\">%s</p>\n", missing);
        return;
    }
    text_printf(out, "<figure class=\"plot plot-%s\">\n", name);
    svg_include(out, svg.data, svg.size, name, caption, &p->run->catalogue);
    text_printf(out, "\n<figcaption>%s</figcaption>\n</figure>\n", caption);
}

void page_interval(struct page *p, const json_t *estimate, bool best) {
    struct text *out = &p->out;
    struct interval i;
    if (!interval_read(&i, estimate)) {
        bool trivial = json_is_true(json_object_get(estimate, "trivial"));
        text_printf(out, "<td>%s</td>", trivial ? "trivial" : "–");
        return;
    }
    text_printf(out, "<td%s>%.4f", best ? " class=\"best\"" : "", i.value);
    if (!isnan(i.low) && !isnan(i.high)) {
        text_printf(out, "<small>%.4f to %.4f</small>", i.low, i.high);
    }
    text_printf(out, "</td>");
}

void page_count(struct page *p, unsigned long long count) {
    char digits[32];
    int n = snprintf(digits, sizeof(digits), "%llu", count);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) text_printf(&p->out, ",");
        text_append(&p->out, digits + i, 1);
    }
}
