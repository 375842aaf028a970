#include "common/ranking/reasons.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/rating_scale.h"
#include "common/data/title_search.h"
#include "common/data/title_series.h"
#include "common/ranking/audience.h"
#include "common/ranking/evidence.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum { MOST_EVIDENCE = 32, THEMES = 8, LEAST_FANS = 10, LEAST_BOTH = 5, LEAST_POPULAR = 20 };
enum { LEAST_RECENT = 10, LEAST_TAGGERS = 2, LEAST_TAGGED = 3, TOLD_COUNT = 3 };
static const double USUAL_SHRINKAGE = 5, THEME_SHRINKAGE = 2; /* ratings */
static const double Z = 1.6449;                               /* of a 90 % interval */
static const double LEAST_BITS = 0.2;
static const double LEAST_STARS = 3, LEAST_ABOVE_MEAN = 0.25;

struct reason_facts {
    const struct catalogue *catalogue;
    const struct content *content;
    const struct models *models;
    struct audience audience;
    struct title_series series;
    double series_bits;
    bool *praise; /* [n_terms] genres and tags that may be told */
};

const char *reason_kind_name(enum reason_kind kind) {
    static const char *const names[REASON_KINDS] = {"people",     "seen",       "series", "theme",
                                                    "popularity", "prediction", "none"};
    return names[kind];
}

/* ---- facts of the view ---- */

/* The lower end of the Wilson interval of a share k of n. */
static double share_at_least(double k, double n) {
    if (!(n > 0)) return 0;
    double p = k / n, z2 = Z * Z / n;
    return (p + z2 / 2 - Z * sqrt(p * (1 - p) / n + z2 / (4 * n))) / (1 + z2);
}

/* Pairs of movies of a series are loved by so many more people than by chance: fans of both over
 * fans * fans / people, summed over all pairs, the former less Z times its root. */
static double measure_series(const struct reason_facts *f) {
    const struct audience *a = &f->audience;
    double both = 0, chance = 0;
    for (uint32_t i = 0; i < a->n_movies; i++) {
        uint32_t group = f->series.group[i];
        if (group == NO_INDEX) continue;
        for (uint32_t j = i + 1; j < a->n_movies; j++) {
            if (f->series.group[j] != group) continue;
            both += audience_fans_of_both(a, i, j);
            chance += (double)audience_fans(a, i) * audience_fans(a, j) / a->n_people;
        }
    }
    return both > 0 ? log2((both - Z * sqrt(both)) / chance) : 0;
}

/* merit[n_terms], movies[n_terms]: means over the rated movies that have a term, and how many. */
static void average_merit(const struct reason_facts *f, double *merit, uint32_t *movies) {
    const struct csr *terms = &f->content->terms;
    for (uint32_t m = 0; m < terms->n_rows; m++) {
        if (f->audience.raters[m] == 0) continue;
        for (uint64_t e = terms->offset[m]; e < terms->offset[m + 1]; e++) {
            merit[terms->column[e]] += (double)f->audience.merit[m];
            movies[terms->column[e]]++;
        }
    }
    for (uint32_t t = 0; t < terms->n_columns; t++) {
        if (movies[t] > 0) merit[t] /= movies[t];
    }
}

static bool is_praise(const struct content *c, uint32_t t, double merit, uint32_t movies) {
    if (c->term_group[t] == TERM_GENRE) return strings_get(&c->term_name, t)[0] != '(';
    if (c->term_group[t] != TERM_TAG || !(merit > 0)) return false;
    if (c->term_users != NULL && c->term_users[t] < LEAST_TAGGERS) return false;
    bool known = c->term_valence != NULL && !isnan(c->term_valence[t]);
    return known ? c->term_valence[t] > 0 : movies >= LEAST_TAGGED;
}

