#include "stages/ingest/tags.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/data/dataset.h"
#include "stages/ingest/field.h"

#include <stdlib.h>

struct tagging {
    int64_t time;
    uint64_t order; /* in the file */
    uint32_t movie, user, name;
};

struct tag_rows {
    const struct table *table;
    const struct id_map *raters;
    const struct movies *movies;
    struct tags *tags;
    struct tagging *list;
    size_t count;
    struct buf text, normal;
};

static enum status take_name(struct tag_rows *r, struct field f, uint32_t *out, bool *empty,
                             struct reason *bad, struct error *err) {
    buf_clear(&r->text);
    buf_clear(&r->normal);
    TRY(table_text(r->table, f, "tag", &r->text, bad, err));
    if (bad->text[0] != '\0') return STATUS_OK;
    if (r->text.size > 0) TRY(utf8_normalise(r->text.data, r->text.size, &r->normal, err));
    *empty = r->normal.size == 0;
    if (*empty) return STATUS_OK;
    return names_add(&r->tags->name, r->normal.data, r->normal.size, out, err);
}

static enum status take_tagging(void *context, size_t slot, const struct row *row,
                                struct reason *bad, struct error *err) {
    (void)slot;
    struct tag_rows *r = context;
    const struct table *t = r->table;
    struct tagging tagging = {.order = r->count};
    uint32_t user_id = 0;
    bool empty = false;
    if (!field_u32(table_field(t, row, TAG_USER), "user id", NO_INDEX - 1, &user_id, bad)) {
        return STATUS_OK;
    }
    tagging.user = id_map_find(r->raters, user_id);
    tagging.movie = movies_find(r->movies, table_field(t, row, TAG_MOVIE), bad);
    if (bad->text[0] != '\0') return STATUS_OK;
    if (!field_time(table_field(t, row, TAG_TIME), &tagging.time, bad)) return STATUS_OK;
    if (tagging.movie == NO_INDEX) {
        r->tags->n_outside++;
        return STATUS_OK;
    }
    TRY(take_name(r, table_field(t, row, TAG_TEXT), &tagging.name, &empty, bad, err));
    if (bad->text[0] != '\0') return STATUS_OK;
    if (empty) {
        r->tags->n_empty++;
    } else {
        r->list[r->count++] = tagging;
    }
    return STATUS_OK;
}

static int compare_taggings(const void *a, const void *b) {
    const struct tagging *x = a, *y = b;
    if (x->movie != y->movie) return x->movie < y->movie ? -1 : 1;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static enum status arrange(struct tag_rows *r, struct error *err) {
    struct tags *out = r->tags;
    MEM_AUTO uint32_t *new_number = NULL;
    TRY(MEM_NEW(&new_number, out->name.list.count, err));
    TRY(names_sort(&out->name, new_number, err));
    qsort(r->list, r->count, sizeof(*r->list), compare_taggings);
    out->count = r->count;
    TRY(MEM_NEW(&out->user, r->count, err));
    TRY(MEM_NEW(&out->movie, r->count, err));
    TRY(MEM_NEW(&out->index, r->count, err));
    TRY(MEM_NEW(&out->time, r->count, err));
    for (size_t i = 0; i < r->count; i++) {
        out->user[i] = r->list[i].user;
        out->movie[i] = r->list[i].movie;
        out->index[i] = new_number[r->list[i].name];
        out->time[i] = r->list[i].time;
    }
    return STATUS_OK;
}

static void tag_rows_release(struct tag_rows *r) {
    mem_free(r->list);
    buf_release(&r->text);
    buf_release(&r->normal);
}

enum status tags_read(struct tags *out, struct table *t, const struct id_map *raters,
                      const struct movies *movies, struct reading *shared, struct error *err) {
    *out = (struct tags){0};
    __attribute__((cleanup(tag_rows_release))) struct tag_rows rows = {
        .table = t, .raters = raters, .movies = movies, .tags = out};
    TRY(MEM_NEW(&rows.list, t->n_lines, err));
    struct table_reader reader = {.context = &rows, .take = take_tagging};
    TRY(table_read(t, &reader, shared, err));
    return arrange(&rows, err);
}

void tags_release(struct tags *t) {
    names_release(&t->name);
    mem_free(t->user);
    mem_free(t->movie);
    mem_free(t->index);
    mem_free(t->time);
    *t = (struct tags){0};
}
