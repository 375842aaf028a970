/* Features of similar users and similar movies. */
#include "common/base/mem.h"
#include "common/base/simd.h"
#include "common/data/rating_scale.h"
#include "common/data/topk.h"
#include "common/features/families.h"

#include <math.h>
#include <string.h>

typedef f32x4 lanes4;
typedef i32x4 numbers4;
/* A value for the whole and one for the recent history, computed together. */
typedef f32x2 pair;

enum {
    FEATURE_SIMILAR = 5,     /* similar users and movies of which each counts by itself */
    FEATURE_NEIGHBOURS = 100 /* similar users in all */
};

enum {
    NEIGHBOUR_USERS,
    NEIGHBOUR_USERS_RECENT,
    NEIGHBOUR_USERS_RATING,
    NEIGHBOUR_MOVIES_NEAREST,
    NEIGHBOUR_MOVIES_MEAN,
    NEIGHBOUR_MOVIES_RATING,
    NEIGHBOUR_USER_RATINGS,
    NEIGHBOUR_MOVIE_RATINGS = NEIGHBOUR_USER_RATINGS + FEATURE_SIMILAR,
    NEIGHBOUR_COLUMNS = NEIGHBOUR_MOVIE_RATINGS + FEATURE_SIMILAR
};

#define USER_RATING(n)                                                                             \
    [NEIGHBOUR_USER_RATINGS + (n)-1] =                                                             \
        FEATURE("users.rating" #n, "neighbours",                                                   \
                "rating of the movie by similar user " #n " who rated it; its mean if none")
#define MOVIE_RATING(n)                                                                            \
    [NEIGHBOUR_MOVIE_RATINGS + (n)-1] = FEATURE("movies.rating" #n, "neighbours",                  \
                                                "the user's rating of similar movie " #n           \
                                                " of the history; the user's mean if none")

static const struct feature_spec columns[NEIGHBOUR_COLUMNS] = {
    [NEIGHBOUR_USERS] =
        FEATURE("users", "neighbours",
                "share of the 100 most similar users, by similarity, who rated the movie"),
    [NEIGHBOUR_USERS_RECENT] =
        NEEDING(NEEDS_ORDER, "users.recent", "neighbours",
                "the same, similar by the recent history, weights exp(-d/10)"),
    [NEIGHBOUR_USERS_RATING] =
        FEATURE("users.prediction", "neighbours",
                "user mean + similar users' rating deviations, shrunken, stars"),
    [NEIGHBOUR_MOVIES_NEAREST] =
        FEATURE("movies.nearest", "neighbours",
                "cosine of the factors with the most similar movie of the history"),
    [NEIGHBOUR_MOVIES_MEAN] =
        FEATURE("movies.similarity", "neighbours",
                "mean cosine of the factors with the 5 most similar of the history"),
    [NEIGHBOUR_MOVIES_RATING] =
        FEATURE("movies.prediction", "neighbours",
                "user mean + rating deviations of the 5 similar movies, shrunken"),
    USER_RATING(1),
    USER_RATING(2),
    USER_RATING(3),
    USER_RATING(4),
    USER_RATING(5),
    MOVIE_RATING(1),
    MOVIE_RATING(2),
    MOVIE_RATING(3),
    MOVIE_RATING(4),
    MOVIE_RATING(5),
};

/* What similar users say of a movie. */
struct neighbour_cell {
    float sum, recent;               /* sums of the similarities of those who rated it */
    float deviation;                 /* sum of similarity times (rating - mean of that user) */
    uint8_t count;                   /* of `rating`, at most FEATURE_SIMILAR */
    uint8_t rating[FEATURE_SIMILAR]; /* half stars, most similar user first */
};
_Static_assert(sizeof(struct neighbour_cell) % sizeof(float) == 0, "cells are read in strides");

struct work {
    const struct feature_view *view;
    const struct feature_query *query;
    pair *overlap; /* [users] weights of the history movies that the user rated too */
    struct topk similar;
    struct neighbour_cell *cell;         /* [movies] */
    float cell_scale, cell_recent_scale; /* 1 / sum of the similarities of all neighbours */
};

enum { STRETCH = 1024 }; /* users whose similarities are in memory at a time */

/* Pseudo-similarity that shrinks the neighbours' rating deviations towards 0. */
static const float SHRINK_SIMILARITY = 0.5F;

/* The weights of the history movies that each user of the view, other than `self`, has rated
 * too. */
static void count_overlaps(struct work *w, uint32_t self) {
    const struct ratings *r = &w->view->ratings;
    const struct history *h = w->query->base.history;
    memset(w->overlap, 0, r->n_users * sizeof *w->overlap);
    for (size_t i = 0; i < h->count; i++) {
        const pair both = {1, w->query->base.recent[i]};
        uint64_t end = r->by_movie_offset[h->movie[i] + 1];
        for (uint64_t e = r->by_movie_offset[h->movie[i]]; e < end; e++) {
            w->overlap[r->by_movie_user[e]] += both;
        }
    }
    if (self < r->n_users) w->overlap[self] = (pair){0, 0};
}

/* Cosines of the weighted history, of length 1 / scale, with the binary histories of n users from
 * `first` on; NaN, which topk ignores, for users who share nothing with it. */
static void compare_users(const struct work *w, uint32_t first, size_t n, bool recent, float scale,
                          float *restrict cosine) {
    const float *restrict overlap = (const float *)(w->overlap + first);
    const float *restrict length = w->view->stats.user_length + first;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        float both = overlap[2 * i + recent];
        both = both > 0 ? both : NAN;
        cosine[i] = scale * both / length[i];
    }
}

