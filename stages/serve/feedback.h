/* What users tell the service, and what it means for their history. */
#ifndef MARQUEE_SERVE_FEEDBACK_H
#define MARQUEE_SERVE_FEEDBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values are those in the database. */
enum feedback_type {
    FEEDBACK_RATING = 0,
    FEEDBACK_VIEW = 1,
    FEEDBACK_LIKE = 2,
    FEEDBACK_DISLIKE = 3,
    FEEDBACK_NOT_INTERESTED = 4,
    FEEDBACK_TYPES
};
const char *feedback_name(enum feedback_type type); /* "rating", "view", ... */
bool feedback_parse(const char *name, enum feedback_type *out);

enum { FEEDBACK_KEY_SIZE = 65 };

struct feedback {
    uint32_t user, movie; /* raw ids */
    uint8_t type;
    uint8_t value;               /* half stars of a rating, else 0 */
    int64_t time;                /* seconds since 1970 */
    char key[FEEDBACK_KEY_SIZE]; /* the client's id of the event, so that sending it again does no
                                    harm; "": none */
};

/* What a user's events add up to for one movie; opinion_apply takes them in the order of time. */
struct opinion {
    uint8_t value; /* half stars: rated, liked or disliked; 0 if none of these */
    bool viewed;
    bool hidden;  /* not interested: not to be recommended */
    int64_t time; /* of the event that decided; of several views, the first */
};
void opinion_apply(struct opinion *o, uint8_t type, uint8_t value, int64_t time);

/* The half stars that represent it in a history: a like 4.5 stars, a dislike 1.5, a view alone 3.5;
 * 0 if it says nothing about taste. */
uint8_t opinion_value(const struct opinion *o);

#endif
