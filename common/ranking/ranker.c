#include "common/ranking/ranker.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/data/cold_user.h"
#include "common/data/rating_scale.h"
#include "common/nn/ensemble.h"

#include <math.h>
#include <string.h>

static const char *const head_names[HEADS] = {"rank", "rating", "newcomer", "like"};

struct ranker {
    size_t n_features;
    struct strings name, group;
    float *mean, *scale, *rating_scale, *low, *high; /* [n_features] */
    double rating_mean;                              /* stars, added to the rating head's output */
    struct judgement like;                           /* of FOR_LIKE */
    struct ensemble head[HEADS];
};

/* ---- loading ---- */

static enum status load_features(struct ranker *r, const struct artifact *a, struct error *err) {
    TRY(artifact_read_strings(a, "feature.name", UINT64_MAX, &r->name, err));
    r->n_features = r->name.count;
    TRY(artifact_read_strings(a, "feature.group", r->n_features, &r->group, err));
    TRY(artifact_read(a, "feature.mean", DTYPE_F32, r->n_features, &r->mean, err));
    TRY(artifact_read(a, "feature.low", DTYPE_F32, r->n_features, &r->low, err));
    TRY(artifact_read(a, "feature.high", DTYPE_F32, r->n_features, &r->high, err));
    TRY(artifact_read(a, "feature.rating_scale", DTYPE_F32, r->n_features, &r->rating_scale, err));
    return artifact_read(a, "feature.scale", DTYPE_F32, r->n_features, &r->scale, err);
}

static enum status load_all(struct ranker *r, const struct artifact *a, struct error *err) {
    size_t members = 0;
    TRY(ensemble_size(&members, a, err));
    TRY(artifact_get_f64(a, "rating_mean", &r->rating_mean, err));
    TRY(artifact_get_f64(a, "like_tilt", &r->like.tilt, err));
    TRY(artifact_get_f64(a, "like_penalty", &r->like.penalty, err));
    TRY(load_features(r, a, err));
    for (unsigned head = 0; head < HEADS; head++) {
        struct ensemble *e = &r->head[head];
        TRY(ensemble_load(e, a, head_names[head], members, r->n_features, err));
        e->scaling = (struct scaling){.mean = r->mean,
                                      .scale = head == HEAD_RATING ? r->rating_scale : r->scale,
                                      .low = r->low,
                                      .high = r->high};
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
        ensemble_release(&r->head[head]);
    }
    strings_release(&r->name);
    strings_release(&r->group);
    mem_free(r->mean);
    mem_free(r->scale);
    mem_free(r->rating_scale);
    mem_free(r->low);
    mem_free(r->high);
    mem_free(r);
}

const char *ranker_head_name(enum ranker_head head) {
    return head_names[head];
}

bool ranker_has_head(const struct ranker *r, enum ranker_head head) {
    return r->head[head].n_members > 0;
}

enum purpose purpose_named(const char *name) {
    return strcmp(name, "like") == 0 ? FOR_LIKE : FOR_NEXT;
}

static enum ranker_head head_for(const struct ranker *r, enum purpose purpose, size_t known) {
    if (known < WARM_RATINGS && ranker_has_head(r, HEAD_NEWCOMER)) return HEAD_NEWCOMER;
    if (purpose == FOR_LIKE && ranker_has_head(r, HEAD_LIKE)) return HEAD_LIKE;
    return ranker_has_head(r, HEAD_RANK) ? HEAD_RANK : HEAD_RATING;
}

