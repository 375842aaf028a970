/* What a split consists of, and how it is written. */
#ifndef MARQUEE_SPLIT_RESULT_H
#define MARQUEE_SPLIT_RESULT_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/ratings.h"
#include "common/data/test_set.h"
#include "stages/split/protocol.h"

/* Everything that becomes columns. */
struct split_result {
    struct ratings ratings;
    uint8_t *role;
    struct test_set targets;
    const char *candidates; /* "sampled", "given", "held-out", "none" */
    uint64_t n_missing;
};

void split_result_release(struct split_result *r);

/* The columns, and metadata with the ids of the three views of `dataset`. */
enum status split_result_write(struct artifact_writer *w, const struct artifact *dataset,
                               const struct protocol *protocol, const struct split_result *r,
                               struct error *err);

#endif
