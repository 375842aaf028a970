/* A run's folder as it is: everything but the dataset may be missing. */
#ifndef MARQUEE_REPORT_REPORTED_RUN_H
#define MARQUEE_REPORT_REPORTED_RUN_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* In the order in which they are made. */
enum part {
    PART_DATASET,
    PART_SPLIT,
    PART_SIMILARITY_FIT,
    PART_SIMILARITY_FULL,
    PART_SIMILARITY_ALL,
    PART_FACTORS_FIT,
    PART_FACTORS_FULL,
    PART_FACTORS_ALL,
    PART_SEQUENCE_FIT,
    PART_SEQUENCE_FULL,
    PART_SEQUENCE_ALL,
    PART_FEATURES,
    PART_RANKER,
    PART_NCF,
    PARTS
};
const char *part_name(enum part part); /* "similarity.fit" */

/* The logs of the stages in the order in which they run: "ingest", "similarity.fit"...; NULL at
 * their end. */
const char *run_log_name(size_t index);

struct reported_run {
    char *folder;                /* as given, without slashes at its end */
    const char *name;            /* its last part */
    struct artifact *art[PARTS]; /* NULL: not there */
    json_t *metrics;             /* metrics.json, or NULL */
    json_t *logs;                /* {"ingest": {...}, "similarity.fit": {...}}, those there are */
    struct catalogue catalogue;
    struct ratings ratings; /* all of them, until they are released */
    uint64_t n_ratings;
    int64_t first_time, last_time; /* of any rating, seconds since 1970; 0 without one */
};

/* No dataset.art is STATUS_FAILED, a damaged file what opening it says. */
enum status run_open(struct reported_run *out, const char *folder, struct error *err);
void run_release(struct reported_run *r);

/* The artifact of the view all if there is one, else of full; `all` the part of that view. */
const struct artifact *run_latest(const struct reported_run *r, enum part all);

/* Follows keys into a JSON object; the last one is NULL. NULL if there is nothing. */
json_t *json_find(const json_t *object, ...) __attribute__((sentinel));
const char *json_text(const json_t *value, const char *otherwise);

/* {value, low, high} of metrics.json; low and high are NaN if there are none. */
struct interval {
    double value, low, high;
};
bool interval_read(struct interval *out, const json_t *estimate);

#endif
