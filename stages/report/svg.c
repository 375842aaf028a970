#include "stages/report/svg.h"

#include "stages/report/palette.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What is being read, and where it goes. */
struct svg_filter {
    struct text *out;
    const char *at, *end;
    const char *name, *label;
    const struct catalogue *catalogue;
    size_t group;      /* place in `out` of the last group that may turn out to be empty */
    bool group_is_new; /* nothing came after it */
};

struct span {
    const char *data;
    size_t size;
};

static bool equals(struct span s, const char *text) {
    return s.size == strlen(text) && memcmp(s.data, text, s.size) == 0;
}

static bool begins(struct span s, const char *text) {
    return s.size >= strlen(text) && memcmp(s.data, text, strlen(text)) == 0;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_spaces(struct svg_filter *f) {
    while (f->at < f->end && is_space(*f->at)) {
        f->at++;
    }
}

static struct span take_name(struct svg_filter *f) {
    struct span s = {f->at, 0};
    while (f->at < f->end && !is_space(*f->at) && strchr("=/>", *f->at) == NULL) {
        f->at++;
    }
    s.size = (size_t)(f->at - s.data);
    return s;
}

/* ="..." or ='...' */
static struct span take_value(struct svg_filter *f) {
    struct span s = {f->at, 0};
    skip_spaces(f);
    if (f->at >= f->end || *f->at != '=') return s;
    f->at++;
    skip_spaces(f);
    if (f->at >= f->end || (*f->at != '"' && *f->at != '\'')) return s;
    char quote = *f->at++;
    s.data = f->at;
    while (f->at < f->end && *f->at != quote) {
        f->at++;
    }
    s.size = (size_t)(f->at - s.data);
    if (f->at < f->end) f->at++;
    return s;
}

/* Skips to behind the end tag of an element that is left out. */
static void skip_element(struct svg_filter *f, struct span name) {
    while (f->at < f->end) {
        const char *tag = memchr(f->at, '<', (size_t)(f->end - f->at));
        if (tag == NULL || f->end - tag < 2) break;
        f->at = tag + 1;
        struct svg_filter ahead = *f;
        if (*ahead.at != '/') continue;
        ahead.at++;
        struct span closing = take_name(&ahead);
        if (closing.size != name.size || memcmp(closing.data, name.data, name.size) != 0) continue;
        f->at = ahead.at < f->end ? ahead.at + 1 : f->end;
        return;
    }
    f->at = f->end;
}

/* "rgb( 31,  95, 196)" */
static bool parse_rgb(struct span value, unsigned rgb[3]) {
    if (!begins(value, "rgb(")) return false;
    const char *at = value.data + 4, *end = value.data + value.size;
    for (int i = 0; i < 3; i++) {
        rgb[i] = 0;
        while (at < end && *at == ' ') {
            at++;
        }
        while (at < end && *at >= '0' && *at <= '9' && rgb[i] < 256) {
            rgb[i] = rgb[i] * 10 + (unsigned)(*at++ - '0');
        }
        if (at >= end || *at++ != (i < 2 ? ',' : ')')) return false;
    }
    return true;
}

static void put_colour(struct svg_filter *f, struct span value) {
    unsigned rgb[3];
    const char *variable = NULL;
    if (parse_rgb(value, rgb)) variable = palette_variable(rgb[0], rgb[1], rgb[2]);
    if (equals(value, "black")) variable = "--ink";
    if (equals(value, "white")) variable = "--paper";
    if (equals(value, "gray")) variable = "--line";
    if (variable != NULL) {
        text_printf(f->out, "var(%s)", variable);
    } else {
        text_append(f->out, value.data, value.size);
    }
}

static void put_attribute(struct svg_filter *f, struct span name, struct span value) {
    bool href = equals(name, "xlink:href");
    if (begins(name, "xmlns") || begins(name, "on") || equals(name, "font-family") ||
        equals(name, "class") || (href && !begins(value, "#"))) {
        return;
    }
    text_append(f->out, " ", 1);
    text_append(f->out, href ? "href" : name.data, href ? 4 : name.size);
    text_append(f->out, "=\"", 2);
    if (href || equals(name, "id")) {
        text_printf(f->out, "%s%s-", href ? "#" : "", f->name);
        text_append(f->out, value.data + href, value.size - href);
    } else if (equals(name, "fill") || equals(name, "stroke") || equals(name, "color")) {
        put_colour(f, value);
    } else {
        text_append(f->out, value.data, value.size);
    }
    text_append(f->out, "\"", 1);
}

/* gnuplot_svg.showHypertext(evt,'123') */
static void put_title(struct svg_filter *f, struct span script) {
    const char *quote = memchr(script.data, '\'', script.size);
    if (quote == NULL) return;
    unsigned long movie = strtoul(quote + 1, NULL, 10);
    if (movie >= f->catalogue->n_movies) return;
    text_printf(f->out, "<title>");
    text_html(f->out, strings_get(&f->catalogue->title, movie));
    if (f->catalogue->year[movie] != 0) text_printf(f->out, " (%u)", f->catalogue->year[movie]);
    text_printf(f->out, "</title>");
}

/* Copies the rest of a start tag, after its name. */
static void put_start(struct svg_filter *f, struct span element) {
    struct span script = {NULL, 0};
    bool closed = false;
    size_t start = f->out->buf.size;
    text_append(f->out, "<", 1);
    text_append(f->out, element.data, element.size);
    if (equals(element, "svg")) {
        text_printf(f->out, " role=\"img\" aria-label=\"");
        text_html(f->out, f->label);
        text_append(f->out, "\"", 1);
    }
    for (;;) {
        skip_spaces(f);
        if (f->at >= f->end || *f->at == '>') break;
        if (*f->at == '/') {
            closed = true;
            f->at++;
            continue;
        }
        struct span name = take_name(f);
        if (name.size == 0) {
            f->at++;
            continue;
        }
        struct span value = take_value(f);
        if (equals(name, "onmousemove")) script = value;
        put_attribute(f, name, value);
    }
    if (f->at < f->end) f->at++;
    text_printf(f->out, closed ? "/>" : ">");
    if (script.size > 0) put_title(f, script);
    f->group_is_new = equals(element, "g") && !closed && script.size == 0;
    f->group = start;
}

static void put_end(struct svg_filter *f) {
    f->at++;
    struct span element = take_name(f);
    while (f->at < f->end && *f->at++ != '>') {
    }
    if (f->group_is_new && equals(element, "g")) {
        if (f->out->err.status == STATUS_OK) f->out->buf.size = f->group;
    } else {
        text_printf(f->out, "</");
        text_append(f->out, element.data, element.size);
        text_printf(f->out, ">");
    }
    f->group_is_new = false;
}

static void put_text(struct svg_filter *f) {
    struct span s = {f->at, 0};
    while (f->at < f->end && *f->at != '<') {
        f->at++;
    }
    s.size = (size_t)(f->at - s.data);
    bool blank = true;
    for (size_t i = 0; i < s.size; i++) {
        blank &= is_space(s.data[i]);
    }
    if (blank) return;
    text_append(f->out, s.data, s.size);
    f->group_is_new = false;
}

void svg_include(struct text *out, const char *svg, size_t size, const char *name,
                 const char *label, const struct catalogue *catalogue) {
    struct svg_filter f = {.out = out,
                           .at = memmem(svg, size, "<svg", 4),
                           .end = svg + size,
                           .name = name,
                           .label = label,
                           .catalogue = catalogue};
    while (f.at != NULL && f.at < f.end) {
        if (*f.at != '<') {
            put_text(&f);
            continue;
        }
        f.at++;
        if (f.at < f.end && *f.at == '/') {
            put_end(&f);
            continue;
        }
        struct span element = take_name(&f);
        if (equals(element, "title") || equals(element, "desc") || equals(element, "filter") ||
            equals(element, "script")) {
            skip_element(&f, element);
        } else if (element.size == 0 || element.data[0] == '!' || element.data[0] == '?') {
            while (f.at < f.end && *f.at++ != '>') {
            }
        } else {
            put_start(&f, element);
        }
    }
}
