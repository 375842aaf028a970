#include "common/models/ease.h"

#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/ranks.h"
#include "common/data/dense.h"
#include "common/data/rating_scale.h"
#include "common/models/item_item.h"
#include "common/models/partition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct gram {
    const struct csr *by_movie, *by_user;
};

/* Row `i` up to the diagonal: the products with all movies of all users of movie i. Rows of
 * `by_user` ascend, so each walk stops at the diagonal. */
static void gram_row(const void *context, uint32_t i, double *sum) {
    const struct gram *g = context;
    const struct csr *by_user = g->by_user;
    for (uint64_t e = g->by_movie->offset[i]; e < g->by_movie->offset[i + 1]; e++) {
        uint32_t user = g->by_movie->column[e];
        double value = (double)g->by_movie->value[e];
        for (uint64_t k = by_user->offset[user]; k < by_user->offset[user + 1]; k++) {
            uint32_t other = by_user->column[k];
            if (other > i) break;
            sum[other] += value * (double)by_user->value[k];
        }
    }
}

enum status ease_gram(float *gram, const struct csr *by_movie, const struct ridge *ridge,
                      struct error *err) {
    AUTO(csr) struct csr by_user = {0};
    TRY(csr_transpose(&by_user, by_movie, err));
    size_t n = by_movie->n_rows;
    double relative = ridge->dropout / (1 - ridge->dropout);
    TRY(partition_sum_rows(gram, 0, (uint32_t)n, n, gram_row, &(struct gram){by_movie, &by_user},
                           err));
    if (gram == NULL) return STATUS_OK;
    for (size_t i = 0; i < n; i++) {
        double diagonal = (double)gram[i * n + i];
        gram[i * n + i] = (float)(diagonal * (1 + relative) + ridge->lambda);
    }
    dense_symmetrise(gram, n);
    return interrupt_check(err);
}

static enum status fit_by_movies(struct pruned *out, const struct csr *by_movie,
                                 const struct ridge *ridge, struct error *err) {
    size_t n = by_movie->n_rows;
    MEM_AUTO float *matrix = NULL;
    if (ranks_self() == 0) TRY(mem_alloc(&matrix, n * n, sizeof(float), err));
    TRY(ease_gram(matrix, by_movie, ridge, err));
    if (matrix == NULL) return STATUS_OK;
    TRY(dense_invert_spd(n, matrix, err));
    TRY(interrupt_check(err));
    /* P is symmetric: the weights of target j, a column of B, are computed from row j. */
#pragma omp parallel for schedule(static)
    for (size_t j = 0; j < n; j++) {
        float *row = matrix + j * n, scale = -1.0F / row[j];
        for (size_t i = 0; i < n; i++) {
            row[i] *= scale;
        }
    }
    return pruned_take_rows(out, 0, out->n, matrix, err);
}

/* Z = D^-1/2 X, by user, and root[n] = D^1/2, where D is the diagonal ridge. */
static enum status scale_by_ridge(struct csr *by_user, double *root, const struct csr *by_movie,
                                  const struct ridge *ridge, struct error *err) {
    double relative = ridge->dropout / (1 - ridge->dropout);
    TRY(csr_transpose(by_user, by_movie, err));
    for (uint32_t i = 0; i < by_movie->n_rows; i++) {
        double squares = 0;
        for (uint64_t e = by_movie->offset[i]; e < by_movie->offset[i + 1]; e++) {
            squares += (double)by_movie->value[e] * (double)by_movie->value[e];
        }
        root[i] = sqrt(ridge->lambda + relative * squares);
    }
    for (uint64_t e = 0; e < by_user->count; e++) {
        by_user->value[e] = (float)((double)by_user->value[e] / root[by_user->column[e]]);
    }
    return STATUS_OK;
}

struct by_users {
    const struct csr *by_movie, *by_user; /* X, and Z by user */
    const double *root;
    const float *inverse; /* [users, users] M = (I + Z'Z)^-1 */
    struct pruned *out;
};

