#include "stages/factorize/factorize.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/models/factors.h"
#include "common/models/ials.h"
#include "common/models/item_models.h"
#include "common/models/mf.h"

#include <stdio.h>

/* The rows of all processes' users of a column, on rank 0; elsewhere *all stays NULL. */
static enum status collect_users(float **all, const struct factors *f, const float *own,
                                 const struct ratings *ratings, size_t width, struct error *err) {
    if (ranks_self() == 0) TRY(mem_alloc(all, f->n_users, width * sizeof(float), err));
    return ranks_collect(*all, own, ratings->n_users * width, err);
}

static enum status write_mf(struct artifact_writer *out, const struct factors *f,
                            const struct ratings *ratings, const double *objective,
                            size_t iterations, struct error *err) {
    const struct mf_model *m = &f->mf;
    MEM_AUTO float *bias = NULL, *user = NULL;
    TRY(collect_users(&bias, f, m->user_bias, ratings, 1, err));
    TRY(collect_users(&user, f, m->user, ratings, m->dim, err));
    if (ranks_self() != 0) return STATUS_OK;
    TRY(artifact_add_1d(out, "mf.user_bias", DTYPE_F32, f->n_users, bias, err));
    TRY(artifact_add_1d(out, "mf.movie_bias", DTYPE_F32, f->n_movies, m->movie_bias, err));
    TRY(artifact_add_2d(out, "mf.user", DTYPE_F32, f->n_users, m->dim, user, err));
    TRY(artifact_add_2d(out, "mf.movie", DTYPE_F32, f->n_movies, m->dim, m->movie, err));
    TRY(artifact_add_1d(out, "mf.objective", DTYPE_F64, iterations, objective, err));
    TRY(artifact_set_f64(out, "mf.mean", m->mean, err));
    TRY(artifact_set_f64(out, "mf.lambda", m->lambda, err));
    TRY(artifact_set_f64(out, "mf.lambda_bias", m->lambda_bias, err));
    return artifact_set_f64(out, "mf.nu", m->nu, err);
}

static enum status fit_mf(struct artifact_writer *out, struct factors *f,
                          const struct ratings *ratings, const struct factorize_params *p,
                          uint64_t seed, struct error *err) {
    MEM_AUTO double *objective = NULL;
    size_t iterations = (size_t)p->mf_iterations;
    struct mf_params params = {(size_t)p->mf_dim, iterations, p->mf_lambda, p->mf_lambda_bias,
                               p->mf_nu};
    TRY(MEM_NEW(&objective, iterations, err));
    if (mf_fit(&f->mf, objective, ratings, &params, seed, err) != STATUS_OK) {
        return error_wrap(err, "fitting mf");
    }
    return write_mf(out, f, ratings, objective, iterations, err);
}

static enum status write_ials(struct artifact_writer *out, const struct factors *f,
                              const struct ratings *ratings, const double *objective,
                              size_t iterations, struct error *err) {
    const struct ials_model *m = &f->ials;
    MEM_AUTO float *user = NULL;
    TRY(collect_users(&user, f, m->user, ratings, m->dim, err));
    if (ranks_self() != 0) return STATUS_OK;
    TRY(artifact_add_2d(out, "ials.user", DTYPE_F32, f->n_users, m->dim, user, err));
    TRY(artifact_add_2d(out, "ials.movie", DTYPE_F32, f->n_movies, m->dim, m->movie, err));
    TRY(artifact_add_1d(out, "ials.objective", DTYPE_F64, iterations, objective, err));
    TRY(artifact_set_f64(out, "ials.alpha0", m->alpha0, err));
    TRY(artifact_set_f64(out, "ials.lambda", m->lambda, err));
    return artifact_set_f64(out, "ials.nu", m->nu, err);
}

static enum status fit_ials(struct artifact_writer *out, struct factors *f,
                            const struct ratings *ratings, const struct factorize_params *p,
                            uint64_t seed, struct error *err) {
    MEM_AUTO double *objective = NULL;
    size_t iterations = (size_t)p->ials_iterations;
    struct ials_params params = {(size_t)p->ials_dim, iterations, p->ials_alpha0, p->ials_lambda,
                                 p->ials_nu};
    TRY(MEM_NEW(&objective, iterations, err));
    if (ials_fit(&f->ials, objective, ratings, &params, seed, err) != STATUS_OK) {
        return error_wrap(err, "fitting ials");
    }
    return write_ials(out, f, ratings, objective, iterations, err);
}

static enum status write_weights(struct artifact_writer *out, const char *name,
                                 const struct csr *weights, struct error *err) {
    char column[ARTIFACT_MAX_NAME + 1];
    snprintf(column, sizeof(column), "weights.%s.offset", name);
    TRY(artifact_add_1d(out, column, DTYPE_U64, (uint64_t)weights->n_rows + 1, weights->offset,
                        err));
    snprintf(column, sizeof(column), "weights.%s.movie", name);
    TRY(artifact_add_1d(out, column, DTYPE_U32, weights->count, weights->column, err));
    snprintf(column, sizeof(column), "weights.%s.value", name);
    return artifact_add_1d(out, column, DTYPE_F32, weights->count, weights->value, err);
}

