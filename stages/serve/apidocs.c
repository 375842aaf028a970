/* OpenAPI 3 from the table of routes. */
#include "common/base/mem.h"
#include "stages/serve/body.h"
#include "stages/serve/render.h"
#include "stages/serve/route.h"

#include <ctype.h>
#include <string.h>

static int add_text(json_t *o, const char *key, const char *text) {
    return render_add(o, key, json_string(text));
}

static json_t *number_schema(const struct param_spec *p) {
    bool whole = p->type != PARAM_REAL;
    json_t *o = json_object();
    int bad = add_text(o, "type", whole ? "integer" : "number");
    double max = p->type == PARAM_ID ? (double)UINT32_MAX - 1 : p->max;
    bad |= render_add(o, "minimum", whole ? json_integer((json_int_t)p->min) : json_real(p->min));
    bad |= render_add(o, "maximum", whole ? json_integer((json_int_t)max) : json_real(max));
    return render_done(o, bad);
}

static json_t *choice_schema(const struct param_spec *p) {
    json_t *o = json_object(), *list = json_array();
    int bad = list == NULL || add_text(o, "type", "string");
    const char *at = p->choices;
    while (at != NULL) {
        size_t size = strcspn(at, "|");
        bad |= json_array_append_new(list, json_stringn(at, size));
        at = at[size] == '\0' ? NULL : at + size + 1;
    }
    bad |= render_add(o, "enum", list);
    return render_done(o, bad);
}

static json_t *param_schema(const struct param_spec *p) {
    switch (p->type) {
    case PARAM_ID:
    case PARAM_INT:
    case PARAM_REAL:
        return number_schema(p);
    case PARAM_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case PARAM_CHOICE:
        return choice_schema(p);
    case PARAM_IDS:
        return json_pack("{s:s,s:s}", "type", "string", "pattern", "^([0-9]+(,[0-9]+)*)?$");
    case PARAM_TEXT:
        break;
    }
    return json_pack("{s:s,s:i}", "type", "string", "maxLength", (int)p->max);
}

/* The fallback, a text, as a JSON value of the parameter's type. */
static int add_default(json_t *schema, const struct param_spec *p) {
    json_t *value = NULL;
    if (p->fallback == NULL) return 0;
    if (p->type == PARAM_CHOICE || p->type == PARAM_TEXT) {
        value = json_string(p->fallback);
    } else {
        value = json_loads(p->fallback, JSON_DECODE_ANY, NULL);
    }
    return render_add(schema, "default", value);
}

static json_t *describe_params(const struct route *r) {
    json_t *list = json_array();
    int bad = list == NULL;
    for (size_t i = 0; i < r->n_params; i++) {
        const struct param_spec *p = &r->params[i];
        json_t *o = json_object(), *schema = param_schema(p);
        int wrong = schema == NULL || add_default(schema, p);
        wrong |= add_text(o, "name", p->name);
        wrong |= add_text(o, "in", p->in_path ? "path" : "query");
        wrong |= render_add(o, "required", json_boolean(p->in_path || p->required));
        wrong |= add_text(o, "description", p->help);
        wrong |= render_add(o, "schema", schema);
        bad |= json_array_append_new(list, render_done(o, wrong));
    }
    return render_done(list, bad);
}

static json_t *reference(const char *schema) {
    AUTO(buf) struct buf text = {0};
    if (buf_printf(&text, NULL, "#/components/schemas/%s", schema) != STATUS_OK) return NULL;
    return json_pack("{s:s}", "$ref", text.data);
}

static json_t *content_of(const char *schema) {
    if (strcmp(schema, "text") == 0) {
        return json_pack("{s:{s:{s:s}}}", "text/plain", "schema", "type", "string");
    }
    return json_pack("{s:{s:o}}", "application/json", "schema", reference(schema));
}

static json_t *describe_responses(const struct route *r) {
    return json_pack("{s:{s:s,s:o},s:{s:s,s:o}}", "200", "description", r->summary, "content",
                     content_of(r->answer), "default", "description", "What is wrong", "content",
                     content_of("error"));
}

static json_t *describe_operation(const struct route *r) {
    json_t *o = json_object();
    int bad = add_text(o, "operationId", r->name);
    bad |= add_text(o, "summary", r->summary);
    bad |= render_add(o, "parameters", describe_params(r));
    bad |= render_add(o, "responses", describe_responses(r));
    if (r->body != NULL) {
        bad |= render_add(o, "requestBody",
                          json_pack("{s:b,s:o}", "required", 1, "content", content_of(r->body)));
    }
    if (r->write) bad |= render_add(o, "security", json_pack("[{s:[]},{}]", "key"));
    return render_done(o, bad);
}

static json_t *describe_paths(void) {
    json_t *paths = json_object();
    int bad = paths == NULL;
    for (size_t i = 0; i < n_routes; i++) {
        char method[16] = "";
        for (size_t c = 0; c + 1 < sizeof method && routes[i].method[c] != '\0'; c++) {
            method[c] = (char)tolower((unsigned char)routes[i].method[c]);
        }
        json_t *path = json_object_get(paths, routes[i].path);
        if (path == NULL) {
            path = json_object();
            bad |= render_add(paths, routes[i].path, path);
        }
        bad |= render_add(path, method, describe_operation(&routes[i]));
    }
    return render_done(paths, bad);
}

