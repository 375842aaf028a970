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

/* The view that an input must have been fitted on; checked by mixture_check (common/run). */
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
    uint32_t version;    /* to be raised whenever the same inputs would give other bytes */
    const char *summary; /* one line, for --help */
    const char *words;   /* arguments that may follow the options, for --help; NULL: none */
    const struct option_spec *options;
    size_t n_options;
    const struct stage_input *inputs;
    size_t n_inputs;
    const char *output_kind; /* of the artifact that --output names; NULL: not an artifact */
    bool has_view;           /* offers --view fit|full|all; the output then carries view and id */
    enum view default_view;
    /* Reads the roles rank and valid besides what its view shows (features, ncf): the output's
     * lineage then names the id of VIEW_FULL, which covers them, in place of that of the run's
     * view (with view all, both). */
    bool reads_roles;
    bool distributed;   /* may run as several processes (ranks.h), the first of which writes */
    size_t params_size; /* of the struct that the option table's offsets refer to */
    /* Refuses parameters that the option table accepts (a list that does not parse, two values that
     * exclude each other). Called before anything is opened, and by --check; NULL: nothing to
     * check. */
    enum status (*check)(const void *params, struct error *err);
    enum status (*run)(struct stage_run *run, const void *params, struct error *err);
};

/* Lineage. A stage without a view lists its inputs by content id. A stage with a view lists, in
 * place of dataset and split, the id of the view: its output cannot vary with what is held out, not
 * even in its lineage. Fitted outputs carry metadata "view" and "view_id".
 *
 * Options that every stage has: one --ROLE per input, --output, --view (if has_view), --seed,
 * --threads, --log-dir (timings go to <log-dir>/<stage>[.<view>].json), --quiet, --verbose,
 * --help, --version, and three that print or check something and exit:
 *
 *   --params-canonical  prints the parameters in the form in which they are stored
 *   --check             checks that the arguments beside it are parameters of this stage, with
 *                       values that it accepts; make does so before it runs anything
 *   --describe          prints the tables of this struct for programs to read, tab-separated:
 *                         stage NAME VERSION
 *                         view DEFAULT                                     if it has views
 *                         input ROLE KIND required|optional unfitted|run|fit
 *                         output KIND                                      if it is an artifact
 *                         option NAME TYPE EFFECT DEFAULT ACCEPTED HELP    the stage's own
 *                         common NAME TYPE EFFECT DEFAULT ACCEPTED HELP    those of every stage
 *
 * stage_main opens the inputs (checking kinds, and the view ids of fitted ones) and calls `run`. On
 * success it commits what `run` left in the writer, prints the closing line (counts, wall time, CPU
 * time, peak memory) and returns the exit status; on any failure it prints "<stage>: <message>" to
 * stderr and leaves no file behind. */
int stage_main(int argc, char **argv, const struct stage *stage);

/* NULL if the optional input was not given. */
const struct artifact *stage_input(const struct stage_run *run, const char *role);
/* The inputs by their roles in a run, with the view of this run. */
struct run_artifacts stage_artifacts(const struct stage_run *run);
struct artifact_writer *stage_output(struct stage_run *run);
const char *stage_output_path(const struct stage_run *run);
enum view stage_view(const struct stage_run *run);
uint64_t stage_seed(const struct stage_run *run);
int stage_words(const struct stage_run *run, char ***words);
/* Hash of stage, version, canonical parameters, seed, view and the ids of the inputs. */
struct digest stage_recipe_id(const struct stage_run *run);

/* Reports what the program chose for options left at "auto": `resolved` is the stage's params with
 * the chosen values filled in. Each is stored in the output as text, as metadata "resolved.NAME";
 * an option that is still auto played no part in this run. The parameters in the lineage keep
 * saying "auto": they are what was asked for, and the chosen values follow from them and the
 * inputs. */
enum status stage_resolve(struct stage_run *run, const void *resolved, struct error *err);

/* Adds a file that is not an artifact (a CSV) to the lineage, and its hash to the recipe; *hash,
 * which may be NULL, becomes the hash. To be called before the first call of stage_output. */
enum status stage_add_file(struct stage_run *run, const char *role, const char *path,
                           struct digest *hash, struct error *err);

/* Adds a named count to the closing line and the log, in the order of calls. */
void stage_count(struct stage_run *run, const char *name, uint64_t value);

#endif
