#include "stages/serve/params.h"

#include "common/base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Digits only, below 2^32 - 1; moves *text past them. */
static bool read_id(const char **text, uint32_t *out) {
    uint64_t value = 0;
    const char *at = *text;
    if (!isdigit((unsigned char)*at)) return false;
    for (; isdigit((unsigned char)*at); at++) {
        value = value * 10 + (uint64_t)(*at - '0');
        if (value >= UINT32_MAX) return false;
    }
    *text = at;
    *out = (uint32_t)value;
    return true;
}

static enum status bad(const struct param_spec *spec, const char *text, const char *expected,
                       struct error *err) {
    return error_set(err, STATUS_USAGE, "%s: \"%.60s\" is not %s", spec->name, text, expected);
}

static enum status parse_id(const struct param_spec *spec, const char *text, struct param_value *v,
                            struct error *err) {
    uint32_t id = 0;
    const char *at = text;
    if (!read_id(&at, &id) || *at != '\0') return bad(spec, text, "an id", err);
    v->integer = id;
    return STATUS_OK;
}

static enum status parse_number(const struct param_spec *spec, const char *text,
                                struct param_value *v, struct error *err) {
    char *end = NULL;
    bool whole = spec->type == PARAM_INT;
    errno = 0;
    v->real = strtod(text, &end);
    bool plain = end != text && *end == '\0' && strspn(text, "+-.0123456789eE") == strlen(text);
    if (!plain || !isfinite(v->real) || (whole && v->real != floor(v->real))) {
        return bad(spec, text, whole ? "a whole number" : "a number", err);
    }
    if (v->real < spec->min || v->real > spec->max) {
        return error_set(err, STATUS_USAGE, "%s: %.60s is not between %.10g and %.10g", spec->name,
                         text, spec->min, spec->max);
    }
    v->integer = (int64_t)v->real;
    return STATUS_OK;
}

static enum status parse_flag(const struct param_spec *spec, const char *text,
                              struct param_value *v, struct error *err) {
    bool yes = *text == '\0' || strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (!yes && strcmp(text, "false") != 0 && strcmp(text, "0") != 0) {
        return bad(spec, text, "true or false", err);
    }
    v->integer = yes;
    return STATUS_OK;
}

static enum status parse_choice(const struct param_spec *spec, const char *text,
                                struct param_value *v, struct error *err) {
    size_t size = strlen(text);
    const char *at = spec->choices;
    for (int64_t place = 0; at != NULL; place++) {
        size_t length = strcspn(at, "|");
        if (length == size && memcmp(at, text, size) == 0) {
            v->integer = place;
            return STATUS_OK;
        }
        at = at[length] == '\0' ? NULL : at + length + 1;
    }
    return error_set(err, STATUS_USAGE, "%s: \"%.60s\" is not one of %s", spec->name, text,
                     spec->choices);
}

static enum status parse_ids(const struct param_spec *spec, const char *text, struct error *err) {
    uint32_t id = 0;
    size_t count = 0;
    for (const char *at = text; *at != '\0'; count++) {
        bool good = read_id(&at, &id);
        if (good && *at == ',' && at[1] != '\0') {
            at++;
        } else if (!good || *at != '\0') {
            return bad(spec, text, "a list of ids separated by commas", err);
        }
    }
    if ((double)count <= spec->max) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "%s: more than %.0f ids", spec->name, spec->max);
}

static enum status parse_text(const struct param_spec *spec, const char *text, struct error *err) {
    if (!utf8_valid(text, strlen(text))) {
        return error_set(err, STATUS_USAGE, "%s: is not valid UTF-8", spec->name);
    }
    if ((double)strlen(text) <= spec->max) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "%s: is longer than %.0f bytes", spec->name, spec->max);
}

static enum status parse_value(const struct param_spec *spec, const char *text,
                               struct param_value *v, struct error *err) {
    v->text = text;
    switch (spec->type) {
    case PARAM_ID:
        return parse_id(spec, text, v, err);
    case PARAM_INT:
    case PARAM_REAL:
        return parse_number(spec, text, v, err);
    case PARAM_FLAG:
        return parse_flag(spec, text, v, err);
    case PARAM_CHOICE:
        return parse_choice(spec, text, v, err);
    case PARAM_IDS:
        return parse_ids(spec, text, err);
    case PARAM_TEXT:
        break;
    }
    return parse_text(spec, text, err);
}

static size_t find_spec(const struct param_spec *specs, size_t n, const char *name) {
    size_t i = 0;
    while (i < n && strcmp(specs[i].name, name) != 0) {
        i++;
    }
    return i;
}

enum status params_parse(const struct param_spec *specs, size_t n_specs,
                         const struct param_pair *pairs, size_t n_pairs, struct param_value *values,
                         struct error *err) {
    memset(values, 0, n_specs * sizeof(*values));
    for (size_t p = 0; p < n_pairs; p++) {
        size_t i = find_spec(specs, n_specs, pairs[p].name);
        if (i == n_specs) {
            return error_set(err, STATUS_USAGE, "%.60s: there is no such parameter here",
                             utf8_valid(pairs[p].name, strlen(pairs[p].name)) ? pairs[p].name
                                                                              : "(not UTF-8)");
        }
        if (values[i].given) {
            return error_set(err, STATUS_USAGE, "%s: is given twice", specs[i].name);
        }
        values[i].given = true;
        const char *text = pairs[p].value == NULL ? "" : pairs[p].value;
        if (!utf8_valid(text, strlen(text))) {
            return error_set(err, STATUS_USAGE, "%s: is not valid UTF-8", specs[i].name);
        }
        TRY(parse_value(&specs[i], text, &values[i], err));
    }
    for (size_t i = 0; i < n_specs; i++) {
        if (values[i].given) continue;
        if (specs[i].required) {
            return error_set(err, STATUS_USAGE, "%s: is needed", specs[i].name);
        }
        if (specs[i].fallback != NULL) {
            TRY(parse_value(&specs[i], specs[i].fallback, &values[i], err));
        }
    }
    return STATUS_OK;
}

size_t params_ids(const char *text, uint32_t *out, size_t max) {
    size_t count = 0;
    while (text != NULL && count < max && read_id(&text, &out[count])) {
        count++;
        if (*text == ',') text++;
    }
    return count;
}
