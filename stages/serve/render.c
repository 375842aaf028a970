#include "stages/serve/render.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/rating_scale.h"

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

static json_t *render_reason(const struct snapshot *snapshot, const struct given_reason *r) {
    AUTO(buf) struct buf text = {0};
    if (recommender_say(snapshot->recommender, r, &text, NULL) != STATUS_OK) return NULL;
    return json_string(text.data);
}

static json_t *render_reasons(const struct snapshot *snapshot, const struct pick *pick) {
    json_t *list = json_array();
    int bad = list == NULL;
    for (size_t i = 0; i < pick->n_reasons; i++) {
        const struct given_reason *r = &pick->reason[i];
        json_t *o = json_object();
        int wrong = render_add(o, "kind", json_string(reason_kind_name(r->kind)));
        wrong |= add_real(o, "bits", r->bits);
        wrong |= render_add(o, "text", render_reason(snapshot, r));
        if (r->because != NO_INDEX) {
            json_int_t id = snapshot->catalogue->movie_id[r->because];
            wrong |= render_add(o, "movieId", json_integer(id));
        }
        bad |= json_array_append_new(list, render_done(o, wrong));
    }
    return render_done(list, bad);
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

static json_t *render_part(const char *name, double contribution) {
    json_t *o = json_object();
    int bad = render_add(o, "name", json_string(name));
    bad |= render_add(o, "meaning", json_string(attribution_meaning(name)));
    bad |= add_real(o, "contribution", contribution);
    return render_done(o, bad);
}

static json_t *render_strongest(const struct recommender *r, const struct attribution *a,
                                size_t feature) {
    const struct ranker *ranker = recommender_ranker(r);
    AUTO(buf) struct buf meaning = {0};
    if (recommender_append_meaning(r, feature, &meaning, NULL) != STATUS_OK) return NULL;
    json_t *o = json_object();
    int bad = render_add(o, "feature", json_string(ranker_feature_name(ranker, feature)));
    bad |= render_add(o, "meaning", json_string(meaning.data));
    bad |= add_real(o, "value", (double)a->x[feature]);
    bad |= add_real(o, "usual", (double)ranker_feature_means(ranker)[feature]);
    bad |= add_real(o, "contribution", a->feature[feature]);
    return render_done(o, bad);
}

static json_t *render_group(const struct recommender *r, const struct attribution *a,
                            const struct group_share *group) {
    json_t *o = render_part(group->name, group->contribution);
    if (o == NULL || group->strongest == SIZE_MAX) return o;
    return render_done(o, render_add(o, "strongest", render_strongest(r, a, group->strongest)));
}

/* Parts that sum to the score: baseline, feature groups, and the residual of the integration. */
static json_t *render_explanation(const struct snapshot *snapshot, const struct pick *pick) {
    const struct attribution *a = &pick->attribution;
    json_t *o = json_object(), *parts = json_array();
    int bad = json_array_append_new(parts, render_part("baseline", a->baseline));
    for (size_t i = 0; i < pick->n_groups; i++) {
        json_t *group = render_group(snapshot->recommender, a, &pick->group[i]);
        bad |= json_array_append_new(parts, group);
    }
    bad |= json_array_append_new(parts, render_part("residual", a->residual));
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
    bad |= render_add(o, "reason", render_reason(snapshot, &pick->reason[0]));
    bad |= render_add(o, "reasons", render_reasons(snapshot, pick));
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
