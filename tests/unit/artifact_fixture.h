/* A small artifact with everything in it: metadata of each type, lineage, columns of several types
 * and filters. */
#ifndef MARQUEE_TESTS_ARTIFACT_FIXTURE_H
#define MARQUEE_TESTS_ARTIFACT_FIXTURE_H

#include "common/artifact/artifact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void write_small(const char *path) {
    struct error err = {0};
    struct artifact_writer *w;
    const uint8_t role[] = {0, 0, 3};
    const uint64_t offset[] = {0, 0, 1};
    const uint32_t movie[] = {17};
    const float rating[] = {4.5F};
    const int64_t time[] = {978300760};
    struct lineage_input input = {.role = "dataset", .kind = "dataset"};
    memset(input.id.bytes, 0xAB, sizeof(input.id.bytes));
    struct lineage lineage = {.stage = "split",
                              .stage_version = 1,
                              .seed = 42,
                              .view = "",
                              .params = "protocol=leave-one-out\n",
                              .inputs = &input,
                              .n_inputs = 1};
    if (artifact_create(&w, path, "split", &err) != STATUS_OK ||
        artifact_set_i64(w, "n", -7, &err) != STATUS_OK ||
        artifact_set_f64(w, "mean", 3.25, &err) != STATUS_OK ||
        artifact_set_str(w, "history", "prefix", &err) != STATUS_OK ||
        artifact_set_lineage(w, &lineage, &err) != STATUS_OK ||
        artifact_add_1d(w, "role", DTYPE_U8, 3, role, &err) != STATUS_OK ||
        artifact_add_1d(w, "test.offset", DTYPE_U64, 3, offset, &err) != STATUS_OK ||
        artifact_add_1d(w, "test.movie", DTYPE_U32, 1, movie, &err) != STATUS_OK ||
        artifact_add_1d(w, "test.rating", DTYPE_F32, 1, rating, &err) != STATUS_OK ||
        artifact_add_1d(w, "test.time", DTYPE_I64, 1, time, &err) != STATUS_OK ||
        artifact_commit(w, &err) != STATUS_OK) {
        fprintf(stderr, "fixture: %s\n", err.text);
        abort();
    }
}

#endif
