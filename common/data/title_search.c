#include "common/data/title_search.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LISTED = 8 };

enum status movie_append_title(const struct catalogue *c, uint32_t movie, struct buf *out,
                               struct error *err) {
    const char *title = strings_get(&c->title, movie);
    if (*title == '\0') return buf_printf(out, err, "movie %u", c->movie_id[movie]);
    TRY(buf_puts(out, title, err));
    return c->year[movie] == 0 ? STATUS_OK : buf_printf(out, err, " (%u)", c->year[movie]);
}

/* ---- keys: titles reduced to what must match ---- */

/* The base letters of U+00E0..U+00FF and of U+0100..U+017F. */
static const char latin_base[] = "aaaaaaaceeeeiiiidnooooo ouuuuyty";
static const char latin_extended_base[] =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* Reads one character of `text`, valid UTF-8 in lower case, and returns its length in bytes.
 * *letter is the ASCII letter or digit that it is reduced to, ' ' for a separator, 0 for nothing, 1
 * for a letter of another script, which is kept as it is. */
static size_t fold_character(const char *text, char *letter) {
    unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
    if (first < 0x80) {
        const bool dropped = text[0] == '\'' || text[0] == '.';
        *letter = isalnum(first) ? (char)first : dropped ? '\0' : ' ';
        return 1;
    }
    if (first == 0xc2) *letter = ' ';
    if (first == 0xc3) {
        *letter = ' ';
        if (second >= 0xa0 && second <= 0xbf) *letter = latin_base[second - 0xa0];
    }
    if (first == 0xc4) *letter = latin_extended_base[second & 0x3f];
    if (first == 0xc5) *letter = latin_extended_base[64 + (second & 0x3f)];
    if (first <= 0xc5) return 2;
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    bool punctuation = first == 0xe2 && second <= 0xaf;
    bool quote = first == 0xe2 && second == 0x80 && (text[2] == '\x98' || text[2] == '\x99');
    *letter = punctuation ? ' ' : '\1';
    if (quote) *letter = '\0';
    return size;
}

static bool is_article(const char *word, size_t size) {
    static const char *const articles[] = {"the", "a",   "an",  "le",  "la",  "les", "l",   "un",
                                           "une", "il",  "lo",  "i",   "gli", "el",  "los", "las",
                                           "der", "die", "das", "den", "det", "de",  "os",  "as"};
    for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++) {
        if (strlen(articles[i]) == size && memcmp(articles[i], word, size) == 0) return true;
    }
    return false;
}

/* Strips one article from the front ("the matrix") or, after a comma, from the end ("matrix,
 * the"). */
static void cut_article(const char **text, size_t *size) {
    const char *comma = memrchr(*text, ',', *size);
    if (comma != NULL && comma + 1 < *text + *size && comma[1] == ' ' &&
        is_article(comma + 2, (size_t)(*text + *size - (comma + 2)))) {
        *size = (size_t)(comma - *text);
        return;
    }
    const char *space = memchr(*text, ' ', *size);
    if (space != NULL && is_article(*text, (size_t)(space - *text))) {
        *size -= (size_t)(space + 1 - *text);
        *text = space + 1;
    }
}

/* Appends the key of one name: words separated by single spaces. */
static enum status append_key(struct buf *out, const char *text, size_t size, struct error *err) {
    AUTO(buf) struct buf lower = {0};
    TRY(utf8_normalise(text, size, &lower, err));
    const char *rest = lower.data;
    size_t left = lower.size, start = out->size;
    if (left == 0) return STATUS_OK;
    cut_article(&rest, &left);
    bool space = false;
    for (const char *end = rest + left; rest < end;) {
        char letter = 0;
        size_t step = fold_character(rest, &letter);
        if (letter == ' ') space = true;
        if (*rest == '&') {
            TRY(buf_puts(out, out->size > start ? " and" : "and", err));
        } else if (letter != 0 && letter != ' ') {
            if (space && out->size > start) TRY(buf_append(out, " ", 1, err));
            space = false;
            TRY(buf_append(out, letter == 1 ? rest : &letter, letter == 1 ? step : 1, err));
        }
        rest += step;
    }
    return STATUS_OK;
}

enum status title_keys(const char *title, struct strings *keys, struct error *err) {
    AUTO(buf) struct buf key = {0};
    const char *open = strstr(title, " (");
    TRY(append_key(&key, title, open == NULL ? strlen(title) : (size_t)(open - title), err));
    if (key.size > 0) TRY(strings_add(keys, key.data, err));
    while (open != NULL) {
        const char *inner = open + 2, *close = strchr(inner, ')');
        size_t size = close == NULL ? strlen(inner) : (size_t)(close - inner);
        if (strncasecmp(inner, "a.k.a. ", 7) == 0) inner += 7, size -= 7;
        buf_clear(&key);
        TRY(append_key(&key, inner, size, err));
        if (key.size > 0) TRY(strings_add(keys, key.data, err));
        open = close == NULL ? NULL : strstr(close, " (");
    }
    return STATUS_OK;
}

