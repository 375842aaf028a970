#include "common/base/option.h"

#include "common/base/nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static void *target(const struct option_spec *spec, void *params) {
    return (char *)params + spec->offset;
}

static bool has_limits(const struct option_spec *spec) {
    return spec->min != 0 || spec->max != 0;
}

static void limits_text(const struct option_spec *spec, char *text, size_t size) {
    const bool above = spec->min > -INFINITY, below = spec->max < INFINITY;
    if (!has_limits(spec)) {
        text[0] = '\0';
    } else if (above && below) {
        (void)snprintf(text, size, " between %.15g and %.15g", spec->min, spec->max);
    } else if (above) {
        (void)snprintf(text, size, " of at least %.15g", spec->min);
    } else {
        (void)snprintf(text, size, " of at most %.15g", spec->max);
    }
}

static enum status refuse_number(const struct option_spec *spec, const char *value,
                                 struct error *err) {
    char limits[96];
    limits_text(spec, limits, sizeof limits);
    return error_set(err, STATUS_USAGE, "--%s: \"%s\" is not %s%s%s", spec->name, value,
                     spec->type == OPTION_INT ? "a whole number" : "a number", limits,
                     spec->automatic ? ", nor auto" : "");
}

static enum status set_int(const struct option_spec *spec, const char *value, int64_t *out,
                           struct error *err) {
    char *end = NULL;
    errno = 0;
    const long long number = strtoll(value, &end, 10);
    const bool in_limits =
        !has_limits(spec) || ((double)number >= spec->min && (double)number <= spec->max);
    const bool starts_well = (value[0] >= '0' && value[0] <= '9') || value[0] == '-';
    if (!starts_well || end == value || *end != '\0' || errno != 0 || !in_limits) {
        return refuse_number(spec, value, err);
    }
    *out = (int64_t)number;
    return STATUS_OK;
}

static enum status set_real(const struct option_spec *spec, const char *value, double *out,
                            struct error *err) {
    char *end = NULL;
    const double number = strtod(value, &end);
    const bool in_limits = !has_limits(spec) || (number >= spec->min && number <= spec->max);
    const bool decimal = strspn(value, "0123456789+-.eE") == strlen(value); /* no nan, no 0x */
    if (!decimal || end == value || *end != '\0' || !isfinite(number) || !in_limits) {
        return refuse_number(spec, value, err);
    }
    *out = number;
    return STATUS_OK;
}

static bool is_choice(const char *choices, const char *value) {
    const size_t size = strlen(value);
    for (const char *at = choices; *at != '\0';) {
        const size_t length = strcspn(at, "|");
        if (length == size && memcmp(at, value, size) == 0) return true;
        at += length;
        if (*at == '|') at++;
    }
    return false;
}

static enum status refuse_choice(const struct option_spec *spec, const char *value,
                                 struct error *err) {
    struct nearest meant = {.word = value, .size = strlen(value)};
    for (const char *at = spec->choices; *at != '\0';) {
        const size_t length = strcspn(at, "|");
        nearest_offer(&meant, at, length);
        at += length;
        if (*at == '|') at++;
    }
    if (!meant.found) {
        return error_set(err, STATUS_USAGE, "--%s: \"%s\" is not one of %s", spec->name, value,
                         spec->choices);
    }
    return error_set(err, STATUS_USAGE, "--%s: \"%s\" is not one of %s; did you mean %.*s?",
                     spec->name, value, spec->choices, (int)meant.found_size, meant.found);
}

static enum status set_flag(const struct option_spec *spec, const char *value, bool *out,
                            struct error *err) {
    if (is_choice("1|yes|true|on", value)) {
        *out = true;
    } else if (is_choice("0|no|false|off", value)) {
        *out = false;
    } else {
        return error_set(err, STATUS_USAGE, "--%s: \"%s\" is neither yes nor no", spec->name,
                         value);
    }
    return STATUS_OK;
}

static bool is_auto_number(const struct option_spec *spec, const char *value) {
    const bool number = spec->type == OPTION_INT || spec->type == OPTION_REAL;
    return number && spec->automatic && strcmp(value, "auto") == 0;
}

static void set_auto_number(const struct option_spec *spec, void *out) {
    if (spec->type == OPTION_INT) {
        *(int64_t *)out = OPTION_AUTO_INT;
    } else {
        *(double *)out = OPTION_AUTO_REAL;
    }
}

