#include "stages/ranker/judging.h"

#include "common/base/half.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/data/topk.h"
#include "common/nn/ensemble.h"

#include <string.h>

static const double tilts[] = {0, 0.5, 1}, penalties[] = {0, 1, 2, 3, 4, 6};
enum {
    N_PENALTIES = sizeof penalties / sizeof penalties[0],
    N_TRIALS = sizeof tilts / sizeof tilts[0] * N_PENALTIES,
    FIRST_PLACES = 10
};
/* What it is worth in NDCG@10 that no place of a list is predicted below the user's mean. */
static const double WORTH = 0.15;

static struct judgement trial(size_t number) {
    return (struct judgement){tilts[number / N_PENALTIES], penalties[number % N_PENALTIES]};
}

/* Of one list, or the sum over lists. */
struct outcome {
    double ndcg;  /* of a liked positive, times its weight; 0 for others */
    double below; /* share of the first places that are predicted below the user's mean */
};

struct trials {
    const struct experiment *e;
    struct ensemble ranks, rating; /* the head that ranks, the one that judges */
    struct outcome *outcome;       /* [groups, N_TRIALS] */
};

static void trials_release(struct trials *t) {
    mem_free(t->ranks.member); /* the parameters are the networks' */
    mem_free(t->rating.member);
    mem_free(t->outcome);
}

/* The networks of a head. */
static enum status gather(struct ensemble *out, const struct experiment *e, enum ranker_head head,
                          struct error *err) {
    out->n_features = e->train.n_features;
    TRY(MEM_NEW(&out->member, e->n_networks, err));
    for (size_t i = 0; i < e->n_networks; i++) {
        const struct network *n = &e->network[i];
        if (strcmp(n->task.head, ranker_head_name(head)) != 0) continue;
        out->scaling = n->task.scaling;
        out->member[out->n_members++] =
            (struct ensemble_member){n->task.layout, n->state.best_params};
    }
    return STATUS_OK;
}

/* One thread's room for a group. */
struct desk_of_trials {
    float *x, *logit, *above, *score;
    struct topk first;
};

static enum status desk_create(void *scratch, const void *context, struct error *err) {
    struct desk_of_trials *d = scratch;
    const struct samples *s = &((const struct trials *)context)->e->valid;
    TRY(MEM_NEW(&d->x, s->group_size * s->n_features, err));
    TRY(MEM_NEW(&d->logit, s->group_size, err));
    TRY(MEM_NEW(&d->above, s->group_size, err));
    TRY(MEM_NEW(&d->score, s->group_size, err));
    return topk_alloc(&d->first, FIRST_PLACES, err);
}

static void desk_release(void *scratch) {
    struct desk_of_trials *d = scratch;
    mem_free(d->x);
    mem_free(d->logit);
    mem_free(d->above);
    mem_free(d->score);
    topk_release(&d->first);
}

static double share_below(struct desk_of_trials *d, size_t n) {
    size_t below = 0;
    topk_clear(&d->first);
    for (size_t i = 0; i < n; i++) {
        topk_push(&d->first, d->score[i], (uint32_t)i);
    }
    for (size_t i = 0; i < d->first.count; i++) {
        below += d->above[d->first.heap[i].id] < 0;
    }
    return (double)below / (double)d->first.count;
}

