#include "stages/recommend/print.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/utf8.h"
#include "common/data/rating_scale.h"
#include "common/data/title_search.h"

#include <math.h>
#include <string.h>

void printed_release(struct printed *results, size_t count) {
    for (size_t i = 0; i < count && results != NULL; i++) {
        attribution_release(&results[i].attribution);
        mem_free(results[i].group);
    }
    mem_free(results);
}

/* ---- pieces ---- */

enum status print_padded(const char *text, size_t columns, struct buf *out, struct error *err) {
    size_t size = strlen(text);
    if (columns == 0) return buf_append(out, text, size, err);
    bool cut = utf8_width(text) > columns;
    if (cut) size = utf8_fit(text, columns - 1);
    size_t start = out->size;
    TRY(buf_append(out, text, size, err));
    if (cut) TRY(buf_puts(out, "\xe2\x80\xa6", err)); /* an ellipsis */
    size_t used = utf8_width(out->data + start);
    return buf_printf(out, err, "%*s", (int)(used < columns ? columns - used : 0), "");
}

enum status print_csv_text(const char *text, struct buf *out, struct error *err) {
    if (strpbrk(text, ",\"\r\n") == NULL) return buf_puts(out, text, err);
    TRY(buf_append(out, "\"", 1, err));
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"') TRY(buf_append(out, "\"", 1, err));
        TRY(buf_append(out, at, 1, err));
    }
    return buf_append(out, "\"", 1, err);
}

enum status print_genres(const struct catalogue *c, uint32_t movie, struct buf *out,
                         struct error *err) {
    for (uint64_t e = c->genre_offset[movie]; e < c->genre_offset[movie + 1]; e++) {
        const char *bar = e > c->genre_offset[movie] ? "|" : "";
        TRY(buf_printf(out, err, "%s%s", bar, strings_get(&c->genre_name, c->genre_index[e])));
    }
    return STATUS_OK;
}

enum status print_terms(const struct content *c, const uint32_t *term, size_t count,
                        struct buf *out, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        TRY(buf_printf(out, err, "%s%s", i > 0 ? ", " : "", strings_get(&c->term_name, term[i])));
    }
    return STATUS_OK;
}

static const struct content *content_of(const struct printer *p) {
    return feature_content(recommender_context(p->recommender));
}

static enum status append_reason(const struct printer *p, const struct printed *r, struct buf *out,
                                 struct error *err) {
    return recommender_say(p->recommender, &r->reason[0], out, err);
}

/* ---- table ---- */

struct widths {
    size_t title, genres, reason;
};

/* What the fixed columns leave is shared by title, genres and reason. */
static struct widths table_widths(const struct printer *p, bool rating) {
    if (p->width == 0) return (struct widths){0, 0, 0};
    size_t fixed = 4 + 9 + (rating ? 6 : 0) + 3 * 2 + 1;
    size_t rest = p->width > fixed + 30 ? p->width - fixed : 30;
    size_t title = rest * 2 / 5, genres = rest / 5;
    return (struct widths){title, genres, rest - title - genres};
}

static enum status table_header(const struct widths *w, bool rating, struct buf *out,
                                struct error *err) {
    TRY(buf_puts(out, "   #  ", err));
    TRY(print_padded("movie", w->title > 0 ? w->title : 40, out, err));
    TRY(buf_puts(out, "  ", err));
    TRY(print_padded("genres", w->genres > 0 ? w->genres : 24, out, err));
    TRY(buf_puts(out, "     score", err));
    if (rating) TRY(buf_puts(out, "  stars", err));
    return buf_puts(out, "  why\n", err);
}

static enum status table_row(const struct printer *p, const struct widths *w, size_t rank,
                             const struct printed *r, struct buf *out, struct error *err) {
    const struct catalogue *c = recommender_catalogue(p->recommender);
    AUTO(buf) struct buf text = {0};
    TRY(buf_printf(out, err, "%4zu  ", rank));
    TRY(movie_append_title(c, r->recommendation.movie, &text, err));
    TRY(print_padded(text.data, w->title > 0 ? w->title : 40, out, err));
    buf_clear(&text);
    TRY(buf_puts(out, "  ", err));
    TRY(buf_puts(&text, "", err));
    TRY(print_genres(c, r->recommendation.movie, &text, err));
    TRY(print_padded(text.size > 0 ? text.data : "-", w->genres > 0 ? w->genres : 24, out, err));
    TRY(buf_printf(out, err, "  %8.3f", (double)r->recommendation.score));
    if (!isnan(r->recommendation.rating)) {
        TRY(buf_printf(out, err, "  %5.2f", (double)r->recommendation.rating));
    }
    buf_clear(&text);
    TRY(append_reason(p, r, &text, err));
    TRY(buf_puts(out, "  ", err));
    size_t size = w->reason > 0 ? utf8_fit(text.data, w->reason) : text.size;
    TRY(buf_append(out, text.data, size, err));
    return buf_puts(out, "\n", err);
}