static enum status set_value(const struct option_spec *spec, void *params, const char *value,
                             struct error *err) {
    void *out = target(spec, params);
    if (is_auto_number(spec, value)) {
        set_auto_number(spec, out);
        return STATUS_OK;
    }
    switch (spec->type) {
    case OPTION_FLAG:
        return set_flag(spec, value, out, err);
    case OPTION_INT:
        return set_int(spec, value, out, err);
    case OPTION_REAL:
        return set_real(spec, value, out, err);
    case OPTION_CHOICE:
        if (!is_choice(spec->choices, value)) return refuse_choice(spec, value, err);
        break;
    case OPTION_TEXT:
    case OPTION_LIST:
        break;
    }
    *(const char **)out = value;
    return STATUS_OK;
}

enum status options_default(const struct option_spec *specs, size_t count, void *params,
                            struct error *err) {
    for (size_t i = 0; i < count; i++) {
        const struct option_spec *spec = &specs[i];
        if (spec->default_value) {
            TRY(set_value(spec, params, spec->default_value, err));
            continue;
        }
        switch (spec->type) {
        case OPTION_FLAG:
            *(bool *)target(spec, params) = false;
            break;
        case OPTION_INT:
            *(int64_t *)target(spec, params) = 0;
            break;
        case OPTION_REAL:
            *(double *)target(spec, params) = 0;
            break;
        case OPTION_CHOICE:
        case OPTION_TEXT:
        case OPTION_LIST:
            *(const char **)target(spec, params) = NULL;
            break;
        }
    }
    return STATUS_OK;
}

/* ---- auto ---- */

static bool is_auto_text(const char *value) {
    return value && strcmp(value, "auto") == 0;
}

bool option_is_auto(const struct option_spec *spec, const void *params) {
    const void *value = (const char *)params + spec->offset;
    if (!spec->automatic) return false;
    switch (spec->type) {
    case OPTION_INT:
        return *(const int64_t *)value == OPTION_AUTO_INT;
    case OPTION_REAL:
        return isnan(*(const double *)value);
    case OPTION_CHOICE:
    case OPTION_TEXT:
    case OPTION_LIST:
        return is_auto_text(*(const char *const *)value);
    case OPTION_FLAG:
        break;
    }
    return false;
}

int64_t option_int_or(int64_t value, int64_t automatic) {
    return value == OPTION_AUTO_INT ? automatic : value;
}

double option_real_or(double value, double automatic) {
    return isnan(value) ? automatic : value;
}

const char *option_text_or(const char *value, const char *automatic) {
    return is_auto_text(value) ? automatic : value;
}

/* ---- the command line ---- */

struct parser {
    const struct option_spec *specs;
    size_t count;
    void *params;
    int argc;
    char **argv;
    int at; /* index of the argument being read */
};

static enum status refuse_unknown(const struct parser *p, const char *name, size_t size,
                                  struct error *err) {
    struct nearest meant = {.word = name, .size = size};
    for (size_t i = 0; i < p->count; i++) {
        nearest_offer(&meant, p->specs[i].name, strlen(p->specs[i].name));
    }
    if (!meant.found) {
        return error_set(err, STATUS_USAGE, "--%.*s: unknown option (see --help)", (int)size, name);
    }
    return error_set(err, STATUS_USAGE, "--%.*s: unknown option; did you mean --%s?", (int)size,
                     name, meant.found);
}

/* Finds an option by its name or by an unambiguous prefix of it, `size` bytes at `name`. */
static enum status find_long(const struct parser *p, const char *name, size_t size,
                             const struct option_spec **out, struct error *err) {
    const struct option_spec *only = NULL, *other = NULL;
    for (size_t i = 0; i < p->count; i++) {
        const struct option_spec *spec = &p->specs[i];
        if (strncmp(spec->name, name, size) != 0) continue;
        if (spec->name[size] == '\0') {
            *out = spec;
            return STATUS_OK;
        }
        if (only) other = spec;
        if (!only) only = spec;
    }
    *out = NULL;
    if (other && size > 0) {
        return error_set(err, STATUS_USAGE, "--%.*s: ambiguous, could be --%s or --%s", (int)size,
                         name, only->name, other->name);
    }
    if (!only || size == 0) return refuse_unknown(p, name, size, err);
    *out = only;
    return STATUS_OK;
}

