/* The life cycle of a stage program: options, inputs, output, lineage, log, timing, exit status.
 * A stage's main.c is a table of options and inputs, and a `run` function:
 *
 *     int main(int argc, char **argv) { return stage_main(argc, argv, &split_stage); }
 */
#ifndef MARQUEE_STAGE_STAGE_H
#define MARQUEE_STAGE_STAGE_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/base/log.h"
#include "common/base/option.h"
#include "common/data/view.h"
#include "common/run/run_artifacts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a fitted input must have been fitted on; checked by mixture_check (common/run). */
enum stage_input_view {
    INPUT_UNFITTED, /* dataset, split: no view */
    INPUT_RUN_VIEW, /* the view of this run */
    INPUT_FIT_VIEW  /* view fit, whatever the view of this run (the ranker and its features) */
};

struct stage_input {
    const char *role; /* name of the option that gives its path: --dataset, --split, ... */
    const char *kind; /* of the artifact */
    bool required;
    enum stage_input_view view;
    const char *help;
};

enum { STAGE_MAX_INPUTS = 16 };

struct stage_run;

struct stage {
    const char *name;
    uint32_t version;    /* raised whenever the same inputs would give other bytes */
    const char *summary; /* one line, for --help */
    const char *words;   /* what may follow the options, for --help; NULL = nothing may */
    const struct option_spec *options;
    size_t n_options;
    const struct stage_input *inputs;
    size_t n_inputs;
    const char *output_kind; /* kind of the artifact behind --output; NULL = no artifact output */
    bool has_view;           /* offers --view fit|full|all; the output then carries view and id */
    enum view default_view;
    /* Reads the roles rank and valid besides what its view shows (features, ncf): the
     * output's lineage then names the id of VIEW_FULL, which covers them, with the run's view. */
    bool reads_roles;
    bool distributed;   /* may run as several processes (ranks.h), the first of which writes */
    size_t params_size; /* of the struct that the option table's offsets refer to */
    /* Refuses values that the option table lets pass (a list that does not parse, two that exclude
     * each other). Asked before anything is opened, and by --check; NULL = there are none. */
    enum status (*check)(const void *params, struct error *err);
    enum status (*run)(struct stage_run *run, const void *params, struct error *err);
};

/* Lineage. A stage without a view lists its inputs by content id. A stage with a view lists, in
 * place of dataset and split, the id of the view: its output cannot vary with what is held out, not
 * even in its lineage. Fitted outputs carry metadata "view" and "view_id".
 *
 * Options that every stage has: one --ROLE per input, --output, --view (if has_view), --seed,
 * --threads, --log-dir (timings go to <log-dir>/<stage>[.<view>].json), --quiet, --verbose,
 * --help, --version, and three more that print or check and exit: --params-canonical (the
 * parameters as they are stored), --check (whether the words beside it are parameters of this stage
 * with values that it accepts; how make asks before it runs anything), --describe (the tables of
 * this struct, for programs: lines of words with tabs in between, stage NAME VERSION view DEFAULT
 * if it has one input ROLE KIND required|optional unfitted|run|fit output KIND if it is an artifact
 *     option|common NAME TYPE EFFECT DEFAULT ACCEPTED HELP   its own, those of every stage).
 *
 * Opens inputs (checking kinds, and view ids of fitted ones), runs, on success commits what `run`
 * left in the writer, prints the closing line (counts, wall, CPU, peak memory), and returns the
 * exit status; on any failure prints "<stage>: <message>" to stderr and leaves no file behind. */
int stage_main(int argc, char **argv, const struct stage *stage);

/* NULL if the optional input was not given. */
const struct artifact *stage_input(const struct stage_run *run, const char *role);
/* The inputs by their roles in a run, and the view of this run. */
struct run_artifacts stage_artifacts(const struct stage_run *run);
struct artifact_writer *stage_output(struct stage_run *run);
const char *stage_output_path(const struct stage_run *run);
enum view stage_view(const struct stage_run *run);
uint64_t stage_seed(const struct stage_run *run);
int stage_words(const struct stage_run *run, char ***words);
/* Id of stage, version, canonical parameters, seed, view and input content ids. */
struct digest stage_recipe_id(const struct stage_run *run);

/* Tells what became of the options that were left to the program: `resolved` is the stage's params
 * with what "auto" became in their place. Each such value is stored in the output as metadata
 * "resolved.NAME", as text; what is still auto had no part in this run. The parameters of the
 * lineage say "auto" all the same: they are what was asked for, and what follows from it and the
 * inputs. */
enum status stage_resolve(struct stage_run *run, const void *resolved, struct error *err);

/* Adds a file that is no artifact (a CSV) to the lineage, and its hash to the recipe; tells the
 * hash in *hash, which may be NULL. To be called before the output is first asked for. */
enum status stage_add_file(struct stage_run *run, const char *role, const char *path,
                           struct digest *hash, struct error *err);

/* A named count for the closing line and the log, in order of calls. */
void stage_count(struct stage_run *run, const char *name, uint64_t value);

#endif
