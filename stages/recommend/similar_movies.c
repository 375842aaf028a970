#include "stages/recommend/similar_movies.h"

#include "common/base/mem.h"
#include "common/data/title_search.h"
#include "common/data/topk.h"
#include "common/ranking/similar.h"

#include <string.h>

/* One list: how it was made, and its movies with their cosines or weights. */
struct list {
    const char *by;      /* "content" or an item-item model's name */
    const char *meaning; /* heading of the table */
    struct topk best;
};

static void list_release(struct list *l) {
    topk_release(&l->best);
}

/* ---- printing ---- */

static enum status print_table_row(const struct similar_request *q, uint32_t movie, size_t rank,
                                   struct scored s, struct buf *out, struct error *err) {
    AUTO(buf) struct buf text = {0};
    size_t title = q->width > 60 ? (q->width - 16) * 2 / 5 : 40;
    TRY(buf_printf(out, err, "%4zu  ", rank));
    TRY(movie_append_title(q->catalogue, s.id, &text, err));
    TRY(print_padded(text.data, title, out, err));
    TRY(buf_printf(out, err, "  %7.4f  ", (double)s.score));
    uint32_t term[EVIDENCE_TERMS];
    float product[EVIDENCE_TERMS];
    size_t count = content_shared_terms(q->content, movie, s.id, term, product, EVIDENCE_TERMS);
    buf_clear(&text);
    TRY(buf_puts(&text, "", err));
    TRY(print_terms(q->content, term, count, &text, err));
    size_t rest = q->width > 60 ? q->width - title - 16 : 0;
    if (text.size > 0) TRY(print_padded(text.data, rest, out, err));
    while (out->size > 0 && out->data[out->size - 1] == ' ') {
        out->data[--out->size] = '\0';
    }
    return buf_puts(out, "\n", err);
}

static enum status print_csv_row(const struct similar_request *q, const char *by, size_t rank,
                                 struct scored s, struct buf *out, struct error *err) {
    const struct catalogue *c = q->catalogue;
    AUTO(buf) struct buf genres = {0};
    TRY(buf_printf(out, err, "%s,%zu,%u,", by, rank, c->movie_id[s.id]));
    TRY(print_csv_text(strings_get(&c->title, s.id), out, err));
    TRY(buf_puts(out, ",", err));
    if (c->year[s.id] != 0) TRY(buf_printf(out, err, "%u", c->year[s.id]));
    TRY(buf_puts(&genres, "", err));
    TRY(print_genres(c, s.id, &genres, err));
    TRY(buf_puts(out, ",", err));
    if (genres.size > 0) TRY(print_csv_text(genres.data, out, err));
    return buf_printf(out, err, ",%.6g\n", (double)s.score);
}

static enum status print_json_row(const struct similar_request *q, const char *by, size_t rank,
                                  struct scored s, struct buf *out, struct error *err) {
    const struct catalogue *c = q->catalogue;
    TRY(buf_printf(out, err, "{\"by\":\"%s\",\"rank\":%zu,\"movie\":%u,\"title\":", by, rank,
                   c->movie_id[s.id]));
    TRY(print_json_text(strings_get(&c->title, s.id), out, err));
    if (c->year[s.id] != 0) TRY(buf_printf(out, err, ",\"year\":%u", c->year[s.id]));
    return buf_printf(out, err, ",\"score\":%.6g}\n", (double)s.score);
}

static enum status print_list(const struct similar_request *q, uint32_t movie, const struct list *l,
                              struct buf *out, struct error *err) {
    if (q->format == FORMAT_TABLE) {
        TRY(buf_printf(out, err, "%s%s\n", l->meaning, l->best.count == 0 ? ": none" : ""));
    }
    for (size_t i = 0; i < l->best.count; i++) {
        struct scored s = l->best.heap[i];
        if (q->format == FORMAT_TABLE) {
            TRY(print_table_row(q, movie, i + 1, s, out, err));
        } else if (q->format == FORMAT_CSV) {
            TRY(print_csv_row(q, l->by, i + 1, s, out, err));
        } else {
            TRY(print_json_row(q, l->by, i + 1, s, out, err));
        }
    }
    return STATUS_OK;
}

static enum status print_model(const struct similar_request *q, const struct item_item *model,
                               const char *meaning, uint32_t movie, struct buf *out,
                               struct error *err) {
    if (model == NULL) return STATUS_OK;
    AUTO(list) struct list l = {.by = model->name, .meaning = meaning};
    TRY(topk_alloc(&l.best, q->n, err));
    similar_by_model(q->catalogue, model, &q->filter, movie, &l.best);
    return print_list(q, movie, &l, out, err);
}

enum status similar_print(const struct similar_request *q, uint32_t movie, struct buf *out,
                          struct error *err) {
    AUTO(list) struct list content = {.by = "content", .meaning = "alike by content (cosine)"};
    TRY(topk_alloc(&content.best, q->n, err));
    similar_by_content(q->catalogue, q->content, &q->filter, movie, &content.best);
    if (q->format == FORMAT_TABLE) {
        TRY(movie_append_title(q->catalogue, movie, out, err));
        TRY(buf_puts(out, "\n", err));
    }
    if (q->format == FORMAT_CSV) {
        TRY(buf_puts(out, "by,rank,movieId,title,year,genres,score\n", err));
    }
    TRY(print_list(q, movie, &content, out, err));
    const struct item_item *together = q->models != NULL ? models_first_item_item(q->models) : NULL;
    const struct item_item *next = q->models != NULL ? similar_next_model(q->models) : NULL;
    if (together != next) {
        TRY(print_model(q, together, "seen by the same people (weight)", movie, out, err));
    }
    return print_model(q, next, "seen next (weight)", movie, out, err);
}
