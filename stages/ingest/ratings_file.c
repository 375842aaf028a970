#include "stages/ingest/ratings_file.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "stages/ingest/field.h"

#include <string.h>

struct rating_reader {
    const struct input_table *table;
    const struct movies *movies;
    struct rating_rows *rows;
    bool feedback; /* an empty rating is a view */
};

static bool take_value(const struct rating_reader *r, struct field f, uint8_t *out,
                       struct reason *bad) {
    *out = 0;
    return (r->feedback && f.size == 0) || field_rating(f, out, bad);
}

/* 0 where the file has no times. */
static bool take_time(const struct rating_reader *r, const struct delimited_row *row, int64_t *out,
                      struct reason *bad) {
    *out = 0;
    return r->table->column[RATING_TIME] < 0 ||
           field_time(input_table_field(r->table, row, RATING_TIME), out, bad);
}

static enum status take_rating(void *context, size_t slot, const struct delimited_row *row,
                               struct reason *bad, struct error *err) {
    (void)err;
    struct rating_reader *r = context;
    const struct input_table *t = r->table;
    struct rating_rows *rows = r->rows;
    if (field_u32(input_table_field(t, row, RATING_USER), "user id", NO_INDEX - 1,
                  &rows->user[slot], bad) &&
        field_u32(input_table_field(t, row, RATING_MOVIE), "movie id", NO_INDEX - 1,
                  &rows->movie[slot], bad) &&
        take_value(r, input_table_field(t, row, RATING_VALUE), &rows->value[slot], bad) &&
        take_time(r, row, &rows->time[slot], bad) && r->movies != NULL) {
        movies_find_id(r->movies, rows->movie[slot], bad);
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

static enum status read_rows(struct rating_rows *out, struct input_table *t,
                             const struct movies *movies, bool feedback, struct reading *shared,
                             struct error *err) {
    *out = (struct rating_rows){0};
    TRY(MEM_NEW(&out->user, t->n_lines, err));
    TRY(MEM_NEW(&out->movie, t->n_lines, err));
    TRY(MEM_NEW(&out->value, t->n_lines, err));
    TRY(MEM_NEW(&out->time, t->n_lines, err));
    struct rating_reader context = {t, movies, out, feedback};
    struct table_reader reader = {&context, take_rating, move_ratings};
    TRY(input_table_read(t, &reader, shared, err));
    out->count = t->n_rows;
    return STATUS_OK;
}

enum status rating_rows_read(struct rating_rows *out, struct input_table *t,
                             const struct movies *movies, struct reading *shared,
                             struct error *err) {
    TRY(read_rows(out, t, movies, false, shared, err));
    if (out->count == 0) return error_set(err, STATUS_FAILED, "%s: holds no ratings", t->path);
    return STATUS_OK;
}

enum status feedback_rows_read(struct rating_rows *out, struct input_table *t,
                               const struct movies *movies, struct reading *shared,
                               struct error *err) {
    return read_rows(out, t, movies, true, shared, err);
}

struct forgotten_reader {
    const struct input_table *table;
    struct id_set *users;
};

static enum status take_forgotten(void *context, size_t slot, const struct delimited_row *row,
                                  struct reason *bad, struct error *err) {
    (void)slot;
    struct forgotten_reader *r = context;
    uint32_t user = 0;
    struct field field = input_table_field(r->table, row, RATING_USER);
    if (!field_u32(field, "user id", NO_INDEX - 1, &user, bad)) return STATUS_OK;
    return id_set_has(r->users, user) ? STATUS_OK : id_set_add(r->users, user, err);
}

enum status forgotten_read(struct id_set *out, struct input_table *t, struct reading *shared,
                           struct error *err) {
    struct forgotten_reader context = {t, out};
    struct table_reader reader = {&context, take_forgotten, NULL};
    return input_table_read(t, &reader, shared, err);
}

void rating_rows_drop(struct rating_rows *r, const struct id_set *users) {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < r->count; i++) {
        if (id_set_has(users, r->user[i])) continue;
        r->user[kept] = r->user[i];
        r->movie[kept] = r->movie[i];
        r->value[kept] = r->value[i];
        r->time[kept++] = r->time[i];
    }
    r->count = kept;
}

enum status rating_rows_join(struct rating_rows *r, const struct rating_rows *more,
                             struct error *err) {
    size_t total = (size_t)(r->count + more->count);
    size_t capacity[4] = {r->count, r->count, r->count, r->count};
    if (more->count == 0) return STATUS_OK;
    TRY(mem_grow(&r->user, &capacity[0], total, sizeof(*r->user), err));
    TRY(mem_grow(&r->movie, &capacity[1], total, sizeof(*r->movie), err));
    TRY(mem_grow(&r->value, &capacity[2], total, sizeof(*r->value), err));
    TRY(mem_grow(&r->time, &capacity[3], total, sizeof(*r->time), err));
    memcpy(r->user + r->count, more->user, more->count * sizeof(*r->user));
    memcpy(r->movie + r->count, more->movie, more->count * sizeof(*r->movie));
    memcpy(r->value + r->count, more->value, more->count * sizeof(*r->value));
    memcpy(r->time + r->count, more->time, more->count * sizeof(*r->time));
    r->count = total;
    return STATUS_OK;
}

void rating_rows_release(struct rating_rows *r) {
    mem_free(r->user);
    mem_free(r->movie);
    mem_free(r->value);
    mem_free(r->time);
    *r = (struct rating_rows){0};
}
