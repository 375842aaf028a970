#include "data/generate/world.h"

#include "common/base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double MOVIES_PER_CLUSTER = 28.0;
static const double SERIES_SHARE = 0.06; /* of the draws that start a series */

float taste_dot(const float *a, const float *b) {
    float sum = 0.0F;
    for (size_t d = 0; d < TASTE_DIM; d++)
        sum += a[d] * b[d];
    return sum;
}

static void taste_random(float *out, double scale, struct rng *rng) {
    for (size_t d = 0; d < TASTE_DIM; d++)
        out[d] = (float)(scale * rng_normal(rng));
}

/* ---- clusters ---- */

/* A genre stands for the same taste in every theme: its vector is keyed by its name. */
static void add_genre_taste(float *taste, const char *genre, size_t size, uint64_t seed) {
    char purpose[64];
    float vector[TASTE_DIM];
    snprintf(purpose, sizeof(purpose), "generate.genre.%.*s", (int)size, genre);
    struct rng rng = rng_keyed(seed, purpose, 0, 0);
    taste_random(vector, 1.0, &rng);
    for (size_t d = 0; d < TASTE_DIM; d++)
        taste[d] += vector[d];
}

/* The sum of the genres' tastes and the cluster's own, scaled to length 1. */
static void cluster_taste(struct cluster *c, uint64_t seed, struct rng *rng) {
    taste_random(c->taste, 0.6, rng);
    const char *genre = theme_at(c->theme)->genres;
    while (*genre != '\0') {
        size_t size = strcspn(genre, "|");
        add_genre_taste(c->taste, genre, size, seed);
        genre += size + (genre[size] == '|');
    }
    float scale = 1.0F / sqrtf(taste_dot(c->taste, c->taste));
    for (size_t d = 0; d < TASTE_DIM; d++)
        c->taste[d] *= scale;
}

static enum status make_clusters(struct world *w, uint64_t seed, struct error *err) {
    double wanted = w->n_movies / (MOVIES_PER_CLUSTER * (double)theme_count());
    uint32_t variants = wanted < 1.0 ? 1 : wanted > 24.0 ? 24 : (uint32_t)lround(wanted);
    w->n_clusters = variants * (uint32_t)theme_count();
    TRY(MEM_NEW(&w->clusters, w->n_clusters, err));
    for (uint32_t i = 0; i < w->n_clusters; i++) {
        struct cluster *c = &w->clusters[i];
        struct rng rng = rng_keyed(seed, "generate.cluster", 0, i);
        c->theme = (uint16_t)(i % theme_count());
        c->year = theme_at(c->theme)->year + 0.7 * theme_at(c->theme)->spread * rng_normal(&rng);
        cluster_taste(c, seed, &rng);
    }
    return STATUS_OK;
}

/* ---- movies ---- */

static uint16_t clamp_year(double year) {
    if (year < FIRST_YEAR) return FIRST_YEAR;
    return year > LAST_YEAR ? LAST_YEAR : (uint16_t)lround(year);
}

/* Log-normal popularity: the larger the catalogue, the longer its tail. */
static double popularity_deviation(uint32_t n_movies) {
    double deviation = 1.8 + 0.22 * log((double)n_movies / 1700.0);
    return deviation < 1.2 ? 1.2 : deviation > 2.4 ? 2.4 : deviation;
}

static void draw_movie(struct movie *m, const struct world *w, struct rng *rng) {
    m->cluster = (uint16_t)rng_below(rng, w->n_clusters);
    const struct cluster *c = &w->clusters[m->cluster];
    m->theme = c->theme;
    m->year = clamp_year(c->year + 0.6 * theme_at(c->theme)->spread * rng_normal(rng));
    m->quality = (float)(0.42 * rng_normal(rng));
    double spread = popularity_deviation(w->n_movies);
    m->weight = (float)exp(spread * rng_normal(rng) + 1.1 * m->quality);
    taste_random(m->taste, 0.27, rng);
    for (size_t d = 0; d < TASTE_DIM; d++)
        m->taste[d] += c->taste[d];
    m->sequel = NO_MOVIE;
}

