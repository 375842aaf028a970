/* Features of what the movies are about.
 *
 * Each term has TERM_LANES vectors of four lanes, so that one pass over a candidate's terms gives
 * all products at once: lanes 0 to 2 hold the profile of the whole, the recent and the liked
 * history, lane 3 the affinity of tags; lanes 4 and 5 are scratch; lanes 6 to 15 hold the newest
 * movies' own weights, newest first. */
#include "common/features/feature_internal.h"

#include "common/data/dense.h"

#include <math.h>
#include <string.h>

enum { LANE_AFFINITY = 3, LANE_RESIDUAL = 4, LANE_COUNT = 5, LANE_LAST = 6, LANES = 16 };

static const float SHRINK_AFFINITY = 3.0F;
static const float SHRINK_TONE = 0.5F; /* squared stars */

_Static_assert(LANE_LAST + FEATURE_LAST == LANES, "the newest movies fill the lanes");

static void add_terms(struct feature_work *w, size_t i) {
    const struct content *content = &w->context->content;
    const struct history *h = w->history;
    size_t d = h->count - 1 - i;
    float *lanes = (float *)w->term;
    float liked = 0.5F * (float)h->value[i] - w->user_mean;
    uint64_t end = content->terms.offset[h->movie[i] + 1];
    for (uint64_t e = content->terms.offset[h->movie[i]]; e < end; e++) {
        float value = content->terms.value[e];
        float *lane = lanes + (size_t)content->terms.column[e] * LANES;
        lane[0] += value;
        lane[1] += value * w->recent[i];
        lane[2] += value * liked;
        lane[LANE_RESIDUAL] += w->residual[i];
        lane[LANE_COUNT] += 1;
        if (d < FEATURE_LAST) lane[LANE_LAST + d] = value;
    }
}

/* Lengths of the profiles; residual sums become affinities of tags. */
static void finish_terms(struct feature_work *w) {
    const struct content *content = &w->context->content;
    double squares[3] = {0};
    float *lane = (float *)w->term;
    for (uint32_t t = 0; t < content->n_terms; t++, lane += LANES) {
        if (lane[LANE_COUNT] == 0) continue;
        for (size_t k = 0; k < 3; k++) {
            squares[k] += (double)lane[k] * lane[k];
        }
        if (content->term_group[t] == TERM_TAG) {
            lane[LANE_AFFINITY] = lane[LANE_RESIDUAL] / (lane[LANE_COUNT] + SHRINK_AFFINITY);
        }
    }
    for (size_t k = 0; k < 3; k++) {
        w->profile_scale[k] = squares[k] > 0 ? (float)(1.0 / sqrt(squares[k])) : 0.0F;
    }
}

/* Mean content vectors, made unit length. */
static void profile_vectors(struct feature_work *w) {
    const struct content *content = &w->context->content;
    const struct history *h = w->history;
    size_t dim = content->dim;
    memset(w->profile, 0, 2 * dim * sizeof *w->profile);
    for (size_t i = 0; i < h->count; i++) {
        const float *vector = content->vector + h->movie[i] * dim;
        for (size_t k = 0; k < dim; k++) {
            w->profile[k] += vector[k];
            w->profile[dim + k] += w->recent[i] * vector[k];
        }
    }
    for (size_t p = 0; p < 2; p++) {
        double squares = 0;
        for (size_t k = 0; k < dim; k++) {
            squares += (double)w->profile[p * dim + k] * w->profile[p * dim + k];
        }
        if (squares <= 0) continue;
        float scale = (float)(1.0 / sqrt(squares));
        for (size_t k = 0; k < dim; k++) {
            w->profile[p * dim + k] *= scale;
        }
    }
}

static void profile_genres(struct feature_work *w) {
    const struct catalogue *c = &w->context->catalogue;
    const struct history *h = w->history;
    size_t n = c->n_genres;
    float total_recent = 0;
    memset(w->genre_affinity, 0, n * sizeof *w->genre_affinity);
    memset(w->genre_share, 0, 2 * n * sizeof *w->genre_share);
    for (size_t i = 0; i < h->count; i++) {
        total_recent += w->recent[i];
        uint64_t end = c->genre_offset[h->movie[i] + 1];
        for (uint64_t e = c->genre_offset[h->movie[i]]; e < end; e++) {
            uint32_t g = c->genre_index[e];
            w->genre_affinity[g] += w->residual[i];
            w->genre_share[g] += 1;
            w->genre_share[n + g] += w->recent[i];
        }
    }
    for (size_t g = 0; g < n && h->count > 0; g++) {
        w->genre_affinity[g] /= w->genre_share[g] + SHRINK_AFFINITY;
        w->genre_share[g] /= (float)h->count;
        w->genre_share[n + g] /= total_recent;
    }
}

