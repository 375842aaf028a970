/* A run's folder as it is: everything but the dataset may be missing. */
#ifndef MARQUEE_REPORT_REPORTED_RUN_H
#define MARQUEE_REPORT_REPORTED_RUN_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"
#include "common/run/run_folder.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct reported_run {
    struct run_folder folder; /* all that is there, of every view */
    json_t *metrics;          /* metrics.json, or NULL */
    json_t *certificate;      /* certificate.json, or NULL */
    json_t *logs;             /* {"ingest": {...}, "similarity.fit": {...}}, those there are */
    struct catalogue catalogue;
    struct ratings ratings; /* all of them, until they are released */
    uint64_t n_ratings;
    int64_t first_time, last_time; /* of any rating, seconds since 1970; 0 without one */
};

/* STATUS_FAILED if there is no dataset.art; a damaged file fails as in artifact_open. */
enum status run_open(struct reported_run *out, const char *folder, struct error *err);
void run_release(struct reported_run *r);

/* The role's artifact of view all if it is there, else that of view full; its only one if it is not
 * made per view. NULL if there is none. */
const struct artifact *run_newest(const struct reported_run *r, enum run_role role);

/* Follows keys into a JSON object; the last one is NULL. NULL if there is nothing. */
json_t *json_find(const json_t *object, ...) __attribute__((sentinel));
const char *json_text(const json_t *value, const char *otherwise);

/* {value, low, high} of metrics.json; low and high are NaN if there are none. */
struct interval {
    double value, low, high;
};
bool interval_read(struct interval *out, const json_t *estimate);

#endif
