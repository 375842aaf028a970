/* Taggings: who gave which tag to which movie, when. Reviews are read as taggings by their words.
 */
#ifndef MARQUEE_INGEST_TAGS_H
#define MARQUEE_INGEST_TAGS_H

#include "common/base/error.h"
#include "stages/ingest/input_table.h"
#include "stages/ingest/movies_file.h"
#include "stages/ingest/names.h"

#include <stdint.h>

struct tags {
    struct names name; /* normalised, sorted */
    uint64_t count;    /* taggings, by movie, then time, then file order */
    uint32_t *user;    /* user index, NO_INDEX if the user rated nothing */
    uint32_t *movie;
    uint32_t *index;    /* into name */
    int64_t *time;      /* 0 where the ratings have no order */
    uint64_t n_empty;   /* dropped: nothing left of the tag after normalisation */
    uint64_t n_outside; /* dropped: movie without ratings, where no movies file lists it */
};

/* What becomes a name: the whole text of a row, normalised, or each of its distinct words. */
enum tag_unit { TAGS_WHOLE, TAGS_WORDS };

/* STATUS_FAILED for a file without times, unless those of the ratings are none either. */
enum status tags_read(struct tags *out, struct input_table *t, enum tag_unit unit,
                      const struct id_map *raters, const struct movies *movies,
                      struct reading *shared, struct error *err);
void tags_release(struct tags *t);

#endif
