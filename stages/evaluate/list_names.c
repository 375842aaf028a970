#include "stages/evaluate/list_names.h"

#include <inttypes.h>
#include <stdio.h>

uint32_t list_number(const uint32_t *user, size_t row) {
    uint32_t number = 1;
    while (row > 0 && user[row - 1] == user[row]) {
        row--;
        number++;
    }
    return number;
}

void list_name_print(char name[LIST_NAME_SIZE], uint32_t user_id, uint32_t number) {
    if (number == 1) {
        (void)snprintf(name, LIST_NAME_SIZE, "%" PRIu32, user_id);
    } else {
        (void)snprintf(name, LIST_NAME_SIZE, "%" PRIu32 ".%" PRIu32, user_id, number);
    }
}

/* Digits without a sign or a leading zero, so that no list has two names; what follows them. */
static const char *parse_number(const char *text, uint32_t *out) {
    uint64_t value = 0;
    const char *at = text;
    while (*at >= '0' && *at <= '9' && value <= UINT32_MAX) {
        value = 10 * value + (uint64_t)(*at++ - '0');
    }
    if (at == text || value > UINT32_MAX || (text[0] == '0' && at > text + 1)) return NULL;
    *out = (uint32_t)value;
    return at;
}

bool list_name_parse(const char *name, uint32_t *user_id, uint32_t *number) {
    *number = 1;
    const char *end = parse_number(name, user_id);
    if (end == NULL || *end == '\0') return end != NULL;
    end = *end == '.' ? parse_number(end + 1, number) : NULL;
    return end != NULL && *end == '\0' && *number >= 2;
}
