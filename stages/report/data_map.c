/* The map of movies: the item vectors of the most rated ones, projected on their two principal
 * components (Pearson 1901). */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/catalogue.h"
#include "common/data/dense.h"
#include "stages/report/plots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAP_MOVIES = 1000, MAP_GENRES = 9 };

struct vectors {
    float *value; /* [n_movies, dim] */
    uint32_t dim;
};
static void vectors_release(struct vectors *v) {
    mem_free(v->value);
}

static enum status read_vectors(struct vectors *out, const struct artifact *a, const char *column,
                                uint32_t n_movies, bool *found, struct error *err) {
    const struct column_info *info = a == NULL ? NULL : artifact_column(a, column);
    if (info == NULL || info->shape[0] != n_movies || info->shape[1] < 2) return STATUS_OK;
    *found = true;
    out->dim = (uint32_t)info->shape[1];
    return artifact_read(a, column, DTYPE_F32, info->count, &out->value, err);
}

/* Those of the implicit factorization, else of the explicit one, else of content. */
static enum status load_vectors(struct vectors *out, const struct reported_run *r, bool *found,
                                struct error *err) {
    const struct artifact *factors = run_newest(r, RUN_FACTORS);
    uint32_t n = r->catalogue.n_movies;
    TRY(read_vectors(out, factors, "ials.movie", n, found, err));
    if (!*found) TRY(read_vectors(out, factors, "mf.movie", n, found, err));
    if (*found) return STATUS_OK;
    return read_vectors(out, run_newest(r, RUN_SIMILARITY), "vector", n, found, err);
}

struct chosen {
    uint32_t movie, genre; /* NO_INDEX: none of those that have a colour */
    uint64_t ratings;
};

static int by_ratings(const void *a, const void *b) {
    const struct chosen *x = a, *y = b;
    if (x->ratings != y->ratings) return x->ratings < y->ratings ? 1 : -1;
    return (x->movie > y->movie) - (x->movie < y->movie);
}

/* The most rated movies that have a vector. */
static enum status choose_movies(struct chosen **out, size_t *count, const struct reported_run *r,
                                 const struct vectors *v, struct error *err) {
    uint32_t n_movies = r->catalogue.n_movies;
    const uint64_t *offset = r->ratings.by_movie_offset;
    TRY(MEM_NEW(out, n_movies, err));
    *count = 0;
    for (uint32_t i = 0; i < n_movies; i++) {
        const float *vector = v->value + (size_t)i * v->dim;
        bool known = dense_dot(v->dim, vector, vector) > 0 && offset[i + 1] > offset[i];
        if (known) {
            (*out)[(*count)++] = (struct chosen){i, NO_INDEX, offset[i + 1] - offset[i]};
        }
    }
    qsort(*out, *count, sizeof(**out), by_ratings);
    if (*count > MAP_MOVIES) *count = MAP_MOVIES;
    return STATUS_OK;
}

/* Unit vectors less their mean: a vector's length says how popular the movie is, its direction
 * what it is like. */
static void centre(float *x, const struct chosen *movie, size_t n, const struct vectors *v) {
    for (size_t i = 0; i < n; i++) {
        const float *from = v->value + (size_t)movie[i].movie * v->dim;
        float length = sqrtf(dense_dot(v->dim, from, from));
        for (uint32_t d = 0; d < v->dim; d++) {
            x[i * v->dim + d] = from[d] / length;
        }
    }
    for (uint32_t d = 0; d < v->dim; d++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) {
            mean += (double)x[i * v->dim + d] / (double)n;
        }
        for (size_t i = 0; i < n; i++) {
            x[i * v->dim + d] -= (float)mean;
        }
    }
}

/* xy[n, 2]: principal components; the sign of each is such that its largest coordinate is
 * positive. */
