/* inspect: looks into artifacts, and answers questions about a run. */
#include "common/base/log.h"
#include "common/base/nearest.h"
#include "common/base/threads.h"
#include "common/data/dense.h"
#include "stages/inspect/command.h"

#include <stdio.h>
#include <string.h>

#define ADDRESS(name) &inspect_##name,
static const struct inspect_command *const commands[] = {INSPECT_COMMANDS(ADDRESS)};
enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_usage(FILE *out) {
    fprintf(out, "inspect: looks into artifacts, and answers questions about a run\n\n"
                 "usage: inspect COMMAND [OPTION]... [ARGUMENT]...\n\nCommands:\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\ninspect COMMAND --help describes one of them.\n");
}

static void print_help(const struct inspect_command *c, FILE *out) {
    fprintf(out, "inspect %s: %s\n\nusage: inspect %s%s%s%s\n", c->name, c->summary, c->name,
            c->n_options > 0 ? " [OPTION]..." : "", c->words[0] != '\0' ? " " : "", c->words);
    if (c->details != NULL) fprintf(out, "\n%s\n", c->details);
    if (c->n_options == 0) return;
    fprintf(out, "\nOptions:\n");
    options_help(c->options, c->n_options, out);
}

static const struct inspect_command *find(const char *name) {
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    }
    return NULL;
}

static enum status refuse_unknown(const char *name, struct error *err) {
    struct nearest meant = {.word = name, .size = strlen(name)};
    for (size_t i = 0; i < N_COMMANDS; i++) {
        nearest_offer(&meant, commands[i]->name, strlen(commands[i]->name));
    }
    if (meant.found == NULL)
        return error_set(err, STATUS_USAGE, "\"%s\" is no command; see inspect --help", name);
    return error_set(err, STATUS_USAGE, "\"%s\" is no command; did you mean %s?", name,
                     meant.found);
}

static enum status run_command(const struct inspect_command *c, int argc, char **argv,
                               int *exit_status, struct error *err) {
    struct inspect_options options = {0};
    struct inspect_call call = {.words = argv + 1, .options = &options};
    if (options_ask_for_help(argc, argv)) {
        print_help(c, stdout);
        return STATUS_OK;
    }
    TRY(options_default(c->options, c->n_options, &options, err));
    TRY(options_parse(c->options, c->n_options, &options, argc, argv, &call.n_words, err));
    if (call.n_words < c->min_words || call.n_words > c->max_words)
        return error_set(err, STATUS_USAGE, "%d arguments given, wanted: inspect %s%s%s",
                         call.n_words, c->name, c->words[0] != '\0' ? " " : "", c->words);
    TRY(c->run(&call, err));
    *exit_status = call.exit_status;
    return STATUS_OK;
}

static enum status act(int argc, char **argv, int *exit_status, struct error *err) {
    if (argc < 2) {
        print_usage(stderr);
        return error_set(err, STATUS_USAGE, "a command is needed");
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return STATUS_OK;
    }
    const struct inspect_command *c = find(argv[1]);
    if (c == NULL) return refuse_unknown(argv[1], err);
    enum status status = run_command(c, argc - 1, argv + 1, exit_status, err);
    if (status != STATUS_OK) return error_wrap(err, "%s", c->name);
    return STATUS_OK;
}

int main(int argc, char **argv) {
    struct error err = {0};
    int exit_status = 0;
    threads_wait_passively(argv);
    log_init("inspect", LOG_INFO);
    dense_init();
    enum status status = act(argc, argv, &exit_status, &err);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (status == STATUS_OK) status = error_errno(&err, "standard output cannot be written");
    }
    if (status == STATUS_OK) return exit_status;
    fprintf(stderr, "inspect: %s\n", err.text);
    return (int)status;
}
