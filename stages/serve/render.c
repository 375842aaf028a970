#include "stages/serve/render.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/rating_scale.h"
#include "common/data/title_search.h"

#include <math.h>

int render_add(json_t *object, const char *key, json_t *value) {
    return json_object_set_new(object, key, value) != 0;
}

json_t *render_done(json_t *object, int bad) {
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

static int add_real(json_t *object, const char *key, double value) {
    return render_add(object, key, isfinite(value) ? json_real(value) : json_null());
}

static json_t *render_genres(const struct catalogue *c, uint32_t movie) {
    json_t *list = json_array();
    int bad = list == NULL;
    for (uint64_t e = c->genre_offset[movie]; e < c->genre_offset[movie + 1]; e++) {
        bad |= json_array_append_new(list,
                                     json_string(strings_get(&c->genre_name, c->genre_index[e])));
    }
    return render_done(list, bad);
}

static json_t *render_terms(const struct snapshot *snapshot, const uint32_t *term, size_t n) {
    json_t *list = json_array();
    int bad = list == NULL;
    for (size_t i = 0; i < n; i++) {
        bad |= json_array_append_new(
            list, json_string(strings_get(&snapshot->content->term_name, term[i])));
    }
    return render_done(list, bad);
}

json_t *render_movie(const struct snapshot *snapshot, uint32_t movie) {
    const struct catalogue *c = snapshot->catalogue;
    json_t *o = json_object();
    int bad = render_add(o, "movieId", json_integer(c->movie_id[movie]));
    bad |= render_add(o, "title", json_string(strings_get(&c->title, movie)));
    bad |= render_add(o, "year", c->year[movie] == 0 ? json_null() : json_integer(c->year[movie]));
    bad |= render_add(o, "genres", render_genres(c, movie));
    bad |= render_add(o, "ratings", json_integer(snapshot->models->baseline.popularity[movie]));
    bad |= add_real(o, "mean", (double)snapshot->mean[movie]);
    return render_done(o, bad);
}

/* ---- why ---- */

/* "because of Toy Story (1995): animation, pixar"; without decades, which say little. */
static json_t *render_reason(const struct snapshot *snapshot, const struct pick *pick) {
    AUTO(buf) struct buf text = {0};
    if (pick->n_evidence == 0) return json_string("popular with many");
    const struct evidence *e = &pick->evidence[0];
    size_t n_told = 0;
    if (buf_puts(&text, "because of ", NULL) != STATUS_OK ||
        movie_append_title(snapshot->catalogue, e->movie, &text, NULL) != STATUS_OK) {
        return NULL;
    }
    for (size_t i = 0; i < e->n_terms && n_told < 3; i++) {
        if (snapshot->content->term_group[e->term[i]] == TERM_DECADE) continue;
        const char *term = strings_get(&snapshot->content->term_name, e->term[i]);
        if (buf_printf(&text, NULL, "%s%s", n_told++ == 0 ? ": " : ", ", term) != STATUS_OK) {
            return NULL;
        }
    }
    return json_string(text.data);
}

static json_t *render_evidence(const struct snapshot *snapshot, const struct pick *pick) {
    json_t *list = json_array();
    int bad = list == NULL;
    for (size_t i = 0; i < pick->n_evidence; i++) {
        const struct evidence *e = &pick->evidence[i];
        json_t *o = json_object();
        int wrong = render_add(o, "movieId", json_integer(snapshot->catalogue->movie_id[e->movie]));
        const char *title = strings_get(&snapshot->catalogue->title, e->movie);
        wrong |= render_add(o, "title", json_string(title));
        wrong |= add_real(o, "rating", stars_of(e->value));
        wrong |= add_real(o, "content", (double)e->cosine);
        wrong |= add_real(o, "taste", (double)e->weight);
        wrong |= render_add(o, "shared", render_terms(snapshot, e->term, e->n_terms));
        bad |= json_array_append_new(list, render_done(o, wrong));
    }
    return render_done(list, bad);
}

static int add_part(json_t *list, const char *name, double contribution) {
    json_t *o = json_object();
    int bad = render_add(o, "name", json_string(name));
    bad |= add_real(o, "contribution", contribution);
    return bad | (json_array_append_new(list, render_done(o, bad)) != 0);
}

static int add_group(json_t *list, const struct ranker *r, const struct attribution *a,
                     const struct group_share *group) {
    if (group->strongest == SIZE_MAX) return add_part(list, group->name, group->contribution);
    size_t j = group->strongest;
    json_t *o = json_object(), *most = json_object();
    int bad = render_add(most, "feature", json_string(ranker_feature_name(r, j)));
    bad |= add_real(most, "value", (double)a->x[j]);
    bad |= add_real(most, "usual", (double)ranker_feature_means(r)[j]);
    bad |= add_real(most, "contribution", a->feature[j]);
    bad |= render_add(o, "name", json_string(group->name));
    bad |= add_real(o, "contribution", group->contribution);
    bad |= render_add(o, "strongest", render_done(most, bad));
    return bad | (json_array_append_new(list, render_done(o, bad)) != 0);
}

/* Parts that sum to the score: baseline, feature groups, and the residual of the integration. */
static json_t *render_explanation(const struct snapshot *snapshot, const struct pick *pick) {
    const struct attribution *a = &pick->attribution;
    const struct ranker *r = recommender_ranker(snapshot->recommender);
    json_t *o = json_object(), *parts = json_array();
    int bad = parts == NULL || add_part(parts, "baseline", a->baseline);
    for (size_t i = 0; i < pick->n_groups; i++) {
        bad |= add_group(parts, r, a, &pick->group[i]);
    }
    bad |= add_part(parts, "residual", a->residual);
    bad |= add_real(o, "score", a->score);
    bad |= render_add(o, "parts", parts);
    return render_done(o, bad);
}

json_t *render_pick(const struct snapshot *snapshot, const struct pick *pick) {
    json_t *o = render_movie(snapshot, pick->recommendation.movie);
    if (o == NULL) return NULL;
    int bad = add_real(o, "score", (double)pick->recommendation.score);
    if (!isnan(pick->recommendation.rating)) {
        bad |= add_real(o, "predicted", (double)pick->recommendation.rating);
    }
    if (!pick->explained) return render_done(o, bad);
    bad |= render_add(o, "reason", render_reason(snapshot, pick));
    bad |= render_add(o, "evidence", render_evidence(snapshot, pick));
    bad |= render_add(o, "explanation", render_explanation(snapshot, pick));
    return render_done(o, bad);
}

json_t *render_scored(const struct snapshot *snapshot, struct scored s, const char *weight,
                      uint32_t with) {
    json_t *o = render_movie(snapshot, s.id);
    if (o == NULL) return NULL;
    int bad = weight != NULL && add_real(o, weight, (double)s.score);
    if (with == NO_INDEX) return render_done(o, bad);
    uint32_t term[EVIDENCE_TERMS];
    float product[EVIDENCE_TERMS];
    size_t n = content_shared_terms(snapshot->content, with, s.id, term, product, EVIDENCE_TERMS);
    return render_done(o, bad | render_add(o, "shared", render_terms(snapshot, term, n)));
}

json_t *render_history(const struct snapshot *snapshot, const struct profile *p, size_t max) {
    json_t *list = json_array();
    int bad = list == NULL;
    const struct history_buffer *h = &p->history;
    for (size_t i = h->count; i-- > 0 && h->count - i <= max;) {
        json_t *o = render_movie(snapshot, h->movie[i]);
        int wrong = o == NULL || add_real(o, "rating", stars_of(h->value[i])) ||
                    render_add(o, "timestamp", json_integer(h->time[i]));
        bad |= json_array_append_new(list, render_done(o, wrong));
    }
    return render_done(list, bad);
}
