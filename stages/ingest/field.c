#include "stages/ingest/field.h"

#include "common/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUOTED_BYTES = 40, NUMBER_SIZE = 64 };

static const int64_t time_limit = 4102444800; /* 2100-01-01 */

const char *field_quote(struct field f, char out[FIELD_QUOTE_SIZE]) {
    size_t size = f.size;
    if (size > QUOTED_BYTES) {
        size = QUOTED_BYTES;
        while (size > 0 && ((unsigned char)f.text[size] & 0xC0) == 0x80)
            size--;
    }
    bool valid = utf8_valid(f.text, size);
    char *p = out;
    *p++ = '"';
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)f.text[i];
        if (c < 0x20 || c == 0x7F || (c >= 0x80 && !valid)) {
            static const char hex[] = "0123456789ABCDEF";
            const char escape[] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
            memcpy(p, escape, sizeof escape);
            p += sizeof escape;
        } else {
            *p++ = (char)c;
        }
    }
    const char *end = size < f.size ? "...\"" : "\"";
    memcpy(p, end, strlen(end) + 1);
    return out;
}

bool field_equals(struct field f, const char *text) {
    return strlen(text) == f.size && memcmp(f.text, text, f.size) == 0;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool all_digits(struct field f) {
    for (size_t i = 0; i < f.size; i++) {
        if (!is_digit(f.text[i])) return false;
    }
    return f.size > 0;
}

/* Value of a field of digits; `limit + 1` if it is larger than limit. */
static uint64_t digits_value(struct field f, uint64_t limit) {
    uint64_t value = 0;
    for (size_t i = 0; i < f.size; i++) {
        value = value * 10 + (uint64_t)(f.text[i] - '0');
        if (value > limit) return limit + 1;
    }
    return value;
}

bool field_u32(struct field f, const char *what, uint32_t max, uint32_t *out, struct reason *bad) {
    uint64_t value = (uint64_t)max + 1;
    if (all_digits(f)) value = digits_value(f, max);
    if (value > max) {
        char quoted[FIELD_QUOTE_SIZE];
        reason_set(bad, "%s %s is not a whole number from 0 to %u", what, field_quote(f, quoted),
                   max);
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

/* Whether the field is a decimal number: an optional sign, and digits with at most one point. */
static bool is_decimal(struct field f) {
    size_t i = 0, n_digits = 0;
    if (i < f.size && (f.text[i] == '-' || f.text[i] == '+')) i++;
    for (; i < f.size && is_digit(f.text[i]); i++)
        n_digits++;
    if (i < f.size && f.text[i] == '.') i++;
    for (; i < f.size && is_digit(f.text[i]); i++)
        n_digits++;
    return i == f.size && n_digits > 0;
}

static bool bad_rating(struct field f, struct reason *bad) {
    char quoted[FIELD_QUOTE_SIZE];
    if (is_decimal(f)) {
        reason_set(bad, "rating %s is not a half star between 0.5 and 5.0", field_quote(f, quoted));
    } else {
        reason_set(bad, "rating %s is not a number", field_quote(f, quoted));
    }
    return false;
}

bool field_rating(struct field f, uint8_t *out, struct reason *bad) {
    size_t i = 0;
    uint32_t whole = 0, half = 0;
    for (; i < f.size && is_digit(f.text[i]) && whole <= 5; i++)
        whole = whole * 10 + (uint32_t)(f.text[i] - '0');
    if (i < f.size && f.text[i] == '.') {
        if (f.size == 1) return bad_rating(f, bad);
        i++;
        if (i < f.size && f.text[i] == '5') {
            half = 1;
            i++;
        }
        while (i < f.size && f.text[i] == '0')
            i++;
    }
    uint32_t half_stars = 2 * whole + half;
    if (i < f.size || half_stars < 1 || half_stars > 10) return bad_rating(f, bad);
    *out = (uint8_t)half_stars;
    return true;
}

bool field_time(struct field f, int64_t *out, struct reason *bad) {
    char quoted[FIELD_QUOTE_SIZE];
    bool negative = f.size > 1 && f.text[0] == '-';
    struct field digits = {f.text + negative, f.size - negative};
    if (!all_digits(digits)) {
        reason_set(bad, "timestamp %s is not a whole number", field_quote(f, quoted));
        return false;
    }
    uint64_t value = digits_value(digits, (uint64_t)time_limit);
    if (negative || value >= (uint64_t)time_limit) {
        reason_set(bad, "timestamp %s is %s", field_quote(f, quoted),
                   negative ? "negative" : "later than the year 2099");
        return false;
    }
    *out = (int64_t)value;
    return true;
}

/* Digits, point and exponent only: strtof also takes "nan", "inf" and hexadecimal numbers. */
bool field_relevance(struct field f, float *out, struct reason *bad) {
    char text[NUMBER_SIZE] = {0}, *end = NULL;
    float value = -1;
    if (f.size < sizeof(text)) memcpy(text, f.text, f.size);
    if (f.size > 0 && strspn(text, "0123456789.eE+-") == f.size) {
        value = strtof(text, &end);
        if (*end != '\0') value = -1;
    }
    if (!(value >= 0 && value <= 1)) {
        char quoted[FIELD_QUOTE_SIZE];
        reason_set(bad, "relevance %s is not a number from 0 to 1", field_quote(f, quoted));
        return false;
    }
    *out = value;
    return true;
}
