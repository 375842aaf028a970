#include "stages/ingest/movies_file.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "stages/ingest/field.h"
#include "stages/ingest/id_set.h"
#include "stages/ingest/title.h"

#include <stdlib.h>
#include <string.h>

/* The flags of u.item in the order of u.genre, whose first is "unknown". */
static const char *const genres_100k[] = {
    "",          "Action",   "Adventure",   "Animation", "Children's",
    "Comedy",    "Crime",    "Documentary", "Drama",     "Fantasy",
    "Film-Noir", "Horror",   "Musical",     "Mystery",   "Romance",
    "Sci-Fi",    "Thriller", "War",         "Western",
};
enum { N_GENRES_100K = sizeof(genres_100k) / sizeof(genres_100k[0]) };

/* The file's rows in file order. */
struct movie_rows {
    const struct input_table *table;
    struct id_set seen;
    uint32_t *id;
    uint16_t *year;
    size_t *genre_end; /* of each row in `genre` */
    struct strings title;
    struct names genre_names;
    uint32_t *genre;
    size_t n_genres, genre_capacity;
    size_t count;
    struct buf text;
};

static void movie_rows_release(struct movie_rows *r) {
    id_set_release(&r->seen);
    mem_free(r->id);
    mem_free(r->year);
    mem_free(r->genre_end);
    mem_free(r->genre);
    strings_release(&r->title);
    names_release(&r->genre_names);
    buf_release(&r->text);
}

static enum status add_genre(struct movie_rows *r, const char *text, size_t size,
                             struct error *err) {
    while (size > 0 && (*text == ' ' || *text == '\t'))
        text++, size--;
    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t'))
        size--;
    if (size == 0 || field_equals((struct field){text, size}, "(no genres listed)")) {
        return STATUS_OK;
    }
    TRY(mem_grow(&r->genre, &r->genre_capacity, r->n_genres + 1, sizeof(*r->genre), err));
    TRY(names_add(&r->genre_names, text, size, &r->genre[r->n_genres], err));
    r->n_genres++;
    return STATUS_OK;
}

static enum status add_genre_list(struct movie_rows *r, struct field f, struct reason *bad,
                                  struct error *err) {
    buf_clear(&r->text);
    TRY(input_table_text(r->table, f, "genres", &r->text, bad, err));
    if (bad->text[0] != '\0' || r->text.size == 0) return STATUS_OK;
    const char *p = r->text.data, *end = p + r->text.size;
    for (;;) {
        const char *bar = memchr(p, '|', (size_t)(end - p));
        const char *stop = bar == NULL ? end : bar;
        TRY(add_genre(r, p, (size_t)(stop - p), err));
        if (bar == NULL) return STATUS_OK;
        p = bar + 1;
    }
}

static enum status add_genre_flags(struct movie_rows *r, const struct delimited_row *row,
                                   struct reason *bad, struct error *err) {
    size_t first = (size_t)r->table->column[MOVIE_GENRES];
    for (size_t g = 0; g < N_GENRES_100K; g++) {
        struct field flag = row->field[first + g];
        if (field_equals(flag, "1")) {
            TRY(add_genre(r, genres_100k[g], strlen(genres_100k[g]), err));
        } else if (!field_equals(flag, "0")) {
            char quoted[FIELD_QUOTE_SIZE];
            reason_set(bad, "genre flag %s is neither 0 nor 1", field_quote(flag, quoted));
            return STATUS_OK;
        }
    }
    return STATUS_OK;
}

static enum status take_text(struct movie_rows *r, const struct delimited_row *row,
                             struct reason *bad, struct error *err) {
    AUTO(buf) struct buf title = {0};
    buf_clear(&r->text);
    TRY(input_table_text(r->table, input_table_field(r->table, row, MOVIE_TITLE), "title", &r->text,
                         bad, err));
    if (bad->text[0] != '\0') return STATUS_OK;
    TRY(title_parse(r->text.data, r->text.size, &title, &r->year[r->count], err));
    TRY(r->table->dialect == DIALECT_100K
            ? add_genre_flags(r, row, bad, err)
            : add_genre_list(r, input_table_field(r->table, row, MOVIE_GENRES), bad, err));
    if (bad->text[0] != '\0') return STATUS_OK;
    return strings_add_bytes(&r->title, title.data == NULL ? "" : title.data, title.size, err);
}

