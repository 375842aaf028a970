#include "data/generate/viewer.h"

#include "common/base/mem.h"

#include <math.h>

/* ---- activity ---- */

/* Log-normal beyond the minimum, as MovieLens is roughly. */
static double activity(uint32_t user, uint64_t seed) {
    struct rng rng = rng_keyed(seed, "generate.activity", 0, user);
    return exp(1.35 * rng_normal(&rng));
}

static double activity_with_room(const uint32_t *counts, uint32_t n_users, uint32_t most,
                                 uint64_t seed) {
    double sum = 0.0;
    for (uint32_t u = 0; u < n_users; u++)
        if (counts[u] < most) sum += activity(u, seed);
    return sum;
}

/* Distributes `left` ratings by activity among the users below `most`; what rounding and the limit
 * leave over is distributed again, at least one each. */
static void share_out(uint32_t *counts, uint32_t n_users, uint64_t left, uint32_t most,
                      uint64_t seed) {
    while (left > 0) {
        double per_activity = (double)left / activity_with_room(counts, n_users, most, seed);
        bool trickle = left < n_users;
        for (uint32_t u = 0; u < n_users && left > 0; u++) {
            uint64_t add = (uint64_t)(activity(u, seed) * per_activity);
            uint64_t room = most - counts[u];
            if (trickle && add == 0) add = 1;
            if (add > room) add = room;
            if (add > left) add = left;
            counts[u] += (uint32_t)add;
            left -= add;
        }
    }
}

enum status viewer_counts(uint32_t *counts, uint32_t n_users, uint64_t total, uint32_t most,
                          uint64_t seed, struct error *err) {
    uint64_t least = (uint64_t)n_users * MIN_RATINGS;
    if (total < least || most < MIN_RATINGS || total > (uint64_t)n_users * most)
        return error_set(err, STATUS_USAGE,
                         "%llu ratings of %u users: each user gives %d to %u ratings (at most half "
                         "of the movies), so %llu to %llu together",
                         (unsigned long long)total, n_users, MIN_RATINGS, most,
                         (unsigned long long)least, (unsigned long long)n_users * most);
    for (uint32_t u = 0; u < n_users; u++)
        counts[u] = MIN_RATINGS;
    share_out(counts, n_users, total - least, most, seed);
    return STATUS_OK;
}

/* ---- one user ---- */

struct viewer {
    const struct world *world;
    struct viewer_work *work;
    struct rng rng;
    uint32_t stamp; /* mark of this user in work->seen */
    float taste[TASTE_DIM];
    double era;         /* favourite year */
    double bias, noise; /* stars */
    bool whole_stars, tags;
    double p_sequel, p_related, p_stay; /* momentum, different from user to user */
    int32_t last;                       /* movie watched last, or NO_MOVIE at the start */
    int64_t time;
    unsigned year; /* of `time` */
};

enum status viewer_work_create(struct viewer_work *out, const struct world *w, size_t most,
                               struct error *err) {
    *out = (struct viewer_work){0};
    TRY(MEM_NEW(&out->seen, w->n_movies, err));
    TRY(MEM_NEW(&out->interest, w->n_clusters, err));
    return MEM_NEW(&out->viewing, most, err);
}

void viewer_work_release(struct viewer_work *w) {
    mem_free(w->seen);
    mem_free(w->interest);
    mem_free(w->viewing);
    *w = (struct viewer_work){0};
}

/* Running sums of exp(taste match + era match) times a power of the cluster's popularity. */
static void weigh_interests(struct viewer *v) {
    double sum = 0.0;
    for (uint32_t i = 0; i < v->world->n_clusters; i++) {
        const struct cluster *c = &v->world->clusters[i];
        double years = (c->year - v->era) / 22.0;
        double match = 1.25 * (double)taste_dot(v->taste, c->taste) - 0.5 * years * years;
        sum += exp(match) * pow(c->shelf.sum[c->shelf.count], 0.7);
        v->work->interest[i] = sum;
    }
}

static struct viewer viewer_create(struct viewer_work *work, const struct world *w, uint32_t user,
                                   uint64_t seed) {
    struct viewer v = {.world = w, .work = work, .stamp = user + 1, .last = NO_MOVIE};
    v.rng = rng_keyed(seed, "generate.viewer", 0, user);
    for (size_t d = 0; d < TASTE_DIM; d++)
        v.taste[d] = (float)rng_normal(&v.rng);
    v.era = 1994.0 + 13.0 * rng_normal(&v.rng);
    v.bias = 0.38 * rng_normal(&v.rng);
    v.noise = 0.4 + 0.4 * rng_uniform(&v.rng);
    v.whole_stars = rng_uniform(&v.rng) < 0.35;
    v.tags = rng_uniform(&v.rng) < 0.12;
    v.p_sequel = 0.2 + 0.4 * rng_uniform(&v.rng);
    v.p_related = 0.06 + 0.2 * rng_uniform(&v.rng);
    v.p_stay = 0.12 + 0.3 * rng_uniform(&v.rng);
    weigh_interests(&v);
    return v;
}

static bool is_free(const struct viewer *v, int32_t movie) {
    return movie != NO_MOVIE && v->work->seen[movie] != v->stamp &&
           v->world->movies[movie].year <= v->year;
}

static int32_t draw_related(struct viewer *v) {
    size_t k = 0;
    while (k + 1 < RELATED && rng_uniform(&v->rng) > 0.3)
        k++;
    return v->world->movies[v->last].related[k];
}

