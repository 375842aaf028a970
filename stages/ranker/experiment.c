#include "stages/ranker/experiment.h"

#include "common/base/mem.h"
#include "common/base/option.h"
#include "common/data/history.h"
#include "common/models/model.h"
#include "stages/ranker/feature_mask.h"
#include "stages/ranker/first_feature.h"
#include "stages/ranker/liking.h"

#include <math.h>
#include <string.h>

/* What "auto" stands for, chosen on the validation sets of ml-1m. */
struct automatic {
    const char *layers, *rating_layers;
    int64_t epochs;
    double dropout, rating_dropout;
};
static const struct automatic usual = {.layers = "128,64",
                                       .rating_layers = "64,32",
                                       .epochs = 14,
                                       .dropout = 0.05,
                                       .rating_dropout = 0.2};
/* There are few movies, each in thousands of rows: a larger network would memorise them. */
static const struct automatic of_new_movies = {.layers = "8", .rating_layers = "8", .epochs = 3};

/* The fewer groups there are to learn from, the more a single network depends on its seed, and the
 * less time another one takes. */
enum { ENSEMBLE_GROUPS = 30000, MOST_MEMBERS = 5 };
static int64_t automatic_ensemble(const struct samples *train) {
    size_t members = ENSEMBLE_GROUPS / (train->n_settled + 1);
    return (int64_t)(members < 1 ? 1 : members < MOST_MEMBERS ? members : MOST_MEMBERS);
}

static void resolve(struct experiment *e) {
    const struct automatic *a = e->new_movies ? &of_new_movies : &usual;
    struct ranker_params *p = &e->params;
    *p = *e->asked;
    const bool recent = e->occasion.forecast || !e->occasion.order; /* needed, or not there */
    p->without = option_text_or(p->without, recent ? "none" : "recent");
    p->layers = option_text_or(p->layers, a->layers);
    p->rating_layers = option_text_or(p->rating_layers, a->rating_layers);
    p->epochs = option_int_or(p->epochs, a->epochs);
    p->ensemble = option_int_or(p->ensemble, automatic_ensemble(&e->train));
    p->dropout = option_real_or(p->dropout, a->dropout);
    p->rating_dropout = option_real_or(p->rating_dropout, a->rating_dropout);
}

/* ---- data ---- */

static enum status read_occasion(struct experiment *e, const struct artifact *features,
                                 struct error *err) {
    struct occasion *out = &e->occasion;
    const char *history = NULL, *order = NULL;
    TRY(artifact_get_i64(features, "new_movies", &e->new_movies, err));
    TRY(artifact_get_str(features, "history", &history, err));
    TRY(artifact_get_str(features, "order", &order, err));
    out->order = strcmp(order, "none") != 0;
    /* Of new movies it is the movies that were drawn, not their ratings. */
    out->by_lot = strcmp(history, history_rule_name(HISTORY_ALL)) == 0 && !e->new_movies;
    out->forecast = strcmp(history, history_rule_name(HISTORY_CUT)) == 0 ||
                    strcmp(history, history_rule_name(HISTORY_MOMENT)) == 0;
    return STATUS_OK;
}

void experiment_hide(struct experiment *e, const uint8_t *needs) {
    for (uint32_t i = 0; i < e->train.n_features; i++) {
        if (needs[i] == NEEDS_NEITHER) continue;
        if (!e->occasion.order || e->occasion.by_lot) e->ranges.scale[i] = 0;
        if (!e->occasion.order) e->rating_scale[i] = 0;
    }
}

static enum status mask(struct experiment *e, const struct artifact *features, struct error *err) {
    const uint32_t n = e->train.n_features;
    MEM_AUTO uint8_t *needs = NULL;
    TRY(artifact_read(features, "feature.needs", DTYPE_U8, n, &needs, err));
    TRY(feature_mask_apply(e->params.without, &e->name, &e->group, e->ranges.scale, err));
    memcpy(e->rating_scale, e->ranges.scale, n * sizeof(float));
    experiment_hide(e, needs);
    return STATUS_OK;
}