static enum status table_evidence(const struct printer *p, const struct evidence *e,
                                  struct buf *out, struct error *err) {
    const struct item_item *model =
        models_first_item_item(feature_models(recommender_context(p->recommender)));
    TRY(buf_puts(out, "        evidence  ", err));
    TRY(movie_append_title(recommender_catalogue(p->recommender), e->movie, out, err));
    TRY(buf_printf(out, err, ", rated %.1f: content %.3f", stars_of(e->value), (double)e->cosine));
    if (model != NULL) TRY(buf_printf(out, err, ", %s %.4f", model->name, (double)e->weight));
    if (e->n_terms > 0) TRY(buf_puts(out, "; shared: ", err));
    TRY(print_terms(content_of(p), e->term, e->n_terms, out, err));
    return buf_puts(out, "\n", err);
}

static enum status table_reason(const struct printer *p, const struct given_reason *r,
                                struct buf *out, struct error *err) {
    TRY(buf_puts(out, "        reason    ", err));
    TRY(recommender_say(p->recommender, r, out, err));
    return buf_printf(out, err, " (%.2f bits)\n", r->bits);
}

/* "what people see next, most by ..." */
static enum status table_group(const struct printer *p, const struct attribution *a,
                               const struct group_share *g, struct buf *out, struct error *err) {
    TRY(buf_printf(out, err, "        %+9.4f  %s", g->contribution, g->meaning));
    if (g->strongest == SIZE_MAX) return buf_puts(out, "\n", err);
    const float *mean = ranker_feature_means(recommender_ranker(p->recommender));
    TRY(buf_puts(out, ", most by \"", err));
    TRY(recommender_append_meaning(p->recommender, g->strongest, out, err));
    return buf_printf(out, err, "\", %.4g (mean %.4g): %+.4f\n", (double)a->x[g->strongest],
                      (double)mean[g->strongest], a->feature[g->strongest]);
}

static enum status table_explanation(const struct printer *p, const struct printed *r,
                                     struct buf *out, struct error *err) {
    const struct attribution *a = &r->attribution;
    TRY(buf_printf(out, err, "        %+9.4f  %s: every feature at its mean\n", a->baseline,
                   attribution_meaning("baseline")));
    for (size_t i = 0; i < r->n_groups; i++) {
        TRY(table_group(p, a, &r->group[i], out, err));
    }
    TRY(buf_printf(out, err, "        %+9.4f  residual of the integration\n", a->residual));
    TRY(buf_printf(out, err, "        %9.4f  score\n", a->score));
    for (size_t i = 0; i < r->n_reasons; i++) {
        TRY(table_reason(p, &r->reason[i], out, err));
    }
    for (size_t i = 0; i < r->n_evidence; i++) {
        TRY(table_evidence(p, &r->evidence[i], out, err));
    }
    return STATUS_OK;
}

static enum status print_table(const struct printer *p, const struct printed *results, size_t count,
                               struct buf *out, struct error *err) {
    bool rating = ranker_has_head(recommender_ranker(p->recommender), HEAD_RATING);
    struct widths widths = table_widths(p, rating);
    if (count == 0) return buf_puts(out, "no movie fits\n", err);
    TRY(table_header(&widths, rating, out, err));
    for (size_t i = 0; i < count; i++) {
        TRY(table_row(p, &widths, i + 1, &results[i], out, err));
        if (p->explain) TRY(table_explanation(p, &results[i], out, err));
    }
    return STATUS_OK;
}

/* ---- CSV ---- */

/* "baseline=-1.5;sequence=2.25;...;residual=0.0001" */
static enum status csv_explanation(const struct printed *r, struct buf *out, struct error *err) {
    TRY(buf_printf(out, err, ",baseline=%.6g", r->attribution.baseline));
    for (size_t i = 0; i < r->n_groups; i++) {
        TRY(buf_printf(out, err, ";%s=%.6g", r->group[i].name, r->group[i].contribution));
    }
    return buf_printf(out, err, ";residual=%.6g", r->attribution.residual);
}

