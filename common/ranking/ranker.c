#include "common/ranking/ranker.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/data/rating_scale.h"
#include "common/nn/mlp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SCORE_ROWS = 512, MAX_MEMBERS = 64 };

/* Ratings from which on an account is no newcomer's. */
enum { SETTLED_RATINGS = 15 };

static const char *const head_names[HEADS] = {"rank", "rating", "newcomer"};

struct member {
    struct mlp_layout layout;
    float *params; /* one block, as in net.h */
};

struct ranker {
    size_t n_features;
    struct strings name, group;
    float *mean, *scale; /* [n_features] */
    double rating_mean;  /* stars, added to the rating head's output */
    struct member *member[HEADS];
    size_t n_members; /* of each head that is there */
};

/* ---- loading ---- */

static enum status load_features(struct ranker *r, const struct artifact *a, struct error *err) {
    TRY(artifact_read_strings(a, "feature.name", UINT64_MAX, &r->name, err));
    r->n_features = r->name.count;
    TRY(artifact_read_strings(a, "feature.group", r->n_features, &r->group, err));
    TRY(artifact_read(a, "feature.mean", DTYPE_F32, r->n_features, &r->mean, err));
    return artifact_read(a, "feature.scale", DTYPE_F32, r->n_features, &r->scale, err);
}