static enum status next_value(struct parser *p, const struct option_spec *spec, const char **value,
                              struct error *err) {
    if (p->at + 1 >= p->argc) {
        return error_set(err, STATUS_USAGE, "--%s: needs a value", spec->name);
    }
    *value = p->argv[++p->at];
    return STATUS_OK;
}

static enum status parse_long(struct parser *p, const char *word, struct error *err) {
    const size_t size = strcspn(word, "=");
    const char *value = word[size] == '=' ? word + size + 1 : NULL;
    const struct option_spec *spec = NULL;
    struct error unknown = {0};
    if (find_long(p, word, size, &spec, &unknown) != STATUS_OK) {
        const bool negated = size > 3 && strncmp(word, "no-", 3) == 0 && !value;
        if (!negated || find_long(p, word + 3, size - 3, &spec, NULL) != STATUS_OK ||
            spec->type != OPTION_FLAG) {
            return error_set(err, unknown.status, "%s", unknown.text);
        }
        return set_value(spec, p->params, "no", err);
    }
    if (!value && spec->type == OPTION_FLAG) value = "yes";
    if (!value) TRY(next_value(p, spec, &value, err));
    return set_value(spec, p->params, value, err);
}

static enum status parse_letter(struct parser *p, const char *word, struct error *err) {
    const struct option_spec *spec = NULL;
    for (size_t i = 0; i < p->count && !spec; i++) {
        if (p->specs[i].letter == word[0]) spec = &p->specs[i];
    }
    if (!spec || (spec->type == OPTION_FLAG && word[1] != '\0')) {
        return error_set(err, STATUS_USAGE, "-%s: unknown option (see --help)", word);
    }
    const char *value = spec->type == OPTION_FLAG ? "yes" : word + 1;
    if (*value == '\0') TRY(next_value(p, spec, &value, err));
    return set_value(spec, p->params, value, err);
}

enum status options_parse(const struct option_spec *specs, size_t count, void *params, int argc,
                          char **argv, int *n_words, struct error *err) {
    struct parser p = {specs, count, params, argc, argv, 1};
    bool only_words = false;
    int words = 0;
    for (; p.at < argc; p.at++) {
        char *word = argv[p.at];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (!only_words && strncmp(word, "--", 2) == 0) {
            TRY(parse_long(&p, word + 2, err));
        } else if (!only_words && word[0] == '-' && word[1] != '\0') {
            TRY(parse_letter(&p, word + 1, err));
        } else if (n_words) {
            argv[++words] = word; /* never ahead of the argument being read */
        } else {
            return error_set(err, STATUS_USAGE, "\"%s\": unexpected word (see --help)", word);
        }
    }
    if (n_words) *n_words = words;
    return STATUS_OK;
}

static bool stands_in(int argc, char **argv, const char *option) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], option) == 0) return true;
    }
    return false;
}

bool options_ask_for_help(int argc, char **argv) {
    return stands_in(argc, argv, "--help") || stands_in(argc, argv, "-h");
}

bool options_ask_for_check(int argc, char **argv) {
    return stands_in(argc, argv, "--check");
}

/* ---- text ---- */

static enum status append_real(double value, struct buf *out, struct error *err) {
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return buf_puts(out, text, err);
}

/* A line feed inside a value would look like the start of the next parameter. */
static enum status append_text(const char *text, struct buf *out, struct error *err) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n') {
            TRY(buf_puts(out, "\\n", err));
        } else if (*c == '\\') {
            TRY(buf_puts(out, "\\\\", err));
        } else {
            TRY(buf_append(out, c, 1, err));
        }
    }
    return STATUS_OK;
}

enum status option_canonical_value(const struct option_spec *spec, const void *params,
                                   struct buf *out, struct error *err) {
    const void *value = (const char *)params + spec->offset;
    const char *text = NULL;
    if (option_is_auto(spec, params)) return buf_puts(out, "auto", err);
    switch (spec->type) {
    case OPTION_FLAG:
        return buf_puts(out, *(const bool *)value ? "1" : "0", err);
    case OPTION_INT:
        return buf_printf(out, err, "%" PRId64, *(const int64_t *)value);
    case OPTION_REAL:
        return append_real(*(const double *)value, out, err);
    case OPTION_CHOICE:
    case OPTION_TEXT:
    case OPTION_LIST:
        text = *(const char *const *)value;
        break;
    }
    return append_text(text ? text : "", out, err);
}

