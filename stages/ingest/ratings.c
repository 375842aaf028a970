#include "stages/ingest/ratings.h"

#include "common/base/mem.h"
#include "stages/ingest/field.h"

#include <string.h>

struct rating_reader {
    const struct table *table;
    const struct movies *movies;
    struct rating_rows *rows;
};

static enum status take_rating(void *context, size_t slot, const struct row *row,
                               struct reason *bad, struct error *err) {
    (void)err;
    struct rating_reader *r = context;
    const struct table *t = r->table;
    struct rating_rows *rows = r->rows;
    struct field movie = table_field(t, row, RATING_MOVIE);
    if (field_u32(table_field(t, row, RATING_USER), "user id", NO_INDEX - 1, &rows->user[slot],
                  bad) &&
        field_u32(movie, "movie id", NO_INDEX - 1, &rows->movie[slot], bad) &&
        field_rating(table_field(t, row, RATING_VALUE), &rows->value[slot], bad) &&
        field_time(table_field(t, row, RATING_TIME), &rows->time[slot], bad) && r->movies != NULL) {
        movies_find(r->movies, movie, bad);
    }
    return STATUS_OK;
}

static void move_ratings(void *context, size_t to, size_t from, size_t count) {
    struct rating_rows *rows = ((struct rating_reader *)context)->rows;
    memmove(rows->user + to, rows->user + from, count * sizeof(*rows->user));
    memmove(rows->movie + to, rows->movie + from, count * sizeof(*rows->movie));
    memmove(rows->value + to, rows->value + from, count * sizeof(*rows->value));
    memmove(rows->time + to, rows->time + from, count * sizeof(*rows->time));
}

enum status rating_rows_read(struct rating_rows *out, struct table *t, const struct movies *movies,
                             struct reading *shared, struct error *err) {
    *out = (struct rating_rows){0};
    TRY(MEM_NEW(&out->user, t->n_lines, err));
    TRY(MEM_NEW(&out->movie, t->n_lines, err));
    TRY(MEM_NEW(&out->value, t->n_lines, err));
    TRY(MEM_NEW(&out->time, t->n_lines, err));
    struct rating_reader context = {t, movies, out};
    struct table_reader reader = {&context, take_rating, move_ratings};
    TRY(table_read(t, &reader, shared, err));
    out->count = t->n_rows;
    if (out->count == 0) return error_set(err, STATUS_FAILED, "%s: holds no ratings", t->path);
    return STATUS_OK;
}

void rating_rows_release(struct rating_rows *r) {
    mem_free(r->user);
    mem_free(r->movie);
    mem_free(r->value);
    mem_free(r->time);
    *r = (struct rating_rows){0};
}
