/* What to expect of a cold item: ridge regressions of implicit factors, popularity and mean rating
 * on genres, year and content vector (attribute-to-feature mapping, Gantner et al., ICDM 2010). The
 * features are computed in the same way for movies with ratings, so that the ranker learns from
 * these what they are worth for movies without any. */
#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/features/families.h"
#include "common/models/ials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KNOTS = 12 }; /* of the piecewise linear function of the year; at quantiles */

static const float RIDGE = 3;
static const double SHRINKAGE = 10; /* pseudo-ratings: movies with few ratings weigh less */

enum { MAPPING_TASTE, MAPPING_POPULARITY, MAPPING_RATING, MAPPING_COLUMNS };

static const struct feature_spec mapping_columns[MAPPING_COLUMNS] = {
    [MAPPING_TASTE] =
        COMPONENT("content.taste", "content",
                  "implicit factorization with the movie's factors predicted from genres, year and "
                  "content vector",
                  "content"),
    [MAPPING_POPULARITY] =
        FEATURE("content.popularity", "content", "log popularity predicted likewise"),
    [MAPPING_RATING] =
        FEATURE("content.rating", "content", "mean rating predicted likewise, stars"),
};

static int compare_floats(const void *a, const void *b) {
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Distinct quantiles of the years of the movies with ratings, ascending; *count of them. */
static enum status find_knots(float knot[KNOTS], size_t *count, const struct rating_stats *s,
                              const uint32_t *popularity, uint32_t n_movies, struct error *err) {
    MEM_AUTO float *year = NULL;
    size_t n = 0;
    TRY(MEM_NEW(&year, n_movies, err));
    for (uint32_t m = 0; m < n_movies; m++) {
        if (popularity[m] > 0) year[n++] = s->year[m];
    }
    qsort(year, n, sizeof(*year), compare_floats);
    *count = 0;
    for (size_t k = 0; k < KNOTS && n > 0; k++) {
        float value = year[k * (n - 1) / (KNOTS - 1)];
        if (*count == 0 || value > knot[*count - 1]) knot[(*count)++] = value;
    }
    return STATUS_OK;
}

/* Hat functions of the year: linear between knots, constant beyond the outer ones. */
static void fill_year(float *x, const float *knot, size_t count, float year) {
    size_t k = 0;
    while (k < count && knot[k] < year) {
        k++;
    }
    if (count == 0) return;
    if (k == 0 || k == count) {
        x[k == 0 ? 0 : count - 1] = 1;
        return;
    }
    float share = (year - knot[k - 1]) / (knot[k] - knot[k - 1]);
    x[k - 1] = 1 - share;
    x[k] = share;
}

/* design[movies, columns]: 1, genres, year, content vector of each movie. */
static enum status make_design(float **design, size_t *columns, const struct feature_view *c,
                               struct error *err) {
    const struct catalogue *catalogue = &c->catalogue;
    size_t dim = c->content.dim, genres = catalogue->n_genres, n_knots;
    float knot[KNOTS];
    TRY(find_knots(knot, &n_knots, &c->stats, c->models.baseline.popularity, catalogue->n_movies,
                   err));
    *columns = 1 + genres + n_knots + dim;
    TRY(MEM_NEW(design, catalogue->n_movies * *columns, err));
    for (uint32_t m = 0; m < catalogue->n_movies; m++) {
        float *x = *design + m * *columns;
        x[0] = 1;
        for (uint64_t e = catalogue->genre_offset[m]; e < catalogue->genre_offset[m + 1]; e++) {
            x[1 + catalogue->genre_index[e]] = 1;
        }
        fill_year(x + 1 + genres, knot, n_knots, c->stats.year[m]);
        memcpy(x + 1 + genres + n_knots, c->content.vector + m * dim, dim * sizeof *x);
    }
    return STATUS_OK;
}

/* The targets of a movie: implicit factors, log popularity, movie bias. */
static void fill_targets(const struct feature_view *c, uint32_t movie, float *y) {
    const struct ials_model *ials = models_find(&c->models, &ials_model);
    memcpy(y, ials->movie + (size_t)movie * ials->dim, ials->dim * sizeof *y);
    y[ials->dim] = c->stats.log_popularity[movie];
    y[ials->dim + 1] = c->models.baseline.movie_bias[movie];
}

/* Fills x[n, columns] and y[n, targets] with the weighted rows of the movies with ratings; returns
 * n. */
static size_t weighted_rows(const struct feature_view *c, const float *design, size_t columns,
                            size_t targets, float *x, float *y) {
    size_t n = 0;
    for (uint32_t m = 0; m < c->catalogue.n_movies; m++) {
        double count = c->models.baseline.popularity[m];
        if (count == 0) continue;
        float root = (float)sqrt(count / (count + SHRINKAGE));
        for (size_t k = 0; k < columns; k++) {
            x[n * columns + k] = root * design[m * columns + k];
        }
        fill_targets(c, m, y + n * targets);
        for (size_t k = 0; k < targets; k++) {
            y[n * targets + k] *= root;
        }
        n++;
    }
    return n;
}

/* *expected = [movies, targets], which becomes *own. */
static enum status fit(float **expected, const struct feature_view *c, size_t targets,
                       struct error *err) {
    MEM_AUTO float *design = NULL, *x = NULL, *y = NULL, *matrix = NULL, *right = NULL;
    size_t n_columns, movies = c->catalogue.n_movies;
    TRY(make_design(&design, &n_columns, c, err));
    TRY(MEM_NEW(&x, movies * n_columns, err));
    TRY(MEM_NEW(&y, movies * targets, err));
    TRY(MEM_NEW(&matrix, n_columns * n_columns, err));
    TRY(MEM_NEW(&right, targets * n_columns, err));
    TRY(MEM_NEW(expected, movies * targets, err));
    size_t n = weighted_rows(c, design, n_columns, targets, x, y);
    dense_syrk(n_columns, n, 1.0F, x, n_columns, 0.0F, matrix, n_columns);
    for (size_t k = 0; k < n_columns; k++) {
        matrix[k * n_columns + k] += RIDGE;
    }
    dense_gemm('T', 'N', targets, n_columns, n, 1.0F, y, targets, x, n_columns, 0.0F, right,
               n_columns);
    TRY(dense_solve_spd(n_columns, matrix, targets, right, err));
    dense_gemm('N', 'T', movies, targets, n_columns, 1.0F, design, n_columns, right, n_columns,
               0.0F, *expected, targets);
    return STATUS_OK;
}

static enum status load(void **own, const struct feature_view *view, const struct artifact *dataset,
                        struct error *err) {
    (void)dataset;
    const struct ials_model *ials = models_find(&view->models, &ials_model);
    float *expected = NULL;
    if (ials == NULL) return STATUS_OK;
    enum status status = fit(&expected, view, (size_t)ials->dim + 2, err);
    *own = expected;
    return status;
}

static bool present(const struct feature_view *view, const void *own) {
    (void)view;
    return own != NULL;
}

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    (void)work;
    size_t dim = scope->view->space.dim; /* that of iALS, which `present` ensures */
    for (size_t i = 0; i < block->n; i++, x += stride) {
        const float *expected = (const float *)scope->own + block->movie[i] * (dim + 2);
        x[MAPPING_TASTE] = dense_dot(dim, scope->query->ials, expected);
        x[MAPPING_POPULARITY] = expected[dim];
        x[MAPPING_RATING] = (float)scope->view->models.baseline.mean + expected[dim + 1];
    }
}

const struct feature_family cold_items_family = {
    FEATURES_OF(mapping_columns), .load = load, .unload = mem_free,
    .present = present,           .fill = fill,
};
