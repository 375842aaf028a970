/* Artifacts as text: the reading half, a scanner and one function per keyword. */
#include "common/artifact/kinds.h"
#include "common/base/file.h"
#include "common/base/half.h"
#include "common/base/mem.h"
#include "stages/inspect/artifact_text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scanner {
    const char *path;
    const char *at, *end;
    size_t line;
    struct buf token; /* the last word or, without its quotes, text */
    bool quoted;      /* whether it was a quoted text */
    bool ended;       /* no token was left */
};

static enum status wrong(const struct scanner *s, const char *what, struct error *err) {
    if (s->ended)
        return error_set(err, STATUS_FAILED, "%s:%zu: the file ends, wanted is %s", s->path,
                         s->line, what);
    return error_set(err, STATUS_FAILED, "%s:%zu: \"%.60s\": wanted is %s", s->path, s->line,
                     s->token.data, what);
}

/* ---- tokens ---- */

static void skip_space(struct scanner *s) {
    for (; s->at < s->end; s->at++) {
        if (*s->at == '#') {
            while (s->at + 1 < s->end && s->at[1] != '\n')
                s->at++;
        } else if (*s->at == '\n') {
            s->line++;
        } else if (*s->at != ' ' && *s->at != '\t' && *s->at != '\r') {
            return;
        }
    }
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* After "\u": four digits, of which only 0001..007f are allowed; all else is written as UTF-8. */
static int scan_unicode(struct scanner *s) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = s->at < s->end ? hex_value(*s->at) : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
        s->at++;
    }
    return value >= 1 && value <= 0x7F ? value : -1;
}

static enum status scan_escape(struct scanner *s, struct error *err) {
    static const char from[] = "\"\\/nrtbf", to[] = "\"\\/\n\r\t\b\f";
    int value = -1;
    if (s->at < s->end && *s->at == 'u') {
        s->at++;
        value = scan_unicode(s);
    } else if (s->at < s->end && *s->at != '\0') {
        const char *known = strchr(from, *s->at++);
        if (known != NULL) value = (unsigned char)to[known - from];
    }
    if (value < 0)
        return error_set(err, STATUS_FAILED, "%s:%zu: unknown escape in a text", s->path, s->line);
    char c = (char)value;
    return buf_append(&s->token, &c, 1, err);
}

static enum status scan_quoted(struct scanner *s, struct error *err) {
    s->quoted = true;
    for (s->at++; s->at < s->end && *s->at != '"' && *s->at != '\n' && *s->at != '\0';) {
        if (*s->at == '\\') {
            s->at++;
            TRY(scan_escape(s, err));
        } else {
            TRY(buf_append(&s->token, s->at++, 1, err));
        }
    }
    if (s->at == s->end || *s->at != '"')
        return error_set(err, STATUS_FAILED, "%s:%zu: a text without closing quote", s->path,
                         s->line);
    s->at++;
    return STATUS_OK;
}

/* The next token; s->ended if there is none. */
static enum status next(struct scanner *s, struct error *err) {
    buf_clear(&s->token);
    TRY(buf_puts(&s->token, "", err));
    s->quoted = false;
    skip_space(s);
    s->ended = s->at == s->end;
    if (s->ended) return STATUS_OK;
    if (*s->at == '"') return scan_quoted(s, err);
    const char *begin = s->at;
    while (s->at < s->end && strchr(" \t\r\n\"#", *s->at) == NULL)
        s->at++;
    return buf_append(&s->token, begin, (size_t)(s->at - begin), err);
}

static enum status next_word(struct scanner *s, const char *what, struct error *err) {
    TRY(next(s, err));
    return s->ended || s->quoted ? wrong(s, what, err) : STATUS_OK;
}

static enum status next_exactly(struct scanner *s, const char *word, struct error *err) {
    TRY(next_word(s, word, err));
    return strcmp(s->token.data, word) == 0 ? STATUS_OK : wrong(s, word, err);
}