static enum status csv_row(const struct printer *p, const uint32_t *user, size_t rank,
                           const struct printed *r, struct buf *out, struct error *err) {
    const struct catalogue *c = recommender_catalogue(p->recommender);
    uint32_t movie = r->recommendation.movie;
    AUTO(buf) struct buf text = {0};
    if (user != NULL) TRY(buf_printf(out, err, "%u", *user));
    TRY(buf_printf(out, err, ",%zu,%u,", rank, c->movie_id[movie]));
    TRY(print_csv_text(strings_get(&c->title, movie), out, err));
    TRY(buf_puts(out, ",", err));
    if (c->year[movie] != 0) TRY(buf_printf(out, err, "%u", c->year[movie]));
    TRY(buf_puts(&text, "", err));
    TRY(print_genres(c, movie, &text, err));
    TRY(buf_puts(out, ",", err));
    if (text.size > 0) TRY(print_csv_text(text.data, out, err));
    TRY(buf_printf(out, err, ",%.6g,", (double)r->recommendation.score));
    if (!isnan(r->recommendation.rating)) {
        TRY(buf_printf(out, err, "%.4g", (double)r->recommendation.rating));
    }
    buf_clear(&text);
    TRY(append_reason(p, r, &text, err));
    TRY(buf_puts(out, ",", err));
    TRY(print_csv_text(text.data, out, err));
    if (p->explain) TRY(csv_explanation(r, out, err));
    return buf_puts(out, "\n", err);
}

/* ---- JSON lines ----
 * Written directly: their shape is fixed, and so are the digits of the numbers. */

enum status print_json_text(const char *text, struct buf *out, struct error *err) {
    TRY(buf_append(out, "\"", 1, err));
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\') {
            TRY(buf_printf(out, err, "\\%c", *at));
        } else if (byte < 0x20) {
            TRY(buf_printf(out, err, "\\u%04x", byte));
        } else {
            TRY(buf_append(out, at, 1, err));
        }
    }
    return buf_append(out, "\"", 1, err);
}

/* "key": in front of what follows; a comma before it unless it is the first. */
static enum status json_key(const char *key, bool first, struct buf *out, struct error *err) {
    return buf_printf(out, err, "%s\"%s\":", first ? "" : ",", key);
}

static enum status json_evidence(const struct printer *p, const struct evidence *e, struct buf *out,
                                 struct error *err) {
    const struct catalogue *c = recommender_catalogue(p->recommender);
    const struct content *content = content_of(p);
    TRY(buf_printf(out, err, "{\"movie\":%u,\"title\":", c->movie_id[e->movie]));
    TRY(print_json_text(strings_get(&c->title, e->movie), out, err));
    TRY(buf_printf(out, err, ",\"rating\":%.1f,\"cosine\":%.6g,\"weight\":%.6g,\"terms\":[",
                   stars_of(e->value), (double)e->cosine, (double)e->weight));
    for (size_t i = 0; i < e->n_terms; i++) {
        if (i > 0) TRY(buf_puts(out, ",", err));
        TRY(print_json_text(strings_get(&content->term_name, e->term[i]), out, err));
    }
    return buf_puts(out, "]}", err);
}

/* "reason": the strongest sentence; "reasons": all of them */
static enum status json_reasons(const struct printer *p, const struct printed *r, struct buf *out,
                                struct error *err) {
    AUTO(buf) struct buf text = {0};
    for (size_t i = 0; i < r->n_reasons; i++) {
        buf_clear(&text);
        TRY(recommender_say(p->recommender, &r->reason[i], &text, err));
        if (i == 0) {
            TRY(json_key("reason", false, out, err));
            TRY(print_json_text(text.data, out, err));
            TRY(json_key("reasons", false, out, err));
            TRY(buf_puts(out, "[", err));
        }
        TRY(buf_printf(out, err, "%s{\"kind\":\"%s\",\"bits\":%.4g,\"text\":", i > 0 ? "," : "",
                       reason_kind_name(r->reason[i].kind), r->reason[i].bits));
        TRY(print_json_text(text.data, out, err));
        uint32_t because = r->reason[i].because;
        if (because != NO_INDEX) {
            const struct catalogue *c = recommender_catalogue(p->recommender);
            TRY(buf_printf(out, err, ",\"movie\":%u", c->movie_id[because]));
        }
        TRY(buf_puts(out, "}", err));
    }
    return buf_puts(out, "]", err);
}

