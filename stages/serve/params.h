/* The parameters of requests: one table per route gives parsing, checking and documentation. */
#ifndef MARQUEE_SERVE_PARAMS_H
#define MARQUEE_SERVE_PARAMS_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum param_type {
    PARAM_ID,     /* whole number below 2^32 - 1 */
    PARAM_INT,    /* min..max */
    PARAM_REAL,   /* min..max */
    PARAM_FLAG,   /* true, false, 1, 0; "" is true */
    PARAM_TEXT,   /* at most max bytes */
    PARAM_CHOICE, /* one of `choices`, separated by '|' */
    PARAM_IDS     /* ids separated by commas, at most max of them */
};

struct param_spec {
    const char *name;
    enum param_type type;
    bool in_path, required;
    double min, max;
    const char *choices;
    const char *fallback; /* as it would be typed; NULL: none */
    const char *help;
};

struct param_value {
    bool given;       /* by the client */
    int64_t integer;  /* ID, INT; FLAG: 0 or 1; CHOICE: its index among the choices */
    double real;      /* INT, REAL */
    const char *text; /* as given; NULL if there is neither that nor a fallback */
};

enum { PARAMS_MAX = 12 };

/* One "name=value" of a query, decoded. */
struct param_pair {
    const char *name, *value; /* `value` NULL: name without '=' */
};

/* Parses the pairs against the table: values[i] belongs to specs[i]. An unknown, repeated,
 * malformed or missing parameter is STATUS_USAGE with a message that names it and what is
 * accepted. Texts are kept by reference. */
enum status params_parse(const struct param_spec *specs, size_t n_specs,
                         const struct param_pair *pairs, size_t n_pairs, struct param_value *values,
                         struct error *err);

/* Reads the ids of a PARAM_IDS text that params_parse accepted into out[max]; returns how many. */
size_t params_ids(const char *text, uint32_t *out, size_t max);

#endif