/* Finds the users with the most similar histories: w->similar. */
static void find_similar(struct work *w, bool recent) {
    const struct ratings *r = &w->view->ratings;
    double squares = 0;
    for (size_t i = 0; i < w->query->base.history->count; i++) {
        squares += recent ? (double)w->query->base.recent[i] * w->query->base.recent[i] : 1.0;
    }
    float scale = squares > 0 ? (float)(1.0 / sqrt(squares)) : 0.0F;
    topk_clear(&w->similar);
    for (uint32_t first = 0; first < r->n_users; first += STRETCH) {
        size_t n = r->n_users - first < STRETCH ? r->n_users - first : STRETCH;
        float cosine[STRETCH];
        compare_users(w, first, n, recent, scale, cosine);
        topk_push_row(&w->similar, first, cosine, n);
    }
    topk_sort(&w->similar);
}

static float sum_similar(const struct work *w) {
    double sum = 0;
    for (size_t i = 0; i < w->similar.count; i++) {
        sum += w->similar.heap[i].score;
    }
    return sum > 0 ? (float)(1.0 / sum) : 0.0F;
}

static void prepare(void *work, const struct feature_scope *scope) {
    struct work *w = work;
    w->query = scope->query;
    const struct ratings *r = &w->view->ratings;
    const struct rating_stats *s = &w->view->stats;
    memset(w->cell, 0, r->n_movies * sizeof *w->cell);
    count_overlaps(w, scope->query->base.self);
    find_similar(w, false);
    w->cell_scale = sum_similar(w);
    for (size_t i = 0; i < w->similar.count; i++) {
        struct scored user = w->similar.heap[i];
        for (uint64_t e = r->offset[user.id]; e < r->offset[user.id + 1]; e++) {
            struct neighbour_cell *cell = &w->cell[r->movie[e]];
            cell->sum += user.score;
            cell->deviation += user.score * ((float)stars_of(r->value[e]) - s->user_mean[user.id]);
            if (cell->count < FEATURE_SIMILAR) cell->rating[cell->count++] = r->value[e];
        }
    }
    find_similar(w, true);
    w->cell_recent_scale = sum_similar(w);
    for (size_t i = 0; i < w->similar.count; i++) {
        struct scored user = w->similar.heap[i];
        for (uint64_t e = r->offset[user.id]; e < r->offset[user.id + 1]; e++) {
            w->cell[r->movie[e]].recent += user.score;
        }
    }
}

struct similar_movie {
    float cosine;
    uint32_t position; /* positions back from the newest movie of the history */
};

/* Maximum and minimum of each lane, without branches. */
static inline lanes4 larger_of(lanes4 a, lanes4 b) {
    numbers4 above = a > b;
    return (lanes4)((above & (numbers4)a) | (~above & (numbers4)b));
}

static inline lanes4 smaller_of(lanes4 a, lanes4 b) {
    numbers4 above = a > b;
    return (lanes4)((above & (numbers4)b) | (~above & (numbers4)a));
}

enum { SETS = 16 };

/* A bound that at least six of the n >= SETS values exceed, in few steps: the maxima of 16 disjoint
 * sets form four columns of four. The bound is the second smallest of the columns' second largest
 * values: in three columns two maxima reach it, which makes six. */
