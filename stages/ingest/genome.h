/* The tag genome: the relevance of every genome tag for the movies that have one. */
#ifndef MARQUEE_INGEST_GENOME_H
#define MARQUEE_INGEST_GENOME_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "stages/ingest/input_table.h"
#include "stages/ingest/movies_file.h"

#include <stdint.h>

struct genome {
    struct id_map tag;   /* raw tag ids to columns */
    struct strings name; /* [tag.count] in the order of raw ids */
    uint32_t n_movies;
    uint32_t *movie;       /* [n_movies] movie indices, ascending */
    float *relevance;      /* [n_movies x tag.count]; 0 where the file says nothing */
    uint64_t n_duplicates; /* scores given again; the last in the file counts */
    uint64_t n_missing;    /* pairs of movie and tag that the file does not give */
    uint64_t n_outside;    /* dropped: movie without ratings, where no movies file lists it */
};

enum status genome_read_tags(struct genome *out, struct input_table *t, struct reading *shared,
                             struct error *err);
enum status genome_read_scores(struct genome *g, struct input_table *t, const struct movies *movies,
                               struct reading *shared, struct error *err);
void genome_release(struct genome *g);

#endif