static enum status try_group(const void *context, void *scratch, size_t g, struct error *err) {
    const struct trials *t = context;
    const struct experiment *e = t->e;
    const struct samples *s = &e->valid;
    const size_t n = s->group_size;
    const double own = s->own_mean[g] > 0 ? (double)s->own_mean[g] : e->mean_stars;
    const uint32_t *movie = s->movie + g * n;
    struct desk_of_trials *d = scratch;
    half_to_floats(s->x + g * n * s->n_features, n * s->n_features, d->x);
    TRY(ensemble_score(&t->ranks, s->user[g], movie, d->x, n, d->logit, err));
    TRY(ensemble_score(&t->rating, s->user[g], movie, d->x, n, d->above, err));
    for (size_t i = 0; i < n; i++) {
        d->above[i] += (float)(e->mean_stars - own);
    }
    for (size_t k = 0; k < N_TRIALS; k++) {
        const struct judgement j = trial(k);
        for (size_t i = 0; i < n; i++) {
            d->score[i] = (float)((double)d->logit[i] + judgement_of(&j, (double)d->above[i]));
        }
        const double weight = (double)e->valid_liked[g];
        t->outcome[g * N_TRIALS + k] =
            (struct outcome){weight > 0 ? weight * group_ndcg(d->score, n) : 0, share_below(d, n)};
    }
    return STATUS_OK;
}

/* What a head reaches: the outcome of each pair, and which of them is the best. */
struct reached {
    struct outcome of[N_TRIALS];
    size_t best;
};

static double worth(const struct outcome *o) {
    return o->ndcg - WORTH * o->below;
}

static enum status try_all(struct reached *out, const struct experiment *e, enum ranker_head head,
                           struct error *err) {
    static const struct scratch desk = {sizeof(struct desk_of_trials), desk_create, desk_release};
    AUTO(trials) struct trials t = {.e = e};
    const size_t n = e->valid.n_groups;
    TRY(gather(&t.ranks, e, head, err));
    TRY(gather(&t.rating, e, HEAD_RATING, err));
    TRY(MEM_NEW(&t.outcome, n * N_TRIALS, err));
    const struct parallel groups = {.n = n, .context = &t, .each = try_group, .scratch = desk};
    TRY(parallel_blocks(&groups, err));
    *out = (struct reached){0};
    for (size_t i = 0; i < n * N_TRIALS; i++) {
        out->of[i % N_TRIALS].ndcg += t.outcome[i].ndcg / (double)n;
        out->of[i % N_TRIALS].below += t.outcome[i].below / (double)n;
    }
    for (size_t k = 1; k < N_TRIALS; k++) {
        if (worth(&out->of[k]) > worth(&out->of[out->best])) out->best = k;
    }
    return STATUS_OK;
}

/* The rank network of each member comes first, as in the order of the heads. */
static void go_back(struct experiment *e) {
    const struct network *rank = NULL;
    for (size_t i = 0; i < e->n_networks; i++) {
        struct network *n = &e->network[i];
        if (strcmp(n->task.head, ranker_head_name(HEAD_RANK)) == 0) rank = n;
        if (rank == NULL || strcmp(n->task.head, ranker_head_name(HEAD_LIKE)) != 0) continue;
        n->state.best_epoch = 0;
        memcpy(n->state.best_params, rank->state.best_params,
               n->state.n_params * sizeof *n->state.best_params);
    }
}

enum status judging_choose(struct experiment *e, struct error *err) {
    struct reached like, rank;
    e->judgement = (struct judgement){0};
    if (!e->plan[HEAD_LIKE].wanted || !e->plan[HEAD_RATING].wanted) return STATUS_OK;
    TRY(try_all(&like, e, HEAD_LIKE, err));
    TRY(try_all(&rank, e, HEAD_RANK, err));
    const struct outcome *best = &like.of[like.best], *other = &rank.of[rank.best];
    const bool kept = worth(best) > worth(other);
    e->judgement = trial(kept ? like.best : rank.best);
    if (!kept) go_back(e);
    log_info("lists for like: NDCG@10 of liked movies and places below the user's mean: like head "
             "%.5f, %.4f; rank head %.5f, %.4f; lists for next %.5f, %.4f; %s head, tilt %.3g, "
             "penalty %.3g",
             best->ndcg, best->below, other->ndcg, other->below, rank.of[0].ndcg, rank.of[0].below,
             kept ? "like" : "rank", e->judgement.tilt, e->judgement.penalty);
    return STATUS_OK;
}
