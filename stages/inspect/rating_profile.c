#include "stages/inspect/rating_profile.h"

#include "common/base/mem.h"
#include "common/data/rating_scale.h"

#include <math.h>
#include <stdlib.h>

static void add_rating(struct rating_profile *p, uint8_t value, int64_t time) {
    if (p->count == 0 || time < p->first) p->first = time;
    if (p->count == 0 || time > p->last) p->last = time;
    p->count++;
    p->stars[value <= 10 ? value : 0]++;
}

static void finish(struct rating_profile *p) {
    double sum = 0, squares = 0;
    for (int v = 1; v <= 10; v++) {
        sum += (double)p->stars[v] * stars_of(v);
        squares += (double)p->stars[v] * v * v / 4.0;
    }
    if (p->count == 0) return;
    p->mean = sum / (double)p->count;
    double variance = squares / (double)p->count - p->mean * p->mean;
    p->deviation = variance > 0 ? sqrt(variance) : 0;
}

void profile_movie(struct rating_profile *out, const struct ratings *r, uint32_t movie) {
    *out = (struct rating_profile){0};
    for (uint64_t i = r->by_movie_offset[movie]; i < r->by_movie_offset[movie + 1]; i++) {
        uint64_t at = r->by_movie_rating[i];
        add_rating(out, r->value[at], r->time[at]);
    }
    finish(out);
}

void profile_user(struct rating_profile *out, const struct ratings *r, uint32_t user) {
    *out = (struct rating_profile){0};
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++)
        add_rating(out, r->value[i], r->time[i]);
    finish(out);
}

static uint64_t popularity(const struct ratings *r, uint32_t movie) {
    return r->by_movie_offset[movie + 1] - r->by_movie_offset[movie];
}

uint32_t popularity_place(const struct ratings *r, uint32_t movie) {
    uint32_t place = 1;
    for (uint32_t i = 0; i < r->n_movies; i++)
        place += popularity(r, i) > popularity(r, movie);
    return place;
}

/* Greatest affinity first, then by genre. */
static int compare_taste(const void *a, const void *b) {
    const struct genre_taste *x = a, *y = b;
    if (x->affinity != y->affinity) return x->affinity < y->affinity ? 1 : -1;
    return (x->genre > y->genre) - (x->genre < y->genre);
}

/* Ratings of everybody per genre. */
static void count_everybody(const struct catalogue *c, const struct ratings *r, uint64_t *ratings) {
    for (uint32_t movie = 0; movie < c->n_movies; movie++) {
        for (uint64_t g = c->genre_offset[movie]; g < c->genre_offset[movie + 1]; g++)
            ratings[c->genre_index[g]] += popularity(r, movie);
    }
}

static void add_history(const struct catalogue *c, const struct ratings *r, uint32_t user,
                        struct genre_taste *all) {
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        uint32_t movie = r->movie[i];
        for (uint64_t g = c->genre_offset[movie]; g < c->genre_offset[movie + 1]; g++) {
            struct genre_taste *t = &all[c->genre_index[g]];
            t->count++;
            t->mean += stars_of(r->value[i]); /* a sum until the end */
        }
    }
}

enum status profile_taste(struct genre_taste **out, size_t *count, const struct catalogue *c,
                          const struct ratings *r, uint32_t user, struct error *err) {
    MEM_AUTO uint64_t *everybody = NULL;
    struct genre_taste *all;
    struct rating_profile profile;
    *out = NULL;
    *count = 0;
    TRY(MEM_NEW(&everybody, c->n_genres, err));
    TRY(MEM_NEW(&all, c->n_genres, err));
    count_everybody(c, r, everybody);
    add_history(c, r, user, all);
    profile_user(&profile, r, user);
    for (uint32_t g = 0; g < c->n_genres; g++) {
        struct genre_taste t = all[g];
        if (t.count == 0) continue;
        double n = (double)t.count;
        t.genre = g;
        t.mean /= n;
        t.share = n / (double)profile.count;
        t.lift = t.share / ((double)everybody[g] / (double)r->count);
        t.liking = t.mean - profile.mean;
        t.affinity = n / (n + 5) * (log2(t.lift) + t.liking);
        all[(*count)++] = t;
    }
    qsort(all, *count, sizeof(*all), compare_taste);
    *out = all;
    return STATUS_OK;
}
