/* One table of options gives parsing, --help, validation and the canonical parameters that are
 * stored in the artifact. */
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

/* What a target holds whose option was left to the program: an option with `automatic` may be
 * "auto", and is by default. Text targets hold the text "auto". */
#define OPTION_AUTO_INT  INT64_MIN
#define OPTION_AUTO_REAL ((double)NAN)

bool option_is_auto(const struct option_spec *spec, const void *params);

/* The value, or what the program makes of "auto". */
int64_t option_int_or(int64_t value, int64_t automatic);
double option_real_or(double value, double automatic);
const char *option_text_or(const char *value, const char *automatic);

/* Sets every target to its default. */
enum status options_default(const struct option_spec *specs, size_t count, void *params,
                            struct error *err);

/* Parses argv[1..]; "--name value", "--name=value", "-n value". Words that are no options are left
 * in argv[1..*n_words] when n_words is not NULL, else they are an error. Unknown and ambiguous
 * names, missing, malformed and out-of-range values give STATUS_USAGE with the option's name, what
 * was given and what is accepted, or the name or choice that was probably meant. */
enum status options_parse(const struct option_spec *specs, size_t count, void *params, int argc,
                          char **argv, int *n_words, struct error *err);

/* Whether --help or -h stands on the command line, before a "--". It wins over whatever else does,
 * mistakes included, and so is asked before options_parse. */
bool options_ask_for_help(int argc, char **argv);

/* Whether --check stands there: the parameters are to be checked, and nothing else done. Make asks
 * so before it runs anything. */
bool options_ask_for_check(int argc, char **argv);

/* "name=value\n" of every OPTION_PARAMETER in the order of the table; numbers in shortest form that
 * reads back the same. This text is what recipe ids are made from. */
enum status options_canonical(const struct option_spec *specs, size_t count, const void *params,
                              struct buf *out, struct error *err);

/* The value of one option as it stands there, without the line end. */
enum status option_canonical_value(const struct option_spec *spec, const void *params,
                                   struct buf *out, struct error *err);

/* The option part of --help: one line per option with type, default and range. */
void options_help(const struct option_spec *specs, size_t count, FILE *out);

/* The same for programs to read: per option a line "KIND name type effect default accepted help",
 * with tabs in between. `accepted` is LOW..HIGH (either may be missing) or the choices with '|';
 * "|auto" follows where a number may be auto. */
void options_describe(const struct option_spec *specs, size_t count, const char *kind, FILE *out);

/* The rows of a table, a line each. A file says first whose members they fill:
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

/* Rows of options that are left to the program unless a value is given. The choices of the third
 * have "auto" among them. */
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
