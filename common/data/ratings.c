#include "common/data/ratings.h"

#include "common/base/mem.h"
#include "common/data/column.h"
#include "common/data/roles.h"

#include <string.h>

void ratings_release(struct ratings *r) {
    mem_free(r->offset);
    mem_free(r->movie);
    mem_free(r->value);
    mem_free(r->time);
    mem_free(r->by_movie_offset);
    mem_free(r->by_movie_user);
    mem_free(r->by_movie_rating);
    *r = (struct ratings){0};
}

static enum status read_by_user(struct ratings *r, const struct artifact *a, struct error *err) {
    TRY(column_count_indexed(a, "user.id", &r->n_users, err));
    TRY(column_count_indexed(a, "movie.id", &r->n_movies, err));
    TRY(column_count(a, "rating.movie", &r->count, err));
    TRY(artifact_read(a, "rating.offset", DTYPE_U64, (uint64_t)r->n_users + 1, &r->offset, err));
    TRY(artifact_read(a, "rating.movie", DTYPE_U32, r->count, &r->movie, err));
    TRY(artifact_read(a, "rating.value", DTYPE_U8, r->count, &r->value, err));
    return artifact_read(a, "rating.time", DTYPE_I64, r->count, &r->time, err);
}

enum status ratings_read(struct ratings *out, const struct artifact *dataset, struct error *err) {
    *out = (struct ratings){0};
    enum status status = read_by_user(out, dataset, err);
    if (status != STATUS_OK) ratings_release(out);
    return status;
}

enum status dataset_has_order(bool *out, const struct artifact *dataset, struct error *err) {
    const char *order = NULL;
    *out = true;
    if (!artifact_has_meta(dataset, "order")) return STATUS_OK;
    TRY(artifact_get_str(dataset, "order", &order, err));
    *out = strcmp(order, "time") == 0;
    if (*out || strcmp(order, "none") == 0) return STATUS_OK;
    return error_set(err, STATUS_DAMAGED,
                     "%s: metadata order: \"%s\" is neither time nor none; run ingest again",
                     artifact_path(dataset), order);
}

/* ---- by movie ---- */

/* Users are cut into this many blocks, which count and place their ratings in parallel. */
enum { INDEX_BLOCKS = 8 };

static uint32_t block_start(const struct ratings *r, size_t block) {
    return (uint32_t)((uint64_t)r->n_users * block / INDEX_BLOCKS);
}

/* Turns the counts in next[block][movie] into the position of each block's first rating of each
 * movie. */
static void place_blocks(struct ratings *r, uint64_t *next) {
    uint64_t at = 0;
    for (uint32_t m = 0; m < r->n_movies; m++) {
        r->by_movie_offset[m] = at;
        for (size_t b = 0; b < INDEX_BLOCKS; b++) {
            uint64_t count = next[b * r->n_movies + m];
            next[b * r->n_movies + m] = at;
            at += count;
        }
    }
    r->by_movie_offset[r->n_movies] = at;
}

static void index_block(struct ratings *r, size_t block, uint64_t *next) {
    for (uint32_t u = block_start(r, block); u < block_start(r, block + 1); u++) {
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            uint64_t at = next[r->movie[i]]++;
            r->by_movie_user[at] = u;
            r->by_movie_rating[at] = i;
        }
    }
}

enum status ratings_index_by_movie(struct ratings *r, struct error *err) {
    TRY(MEM_NEW(&r->by_movie_offset, (size_t)r->n_movies + 1, err));
    TRY(MEM_NEW(&r->by_movie_user, r->count, err));
    TRY(MEM_NEW(&r->by_movie_rating, r->count, err));
    MEM_AUTO uint64_t *next = NULL;
    size_t n_movies = r->n_movies;
    TRY(MEM_NEW(&next, n_movies * INDEX_BLOCKS, err));
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t b = 0; b < INDEX_BLOCKS; b++) {
        uint64_t end = r->offset[block_start(r, b + 1)];
        for (uint64_t i = r->offset[block_start(r, b)]; i < end; i++)
            next[b * n_movies + r->movie[i]]++;
    }
    place_blocks(r, next);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t b = 0; b < INDEX_BLOCKS; b++)
        index_block(r, b, next + b * n_movies);
    return STATUS_OK;
}

static enum status load(struct ratings *r, uint8_t **role, const struct artifact *dataset,
                        const struct artifact *split, struct error *err) {
    TRY(ratings_read(r, dataset, err));
    TRY(ratings_index_by_movie(r, err));
    return role == NULL ? STATUS_OK : roles_load(role, split, r->count, err);
}

enum status ratings_load(struct ratings *out, uint8_t **role, const struct artifact *dataset,
                         const struct artifact *split, struct error *err) {
    if (role != NULL) *role = NULL;
    enum status status = load(out, role, dataset, split, err);
    if (status == STATUS_OK) return STATUS_OK;
    ratings_release(out);
    if (role != NULL) {
        mem_free(*role);
        *role = NULL;
    }
    return status;
}