static enum status find_praise(struct reason_facts *f, struct error *err) {
    MEM_AUTO double *merit = NULL;
    MEM_AUTO uint32_t *movies = NULL;
    uint32_t n = f->content->n_terms;
    TRY(MEM_NEW(&merit, n, err));
    TRY(MEM_NEW(&movies, n, err));
    TRY(MEM_NEW(&f->praise, n, err));
    average_merit(f, merit, movies);
    for (uint32_t t = 0; t < n; t++) {
        f->praise[t] = is_praise(f->content, t, merit[t], movies[t]);
    }
    return STATUS_OK;
}

static enum status compute(struct reason_facts *f, const struct ratings *ratings,
                           struct error *err) {
    TRY(audience_compute(&f->audience, ratings, err));
    TRY(title_series_find(&f->series, f->catalogue, err));
    f->series_bits = measure_series(f);
    return find_praise(f, err);
}

enum status reason_facts_create(struct reason_facts **out, const struct catalogue *catalogue,
                                const struct ratings *ratings, const struct content *content,
                                const struct models *models, struct error *err) {
    struct reason_facts *f = NULL;
    *out = NULL;
    TRY(MEM_NEW(&f, 1, err));
    f->catalogue = catalogue;
    f->content = content;
    f->models = models;
    enum status status = compute(f, ratings, err);
    if (status != STATUS_OK) {
        reason_facts_release(f);
        return status;
    }
    *out = f;
    return STATUS_OK;
}

void reason_facts_release(struct reason_facts *f) {
    if (f == NULL) return;
    audience_release(&f->audience);
    title_series_release(&f->series);
    mem_free(f->praise);
    mem_free(f);
}

/* ---- one user and one movie ---- */

struct asked {
    const struct reason_facts *f;
    const struct history *h;
    uint32_t self, movie;
    double stars;
    uint8_t love; /* love_of the history */
    double usual; /* share of the history that is loved, shrunken */
    double mean;  /* of the history, stars */
    struct evidence evidence[MOST_EVIDENCE];
    size_t n_evidence;
};

static void look_at_history(struct asked *q) {
    double loved = 0, sum = 0, n = (double)q->h->count;
    q->love = love_of(q->h->value, q->h->count);
    for (size_t i = 0; i < q->h->count; i++) {
        loved += q->h->value[i] >= q->love;
        sum += stars_of(q->h->value[i]);
    }
    q->usual = (loved + USUAL_SHRINKAGE * q->f->audience.loved_share) / (n + USUAL_SHRINKAGE);
    q->mean = n > 0 ? sum / n : 0;
}

/* Keeps of two reasons of a kind the stronger, of equals the first. */
static void keep(struct given_reason *best, const struct given_reason *r) {
    if (r->bits > best->bits) *best = *r;
}

/* Whether the user is among those who are counted. */
static bool is_fan(const struct asked *q, uint32_t movie) {
    return q->self != NO_INDEX && audience_is_fan(&q->f->audience, movie, q->self);
}

static bool has_rated(const struct asked *q, uint32_t movie) {
    if (q->self == NO_INDEX) return false;
    const struct ratings *r = q->f->audience.ratings;
    return index_among(r->by_movie_user + r->by_movie_offset[movie], q->f->audience.raters[movie],
                       q->self);
}

/* The strongest that those say who loved a movie that the user loved, `kind` people or seen. */
static struct given_reason others(const struct asked *q, enum reason_kind kind) {
    const struct audience *a = &q->f->audience;
    bool love = kind == REASON_PEOPLE;
    bool self = love ? is_fan(q, q->movie) : has_rated(q, q->movie);
    double all = (double)(love ? audience_fans(a, q->movie) : a->raters[q->movie]) - self;
    double share = all / (a->n_people - (q->self != NO_INDEX));
    struct given_reason best = {.kind = kind};
    for (size_t i = 0; i < q->n_evidence; i++) {
        const struct evidence *e = &q->evidence[i];
        if (e->value < q->love) continue;
        bool fan = is_fan(q, e->movie);
        struct given_reason r = {.kind = kind, .because = e->movie, .value = e->value};
        r.of = audience_fans(a, e->movie) - fan;
        if (r.of < LEAST_FANS) continue;
        r.n = love ? audience_fans_of_both(a, e->movie, q->movie)
                   : audience_fans_who_rated(a, e->movie, q->movie);
        r.n -= self && fan;
        if (r.n < LEAST_BOTH) continue;
        r.lift = (double)r.n / r.of / share;
        r.bits = log2(share_at_least(r.n, r.of) / share);
        keep(&best, &r);
    }
    return best;
}

