#include "stages/report/certificate.h"

#include <string.h>

/* Whether each certified artifact is the one in the folder. */
static bool is_current(const struct reported_run *r, const json_t *artifacts) {
    const char *name;
    json_t *certified;
    json_object_foreach((json_t *)artifacts, name, certified) {
        bool found = false;
        for (size_t part = 0; part < RUN_PARTS; part++) {
            const struct artifact *a = r->folder.file[part];
            if (a == NULL || strcmp(run_part(part)->name, name) != 0) continue;
            struct digest id = artifact_content_id(a);
            char hex[DIGEST_TEXT_SIZE];
            digest_text(&id, hex);
            found = strcmp(hex, json_text(json_object_get(certified, "content"), "")) == 0;
        }
        if (!found) return false;
    }
    return true;
}

static void print_artifacts(struct page *p, const json_t *artifacts) {
    struct text *out = &p->out;
    text_printf(out, "<div class=\"scroll\"><table class=\"lineage\"><thead><tr>"
                     "<th scope=\"col\">artifact</th><th scope=\"col\">SHA-256</th>"
                     "<th scope=\"col\">without the held-out ratings</th>"
                     "</tr></thead><tbody>\n");
    const char *name;
    json_t *certified;
    json_object_foreach((json_t *)artifacts, name, certified) {
        text_printf(out, "<tr><th scope=\"row\">");
        text_html(out, name);
        text_printf(out, "</th><td class=\"text\"><code>");
        text_html(out, json_text(json_object_get(certified, "sha256"), "?"));
        text_printf(out, "</code></td><td class=\"text\">%s</td></tr>\n",
                    json_is_true(json_object_get(certified, "same")) ? "the same bytes"
                                                                     : "another one");
    }
    text_printf(out, "</tbody></table></div>\n");
}

static void print_drawn(struct page *p, const json_t *drawn) {
    struct text *out = &p->out;
    text_printf(out, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">model</th>"
                     "<th scope=\"col\">AUC on movies drawn by lot</th></tr></thead><tbody>\n");
    const char *name;
    json_t *model;
    json_object_foreach((json_t *)drawn, name, model) {
        text_printf(out, "<tr><th scope=\"row\">");
        text_html(out, name);
        text_printf(out, "</th><td>%.4f<small>standard error %.4f</small></td></tr>\n",
                    json_number_value(json_object_get(model, "auc")),
                    json_number_value(json_object_get(model, "standard_error")));
    }
    text_printf(out, "</tbody></table></div>\n");
}

void certificate_print(struct page *p) {
    const json_t *c = p->run->certificate;
    text_printf(&p->out, "<h3>Certificate</h3>\n");
    if (c == NULL) {
        text_printf(&p->out, "<p>Not certified: <code>make certify RUN=");
        text_html(&p->out, p->run->folder.name);
        text_printf(&p->out, "</code> makes the models again without the held-out ratings, and "
                             "looks whether anything changes.</p>\n");
        return;
    }
    if (!is_current(p->run, json_object_get(c, "artifacts"))) {
        text_printf(&p->out,
                    "<p class=\"warning\">The certificate is of other artifacts than these: "
                    "the run was made again after it.</p>\n");
        return;
    }
    bool passed = json_is_true(json_object_get(c, "passed"));
    text_printf(&p->out, "<p%s>", passed ? "" : " class=\"warning\"");
    text_html(&p->out, json_text(json_object_get(c, "verdict"), "?"));
    text_printf(&p->out, ".</p>\n");
    print_artifacts(p, json_object_get(c, "artifacts"));
    print_drawn(p, json_object_get(c, "drawn"));
}
