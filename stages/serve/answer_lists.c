/* Answers that are lists of movies. */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/utf8.h"
#include "common/data/catalogue.h"
#include "common/data/rating_scale.h"
#include "stages/serve/body.h"
#include "stages/serve/render.h"
#include "stages/serve/request_scope.h"
#include "stages/serve/route.h"

#include <math.h>
#include <string.h>

/* ---- filters ---- */

static enum status same_genre(const char *typed, size_t size, const char *name, bool *same,
                              struct error *err) {
    AUTO(buf) struct buf a = {0}, b = {0};
    TRY(utf8_normalise(typed, size, &a, err));
    TRY(utf8_normalise(name, strlen(name), &b, err));
    *same = a.size > 0 && a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
    return STATUS_OK;
}

/* wanted[n_genres] of a list of names. */
static enum status parse_genres(const struct catalogue *c, const char *text, bool *wanted,
                                struct reply *out, struct error *err) {
    while (text != NULL) {
        size_t size = strcspn(text, ",");
        bool found = false;
        for (uint32_t g = 0; g < c->n_genres && !found; g++) {
            TRY(same_genre(text, size, strings_get(&c->genre_name, g), &found, err));
            wanted[g] |= found;
        }
        if (!found) {
            return reply_fail(out, 400, err,
                              "genre: there is none called \"%.*s\"; see /api/genres", (int)size,
                              text);
        }
        text = text[size] == '\0' ? NULL : text + size + 1;
    }
    return STATUS_OK;
}

/* *genre is mem_free'd by the caller. */
static enum status parse_filter(const struct request *q, const struct catalogue *c,
                                struct recommend_filter *filter, bool **genre, struct reply *out,
                                struct error *err) {
    const struct param_value *names = request_value(q, "genre");
    const struct param_value *from = request_value(q, "year_from");
    const struct param_value *to = request_value(q, "year_to");
    *filter = (struct recommend_filter){0};
    if (names->given && names->text[0] != '\0') {
        TRY(MEM_NEW(genre, c->n_genres, err));
        TRY(parse_genres(c, names->text, *genre, out, err));
        filter->genre = *genre;
    }
    if (!from->given && !to->given) return STATUS_OK;
    filter->year_first = from->given ? (uint16_t)from->integer : 1;
    filter->year_last = to->given ? (uint16_t)to->integer : UINT16_MAX;
    if (filter->year_first <= filter->year_last) return STATUS_OK;
    return reply_fail(out, 400, err, "year_from: is after year_to");
}

/* ---- recommendations ---- */

struct asked {
    struct wish wish;
    bool *genre;
    uint32_t *exclude;
};

static void asked_release(struct asked *a) {
    mem_free(a->genre);
    mem_free(a->exclude);
}

static enum status parse_wish(const struct request *q, const struct catalogue *c, struct asked *a,
                              struct reply *out, struct error *err) {
    const struct param_value *exclude = request_value(q, "exclude");
    size_t n = exclude->text == NULL ? 0 : strlen(exclude->text) / 2 + 1;
    TRY(parse_filter(q, c, &a->wish.filter, &a->genre, out, err));
    TRY(MEM_NEW(&a->exclude, n, err));
    a->wish.n_exclude = params_ids(exclude->text, a->exclude, n);
    a->wish.exclude = a->exclude;
    a->wish.n = (size_t)request_value(q, "n")->integer;
    a->wish.offset = (size_t)request_value(q, "offset")->integer;
    a->wish.diversity = request_value(q, "diversity")->real;
    a->wish.explain = request_value(q, "explain")->integer != 0;
    return STATUS_OK;
}

static enum status give(struct reply *out, json_t *json, struct error *err) {
    if (json == NULL) return error_set(err, STATUS_FAILED, "out of memory");
    out->json = json;
    return STATUS_OK;
}

static json_t *render_picks(const struct request_scope *scope, const struct wish *wish,
                            const struct picks *picks) {
    json_t *o = json_object(), *list = json_array();
    int bad = list == NULL;
    for (size_t i = 0; i < picks->count; i++) {
        json_t *pick = render_pick(scope->snapshot, &picks->pick[i]);
        if (pick != NULL) {
            bad |= render_add(pick, "rank",
                              json_integer((json_int_t)wish->offset + (json_int_t)i + 1));
        }
        bad |= json_array_append_new(list, pick);
    }
    bad |= render_add(o, "movies", list);
    bad |= render_add(o, "history", json_integer((json_int_t)scope->profile.history.count));
    bad |= render_add(o, "generation", json_integer(scope->snapshot->number));
    return render_done(o, bad);
}

static enum status recommend(struct request_scope *scope, const struct request *q,
                             struct reply *out, struct error *err) {
    AUTO(asked) struct asked asked = {0};
    AUTO(picks) struct picks picks = {0};
    TRY(parse_wish(q, scope->snapshot->catalogue, &asked, out, err));
    TRY(request_scope_prepare(scope, q, out, err));
    TRY(engine_recommend(scope->snapshot, scope->work, &scope->profile, &asked.wish, &picks, err));
    return give(out, render_picks(scope, &asked.wish, &picks), err);
}

