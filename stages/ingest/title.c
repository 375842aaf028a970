#include "stages/ingest/title.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { FIRST_YEAR = 1870, LAST_YEAR = 2099 };

/* Articles that MovieLens moves to the end, after a comma. "I" and "As" are here because after a
 * comma they are more often articles than the last word of a title. */
static const char *const articles[] = {
    "The", "A",    "An",  "Le",  "La",  "Les", "L'",  "L’",  "Un",  "Une", "Il",  "Lo",
    "Gli", "I",    "Una", "Uno", "El",  "Los", "Las", "Der", "Die", "Das", "Den", "De",
    "Ein", "Eine", "Het", "Een", "Det", "En",  "Ett", "O",   "Os",  "As",  "Um",  "Uma",
};

static bool is_blank(char c) {
    return (unsigned char)c <= ' ' || c == 0x7F;
}

static size_t trimmed_size(const char *text, size_t size) {
    while (size > 0 && is_blank(text[size - 1]))
        size--;
    return size;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Whether the bytes between a year and its closing bracket say "and later" or "to another year". */
static bool is_year_tail(const char *text, size_t size) {
    static const char dash[] = "\xE2\x80\x93"; /* en dash */
    if (size == 0) return true;
    if (text[0] == '-') {
        text += 1, size -= 1;
    } else if (size >= 3 && memcmp(text, dash, 3) == 0) {
        text += 3, size -= 3;
    } else {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!is_digit(text[i]) && !is_blank(text[i])) return false;
    }
    return true;
}

/* Takes a trailing "(1995)" off: returns the size without it and sets *year. */
static size_t take_year(const char *text, size_t size, uint16_t *year) {
    size_t end = size;
    while (end > 0 && (is_blank(text[end - 1]) || text[end - 1] == '"'))
        end--;
    *year = 0;
    if (end < 6 || text[end - 1] != ')') return size;
    size_t open = end - 1;
    while (open > 0 && text[open] != '(')
        open--;
    const char *inner = text + open + 1;
    size_t inner_size = end - open - 2;
    if (text[open] != '(' || inner_size < 4 || !is_year_tail(inner + 4, inner_size - 4)) {
        return size;
    }
    unsigned value = 0;
    for (size_t i = 0; i < 4; i++) {
        if (!is_digit(inner[i])) return size;
        value = value * 10 + (unsigned)(inner[i] - '0');
    }
    if (value < FIRST_YEAR || value > LAST_YEAR) return size;
    *year = (uint16_t)value;
    size_t left = trimmed_size(text, open);
    return left > 0 ? left : size; /* a movie whose title is the year alone keeps it */
}

/* Length of the article after the last comma, if there is one; *comma is where the comma is. */
static size_t find_article(const char *text, size_t size, size_t *comma) {
    size_t start = size;
    while (start > 0 && text[start - 1] != ',')
        start--;
    if (start < 2) return 0;
    *comma = start - 1;
    while (start < size && is_blank(text[start]))
        start++;
    for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++) {
        size_t length = strlen(articles[i]);
        if (length == size - start && strncasecmp(articles[i], text + start, length) == 0) {
            return length;
        }
    }
    return 0;
}

/* Appends one title, without brackets, its article first. */
static enum status put_title(const char *text, size_t size, struct buf *out, struct error *err) {
    static const char alias[] = "a.k.a. ";
    size = trimmed_size(text, size);
    size_t comma = 0, length = find_article(text, size, &comma);
    if (length == 0) return buf_append(out, text, size, err);
    size_t start = 0;
    if (size > strlen(alias) && strncasecmp(text, alias, strlen(alias)) == 0) {
        start = strlen(alias);
    }
    TRY(buf_append(out, text, start, err));
    TRY(buf_append(out, text + size - length, length, err));
    bool elided = text[size - 1] == '\'' || (unsigned char)text[size - 1] == 0x99; /* L', L’ */
    if (!elided) TRY(buf_puts(out, " ", err));
    return buf_append(out, text + start, trimmed_size(text + start, comma - start), err);
}

/* Blanks and control characters to single blanks, none at either end. */
static void fold_blanks(struct buf *b, size_t start) {
    size_t to = start;
    for (size_t from = start; from < b->size; from++) {
        if (!is_blank(b->data[from])) {
            b->data[to++] = b->data[from];
        } else if (to > start && b->data[to - 1] != ' ') {
            b->data[to++] = ' ';
        }
    }
    if (to > start && b->data[to - 1] == ' ') to--;
    b->size = to;
    if (b->data != NULL) b->data[to] = '\0';
}

enum status title_parse(const char *text, size_t size, struct buf *out, uint16_t *year,
                        struct error *err) {
    size_t start = out->size;
    size = take_year(text, size, year);
    while (size > 0 && is_blank(*text))
        text++, size--;
    /* Pieces: the title up to the first bracket that follows a blank, then each "(...)". */
    size_t i = 0;
    while (i < size) {
        size_t end = i + 1;
        bool bracket = text[i] == '(';
        if (bracket) {
            for (size_t depth = 1; end < size; end++) {
                if (text[end] == '(') depth++;
                if (text[end] == ')' && --depth == 0) break;
            }
        } else {
            while (end < size && !(text[end] == '(' && is_blank(text[end - 1])))
                end++;
        }
        if (bracket) TRY(buf_puts(out, "(", err));
        TRY(put_title(text + i + bracket, end - i - bracket, out, err));
        if (bracket && end < size) {
            TRY(buf_puts(out, ")", err));
            end++;
        }
        if (end < size) TRY(buf_puts(out, " ", err));
        i = end;
        while (i < size && is_blank(text[i]))
            i++;
    }
    fold_blanks(out, start);
    return STATUS_OK;
}