/* A quoted text, added to `all`; texts are named by their position, as `all` may move. */
static enum status next_text(struct scanner *s, struct strings *all, size_t *position,
                             struct error *err) {
    TRY(next(s, err));
    if (s->ended || !s->quoted) return wrong(s, "a text in quotes", err);
    *position = all->count;
    return strings_add(all, s->token.data, err);
}

/* ---- numbers ---- */

static enum status next_u64(struct scanner *s, uint64_t max, uint64_t *out, struct error *err) {
    char *end;
    TRY(next_word(s, "a number", err));
    errno = 0;
    *out = strtoull(s->token.data, &end, 10);
    bool digit = s->token.data[0] >= '0' && s->token.data[0] <= '9';
    if (!digit || *end != '\0' || errno != 0 || *out > max)
        return wrong(s, "a whole number in range", err);
    return STATUS_OK;
}

static enum status next_i64(struct scanner *s, int64_t min, int64_t max, int64_t *out,
                            struct error *err) {
    char *end;
    TRY(next_word(s, "a number", err));
    errno = 0;
    *out = strtoll(s->token.data, &end, 10);
    const char *first = s->token.data + (s->token.data[0] == '-');
    if (*first < '0' || *first > '9' || *end != '\0' || errno != 0 || *out < min || *out > max)
        return wrong(s, "a whole number in range", err);
    return STATUS_OK;
}

/* The bits of a NaN that is not the usual one; "nan:0x7fc00001". */
static bool parse_nan_bits(const char *token, uint64_t *bits) {
    char *end;
    if (strncmp(token, "nan:0x", 6) != 0 || hex_value(token[6]) < 0) return false;
    errno = 0;
    *bits = strtoull(token + 6, &end, 16);
    return *end == '\0' && errno == 0;
}

/* Read at the column's own precision: rounding twice would not give the same bits back. */
static bool parse_real(const char *token, enum dtype dtype, void *out) {
    char *end = NULL;
    uint64_t bits;
    if (parse_nan_bits(token, &bits)) {
        memcpy(out, &bits, dtype_size(dtype)); /* little-endian: the low bytes */
        return isnan(value_at(dtype, out, 0));
    }
    if (*token == '\0' || strpbrk(token, "xXpP") != NULL) return false;
    if (dtype == DTYPE_F32) {
        float value = strcmp(token, "nan") == 0 ? NAN : strtof(token, &end);
        if (!isnan(value) && end && *end != '\0') return false;
        memcpy(out, &value, sizeof(value));
        return !isnan(value) || strcmp(token, "nan") == 0;
    }
    double value = strcmp(token, "nan") == 0 ? NAN : strtod(token, &end);
    if (!isnan(value) && end && *end != '\0') return false;
    if (dtype == DTYPE_F64) {
        memcpy(out, &value, sizeof(value));
    } else {
        uint16_t half = half_from_double(value);
        memcpy(out, &half, sizeof(half));
    }
    return !isnan(value) || strcmp(token, "nan") == 0;
}

static enum status next_value(struct scanner *s, enum dtype dtype, void *out, struct error *err) {
    size_t width = dtype_size(dtype);
    if (dtype == DTYPE_F16 || dtype == DTYPE_F32 || dtype == DTYPE_F64) {
        TRY(next_word(s, "a number", err));
        return parse_real(s->token.data, dtype, out) ? STATUS_OK : wrong(s, "a number", err);
    }
    if (dtype == DTYPE_I8 || dtype == DTYPE_I32 || dtype == DTYPE_I64) {
        int64_t value, max = INT64_MAX >> (64 - 8 * width);
        TRY(next_i64(s, -max - 1, max, &value, err));
        memcpy(out, &value, width);
        return STATUS_OK;
    }
    uint64_t value;
    TRY(next_u64(s, UINT64_MAX >> (64 - 8 * width), &value, err));
    memcpy(out, &value, width);
    return STATUS_OK;
}

/* ---- keywords ---- */

