/* One table of options gives parsing, --help, validation, and the canonical parameters that are
 * stored in artifacts. */
#ifndef MARQUEE_BASE_OPTION_H
#define MARQUEE_BASE_OPTION_H

#include "common/base/buf.h"
#include "common/base/error.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG,   /* bool;            --name and --no-name                      */
    OPTION_INT,    /* int64_t;         range min..max                            */
    OPTION_REAL,   /* double;          range min..max                            */
    OPTION_TEXT,   /* const char *;    kept by reference to argv or the default  */
    OPTION_CHOICE, /* const char *;    one of `choices`, separated by '|'        */
    OPTION_LIST    /* const char *;    comma-separated; the consumer parses it   */
};

enum option_effect {
    OPTION_PARAMETER, /* changes the result: part of the canonical parameters   */
    OPTION_RUNTIME    /* does not (paths, threads, verbosity): never stored     */
};

struct option_spec {
    const char *name; /* without the dashes; words separated by '-' */
    enum option_type type;
    enum option_effect effect;
    size_t offset;             /* of the target in the parameter struct */
    const char *default_value; /* as it would be typed; NULL = zero or NULL */
    double min, max;           /* INT and REAL; both 0 = no limit */
    const char *choices;       /* CHOICE only */
    const char *help;          /* one line; says the unit */
    char letter;               /* short form, or 0 */
    const char *automatic; /* what the value "auto" stands for, for --help; NULL: there is none */
};

/* What a target holds if its option was left to the program: an option with `automatic` accepts
 * "auto", which is its default. Text targets hold the text "auto". */
#define OPTION_AUTO_INT  INT64_MIN
#define OPTION_AUTO_REAL ((double)NAN)

bool option_is_auto(const struct option_spec *spec, const void *params);

/* The value, or `automatic` if it is auto. */
int64_t option_int_or(int64_t value, int64_t automatic);
double option_real_or(double value, double automatic);
const char *option_text_or(const char *value, const char *automatic);

/* Sets every target to its default. */
enum status options_default(const struct option_spec *specs, size_t count, void *params,
                            struct error *err);

/* Parses argv[1..]; "--name value", "--name=value", "-n value". Arguments that are not options are
 * moved to argv[1..*n_words]; if n_words is NULL, they are an error. Unknown and ambiguous names,
 * missing, malformed and out-of-range values give STATUS_USAGE with the option's name, what was
 * given and what is accepted, or the name or choice that was probably meant. */
enum status options_parse(const struct option_spec *specs, size_t count, void *params, int argc,
                          char **argv, int *n_words, struct error *err);

/* Whether --help or -h occurs on the command line before any "--". It overrides everything else,
 * even mistakes, and so must be checked before options_parse. */
bool options_ask_for_help(int argc, char **argv);

/* Whether --check occurs there: the parameters are to be checked, and nothing else done. make calls
 * programs with it before it runs any stage. */
bool options_ask_for_check(int argc, char **argv);

/* "name=value\n" of every OPTION_PARAMETER in the order of the table; numbers in the shortest form
 * that reads back the same. Recipe ids are computed from this text. */
enum status options_canonical(const struct option_spec *specs, size_t count, const void *params,
                              struct buf *out, struct error *err);

/* The value of one option as it appears there, without the line feed. */
enum status option_canonical_value(const struct option_spec *spec, const void *params,
                                   struct buf *out, struct error *err);

/* The option part of --help: one line per option with type, default and range. */
void options_help(const struct option_spec *specs, size_t count, FILE *out);

/* The same for programs to read: per option one tab-separated line "KIND name type effect default
 * accepted help". `accepted` is LOW..HIGH (either may be missing) or the choices separated by '|';
 * "|auto" follows if a number may be auto. */
void options_describe(const struct option_spec *specs, size_t count, const char *kind, FILE *out);

/* The rows of a table, one line each. A file first names the struct whose members they fill:
 *     #define OPTION_HOLDER struct params
 *     static const struct option_spec options[] = {
 *         PARAMETER_INT("negatives", negatives, "99", 0, 1e6, "movies drawn per user"),
 *         RUNTIME_TEXT("test-file", test_file, NULL, "CSV userId,movieId", 0),
 *     }; */