struct ranking ranker_ranking(const struct ranker *r, enum purpose purpose,
                              const struct history *history) {
    struct ranking out = {.head = head_for(r, purpose, history->count),
                          .own_mean =
                              history->count > 0 ? history_mean_stars(history) : r->rating_mean};
    if (purpose == FOR_LIKE && ranker_has_head(r, HEAD_RATING)) out.judgement = r->like;
    return out;
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

bool ranker_uses_feature(const struct ranker *r, size_t index) {
    return fabsf(r->scale[index]) > 0;
}

const float *ranker_feature_means(const struct ranker *r) {
    return r->mean;
}

/* ---- scoring ---- */

static enum status find_head(const struct ensemble **out, const struct ranker *r,
                             enum ranker_head head, struct error *err) {
    *out = &r->head[head];
    if (ranker_has_head(r, head)) return STATUS_OK;
    return error_set(err, STATUS_FAILED, "the ranker has no %s head", head_names[head]);
}

enum status ranker_score(const struct ranker *r, enum ranker_head head, uint32_t user,
                         const uint32_t *movie, const float *x, size_t n, float *out,
                         struct error *err) {
    const struct ensemble *e = NULL;
    TRY(find_head(&e, r, head, err));
    TRY(ensemble_score(e, user, movie, x, n, out, err));
    for (size_t i = 0; head == HEAD_RATING && i < n; i++) {
        out[i] = (float)stars_clip(r->rating_mean + (double)out[i]);
    }
    return STATUS_OK;
}

enum status ranker_gradient(const struct ranker *r, enum ranker_head head, uint32_t user,
                            const uint32_t *movie, const float *x, size_t n, float *dx,
                            struct error *err) {
    const struct ensemble *e = NULL;
    TRY(find_head(&e, r, head, err));
    return ensemble_gradient(e, user, movie, x, n, dx, err);
}

/* ---- rankings ---- */

enum { RANKED_ROWS = 512 };
static const double ROUNDING = 0.25; /* stars */

double judgement_of(const struct judgement *j, double above) {
    const double below = -above / ROUNDING;
    const double rounded = below > 0 ? below + log1p(exp(-below)) : log1p(exp(below));
    return j->tilt * above - j->penalty * ROUNDING * rounded;
}

double judgement_slope(const struct judgement *j, double above) {
    return j->tilt + j->penalty / (1 + exp(above / ROUNDING));
}

static bool is_judged(const struct ranking *ranking) {
    return ranking->judgement.tilt > 0 || ranking->judgement.penalty > 0;
}

/* How many stars n <= RANKED_ROWS movies are predicted above the user's mean. */
static enum status predict(const struct ranker *r, const struct ranking *ranking, uint32_t user,
                           const uint32_t *movie, const float *x, size_t n, float *above,
                           struct error *err) {
    const struct ensemble *e = NULL;
    TRY(find_head(&e, r, HEAD_RATING, err));
    TRY(ensemble_score(e, user, movie, x, n, above, err));
    for (size_t i = 0; i < n; i++) {
        above[i] = (float)(r->rating_mean + (double)above[i] - ranking->own_mean);
    }
    return STATUS_OK;
}

static const float *row_at(const struct ranker *r, const float *x, size_t row) {
    return x != NULL ? x + row * r->n_features : NULL;
}

enum status ranker_rank(const struct ranker *r, const struct ranking *ranking, uint32_t user,
                        const uint32_t *movie, const float *x, size_t n, float *out,
                        struct error *err) {
    TRY(ranker_score(r, ranking->head, user, movie, x, n, out, err));
    float above[RANKED_ROWS];
    for (size_t first = 0; is_judged(ranking) && first < n; first += RANKED_ROWS) {
        const size_t rows = n - first < RANKED_ROWS ? n - first : RANKED_ROWS;
        TRY(predict(r, ranking, user, movie + first, row_at(r, x, first), rows, above, err));
        for (size_t i = 0; i < rows; i++) {
            out[first + i] += (float)judgement_of(&ranking->judgement, (double)above[i]);
        }
    }
    return STATUS_OK;
}

/* dx[n, n_features] += what the judgement adds to the derivative, for n <= RANKED_ROWS movies. */
static enum status add_judgement(const struct ranker *r, const struct ranking *ranking,
                                 uint32_t user, const uint32_t *movie, const float *x, size_t n,
                                 float *dx, struct error *err) {
    float above[RANKED_ROWS];
    MEM_AUTO float *part = NULL;
    TRY(MEM_NEW(&part, n * r->n_features, err));
    TRY(predict(r, ranking, user, movie, x, n, above, err));
    TRY(ranker_gradient(r, HEAD_RATING, user, movie, x, n, part, err));
    for (size_t i = 0; i < n; i++) {
        const float slope = (float)judgement_slope(&ranking->judgement, (double)above[i]);
        for (size_t j = i * r->n_features; j < (i + 1) * r->n_features; j++) {
            dx[j] += slope * part[j];
        }
    }
    return STATUS_OK;
}

enum status ranker_rank_gradient(const struct ranker *r, const struct ranking *ranking,
                                 uint32_t user, const uint32_t *movie, const float *x, size_t n,
                                 float *dx, struct error *err) {
    TRY(ranker_gradient(r, ranking->head, user, movie, x, n, dx, err));
    for (size_t first = 0; is_judged(ranking) && first < n; first += RANKED_ROWS) {
        const size_t rows = n - first < RANKED_ROWS ? n - first : RANKED_ROWS;
        TRY(add_judgement(r, ranking, user, movie + first, row_at(r, x, first), rows,
                          dx + first * r->n_features, err));
    }
    return STATUS_OK;
}
