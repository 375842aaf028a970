/* Features of what the movies are about.
 *
 * Each term has TERM_LANES vectors of four lanes, so that one pass over a candidate's terms
 * computes all products at once:
 *
 *     lanes 0 to 2     profiles of the whole, the recent and the liked history
 *     lane 3           affinity to tags
 *     lanes 4 and 5    scratch
 *     lanes 6 to 15    the weights of the newest movies, newest first */
#include "common/base/mem.h"
#include "common/base/simd.h"
#include "common/data/dense.h"
#include "common/data/rating_scale.h"
#include "common/features/families.h"

#include <math.h>
#include <string.h>

typedef f32x4 lanes4;

enum { TERM_LANES = 4 };
enum { LANE_AFFINITY = 3, LANE_RESIDUAL = 4, LANE_COUNT = 5, LANE_LAST = 6, LANES = 16 };

static const float SHRINK_AFFINITY = 3.0F;

_Static_assert(LANE_LAST + FEATURE_LAST == LANES, "the newest movies fill the lanes");

enum {
    CONTENT_ALL,
    CONTENT_RECENT,
    CONTENT_LIKED,
    CONTENT_LAST,
    CONTENT_NEAREST,
    CONTENT_VECTOR,
    CONTENT_VECTOR_RECENT,
    CONTENT_GENRE_AFFINITY,
    CONTENT_TAG_AFFINITY,
    CONTENT_GENRE_SHARE,
    CONTENT_GENRE_SHARE_RECENT,
    CONTENT_GENRE_SESSION,
    CONTENT_COLUMNS
};

static const struct feature_spec columns[CONTENT_COLUMNS] = {
    [CONTENT_ALL] = COMPONENT("content", "content",
                              "cosine of the terms with those of the whole history", "content"),
    [CONTENT_RECENT] =
        NEEDING(NEEDS_ORDER, "content.recent", "content", "the same, history weights exp(-d/10)"),
    [CONTENT_LIKED] = FEATURE("content.liked", "content",
                              "the same, history weights rating - mean rating of the user"),
    [CONTENT_LAST] = NEEDING(NEEDS_ORDER, "content.last", "content",
                             "cosine of the terms with the newest movie's"),
    [CONTENT_NEAREST] = NEEDING(NEEDS_ORDER, "content.nearest", "content",
                                "largest cosine of the terms with one of the newest 10 movies"),
    [CONTENT_VECTOR] = FEATURE("content.vector", "content",
                               "content vector along the mean content vector of the history"),
    [CONTENT_VECTOR_RECENT] = NEEDING(NEEDS_ORDER, "content.vector-recent", "content",
                                      "the same, history weights exp(-d/10)"),
    [CONTENT_GENRE_AFFINITY] =
        FEATURE("content.genre-affinity", "content",
                "mean over the movie's genres of the user's shrunken rating residual"),
    [CONTENT_TAG_AFFINITY] = FEATURE("content.tag-affinity", "content",
                                     "the same over the movie's tags, weighted by TF-IDF"),
    [CONTENT_GENRE_SHARE] = FEATURE("content.genre-share", "content",
                                    "mean over the movie's genres of their share of the history"),
    [CONTENT_GENRE_SHARE_RECENT] = NEEDING(NEEDS_ORDER, "content.genre-share-recent", "content",
                                           "the same, history weights exp(-d/10)"),
    [CONTENT_GENRE_SESSION] =
        NEEDING(NEEDS_ORDER, "content.genre-overlap", "content",
                "share of the newest 10 movies that share a genre with the movie"),
};

struct work {
    const struct feature_view *view;
    lanes4 *term;           /* [terms, TERM_LANES] */
    float *profile;         /* [2, content dim] unit length: all, recent */
    float profile_scale[3]; /* 1 / length of the term profiles: all, recent, liked */
    float *genre_affinity;  /* [genres] */
    float *genre_share;     /* [2, genres]: all, recent */
    float *likeness;        /* [movies] similarity to the profile, filled by `sources` */
};

static void add_terms(struct work *w, const struct feature_query *q, size_t i) {
    const struct content *content = &w->view->content;
    const struct history *h = q->base.history;
    size_t d = h->count - 1 - i;
    float *lanes = (float *)w->term;
    float liked = (float)stars_of(h->value[i]) - q->user_mean;
    uint64_t end = content->terms.offset[h->movie[i] + 1];
    for (uint64_t e = content->terms.offset[h->movie[i]]; e < end; e++) {
        float value = content->terms.value[e];
        float *lane = lanes + (size_t)content->terms.column[e] * LANES;
        lane[0] += value;
        lane[1] += value * q->base.recent[i];
        lane[2] += value * liked;
        lane[LANE_RESIDUAL] += q->base.residual[i];
        lane[LANE_COUNT] += 1;
        if (d < FEATURE_LAST) lane[LANE_LAST + d] = value;
    }
}

