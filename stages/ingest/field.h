/* Parsing the values of fields, and what to say about those that are wrong. */
#ifndef MARQUEE_INGEST_FIELD_H
#define MARQUEE_INGEST_FIELD_H

#include "stages/ingest/delimited_rows.h"

#include <stdbool.h>
#include <stdint.h>

enum { FIELD_QUOTE_SIZE = 192 };

/* The field for a message: in quotes, at most 40 bytes of it (followed by "..." if there is more),
 * control characters and bytes that are not UTF-8 as \xNN. */
const char *field_quote(struct field f, char out[FIELD_QUOTE_SIZE]);

bool field_equals(struct field f, const char *text);

/* Each returns true and sets *out, or returns false and says in `bad` what is wrong; `what` names
 * the field ("user id"). */
bool field_u32(struct field f, const char *what, uint32_t max, uint32_t *out, struct reason *bad);

/* Half stars 1..10 from "0.5", "4", "4.0", ... */
bool field_rating(struct field f, uint8_t *out, struct reason *bad);

/* Seconds since 1970, up to the end of the year 2099. */
bool field_time(struct field f, int64_t *out, struct reason *bad);

/* A decimal number from 0 to 1. */
bool field_relevance(struct field f, float *out, struct reason *bad);

#endif
