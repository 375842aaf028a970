#include "common/data/dataset.h"

#include "common/base/mem.h"

#include <string.h>

/* Checks a column of row starts: from 0, never falling, to `count`. */
static enum status check_offsets(const struct artifact *a, const char *name, const uint64_t *offset,
                                 uint64_t n_rows, uint64_t count, struct error *err) {
    bool valid = offset[0] == 0 && offset[n_rows] == count;
    for (uint64_t i = 0; valid && i < n_rows; i++)
        valid = offset[i] <= offset[i + 1];
    if (valid) return STATUS_OK;
    return error_set(err, STATUS_DAMAGED, "%s: column %s: row starts are not a partition of %llu",
                     artifact_path(a), name, (unsigned long long)count);
}

/* Checks that every index is below `bound`. */
static enum status check_indices(const struct artifact *a, const char *name, const uint32_t *index,
                                 uint64_t count, uint32_t bound, struct error *err) {
    for (uint64_t i = 0; i < count; i++) {
        if (index[i] < bound) continue;
        return error_set(err, STATUS_DAMAGED, "%s: column %s: value %u at %llu is not below %u",
                         artifact_path(a), name, index[i], (unsigned long long)i, bound);
    }
    return STATUS_OK;
}

/* Number of values of a column that must exist and fit u32 indices. */
static enum status column_count(const struct artifact *a, const char *name, uint64_t limit,
                                uint64_t *out, struct error *err) {
    const struct column_info *column = artifact_column(a, name);
    if (column == NULL)
        return error_set(err, STATUS_DAMAGED, "%s: column %s is missing", artifact_path(a), name);
    if (column->count > limit)
        return error_set(err, STATUS_DAMAGED, "%s: column %s: %llu values are too many",
                         artifact_path(a), name, (unsigned long long)column->count);
    *out = column->count;
    return STATUS_OK;
}

static enum status count_users_and_movies(const struct artifact *dataset, uint32_t *n_users,
                                          uint32_t *n_movies, struct error *err) {
    uint64_t users = 0, movies = 0;
    TRY(column_count(dataset, "user.id", NO_INDEX, &users, err));
    TRY(column_count(dataset, "movie.id", NO_INDEX, &movies, err));
    *n_users = (uint32_t)users;
    *n_movies = (uint32_t)movies;
    return STATUS_OK;
}

/* ---- catalogue ---- */

static enum status check_ascending(const struct artifact *a, const char *name, const uint32_t *id,
                                   uint32_t count, struct error *err) {
    for (uint32_t i = 1; i < count; i++) {
        if (id[i - 1] < id[i]) continue;
        return error_set(err, STATUS_DAMAGED, "%s: column %s: ids are not ascending at %u",
                         artifact_path(a), name, i);
    }
    return STATUS_OK;
}

static enum status load_genres(struct catalogue *c, const struct artifact *a, struct error *err) {
    uint64_t n_genres = 0, n_entries = 0;
    TRY(column_count(a, "genre.name", NO_INDEX, &n_genres, err));
    TRY(column_count(a, "genre.index", UINT64_MAX, &n_entries, err));
    c->n_genres = (uint32_t)n_genres;
    TRY(artifact_read_strings(a, "genre.name", n_genres, &c->genre_name, err));
    TRY(artifact_read(a, "genre.offset", DTYPE_U64, (uint64_t)c->n_movies + 1, &c->genre_offset,
                      err));
    TRY(artifact_read(a, "genre.index", DTYPE_U32, n_entries, &c->genre_index, err));
    TRY(check_offsets(a, "genre.offset", c->genre_offset, c->n_movies, n_entries, err));
    return check_indices(a, "genre.index", c->genre_index, n_entries, c->n_genres, err);
}

static enum status load_catalogue(struct catalogue *c, const struct artifact *a,
                                  struct error *err) {
    TRY(count_users_and_movies(a, &c->n_users, &c->n_movies, err));
    TRY(artifact_read(a, "user.id", DTYPE_U32, c->n_users, &c->user_id, err));
    TRY(artifact_read(a, "movie.id", DTYPE_U32, c->n_movies, &c->movie_id, err));
    TRY(check_ascending(a, "user.id", c->user_id, c->n_users, err));
    TRY(check_ascending(a, "movie.id", c->movie_id, c->n_movies, err));
    TRY(artifact_read_strings(a, "movie.title", c->n_movies, &c->title, err));
    TRY(artifact_read(a, "movie.year", DTYPE_U16, c->n_movies, &c->year, err));
    return load_genres(c, a, err);
}