static enum status take_movie(void *context, size_t slot, const struct delimited_row *row,
                              struct reason *bad, struct error *err) {
    (void)slot;
    struct movie_rows *r = context;
    uint32_t id = 0;
    struct field f = input_table_field(r->table, row, MOVIE_ID);
    if (!field_u32(f, "movie id", NO_INDEX - 1, &id, bad)) return STATUS_OK;
    if (id_set_has(&r->seen, id)) {
        reason_set(bad, "movie %u is listed twice", id);
        return STATUS_OK;
    }
    size_t n_genres = r->n_genres;
    TRY(take_text(r, row, bad, err));
    if (bad->text[0] != '\0') {
        r->n_genres = n_genres;
        return STATUS_OK;
    }
    TRY(id_set_add(&r->seen, id, err));
    r->id[r->count] = id;
    r->genre_end[r->count++] = r->n_genres;
    return STATUS_OK;
}

static int compare_u32(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Copies one row's genres under their sorted numbers, each once; returns how many. */
static size_t copy_genres(const struct movie_rows *r, size_t row, const uint32_t *new_number,
                          uint32_t *out) {
    size_t start = row == 0 ? 0 : r->genre_end[row - 1];
    size_t size = r->genre_end[row] - start, kept = 0;
    for (size_t i = 0; i < size; i++)
        out[i] = new_number[r->genre[start + i]];
    qsort(out, size, sizeof(*out), compare_u32);
    for (size_t i = 0; i < size; i++) {
        if (i == 0 || out[i] != out[i - 1]) out[kept++] = out[i];
    }
    return kept;
}

static enum status allocate(struct movies *m, size_t n_genres, struct error *err) {
    TRY(MEM_NEW(&m->year, m->map.count, err));
    TRY(MEM_NEW(&m->genre_offset, (size_t)m->map.count + 1, err));
    return MEM_NEW(&m->genre_index, n_genres, err);
}

/* Rows in file order to movies in index order. */
static enum status arrange(struct movies *m, struct movie_rows *r, struct error *err) {
    MEM_AUTO uint32_t *row_of = NULL, *new_number = NULL;
    TRY(id_map_build(&m->map, r->id, r->count, err));
    TRY(MEM_NEW(&row_of, r->count, err));
    TRY(MEM_NEW(&new_number, r->genre_names.list.count, err));
    TRY(names_sort(&r->genre_names, new_number, err));
    TRY(allocate(m, r->n_genres, err));
    for (size_t i = 0; i < r->count; i++)
        row_of[id_map_find(&m->map, r->id[i])] = (uint32_t)i;
    size_t n_genres = 0;
    for (size_t i = 0; i < m->map.count; i++) {
        TRY(strings_add(&m->title, strings_get(&r->title, row_of[i]), err));
        m->year[i] = r->year[row_of[i]];
        if (r->n_genres > 0)
            n_genres += copy_genres(r, row_of[i], new_number, m->genre_index + n_genres);
        m->genre_offset[i + 1] = n_genres;
    }
    m->genre = r->genre_names;
    r->genre_names = (struct names){0};
    return STATUS_OK;
}

enum status movies_read(struct movies *out, struct input_table *t, struct reading *shared,
                        struct error *err) {
    *out = (struct movies){.listed = true};
    __attribute__((cleanup(movie_rows_release))) struct movie_rows rows = {.table = t};
    TRY(MEM_NEW(&rows.id, t->n_lines, err));
    TRY(MEM_NEW(&rows.year, t->n_lines, err));
    TRY(MEM_NEW(&rows.genre_end, t->n_lines, err));
    struct table_reader reader = {.context = &rows, .take = take_movie};
    TRY(input_table_read(t, &reader, shared, err));
    if (rows.count == 0) return error_set(err, STATUS_FAILED, "%s: holds no movies", t->path);
    return arrange(out, &rows, err);
}

enum status movies_from_ids(struct movies *out, struct id_map *map, struct error *err) {
    *out = (struct movies){.map = *map};
    *map = (struct id_map){0};
    TRY(allocate(out, 0, err));
    for (size_t i = 0; i < out->map.count; i++)
        TRY(strings_add(&out->title, "", err));
    return STATUS_OK;
}

/* Copies what is known of movie `from` behind what is there already. */
static enum status keep_movie(struct movies *out, const struct movies *m, uint32_t from,
                              struct error *err) {
    uint32_t to = (uint32_t)out->title.count;
    uint64_t genres = m->genre_offset[from + 1] - m->genre_offset[from];
    TRY(strings_add(&out->title, strings_get(&m->title, from), err));
    out->year[to] = m->year[from];
    memcpy(out->genre_index + out->genre_offset[to], m->genre_index + m->genre_offset[from],
           genres * sizeof(*m->genre_index));
    out->genre_offset[to + 1] = out->genre_offset[to] + genres;
    return STATUS_OK;
}

static enum status keep_rated(struct movies *out, const struct movies *m,
                              const struct id_map *rated, struct error *err) {
    uint64_t n_genres = m->genre_offset[m->map.count];
    TRY(id_map_build(&out->map, rated->id, rated->count, err));
    TRY(MEM_NEW(&out->year, rated->count, err));
    TRY(MEM_NEW(&out->genre_offset, (size_t)rated->count + 1, err));
    TRY(MEM_NEW(&out->genre_index, n_genres, err));
    for (uint32_t i = 0; i < m->map.count; i++) {
        bool kept = id_map_find(rated, m->map.id[i]) != NO_INDEX;
        TRY(kept ? keep_movie(out, m, i, err) : id_set_add(&out->left_out, m->map.id[i], err));
    }
    return STATUS_OK;
}

enum status movies_keep(struct movies *m, const struct id_map *rated, struct error *err) {
    struct movies kept = {.listed = m->listed};
    enum status status = keep_rated(&kept, m, rated, err);
    if (status == STATUS_OK) {
        kept.genre = m->genre;
        m->genre = (struct names){0};
    }
    struct movies dropped = status == STATUS_OK ? *m : kept;
    if (status == STATUS_OK) *m = kept;
    movies_release(&dropped);
    return status;
}

void movies_release(struct movies *m) {
    id_map_release(&m->map);
    id_set_release(&m->left_out);
    strings_release(&m->title);
    names_release(&m->genre);
    mem_free(m->year);
    mem_free(m->genre_offset);
    mem_free(m->genre_index);
    mem_free(m->imdb);
    mem_free(m->tmdb);
    *m = (struct movies){0};
}

uint32_t movies_find(const struct movies *m, struct field f, struct reason *bad) {
    uint32_t id = 0;
    if (!field_u32(f, "movie id", NO_INDEX - 1, &id, bad)) return NO_INDEX;
    return movies_find_id(m, id, bad);
}

uint32_t movies_find_id(const struct movies *m, uint32_t id, struct reason *bad) {
    uint32_t index = id_map_find(&m->map, id);
    if (index == NO_INDEX && m->listed && !id_set_has(&m->left_out, id))
        reason_set(bad, "unknown movie %u", id);
    return index;
}

struct link_rows {
    const struct input_table *table;
    struct movies *movies;
    struct id_set seen;
};

static enum status take_link(void *context, size_t slot, const struct delimited_row *row,
                             struct reason *bad, struct error *err) {
    (void)slot;
    struct link_rows *r = context;
    struct movies *m = r->movies;
    uint32_t movie = movies_find(m, input_table_field(r->table, row, LINK_MOVIE), bad);
    if (bad->text[0] != '\0') return STATUS_OK;
    uint32_t imdb = 0, tmdb = 0;
    struct field f = input_table_field(r->table, row, LINK_IMDB);
    if (f.size > 0 && !field_u32(f, "IMDb id", UINT32_MAX, &imdb, bad)) return STATUS_OK;
    f = input_table_field(r->table, row, LINK_TMDB);
    if (f.size > 0 && !field_u32(f, "TMDB id", UINT32_MAX, &tmdb, bad)) return STATUS_OK;
    if (movie == NO_INDEX) {
        m->n_links_outside++;
        return STATUS_OK;
    }
    if (id_set_has(&r->seen, movie)) {
        reason_set(bad, "movie %u is listed twice", m->map.id[movie]);
        return STATUS_OK;
    }
    m->imdb[movie] = imdb;
    m->tmdb[movie] = tmdb;
    return id_set_add(&r->seen, movie, err);
}

enum status movies_read_links(struct movies *m, struct input_table *t, struct reading *shared,
                              struct error *err) {
    struct link_rows rows = {.table = t, .movies = m};
    TRY(MEM_NEW(&m->imdb, m->map.count, err));
    TRY(MEM_NEW(&m->tmdb, m->map.count, err));
    struct table_reader reader = {.context = &rows, .take = take_link};
    enum status status = input_table_read(t, &reader, shared, err);
    id_set_release(&rows.seen);
    return status;
}
