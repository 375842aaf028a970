/* The rows of a run: which groups, with which negatives, and the columns that they become. */
#ifndef MARQUEE_FEATURES_TRAINING_ROWS_H
#define MARQUEE_FEATURES_TRAINING_ROWS_H

#include "common/base/error.h"
#include "common/features/feature.h"
#include "common/stage/stage.h"

#include <stdbool.h>
#include <stdint.h>

/* As on the command line. */
struct rows_params {
    int64_t uniform, hard, hard_top, valid_negatives, max_rows, max_valid_rows;
    const char *hard_from;
    double short_share;
    bool beginnings, list;
};

/* Writes the training rows (role rank) and the validation rows (role valid) with the names of their
 * features to the output of `run`. STATUS_FAILED if no rating has the role rank. */
enum status rows_write(struct stage_run *run, const struct feature_context *context,
                       const struct rows_params *p, struct error *err);

#endif