static inline float exceeded_by_six(const float *value, size_t n) {
    lanes4 a, b, c, d, next[4];
    memcpy(next, value, sizeof next);
    a = next[0], b = next[1], c = next[2], d = next[3];
    for (size_t i = SETS; i + SETS <= n; i += SETS) {
        memcpy(next, value + i, sizeof next);
        a = larger_of(a, next[0]), b = larger_of(b, next[1]);
        c = larger_of(c, next[2]), d = larger_of(d, next[3]);
    }
    lanes4 second = larger_of(smaller_of(larger_of(a, b), larger_of(c, d)),
                              larger_of(smaller_of(a, b), smaller_of(c, d)));
    float low = second[0] < second[1] ? second[0] : second[1];
    float high = second[0] < second[1] ? second[1] : second[0];
    float other_low = second[2] < second[3] ? second[2] : second[3];
    float other_high = second[2] < second[3] ? second[3] : second[2];
    float larger_low = low > other_low ? low : other_low;
    float smaller_high = high < other_high ? high : other_high;
    return (larger_low < smaller_high ? larger_low : smaller_high) - 1e-6F;
}

/* One bit for each of four values that is above the bound. */
static inline uint32_t four_above(const float *value, lanes4 bound) {
    lanes4 four;
    memcpy(&four, value, sizeof four);
#if defined(__SSE__)
    return (uint32_t)__builtin_ia32_movmskps((lanes4)(four > bound));
#else
    const numbers4 bits = {1, 2, 4, 8};
    numbers4 above = (four > bound) & bits;
    return (uint32_t)(above[0] | above[1] | above[2] | above[3]);
#endif
}

/* One bit for each of n <= 64 values that is above the bound; usually few are. */
static inline uint64_t which_above(const float *value, size_t n, float bound) {
    const lanes4 bounds = {bound, bound, bound, bound};
    uint64_t above = 0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        above |= (uint64_t)four_above(value + i, bounds) << i;
    }
    for (; i < n; i++) {
        above |= (uint64_t)(value[i] > bound) << i;
    }
    return above;
}

/* A key that sorts by cosine, then by earlier position; never 0. */
static inline uint64_t key_of(float cosine, uint32_t position) {
    float positive_zero = cosine + 0.0F;
    uint32_t bits;
    memcpy(&bits, &positive_zero, sizeof bits);
    bits = bits >> 31 != 0 ? ~bits : bits | 0x80000000U;
    return (uint64_t)bits << 32 | (uint32_t)~position;
}

static inline struct similar_movie movie_of_key(uint64_t key) {
    struct similar_movie found = {.position = ~(uint32_t)key};
    uint32_t bits = (uint32_t)(key >> 32);
    bits = bits >> 31 != 0 ? bits & 0x7FFFFFFFU : ~bits;
    memcpy(&found.cosine, &bits, sizeof bits);
    return found;
}

/* Inserts a key in its place and drops the last one; without branches, which could not be
 * predicted. */
static inline void insert_key(uint64_t key[FEATURE_SIMILAR], uint64_t moving) {
    for (size_t k = 0; k < FEATURE_SIMILAR; k++) {
        uint64_t here = key[k];
        bool before = here > moving;
        key[k] = before ? here : moving;
        moving = before ? moving : here;
    }
}

/* How many of the newest movies of a history are searched. */
static inline size_t seek_length(const struct history *h) {
    return h->count < SPACE_HISTORY ? h->count : SPACE_HISTORY;
}

/* The keys of the most similar movies of the history above `bound`, the candidate excepted. */
static void seek_above(const struct history *h, uint32_t movie, const float *cosine, float bound,
                       uint64_t key[FEATURE_SIMILAR]) {
    const uint32_t *newest = h->movie + h->count;
    const size_t n_seek = seek_length(h);
    memset(key, 0, FEATURE_SIMILAR * sizeof *key);
    for (size_t first = 0; first < n_seek; first += 64) {
        size_t n = n_seek - first < 64 ? n_seek - first : 64;
        for (uint64_t above = which_above(cosine + first, n, bound); above != 0;
             above &= above - 1) {
            size_t i = first + (size_t)__builtin_ctzll(above);
            if (cosine[i] <= bound || newest[-1 - (ptrdiff_t)i] == movie) continue;
            insert_key(key, key_of(cosine[i], (uint32_t)i));
            if (key[FEATURE_SIMILAR - 1] != 0)
                bound = movie_of_key(key[FEATURE_SIMILAR - 1]).cosine;
        }
    }
}