static enum status project(float *xy, float *x, size_t n, size_t dim, struct error *err) {
    size_t rank = n < dim ? n : dim;
    MEM_AUTO float *u = NULL, *s = NULL, *vt = NULL;
    TRY(MEM_NEW(&u, n * rank, err));
    TRY(MEM_NEW(&s, rank, err));
    TRY(MEM_NEW(&vt, rank * dim, err));
    TRY(dense_svd(n, dim, x, u, s, vt, err));
    for (size_t c = 0; c < 2; c++) {
        float largest = 0;
        for (size_t i = 0; i < n; i++) {
            if (fabsf(u[i * rank + c]) > fabsf(largest)) largest = u[i * rank + c];
        }
        for (size_t i = 0; i < n; i++) {
            xy[2 * i + c] = u[i * rank + c] * s[c] * (largest < 0 ? -1.0f : 1.0f);
        }
    }
    return STATUS_OK;
}

/* ---- colours ---- */

struct use {
    uint32_t genre;
    uint64_t count;
};

static int by_use(const void *a, const void *b) {
    const struct use *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return (x->genre > y->genre) - (x->genre < y->genre);
}

/* The most frequent genres get a colour; a movie with several of them gets that of the
 * rarest, which says most. `use` [n_genres] is left sorted; returns how many have a colour. */
static size_t colour_movies(struct chosen *movie, size_t n, const struct catalogue *c,
                            struct use *use) {
    for (uint32_t g = 0; g < c->n_genres; g++) {
        use[g] = (struct use){g, 0};
    }
    for (size_t i = 0; i < n; i++) {
        for (uint64_t e = c->genre_offset[movie[i].movie]; e < c->genre_offset[movie[i].movie + 1];
             e++) {
            use[c->genre_index[e]].count++;
        }
    }
    qsort(use, c->n_genres, sizeof(*use), by_use);
    size_t coloured = 0;
    while (coloured < c->n_genres && coloured < MAP_GENRES && use[coloured].count > 0) {
        coloured++;
    }
    for (size_t i = 0; i < n; i++) {
        for (uint64_t e = c->genre_offset[movie[i].movie]; e < c->genre_offset[movie[i].movie + 1];
             e++) {
            for (size_t g = 0; g < coloured; g++) {
                bool rarer = movie[i].genre == NO_INDEX || g > movie[i].genre;
                if (use[g].genre == c->genre_index[e] && rarer) movie[i].genre = (uint32_t)g;
            }
        }
    }
    return coloured;
}

/* A block per genre: its name, then x, y and the movie's index, which the page turns into the
 * title. */
static void print_map(const struct chosen *movie, const float *xy, size_t n, const struct use *use,
                      size_t coloured, const struct catalogue *c, struct text *out) {
    for (size_t g = 0; g <= coloured; g++) {
        uint32_t genre = g < coloured ? (uint32_t)g : NO_INDEX;
        size_t of_genre = 0;
        for (size_t i = 0; i < n; i++) {
            of_genre += movie[i].genre == genre;
        }
        if (of_genre == 0) continue;
        if (out->buf.size > 0) text_printf(out, "\n\n");
        text_cell(out, g < coloured ? strings_get(&c->genre_name, use[g].genre) : "other", 16);
        text_printf(out, "\ty\tmovie\n");
        for (size_t i = 0; i < n; i++) {
            if (movie[i].genre != genre) continue;
            text_printf(out, "%.4f\t%.4f\t%u\n", (double)xy[2 * i], (double)xy[2 * i + 1],
                        movie[i].movie);
        }
    }
}

enum status data_map(const struct reported_run *run, size_t n_runs, struct text *out,
                     struct error *err) {
    (void)n_runs;
    AUTO(vectors) struct vectors v = {0};
    MEM_AUTO struct chosen *movie = NULL;
    MEM_AUTO float *x = NULL, *xy = NULL;
    MEM_AUTO struct use *use = NULL;
    bool found = false;
    size_t n = 0;
    TRY(load_vectors(&v, run, &found, err));
    if (!found) return STATUS_OK;
    TRY(choose_movies(&movie, &n, run, &v, err));
    if (n < 3) return STATUS_OK;
    TRY(MEM_NEW(&x, n * v.dim, err));
    TRY(MEM_NEW(&xy, n * 2, err));
    TRY(MEM_NEW(&use, run->catalogue.n_genres, err));
    centre(x, movie, n, &v);
    TRY(project(xy, x, n, v.dim, err));
    size_t coloured = colour_movies(movie, n, &run->catalogue, use);
    print_map(movie, xy, n, use, coloured, &run->catalogue, out);
    return STATUS_OK;
}
