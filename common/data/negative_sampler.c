#include "common/data/negative_sampler.h"

#include "common/base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- uniform among the unmarked ---- */

enum status pool_alloc(struct pool *p, uint32_t n_movies, struct error *err) {
    *p = (struct pool){.n_movies = n_movies, .n_free = n_movies};
    TRY(MEM_NEW(&p->marked, n_movies, err));
    return MEM_NEW(&p->list, n_movies, err);
}

void pool_release(struct pool *p) {
    mem_free(p->marked);
    mem_free(p->list);
    *p = (struct pool){0};
}

void pool_clear(struct pool *p) {
    memset(p->marked, 0, p->n_movies);
    p->n_free = p->n_movies;
}

void pool_mark(struct pool *p, uint32_t movie) {
    p->n_free -= !p->marked[movie];
    p->marked[movie] = 1;
}

/* What has been drawn stays marked until the end, so that no movie is drawn twice. */
size_t pool_try(struct pool *p, struct rng *rng, size_t n, size_t tries, uint32_t *movie) {
    size_t count = 0;
    for (size_t i = 0; count < n && i < tries; i++) {
        uint32_t drawn = rng_below(rng, p->n_movies);
        if (p->marked[drawn]) continue;
        p->marked[drawn] = 1;
        movie[count++] = drawn;
    }
    for (size_t i = 0; i < count; i++) {
        p->marked[movie[i]] = 0;
    }
    return count;
}

static void draw_with_repetition(const struct pool *p, struct rng *rng, size_t n, uint32_t *movie) {
    for (size_t i = 0; i < n;) {
        movie[i] = rng_below(rng, p->n_movies);
        i += !p->marked[movie[i]];
    }
}

void pool_draw(struct pool *p, struct rng *rng, size_t n, uint32_t *movie) {
    if (n > p->n_free) {
        draw_with_repetition(p, rng, n, movie);
    } else {
        (void)pool_try(p, rng, n, SIZE_MAX, movie);
    }
}

size_t pool_sample(struct pool *p, struct rng *rng, size_t n, uint32_t *movie) {
    if (p->n_free >= p->n_movies / 2 && n <= p->n_free / 2) {
        return pool_try(p, rng, n, SIZE_MAX, movie);
    }
    size_t n_free = 0;
    for (uint32_t m = 0; m < p->n_movies; m++) {
        if (!p->marked[m]) p->list[n_free++] = m;
    }
    rng_shuffle_u32(rng, p->list, n_free);
    if (n > n_free) n = n_free;
    memcpy(movie, p->list, n * sizeof *movie);
    return n;
}

/* ---- uniform among what a user has not rated ---- */

static int compare_u32(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

enum status unseen_sampler_build(struct unseen_sampler *out, const struct ratings *ratings,
                                 struct error *err) {
    *out = (struct unseen_sampler){.n_users = ratings->n_users, .n_movies = ratings->n_movies};
    TRY(MEM_NEW(&out->offset, (size_t)ratings->n_users + 1, err));
    TRY(MEM_NEW(&out->movie, (size_t)ratings->count, err));
    memcpy(out->offset, ratings->offset, ((size_t)ratings->n_users + 1) * sizeof *out->offset);
    memcpy(out->movie, ratings->movie, (size_t)ratings->count * sizeof *out->movie);
#pragma omp parallel for schedule(dynamic, 64)
    for (uint32_t u = 0; u < out->n_users; u++) {
        qsort(out->movie + out->offset[u], (size_t)(out->offset[u + 1] - out->offset[u]),
              sizeof *out->movie, compare_u32);
    }
    return STATUS_OK;
}

void unseen_sampler_release(struct unseen_sampler *s) {
    mem_free(s->offset);
    mem_free(s->movie);
    *s = (struct unseen_sampler){0};
}

static bool has_rated(const struct unseen_sampler *s, uint32_t user, uint32_t movie) {
    const uint32_t *first = s->movie + s->offset[user];
    size_t n = (size_t)(s->offset[user + 1] - s->offset[user]);
    return n > 0 && bsearch(&movie, first, n, sizeof movie, compare_u32) != NULL;
}

void unseen_draw(const struct unseen_sampler *s, uint32_t user, struct rng *rng, size_t n,
                 uint32_t *movie) {
    enum { TRIES = 100 };
    for (size_t i = 0; i < n; i++) {
        movie[i] = rng_below(rng, s->n_movies);
        for (int tries = 1; tries < TRIES && has_rated(s, user, movie[i]); tries++) {
            movie[i] = rng_below(rng, s->n_movies);
        }
    }
}

/* ---- by popularity ---- */

enum status popularity_sampler_build(struct popularity_sampler *out, const struct ratings *ratings,
                                     double power, struct error *err) {
    double sum = 0;
    *out = (struct popularity_sampler){0};
    TRY(MEM_NEW(&out->movie, ratings->n_movies, err));
    TRY(MEM_NEW(&out->cumulative, ratings->n_movies, err));
    for (uint32_t m = 0; m < ratings->n_movies; m++) {
        uint64_t count = ratings->by_movie_offset[m + 1] - ratings->by_movie_offset[m];
        if (count == 0) continue;
        sum += pow((double)count, power);
        out->cumulative[out->n] = sum;
        out->movie[out->n++] = m;
    }
    return STATUS_OK;
}

void popularity_sampler_release(struct popularity_sampler *s) {
    mem_free(s->movie);
    mem_free(s->cumulative);
    *s = (struct popularity_sampler){0};
}

/* Inverse transform sampling: the first place whose cumulative sum exceeds the number drawn. */
size_t popularity_draw(const struct popularity_sampler *s, struct rng *rng) {
    double drawn = rng_uniform(rng) * s->cumulative[s->n - 1];
    size_t low = 0, high = s->n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->cumulative[middle] > drawn) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

double popularity_expected(const struct popularity_sampler *s, size_t place, size_t n_draws) {
    double weight = s->cumulative[place] - (place > 0 ? s->cumulative[place - 1] : 0);
    return (double)n_draws * weight / s->cumulative[s->n - 1];
}
