#include "common/models/factors.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/dense.h"
#include "common/models/als.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    [ITEM_EASE] = "ease",
    [ITEM_EASE_LIKED] = "ease-liked",
    [ITEM_EASE_RESIDUAL] = "ease-residual",
    [ITEM_TRANSITION] = "transition",
    [ITEM_EASE_DROPOUT] = "ease-dropout",
    [ITEM_WINDOW] = "window",
};

const char *item_model_type_name(enum item_model_type type) {
    return type_names[type];
}

static bool type_parse(const char *name, enum item_model_type *out) {
    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (strcmp(name, type_names[i]) == 0) {
            *out = (enum item_model_type)i;
            return true;
        }
    }
    return false;
}

/* ---- loading ---- */

/* Reads the 2-d column [rows, *columns]; the number of columns must be the same in every call. */
static enum status read_matrix(const struct artifact *a, const char *name, uint32_t rows,
                               uint32_t *columns, float **out, struct error *err) {
    const struct column_info *info = artifact_column(a, name);
    if (info == NULL || info->n_dims != 2 || info->shape[0] != rows || info->shape[1] == 0 ||
        info->shape[1] > 65536 || (*columns != 0 && info->shape[1] != *columns)) {
        return error_set(err, STATUS_DAMAGED,
                         "loading factors: %s: column %s: missing or of another shape than the "
                         "columns beside it",
                         artifact_path(a), name);
    }
    *columns = (uint32_t)info->shape[1];
    return artifact_read(a, name, DTYPE_F32, (uint64_t)rows * *columns, out, err);
}

static enum status load_mf(struct factors *f, const struct artifact *a, struct error *err) {
    struct mf_model *m = &f->mf;
    m->present = artifact_column(a, "mf.movie") != NULL;
    if (!m->present) return STATUS_OK;
    TRY(read_matrix(a, "mf.user", f->n_users, &m->dim, &m->user, err));
    TRY(read_matrix(a, "mf.movie", f->n_movies, &m->dim, &m->movie, err));
    TRY(artifact_read(a, "mf.user_bias", DTYPE_F32, f->n_users, &m->user_bias, err));
    TRY(artifact_read(a, "mf.movie_bias", DTYPE_F32, f->n_movies, &m->movie_bias, err));
    TRY(artifact_get_f64(a, "mf.mean", &m->mean, err));
    TRY(artifact_get_f64(a, "mf.lambda", &m->lambda, err));
    TRY(artifact_get_f64(a, "mf.lambda_bias", &m->lambda_bias, err));
    return artifact_get_f64(a, "mf.nu", &m->nu, err);
}

static enum status load_ials(struct factors *f, const struct artifact *a, struct error *err) {
    struct ials_model *m = &f->ials;
    m->present = artifact_column(a, "ials.movie") != NULL;
    if (!m->present) return STATUS_OK;
    TRY(read_matrix(a, "ials.user", f->n_users, &m->dim, &m->user, err));
    TRY(read_matrix(a, "ials.movie", f->n_movies, &m->dim, &m->movie, err));
    TRY(artifact_get_f64(a, "ials.alpha0", &m->alpha0, err));
    TRY(artifact_get_f64(a, "ials.lambda", &m->lambda, err));
    TRY(artifact_get_f64(a, "ials.nu", &m->nu, err));
    m->n_movies = f->n_movies;
    TRY(mem_alloc(&m->gram, (size_t)m->dim * m->dim, sizeof(float), err));
    als_gram(m->gram, m->movie, f->n_movies, m->dim, m->alpha0);
    return STATUS_OK;
}

static enum status check_weights(const struct csr *w, const struct artifact *a, const char *name,
                                 struct error *err) {
    bool good = w->offset[0] == 0 && w->offset[w->n_rows] == w->count;
    for (uint32_t i = 0; good && i < w->n_rows; i++) {
        good = w->offset[i] <= w->offset[i + 1] && w->offset[i + 1] <= w->count;
    }
    for (uint64_t k = 0; good && k < w->count; k++) {
        good = w->column[k] < w->n_columns;
    }
    if (good) return STATUS_OK;
    return error_set(err, STATUS_DAMAGED,
                     "loading factors: %s: columns weights.%s.*: not a sparse matrix of %u movies",
                     artifact_path(a), name, (unsigned)w->n_rows);
}

