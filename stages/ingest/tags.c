#include "stages/ingest/tags.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/tokenize.h"
#include "common/base/utf8.h"
#include "stages/ingest/field.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct tagging {
    int64_t time;
    uint64_t order; /* in the file */
    uint32_t movie, user, name;
};

struct tag_rows {
    const struct input_table *table;
    enum tag_unit unit;
    const struct id_map *raters;
    const struct movies *movies;
    bool without_times;
    struct tags *tags;
    struct tagging *list;
    size_t count, capacity;
    uint64_t n_rows;
    struct buf text, normal;
    struct strings word;
};

static enum status add(struct tag_rows *r, struct tagging tagging, const char *name, size_t size,
                       struct error *err) {
    TRY(names_add(&r->tags->name, name, size, &tagging.name, err));
    TRY(mem_grow(&r->list, &r->capacity, r->count + 1, sizeof(*r->list), err));
    r->list[r->count++] = tagging;
    return STATUS_OK;
}

static bool first_of_its_kind(const struct strings *words, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (strcmp(strings_get(words, k), strings_get(words, i)) == 0) return false;
    return true;
}

static enum status add_words(struct tag_rows *r, struct tagging tagging, struct error *err) {
    strings_release(&r->word);
    if (r->text.size > 0) TRY(tokenize(r->text.data, r->text.size, &r->word, err));
    if (r->word.count == 0) r->tags->n_empty++;
    for (size_t i = 0; i < r->word.count; i++) {
        if (!first_of_its_kind(&r->word, i)) continue;
        const char *word = strings_get(&r->word, i);
        TRY(add(r, tagging, word, strlen(word), err));
    }
    return STATUS_OK;
}

static enum status add_whole(struct tag_rows *r, struct tagging tagging, struct error *err) {
    buf_clear(&r->normal);
    if (r->text.size > 0) TRY(utf8_normalise(r->text.data, r->text.size, &r->normal, err));
    if (r->normal.size > 0) return add(r, tagging, r->normal.data, r->normal.size, err);
    r->tags->n_empty++;
    return STATUS_OK;
}

static bool take_time(const struct tag_rows *r, const struct delimited_row *row, int64_t *out,
                      struct reason *bad) {
    bool fine = r->table->column[TAG_TIME] < 0 ||
                field_time(input_table_field(r->table, row, TAG_TIME), out, bad);
    if (r->without_times) *out = 0;
    return fine;
}

static enum status take_tagging(void *context, size_t slot, const struct delimited_row *row,
                                struct reason *bad, struct error *err) {
    (void)slot;
    struct tag_rows *r = context;
    const struct input_table *t = r->table;
    struct tagging tagging = {.order = r->n_rows++};
    uint32_t user_id = 0;
    if (!field_u32(input_table_field(t, row, TAG_USER), "user id", NO_INDEX - 1, &user_id, bad)) {
        return STATUS_OK;
    }
    tagging.user = id_map_find(r->raters, user_id);
    tagging.movie = movies_find(r->movies, input_table_field(t, row, TAG_MOVIE), bad);
    if (bad->text[0] != '\0') return STATUS_OK;
    if (!take_time(r, row, &tagging.time, bad)) return STATUS_OK;
    if (tagging.movie == NO_INDEX) {
        r->tags->n_outside++;
        return STATUS_OK;
    }
    const char *what = r->unit == TAGS_WORDS ? "review" : "tag";
    buf_clear(&r->text);
    TRY(input_table_text(t, input_table_field(t, row, TAG_TEXT), what, &r->text, bad, err));
    if (bad->text[0] != '\0') return STATUS_OK;
    return r->unit == TAGS_WORDS ? add_words(r, tagging, err) : add_whole(r, tagging, err);
}

static int compare_taggings(const void *a, const void *b) {
    const struct tagging *x = a, *y = b;
    if (x->movie != y->movie) return x->movie < y->movie ? -1 : 1;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    return (x->name > y->name) - (x->name < y->name);
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
    strings_release(&r->word);
}

enum status tags_read(struct tags *out, struct input_table *t, enum tag_unit unit,
                      const struct id_map *raters, const struct movies *movies,
                      struct reading *shared, struct error *err) {
    *out = (struct tags){0};
    if (t->column[TAG_TIME] < 0 && !shared->without_times)
        return error_set(err, STATUS_FAILED,
                         "%s: the header has no column \"timestamp\", which is needed where the "
                         "ratings have times",
                         t->path);
    __attribute__((cleanup(tag_rows_release))) struct tag_rows rows = {.table = t,
                                                                       .unit = unit,
                                                                       .raters = raters,
                                                                       .movies = movies,
                                                                       .without_times =
                                                                           shared->without_times,
                                                                       .tags = out};
    struct table_reader reader = {.context = &rows, .take = take_tagging};
    TRY(input_table_read(t, &reader, shared, err));
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