static enum status json_strongest(const struct printer *p, const struct attribution *a,
                                  size_t feature, struct buf *out, struct error *err) {
    const struct ranker *ranker = recommender_ranker(p->recommender);
    AUTO(buf) struct buf meaning = {0};
    TRY(recommender_append_meaning(p->recommender, feature, &meaning, err));
    TRY(json_key("feature", false, out, err));
    TRY(print_json_text(ranker_feature_name(ranker, feature), out, err));
    TRY(json_key("feature_meaning", false, out, err));
    TRY(print_json_text(meaning.data, out, err));
    return buf_printf(out, err, ",\"value\":%.6g,\"mean\":%.6g", (double)a->x[feature],
                      (double)ranker_feature_means(ranker)[feature]);
}

static enum status json_explanation(const struct printer *p, const struct printed *r,
                                    struct buf *out, struct error *err) {
    const struct attribution *a = &r->attribution;
    TRY(json_key("explanation", false, out, err));
    TRY(buf_printf(out, err, "{\"baseline\":%.8g,\"groups\":[", a->baseline));
    for (size_t i = 0; i < r->n_groups; i++) {
        const struct group_share *g = &r->group[i];
        TRY(buf_puts(out, i > 0 ? ",{\"name\":" : "{\"name\":", err));
        TRY(print_json_text(g->name, out, err));
        TRY(json_key("meaning", false, out, err));
        TRY(print_json_text(g->meaning, out, err));
        TRY(buf_printf(out, err, ",\"contribution\":%.8g", g->contribution));
        if (g->strongest != SIZE_MAX) TRY(json_strongest(p, a, g->strongest, out, err));
        TRY(buf_puts(out, "}", err));
    }
    return buf_printf(out, err, "],\"residual\":%.8g,\"score\":%.8g}", a->residual, a->score);
}

static enum status json_genres(const struct catalogue *c, uint32_t movie, struct buf *out,
                               struct error *err) {
    TRY(json_key("genres", false, out, err));
    TRY(buf_puts(out, "[", err));
    for (uint64_t e = c->genre_offset[movie]; e < c->genre_offset[movie + 1]; e++) {
        if (e > c->genre_offset[movie]) TRY(buf_puts(out, ",", err));
        TRY(print_json_text(strings_get(&c->genre_name, c->genre_index[e]), out, err));
    }
    return buf_puts(out, "]", err);
}

static enum status json_row(const struct printer *p, const uint32_t *user, size_t rank,
                            const struct printed *r, struct buf *out, struct error *err) {
    const struct catalogue *c = recommender_catalogue(p->recommender);
    uint32_t movie = r->recommendation.movie;
    TRY(buf_puts(out, "{", err));
    if (user != NULL) TRY(buf_printf(out, err, "\"user\":%u,", *user));
    TRY(buf_printf(out, err, "\"rank\":%zu,\"movie\":%u,\"title\":", rank, c->movie_id[movie]));
    TRY(print_json_text(strings_get(&c->title, movie), out, err));
    if (c->year[movie] != 0) TRY(buf_printf(out, err, ",\"year\":%u", c->year[movie]));
    TRY(json_genres(c, movie, out, err));
    TRY(buf_printf(out, err, ",\"score\":%.6g", (double)r->recommendation.score));
    if (!isnan(r->recommendation.rating)) {
        TRY(buf_printf(out, err, ",\"rating\":%.4g", (double)r->recommendation.rating));
    }
    TRY(json_reasons(p, r, out, err));
    TRY(json_key("evidence", false, out, err));
    TRY(buf_puts(out, "[", err));
    for (size_t i = 0; i < r->n_evidence; i++) {
        if (i > 0) TRY(buf_puts(out, ",", err));
        TRY(json_evidence(p, &r->evidence[i], out, err));
    }
    TRY(buf_puts(out, "]", err));
    if (p->explain) TRY(json_explanation(p, r, out, err));
    return buf_puts(out, "}\n", err);
}

/* ---- all formats ---- */

enum status print_head(const struct printer *p, struct buf *out, struct error *err) {
    if (p->format != FORMAT_CSV) return STATUS_OK;
    TRY(buf_puts(out, "user,rank,movieId,title,year,genres,score,rating,reason", err));
    return buf_puts(out, p->explain ? ",explanation\n" : "\n", err);
}

enum status print_results(const struct printer *p, const uint32_t *user,
                          const struct printed *results, size_t count, struct buf *out,
                          struct error *err) {
    if (p->format == FORMAT_TABLE) return print_table(p, results, count, out, err);
    for (size_t i = 0; i < count; i++) {
        TRY(p->format == FORMAT_CSV ? csv_row(p, user, i + 1, &results[i], out, err)
                                    : json_row(p, user, i + 1, &results[i], out, err));
    }
    return STATUS_OK;
}