/* A later part: same cluster, a few years on, a little less loved and watched. */
static bool draw_sequel(struct movie *next, const struct movie *m, struct rng *rng) {
    unsigned year = m->year + 1 + rng_below(rng, 4);
    if (year > LAST_YEAR) return false;
    *next = *m;
    next->year = (uint16_t)year;
    next->quality = m->quality - 0.1F + (float)(0.2 * rng_normal(rng));
    next->weight = m->weight * (float)(0.85 * exp(0.25 * rng_normal(rng)));
    return true;
}

/* Part of a theme's genres, and now and then one of another theme. */
static enum status draw_genres(struct strings *out, const struct theme *theme, struct rng *rng,
                               struct error *err) {
    AUTO(buf) struct buf b = {0};
    const char *genre = theme->genres;
    if (rng_uniform(rng) < 0.008) return strings_add(out, "(no genres listed)", err);
    while (*genre != '\0') {
        size_t size = strcspn(genre, "|");
        if (rng_uniform(rng) < 0.88) {
            if (b.size > 0) TRY(buf_puts(&b, "|", err));
            TRY(buf_append(&b, genre, size, err));
        }
        genre += size + (genre[size] == '|');
    }
    return strings_add(out, b.size > 0 ? b.data : "Drama", err);
}

/* How a title is written out: the parts of a series share title and style. */
struct titling {
    struct title title;
    enum series_style style;
    unsigned part;
};

static enum status add_title(struct strings *out, const struct titling *t, unsigned year,
                             struct rng *rng, struct error *err) {
    char text[TITLE_SIZE + 48], full[TITLE_SIZE + 64];
    title_format(&t->title, t->style, t->part, text, sizeof(text));
    bool known_year = rng_uniform(rng) >= 0.003;
    if (known_year)
        snprintf(full, sizeof(full), "%s (%u)", text, year);
    else
        snprintf(full, sizeof(full), "%s", text);
    return strings_add(out, full, err);
}

/* The parts of a series follow one another. */
static enum status make_movies(struct world *w, uint64_t seed, struct error *err) {
    struct rng rng = rng_keyed(seed, "generate.movies", 0, 0);
    struct titling t = {.part = 0};
    uint32_t id = 0;
    TRY(MEM_NEW(&w->movies, w->n_movies, err));
    unsigned parts_left = 0;
    for (uint32_t i = 0; i < w->n_movies; i++) {
        struct movie *m = &w->movies[i];
        if (parts_left > 0 && draw_sequel(m, m - 1, &rng)) {
            parts_left--;
            m[-1].sequel = (int32_t)i;
            t.part++;
        } else {
            draw_movie(m, w, &rng);
            parts_left = rng_uniform(&rng) < SERIES_SHARE ? 1 + rng_below(&rng, 4) : 0;
            if (parts_left > 0) m->weight *= 2.0F; /* what gets a sequel was seen by many */
            t.title = title_draw(theme_at(m->theme), &rng);
            t.style = (enum series_style)rng_below(&rng, SERIES_STYLES);
            t.part = 1;
        }
        id += rng_uniform(&rng) < 0.8 ? 1 : 1 + rng_below(&rng, 5);
        m->id = id;
        TRY(add_title(&w->titles, &t, m->year, &rng, err));
        TRY(draw_genres(&w->genres, theme_at(m->theme), &rng, err));
    }
    return STATUS_OK;
}

/* ---- shelves ---- */

/* qsort has no context argument; qsort_r has. Ties are in the order of the movies. */
static int compare_years(const void *a, const void *b, void *movies) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const struct movie *m = movies;
    if (m[x].year != m[y].year) return m[x].year < m[y].year ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* The movies of `cluster`, or all if it is negative. */
static enum status shelf_fill(struct shelf *s, struct world *w, int cluster, struct error *err) {
    for (uint32_t i = 0; i < w->n_movies; i++)
        s->count += cluster < 0 || w->movies[i].cluster == cluster;
    TRY(MEM_NEW(&s->movie, s->count, err));
    TRY(MEM_NEW(&s->year, s->count, err));
    TRY(MEM_NEW(&s->sum, s->count + 1, err));
    size_t n = 0;
    for (uint32_t i = 0; i < w->n_movies; i++)
        if (cluster < 0 || w->movies[i].cluster == cluster) s->movie[n++] = i;
    qsort_r(s->movie, s->count, sizeof(*s->movie), compare_years, w->movies);
    for (size_t k = 0; k < s->count; k++) {
        s->year[k] = w->movies[s->movie[k]].year;
        s->sum[k + 1] = s->sum[k] + (double)w->movies[s->movie[k]].weight;
    }
    return STATUS_OK;
}