/* Computes the lengths of the profiles, and tag affinities from the sums of residuals. */
static void finish_terms(struct work *w) {
    const struct content *content = &w->view->content;
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

/* The mean content vectors of the whole and the recent history, scaled to unit length. */
static void profile_vectors(struct work *w, const struct feature_query *q) {
    const struct content *content = &w->view->content;
    const struct history *h = q->base.history;
    size_t dim = content->dim;
    memset(w->profile, 0, 2 * dim * sizeof *w->profile);
    for (size_t i = 0; i < h->count; i++) {
        const float *vector = content->vector + h->movie[i] * dim;
        for (size_t k = 0; k < dim; k++) {
            w->profile[k] += vector[k];
            w->profile[dim + k] += q->base.recent[i] * vector[k];
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

static void profile_genres(struct work *w, const struct feature_query *q) {
    const struct catalogue *c = &w->view->catalogue;
    const struct history *h = q->base.history;
    size_t n = c->n_genres;
    float total_recent = 0;
    memset(w->genre_affinity, 0, n * sizeof *w->genre_affinity);
    memset(w->genre_share, 0, 2 * n * sizeof *w->genre_share);
    for (size_t i = 0; i < h->count; i++) {
        total_recent += q->base.recent[i];
        uint64_t end = c->genre_offset[h->movie[i] + 1];
        for (uint64_t e = c->genre_offset[h->movie[i]]; e < end; e++) {
            uint32_t g = c->genre_index[e];
            w->genre_affinity[g] += q->base.residual[i];
            w->genre_share[g] += 1;
            w->genre_share[n + g] += q->base.recent[i];
        }
    }
    for (size_t g = 0; g < n && h->count > 0; g++) {
        w->genre_affinity[g] /= w->genre_share[g] + SHRINK_AFFINITY;
        w->genre_share[g] /= (float)h->count;
        w->genre_share[n + g] /= total_recent;
    }
}

static void prepare(void *work, const struct feature_scope *scope) {
    struct work *w = work;
    const struct feature_query *q = scope->query;
    memset(w->term, 0, (size_t)w->view->content.n_terms * TERM_LANES * sizeof *w->term);
    for (size_t i = 0; i < q->base.history->count; i++) {
        add_terms(w, q, i);
    }
    finish_terms(w);
    profile_vectors(w, q);
    profile_genres(w, q);
}

static void fill_terms(const struct work *w, const float *tag_weight, uint32_t movie, float *x) {
    const struct csr *terms = &w->view->content.terms;
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
    float nearest = 0, tags = tag_weight[movie];
    for (size_t d = 0; d < FEATURE_LAST; d++) {
        float own = product[LANE_LAST + d];
        nearest = own > nearest ? own : nearest;
    }
    x[CONTENT_NEAREST] = nearest;
    x[CONTENT_TAG_AFFINITY] = tags > 0 ? product[LANE_AFFINITY] / tags : 0.0F;
}

static void fill_genres(const struct work *w, const struct history *h, uint32_t movie, float *x) {
    const struct catalogue *c = &w->view->catalogue;
    const uint64_t *mask = w->view->stats.genre_mask;
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

static void fill(const void *work, const struct feature_scope *scope,
                 const struct score_block *block, float *x, size_t stride) {
    const struct work *w = work;
    size_t dim = w->view->content.dim;
    for (size_t i = 0; i < block->n; i++, x += stride) {
        uint32_t movie = block->movie[i];
        const float *vector = w->view->content.vector + movie * dim;
        fill_terms(w, scope->own, movie, x);
        fill_genres(w, scope->query->base.history, movie, x);
        x[CONTENT_VECTOR] = dense_dot(dim, w->profile, vector);
        x[CONTENT_VECTOR_RECENT] = dense_dot(dim, w->profile + dim, vector);
    }
}

static size_t sources(void *work, const struct feature_scope *scope, struct catalogue_scores *out,
                      size_t max) {
    struct work *w = work;
    const struct content *c = &scope->view->content;
    if (max == 0) return 0;
    dense_gemv(c->n_movies, c->dim, c->vector, c->dim, w->profile, 0, w->likeness);
    out[0] = (struct catalogue_scores){w->likeness, 1};
    return 1;
}

/* ---- the family ---- */

/* *own is [movies]: the sum of the weights of each movie's tags. */
static enum status load(void **own, const struct feature_view *view, const struct artifact *dataset,
                        struct error *err) {
    (void)dataset;
    const struct content *c = &view->content;
    float *weight = NULL;
    TRY(MEM_NEW(&weight, c->n_movies, err));
    for (uint32_t m = 0; m < c->n_movies; m++) {
        double tags = 0;
        for (uint64_t e = c->terms.offset[m]; e < c->terms.offset[m + 1]; e++) {
            if (c->term_group[c->terms.column[e]] == TERM_TAG) tags += c->terms.value[e];
        }
        weight[m] = (float)tags;
    }
    *own = weight;
    return STATUS_OK;
}

static void work_release(void *work) {
    struct work *w = work;
    if (w == NULL) return;
    mem_free(w->term);
    mem_free(w->profile);
    mem_free(w->genre_affinity);
    mem_free(w->genre_share);
    mem_free(w->likeness);
    mem_free(w);
}

static enum status work_create(void **work, const struct feature_view *view, struct error *err) {
    struct work *w = NULL;
    size_t genres = view->catalogue.n_genres;
    TRY(MEM_NEW(&w, 1, err));
    w->view = view;
    *work = w;
    TRY(MEM_NEW(&w->term, (size_t)view->content.n_terms * TERM_LANES, err));
    TRY(MEM_NEW(&w->profile, 2 * (size_t)view->content.dim, err));
    TRY(MEM_NEW(&w->genre_affinity, genres, err));
    TRY(MEM_NEW(&w->genre_share, 2 * genres, err));
    return MEM_NEW(&w->likeness, view->content.n_movies, err);
}

const struct feature_family content_family = {
    FEATURES_OF(columns),
    .load = load,
    .unload = mem_free,
    .work_create = work_create,
    .work_release = work_release,
    .prepare = prepare,
    .fill = fill,
    .sources = sources,
};