/* Another movie of the same kind, half of the time of about the same years. */
static int32_t draw_same_cluster(struct viewer *v) {
    const struct movie *m = &v->world->movies[v->last];
    const struct shelf *s = &v->world->clusters[m->cluster].shelf;
    if (rng_uniform(&v->rng) < 0.5) return shelf_draw(s, FIRST_YEAR, v->year, &v->rng);
    unsigned last = m->year + 3u < v->year ? m->year + 3u : v->year;
    return shelf_draw(s, m->year - 3u, last, &v->rng);
}

static int32_t draw_by_interest(struct viewer *v) {
    const double *sum = v->work->interest;
    uint32_t low = 0, high = v->world->n_clusters - 1;
    double x = rng_uniform(&v->rng) * sum[high];
    while (low < high) { /* the first cluster whose running sum is above x */
        uint32_t middle = (low + high) / 2;
        if (sum[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return shelf_draw(&v->world->clusters[low].shelf, FIRST_YEAR, v->year, &v->rng);
}

/* Something that everybody sees: an old hit or a new release. */
static int32_t draw_popular(struct viewer *v) {
    unsigned first = rng_uniform(&v->rng) < 0.35 ? v->year - 1 : FIRST_YEAR;
    return shelf_draw(&v->world->all, first, v->year, &v->rng);
}

/* Whether the user takes a movie that came up. */
static bool accepts(struct viewer *v, int32_t movie) {
    double match = (double)taste_dot(v->taste, v->world->movies[movie].taste);
    return rng_uniform(&v->rng) * (1.0 + exp(-match - 0.6)) < 1.0;
}

static int32_t draw_candidate(struct viewer *v) {
    double x = rng_uniform(&v->rng);
    if (v->last != NO_MOVIE) {
        if (x < v->p_related) return draw_related(v);
        if (x < v->p_related + v->p_stay) return draw_same_cluster(v);
    }
    return rng_uniform(&v->rng) < 0.8 ? draw_by_interest(v) : draw_popular(v);
}

/* For when hardly anything is left: the first unseen movie from a random position on, even one that
 * is not released yet if need be. There always is one, because nobody sees more than half of the
 * movies. */
static int32_t any_unseen(struct viewer *v) {
    uint32_t n = v->world->n_movies, start = rng_below(&v->rng, n);
    int32_t unseen = NO_MOVIE;
    for (uint32_t k = 0; k < n; k++) {
        int32_t movie = (int32_t)((start + k) % n);
        if (is_free(v, movie)) return movie;
        if (v->work->seen[movie] != v->stamp) unseen = movie;
    }
    return unseen;
}

static int32_t next_movie(struct viewer *v) {
    if (v->last != NO_MOVIE) {
        int32_t sequel = v->world->movies[v->last].sequel;
        if (is_free(v, sequel) && rng_uniform(&v->rng) < v->p_sequel) return sequel;
    }
    for (unsigned attempt = 0; attempt < 40; attempt++) {
        int32_t movie = draw_candidate(v);
        if (is_free(v, movie) && accepts(v, movie)) return movie;
    }
    return any_unseen(v);
}

static uint8_t rate(struct viewer *v, const struct movie *m) {
    double match = (double)taste_dot(v->taste, m->taste);
    double stars =
        2.9 + v->bias + (double)m->quality + 0.65 * match + v->noise * rng_normal(&v->rng);
    long half = v->whole_stars ? 2 * lround(stars) : lround(2.0 * stars);
    long least = v->whole_stars ? 2 : 1;
    return (uint8_t)(half < least ? least : half > 10 ? 10 : half);
}

/* ---- time ---- */

enum { DAY = 86400 };
static const int64_t FIRST_DAY = 12053; /* 2003-01-01 */
static const int64_t LAST_DAY = 17896;  /* 2018-12-31 */

static unsigned year_of(int64_t time) {
    return (unsigned)(1970.0 + (double)time / (365.2425 * DAY));
}

static void start_time(struct viewer *v) {
    double day = (double)FIRST_DAY + rng_uniform(&v->rng) * (double)(LAST_DAY - FIRST_DAY - 400);
    v->time = (int64_t)(day * DAY);
    v->year = year_of(v->time);
}

/* Seconds within a session, weeks between two. A new session keeps only part of the momentum. */
static void pass_time(struct viewer *v, size_t left) {
    if (rng_uniform(&v->rng) < 0.04) {
        double room = ((double)LAST_DAY * DAY - (double)v->time) / (1.0 + 0.08 * (double)left);
        double mean = room < 20.0 * DAY ? room : 20.0 * DAY;
        double gap = -mean * log(1.0 - rng_uniform(&v->rng));
        v->time += gap > 3600.0 ? (int64_t)gap : 3600;
        v->year = year_of(v->time);
        if (rng_uniform(&v->rng) < 0.5) v->last = NO_MOVIE;
    } else {
        v->time += 1 + rng_below(&v->rng, 60);
    }
}

void viewer_watch(struct viewer_work *work, const struct world *w, uint32_t user, size_t count,
                  uint64_t seed) {
    struct viewer v = viewer_create(work, w, user, seed);
    start_time(&v);
    for (size_t i = 0; i < count; i++) {
        int32_t movie = next_movie(&v);
        const struct movie *m = &w->movies[movie];
        struct viewing *seen = &work->viewing[i];
        work->seen[movie] = v.stamp;
        *seen = (struct viewing){.movie = (uint32_t)movie, .value = rate(&v, m), .time = v.time};
        if (v.tags && rng_uniform(&v.rng) < 0.2)
            seen->tag = tag_draw(theme_at(m->theme), seen->value / 2.0, &v.rng);
        v.last = movie;
        pass_time(&v, count - i);
    }
}
