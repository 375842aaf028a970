#include "common/ranking/ranker.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/data/cold_user.h"
#include "common/data/rating_scale.h"
#include "common/nn/ensemble.h"

#include <math.h>

static const char *const head_names[HEADS] = {"rank", "rating", "newcomer"};

struct ranker {
    size_t n_features;
    struct strings name, group;
    float *mean, *scale, *rating_scale, *low, *high; /* [n_features] */
    double rating_mean;                              /* stars, added to the rating head's output */
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

enum ranker_head ranker_head_for(const struct ranker *r, size_t known) {
    if (known < WARM_RATINGS && ranker_has_head(r, HEAD_NEWCOMER)) return HEAD_NEWCOMER;
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