enum status experiment_load(struct experiment *e, const struct artifact *features,
                            struct error *err) {
    TRY(samples_load(&e->train, &e->valid, features, err));
    uint32_t n = e->train.n_features;
    TRY(artifact_read_strings(features, "feature.name", n, &e->name, err));
    TRY(artifact_read_strings(features, "feature.group", n, &e->group, err));
    TRY(MEM_NEW(&e->rating_scale, n, err));
    samples_extent(&e->train, &e->valid, &e->n_users, &e->n_movies);
    TRY(read_occasion(e, features, err));
    TRY(ranges_compute(&e->ranges, &e->train, err));
    resolve(e);
    return mask(e, features, err);
}

/* ---- plan ---- */

static enum status parse_heads(struct experiment *e, struct error *err) {
    const char *names[HEADS];
    bool wanted[HEADS];
    for (int head = 0; head < HEADS; head++) {
        names[head] = ranker_head_name((enum ranker_head)head);
    }
    TRY(heads_parse(wanted, e->params.heads, names, HEADS, err));
    for (int head = 0; head < HEADS; head++) {
        e->plan[head] = (struct head_plan){
            .wanted = wanted[head], .name = names[head], .stream = (uint64_t)head};
    }
    return STATUS_OK;
}

enum status experiment_check(const struct ranker_params *params, struct error *err) {
    struct experiment e = {.asked = params, .params = *params};
    struct head_plan layers = {0};
    TRY(parse_heads(&e, err));
    for (int head = 0; head < HEADS; head++) {
        const bool follows = head == HEAD_NEWCOMER || head == HEAD_LIKE;
        if (!follows || !e.plan[head].wanted || e.plan[HEAD_RANK].wanted) continue;
        return error_set(err, STATUS_USAGE, "--heads: %s goes on from rank, which is not there",
                         e.plan[head].name);
    }
    TRY(head_parse_layers(&layers, "layers", option_text_or(params->layers, usual.layers), err));
    return head_parse_layers(&layers, "rating-layers",
                             option_text_or(params->rating_layers, usual.rating_layers), err);
}

/* Plans a network that continues from the trained rank network. */
static void plan_continued(struct head_plan *out, const struct head_plan *rank) {
    const struct head_plan own = *out;
    *out = *rank;
    out->name = own.name;
    out->stream = own.stream;
    out->wanted = own.wanted;
    out->epochs = rank->epochs < 8 ? rank->epochs : 8;
}

/* The newcomer network learns from the rows of rank and from those of newcomers. It has no
 * validation rows, so nothing stops it early. */
static void plan_newcomers(struct head_plan *out, const struct head_plan *rank,
                           const struct samples *samples) {
    plan_continued(out, rank);
    out->wanted = out->wanted && samples->n_groups > samples->n_settled;
    out->dropout = fmax(rank->dropout, 0.1);
}

/* The like network learns from the rows of rank whose positive was liked, which are few, and by
 * short steps, because it knows most of it already. Without any to learn from and to be measured by
 * there is none. */
static enum status plan_liking(struct experiment *e, struct error *err) {
    struct head_plan *like = &e->plan[HEAD_LIKE];
    bool learnable = false, measurable = false;
    plan_continued(like, &e->plan[HEAD_RANK]);
    like->epochs = like->epochs < 6 ? like->epochs : 6;
    like->dropout = fmax(like->dropout, 0.1);
    like->learning_rate /= 10;
    if (!like->wanted) return STATUS_OK;
    TRY(liking_weights(&e->liked, &learnable, &e->train, e->train.n_settled, err));
    TRY(liking_weights(&e->valid_liked, &measurable, &e->valid, e->valid.n_groups, err));
    like->wanted = learnable && measurable;
    return STATUS_OK;
}