static enum status read_meta(struct scanner *s, struct artifact_writer *w, struct error *err) {
    AUTO(strings) struct strings texts = {0};
    size_t key = 0, value = 0;
    TRY(next_word(s, "a metadata key", err));
    TRY(strings_add(&texts, s->token.data, err));
    TRY(next_word(s, "i64, f64 or str", err));
    if (strcmp(s->token.data, "str") == 0) {
        TRY(next_text(s, &texts, &value, err));
        return artifact_set_str(w, strings_get(&texts, key), strings_get(&texts, value), err);
    }
    if (strcmp(s->token.data, "i64") == 0) {
        int64_t number;
        TRY(next_i64(s, INT64_MIN, INT64_MAX, &number, err));
        return artifact_set_i64(w, strings_get(&texts, key), number, err);
    }
    if (strcmp(s->token.data, "f64") != 0) return wrong(s, "i64, f64 or str", err);
    double number;
    TRY(next_value(s, DTYPE_F64, &number, err));
    return artifact_set_f64(w, strings_get(&texts, key), number, err);
}

static enum status read_shape(struct scanner *s, uint32_t *n_dims, uint64_t *shape,
                              struct error *err) {
    TRY(next_word(s, "a shape such as [3,4]", err));
    const char *p = s->token.data;
    if (*p++ != '[') return wrong(s, "a shape such as [3,4]", err);
    for (*n_dims = 0; *n_dims < ARTIFACT_MAX_DIMS; (*n_dims)++) {
        char *end;
        errno = 0;
        shape[*n_dims] = strtoull(p, &end, 10);
        if (*p < '0' || *p > '9' || errno != 0) break;
        p = end + (*end == ',');
        if (*end == ']' && end[1] == '\0') {
            (*n_dims)++;
            return STATUS_OK;
        }
        if (*end != ',') break;
    }
    return wrong(s, "a shape such as [3,4]", err);
}

static enum status read_values(struct scanner *s, struct artifact_writer *w, enum dtype dtype,
                               uint64_t count, struct error *err) {
    for (uint64_t i = 0; i < count; i++) {
        if (dtype == DTYPE_STR) {
            TRY(next(s, err));
            if (s->ended || !s->quoted) return wrong(s, "a text in quotes", err);
            const char *text = s->token.data;
            TRY(artifact_append(w, &text, 1, err));
        } else {
            uint64_t value = 0;
            TRY(next_value(s, dtype, &value, err));
            TRY(artifact_append(w, &value, 1, err));
        }
    }
    return STATUS_OK;
}

static enum status read_column(struct scanner *s, struct artifact_writer *w, struct error *err) {
    char name[ARTIFACT_MAX_NAME + 1];
    uint64_t shape[ARTIFACT_MAX_DIMS], count = 1;
    enum dtype dtype;
    uint32_t n_dims = 0;
    TRY(next_word(s, "a column's name", err));
    if (!name_valid(s->token.data)) return wrong(s, "a column's name", err);
    memcpy(name, s->token.data, s->token.size + 1);
    TRY(next_word(s, "a type", err));
    if (!dtype_parse(s->token.data, &dtype)) return wrong(s, "a type such as u32", err);
    TRY(read_shape(s, &n_dims, shape, err));
    for (uint32_t i = 0; i < n_dims; i++) {
        if (__builtin_mul_overflow(count, shape[i], &count)) return wrong(s, "a shape", err);
    }
    if (artifact_begin(w, name, dtype, n_dims, shape, err) != STATUS_OK)
        return error_wrap(err, "%s:%zu", s->path, s->line);
    TRY(read_values(s, w, dtype, count, err));
    return artifact_end(w, err);
}

/* What "stage", "params" and "input" say, with texts by position in `texts`. */
struct origin {
    struct strings texts;
    struct lineage lineage;
    size_t stage, view, params;
    struct lineage_input *inputs;
    size_t *roles, *kinds;
    size_t n_inputs, inputs_capacity, roles_capacity, kinds_capacity;
};

static void origin_release(struct origin *o) {
    strings_release(&o->texts);
    mem_free(o->inputs);
    mem_free(o->roles);
    mem_free(o->kinds);
}

