/* A subcommand of inspect: one entry of main.c's table, one function in a file of its own. */
#ifndef MARQUEE_INSPECT_COMMAND_H
#define MARQUEE_INSPECT_COMMAND_H

#include "common/base/error.h"
#include "common/base/option.h"

#include <stddef.h>

/* The options of all subcommands; each command's table names those that it has. */
struct inspect_options {
    bool help;
    bool json, csv, npy;
    int64_t n;
    const char *run;
    int64_t user;
    const char *movie;
    const char *view;
    const char *purpose;
};

/* What a subcommand gets; words[0..n_words) are the arguments that are no options. */
struct inspect_call {
    int n_words;
    char **words;
    const struct inspect_options *options;
    int exit_status; /* set by commands whose answer is an exit status (verify, diff) */
};

struct inspect_command {
    const char *name;
    const char *words; /* for the usage line */
    int min_words, max_words;
    const char *summary;
    const char *details; /* further lines of --help, or NULL */
    const struct option_spec *options;
    size_t n_options;
    enum status (*run)(struct inspect_call *call, struct error *err);
};

/* For the rows of the tables (common/base/option.h). */
#define OPTION_HOLDER struct inspect_options

#define INSPECT_COMMANDS(X)                                                                        \
    X(ls)                                                                                          \
    X(show)                                                                                        \
    X(head)                                                                                        \
    X(stats)                                                                                       \
    X(dump)                                                                                        \
    X(pack)                                                                                        \
    X(verify)                                                                                      \
    X(diff)                                                                                        \
    X(lineage)                                                                                     \
    X(kinds)                                                                                       \
    X(files)                                                                                       \
    X(movie)                                                                                       \
    X(sentiment)                                                                                   \
    X(user)                                                                                        \
    X(explain)                                                                                     \
    X(timings)

#define INSPECT_DECLARE(name) extern const struct inspect_command inspect_##name;
INSPECT_COMMANDS(INSPECT_DECLARE)

#endif