static enum status load_weights(struct item_model *m, const struct artifact *a, uint32_t n_movies,
                                struct error *err) {
    char name[ARTIFACT_MAX_NAME + 1];
    struct csr *w = &m->weights;
    w->n_rows = w->n_columns = n_movies;
    snprintf(name, sizeof(name), "weights.%s.offset", m->name);
    TRY(artifact_read(a, name, DTYPE_U64, (uint64_t)n_movies + 1, &w->offset, err));
    snprintf(name, sizeof(name), "weights.%s.value", m->name);
    const struct column_info *info = artifact_column(a, name);
    w->count = info != NULL ? info->count : 0;
    TRY(artifact_read(a, name, DTYPE_F32, w->count, &w->value, err));
    snprintf(name, sizeof(name), "weights.%s.movie", m->name);
    TRY(artifact_read(a, name, DTYPE_U32, w->count, &w->column, err));
    return check_weights(w, a, m->name, err);
}

/* Finds " key=" in space-separated pairs; `missing` where it is not there. */
static double param(const char *params, const char *key, double missing) {
    size_t size = strlen(key);
    for (const char *at = params; at != NULL && *at != '\0'; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, key, size) == 0 && at[size] == '=') return strtod(at + size + 1, NULL);
    }
    return missing;
}

static enum status load_item_model(struct item_model *m, const struct artifact *a, const char *name,
                                   const char *type, const char *params, uint32_t n_movies,
                                   struct error *err) {
    if (strlen(name) >= sizeof(m->name) || !type_parse(type, &m->type)) {
        return error_set(err, STATUS_DAMAGED,
                         "loading factors: %s: item model \"%s\": type \"%s\" is not known",
                         artifact_path(a), name, type);
    }
    snprintf(m->name, sizeof(m->name), "%s", name);
    m->tau_past = param(params, "tau_past", 0);
    m->tau_future = param(params, "tau_future", 0);
    m->past_seconds = param(params, "past_seconds", 0);
    m->lambda = param(params, "lambda", 0);
    double window = param(params, "window_past", 0);
    bool has_window = window >= 1 && window <= UINT32_MAX;
    m->window = has_window ? (uint32_t)window : 0;
    if (m->type == ITEM_TRANSITION && !(m->tau_past > 0 && has_window)) {
        return error_set(err, STATUS_DAMAGED,
                         "loading factors: %s: item model \"%s\": no tau_past and window_past in "
                         "\"%s\"",
                         artifact_path(a), name, params);
    }
    return load_weights(m, a, n_movies, err);
}

static enum status load_item_models(struct factors *f, const struct artifact *a,
                                    struct error *err) {
    AUTO(strings) struct strings name = {0}, type = {0}, params = {0};
    TRY(artifact_read_strings(a, "item_model.name", UINT64_MAX, &name, err));
    TRY(artifact_read_strings(a, "item_model.type", name.count, &type, err));
    TRY(artifact_read_strings(a, "item_model.params", name.count, &params, err));
    TRY(MEM_NEW(&f->item_models, name.count, err));
    f->n_item_models = name.count;
    for (size_t i = 0; i < name.count; i++) {
        TRY(load_item_model(&f->item_models[i], a, strings_get(&name, i), strings_get(&type, i),
                            strings_get(&params, i), f->n_movies, err));
    }
    return STATUS_OK;
}

static enum status load(struct factors *f, const struct artifact *a, struct error *err) {
    int64_t n_users;
    const struct column_info *popularity = artifact_column(a, "popularity");
    TRY(artifact_get_i64(a, "n_users", &n_users, err));
    if (popularity == NULL || popularity->count >= NO_INDEX || n_users < 0 ||
        n_users >= (int64_t)NO_INDEX) {
        return error_set(err, STATUS_DAMAGED, "loading factors: %s: no size of the catalogue",
                         artifact_path(a));
    }
    f->n_users = (uint32_t)n_users;
    f->n_movies = (uint32_t)popularity->count;
    TRY(artifact_read(a, "popularity", DTYPE_U32, f->n_movies, &f->popularity, err));
    TRY(artifact_read(a, "movie_bias", DTYPE_F32, f->n_movies, &f->movie_bias, err));
    TRY(artifact_get_f64(a, "mean", &f->mean, err));
    TRY(artifact_get_f64(a, "user_shrinkage", &f->user_shrinkage, err));
    TRY(artifact_get_f64(a, "liked", &f->liked, err));
    TRY(load_mf(f, a, err));
    TRY(load_ials(f, a, err));
    return load_item_models(f, a, err);
}

enum status factors_load(struct factors *out, const struct artifact *a, struct error *err) {
    *out = (struct factors){0};
    enum status status = load(out, a, err);
    if (status != STATUS_OK) factors_release(out);
    return status;
}