static enum status read_stage(struct scanner *s, struct origin *o, struct error *err) {
    uint64_t version;
    TRY(next_text(s, &o->texts, &o->stage, err));
    TRY(next_exactly(s, "version", err));
    TRY(next_u64(s, UINT32_MAX, &version, err));
    o->lineage.stage_version = (uint32_t)version;
    TRY(next_exactly(s, "seed", err));
    TRY(next_u64(s, UINT64_MAX, &o->lineage.seed, err));
    TRY(next_exactly(s, "view", err));
    return next_text(s, &o->texts, &o->view, err);
}

static enum status read_input(struct scanner *s, struct origin *o, struct error *err) {
    size_t n = o->n_inputs + 1;
    TRY(mem_grow(&o->inputs, &o->inputs_capacity, n, sizeof(*o->inputs), err));
    TRY(mem_grow(&o->roles, &o->roles_capacity, n, sizeof(*o->roles), err));
    TRY(mem_grow(&o->kinds, &o->kinds_capacity, n, sizeof(*o->kinds), err));
    TRY(next_text(s, &o->texts, &o->roles[n - 1], err));
    TRY(next_text(s, &o->texts, &o->kinds[n - 1], err));
    TRY(next_word(s, "an id of 32 hexadecimal digits", err));
    if (!digest_parse(s->token.data, &o->inputs[n - 1].id))
        return wrong(s, "an id of 32 hexadecimal digits", err);
    o->n_inputs = n;
    return STATUS_OK;
}

static enum status set_lineage(struct origin *o, struct artifact_writer *w, struct error *err) {
    for (size_t i = 0; i < o->n_inputs; i++) {
        o->inputs[i].role = strings_get(&o->texts, o->roles[i]);
        o->inputs[i].kind = strings_get(&o->texts, o->kinds[i]);
    }
    o->lineage.stage = strings_get(&o->texts, o->stage);
    o->lineage.view = strings_get(&o->texts, o->view);
    o->lineage.params = strings_get(&o->texts, o->params);
    o->lineage.inputs = o->inputs;
    o->lineage.n_inputs = o->n_inputs;
    return artifact_set_lineage(w, &o->lineage, err);
}

static enum status read_items(struct scanner *s, struct artifact_writer *w, struct origin *o,
                              struct error *err) {
    TRY(strings_add(&o->texts, "", err)); /* position 0: what the text leaves out */
    for (;;) {
        TRY(next(s, err));
        if (s->ended) return set_lineage(o, w, err);
        const char *word = s->quoted ? "" : s->token.data;
        if (strcmp(word, "stage") == 0) {
            TRY(read_stage(s, o, err));
        } else if (strcmp(word, "params") == 0) {
            TRY(next_text(s, &o->texts, &o->params, err));
        } else if (strcmp(word, "input") == 0) {
            TRY(read_input(s, o, err));
        } else if (strcmp(word, "meta") == 0) {
            TRY(read_meta(s, w, err));
        } else if (strcmp(word, "column") == 0) {
            TRY(read_column(s, w, err));
        } else {
            return wrong(s, "stage, params, input, meta or column", err);
        }
    }
}

static enum status pack(struct scanner *s, const char *output, struct error *err) {
    struct artifact_writer *w;
    TRY(next_exactly(s, "marquee", err));
    TRY(next_exactly(s, "text", err));
    TRY(next_exactly(s, "1", err));
    TRY(next_exactly(s, "kind", err));
    TRY(next_word(s, "a kind", err));
    if (kind_find(s->token.data) == NULL) return wrong(s, "a kind that `kinds` lists", err);
    TRY(artifact_create(&w, output, s->token.data, err));
    struct origin origin = {0};
    enum status status = read_items(s, w, &origin, err);
    origin_release(&origin);
    if (status == STATUS_OK) return artifact_commit(w, err);
    artifact_abandon(w);
    return status;
}

enum status text_pack(const char *path, const char *output, struct error *err) {
    struct buf text = {0};
    enum status status = file_read(path, &text, err);
    if (status == STATUS_OK) {
        struct scanner s = {.path = path, .at = text.data, .end = text.data + text.size, .line = 1};
        status = pack(&s, output, err);
        buf_release(&s.token);
    }
    buf_release(&text);
    if (status != STATUS_OK) error_wrap(err, "packing");
    return status;
}
