#include "common/ranking/integrated_gradients.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"

#include <math.h>
#include <string.h>

enum { FIRST_STEPS = 64, MAX_STEPS = 8192, BATCH = 64 };

/* ---- integrating ---- */

/* The line from the baseline to the features, with scratch for a batch of its points. */
struct line {
    const struct ranker *ranker;
    const struct ranking *ranking;
    uint32_t user;
    const float *from, *to; /* [n] */
    size_t n;
    float *x, *gradient; /* [BATCH, n] */
    uint32_t *movie;     /* [BATCH] the same movie throughout */
};

static void line_release(struct line *l) {
    mem_free(l->x);
    mem_free(l->gradient);
    mem_free(l->movie);
}

static enum status line_alloc(struct line *l, uint32_t movie, struct error *err) {
    TRY(MEM_NEW(&l->x, BATCH * l->n, err));
    TRY(MEM_NEW(&l->gradient, BATCH * l->n, err));
    TRY(MEM_NEW(&l->movie, BATCH, err));
    for (size_t i = 0; i < BATCH; i++) {
        l->movie[i] = movie;
    }
    return STATUS_OK;
}

/* contribution[n] = distance times the integral of the gradient along the line, by the midpoint
 * rule in s with t = s^3. Logarithmic inputs bend close to the baseline (for a feature z deviations
 * away, in the first 1/z of the line), so the points must be dense there. */
static enum status integrate(const struct line *l, size_t steps, double *contribution,
                             struct error *err) {
    memset(contribution, 0, l->n * sizeof(*contribution));
    for (size_t first = 0; first < steps; first += BATCH) {
        size_t rows = steps - first < BATCH ? steps - first : BATCH;
        for (size_t i = 0; i < rows; i++) {
            double s = ((double)(first + i) + 0.5) / (double)steps, at = s * s * s;
            for (size_t j = 0; j < l->n; j++) {
                double from = (double)l->from[j], to = (double)l->to[j];
                l->x[i * l->n + j] = (float)(from + at * (to - from));
            }
        }
        TRY(ranker_rank_gradient(l->ranker, l->ranking, l->user, l->movie, l->x, rows, l->gradient,
                                 err));
        for (size_t i = 0; i < rows; i++) {
            double s = ((double)(first + i) + 0.5) / (double)steps, weight = 3 * s * s;
            for (size_t j = 0; j < l->n; j++) {
                contribution[j] += weight * (double)l->gradient[i * l->n + j];
            }
        }
    }
    for (size_t j = 0; j < l->n; j++) {
        contribution[j] *= ((double)l->to[j] - (double)l->from[j]) / (double)steps;
    }
    return STATUS_OK;
}

static enum status score_of(const struct line *l, uint32_t user, const uint32_t *movie,
                            const float *x, double *out, struct error *err) {
    float score = 0;
    TRY(ranker_rank(l->ranker, l->ranking, user, movie, x, 1, &score, err));
    *out = (double)score;
    return STATUS_OK;
}

static enum status attribute(struct attribution *a, struct line *l, double tolerance,
                             struct error *err) {
    const uint32_t no_movie = NO_INDEX;
    double start = 0;
    TRY(score_of(l, l->user, l->movie, l->to, &a->score, err));
    TRY(score_of(l, l->user, l->movie, l->from, &start, err));
    TRY(score_of(l, NO_INDEX, &no_movie, l->from, &a->baseline, err));
    a->embedding = start - a->baseline;
    double allowed = tolerance * fmax(fabs(a->score - a->baseline), 0.01);
    for (a->n_steps = FIRST_STEPS;; a->n_steps *= 2) {
        if (l->n > 0) TRY(integrate(l, a->n_steps, a->feature, err));
        double sum = start;
        for (size_t j = 0; j < l->n; j++) {
            sum += a->feature[j];
        }
        a->residual = a->score - sum;
        if (fabs(a->residual) <= allowed || a->n_steps >= MAX_STEPS) return STATUS_OK;
    }
}

enum status attribution_compute(struct attribution *out, const struct ranker *r,
                                const struct ranking *ranking, uint32_t user, uint32_t movie,
                                const float *x, double tolerance, struct error *err) {
    AUTO(attribution) struct attribution a = {.n_features = ranker_n_features(r)};
    AUTO(line)
    struct line l = {.ranker = r,
                     .ranking = ranking,
                     .user = user,
                     .from = ranker_feature_means(r),
                     .to = x,
                     .n = a.n_features};
    TRY(line_alloc(&l, movie, err));
    TRY(MEM_NEW(&a.x, l.n, err));
    TRY(MEM_NEW(&a.feature, l.n, err));
    if (l.n > 0) memcpy(a.x, x, l.n * sizeof(*x));
    TRY(attribute(&a, &l, tolerance, err));
    *out = a;
    a = (struct attribution){0};
    return STATUS_OK;
}

void attribution_release(struct attribution *a) {
    mem_free(a->x);
    mem_free(a->feature);
    *a = (struct attribution){0};
}

/* ---- groups ---- */

const char *attribution_meaning(const char *name) {
    static const char *const meanings[][2] = {
        {"baseline", "an average pick"},
        {"sequence", "what people see next"},
        {"collaborative", "what the same people see"},
        {"neighbours", "people with similar taste"},
        {"content", "genres, tags and title"},
        {"popularity", "how much it is seen"},
        {"rating", "how well it is rated"},
        {"time", "its age and the moment"},
        {"user", "habits of this person"},
        {"demographics", "age, sex and occupation"},
        {"sentiment", "what people say of it"},
        {"embedding", "learnt of this person and movie"},
        {"residual", "rounding"},
    };
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (strcmp(meanings[i][0], name) == 0) return meanings[i][1];
    }
    return name;
}

static size_t group_index(const struct group_share *groups, size_t count, const char *name) {
    size_t i = 0;
    while (i < count && strcmp(groups[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* Insertion sort: groups are few, and equal ones must keep their order. */
static void sort_groups(struct group_share *groups, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct group_share moving = groups[i];
        size_t place = i;
        while (place > 0 && fabs(groups[place - 1].contribution) < fabs(moving.contribution)) {
            groups[place] = groups[place - 1];
            place--;
        }
        groups[place] = moving;
    }
}

enum status attribution_groups(const struct attribution *a, const struct ranker *r,
                               struct group_share **out, size_t *count, struct error *err) {
    struct group_share *groups = NULL;
    TRY(MEM_NEW(&groups, a->n_features + 1, err));
    size_t n = 0;
    for (size_t j = 0; j < a->n_features; j++) {
        const char *name = ranker_feature_group(r, j);
        size_t g = group_index(groups, n, name);
        if (g == n) groups[n++] = (struct group_share){name, attribution_meaning(name), 0, j};
        groups[g].contribution += a->feature[j];
        if (fabs(a->feature[j]) > fabs(a->feature[groups[g].strongest])) groups[g].strongest = j;
    }
    if (a->embedding != 0) {
        groups[n++] = (struct group_share){"embedding", attribution_meaning("embedding"),
                                           a->embedding, SIZE_MAX};
    }
    sort_groups(groups, n);
    *out = groups;
    *count = n;
    return STATUS_OK;
}