/* ---- searching ---- */

struct title_query {
    struct buf key;
    uint16_t year; /* 0 any */
};

static void title_query_release(struct title_query *q) {
    buf_release(&q->key);
}

/* The year of "Heat (1995)" (or, `bare`, of "heat 1995") and the length of the text before it. */
static uint16_t trailing_year(const char *text, size_t *size, bool bare) {
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1])) {
        n--;
    }
    *size = n;
    size_t extra = bare ? 0 : 1, need = 4 + 2 * extra;
    if (n < need + 1 || (!bare && (text[n - 1] != ')' || text[n - need] != '('))) return 0;
    const char *digits = text + n - 4 - extra;
    unsigned year = 0;
    for (size_t i = 0; i < 4; i++) {
        if (!isdigit((unsigned char)digits[i])) return 0;
        year = year * 10 + (unsigned)(digits[i] - '0');
    }
    if (bare && digits[-1] != ' ') return 0;
    *size = n - need;
    return (uint16_t)year;
}

static bool contains_words(const char *text, const char *words) {
    size_t size = strlen(words);
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words)) {
        bool starts = at == text || at[-1] == ' ';
        if (starts && (at[size] == ' ' || at[size] == '\0')) return true;
    }
    return false;
}

static bool any_key_fits(const struct strings *keys, const char *wanted, bool whole) {
    for (size_t i = 0; i < keys->count; i++) {
        const char *key = strings_get(keys, i);
        if (whole ? strcmp(key, wanted) == 0 : contains_words(key, wanted)) return true;
    }
    return false;
}

/* Finds the movies with a name that equals the query (`whole`) or contains it. */
static enum status search(const struct catalogue *c, const struct title_query *q, bool whole,
                          uint32_t *out, size_t max, size_t *count, struct error *err) {
    *count = 0;
    if (q->key.size == 0) return STATUS_OK;
    for (uint32_t m = 0; m < c->n_movies; m++) {
        if (q->year != 0 && c->year[m] != q->year) continue;
        AUTO(strings) struct strings keys = {0};
        TRY(title_keys(strings_get(&c->title, m), &keys, err));
        if (!any_key_fits(&keys, q->key.data, whole)) continue;
        if (*count < max) out[*count] = m;
        ++*count;
    }
    return STATUS_OK;
}

static bool is_number(const char *text, uint32_t *out) {
    char *end = NULL;
    if (!isdigit((unsigned char)text[0])) return false;
    unsigned long value = strtoul(text, &end, 10);
    *out = (uint32_t)value;
    return *end == '\0' && value <= UINT32_MAX;
}

enum status movie_matches(const struct catalogue *c, const char *text, uint32_t *out, size_t max,
                          size_t *count, struct error *err) {
    uint32_t id = 0;
    *count = 0;
    if (is_number(text, &id)) {
        uint32_t movie = catalogue_find_movie(c, id);
        if (movie != NO_INDEX) {
            if (max > 0) out[0] = movie;
            *count = 1;
            return STATUS_OK;
        }
    }
    /* "Heat (1995)" or "Heat"; "Heat 1995" if that finds nothing. */
    for (int bare = 0; bare < 2 && *count == 0; bare++) {
        AUTO(title_query) struct title_query q = {0};
        size_t size = 0;
        q.year = trailing_year(text, &size, bare == 1);
        if (bare == 1 && q.year == 0) break;
        TRY(append_key(&q.key, text, size, err));
        TRY(search(c, &q, true, out, max, count, err));
        if (*count == 0) TRY(search(c, &q, false, out, max, count, err));
    }
    return STATUS_OK;
}

enum status movie_find(const struct catalogue *c, const char *text, uint32_t *out,
                       struct error *err) {
    uint32_t found[MAX_LISTED] = {0};
    size_t count = 0;
    TRY(movie_matches(c, text, found, MAX_LISTED, &count, err));
    *out = found[0];
    if (count == 1) return STATUS_OK;
    if (count == 0) return error_set(err, STATUS_USAGE, "no movie is called \"%.200s\"", text);
    AUTO(buf) struct buf list = {0};
    for (size_t i = 0; i < count && i < MAX_LISTED; i++) {
        TRY(buf_printf(&list, err, "%s%u ", i > 0 ? ", " : "", c->movie_id[found[i]]));
        TRY(movie_append_title(c, found[i], &list, err));
    }
    return error_set(err, STATUS_USAGE, "\"%.200s\" may be any of %zu movies: %s%s", text, count,
                     list.data, count > MAX_LISTED ? ", ..." : "");
}
