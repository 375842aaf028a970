#include "stages/serve/feedback.h"

#include "common/data/ratings_csv.h"

#include <string.h>

enum { LIKE_VALUE = 9, DISLIKE_VALUE = 3 };

static const char *const names[FEEDBACK_TYPES] = {"rating", "view", "like", "dislike",
                                                  "not_interested"};

const char *feedback_name(enum feedback_type type) {
    return (unsigned)type < FEEDBACK_TYPES ? names[type] : "?";
}

bool feedback_parse(const char *name, enum feedback_type *out) {
    for (int i = 0; i < FEEDBACK_TYPES; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *out = (enum feedback_type)i;
        return true;
    }
    return false;
}

void opinion_apply(struct opinion *o, uint8_t type, uint8_t value, int64_t time) {
    switch (type) {
    case FEEDBACK_VIEW:
        if (o->value == 0 && !o->viewed) o->time = time;
        o->viewed = true;
        return;
    case FEEDBACK_NOT_INTERESTED:
        o->hidden = true;
        return;
    case FEEDBACK_RATING:
        o->value = value;
        break;
    case FEEDBACK_LIKE:
        o->value = LIKE_VALUE;
        break;
    case FEEDBACK_DISLIKE:
        o->value = DISLIKE_VALUE;
        break;
    default:
        return;
    }
    o->hidden = false;
    o->time = time;
}

uint8_t opinion_value(const struct opinion *o) {
    if (o->value != 0) return o->value;
    return o->viewed ? RATING_OF_VIEW : 0;
}
