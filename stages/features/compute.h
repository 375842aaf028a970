/* Computing groups of rows, and streaming them to the artifact. */
#ifndef MARQUEE_FEATURES_COMPUTE_H
#define MARQUEE_FEATURES_COMPUTE_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/question.h"
#include "common/data/ratings.h"
#include "common/features/feature.h"
#include "stages/features/plan.h"

#include <stddef.h>
#include <stdint.h>

struct sampling {
    size_t uniform, hard;       /* negatives per group */
    const size_t *hard_feature; /* [n_hard_features] columns that rank for hard draws */
    size_t n_hard_features, hard_top;
    double short_share;  /* of the groups: only the newest few ratings of the history are known */
    const char *purpose; /* of the random streams: "features.train", "features.valid" */
    uint64_t seed;
};

struct row_source {
    const struct feature_context *context;
    const struct ratings *ratings; /* all roles; test and left-out are not looked at */
    const uint8_t *role;
    struct question question;
    const uint8_t *kind; /* [n_movies] role of all its ratings, where whole movies are held out; the
                            negatives are of the positive's kind. NULL: of any */
};

/* The small columns of all groups; train.x and valid.x are too large to hold. */
struct group_columns {
    size_t n_groups, group_size;
    uint32_t *user;  /* [n_groups] */
    uint32_t *movie; /* [n_groups, group_size], the positive first */
    float *log_q;    /* [n_groups, group_size] */
    uint8_t *rating; /* [n_groups] half stars */
    float *own_mean; /* [n_groups] of the history's ratings, stars; 0 where there are none */
};
void group_columns_release(struct group_columns *g);

/* Computes the groups of `plan` in parallel and appends their features, as halves, to column
 * `column` of `w`; fills `out`, which the caller releases. Memory in use is bounded whatever the
 * number of groups; the bytes do not depend on the number of threads. */
enum status groups_compute(struct group_columns *out, struct artifact_writer *w, const char *column,
                           const struct row_source *source, const struct plan *plan,
                           const struct sampling *sampling, struct error *err);

#endif
