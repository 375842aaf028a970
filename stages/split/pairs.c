#include "stages/split/pairs.h"

#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/rating_scale.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void pairs_release(struct pairs *p) {
    mem_free(p->offset);
    mem_free(p->movie);
    mem_free(p->rating);
    mem_free(p->time);
    mem_free(p->line);
    *p = (struct pairs){0};
}

/* ---- lines and fields ---- */

/* A position in a file, with everything that an error message needs. */
struct reader {
    const struct catalogue *catalogue;
    const char *path;
    char *next; /* rest of the text */
    uint64_t line;
    char *field; /* rest of the line, or NULL at its end */
};

/* Steps to the next line that is not empty; false at the end. */
static bool next_line(struct reader *r) {
    while (r->next != NULL && *r->next != '\0') {
        char *start = r->next, *end = strchr(start, '\n');
        r->next = end == NULL ? NULL : end + 1;
        if (end != NULL) *end = '\0';
        size_t size = strlen(start);
        while (size > 0 && isspace((unsigned char)start[size - 1]))
            start[--size] = '\0';
        r->line++;
        r->field = start;
        if (size > 0) return true;
    }
    return false;
}

/* The next field of the line, or NULL. */
static char *next_field(struct reader *r) {
    char *field = r->field;
    if (field == NULL) return NULL;
    char *comma = strchr(field, ',');
    r->field = comma == NULL ? NULL : comma + 1;
    if (comma != NULL) *comma = '\0';
    while (isspace((unsigned char)*field))
        field++;
    return field;
}

static enum status complain(const struct reader *r, const char *what, const char *field,
                            const char *why, struct error *err) {
    return error_set(err, STATUS_FAILED, "%s:%llu: %s \"%s\" %s", r->path,
                     (unsigned long long)r->line, what, field == NULL ? "" : field, why);
}

static bool parse_id(const char *field, uint32_t *out) {
    char *end = NULL;
    if (field == NULL || !isdigit((unsigned char)*field)) return false;
    errno = 0;
    unsigned long value = strtoul(field, &end, 10);
    if (*end != '\0' || errno != 0 || value > UINT32_MAX) return false;
    *out = (uint32_t)value;
    return true;
}

static enum status read_user(struct reader *r, uint32_t *out, struct error *err) {
    const char *field = next_field(r);
    uint32_t id = 0;
    if (!parse_id(field, &id)) return complain(r, "userId", field, "is no number", err);
    *out = catalogue_find_user(r->catalogue, id);
    if (*out == NO_INDEX) return complain(r, "userId", field, "has no ratings", err);
    return STATUS_OK;
}

static enum status read_movie(struct reader *r, uint32_t *out, struct error *err) {
    const char *field = next_field(r);
    uint32_t id = 0;
    if (!parse_id(field, &id)) return complain(r, "movieId", field, "is no number", err);
    *out = catalogue_find_movie(r->catalogue, id);
    if (*out == NO_INDEX) return complain(r, "movieId", field, "is no movie of the dataset", err);
    return STATUS_OK;
}

static enum status read_rating(struct reader *r, float *out, struct error *err) {
    char *end = NULL;
    const char *field = next_field(r);
    *out = NAN;
    if (field == NULL || *field == '\0') return STATUS_OK;
    double stars = strtod(field, &end);
    uint8_t half_stars = 0;
    if (*end != '\0' || !half_stars_of(stars, &half_stars))
        return complain(r, "rating", field, "is not a half star between 0.5 and 5.0", err);
    *out = (float)stars;
    return STATUS_OK;
}

static enum status read_time(struct reader *r, int64_t *out, struct error *err) {
    char *end = NULL;
    const char *field = next_field(r);
    *out = INT64_MIN;
    if (field == NULL || *field == '\0') return STATUS_OK;
    errno = 0;
    long long value = strtoll(field, &end, 10);
    if (*end != '\0' || errno != 0 || value < 0)
        return complain(r, "timestamp", field, "is not a number of seconds", err);
    *out = value;
    return STATUS_OK;
}

/* ---- rows, grouped by user afterwards ---- */

struct row {
    uint32_t user, movie;
    float rating;
    int64_t time;
    uint64_t line;
};

struct rows {
    struct row *row;
    size_t count, capacity;
};

static void rows_release(struct rows *rows) {
    mem_free(rows->row);
    *rows = (struct rows){0};
}

static enum status rows_add(struct rows *rows, struct row row, struct error *err) {
    TRY(mem_grow(&rows->row, &rows->capacity, rows->count + 1, sizeof(row), err));
    rows->row[rows->count++] = row;
    return STATUS_OK;
}

static enum status read_pair(struct reader *r, struct rows *rows, struct error *err) {
    struct row row = {.line = r->line};
    TRY(read_user(r, &row.user, err));
    TRY(read_movie(r, &row.movie, err));
    TRY(read_rating(r, &row.rating, err));
    TRY(read_time(r, &row.time, err));
    if (r->field != NULL) return complain(r, "field", r->field, "is one too many", err);
    return rows_add(rows, row, err);
}

static enum status read_candidates(struct reader *r, struct rows *rows, struct error *err) {
    struct row row = {.line = r->line, .rating = NAN, .time = INT64_MIN};
    TRY(read_user(r, &row.user, err));
    while (r->field != NULL) {
        TRY(read_movie(r, &row.movie, err));
        TRY(rows_add(rows, row, err));
    }
    return STATUS_OK;
}

