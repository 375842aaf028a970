/* Everything that is read, and its way into the artifact. */
#ifndef MARQUEE_INGEST_DATASET_H
#define MARQUEE_INGEST_DATASET_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/ratings.h"
#include "stages/ingest/genome.h"
#include "stages/ingest/input_table.h"
#include "stages/ingest/movies_file.h"
#include "stages/ingest/ratings_file.h"
#include "stages/ingest/source_layout.h"
#include "stages/ingest/tags.h"
#include "stages/ingest/time_worth.h"
#include "stages/ingest/users_file.h"

#include <stdbool.h>
#include <stdint.h>

struct dataset {
    const struct layout *layout;
    struct rating_order order;
    struct id_map users;
    struct movies movies;
    struct ratings ratings;
    struct tags tags;
    struct tags reviews; /* a tagging per distinct word of a review */
    struct users user_facts;
    struct genome genome;
    bool has_users, has_links, has_reviews, has_genome;
    uint64_t n_rows[N_FILE_ROLES]; /* good rows per file */
    uint64_t n_bad[N_FILE_ROLES];
    uint64_t n_duplicates;
    struct time_worth worth; /* of the files' times */
    bool has_times;          /* the ratings file has a column of times */
    bool ordered;            /* the order of times counts; else it is by lot, and all times are 0 */
    struct buf why;          /* it is not ordered, in words; empty if it is */
    uint64_t n_feedback;     /* ratings and views of the feedback file */
};

/* Reads all files of the layout; `order` says how a user's ratings are ordered. */
enum status dataset_read(struct dataset *out, const struct layout *layout,
                         const struct rating_order *order, struct reading *shared,
                         struct error *err);
void dataset_release(struct dataset *d);

/* Writes columns and metadata of kind "dataset". */
enum status dataset_write(const struct dataset *d, const struct layout *layout,
                          struct artifact_writer *w, struct error *err);

#endif