static struct given_reason people(const struct asked *q) {
    const struct given_reason loved = others(q, REASON_PEOPLE);
    return loved.bits >= LEAST_BITS ? loved : others(q, REASON_SEEN);
}

/* Of the loved movies of the series the newest in the history. */
static struct given_reason series(const struct asked *q) {
    struct given_reason r = {.kind = REASON_SERIES};
    const uint32_t *group = q->f->series.group;
    for (size_t i = 0; i < q->h->count && group[q->movie] != NO_INDEX; i++) {
        uint32_t m = q->h->movie[i];
        if (m == q->movie || group[m] != group[q->movie] || q->h->value[i] < q->love) continue;
        r.because = m;
        r.value = q->h->value[i];
        r.bits = q->f->series_bits;
    }
    return r;
}

static bool has_term(const struct csr *terms, uint32_t movie, uint32_t term) {
    uint64_t first = terms->offset[movie];
    return index_among(terms->column + first, terms->offset[movie + 1] - first, term);
}

static bool has_theme(const struct reason_facts *f, uint32_t movie, const struct given_reason *r) {
    bool has = true;
    for (size_t i = 0; i < r->n_genres; i++) {
        has = has && has_term(&f->content->terms, movie, r->genre[i]);
    }
    for (size_t i = 0; i < r->n_tags; i++) {
        has = has && has_term(&f->content->terms, movie, r->tag[i]);
    }
    return has;
}

/* Counts the movies of the history that have the theme. */
static void weigh_theme(const struct asked *q, struct given_reason *r) {
    if (r->n_genres + r->n_tags == 0) return;
    for (size_t i = 0; i < q->h->count; i++) {
        uint32_t m = q->h->movie[i];
        if (m == q->movie || !has_theme(q->f, m, r)) continue;
        r->of++;
        r->n += q->h->value[i] >= q->love;
    }
    double share = (r->n + THEME_SHRINKAGE * q->usual) / (r->of + THEME_SHRINKAGE);
    r->bits = log2(share / q->usual);
}

/* A tag that is one of the genres says nothing more. */
static bool is_genre(const struct content *c, uint32_t tag) {
    for (uint32_t t = 0; t < c->n_terms && c->term_group[t] == TERM_GENRE; t++) {
        if (strcasecmp(strings_get(&c->term_name, t), strings_get(&c->term_name, tag)) == 0) {
            return true;
        }
    }
    return false;
}

/* The theme that the movie shares with one of the history, with tags or with genres alone. */
static struct given_reason shared_theme(const struct asked *q, const struct evidence *e,
                                        bool tags) {
    enum { TERMS = 24 };
    const struct content *c = q->f->content;
    struct given_reason r = {.kind = REASON_THEME, .because = e->movie, .value = e->value};
    uint32_t term[TERMS];
    float product[TERMS];
    size_t n = content_shared_terms(c, e->movie, q->movie, term, product, TERMS);
    for (size_t i = 0; i < n && tags; i++) {
        bool fits = c->term_group[term[i]] == TERM_TAG && q->f->praise[term[i]];
        if (fits && r.n_tags < REASON_TERMS && !is_genre(c, term[i])) r.tag[r.n_tags++] = term[i];
    }
    if (tags && r.n_tags == 0) return r;
    size_t most = r.n_tags > 0 ? 1 : REASON_TERMS;
    for (size_t i = 0; i < n && r.n_genres < most; i++) {
        bool fits = c->term_group[term[i]] == TERM_GENRE && q->f->praise[term[i]];
        if (fits) r.genre[r.n_genres++] = term[i];
    }
    weigh_theme(q, &r);
    return r;
}

