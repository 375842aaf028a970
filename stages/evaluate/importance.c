/* Permutation importance of feature groups: the ranker without what a group says of the movie. */
#include "stages/evaluate/importance.h"
#include "common/base/mem.h"
#include "common/base/rng.h"

#include <math.h>
#include <string.h>

void importance_release(struct importance *im) {
    mem_free(im->ndcg);
    mem_free(im->squared);
    mem_free(im->count);
    mem_free(im->base);
    *im = (struct importance){0};
}

enum status importance_allocate(struct importance *im, const struct components *m, size_t n_users,
                                size_t most, bool given, struct error *err) {
    if (m->groups.count == 0 || most == 0 || m->permuted != NULL) return STATUS_OK;
    im->step = (n_users + most - 1) / most;
    im->n_users = (n_users + im->step - 1) / im->step;
    im->n_groups = m->groups.count;
    im->group = m->groups.name;
    im->given = given;
    if (ranker_has_head(m->ranker, HEAD_RANK)) {
        TRY(MEM_NEW(&im->ndcg, im->n_users * im->n_groups, err));
    }
    if (ranker_has_head(m->ranker, HEAD_RATING)) {
        TRY(MEM_NEW(&im->squared, im->n_users * im->n_groups, err));
        TRY(MEM_NEW(&im->count, im->n_users, err));
        TRY(MEM_NEW(&im->base, im->n_users, err));
    }
    return STATUS_OK;
}

/* The rows of a list as they are and with one group shuffled; scores of either. */
struct list {
    const struct components *m;
    uint32_t user;
    const uint32_t *movie; /* [n], the held-out ones first */
    size_t n, n_held_out, n_features;
    const float *rating;         /* [n_held_out] stars; NaN unknown */
    float *x, *shuffled;         /* [n, n_features] */
    float *score;                /* [n] */
    uint32_t *order, *held_out;  /* [n] */
    struct placement *placement; /* [n_held_out] */
};

static void list_release(struct list *l) {
    mem_free(l->x);
    mem_free(l->shuffled);
    mem_free(l->score);
    mem_free(l->order);
    mem_free(l->held_out);
    mem_free(l->placement);
}

static enum status list_create(struct list *l, const float *x, struct error *err) {
    l->n_features = ranker_n_features(l->m->ranker);
    TRY(MEM_NEW(&l->x, l->n * l->n_features, err));
    TRY(MEM_NEW(&l->shuffled, l->n * l->n_features, err));
    TRY(MEM_NEW(&l->score, l->n, err));
    TRY(MEM_NEW(&l->order, l->n, err));
    TRY(MEM_NEW(&l->held_out, l->n, err));
    TRY(MEM_NEW(&l->placement, l->n_held_out, err));
    for (size_t i = 0; i < l->n; i++) {
        memcpy(l->x + i * l->n_features, x + l->movie[i] * l->n_features,
               l->n_features * sizeof(*x));
        l->held_out[i] = (uint32_t)i;
    }
    return STATUS_OK;
}

/* Shuffles the features of the group together, so that they keep their joint distribution. */
static void shuffle(struct list *l, size_t group) {
    struct rng rng = rng_keyed(l->m->seed, "evaluate.importance", group, l->user);
    memcpy(l->shuffled, l->x, l->n * l->n_features * sizeof(*l->x));
    for (size_t i = 0; i < l->n; i++) {
        l->order[i] = (uint32_t)i;
    }
    rng_shuffle_u32(&rng, l->order, l->n);
    for (size_t i = 0; i < l->n; i++) {
        for (size_t f = 0; f < l->n_features; f++) {
            if (l->m->groups.of[f] != group) continue;
            l->shuffled[i * l->n_features + f] = l->x[l->order[i] * l->n_features + f];
        }
    }
}

static enum status ndcg(float *out, struct list *l, const float *x, struct error *err) {
    float value[METRICS_MAX];
    TRY(ranker_score(l->m->ranker, HEAD_RANK, l->user, l->movie, x, l->n, l->score, err));
    metrics_place(l->score, l->n, l->held_out, l->n_held_out, l->placement);
    const struct ranked_list list = {.placement = l->placement, .n_held_out = l->n_held_out};
    metrics_of_list(&list, metric_count_placed(), value);
    *out = value[metric_find("ndcg@10")];
    return STATUS_OK;
}

/* Sum of the squared errors over the held-out movies with a known rating. */
static enum status squared(float *out, float *count, struct list *l, const float *x,
                           struct error *err) {
    *out = 0;
    *count = 0;
    TRY(ranker_score(l->m->ranker, HEAD_RATING, l->user, l->movie, x, l->n_held_out, l->score,
                     err));
    for (size_t i = 0; i < l->n_held_out; i++) {
        if (isnan(l->rating[i])) continue;
        float error = l->score[i] - l->rating[i];
        *out += error * error;
        ++*count;
    }
    return STATUS_OK;
}

static enum status measure(struct importance *im, size_t at, struct list *l, struct error *err) {
    float base = 0, changed = 0, count = 0;
    if (im->ndcg != NULL) TRY(ndcg(&base, l, l->x, err));
    if (im->squared != NULL) TRY(squared(&im->base[at], &im->count[at], l, l->x, err));
    for (size_t g = 0; g < im->n_groups; g++) {
        shuffle(l, g);
        if (im->ndcg != NULL) {
            TRY(ndcg(&changed, l, l->shuffled, err));
            im->ndcg[at * im->n_groups + g] = base - changed;
        }
        if (im->squared != NULL) {
            TRY(squared(&changed, &count, l, l->shuffled, err));
            im->squared[at * im->n_groups + g] = changed - im->base[at];
        }
    }
    return STATUS_OK;
}

enum status importance_measure(struct importance *im, size_t at, const struct importance_list *of,
                               struct error *err) {
    AUTO(list)
    struct list l = {.m = of->components,
                     .user = of->user,
                     .movie = of->movie,
                     .n = of->n,
                     .n_held_out = of->n_held_out,
                     .rating = of->rating};
    TRY(list_create(&l, of->x, err));
    return measure(im, at, &l, err);
}
