/* Loading all models of a view, and what is computed once from them. */
#include "common/base/mem.h"
#include "common/features/feature_internal.h"

#include <string.h>

static enum status check_sizes(const struct feature_view *v, struct error *err) {
    uint32_t movies = v->catalogue.n_movies;
    if (v->models.baseline.n_movies != movies || v->content.n_movies != movies) {
        return error_set(err, STATUS_DAMAGED,
                         "features: catalogue has %u movies, factors %u, content %u", movies,
                         v->models.baseline.n_movies, v->content.n_movies);
    }
    return STATUS_OK;
}

static enum status load(struct feature_context *c, const struct run_artifacts *from,
                        struct error *err) {
    const struct artifact *dataset = from->file[RUN_DATASET];
    struct feature_view *v = &c->view;
    TRY(dataset_has_order(&c->view.ordered, from->file[RUN_DATASET], err));
    TRY(catalogue_load(&v->catalogue, dataset, err));
    TRY(view_load(&v->ratings, dataset, from->file[RUN_SPLIT], from->view, err));
    TRY(content_load(&v->content, from->file[RUN_SIMILARITY], err));
    TRY(models_load(&v->models, from->file, RUN_ROLES, err));
    TRY(check_sizes(v, err));
    TRY(rating_stats_compute(&v->stats, &v->catalogue, &v->ratings, v->models.baseline.mean, err));
    TRY(item_space_build(&v->space, &v->models, &v->content, err));
    return feature_list_build(c, dataset, err);
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
    mem_free(c->view.ratings.by_movie_rating);
    c->view.ratings.by_movie_rating = NULL;
}

void feature_context_release(struct feature_context *c) {
    if (c == NULL) return;
    for (size_t i = 0; i < c->n_sources; i++) {
        const struct feature_family *family = c->source[i].family;
        if (family != NULL && family->unload != NULL) family->unload(c->source[i].own);
    }
    mem_free(c->source);
    mem_free(c->specs);
    strings_release(&c->texts);
    item_space_release(&c->view.space);
    rating_stats_release(&c->view.stats);
    models_release(&c->view.models);
    content_release(&c->view.content);
    ratings_release(&c->view.ratings);
    catalogue_release(&c->view.catalogue);
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
    return &c->view.catalogue;
}

const struct ratings *feature_ratings(const struct feature_context *c) {
    return &c->view.ratings;
}

const struct content *feature_content(const struct feature_context *c) {
    return &c->view.content;
}

const struct models *feature_models(const struct feature_context *c) {
    return &c->view.models;
}