enum status catalogue_load(struct catalogue *out, const struct artifact *dataset,
                           struct error *err) {
    *out = (struct catalogue){0};
    enum status status = load_catalogue(out, dataset, err);
    if (status != STATUS_OK) catalogue_release(out);
    return status;
}

void catalogue_release(struct catalogue *c) {
    mem_free(c->user_id);
    mem_free(c->movie_id);
    strings_release(&c->title);
    mem_free(c->year);
    strings_release(&c->genre_name);
    mem_free(c->genre_offset);
    mem_free(c->genre_index);
    *c = (struct catalogue){0};
}

/* Binary search in ascending ids. */
static uint32_t find_id(const uint32_t *id, uint32_t count, uint32_t wanted) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (id[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && id[low] == wanted ? low : NO_INDEX;
}

uint32_t catalogue_find_user(const struct catalogue *c, uint32_t raw_id) {
    return find_id(c->user_id, c->n_users, raw_id);
}

uint32_t catalogue_find_movie(const struct catalogue *c, uint32_t raw_id) {
    return find_id(c->movie_id, c->n_movies, raw_id);
}

/* ---- ratings ---- */

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

static enum status check_values(const struct artifact *a, const uint8_t *value, uint64_t count,
                                struct error *err) {
    for (uint64_t i = 0; i < count; i++) {
        if (value[i] >= 1 && value[i] <= 10) continue;
        return error_set(err, STATUS_DAMAGED,
                         "%s: column rating.value: value %u at %llu is not 1 to 10",
                         artifact_path(a), value[i], (unsigned long long)i);
    }
    return STATUS_OK;
}

/* The user-major half of `r`, as stored. */
static enum status read_by_user(struct ratings *r, const struct artifact *a, struct error *err) {
    TRY(count_users_and_movies(a, &r->n_users, &r->n_movies, err));
    TRY(column_count(a, "rating.movie", SIZE_MAX, &r->count, err));
    TRY(artifact_read(a, "rating.offset", DTYPE_U64, (uint64_t)r->n_users + 1, &r->offset, err));
    TRY(artifact_read(a, "rating.movie", DTYPE_U32, r->count, &r->movie, err));
    TRY(artifact_read(a, "rating.value", DTYPE_U8, r->count, &r->value, err));
    TRY(artifact_read(a, "rating.time", DTYPE_I64, r->count, &r->time, err));
    TRY(check_offsets(a, "rating.offset", r->offset, r->n_users, r->count, err));
    TRY(check_indices(a, "rating.movie", r->movie, r->count, r->n_movies, err));
    return check_values(a, r->value, r->count, err);
}

/* Keeps the ratings that `view` shows, in place; `role` shrinks with them. */
static void keep_visible(struct ratings *r, uint8_t *role, enum view view) {
    uint64_t kept = 0, first = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t end = r->offset[u + 1];
        for (uint64_t i = first; i < end; i++) {
            if (!view_shows(view, (enum role)role[i])) continue;
            r->movie[kept] = r->movie[i];
            r->value[kept] = r->value[i];
            r->time[kept] = r->time[i];
            role[kept++] = role[i];
        }
        first = end;
        r->offset[u + 1] = kept;
    }
    r->count = kept;
}

/* Users are cut into this many blocks, which count and place their ratings side by side. */
enum { INDEX_BLOCKS = 8 };

static uint32_t block_start(const struct ratings *r, size_t block) {
    return (uint32_t)((uint64_t)r->n_users * block / INDEX_BLOCKS);
}

/* Where each block's first rating of each movie goes: next[block][movie], from the counts there. */
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