enum status options_canonical(const struct option_spec *specs, size_t count, const void *params,
                              struct buf *out, struct error *err) {
    TRY(buf_append(out, "", 0, err)); /* so that `out` is "" without parameters */
    for (size_t i = 0; i < count; i++) {
        if (specs[i].effect != OPTION_PARAMETER) continue;
        TRY(buf_printf(out, err, "%s=", specs[i].name));
        TRY(option_canonical_value(&specs[i], params, out, err));
        TRY(buf_puts(out, "\n", err));
    }
    return STATUS_OK;
}

static const char *type_word(enum option_type type) {
    switch (type) {
    case OPTION_INT:
        return " N";
    case OPTION_REAL:
        return " X";
    case OPTION_TEXT:
        return " TEXT";
    case OPTION_LIST:
        return " A,B,..";
    case OPTION_CHOICE:
        return " WORD";
    case OPTION_FLAG:
        break;
    }
    return "";
}

static void help_line(const struct option_spec *spec, FILE *out) {
    enum { HELP_COLUMN = 30 };
    char letter[8] = "    ", limits[96] = "";
    if (spec->letter) (void)snprintf(letter, sizeof letter, "-%c, ", spec->letter);
    const int width = fprintf(out, "  %s--%s%s", letter, spec->name, type_word(spec->type));
    const int gap = width + 2 <= HELP_COLUMN ? HELP_COLUMN - width : 2;
    (void)fprintf(out, "%*s%s", gap, "", spec->help);
    if (spec->type == OPTION_CHOICE) (void)fprintf(out, "; %s", spec->choices);
    if (spec->type == OPTION_INT || spec->type == OPTION_REAL) {
        limits_text(spec, limits, sizeof limits);
        (void)fprintf(out, "%s%s", limits[0] ? ";" : "", limits);
    }
    if (spec->type == OPTION_FLAG) {
        const bool on = spec->default_value && is_choice("1|yes|true|on", spec->default_value);
        if (on) (void)fprintf(out, " [default on; --no-%s]", spec->name);
    } else if (spec->default_value && spec->default_value[0]) {
        (void)fprintf(out, " [default %s%s%s]", spec->default_value, spec->automatic ? ": " : "",
                      spec->automatic ? spec->automatic : "");
    }
    (void)fputc('\n', out);
}

void options_help(const struct option_spec *specs, size_t count, FILE *out) {
    for (size_t i = 0; i < count; i++) {
        help_line(&specs[i], out);
    }
}

static void print_accepted(const struct option_spec *spec, FILE *out) {
    const bool number = spec->type == OPTION_INT || spec->type == OPTION_REAL;
    if (spec->type == OPTION_CHOICE) (void)fputs(spec->choices, out);
    if (!number || !has_limits(spec)) return;
    if (spec->min > -INFINITY) (void)fprintf(out, "%.15g", spec->min);
    (void)fputs("..", out);
    if (spec->max < INFINITY) (void)fprintf(out, "%.15g", spec->max);
    if (spec->automatic) (void)fputs("|auto", out);
}

void options_describe(const struct option_spec *specs, size_t count, const char *kind, FILE *out) {
    static const char *const type[] = {
        [OPTION_FLAG] = "flag", [OPTION_INT] = "int",       [OPTION_REAL] = "real",
        [OPTION_TEXT] = "text", [OPTION_CHOICE] = "choice", [OPTION_LIST] = "list"};
    for (size_t i = 0; i < count; i++) {
        const struct option_spec *spec = &specs[i];
        (void)fprintf(out, "%s\t%s\t%s\t%s\t%s\t", kind, spec->name, type[spec->type],
                      spec->effect == OPTION_PARAMETER ? "parameter" : "runtime",
                      spec->default_value ? spec->default_value : "");
        print_accepted(spec, out);
        (void)fprintf(out, "\t%s%s%s\n", spec->help, spec->automatic ? "; auto: " : "",
                      spec->automatic ? spec->automatic : "");
    }
}