enum status answer_recommend(struct service *s, const struct request *q, struct reply *out,
                             struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    TRY(request_scope_user(&scope, (uint32_t)request_value(q, "user")->integer, out, err));
    TRY(recommend(&scope, q, out, err));
    bool known = scope.profile.user != NO_INDEX || scope.profile.n_events > 0;
    json_t *o = out->json;
    if (render_add(o, "userId", json_integer(scope.profile.id)) ||
        render_add(o, "known", json_boolean(known))) {
        return error_set(err, STATUS_FAILED, "out of memory");
    }
    return STATUS_OK;
}

enum status answer_session(struct service *s, const struct request *q, struct reply *out,
                           struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    AUTO(user_events) struct user_events events = {0};
    request_scope_begin(&scope);
    if (body_session(q->body, q->body_size, scope.snapshot, &events, err) != STATUS_OK) {
        return body_failed(out, err);
    }
    TRY(profile_of_events(&scope.profile, scope.snapshot, events.event, events.count, err));
    return recommend(&scope, q, out, err);
}

enum status answer_predict(struct service *s, const struct request *q, struct reply *out,
                           struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    struct recommendation r;
    uint32_t movie = 0;
    TRY(request_scope_user(&scope, (uint32_t)request_value(q, "user")->integer, out, err));
    TRY(request_scope_movie(&scope, (uint32_t)request_value(q, "movie")->integer, &movie, out,
                            err));
    TRY(request_scope_prepare(&scope, q, out, err));
    TRY(recommend_score(scope.work, &movie, 1, &r, err));
    uint8_t rated = profile_value(&scope.profile, movie);
    json_t *o = json_object();
    int bad = render_add(o, "userId", json_integer(scope.profile.id));
    bad |= render_add(o, "movieId", json_integer(scope.snapshot->catalogue->movie_id[movie]));
    bad |= render_add(o, "predicted", isnan(r.rating) ? json_null() : json_real((double)r.rating));
    bad |= render_add(o, "score", json_real((double)r.score));
    bad |= render_add(o, "rated", rated == 0 ? json_null() : json_real(stars_of(rated)));
    return give(out, render_done(o, bad), err);
}

/* ---- lists without a user ---- */

static json_t *render_list(const struct snapshot *snapshot, const struct scored *list, size_t n,
                           const char *weight, uint32_t with) {
    json_t *o = json_object(), *movies = json_array();
    int bad = movies == NULL;
    for (size_t i = 0; i < n; i++) {
        bad |= json_array_append_new(movies, render_scored(snapshot, list[i], weight, with));
    }
    bad |= render_add(o, "movies", movies);
    return render_done(o, bad);
}

enum status answer_similar(struct service *s, const struct request *q, struct reply *out,
                           struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    MEM_AUTO bool *genre = NULL;
    struct recommend_filter filter;
    struct scored list[WISH_MAX_N];
    size_t count = 0;
    uint32_t movie = 0;
    request_scope_begin(&scope);
    TRY(request_scope_movie(&scope, (uint32_t)request_value(q, "movie")->integer, &movie, out,
                            err));
    TRY(parse_filter(q, scope.snapshot->catalogue, &filter, &genre, out, err));
    TRY(engine_similar(scope.snapshot, (enum similar_kind)request_value(q, "by")->integer, movie,
                       &filter, (size_t)request_value(q, "n")->integer, list, &count, err));
    return give(out, render_list(scope.snapshot, list, count, "similarity", movie), err);
}

enum status answer_popular(struct service *s, const struct request *q, struct reply *out,
                           struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    MEM_AUTO bool *genre = NULL;
    struct recommend_filter filter;
    struct scored list[WISH_MAX_N];
    size_t count = 0;
    request_scope_begin(&scope);
    TRY(parse_filter(q, scope.snapshot->catalogue, &filter, &genre, out, err));
    TRY(engine_popular(scope.snapshot, &filter, (size_t)request_value(q, "n")->integer, list,
                       &count, err));
    return give(out, render_list(scope.snapshot, list, count, NULL, NO_INDEX), err);
}

enum status answer_movies(struct service *s, const struct request *q, struct reply *out,
                          struct error *err) {
    AUTO(request_scope) struct request_scope scope = {.service = s};
    struct search_hit hits[WISH_MAX_N];
    struct scored list[WISH_MAX_N];
    size_t count = 0;
    request_scope_begin(&scope);
    TRY(search_find(scope.snapshot->search, request_value(q, "q")->text, hits,
                    (size_t)request_value(q, "n")->integer, &count, err));
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct scored){hits[i].score, hits[i].movie};
    }
    return give(out, render_list(scope.snapshot, list, count, "match", NO_INDEX), err);
}