static enum status plan_heads(struct experiment *e, struct error *err) {
    const struct ranker_params *p = &e->params;
    struct head_plan *rank = &e->plan[HEAD_RANK], *rating = &e->plan[HEAD_RATING];
    TRY(parse_heads(e, err));
    TRY(head_parse_layers(rank, "layers", p->layers, err));
    TRY(head_parse_layers(rating, "rating-layers", p->rating_layers, err));
    rank->loss = loss_named(p->loss);
    rating->loss = LOSS_MSE;
    rank->epochs = (uint32_t)p->epochs;
    rating->epochs = (uint32_t)p->rating_epochs;
    rank->learning_rate = p->learning_rate;
    rating->learning_rate = p->rating_learning_rate;
    rank->dropout = p->dropout;
    rating->dropout = p->rating_dropout;
    plan_newcomers(&e->plan[HEAD_NEWCOMER], rank, &e->train);
    return plan_liking(e, err);
}

static enum status plan_network(struct experiment *e, struct network *out, enum ranker_head head,
                                uint64_t member, struct error *err) {
    const struct ranker_params *p = &e->params;
    const bool newcomers = head == HEAD_NEWCOMER;
    const struct train_task common = {
        .train = &e->train,
        .n_groups = newcomers ? e->train.n_groups : e->train.n_settled,
        .valid = newcomers ? &e->none : &e->valid,
        .weight = head == HEAD_LIKE ? e->liked : e->train.weight,
        .valid_weight = head == HEAD_LIKE ? e->valid_liked : e->valid.weight,
        .scaling = {.mean = e->ranges.mean,
                    .scale = head == HEAD_RATING ? e->rating_scale : e->ranges.scale,
                    .low = e->ranges.low,
                    .high = e->ranges.high},
        .mean_stars = e->mean_stars,
        .adam = adam_usual(p->weight_decay),
        .embedding_decay = p->embedding_decay,
        .patience = (uint32_t)p->patience,
        .batch = (size_t)p->batch,
    };
    const struct mlp_inputs inputs = {e->train.n_features,    e->n_users,
                                      (uint32_t)p->user_dim,  e->n_movies,
                                      (uint32_t)p->movie_dim, head != HEAD_RATING};
    return network_plan(out, &common, &e->plan[head], &inputs, member, e->seed, err);
}

/* Plans the networks of one member of the ensemble, in the order of the heads; newcomer and like
 * continue from the first. */
static enum status plan_member(struct experiment *e, uint64_t member, struct error *err) {
    const struct network *rank = &e->network[e->n_networks];
    for (int head = 0; head < HEADS; head++) {
        if (!e->plan[head].wanted) continue;
        struct network *network = &e->network[e->n_networks++];
        TRY(plan_network(e, network, (enum ranker_head)head, member, err));
        if (head == HEAD_RANK) network->task.start = e->start;
        if (head == HEAD_NEWCOMER || head == HEAD_LIKE) {
            network->task.initial = rank->state.best_params;
        }
    }
    return STATUS_OK;
}

enum status experiment_plan(struct experiment *e, struct error *err) {
    TRY(experiment_check(e->asked, err));
    resolve(e);
    TRY(plan_heads(e, err));
    e->mean_stars = samples_mean_stars(&e->train);
    const struct train_task ranking = {.train = &e->train,
                                       .n_groups = e->train.n_settled,
                                       .valid = &e->valid,
                                       .weight = e->train.weight,
                                       .valid_weight = e->valid.weight,
                                       .scaling = {e->ranges.mean, e->ranges.scale, NULL, NULL}};
    if (e->plan[HEAD_RANK].wanted) TRY(first_feature_find(&e->start, &ranking, err));
    const uint64_t members = (uint64_t)e->params.ensemble;
    TRY(MEM_NEW(&e->network, members * HEADS, err));
    for (uint64_t member = 0; member < members; member++) {
        TRY(plan_member(e, member, err));
    }
    return STATUS_OK;
}

void experiment_release(struct experiment *e) {
    networks_release(e->network, e->n_networks);
    samples_release(&e->train);
    samples_release(&e->valid);
    strings_release(&e->name);
    strings_release(&e->group);
    ranges_release(&e->ranges);
    mem_free(e->rating_scale);
    mem_free(e->liked);
    mem_free(e->valid_liked);
    *e = (struct experiment){0};
}
