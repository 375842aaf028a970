/* generate: writes a made-up data set in MovieLens's form; see ../README.md. */
#include "common/base/file.h"
#include "common/base/interrupt.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/option.h"
#include "data/generate/files.h"

#include <stdio.h>
#include <string.h>

struct params {
    const char *output, *like;
    int64_t users, movies, ratings, seed;
    bool quiet, help, check;
};

#define OPTION_HOLDER struct params
static const struct option_spec specs[] = {
    RUNTIME_TEXT("output", output, NULL,
                 "folder for ratings.csv, movies.csv, tags.csv and links.csv", 'o'),
    PARAMETER_CHOICE("like", like, "movielens", LIKENESS_NAMES, "kind of data set"),
    PARAMETER_INT_AUTO("users", users, 1, 10e6, "number of users", "2000, or as the kind has it"),
    PARAMETER_INT_AUTO("movies", movies, 40, 500e3, "number of movies",
                       "1700, or as the kind has it"),
    PARAMETER_INT_AUTO("ratings", ratings, 20, 4e9, "number of ratings, at least 20 for each user",
                       "150000, or as the kind has it"),
    PARAMETER_INT("seed", seed, "1", 0, 9e15, "start of all random numbers"),
    RUNTIME_FLAG("quiet", quiet, NULL, "say nothing unless it fails", 'q'),
    RUNTIME_FLAG("help", help, NULL, "print this text", 'h'),
    RUNTIME_FLAG("check", check, NULL, "only check the options given", 0),
};
enum { N_SPECS = sizeof(specs) / sizeof(specs[0]) };

static void print_help(void) {
    puts("usage: generate --output DIR [options]\n\n"
         "Writes a made-up data set in MovieLens's form. The same options give the same bytes.\n");
    options_help(specs, N_SPECS, stdout);
}

static enum status generate(const struct params *p, struct error *err) {
    AUTO(world) struct world w = {0};
    MEM_AUTO uint32_t *counts = NULL;
    uint64_t seed = (uint64_t)p->seed, n_tags = 0;
    const struct likeness *like = likeness_find(p->like);
    uint32_t n_users = (uint32_t)option_int_or(p->users, like->users);
    uint32_t n_movies = (uint32_t)option_int_or(p->movies, like->movies);
    uint64_t n_ratings = (uint64_t)option_int_or(p->ratings, (int64_t)like->ratings);
    TRY(MEM_NEW(&counts, n_users, err));
    TRY(viewer_counts(counts, n_users, n_ratings, n_movies / 2, seed, err));
    TRY(world_create(&w, n_movies, seed, err));
    TRY(file_make_directory(p->output, err));
    TRY(files_write_movies(p->output, &w, like, seed, err));
    TRY(files_write_ratings(p->output, &w, like, counts, n_users, seed, &n_tags, err));
    log_info("%u users, %u movies, %llu ratings, %llu tags in %s", n_users, n_movies,
             (unsigned long long)n_ratings, (unsigned long long)n_tags, p->output);
    return STATUS_OK;
}

static enum status run(int argc, char **argv, struct error *err) {
    struct params params;
    if (options_ask_for_help(argc, argv)) {
        print_help();
        return STATUS_OK;
    }
    TRY(options_default(specs, N_SPECS, &params, err));
    TRY(options_parse(specs, N_SPECS, &params, argc, argv, NULL, err));
    if (params.check) return STATUS_OK;
    if (params.output == NULL)
        return error_set(err, STATUS_USAGE, "--output DIR is missing; see --help");
    log_init("generate", params.quiet ? LOG_QUIET : LOG_INFO);
    interrupt_install();
    return generate(&params, err);
}

int main(int argc, char **argv) {
    struct error err = {0};
    enum status status = run(argc, argv, &err);
    if (status != STATUS_OK) fprintf(stderr, "generate: %s\n", err.text);
    return (int)status;
}
