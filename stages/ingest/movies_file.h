/* The catalogue: the movies file, or where there is none the rated movies; links. */
#ifndef MARQUEE_INGEST_MOVIES_FILE_H
#define MARQUEE_INGEST_MOVIES_FILE_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "stages/ingest/id_map.h"
#include "stages/ingest/id_set.h"
#include "stages/ingest/input_table.h"
#include "stages/ingest/names.h"

#include <stdint.h>

struct movies {
    struct id_map map;        /* raw ids to the indices of everything below */
    bool listed;              /* there is a movies file: it says which movies there are */
    struct strings title;     /* [map.count] */
    uint16_t *year;           /* [map.count] 0 unknown */
    struct names genre;       /* sorted */
    uint64_t *genre_offset;   /* [map.count + 1] */
    uint32_t *genre_index;    /* ascending per movie */
    uint32_t *imdb, *tmdb;    /* [map.count], 0 unknown; NULL without a links file */
    struct id_set left_out;   /* movies that were listed, but were then left out */
    uint64_t n_links_outside; /* links rows of movies that no file lists or rates */
};

enum status movies_read(struct movies *out, struct input_table *t, struct reading *shared,
                        struct error *err);

/* A catalogue of the raw ids that `map` holds, without titles; takes over `map`. */
enum status movies_from_ids(struct movies *out, struct id_map *map, struct error *err);

/* Leaves out the movies that are not among the raw ids of `rated`. To be called before the links
 * are read. */
enum status movies_keep(struct movies *m, const struct id_map *rated, struct error *err);

enum status movies_read_links(struct movies *m, struct input_table *t, struct reading *shared,
                              struct error *err);
void movies_release(struct movies *m);

/* Index of the movie in a field, or NO_INDEX if the field is not an id (`bad` says so) or there is
 * no such movie (`bad` says so if there is a movies file, and the movie was not left out of it). */
uint32_t movies_find(const struct movies *m, struct field f, struct reason *bad);
/* The same for an id that was read already. */
uint32_t movies_find_id(const struct movies *m, uint32_t id, struct reason *bad);

#endif