static void profile_tones(struct feature_work *w) {
    const float *tone = w->context->content.tone;
    const struct history *h = w->history;
    double product = 0, squares = 0;
    for (size_t i = 0; tone != NULL && i < h->count; i++) {
        product += (double)w->residual[i] * (double)tone[h->movie[i]];
        squares += (double)tone[h->movie[i]] * (double)tone[h->movie[i]];
    }
    w->tone_slope = (float)(product / (squares + (double)SHRINK_TONE));
}

void content_prepare(struct feature_work *w) {
    size_t n_terms = w->context->content.n_terms;
    memset(w->term, 0, n_terms * TERM_LANES * sizeof *w->term);
    for (size_t i = 0; i < w->history->count; i++) {
        add_terms(w, i);
    }
    finish_terms(w);
    profile_vectors(w);
    profile_genres(w);
    profile_tones(w);
}

void sentiment_fill(const struct feature_work *w, uint32_t movie, float *x) {
    x[SENTIMENT_TONE] = w->context->content.tone[movie];
    x[SENTIMENT_AFFINITY] = w->tone_slope * w->context->content.tone[movie];
}

static void fill_terms(const struct feature_work *w, uint32_t movie, float *x) {
    const struct csr *terms = &w->context->content.terms;
    lanes4 sum[TERM_LANES] = {{0}};
    for (uint64_t e = terms->offset[movie]; e < terms->offset[movie + 1]; e++) {
        const lanes4 *lane = w->term + (size_t)terms->column[e] * TERM_LANES;
        for (size_t k = 0; k < TERM_LANES; k++) {
            sum[k] += terms->value[e] * lane[k];
        }
    }
    float product[LANES];
    memcpy(product, sum, sizeof product);
    x[CONTENT_ALL] = product[0] * w->profile_scale[0];
    x[CONTENT_RECENT] = product[1] * w->profile_scale[1];
    x[CONTENT_LIKED] = product[2] * w->profile_scale[2];
    x[CONTENT_LAST] = product[LANE_LAST];
    float nearest = 0, tags = w->context->statistics.tag_weight[movie];
    for (size_t d = 0; d < FEATURE_LAST; d++) {
        float own = product[LANE_LAST + d];
        nearest = own > nearest ? own : nearest;
    }
    x[CONTENT_NEAREST] = nearest;
    x[CONTENT_TAG_AFFINITY] = tags > 0 ? product[LANE_AFFINITY] / tags : 0.0F;
}

static void fill_genres(const struct feature_work *w, uint32_t movie, float *x) {
    const struct catalogue *c = &w->context->catalogue;
    const uint64_t *mask = w->context->statistics.genre_mask;
    const struct history *h = w->history;
    float affinity = 0, share = 0, recent = 0;
    uint64_t first = c->genre_offset[movie], end = c->genre_offset[movie + 1];
    for (uint64_t e = first; e < end; e++) {
        uint32_t g = c->genre_index[e];
        affinity += w->genre_affinity[g];
        share += w->genre_share[g];
        recent += w->genre_share[c->n_genres + g];
    }
    float n = end > first ? (float)(end - first) : 1.0F;
    x[CONTENT_GENRE_AFFINITY] = affinity / n;
    x[CONTENT_GENRE_SHARE] = share / n;
    x[CONTENT_GENRE_SHARE_RECENT] = recent / n;
    size_t last = h->count < FEATURE_LAST ? h->count : FEATURE_LAST;
    uint32_t shared = 0;
    for (size_t d = 0; d < last; d++) {
        shared += (mask[movie] & mask[h->movie[h->count - 1 - d]]) != 0;
    }
    x[CONTENT_GENRE_SESSION] = last > 0 ? (float)shared / (float)last : 0.0F;
}

void content_fill(const struct feature_work *w, uint32_t movie, float *x) {
    const struct content *content = &w->context->content;
    size_t dim = content->dim;
    const float *vector = content->vector + movie * dim;
    fill_terms(w, movie, x);
    fill_genres(w, movie, x);
    x[CONTENT_VECTOR] = dense_dot(dim, w->profile, vector);
    x[CONTENT_VECTOR_RECENT] = dense_dot(dim, w->profile + dim, vector);
}
