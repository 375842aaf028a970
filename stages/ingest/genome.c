#include "stages/ingest/genome.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/utf8.h"
#include "stages/ingest/field.h"
#include "stages/ingest/id_set.h"

#include <math.h>
#include <string.h>

/* A file that scores fewer than one in this many pairs of movie and tag is not a genome: the dense
 * matrix would be out of proportion to it. */
enum { LEAST_DENSITY = 64 };

struct genome_rows {
    const struct input_table *table;
    struct id_set seen;
    struct strings name;
    uint32_t *id;
    size_t count;
};

static void genome_rows_release(struct genome_rows *r) {
    id_set_release(&r->seen);
    strings_release(&r->name);
    mem_free(r->id);
}

static enum status take_tag(void *context, size_t slot, const struct delimited_row *row,
                            struct reason *bad, struct error *err) {
    (void)slot;
    struct genome_rows *r = context;
    AUTO(buf) struct buf text = {0}, normal = {0};
    uint32_t id = 0;
    struct field f = input_table_field(r->table, row, GENOME_TAG_ID);
    if (!field_u32(f, "tag id", NO_INDEX - 1, &id, bad)) return STATUS_OK;
    if (id_set_has(&r->seen, id)) {
        reason_set(bad, "genome tag %u is listed twice", id);
        return STATUS_OK;
    }
    f = input_table_field(r->table, row, GENOME_TAG_NAME);
    TRY(input_table_text(r->table, f, "tag", &text, bad, err));
    if (bad->text[0] != '\0') return STATUS_OK;
    if (text.size > 0) TRY(utf8_normalise(text.data, text.size, &normal, err));
    TRY(strings_add_bytes(&r->name, normal.size > 0 ? normal.data : "", normal.size, err));
    TRY(id_set_add(&r->seen, id, err));
    r->id[r->count++] = id;
    return STATUS_OK;
}

enum status genome_read_tags(struct genome *out, struct input_table *t, struct reading *shared,
                             struct error *err) {
    *out = (struct genome){0};
    __attribute__((cleanup(genome_rows_release))) struct genome_rows rows = {.table = t};
    MEM_AUTO uint32_t *row_of = NULL;
    TRY(MEM_NEW(&rows.id, t->n_lines, err));
    struct table_reader reader = {.context = &rows, .take = take_tag};
    TRY(input_table_read(t, &reader, shared, err));
    TRY(id_map_build(&out->tag, rows.id, rows.count, err));
    TRY(MEM_NEW(&row_of, rows.count, err));
    for (size_t i = 0; i < rows.count; i++)
        row_of[id_map_find(&out->tag, rows.id[i])] = (uint32_t)i;
    for (size_t i = 0; i < rows.count; i++)
        TRY(strings_add(&out->name, strings_get(&rows.name, row_of[i]), err));
    return STATUS_OK;
}

struct score {
    uint32_t movie, tag; /* indices; movie NO_INDEX if it is outside the catalogue */
    float relevance;
};

struct score_rows {
    const struct input_table *table;
    const struct genome *genome;
    const struct movies *movies;
    struct score *list;
};

static enum status take_score(void *context, size_t slot, const struct delimited_row *row,
                              struct reason *bad, struct error *err) {
    (void)err;
    struct score_rows *r = context;
    struct score *s = &r->list[slot];
    uint32_t tag_id = 0;
    s->movie = movies_find(r->movies, input_table_field(r->table, row, SCORE_MOVIE), bad);
    if (bad->text[0] != '\0') return STATUS_OK;
    struct field f = input_table_field(r->table, row, SCORE_TAG);
    if (!field_u32(f, "tag id", NO_INDEX - 1, &tag_id, bad)) return STATUS_OK;
    s->tag = id_map_find(&r->genome->tag, tag_id);
    if (s->tag == NO_INDEX) {
        reason_set(bad, "unknown genome tag %u", tag_id);
        return STATUS_OK;
    }
    field_relevance(input_table_field(r->table, row, SCORE_RELEVANCE), &s->relevance, bad);
    return STATUS_OK;
}

static void move_scores(void *context, size_t to, size_t from, size_t count) {
    struct score *list = ((struct score_rows *)context)->list;
    memmove(list + to, list + from, count * sizeof(*list));
}

/* Numbers the movies that have scores: row_of[movie] is the row of the matrix. */
static enum status number_movies(struct genome *g, const struct score *list, size_t count,
                                 uint32_t *row_of, uint32_t n_movies, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        if (list[i].movie == NO_INDEX) {
            g->n_outside++;
        } else {
            row_of[list[i].movie] = 1;
        }
    }
    TRY(MEM_NEW(&g->movie, n_movies, err));
    for (uint32_t m = 0; m < n_movies; m++) {
        if (row_of[m] == 0) continue;
        row_of[m] = g->n_movies;
        g->movie[g->n_movies++] = m;
    }
    return STATUS_OK;
}

static void fill(struct genome *g, const struct score *list, size_t count, const uint32_t *row_of) {
    size_t n_cells = (size_t)g->n_movies * g->tag.count;
    for (size_t i = 0; i < n_cells; i++)
        g->relevance[i] = NAN;
    for (size_t i = 0; i < count; i++) {
        if (list[i].movie == NO_INDEX) continue;
        float *cell = &g->relevance[(size_t)row_of[list[i].movie] * g->tag.count + list[i].tag];
        if (!isnan(*cell)) g->n_duplicates++;
        *cell = list[i].relevance;
    }
    for (size_t i = 0; i < n_cells; i++) {
        if (!isnan(g->relevance[i])) continue;
        g->n_missing++;
        g->relevance[i] = 0;
    }
}

enum status genome_read_scores(struct genome *g, struct input_table *t, const struct movies *movies,
                               struct reading *shared, struct error *err) {
    MEM_AUTO struct score *list = NULL;
    MEM_AUTO uint32_t *row_of = NULL;
    TRY(MEM_NEW(&list, t->n_lines, err));
    TRY(MEM_NEW(&row_of, movies->map.count, err));
    struct score_rows rows = {t, g, movies, list};
    struct table_reader reader = {&rows, take_score, move_scores};
    TRY(input_table_read(t, &reader, shared, err));
    TRY(number_movies(g, list, t->n_rows, row_of, movies->map.count, err));
    if ((uint64_t)g->n_movies * g->tag.count / LEAST_DENSITY > t->n_rows) {
        return error_set(err, STATUS_FAILED,
                         "%s: %llu scores for %u movies and %u tags are too few for a genome",
                         t->path, (unsigned long long)t->n_rows, g->n_movies, g->tag.count);
    }
    TRY(mem_alloc(&g->relevance, (size_t)g->n_movies * g->tag.count, sizeof(float), err));
    fill(g, list, t->n_rows, row_of);
    return STATUS_OK;
}

void genome_release(struct genome *g) {
    id_map_release(&g->tag);
    strings_release(&g->name);
    mem_free(g->movie);
    mem_free(g->relevance);
    *g = (struct genome){0};
}