static struct given_reason theme(const struct asked *q) {
    struct given_reason best = {.kind = REASON_THEME};
    size_t looked_at = 0;
    for (size_t i = 0; i < q->n_evidence && looked_at < THEMES; i++) {
        const struct evidence *e = &q->evidence[i];
        if (e->value < q->love) continue;
        const struct given_reason with = shared_theme(q, e, true),
                                  without = shared_theme(q, e, false);
        keep(&best, &with);
        keep(&best, &without);
        looked_at++;
    }
    return best;
}

static struct given_reason popularity(const struct asked *q) {
    const struct audience *a = &q->f->audience;
    struct given_reason best = {.kind = REASON_POPULARITY, .because = NO_INDEX};
    struct given_reason all = {
        .kind = REASON_POPULARITY, .of = a->raters[q->movie], .n = audience_fans(a, q->movie)};
    struct given_reason lately = {.kind = REASON_POPULARITY,
                                  .because = NO_INDEX,
                                  .of = a->recent[q->movie],
                                  .n = a->recent_fans[q->movie],
                                  .recent = true};
    all.bits = log2(share_at_least(all.n, all.of) / a->loved_share);
    lately.bits = log2(share_at_least(lately.n, lately.of) / a->loved_share);
    if (all.of >= a->popular && all.of >= LEAST_POPULAR) keep(&best, &all);
    bool among_top = a->has_recent && lately.of >= a->recent_top;
    if (among_top && lately.of >= LEAST_RECENT) keep(&best, &lately);
    return best;
}

static struct given_reason prediction(const struct asked *q) {
    struct given_reason r = {
        .kind = REASON_PREDICTION, .because = NO_INDEX, .stars = q->stars, .mean = q->mean};
    r.spread = (double)audience_spread(&q->f->audience, q->f->audience.raters[q->movie]);
    if (q->h->count == 0 || !(r.spread > 0) || !(q->stars >= LEAST_STARS) ||
        q->stars < q->mean + LEAST_ABOVE_MEAN) {
        return r;
    }
    double least = stars_of(q->love == LOVE_NEVER ? 9 : q->love) - 0.25;
    r.bits = log2(0.5 * erfc((least - q->stars) / r.spread / sqrt(2)) / q->usual);
    return r;
}

/* Inserts into out[0..count), strongest first; what says too little is left out. */
static size_t insert(struct given_reason *out, size_t count, const struct given_reason *r) {
    if (!(r->bits >= LEAST_BITS) || isinf(r->bits)) return count;
    size_t place = count;
    for (; place > 0 && out[place - 1].bits < r->bits; place--) {
        out[place] = out[place - 1];
    }
    out[place] = *r;
    return count + 1;
}

size_t reasons_find(const struct reason_facts *f, const struct reason_user *user, uint32_t movie,
                    double stars, struct given_reason out[REASON_KINDS]) {
    static struct given_reason (*const kinds[])(const struct asked *) = {people, series, theme,
                                                                         popularity, prediction};
    struct asked q = {.f = f, .h = user->history, .self = user->self, .movie = movie};
    q.stars = stars;
    look_at_history(&q);
    q.n_evidence = explain_evidence(f->content, f->models, q.h, movie, q.evidence, MOST_EVIDENCE);
    size_t count = 0;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const struct given_reason r = kinds[k](&q);
        count = insert(out, count, &r);
    }
    if (count == 0) out[count++] = (struct given_reason){.kind = REASON_NONE, .because = NO_INDEX};
    for (size_t i = 0; i < count; i++) {
        out[i].movie = movie;
    }
    return count;
}

/* ---- wording ---- */

static enum status append_because(const struct reason_facts *f, const struct given_reason *r,
                                  struct buf *out, struct error *err) {
    return movie_append_title(f->catalogue, r->because, out, err);
}