/* "<head>-<member>.<part>" */
static const char *column_name(char *out, size_t size, enum ranker_head head, size_t member,
                               const char *part) {
    snprintf(out, size, "%s-%zu.%s", head_names[head], member, part);
    return out;
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

/* Fills the layout from the columns' shapes and checks that the stored widths agree with it. */
static enum status load_layout(struct mlp_layout *out, const struct ranker *r,
                               const struct artifact *a, enum ranker_head head, size_t member,
                               struct error *err) {
    char name[64];
    uint32_t n_users, user_dim, n_movies, movie_dim;
    TRY(embedding_shape(a, column_name(name, sizeof name, head, member, "user_embedding"), &n_users,
                        &user_dim, err));
    TRY(embedding_shape(a, column_name(name, sizeof name, head, member, "movie_embedding"),
                        &n_movies, &movie_dim, err));
    column_name(name, sizeof name, head, member, "layers");
    MEM_AUTO uint32_t *width = NULL;
    TRY(artifact_read(a, name, DTYPE_U32, UINT64_MAX, &width, err));
    const struct column_info *info = artifact_column(a, name);
    uint64_t count = info != NULL ? info->count : 0;
    if (count < 2 || count > MLP_MAX_LAYERS + 1 || width[count - 1] != 1) {
        return error_set(err, STATUS_DAMAGED, "%s: column %s: not the widths of a network",
                         artifact_path(a), name);
    }
    if (mlp_layout_set(out, (uint32_t)r->n_features, n_users, user_dim, n_movies, movie_dim,
                       width + 1, (size_t)count - 2, err) != STATUS_OK) {
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
static enum status load_part(float *out, const struct artifact *a, enum ranker_head head,
                             size_t member, const char *part, size_t count, struct error *err) {
    if (count == 0) return STATUS_OK;
    char name[64];
    MEM_AUTO float *values = NULL;
    TRY(artifact_read(a, column_name(name, sizeof name, head, member, part), DTYPE_F32, count,
                      &values, err));
    memcpy(out, values, count * sizeof(float));
    return STATUS_OK;
}

static enum status load_member(struct member *out, const struct ranker *r, const struct artifact *a,
                               enum ranker_head head, size_t member, struct error *err) {
    struct mlp_layout *l = &out->layout;
    TRY(load_layout(l, r, a, head, member, err));
    TRY(MEM_NEW(&out->params, l->n_params, err));
    TRY(load_part(out->params, a, head, member, "weights", l->n_dense, err));
    TRY(load_part(out->params + l->user, a, head, member, "user_embedding", l->movie - l->user,
                  err));
    return load_part(out->params + l->movie, a, head, member, "movie_embedding",
                     l->n_params - l->movie, err);
}

static enum status load_head(struct ranker *r, const struct artifact *a, enum ranker_head head,
                             struct error *err) {
    char name[64];
    if (artifact_column(a, column_name(name, sizeof name, head, 0, "layers")) == NULL) {
        return STATUS_OK;
    }
    TRY(MEM_NEW(&r->member[head], r->n_members, err));
    for (size_t i = 0; i < r->n_members; i++) {
        TRY(load_member(&r->member[head][i], r, a, head, i, err));
    }
    return STATUS_OK;
}

static enum status load_all(struct ranker *r, const struct artifact *a, struct error *err) {
    int64_t members;
    TRY(artifact_get_i64(a, "members", &members, err));
    TRY(artifact_get_f64(a, "rating_mean", &r->rating_mean, err));
    if (members < 1 || members > MAX_MEMBERS) {
        return error_set(err, STATUS_DAMAGED, "%s: metadata members: %lld is not 1 to %d",
                         artifact_path(a), (long long)members, MAX_MEMBERS);
    }
    r->n_members = (size_t)members;
    TRY(load_features(r, a, err));
    for (unsigned head = 0; head < HEADS; head++) {
        TRY(load_head(r, a, (enum ranker_head)head, err));
    }
    return STATUS_OK;
}

enum status ranker_load(struct ranker **out, const struct artifact *a, struct error *err) {
    *out = NULL;
    struct ranker *r = NULL;
    TRY(MEM_NEW(&r, 1, err));
    enum status status = load_all(r, a, err);
    if (status != STATUS_OK) {
        ranker_release(r);
        return status;
    }
    *out = r;
    return STATUS_OK;
}

void ranker_release(struct ranker *r) {
    if (r == NULL) return;
    for (unsigned head = 0; head < HEADS; head++) {
        for (size_t i = 0; r->member[head] != NULL && i < r->n_members; i++) {
            mem_free(r->member[head][i].params);
        }
        mem_free(r->member[head]);
    }
    strings_release(&r->name);
    strings_release(&r->group);
    mem_free(r->mean);
    mem_free(r->scale);
    mem_free(r);
}

const char *ranker_head_name(enum ranker_head head) {
    return head_names[head];
}

bool ranker_has_head(const struct ranker *r, enum ranker_head head) {
    return r->member[head] != NULL;
}

enum ranker_head ranker_head_for(const struct ranker *r, size_t known) {
    if (known < SETTLED_RATINGS && ranker_has_head(r, HEAD_NEWCOMER)) return HEAD_NEWCOMER;
    return ranker_has_head(r, HEAD_RANK) ? HEAD_RANK : HEAD_RATING;
}

size_t ranker_n_features(const struct ranker *r) {
    return r->n_features;
}

const char *ranker_feature_name(const struct ranker *r, size_t index) {
    return strings_get(&r->name, index);
}

const char *ranker_feature_group(const struct ranker *r, size_t index) {
    return strings_get(&r->group, index);
}

const float *ranker_feature_means(const struct ranker *r) {
    return r->mean;
}

/* ---- scoring ---- */

/* Buffers of one call: every call has its own, so that threads share nothing. */
struct scorer {
    const struct ranker *ranker;
    const struct member *member;
    struct mlp_work *work; /* [n_members] */
    uint32_t user[SCORE_ROWS];
};

static void scorer_release(struct scorer *s) {
    for (size_t i = 0; s->work != NULL && i < s->ranker->n_members; i++) {
        mlp_work_release(&s->work[i]);
    }
    mem_free(s->work);
}

static enum status scorer_start(struct scorer *s, const struct ranker *r, enum ranker_head head,
                                uint32_t user, size_t n, struct error *err) {
    s->ranker = r;
    s->member = r->member[head];
    if (s->member == NULL) {
        return error_set(err, STATUS_FAILED, "the ranker has no %s head", head_names[head]);
    }
    TRY(MEM_NEW(&s->work, r->n_members, err));
    for (size_t i = 0; i < r->n_members; i++) {
        TRY(mlp_work_alloc(&s->work[i], &s->member[i].layout, n < SCORE_ROWS ? n : SCORE_ROWS,
                           err));
    }
    for (size_t i = 0; i < SCORE_ROWS; i++) {
        s->user[i] = user;
    }
    return STATUS_OK;
}

/* Runs member i forward over n <= SCORE_ROWS rows; returns the logits. */
static const float *member_forward(struct scorer *s, size_t i, const float *x,
                                   const uint32_t *movie, size_t n) {
    const struct member *m = &s->member[i];
    mlp_inputs(&s->work[i], &m->layout, m->params, s->ranker->mean, s->ranker->scale, x, s->user,
               movie, n);
    mlp_forward(&s->work[i], &m->layout, m->params, n, 0, NULL);
    return s->work[i].activation[m->layout.n_layers];
}

static void score_rows(struct scorer *s, const float *x, const uint32_t *movie, size_t n,
                       float *out) {
    size_t members = s->ranker->n_members;
    memset(out, 0, n * sizeof(float));
    for (size_t i = 0; i < members; i++) {
        const float *logit = member_forward(s, i, x, movie, n);
        for (size_t j = 0; j < n; j++) {
            out[j] += logit[j] / (float)members;
        }
    }
}

static float clip_stars(double stars) {
    return (float)stars_clip(stars);
}

enum status ranker_score(const struct ranker *r, enum ranker_head head, uint32_t user,
                         const uint32_t *movie, const float *x, size_t n, float *out,
                         struct error *err) {
    AUTO(scorer) struct scorer s = {0};
    TRY(scorer_start(&s, r, head, user, n, err));
    for (size_t first = 0; first < n; first += SCORE_ROWS) {
        size_t rows = n - first < SCORE_ROWS ? n - first : SCORE_ROWS;
        score_rows(&s, x + first * r->n_features, movie + first, rows, out + first);
    }
    if (head == HEAD_RATING) {
        for (size_t i = 0; i < n; i++) {
            out[i] = clip_stars(r->rating_mean + (double)out[i]);
        }
    }
    return STATUS_OK;
}

/* dx[n, n_features] += derivative of the mean over members; `dlogit` is 1 / members everywhere. */
static enum status gradient_rows(struct scorer *s, const float *x, const uint32_t *movie, size_t n,
                                 const float *dlogit, float *dx, struct error *err) {
    const struct ranker *r = s->ranker;
    MEM_AUTO float *part = NULL;
    TRY(MEM_NEW(&part, n * r->n_features, err));
    memset(dx, 0, n * r->n_features * sizeof(float));
    for (size_t i = 0; i < r->n_members; i++) {
        const struct member *m = &s->member[i];
        member_forward(s, i, x, movie, n);
        mlp_backward(&s->work[i], &m->layout, m->params, n, 0, dlogit, NULL, 0);
        features_backward(part, s->work[i].input_delta, x, r->mean, r->scale, n, r->n_features,
                          m->layout.width[0]);
        for (size_t j = 0; j < n * r->n_features; j++) {
            dx[j] += part[j];
        }
    }
    return STATUS_OK;
}

enum status ranker_gradient(const struct ranker *r, enum ranker_head head, uint32_t user,
                            const uint32_t *movie, const float *x, size_t n, float *dx,
                            struct error *err) {
    if (r->n_features == 0) return STATUS_OK;
    AUTO(scorer) struct scorer s = {0};
    TRY(scorer_start(&s, r, head, user, n, err));
    float dlogit[SCORE_ROWS];
    for (size_t i = 0; i < SCORE_ROWS; i++) {
        dlogit[i] = 1.0f / (float)r->n_members;
    }
    for (size_t first = 0; first < n; first += SCORE_ROWS) {
        size_t rows = n - first < SCORE_ROWS ? n - first : SCORE_ROWS;
        TRY(gradient_rows(&s, x + first * r->n_features, movie + first, rows, dlogit,
                          dx + first * r->n_features, err));
    }
    return STATUS_OK;
}
