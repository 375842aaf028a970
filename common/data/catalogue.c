#include "common/data/catalogue.h"

#include "common/base/mem.h"
#include "common/data/column.h"

static enum status load_genres(struct catalogue *c, const struct artifact *a, struct error *err) {
    uint64_t n_entries = 0;
    TRY(column_count_indexed(a, "genre.name", &c->n_genres, err));
    TRY(column_count(a, "genre.index", &n_entries, err));
    TRY(artifact_read_strings(a, "genre.name", c->n_genres, &c->genre_name, err));
    TRY(artifact_read(a, "genre.offset", DTYPE_U64, (uint64_t)c->n_movies + 1, &c->genre_offset,
                      err));
    return artifact_read(a, "genre.index", DTYPE_U32, n_entries, &c->genre_index, err);
}

static enum status load_catalogue(struct catalogue *c, const struct artifact *a,
                                  struct error *err) {
    TRY(column_count_indexed(a, "user.id", &c->n_users, err));
    TRY(column_count_indexed(a, "movie.id", &c->n_movies, err));
    TRY(artifact_read(a, "user.id", DTYPE_U32, c->n_users, &c->user_id, err));
    TRY(artifact_read(a, "movie.id", DTYPE_U32, c->n_movies, &c->movie_id, err));
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
