/* Which files there are, and how each is written. */
#ifndef MARQUEE_INGEST_SOURCE_LAYOUT_H
#define MARQUEE_INGEST_SOURCE_LAYOUT_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "stages/ingest/delimited_rows.h"

#include <stdbool.h>

enum file_role {
    FILE_RATINGS,
    FILE_MOVIES,
    FILE_USERS,
    FILE_LINKS,
    FILE_TAGS,
    FILE_REVIEWS,
    FILE_GENOME_TAGS,
    FILE_GENOME_SCORES,
    FILE_FEEDBACK,  /* further ratings, from the service */
    FILE_FORGOTTEN, /* users whose ratings of the ratings file are left out */
    N_FILE_ROLES
};

/* How a file is written. */
enum dialect {
    DIALECT_CSV,    /* a header names the columns; UTF-8 */
    DIALECT_COLONS, /* ml-1m, ml-10m: "::", no header, ISO-8859-1 */
    DIALECT_100K    /* ml-100k: tab in u.data, else '|', no header, ISO-8859-1 */
};

struct source {
    struct buf path; /* empty: there is no such file */
    enum dialect dialect;
    struct digest hash; /* of the file's bytes; set by the caller */
};

struct layout {
    const char *name; /* "csv", "ratings-csv" (ratings alone), "ml-1m", "ml-10m", "ml-100k" */
    struct source file[N_FILE_ROLES];
};

/* Finds the files of `folder` (may be NULL). Paths in `given`, one per role or NULL, replace them;
 * a given file's dialect follows from its name: "*.dat", "u.*", else CSV. Only files of the dialect
 * of the folder's ratings are taken. It is an error if there are no ratings, or if the folder holds
 * ratings of two dialects and none are given. */
enum status layout_find(struct layout *out, const char *folder,
                        const char *const given[N_FILE_ROLES], struct error *err);
void layout_release(struct layout *l);

bool source_given(const struct source *s);
enum row_format source_format(const struct source *s, enum file_role role);
const char *base_name(const char *path);

#endif