typedef enum status read_line(struct reader *r, struct rows *rows, struct error *err);

/* A first line that does not begin with a number is a header. */
static enum status read_rows(struct rows *rows, const struct catalogue *c, const char *path,
                             read_line *read, struct error *err) {
    AUTO(buf) struct buf text = {0};
    TRY(file_read(path, &text, err));
    if (text.size == 0) return error_set(err, STATUS_FAILED, "%s: the file is empty", path);
    if (strlen(text.data) != text.size)
        return error_set(err, STATUS_FAILED, "%s: there is a NUL byte at offset %zu", path,
                         strlen(text.data));
    struct reader r = {.catalogue = c, .path = path, .next = text.data};
    if (strncmp(r.next, "\xEF\xBB\xBF", 3) == 0) r.next += 3;
    while (next_line(&r)) {
        bool header = rows->count == 0 && r.line == 1 && !isdigit((unsigned char)*r.field);
        if (!header) TRY(read(&r, rows, err));
    }
    return STATUS_OK;
}

static enum status group(struct pairs *out, const struct rows *rows, struct error *err) {
    MEM_AUTO uint64_t *next = NULL;
    size_t n_offsets = (size_t)out->n_users + 1;
    TRY(MEM_NEW(&out->offset, n_offsets, err));
    TRY(MEM_NEW(&out->movie, rows->count, err));
    TRY(MEM_NEW(&out->rating, rows->count, err));
    TRY(MEM_NEW(&out->time, rows->count, err));
    TRY(MEM_NEW(&out->line, rows->count, err));
    TRY(MEM_NEW(&next, n_offsets, err));
    for (size_t i = 0; i < rows->count; i++)
        out->offset[rows->row[i].user + 1]++;
    for (uint32_t u = 0; u < out->n_users; u++)
        out->offset[u + 1] += out->offset[u];
    memcpy(next, out->offset, n_offsets * sizeof(*next));
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        uint64_t at = next[row->user]++;
        out->movie[at] = row->movie;
        out->rating[at] = row->rating;
        out->time[at] = row->time;
        out->line[at] = row->line;
    }
    return STATUS_OK;
}

static enum status check_unique(const struct pairs *p, struct error *err) {
    const struct catalogue *c = p->catalogue;
    MEM_AUTO uint32_t *seen = NULL; /* last user (+ 1) with the movie */
    TRY(MEM_NEW(&seen, c->n_movies, err));
    for (uint32_t u = 0; u < p->n_users; u++) {
        for (uint64_t i = p->offset[u]; i < p->offset[u + 1]; i++) {
            if (seen[p->movie[i]] == u + 1)
                return error_set(
                    err, STATUS_FAILED, "%s:%llu: userId %u, movieId %u is given twice", p->path,
                    (unsigned long long)p->line[i], c->user_id[u], c->movie_id[p->movie[i]]);
            seen[p->movie[i]] = u + 1;
        }
    }
    return STATUS_OK;
}

static enum status read_file(struct pairs *out, const struct catalogue *c, const char *path,
                             read_line *read, struct error *err) {
    AUTO(rows) struct rows rows = {0};
    *out = (struct pairs){.n_users = c->n_users, .path = path, .catalogue = c};
    TRY(read_rows(&rows, c, path, read, err));
    return group(out, &rows, err);
}

enum status pairs_read(struct pairs *out, const struct catalogue *c, const char *path,
                       struct error *err) {
    enum status status = read_file(out, c, path, read_pair, err);
    if (status == STATUS_OK) status = check_unique(out, err);
    if (status != STATUS_OK) pairs_release(out);
    return status;
}

enum status pairs_read_candidates(struct pairs *out, const struct catalogue *c, const char *path,
                                  struct error *err) {
    enum status status = read_file(out, c, path, read_candidates, err);
    if (status != STATUS_OK) pairs_release(out);
    return status;
}

/* ---- pairs and ratings ---- */

uint64_t ratings_find(const struct ratings *ratings, uint32_t user, uint32_t movie) {
    for (uint64_t i = ratings->offset[user]; i < ratings->offset[user + 1]; i++)
        if (ratings->movie[i] == movie) return i;
    return UINT64_MAX;
}

enum status pairs_mark(const struct pairs *p, const struct ratings *ratings, enum role to,
                       bool allow_missing, uint8_t *role, uint64_t *n_missing, struct error *err) {
    for (uint32_t u = 0; u < p->n_users; u++) {
        for (uint64_t i = p->offset[u]; i < p->offset[u + 1]; i++) {
            uint64_t at = ratings_find(ratings, u, p->movie[i]);
            if (at != UINT64_MAX) {
                role[at] = (uint8_t)to;
                continue;
            }
            if (!allow_missing)
                return error_set(err, STATUS_FAILED,
                                 "%s:%llu: userId %u has not rated movieId %u (--missing allow "
                                 "takes it all the same)",
                                 p->path, (unsigned long long)p->line[i], p->catalogue->user_id[u],
                                 p->catalogue->movie_id[p->movie[i]]);
            ++*n_missing;
        }
    }
    return STATUS_OK;
}
