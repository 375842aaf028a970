/* A run folder's artifacts for the questions about movies and users. */
#ifndef MARQUEE_INSPECT_INSPECTED_RUN_H
#define MARQUEE_INSPECT_INSPECTED_RUN_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/run/run_folder.h"

#include <stdio.h>

struct inspected_run {
    struct run_folder folder;
    struct run_artifacts artifacts; /* of the folder, for models of a view */
    struct catalogue catalogue;
    struct ratings ratings; /* that the view shows */
};

/* Opens `folder` (run_folder_open) with these roles besides dataset and split, loads catalogue and
 * ratings. NULL folder is STATUS_USAGE. */
enum status run_open(struct inspected_run *out, const char *folder, const char *view,
                     unsigned roles, struct error *err);
void run_release(struct inspected_run *r);

/* The user with this raw id. */
enum status run_find_user(const struct inspected_run *r, int64_t id, uint32_t *out,
                          struct error *err);

/* "Toy Story (1995)", owned by the caller. */
enum status run_title(const struct inspected_run *r, uint32_t movie, struct buf *out,
                      struct error *err);
/* "Adventure, Comedy" */
enum status run_genres(const struct inspected_run *r, uint32_t movie, struct buf *out,
                       struct error *err);

enum { DATE_SIZE = 16 };
const char *date_text(int64_t seconds, char out[DATE_SIZE]); /* "1999-12-31", UTC */

/* Bars of how often each of the ten half stars was given; counts[1..10]. */
void print_stars(const uint64_t counts[11], FILE *out);

#endif