static enum status list_models(struct item_model_list *list, const struct factorize_params *p,
                               struct error *err) {
    const struct {
        bool wanted;
        enum item_model_type type;
        struct ridge ridge;
    } ease[] = {
        {p->ease, ITEM_EASE, {p->ease_lambda, 0}},
        {p->ease_liked, ITEM_EASE_LIKED, {p->ease_liked_lambda, 0}},
        {p->ease_residual, ITEM_EASE_RESIDUAL, {p->ease_residual_lambda, 0}},
        {p->ease_dropout, ITEM_EASE_DROPOUT, {p->ease_dropout_lambda, p->ease_dropout_share}}};
    for (size_t i = 0; i < sizeof(ease) / sizeof(ease[0]); i++) {
        if (ease[i].wanted) TRY(item_models_add_ease(list, ease[i].type, &ease[i].ridge, err));
    }
    if (p->transition) TRY(item_models_add_transitions(list, p->transition_models, err));
    if (p->window) TRY(item_models_add_windows(list, p->window_models, err));
    return STATUS_OK;
}

static enum status write_list(struct artifact_writer *out, const struct item_model_list *list,
                              struct error *err) {
    AUTO(strings) struct strings name = {0}, type = {0}, params = {0};
    AUTO(buf) struct buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        buf_clear(&text);
        TRY(item_model_describe(&text, &list->spec[i], err));
        TRY(strings_add(&name, list->spec[i].name, err));
        TRY(strings_add(&type, item_model_type_name(list->spec[i].type), err));
        TRY(strings_add(&params, text.data, err));
    }
    TRY(artifact_add_strings(out, "item_model.name", &name, err));
    TRY(artifact_add_strings(out, "item_model.type", &type, err));
    return artifact_add_strings(out, "item_model.params", &params, err);
}

static enum status fit_list(struct artifact_writer *out, const struct item_model_list *list,
                            const struct item_model_data *data, struct progress *progress,
                            struct error *err) {
    for (size_t i = 0; i < list->count; i++) {
        AUTO(csr) struct csr weights = {0};
        uint64_t started = clock_now_ns();
        double used = clock_cpu_seconds();
        TRY(item_model_fit(&weights, &list->spec[i], data, err));
        if (ranks_self() == 0) TRY(write_weights(out, list->spec[i].name, &weights, err));
        progress_add(progress, 1);
        log_info("%s: %.3f s, CPU %.3f s, %llu weights among %u movies", list->spec[i].name,
                 1e-9 * (double)(clock_now_ns() - started), clock_cpu_seconds() - used,
                 (unsigned long long)weights.count, (unsigned)data->selection->n);
    }
    return STATUS_OK;
}

static enum status fit_item_models(struct artifact_writer *out, const struct factors *baseline,
                                   const struct ratings *ratings, const struct factorize_params *p,
                                   struct error *err) {
    struct item_model_list list = {.count = 0};
    AUTO(popular_items) struct popular_items selection = {0};
    AUTO(sequences) struct sequences sequences = {0};
    TRY(list_models(&list, p, err));
    TRY(popular_items_make(&selection, ratings, (size_t)p->item_limit, (size_t)p->item_min_ratings,
                           err));
    TRY(sequences_make(&sequences, ratings, &selection, err));
    struct item_model_data data = {ratings, &selection, &sequences, baseline, (size_t)p->keep};
    struct progress progress;
    progress_start(&progress, "item-item models", "models", list.count);
    enum status status = fit_list(out, &list, &data, &progress, err);
    progress_end(&progress);
    if (status != STATUS_OK) return status;
    return ranks_self() == 0 ? write_list(out, &list, err) : STATUS_OK;
}

static enum status write_baseline(struct artifact_writer *out, const struct factors *f,
                                  struct error *err) {
    TRY(artifact_set_i64(out, "n_users", f->n_users, err));
    TRY(artifact_add_1d(out, "popularity", DTYPE_U32, f->n_movies, f->popularity, err));
    TRY(artifact_add_1d(out, "movie_bias", DTYPE_F32, f->n_movies, f->movie_bias, err));
    TRY(artifact_set_f64(out, "mean", f->mean, err));
    TRY(artifact_set_f64(out, "user_shrinkage", f->user_shrinkage, err));
    return artifact_set_f64(out, "liked", f->liked, err);
}

enum status factorize(struct artifact_writer *out, const struct ratings *ratings,
                      const struct factorize_params *params, uint64_t seed, struct error *err) {
    AUTO(factors)
    struct factors f = {.user_shrinkage = params->user_shrinkage, .liked = params->liked};
    TRY(baseline_fit(&f, ratings, params->movie_shrinkage, err));
    if (ranks_self() == 0) TRY(write_baseline(out, &f, err));
    if (params->mf) TRY(fit_mf(out, &f, ratings, params, seed, err));
    if (params->ials) TRY(fit_ials(out, &f, ratings, params, seed, err));
    return fit_item_models(out, &f, ratings, params, err);
}