static enum status append_people(const struct reason_facts *f, const struct given_reason *r,
                                 struct buf *out, struct error *err) {
    TRY(buf_printf(out, err, "%u of the %u others who loved ", r->n, r->of));
    TRY(append_because(f, r, out, err));
    return buf_printf(out, err, " %s this too, %.1f times the usual share",
                      r->kind == REASON_PEOPLE ? "loved" : "saw", r->lift);
}

static enum status append_series(const struct reason_facts *f, const struct given_reason *r,
                                 struct buf *out, struct error *err) {
    const struct title_part *part = &f->series.part[r->movie];
    const char *title = strings_get(&f->catalogue->title, r->movie);
    if (part->said || part->number > 1) {
        TRY(buf_printf(out, err, "part %u of", part->number));
    } else {
        TRY(buf_puts(out, "another", err));
    }
    TRY(buf_printf(out, err, " \"%.*s\"; you gave ", (int)part->name_size, title));
    TRY(append_because(f, r, out, err));
    return buf_printf(out, err, " %.1f stars", stars_of(r->value));
}

static enum status append_theme(const struct reason_facts *f, const struct given_reason *r,
                                struct buf *out, struct error *err) {
    const struct strings *names = &f->content->term_name;
    for (size_t i = 0; i < r->n_genres; i++) {
        TRY(buf_printf(out, err, "%s%s", i > 0 ? " and " : "", strings_get(names, r->genre[i])));
    }
    if (r->n_tags > 0) TRY(buf_puts(out, r->n_genres > 0 ? " tagged " : "tagged ", err));
    for (size_t i = 0; i < r->n_tags; i++) {
        const char *name = strings_get(names, r->tag[i]);
        TRY(buf_printf(out, err, "%s\"%s\"", i > 0 ? " and " : "", name));
    }
    if (r->of < TOLD_COUNT) {
        TRY(buf_puts(out, ", as in ", err));
        TRY(append_because(f, r, out, err));
        return buf_printf(out, err, ", which you gave %.1f stars", stars_of(r->value));
    }
    TRY(buf_printf(out, err, ": you loved %u of the %u you rated, such as ", r->n, r->of));
    return append_because(f, r, out, err);
}

static enum status append_popularity(const struct reason_facts *f, const struct given_reason *r,
                                     struct buf *out, struct error *err) {
    const struct audience *a = &f->audience;
    if (!r->recent) {
        return buf_printf(out, err, "rated by %u of %u people, and loved by %u of them", r->of,
                          a->n_people, r->n);
    }
    struct tm day;
    time_t newest = (time_t)a->newest;
    char date[16] = "";
    if (gmtime_r(&newest, &day) != NULL) (void)strftime(date, sizeof date, "%Y-%m-%d", &day);
    return buf_printf(out, err, "%s of the %d days to %s: rated by %u people, and loved by %u",
                      r->of >= a->recent_most ? "most rated" : "one of the ten most rated",
                      (int)RECENT_DAYS, date, r->of, r->n);
}

static enum status append_prediction(const struct given_reason *r, struct buf *out,
                                     struct error *err) {
    return buf_printf(out, err, "we expect %.1f stars, give or take %.1f (your mean is %.1f)",
                      r->stars, r->spread, r->mean);
}

enum status reason_append(const struct reason_facts *f, const struct given_reason *r,
                          struct buf *out, struct error *err) {
    switch (r->kind) {
    case REASON_PEOPLE:
    case REASON_SEEN:
        return append_people(f, r, out, err);
    case REASON_SERIES:
        return append_series(f, r, out, err);
    case REASON_THEME:
        return append_theme(f, r, out, err);
    case REASON_POPULARITY:
        return append_popularity(f, r, out, err);
    case REASON_PREDICTION:
        return append_prediction(r, out, err);
    default:
        return buf_puts(out, "no single fact stands out: it is the sum of many small ones", err);
    }
}