static enum status read_roles(uint8_t **out, const struct artifact *split, uint64_t count,
                              struct error *err) {
    TRY(artifact_read(split, "role", DTYPE_U8, count, out, err));
    for (uint64_t i = 0; i < count; i++) {
        if ((*out)[i] < ROLES) continue;
        return error_set(err, STATUS_DAMAGED, "%s: column role: value %u at %llu is no role",
                         artifact_path(split), (*out)[i], (unsigned long long)i);
    }
    return STATUS_OK;
}

static enum status load_view(struct ratings *out, const struct artifact *dataset,
                             const struct artifact *split, enum view view, struct error *err) {
    TRY(read_by_user(out, dataset, err));
    if (view != VIEW_ALL) {
        MEM_AUTO uint8_t *role = NULL;
        if (split == NULL)
            return error_set(err, STATUS_FAILED, "%s: view %s needs a split",
                             artifact_path(dataset), view_name(view));
        TRY(read_roles(&role, split, out->count, err));
        keep_visible(out, role, view);
    }
    return ratings_index_by_movie(out, err);
}

enum status view_load(struct ratings *out, const struct artifact *dataset,
                      const struct artifact *split, enum view view, struct error *err) {
    *out = (struct ratings){0};
    enum status status = load_view(out, dataset, split, view, err);
    if (status != STATUS_OK) ratings_release(out);
    return status;
}

enum status ratings_load(struct ratings *out, uint8_t **role, const struct artifact *dataset,
                         const struct artifact *split, struct error *err) {
    MEM_AUTO uint8_t *roles = NULL;
    TRY(view_load(out, dataset, NULL, VIEW_ALL, err));
    if (role == NULL) return STATUS_OK;
    *role = NULL;
    enum status status = read_roles(&roles, split, out->count, err);
    if (status != STATUS_OK) {
        ratings_release(out);
        return status;
    }
    *role = roles;
    roles = NULL;
    return STATUS_OK;
}

/* ---- test set ---- */

static enum status read_candidates(struct test_set *t, const struct artifact *a, uint32_t n_movies,
                                   struct error *err) {
    uint64_t count = 0;
    TRY(column_count(a, "candidate.movie", SIZE_MAX, &count, err));
    TRY(artifact_read(a, "candidate.offset", DTYPE_U64, (uint64_t)t->n_users + 1,
                      &t->candidate_offset, err));
    TRY(artifact_read(a, "candidate.movie", DTYPE_U32, count, &t->candidate_movie, err));
    TRY(check_offsets(a, "candidate.offset", t->candidate_offset, t->n_users, count, err));
    return check_indices(a, "candidate.movie", t->candidate_movie, count, n_movies, err);
}

static enum status load_test_set(struct test_set *t, const struct artifact *a,
                                 const struct ratings *ratings, struct error *err) {
    uint64_t rows = (uint64_t)ratings->n_users + 1, count = 0;
    TRY(column_count(a, "test.movie", SIZE_MAX, &count, err));
    t->n_users = ratings->n_users;
    TRY(artifact_read(a, "test.offset", DTYPE_U64, rows, &t->offset, err));
    TRY(artifact_read(a, "test.movie", DTYPE_U32, count, &t->movie, err));
    TRY(artifact_read(a, "test.rating", DTYPE_F32, count, &t->rating, err));
    TRY(artifact_read(a, "test.time", DTYPE_I64, count, &t->time, err));
    TRY(check_offsets(a, "test.offset", t->offset, t->n_users, count, err));
    TRY(check_indices(a, "test.movie", t->movie, count, ratings->n_movies, err));
    if (artifact_column(a, "candidate.offset") == NULL) return STATUS_OK;
    return read_candidates(t, a, ratings->n_movies, err);
}

enum status test_set_load(struct test_set *out, const struct artifact *split,
                          const struct ratings *ratings, struct error *err) {
    *out = (struct test_set){0};
    enum status status = load_test_set(out, split, ratings, err);
    if (status != STATUS_OK) test_set_release(out);
    return status;
}

void test_set_release(struct test_set *t) {
    mem_free(t->offset);
    mem_free(t->movie);
    mem_free(t->rating);
    mem_free(t->time);
    mem_free(t->candidate_offset);
    mem_free(t->candidate_movie);
    *t = (struct test_set){0};
}