/* JSON schemas of bodies and answers, by the names in the table of routes. */
static const char schemas[] =
    "{\"error\":{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":{\"type\":"
    "\"object\",\"required\":[\"reason\"],\"properties\":{\"status\":{\"type\":\"integer\"},"
    "\"reason\":{\"type\":\"string\"}}}}},"
    "\"movie\":{\"type\":\"object\",\"required\":[\"movieId\",\"title\",\"genres\"],"
    "\"properties\":{\"movieId\":{\"type\":\"integer\"},\"title\":{\"type\":\"string\"},"
    "\"year\":{\"type\":\"integer\",\"nullable\":true},\"genres\":{\"type\":\"array\",\"items\":"
    "{\"type\":\"string\"}},\"ratings\":{\"type\":\"integer\"},\"mean\":{\"type\":\"number\","
    "\"nullable\":true},\"score\":{\"type\":\"number\"},\"predicted\":{\"type\":\"number\"},"
    "\"reason\":{\"type\":\"string\",\"description\":\"the strongest of the reasons\"},"
    "\"reasons\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"kind\","
    "\"bits\",\"text\"],\"properties\":{\"kind\":{\"type\":\"string\"},\"movieId\":{\"type\":"
    "\"integer\"},\"bits\":{\"type\":"
    "\"number\"},\"text\":{\"type\":\"string\"}}}},"
    "\"evidence\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"object\"}},\"explanation\":{\"type\":\"object\",\"properties\":{\"score\":{\"type\":"
    "\"number\"},\"parts\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":["
    "\"name\",\"contribution\"],\"properties\":{\"name\":{\"type\":\"string\"},"
    "\"meaning\":{\"type\":\"string\"},\"contribution\":"
    "{\"type\":\"number\"}}}}}}}},"
    "\"list\":{\"type\":\"object\",\"required\":[\"movies\"],\"properties\":{\"movies\":{\"type\":"
    "\"array\",\"items\":{\"$ref\":\"#/components/schemas/movie\"}}}},"
    "\"prediction\":{\"type\":\"object\",\"required\":[\"predicted\",\"score\"],\"properties\":{"
    "\"predicted\":{\"type\":\"number\",\"nullable\":true},\"score\":{\"type\":\"number\"},"
    "\"rated\":{\"type\":\"number\",\"nullable\":true}}},"
    "\"user\":{\"type\":\"object\",\"required\":[\"userId\",\"history\"],\"properties\":{"
    "\"userId\":{\"type\":\"integer\"},\"trained\":{\"type\":\"boolean\"},\"events\":{\"type\":"
    "\"integer\"},\"count\":{\"type\":\"integer\"},\"history\":{\"type\":\"array\",\"items\":{"
    "\"$ref\":\"#/components/schemas/movie\"}}}},"
    "\"genres\":{\"type\":\"object\",\"properties\":{\"genres\":{\"type\":\"array\",\"items\":{"
    "\"type\":\"string\"}},\"year_from\":{\"type\":\"integer\"},\"year_to\":{\"type\":"
    "\"integer\"}}},"
    "\"event\":{\"type\":\"object\",\"required\":[\"userId\",\"movieId\",\"type\"],"
    "\"additionalProperties\":false,\"properties\":{\"userId\":{\"type\":\"integer\"},\"movieId\":"
    "{\"type\":\"integer\"},\"type\":{\"type\":\"string\",\"enum\":[\"rating\",\"view\",\"like\","
    "\"dislike\",\"not_interested\"]},\"value\":{\"type\":\"number\",\"minimum\":0.5,\"maximum\":"
    "5,\"multipleOf\":0.5},\"timestamp\":{\"type\":\"integer\"},\"id\":{\"type\":\"string\","
    "\"maxLength\":64,\"description\":\"makes repeating the event harmless\"}}},"
    "\"feedback\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/event\"},{\"type\":\"array\","
    "\"maxItems\":1000,\"items\":{\"$ref\":\"#/components/schemas/event\"}}]},"
    "\"session\":{\"type\":\"object\",\"required\":[\"movies\"],\"additionalProperties\":false,"
    "\"properties\":{\"movies\":{\"type\":\"array\",\"maxItems\":10000,\"items\":{\"oneOf\":[{"
    "\"type\":\"integer\"},{\"type\":\"object\",\"required\":[\"movieId\"],\"properties\":{"
    "\"movieId\":{\"type\":\"integer\"},\"rating\":{\"type\":\"number\"},\"timestamp\":{\"type\":"
    "\"integer\"}}}]}}}},"
    "\"accepted\":{\"type\":\"object\",\"required\":[\"accepted\"],\"properties\":{\"accepted\":{"
    "\"type\":\"integer\"},\"repeated\":{\"type\":\"integer\"}}},"
    "\"done\":{\"type\":\"object\"},\"health\":{\"type\":\"object\"},"
    "\"openapi\":{\"type\":\"object\"}}";

enum status answer_apidocs(struct service *s, const struct request *q, struct reply *out,
                           struct error *err) {
    (void)s, (void)q;
    json_t *o = json_object();
    int bad = add_text(o, "openapi", "3.0.3");
    bad |= render_add(o, "info", json_pack("{s:s,s:s}", "title", "Marquee", "version", "1"));
    bad |= render_add(o, "paths", describe_paths());
    bad |= render_add(o, "components",
                      json_pack("{s:o,s:{s:{s:s,s:s,s:s}}}", "schemas",
                                json_loads(schemas, 0, NULL), "securitySchemes", "key", "type",
                                "apiKey", "in", "header", "name", "X-API-Key"));
    out->json = render_done(o, bad);
    return out->json == NULL ? error_set(err, STATUS_FAILED, "out of memory") : STATUS_OK;
}