#define OPTION_ROW(name, type, effect, member, value, min, max, choices, help, letter)             \
    {                                                                                              \
        (name), (type), (effect), offsetof(OPTION_HOLDER, member), (value), (min), (max),          \
            (choices), (help), (letter), NULL                                                      \
    }
#define OPTION_AUTO_ROW(name, type, effect, member, min, max, choices, help, automatic)            \
    {                                                                                              \
        (name), (type), (effect), offsetof(OPTION_HOLDER, member), "auto", (min), (max),           \
            (choices), (help), 0, (automatic)                                                      \
    }
#define PARAMETER_FLAG(name, member, value, help)                                                  \
    OPTION_ROW(name, OPTION_FLAG, OPTION_PARAMETER, member, value, 0, 0, NULL, help, 0)
#define PARAMETER_INT(name, member, value, min, max, help)                                         \
    OPTION_ROW(name, OPTION_INT, OPTION_PARAMETER, member, value, min, max, NULL, help, 0)
#define PARAMETER_REAL(name, member, value, min, max, help)                                        \
    OPTION_ROW(name, OPTION_REAL, OPTION_PARAMETER, member, value, min, max, NULL, help, 0)
#define PARAMETER_TEXT(name, member, value, help)                                                  \
    OPTION_ROW(name, OPTION_TEXT, OPTION_PARAMETER, member, value, 0, 0, NULL, help, 0)
#define PARAMETER_CHOICE(name, member, value, choices, help)                                       \
    OPTION_ROW(name, OPTION_CHOICE, OPTION_PARAMETER, member, value, 0, 0, choices, help, 0)
#define PARAMETER_LIST(name, member, value, help)                                                  \
    OPTION_ROW(name, OPTION_LIST, OPTION_PARAMETER, member, value, 0, 0, NULL, help, 0)
#define RUNTIME_FLAG(name, member, value, help, letter)                                            \
    OPTION_ROW(name, OPTION_FLAG, OPTION_RUNTIME, member, value, 0, 0, NULL, help, letter)
#define RUNTIME_INT(name, member, value, min, max, help, letter)                                   \
    OPTION_ROW(name, OPTION_INT, OPTION_RUNTIME, member, value, min, max, NULL, help, letter)
#define RUNTIME_TEXT(name, member, value, help, letter)                                            \
    OPTION_ROW(name, OPTION_TEXT, OPTION_RUNTIME, member, value, 0, 0, NULL, help, letter)
#define RUNTIME_CHOICE(name, member, value, choices, help, letter)                                 \
    OPTION_ROW(name, OPTION_CHOICE, OPTION_RUNTIME, member, value, 0, 0, choices, help, letter)
#define RUNTIME_LIST(name, member, value, help, letter)                                            \
    OPTION_ROW(name, OPTION_LIST, OPTION_RUNTIME, member, value, 0, 0, NULL, help, letter)

/* Rows of options that are left to the program unless a value is given. The choices of a CHOICE
 * must contain "auto". */
#define PARAMETER_INT_AUTO(name, member, min, max, help, automatic)                                \
    OPTION_AUTO_ROW(name, OPTION_INT, OPTION_PARAMETER, member, min, max, NULL, help, automatic)
#define PARAMETER_REAL_AUTO(name, member, min, max, help, automatic)                               \
    OPTION_AUTO_ROW(name, OPTION_REAL, OPTION_PARAMETER, member, min, max, NULL, help, automatic)
#define PARAMETER_CHOICE_AUTO(name, member, choices, help, automatic)                              \
    OPTION_AUTO_ROW(name, OPTION_CHOICE, OPTION_PARAMETER, member, 0, 0, choices, help, automatic)
#define PARAMETER_LIST_AUTO(name, member, help, automatic)                                         \
    OPTION_AUTO_ROW(name, OPTION_LIST, OPTION_PARAMETER, member, 0, 0, NULL, help, automatic)
#define RUNTIME_INT_AUTO(name, member, min, max, help, automatic)                                  \
    OPTION_AUTO_ROW(name, OPTION_INT, OPTION_RUNTIME, member, min, max, NULL, help, automatic)
#define RUNTIME_CHOICE_AUTO(name, member, choices, help, automatic)                                \
    OPTION_AUTO_ROW(name, OPTION_CHOICE, OPTION_RUNTIME, member, 0, 0, choices, help, automatic)

#endif
