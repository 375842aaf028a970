#include "stages/ingest/core.h"

#include "common/base/mem.h"
#include "stages/ingest/id_map.h"

/* Rows per raw id. */
struct degrees {
    struct id_map map;
    uint32_t *count; /* [map.count] */
};

static void degrees_release(struct degrees *d) {
    id_map_release(&d->map);
    mem_free(d->count);
}

static enum status degrees_count(struct degrees *d, const uint32_t *raw, uint64_t n,
                                 struct error *err) {
    TRY(id_map_build(&d->map, raw, n, err));
    TRY(MEM_NEW(&d->count, d->map.count, err));
    for (uint64_t i = 0; i < n; i++)
        d->count[id_map_find(&d->map, raw[i])]++;
    return STATUS_OK;
}

/* Removes rows of users and movies that have too few, and takes them off the counts; returns how
 * many rows remain. */
static uint64_t sweep(struct rating_rows *r, struct degrees *users, struct degrees *movies,
                      uint32_t least) {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < r->count; i++) {
        uint32_t *of_user = &users->count[id_map_find(&users->map, r->user[i])];
        uint32_t *of_movie = &movies->count[id_map_find(&movies->map, r->movie[i])];
        if (*of_user < least || *of_movie < least) {
            --*of_user;
            --*of_movie;
            continue;
        }
        r->user[kept] = r->user[i];
        r->movie[kept] = r->movie[i];
        r->value[kept] = r->value[i];
        r->time[kept++] = r->time[i];
    }
    return kept;
}

enum status rating_rows_core(struct rating_rows *r, uint32_t least, struct error *err) {
    AUTO(degrees) struct degrees users = {0}, movies = {0};
    TRY(degrees_count(&users, r->user, r->count, err));
    TRY(degrees_count(&movies, r->movie, r->count, err));
    for (uint64_t kept = UINT64_MAX; kept != r->count;) {
        kept = r->count;
        r->count = sweep(r, &users, &movies, least);
    }
    return STATUS_OK;
}
