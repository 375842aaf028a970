/* The files of a run's folder: one table of what there is, which stage makes it, from the ratings
 * of which view, and whether recommending needs it. A new file in a run is one row of RUN_FILES. */
#ifndef MARQUEE_RUN_RUN_TABLE_H
#define MARQUEE_RUN_RUN_TABLE_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/view.h"

#include <stdbool.h>
#include <stddef.h>

/* The view that a file is made from; RUN_EACH_VIEW: one file per view, with the view in its name.
 */
enum run_fit { RUN_UNFITTED, RUN_EACH_VIEW, RUN_FIT_VIEW, RUN_FULL_VIEW };

enum run_need {
    RUN_NEEDED,     /* nothing can be recommended without it */
    RUN_UNLESS_ALL, /* needed unless the view is all */
    RUN_OPTIONAL,   /* used if it is there */
    RUN_ASIDE       /* not used for recommending */
};

/* Role, name, kind of artifact (NULL: it is JSON), stage, views, need; in the order in which they
 * are made. */
#define RUN_FILES(X)                                                                               \
    X(DATASET, "dataset", "dataset", "ingest", UNFITTED, NEEDED)                                   \
    X(SPLIT, "split", "split", "split", UNFITTED, UNLESS_ALL)                                      \
    X(SIMILARITY, "similarity", "similarity", "similarity", EACH_VIEW, NEEDED)                     \
    X(FACTORS, "factors", "factors", "factorize", EACH_VIEW, NEEDED)                               \
    X(SEQUENCE, "sequence", "sequence", "sequence", EACH_VIEW, OPTIONAL)                           \
    X(FEATURES, "features", "features", "features", FIT_VIEW, ASIDE)                               \
    X(RANKER, "ranker", "ranker", "ranker", FIT_VIEW, NEEDED)                                      \
    X(NCF, "ncf", "ncf", "ncf", FULL_VIEW, ASIDE)                                                  \
    X(METRICS, "metrics", NULL, "evaluate", FULL_VIEW, ASIDE)

/* RUN_DATASET, RUN_SPLIT... */
#define RUN_ROLE_OF(role, ...) RUN_##role,
enum run_role { RUN_FILES(RUN_ROLE_OF) RUN_ROLES };

struct run_file {
    const char *name; /* of the file, without view and suffix; the role in lineage and options */
    const char *kind;
    const char *stage;
    enum run_fit fit;
    enum run_need need;
};
const struct run_file *run_file(enum run_role role);
bool run_role_find(const char *name, enum run_role *out);

/* Whether recommending with the models of this view needs the role's file. */
bool run_needs(enum run_role role, enum view view);
unsigned run_recommending(void); /* RUN_BITs of all that a recommender uses, needed or not */
#define RUN_BIT(role) (1U << (role))

/* ---- parts: single files, so that each view of a role is one part ---- */

/* RUN_PART_DATASET, ... RUN_PART_FACTORS_FIT, ... */
#define RUN_PARTS_UNFITTED(role)  RUN_PART_##role,
#define RUN_PARTS_FIT_VIEW(role)  RUN_PART_##role,
#define RUN_PARTS_FULL_VIEW(role) RUN_PART_##role,
#define RUN_PARTS_EACH_VIEW(role)                                                                  \
    RUN_PART_##role##_FIT, RUN_PART_##role##_FULL, RUN_PART_##role##_ALL,
#define RUN_PARTS_OF(role, name, kind, stage, fit, need) RUN_PARTS_##fit(role)
enum { RUN_FILES(RUN_PARTS_OF) RUN_PARTS };

struct run_part {
    enum run_role role;
    enum view view;   /* that it is made from; VIEW_ALL if unfitted */
    const char *name; /* "similarity.fit" */
    const char *log;  /* of its file in folder logs: "factorize.fit" */
};
const struct run_part *run_part(size_t index);

/* The part of a role that goes with models of this view: the view's own, or the only one. */
size_t run_part_of(enum run_role role, enum view view);

const char *run_ending(const struct run_file *file); /* "art" or "json" */

/* "artifacts/sample/similarity.fit.art" */
enum status run_path(struct buf *out, const char *folder, size_t part, struct error *err);

/* The command that makes the run that a file belongs to, for messages: "make pipeline
 * RUN=sample". */
enum { RUN_COMMAND_SIZE = 96 };
const char *run_command(const char *path, char out[RUN_COMMAND_SIZE]);

#endif
