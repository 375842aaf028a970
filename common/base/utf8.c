#include "common/base/utf8.h"

#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* Decodes the character at text[0..size), size > 0. Returns its length in bytes, or 0 if the bytes
 * are not valid UTF-8 (RFC 3629). */
static size_t decode(const unsigned char *text, size_t size, uint32_t *out) {
    const unsigned char first = text[0];
    if (first < 0x80) {
        *out = first;
        return 1;
    }
    const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length > size) return 0;
    uint32_t c = first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (text[i] & 0x3FU);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < smallest[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    *out = c;
    return length;
}

static enum status append_character(struct buf *out, uint32_t c, struct error *err) {
    unsigned char bytes[4];
    size_t size;
    if (c < 0x80) {
        bytes[0] = (unsigned char)c;
        size = 1;
    } else if (c < 0x800) {
        bytes[0] = (unsigned char)(0xC0 | c >> 6);
        size = 2;
    } else if (c < 0x10000) {
        bytes[0] = (unsigned char)(0xE0 | c >> 12);
        size = 3;
    } else {
        bytes[0] = (unsigned char)(0xF0 | c >> 18);
        size = 4;
    }
    for (size_t i = 1; i < size; i++) {
        bytes[i] = (unsigned char)(0x80 | (c >> (6 * (size - 1 - i)) & 0x3F));
    }
    return buf_append(out, bytes, size, err);
}

bool utf8_valid(const char *text, size_t size) {
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t at = 0; at < size;) {
        uint32_t c;
        const size_t length = decode(bytes + at, size - at, &c);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

enum status utf8_from_latin1(const char *text, size_t size, struct buf *out, struct error *err) {
    for (size_t i = 0; i < size; i++) {
        TRY(append_character(out, (unsigned char)text[i], err));
    }
    return STATUS_OK;
}

/* The character tables do not depend on the user's locale. */
static locale_t utf8_locale;
static pthread_once_t utf8_locale_once = PTHREAD_ONCE_INIT;

static void make_locale(void) {
    static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8", "C"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !utf8_locale; i++) {
        utf8_locale = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
    }
}

static locale_t character_locale(void) {
    (void)pthread_once(&utf8_locale_once, make_locale);
    return utf8_locale;
}

static bool is_space(uint32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static uint32_t lower(uint32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return (uint32_t)towlower_l((wint_t)c, character_locale());
}

enum status utf8_normalise(const char *text, size_t size, struct buf *out, struct error *err) {
    const unsigned char *bytes = (const unsigned char *)text;
    bool any = false, space = false;
    TRY(buf_append(out, "", 0, err)); /* so that an empty result is "" too */
    for (size_t at = 0; at < size;) {
        uint32_t c;
        const size_t length = decode(bytes + at, size - at, &c);
        if (length == 0) {
            return error_set(err, STATUS_FAILED, "text is not valid UTF-8 at byte %zu", at);
        }
        at += length;
        if (is_space(c)) {
            space = true;
            continue;
        }
        if (space && any) TRY(append_character(out, ' ', err));
        TRY(append_character(out, lower(c), err));
        any = true;
        space = false;
    }
    return STATUS_OK;
}

/* Columns of one character; an invalid byte is shown as one. */
static size_t character_width(uint32_t c) {
    if (c < 0x80) return c >= 0x20 && c != 0x7F ? 1 : 0;
    const int width = wcwidth((wchar_t)c);
    return width < 0 ? 0 : (size_t)width;
}

/* Walks over `text` up to `columns`; returns bytes, and columns in *width. */
static size_t measure(const char *text, size_t columns, size_t *width) {
    const locale_t before = uselocale(character_locale()); /* wcwidth has no _l form */
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t size = strlen(text);
    size_t at = 0;
    *width = 0;
    while (at < size) {
        uint32_t c = 0;
        size_t length = decode(bytes + at, size - at, &c);
        const size_t wide = length == 0 ? 1 : character_width(c);
        if (length == 0) length = 1;
        if (*width + wide > columns) break;
        *width += wide;
        at += length;
    }
    (void)uselocale(before);
    return at;
}

size_t utf8_width(const char *text) {
    size_t width;
    (void)measure(text, SIZE_MAX, &width);
    return width;
}

size_t utf8_fit(const char *text, size_t columns) {
    size_t width;
    return measure(text, columns, &width);
}
