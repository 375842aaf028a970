/* What the files of the stage life cycle share; not for stages. Calls go one way: from stage.c to
 * manifest.c, report.c, lineage.c and stage_run.c, from report.c to lineage.c, and from lineage.c
 * to stage_run.c. */
#ifndef MARQUEE_STAGE_INTERNAL_H
#define MARQUEE_STAGE_INTERNAL_H

#include "common/base/buf.h"
#include "common/base/hash.h"
#include "common/data/view.h"
#include "common/stage/stage.h"

/* Targets of the options that every stage has. */
struct stage_options {
    const char *input[STAGE_MAX_INPUTS]; /* paths, in the order of stage->inputs */
    const char *output;
    const char *view;
    int64_t seed;
    int64_t threads;
    const char *log_dir;
    bool quiet, verbose, help, version, params_canonical, check, describe;
};

struct stage_file {
    size_t role_index; /* into file_roles */
    struct digest hash;
};

struct stage_named_count {
    const char *name;
    uint64_t value;
};

enum { STAGE_MAX_COUNTS = 32 };

struct stage_run {
    const struct stage *stage;
    uint64_t started_ns;

    struct option_spec *specs; /* stage's own, --check, inputs, view, common */
    size_t n_specs;
    void *params;          /* the stage's params, followed by a struct stage_options */
    size_t options_offset; /* of the latter */
    struct stage_options options;
    struct buf canonical;
    char **words;
    int n_words;

    struct artifact *input[STAGE_MAX_INPUTS]; /* in the order of stage->inputs; NULL = not given */
    struct strings file_roles;
    struct stage_file *file;
    size_t n_files, file_capacity;

    enum view view;
    struct digest view_id;  /* of what this run's view shows */
    struct digest roles_id; /* of VIEW_FULL, for stages that read roles */
    struct artifact_writer *writer;

    struct stage_named_count count[STAGE_MAX_COUNTS];
    size_t n_counts;
};

/* lineage.c: checks that split and fitted inputs belong together, and finds view_id and roles_id.
 */
enum status stage_check_inputs(struct stage_run *run, struct error *err);

enum status stage_set_lineage(struct stage_run *run, struct error *err);

/* manifest.c: answers --describe. */
void stage_describe(const struct stage_run *run, FILE *out);

/* report.c: prints the closing line and writes the timings. */
void stage_report(const struct stage_run *run);

#endif