/* Scratch of one thread. */
struct target_work {
    double *through;   /* [users] */
    double *sum;       /* [n] */
    float *row;        /* [n] */
    uint32_t *pruning; /* [n] */
};

static enum status target_work_create(void *scratch, const void *context, struct error *err) {
    struct target_work *w = scratch;
    const struct by_users *m = context;
    size_t n = m->by_movie->n_rows;
    TRY(MEM_NEW(&w->through, m->by_user->n_rows, err));
    TRY(MEM_NEW(&w->sum, n, err));
    TRY(MEM_NEW(&w->row, n, err));
    return MEM_NEW(&w->pruning, n, err);
}

static void target_work_release(void *scratch) {
    struct target_work *w = scratch;
    mem_free(w->through);
    mem_free(w->sum);
    mem_free(w->row);
    mem_free(w->pruning);
}

/* The weights to target `j`: with t = Z M z_j, B_ij = t_i / (1 - t_j) * root_j / root_i. */
static void target_row(const struct by_users *m, size_t j, struct target_work *w) {
    size_t n_users = m->by_user->n_rows, n = m->by_movie->n_rows;
    double *through = w->through, *sum = w->sum;
    memset(through, 0, n_users * sizeof(*through));
    memset(sum, 0, n * sizeof(*sum));
    for (uint64_t e = m->by_movie->offset[j]; e < m->by_movie->offset[j + 1]; e++) {
        const float *inverse = m->inverse + m->by_movie->column[e] * n_users;
        double value = (double)m->by_movie->value[e] / m->root[j];
        for (size_t u = 0; u < n_users; u++) {
            /* Only used by a single process, which has the matrix.
             * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
            through[u] += value * (double)inverse[u];
        }
    }
    for (size_t u = 0; u < n_users; u++) {
        for (uint64_t e = m->by_user->offset[u]; e < m->by_user->offset[u + 1]; e++) {
            sum[m->by_user->column[e]] += through[u] * (double)m->by_user->value[e];
        }
    }
    double scale = m->root[j] / (1 - sum[j]);
    for (size_t i = 0; i < n; i++) {
        w->row[i] = (float)(sum[i] * scale / m->root[i]);
    }
}

static enum status fit_target(const void *context, void *scratch, size_t j, struct error *err) {
    (void)err;
    const struct by_users *m = context;
    struct target_work *w = scratch;
    target_row(m, j, w);
    pruned_take(m->out, (uint32_t)j, w->row, w->pruning);
    return STATUS_OK;
}

/* The same weights by way of the users (Woodbury's identity): with the ridge D = R^2 and Z = R^-1
 * X, P = R^-1 (I - Z M Z') R^-1. The only dense matrix is [users, users]; the rest are sparse
 * sums. */
static enum status fit_by_users(struct pruned *out, const struct csr *by_movie,
                                const struct ridge *ridge, struct error *err) {
    AUTO(csr) struct csr by_user = {0};
    MEM_AUTO double *root = NULL;
    MEM_AUTO float *inverse = NULL;
    size_t n = by_movie->n_rows, n_users = by_movie->n_columns;
    TRY(MEM_NEW(&root, n, err));
    TRY(scale_by_ridge(&by_user, root, by_movie, ridge, err));
    TRY(mem_alloc(&inverse, n_users * n_users, sizeof(float), err));
    TRY(ease_gram(inverse, &by_user, &(struct ridge){.lambda = 1}, err));
    TRY(dense_invert_spd(n_users, inverse, err));
    const struct by_users model = {by_movie, &by_user, root, inverse, out};
    const struct parallel targets = {
        .n = n,
        .block = 4,
        .context = &model,
        .each = fit_target,
        .scratch = {sizeof(struct target_work), target_work_create, target_work_release}};
    return parallel_blocks(&targets, err);
}

enum status ease_fit(struct pruned *out, const struct csr *by_movie, const struct ridge *ridge,
                     struct error *err) {
    bool by_users = ranks_count() == 1 && by_movie->n_columns < by_movie->n_rows;
    return (by_users ? fit_by_users : fit_by_movies)(out, by_movie, ridge, err);
}

/* ---- the models ---- */

static void liked_weights(const double *number, const struct baseline *baseline,
                          const struct history *h, float *weight) {
    (void)number;
    double sum = 0;
    for (size_t k = 0; k < h->count; k++) {
        sum += stars_of(h->value[k]);
    }
    double mean = h->count > 0 ? sum / (double)h->count : 0;
    for (size_t k = 0; k < h->count; k++) {
        double stars = stars_of(h->value[k]);
        weight[k] = stars >= mean && stars >= baseline->liked ? 1.0F : 0.0F;
    }
}

static void residual_weights(const double *number, const struct baseline *baseline,
                             const struct history *h, float *weight) {
    (void)number;
    baseline_residuals(baseline, h, weight);
}

/* The value of every rating: the weight that it has in a history when scoring. */
static enum status history_values(float **out, const struct fitting *f,
                                  const struct instance *instance, struct error *err) {
    const struct ratings *r = f->ratings;
    TRY(MEM_NEW(out, r->count, err));
    for (uint32_t user = 0; user < r->n_users; user++) {
        uint64_t first = r->offset[user];
        struct history history = {r->movie + first, r->value + first, r->time + first,
                                  (size_t)(r->offset[user + 1] - first)};
        instance->model->item_item->history_weights(instance->number, f->baseline, &history,
                                                    *out + first);
    }
    return STATUS_OK;
}

enum { EASE_LAMBDA, EASE_DROPOUT };

static enum status fit(struct pruned *out, const struct fitting *f, const struct instance *instance,
                       struct error *err) {
    AUTO(csr) struct csr by_movie = {0};
    MEM_AUTO float *value = NULL;
    const struct ridge ridge = {instance->number[EASE_LAMBDA], instance->number[EASE_DROPOUT]};
    if (instance->model->item_item->history_weights != item_item_binary) {
        TRY(history_values(&value, f, instance, err));
    }
    TRY(popular_items_by_movie(&by_movie, f->items, f->ratings, value, err));
    return ease_fit(out, &by_movie, &ridge, err);
}

struct ease_params {
    bool on;
    double lambda, dropout;
};

/* One instance, named like the model. */
static enum status plan(struct instance_list *list, const struct model *model, const void *params,
                        struct error *err) {
    const struct ease_params *p = params;
    struct instance instance = {.model = model, .number = {p->lambda, p->dropout}};
    snprintf(instance.name, sizeof instance.name, "%s", model->name);
    return p->on ? instances_add(list, &instance, err) : STATUS_OK;
}

#define EASE_PAPER "Steck, Embarrassingly shallow autoencoders for sparse data, WWW 2019"

static const struct number_spec numbers[] = {
    [EASE_LAMBDA] = {"lambda", 1e-6, 1e12, false, false},
    [EASE_DROPOUT] = {"dropout", 0, 0.99, false, false},
};
enum { PLAIN_NUMBERS = 1, DROPOUT_NUMBERS = 2 };

#define OPTION_HOLDER struct ease_params
static const struct option_spec ease_options[] = {
    PARAMETER_FLAG("ease", on, "true", "EASE on all ratings"),
    PARAMETER_REAL("ease-lambda", lambda, "1000", 1e-6, 1e12, "its ridge"),
};
static const struct score_spec ease_scores[] = {
    {"", "collaborative", "score of item model %s from the whole history, all weights 1",
     NEEDS_NEITHER},
    {".recent", "collaborative",
     "score of item model %s, weight exp(-d/10), d positions from the newest", NEEDS_ORDER},
    {".last3", "collaborative", "score of item model %s from the newest three movies", NEEDS_ORDER},
    {".last", "collaborative", "weight of item model %s from the newest movie", NEEDS_ORDER},
};
static const struct item_score ease_columns[] = {{WEIGHTING_ALL, false},
                                                 {WEIGHTING_RECENT, false},
                                                 {WEIGHTING_LAST3, false},
                                                 {WEIGHTING_LAST, false}};
static const struct item_item_kind ease_kind = {ease_columns, item_item_binary, fit};

const struct model ease_model = {
    .name = "ease",
    .title = "EASE on all ratings",
    .paper = EASE_PAPER,
    .kind = "factors",
    OPTIONS_OF(ease_options, struct ease_params),
    .numbers = numbers,
    .n_numbers = PLAIN_NUMBERS,
    SCORES_OF(ease_scores),
    .ranks = true,
    .plan = plan,
    .item_item = &ease_kind,
    ITEM_ITEM_FUNCTIONS,
};

static const struct option_spec liked_options[] = {
    PARAMETER_FLAG("ease-liked", on, "true", "EASE on ratings that say the user liked the movie"),
    PARAMETER_REAL("ease-liked-lambda", lambda, "1000", 1e-6, 1e12, "its ridge"),
};
static const struct score_spec liked_scores[] = {
    {"", "collaborative", "score of item model %s from the liked part of the history",
     NEEDS_NEITHER},
    {".recent", "collaborative", "the same, weight exp(-d/10), d positions from the newest",
     NEEDS_ORDER},
};
static const struct item_item_kind liked_kind = {ease_columns, liked_weights, fit};

const struct model ease_liked_model = {
    .name = "ease-liked",
    .title = "EASE on what users liked",
    .paper = EASE_PAPER,
    .kind = "factors",
    OPTIONS_OF(liked_options, struct ease_params),
    .numbers = numbers,
    .n_numbers = PLAIN_NUMBERS,
    SCORES_OF(liked_scores),
    .plan = plan,
    .item_item = &liked_kind,
    ITEM_ITEM_FUNCTIONS,
};

static const struct option_spec residual_options[] = {
    PARAMETER_FLAG("ease-residual", on, "true", "EASE on ratings less user's and movie's bias"),
    PARAMETER_REAL("ease-residual-lambda", lambda, "600", 1e-6, 1e12, "its ridge"),
};
static const struct score_spec residual_scores[] = {
    {"", "collaborative", "score of item model %s from the rating residuals of the history",
     NEEDS_NEITHER},
    {".recent", "collaborative", "the same, weight exp(-d/10), d positions from the newest",
     NEEDS_ORDER},
};
static const struct item_item_kind residual_kind = {ease_columns, residual_weights, fit};

const struct model ease_residual_model = {
    .name = "ease-residual",
    .title = "EASE on rating residuals",
    .paper = EASE_PAPER,
    .kind = "factors",
    OPTIONS_OF(residual_options, struct ease_params),
    .numbers = numbers,
    .n_numbers = PLAIN_NUMBERS,
    SCORES_OF(residual_scores),
    .plan = plan,
    .item_item = &residual_kind,
    ITEM_ITEM_FUNCTIONS,
};

static const struct option_spec dropout_options[] = {
    PARAMETER_FLAG("ease-dropout", on, "false", "EASE with the ridge of dropout"),
    PARAMETER_REAL("ease-dropout-lambda", lambda, "300", 1e-6, 1e12, "its constant ridge"),
    PARAMETER_REAL("ease-dropout-share", dropout, "0.6", 0, 0.99,
                   "share of the history that is thought to be dropped"),
};
static const struct score_spec dropout_scores[] = {
    {"", "collaborative", "score of item model %s from the whole history, all weights 1",
     NEEDS_NEITHER},
};
static const struct item_item_kind dropout_kind = {ease_columns, item_item_binary, fit};

const struct model ease_dropout_model = {
    .name = "ease-dropout",
    .title = "EASE with the ridge of dropout",
    .paper = "Steck, Autoencoders that don't overfit towards the identity, NeurIPS 2020",
    .kind = "factors",
    OPTIONS_OF(dropout_options, struct ease_params),
    .numbers = numbers,
    .n_numbers = DROPOUT_NUMBERS,
    SCORES_OF(dropout_scores),
    .plan = plan,
    .item_item = &dropout_kind,
    ITEM_ITEM_FUNCTIONS,
};