/* The most similar movies of the history, the candidate excepted: best first, of equal ones the
 * newer first. Returns how many. */
static size_t seek_similar(const struct history *h, uint32_t movie, const float *cosine,
                           struct similar_movie best[FEATURE_SIMILAR]) {
    const float none = -2;
    uint64_t key[FEATURE_SIMILAR];
    const size_t n_seek = seek_length(h);
    float bound = n_seek > SETS ? exceeded_by_six(cosine, n_seek) : none;
    seek_above(h, movie, cosine, bound, key);
    /* One of the six may be the candidate itself; more only if it occurs repeatedly. */
    if (key[FEATURE_SIMILAR - 1] == 0 && bound > none) seek_above(h, movie, cosine, none, key);
    size_t count = 0;
    while (count < FEATURE_SIMILAR && key[count] != 0) {
        best[count] = movie_of_key(key[count]);
        count++;
    }
    return count;
}

static void fill_similar_movies(const struct work *w, uint32_t movie, const float *product,
                                float *x) {
    struct similar_movie best[FEATURE_SIMILAR];
    const struct history *h = w->query->base.history;
    size_t count = seek_similar(h, movie, product, best);
    const uint8_t *newest = h->value + h->count;
    float sum = 0, weight = 0, deviation = 0;
    for (size_t i = 0; i < FEATURE_SIMILAR; i++) {
        float rating = w->query->user_mean;
        if (i < count) {
            float positive = best[i].cosine > 0 ? best[i].cosine : 0.0F;
            rating = (float)stars_of(newest[-1 - (ptrdiff_t)best[i].position]);
            sum += best[i].cosine;
            weight += positive;
            deviation += positive * (rating - w->query->user_mean);
        }
        x[NEIGHBOUR_MOVIE_RATINGS + i] = rating;
    }
    x[NEIGHBOUR_MOVIES_NEAREST] = count > 0 ? best[0].cosine : 0.0F;
    x[NEIGHBOUR_MOVIES_MEAN] = count > 0 ? sum / (float)count : 0.0F;
    x[NEIGHBOUR_MOVIES_RATING] = w->query->user_mean + deviation / (weight + SHRINK_SIMILARITY);
}

static void fill_one(const struct work *w, uint32_t movie, const float *product, float *x) {
    const struct baseline *b = &w->view->models.baseline;
    const struct neighbour_cell *cell = &w->cell[movie];
    const float user_mean = w->query->user_mean, movie_mean = (float)b->mean + b->movie_bias[movie];
    x[NEIGHBOUR_USERS] = cell->sum * w->cell_scale;
    x[NEIGHBOUR_USERS_RECENT] = cell->recent * w->cell_recent_scale;
    x[NEIGHBOUR_USERS_RATING] = user_mean + cell->deviation / (cell->sum + SHRINK_SIMILARITY);
    for (size_t i = 0; i < FEATURE_SIMILAR; i++) {
        x[NEIGHBOUR_USER_RATINGS + i] =
            i < cell->count ? (float)stars_of(cell->rating[i]) : movie_mean;
    }
    fill_similar_movies(w, movie, product, x);
}

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    (void)scope;
    for (size_t i = 0; i < block->n; i++) {
        fill_one(work, block->movie[i], block->product + i * block->stride, x + i * stride);
    }
}

static size_t sources(void *work, const struct feature_scope *scope, struct catalogue_scores *out,
                      size_t max) {
    (void)scope;
    const struct work *w = work;
    if (max == 0) return 0;
    out[0] = (struct catalogue_scores){&w->cell->sum, sizeof *w->cell / sizeof(float)};
    return 1;
}

/* ---- the family ---- */

static void work_release(void *work) {
    struct work *w = work;
    if (w == NULL) return;
    mem_free(w->overlap);
    topk_release(&w->similar);
    mem_free(w->cell);
    mem_free(w);
}

static enum status work_create(void **work, const struct feature_view *view, struct error *err) {
    struct work *w = NULL;
    TRY(MEM_NEW(&w, 1, err));
    w->view = view;
    *work = w;
    TRY(MEM_NEW(&w->overlap, view->catalogue.n_users, err));
    TRY(topk_alloc(&w->similar, FEATURE_NEIGHBOURS, err));
    return MEM_NEW(&w->cell, view->catalogue.n_movies, err);
}

const struct feature_family neighbour_family = {
    FEATURES_OF(columns),
    .work_create = work_create,
    .work_release = work_release,
    .prepare = prepare,
    .fill = fill,
    .sources = sources,
};