static void shelf_release(struct shelf *s) {
    mem_free(s->movie);
    mem_free(s->year);
    mem_free(s->sum);
    *s = (struct shelf){0};
}

/* First position whose year is at least `year`. */
static size_t shelf_from(const struct shelf *s, unsigned year) {
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->year[middle] < year)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int32_t shelf_draw(const struct shelf *s, unsigned first, unsigned last, struct rng *rng) {
    size_t low = shelf_from(s, first), high = shelf_from(s, last + 1);
    if (low >= high) return NO_MOVIE;
    double x = s->sum[low] + rng_uniform(rng) * (s->sum[high] - s->sum[low]);
    high--;
    while (low < high) { /* last position whose sum is at most x */
        size_t middle = (low + high + 1) / 2;
        if (s->sum[middle] <= x)
            low = middle;
        else
            high = middle - 1;
    }
    return (int32_t)s->movie[low];
}

/* ---- what leads on to what ---- */

enum { LINK_REACH = 40 };

struct link {
    double distance;
    int32_t movie;
};

static int compare_links(const void *a, const void *b) {
    const struct link *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return x->movie < y->movie ? -1 : x->movie > y->movie;
}

/* A movie leads on to well-known movies of its cluster that are near in year and taste. Chance is
 * part of it, so that the links are a structure of their own, which cannot be read off years and
 * genres. `place` is the movie's position on the shelf, which is in order of years; movies far from
 * it there are not considered. */
static void link_movie(struct world *w, const struct shelf *s, size_t place, uint64_t seed) {
    struct link link[2 * LINK_REACH];
    struct movie *m = &w->movies[s->movie[place]];
    struct rng rng = rng_keyed(seed, "generate.links", 0, s->movie[place]);
    size_t first = place < LINK_REACH ? 0 : place - LINK_REACH, n = 0;
    for (size_t k = first; k < s->count && k < place + LINK_REACH; k++) {
        const struct movie *other = &w->movies[s->movie[k]];
        if (k == place) continue;
        double years = fabs((double)other->year - (double)m->year) / 6.0;
        double taste = -2.0 * (double)taste_dot(m->taste, other->taste);
        double known = -0.45 * log((double)other->weight);
        link[n].movie = (int32_t)s->movie[k];
        link[n++].distance = years + taste + known + 1.2 * rng_normal(&rng);
    }
    qsort(link, n, sizeof(*link), compare_links);
    for (size_t k = 0; k < RELATED; k++)
        m->related[k] = k < n ? link[k].movie : NO_MOVIE;
}

static enum status build(struct world *w, uint64_t seed, struct error *err) {
    TRY(make_clusters(w, seed, err));
    TRY(make_movies(w, seed, err));
    TRY(shelf_fill(&w->all, w, -1, err));
    for (uint32_t i = 0; i < w->n_clusters; i++) {
        struct shelf *s = &w->clusters[i].shelf;
        TRY(shelf_fill(s, w, (int)i, err));
        for (size_t k = 0; k < s->count; k++)
            link_movie(w, s, k, seed);
    }
    return STATUS_OK;
}

enum status world_create(struct world *out, uint32_t n_movies, uint64_t seed, struct error *err) {
    *out = (struct world){.n_movies = n_movies};
    enum status status = build(out, seed, err);
    if (status != STATUS_OK) world_release(out);
    return status;
}

void world_release(struct world *w) {
    for (uint32_t i = 0; w->clusters != NULL && i < w->n_clusters; i++)
        shelf_release(&w->clusters[i].shelf);
    shelf_release(&w->all);
    mem_free(w->clusters);
    mem_free(w->movies);
    strings_release(&w->titles);
    strings_release(&w->genres);
    *w = (struct world){0};
}
