#include "common/nn/ensemble.h"

#include "common/base/mem.h"
#include "common/nn/networks.h"

#include <stdio.h>
#include <string.h>

enum { SCORE_ROWS = 512, MAX_MEMBERS = 64 };

/* ---- loading ---- */

enum status ensemble_size(size_t *out, const struct artifact *a, struct error *err) {
    int64_t members;
    TRY(artifact_get_i64(a, "members", &members, err));
    if (members < 1 || members > MAX_MEMBERS) {
        return error_set(err, STATUS_DAMAGED, "%s: metadata members: %lld is not 1 to %d",
                         artifact_path(a), (long long)members, MAX_MEMBERS);
    }
    *out = (size_t)members;
    return STATUS_OK;
}

static enum status embedding_shape(const struct artifact *a, const char *column, uint32_t *rows,
                                   uint32_t *dim, struct error *err) {
    const struct column_info *info = artifact_column(a, column);
    *rows = *dim = 0;
    if (info == NULL) return STATUS_OK;
    if (info->shape[0] > UINT32_MAX || info->shape[1] > UINT16_MAX) {
        return error_set(err, STATUS_DAMAGED, "%s: column %s: too large for embeddings",
                         artifact_path(a), column);
    }
    *rows = (uint32_t)info->shape[0];
    *dim = (uint32_t)info->shape[1];
    return STATUS_OK;
}

/* Derives the inputs of the network from the shapes of its columns. */
static enum status load_inputs(struct mlp_inputs *out, const struct artifact *a,
                               const char *network, size_t n_features, struct error *err) {
    char name[NETWORK_COLUMN_SIZE];
    out->n_features = (uint32_t)n_features;
    TRY(embedding_shape(a, network_column(name, network, "user_embedding"), &out->n_users,
                        &out->user_dim, err));
    out->shortcut = artifact_column(a, network_column(name, network, "shortcut")) != NULL;
    return embedding_shape(a, network_column(name, network, "movie_embedding"), &out->n_movies,
                           &out->movie_dim, err);
}

/* Computes the layout and checks that the stored widths agree with the inputs. */
static enum status load_layout(struct mlp_layout *out, const struct artifact *a,
                               const char *network, size_t n_features, struct error *err) {
    char name[NETWORK_COLUMN_SIZE];
    struct mlp_inputs inputs;
    MEM_AUTO uint32_t *width = NULL;
    TRY(load_inputs(&inputs, a, network, n_features, err));
    TRY(artifact_read(a, network_column(name, network, "layers"), DTYPE_U32, UINT64_MAX, &width,
                      err));
    const struct column_info *info = artifact_column(a, name);
    uint64_t count = info != NULL ? info->count : 0;
    if (count < 2 || count > MLP_MAX_LAYERS + 1 || width[count - 1] != 1) {
        return error_set(err, STATUS_DAMAGED, "%s: column %s: not the widths of a network",
                         artifact_path(a), name);
    }
    if (mlp_layout_set(out, &inputs, width + 1, (size_t)count - 2, err) != STATUS_OK) {
        err->status = STATUS_DAMAGED;
        return error_wrap(err, "%s: column %s", artifact_path(a), name);
    }
    if (out->width[0] != width[0]) {
        return error_set(err, STATUS_DAMAGED,
                         "%s: column %s: %u inputs, but features and embeddings give %u",
                         artifact_path(a), name, width[0], out->width[0]);
    }
    return STATUS_OK;
}

/* Copies a column of `count` values into the block. */
static enum status load_part(float *out, const struct artifact *a, const char *network,
                             const char *part, size_t count, struct error *err) {
    if (count == 0) return STATUS_OK;
    char name[NETWORK_COLUMN_SIZE];
    MEM_AUTO float *values = NULL;
    TRY(artifact_read(a, network_column(name, network, part), DTYPE_F32, count, &values, err));
    memcpy(out, values, count * sizeof(float));
    return STATUS_OK;
}

static enum status load_member(struct ensemble_member *out, const struct artifact *a,
                               const char *network, size_t n_features, struct error *err) {
    struct mlp_layout *l = &out->layout;
    TRY(load_layout(l, a, network, n_features, err));
    TRY(MEM_NEW(&out->params, l->n_params, err));
    TRY(load_part(out->params, a, network, "weights", l->shortcut, err));
    TRY(load_part(out->params + l->shortcut, a, network, "shortcut", l->n_dense - l->shortcut,
                  err));
    TRY(load_part(out->params + l->user, a, network, "user_embedding", l->movie - l->user, err));
    return load_part(out->params + l->movie, a, network, "movie_embedding", l->n_params - l->movie,
                     err);
}

static const char *member_name(char out[NETWORK_NAME_SIZE], const char *head, size_t member) {
    (void)snprintf(out, NETWORK_NAME_SIZE, "%s-%zu", head, member);
    return out;
}

enum status ensemble_load(struct ensemble *out, const struct artifact *a, const char *head,
                          size_t n_members, size_t n_features, struct error *err) {
    char network[NETWORK_NAME_SIZE], name[NETWORK_COLUMN_SIZE];
    (void)network_column(name, member_name(network, head, 0), "layers");
    if (artifact_column(a, name) == NULL) return STATUS_OK;
    out->n_features = n_features;
    TRY(MEM_NEW(&out->member, n_members, err));
    out->n_members = n_members;
    for (size_t i = 0; i < n_members; i++) {
        TRY(load_member(&out->member[i], a, member_name(network, head, i), n_features, err));
    }
    return STATUS_OK;
}