void factors_release(struct factors *f) {
    for (size_t i = 0; i < f->n_item_models; i++) {
        csr_release(&f->item_models[i].weights);
    }
    mem_free(f->item_models);
    mem_free(f->popularity);
    mem_free(f->movie_bias);
    mem_free(f->mf.user_bias);
    mem_free(f->mf.movie_bias);
    mem_free(f->mf.user);
    mem_free(f->mf.movie);
    mem_free(f->ials.user);
    mem_free(f->ials.movie);
    mem_free(f->ials.gram);
    *f = (struct factors){0};
}

const struct item_model *factors_item_model(const struct factors *f, const char *name) {
    for (size_t i = 0; i < f->n_item_models; i++) {
        if (strcmp(f->item_models[i].name, name) == 0) return &f->item_models[i];
    }
    return NULL;
}

/* ---- folding in ---- */

enum status mf_fold_in(const struct mf_model *m, const struct history *h, float *bias,
                       float *vector, struct error *err) {
    AUTO(als_work) struct als_work work = {0};
    MEM_AUTO float *target = NULL;
    TRY(als_work_alloc(&work, (size_t)m->dim + 1, err));
    TRY(MEM_NEW(&target, h->count, err));
    for (size_t k = 0; k < h->count; k++) {
        target[k] = (float)(0.5 * h->value[k] - m->mean);
    }
    struct als_explicit problem = {m->dim,    m->movie,       m->movie_bias,
                                   m->lambda, m->lambda_bias, m->nu};
    struct als_row row = {h->movie, target, NULL, h->count};
    return als_explicit_solve(&problem, &row, &work, bias, vector, err);
}

enum status ials_fold_in(const struct ials_model *m, const struct history *h, const float *weight,
                         float *vector, struct error *err) {
    AUTO(als_work) struct als_work work = {0};
    TRY(als_work_alloc(&work, m->dim, err));
    struct als_implicit problem = {m->dim,    m->movie, m->gram,    m->alpha0,
                                   m->lambda, m->nu,    m->n_movies};
    struct als_row row = {h->movie, NULL, weight, h->count};
    return als_implicit_solve(&problem, &row, &work, vector, err);
}

/* ---- scoring with item-item models ---- */

void item_model_score(const struct item_model *m, const struct history *h, const float *weight,
                      float *scores) {
    for (size_t k = 0; k < h->count; k++) {
        if (weight[k] != 0.0F) csr_add_row(&m->weights, h->movie[k], weight[k], scores);
    }
}

void transition_history_weights(const struct item_model *m, const struct history *h,
                                float *weight) {
    for (size_t k = 0; k < h->count; k++) {
        double position = (double)(h->count - 1 - k);
        double exponent = position / m->tau_past;
        if (m->past_seconds > 0) {
            exponent += (double)(h->time[h->count - 1] - h->time[k]) / m->past_seconds;
        }
        weight[k] = position < (double)m->window ? (float)exp(-exponent) : 0.0F;
    }
}

void factors_residuals(const struct factors *f, const struct history *h, float *residual) {
    double sum = 0;
    for (size_t k = 0; k < h->count; k++) {
        double rest = 0.5 * h->value[k] - f->mean - (double)f->movie_bias[h->movie[k]];
        residual[k] = (float)rest;
        sum += rest;
    }
    float bias = (float)(sum / ((double)h->count + f->user_shrinkage));
    for (size_t k = 0; k < h->count; k++) {
        residual[k] -= bias;
    }
}

static void liked_weights(const struct history *h, double liked, float *weight) {
    double sum = 0;
    for (size_t k = 0; k < h->count; k++) {
        sum += 0.5 * h->value[k];
    }
    double mean = h->count > 0 ? sum / (double)h->count : 0;
    for (size_t k = 0; k < h->count; k++) {
        double stars = 0.5 * h->value[k];
        weight[k] = stars >= mean && stars >= liked ? 1.0F : 0.0F;
    }
}

void item_model_history_weights(const struct factors *f, const struct item_model *m,
                                const struct history *h, float *weight) {
    switch (m->type) {
    case ITEM_EASE:
    case ITEM_EASE_DROPOUT:
    case ITEM_WINDOW:
        for (size_t k = 0; k < h->count; k++) {
            weight[k] = 1.0F;
        }
        break;
    case ITEM_EASE_LIKED:
        liked_weights(h, f->liked, weight);
        break;
    case ITEM_EASE_RESIDUAL:
        factors_residuals(f, h, weight);
        break;
    case ITEM_TRANSITION:
        transition_history_weights(m, h, weight);
        break;
    }
}
