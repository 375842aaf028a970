/* Loading all models of a view, and what is computed once from them. */
#include "common/features/feature_internal.h"

#include "common/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Unit rows of the factors (or content vectors), so that a dot product is a cosine. */
static enum status build_space(struct feature_context *c, struct error *err) {
    const struct ials_model *ials = &c->factors.ials;
    const float *rows = ials->present ? ials->movie : c->content.vector;
    size_t dim = ials->present ? ials->dim : c->content.dim, n = c->catalogue.n_movies, total;
    c->space_dim = dim;
    if (!mem_multiply(n, dim, &total)) {
        return error_set(err, STATUS_FAILED, "movie factors: %zu times %zu is too large", n, dim);
    }
    TRY(MEM_NEW(&c->space, total, err));
    TRY(MEM_NEW(&c->space_norm, n, err));
    for (size_t m = 0; m < n; m++) {
        double squares = 0;
        for (size_t k = 0; k < dim; k++) {
            squares += (double)rows[m * dim + k] * rows[m * dim + k];
        }
        c->space_norm[m] = (float)sqrt(squares);
        if (squares <= 0) continue;
        double scale = 1.0 / sqrt(squares);
        for (size_t k = 0; k < dim; k++) {
            c->space[m * dim + k] = (float)(rows[m * dim + k] * scale);
        }
    }
    return STATUS_OK;
}

static enum status check_sizes(const struct feature_context *c, struct error *err) {
    uint32_t movies = c->catalogue.n_movies, users = c->catalogue.n_users;
    if (c->ratings.n_movies != movies || c->ratings.n_users != users ||
        c->factors.n_movies != movies || c->content.n_movies != movies) {
        return error_set(err, STATUS_DAMAGED,
                         "features: catalogue has %u movies, ratings %u, factors %u, content %u",
                         movies, c->ratings.n_movies, c->factors.n_movies, c->content.n_movies);
    }
    if (c->sequence.n_movies != 0 && c->sequence.n_movies != movies) {
        return error_set(err, STATUS_DAMAGED, "features: catalogue has %u movies, sequence %u",
                         movies, c->sequence.n_movies);
    }
    return STATUS_OK;
}

static enum status load(struct feature_context *c, const struct run_artifacts *from,
                        struct error *err) {
    const struct artifact *dataset = from->file[RUN_DATASET], *sequence = from->file[RUN_SEQUENCE];
    TRY(catalogue_load(&c->catalogue, dataset, err));
    TRY(view_load(&c->ratings, dataset, from->file[RUN_SPLIT], from->view, err));
    TRY(content_load(&c->content, from->file[RUN_SIMILARITY], err));
    TRY(factors_load(&c->factors, from->file[RUN_FACTORS], err));
    if (sequence != NULL) TRY(sequence_load(&c->sequence, sequence, err));
    TRY(check_sizes(c, err));
    TRY(statistics_compute(&c->statistics, &c->catalogue, &c->ratings, &c->content, &c->factors,
                           err));
    TRY(beginnings_compute(&c->beginnings, &c->ratings, err));
    TRY(demographics_load(&c->demographics, dataset, &c->ratings, err));
    TRY(build_space(c, err));
    TRY(mapping_fit(c, err));
    return feature_list_build(c, err);
}

enum status feature_context_load(struct feature_context **out, const struct run_artifacts *from,
                                 struct error *err) {
    *out = NULL;
    struct feature_context *c = NULL;
    TRY(MEM_NEW(&c, 1, err));
    enum status status = load(c, from, err);
    if (status != STATUS_OK) {
        feature_context_release(c);
        return status;
    }
    *out = c;
    return STATUS_OK;
}

void feature_context_trim(struct feature_context *c) {
    mem_free(c->ratings.by_movie_rating);
    c->ratings.by_movie_rating = NULL;
}

void feature_context_release(struct feature_context *c) {
    if (c == NULL) return;
    catalogue_release(&c->catalogue);
    ratings_release(&c->ratings);
    content_release(&c->content);
    factors_release(&c->factors);
    sequence_model_release(&c->sequence);
    statistics_release(&c->statistics);
    beginnings_release(&c->beginnings);
    demographics_release(&c->demographics);
    mem_free(c->space);
    mem_free(c->space_norm);
    mem_free(c->mapped);
    mem_free(c->specs);
    strings_release(&c->texts);
    mem_free(c);
}

size_t feature_count(const struct feature_context *c) {
    return c->n_specs;
}

const struct feature_spec *feature_at(const struct feature_context *c, size_t index) {
    return &c->specs[index];
}

size_t feature_find(const struct feature_context *c, const char *name) {
    for (size_t i = 0; i < c->n_specs; i++) {
        if (strcmp(c->specs[i].name, name) == 0) return i;
    }
    return SIZE_MAX;
}

const struct catalogue *feature_catalogue(const struct feature_context *c) {
    return &c->catalogue;
}

const struct ratings *feature_ratings(const struct feature_context *c) {
    return &c->ratings;
}

const struct content *feature_content(const struct feature_context *c) {
    return &c->content;
}

const struct factors *feature_factors(const struct feature_context *c) {
    return &c->factors;
}