void ensemble_release(struct ensemble *e) {
    for (size_t i = 0; e->member != NULL && i < e->n_members; i++) {
        mem_free(e->member[i].params);
    }
    mem_free(e->member);
    *e = (struct ensemble){0};
}

/* ---- scoring ---- */

/* Buffers of one call: every call has its own, so that threads share nothing. */
struct scorer {
    const struct ensemble *ensemble;
    struct mlp_work *work; /* [n_members] */
    uint32_t user[SCORE_ROWS];
};

static void scorer_release(struct scorer *s) {
    for (size_t i = 0; s->work != NULL && i < s->ensemble->n_members; i++) {
        mlp_work_release(&s->work[i]);
    }
    mem_free(s->work);
}

static enum status scorer_start(struct scorer *s, const struct ensemble *e, uint32_t user, size_t n,
                                struct error *err) {
    const size_t rows = n < SCORE_ROWS ? n : SCORE_ROWS;
    s->ensemble = e;
    TRY(MEM_NEW(&s->work, e->n_members, err));
    for (size_t i = 0; i < e->n_members; i++) {
        TRY(mlp_work_alloc(&s->work[i], &e->member[i].layout, rows, err));
    }
    for (size_t i = 0; i < SCORE_ROWS; i++) {
        s->user[i] = user;
    }
    return STATUS_OK;
}

/* Runs member i forward over n <= SCORE_ROWS rows; returns the logits. */
static const float *member_forward(struct scorer *s, size_t i, const float *x,
                                   const uint32_t *movie, size_t n) {
    const struct ensemble *e = s->ensemble;
    const struct ensemble_member *m = &e->member[i];
    const struct mlp_rows rows = {x, s->user, movie, n};
    mlp_read(&s->work[i], &m->layout, m->params, &e->scaling, &rows);
    mlp_forward(&s->work[i], &m->layout, m->params, n, 0, NULL);
    return s->work[i].activation[m->layout.n_layers];
}

static void score_rows(struct scorer *s, const float *x, const uint32_t *movie, size_t n,
                       float *out) {
    size_t members = s->ensemble->n_members;
    memset(out, 0, n * sizeof(float));
    for (size_t i = 0; i < members; i++) {
        const float *logit = member_forward(s, i, x, movie, n);
        for (size_t j = 0; j < n; j++) {
            out[j] += logit[j] / (float)members;
        }
    }
}

static const float *rows_from(const float *x, size_t first, size_t width) {
    return x != NULL ? x + first * width : NULL;
}

enum status ensemble_score(const struct ensemble *e, uint32_t user, const uint32_t *movie,
                           const float *x, size_t n, float *logit, struct error *err) {
    AUTO(scorer) struct scorer s = {0};
    TRY(scorer_start(&s, e, user, n, err));
    for (size_t first = 0; first < n; first += SCORE_ROWS) {
        size_t rows = n - first < SCORE_ROWS ? n - first : SCORE_ROWS;
        score_rows(&s, rows_from(x, first, e->n_features), movie + first, rows, logit + first);
    }
    return STATUS_OK;
}

/* dx[n, n_features] += derivative of the mean logit of the members; every `dlogit` is 1 /
 * members. */
static enum status gradient_rows(struct scorer *s, const float *x, const uint32_t *movie, size_t n,
                                 const float *dlogit, float *dx, struct error *err) {
    const struct ensemble *e = s->ensemble;
    MEM_AUTO float *part = NULL;
    TRY(MEM_NEW(&part, n * e->n_features, err));
    memset(dx, 0, n * e->n_features * sizeof(float));
    for (size_t i = 0; i < e->n_members; i++) {
        const struct ensemble_member *m = &e->member[i];
        member_forward(s, i, x, movie, n);
        mlp_backward(&s->work[i], &m->layout, m->params, n, 0, dlogit, NULL, 0);
        features_backward(part, s->work[i].input_delta, x, &e->scaling, n, e->n_features,
                          m->layout.width[0]);
        for (size_t j = 0; j < n * e->n_features; j++) {
            dx[j] += part[j];
        }
    }
    return STATUS_OK;
}

enum status ensemble_gradient(const struct ensemble *e, uint32_t user, const uint32_t *movie,
                              const float *x, size_t n, float *dx, struct error *err) {
    AUTO(scorer) struct scorer s = {0};
    TRY(scorer_start(&s, e, user, n, err));
    float dlogit[SCORE_ROWS];
    for (size_t i = 0; i < SCORE_ROWS; i++) {
        dlogit[i] = 1.0f / (float)e->n_members;
    }
    for (size_t first = 0; first < n; first += SCORE_ROWS) {
        size_t rows = n - first < SCORE_ROWS ? n - first : SCORE_ROWS;
        TRY(gradient_rows(&s, x + first * e->n_features, movie + first, rows, dlogit,
                          dx + first * e->n_features, err));
    }
    return STATUS_OK;
}
