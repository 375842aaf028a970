#include "stages/ranker/experiment.h"

#include "common/base/mem.h"
#include "stages/ranker/feature_mask.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What "auto" stands for; chosen on the validation sets of ml-1m (README.md). */
struct mode_defaults {
    const char *layers, *rating_layers, *loss;
    int64_t user_dim, movie_dim, epochs, rating_epochs, batch;
    double learning_rate, rating_learning_rate, dropout, rating_dropout, embedding_decay;
};
static const struct mode_defaults hybrid = {.layers = "128,64",
                                            .rating_layers = "64,32",
                                            .loss = "softmax",
                                            .user_dim = 0,
                                            .movie_dim = 0,
                                            .epochs = 14,
                                            .rating_epochs = 20,
                                            .batch = 128,
                                            .learning_rate = 0.004,
                                            .rating_learning_rate = 0.001,
                                            .dropout = 0.05,
                                            .rating_dropout = 0.2,
                                            .embedding_decay = 0.01};
/* Rows of few movies, each in thousands of rows: a larger network learns these by heart. */
static const struct mode_defaults new_movies = {.layers = "8",
                                                .rating_layers = "8",
                                                .loss = "softmax",
                                                .epochs = 3,
                                                .rating_epochs = 20,
                                                .batch = 128,
                                                .learning_rate = 0.004,
                                                .rating_learning_rate = 0.001,
                                                .embedding_decay = 0.01};
/* ---- data ---- */

enum status experiment_load(struct experiment *e, const struct artifact *features,
                            struct error *err) {
    TRY(samples_load(&e->train, &e->valid, features, err));
    uint32_t n = e->train.n_features;
    TRY(artifact_read_strings(features, "feature.name", n, &e->name, err));
    TRY(artifact_read_strings(features, "feature.group", n, &e->group, err));
    TRY(MEM_NEW(&e->mean, n, err));
    TRY(MEM_NEW(&e->scale, n, err));
    samples_extent(&e->train, &e->valid, &e->n_users, &e->n_movies);
    TRY(artifact_get_i64(features, "new_movies", &e->new_movies, err));
    TRY(samples_scaling(&e->train, e->mean, e->scale, err));
    return feature_mask_apply(e->params->without, &e->name, &e->group, e->scale, err);
}

/* ---- plan ---- */

static const char *or_text(const char *value, const char *fallback) {
    return strcmp(value, "auto") == 0 ? fallback : value;
}

static double or_real(double value, double fallback) {
    return value < 0 ? fallback : value;
}

static uint32_t or_count(int64_t value, int64_t fallback) {
    return (uint32_t)(value <= 0 ? fallback : value);
}

static uint32_t or_dim(int64_t value, int64_t fallback) {
    return (uint32_t)(value < 0 ? fallback : value);
}

static enum status parse_heads(struct experiment *e, struct error *err) {
    const char *names[HEADS];
    bool wanted[HEADS];
    for (int head = 0; head < HEADS; head++) {
        names[head] = ranker_head_name((enum ranker_head)head);
    }
    TRY(heads_parse(wanted, e->params->heads, names, HEADS, err));
    for (int head = 0; head < HEADS; head++) {
        e->plan[head] = (struct head_plan){
            .wanted = wanted[head], .name = names[head], .stream = (uint64_t)head};
    }
    return STATUS_OK;
}

/* Between -1, which stands for the default, and 0 there is nothing to mean. */
static enum status check_reals(const struct ranker_params *p, struct error *err) {
    const struct {
        const char *option;
        double value;
    } reals[] = {{"learning-rate", p->learning_rate},
                 {"rating-learning-rate", p->rating_learning_rate},
                 {"dropout", p->dropout},
                 {"rating-dropout", p->rating_dropout}};
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        if (reals[i].value >= 0 || reals[i].value == -1) continue;
        return error_set(err, STATUS_USAGE, "--%s: %g is below 0", reals[i].option, reals[i].value);
    }
    return STATUS_OK;
}

/* The newcomers' network goes on from the rank network, with the rows of both. There is nothing to
 * stop it by. */
static enum status plan_newcomers(struct head_plan *out, const struct head_plan *rank,
                                  const struct samples *samples, struct error *err) {
    const struct head_plan own = *out;
    *out = *rank;
    out->name = own.name;
    out->stream = own.stream;
    out->wanted = own.wanted && samples->n_groups > samples->n_settled;
    out->epochs = rank->epochs < 8 ? rank->epochs : 8;
    out->dropout = fmax(rank->dropout, 0.1);
    if (!out->wanted || rank->wanted) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--heads: newcomer goes on from rank, which is not there");
}

static enum status plan_heads(struct experiment *e, const struct mode_defaults *d,
                              struct error *err) {
    const struct ranker_params *p = e->params;
    struct head_plan *rank = &e->plan[HEAD_RANK], *rating = &e->plan[HEAD_RATING];
    TRY(check_reals(p, err));
    TRY(parse_heads(e, err));
    TRY(head_parse_layers(rank, "layers", or_text(p->layers, d->layers), err));
    TRY(head_parse_layers(rating, "rating-layers", or_text(p->rating_layers, d->rating_layers),
                          err));
    rank->loss = loss_named(or_text(p->loss, d->loss));
    rating->loss = LOSS_MSE;
    rank->epochs = or_count(p->epochs, d->epochs);
    rating->epochs = or_count(p->rating_epochs, d->rating_epochs);
    rank->learning_rate = or_real(p->learning_rate, d->learning_rate);
    rating->learning_rate = or_real(p->rating_learning_rate, d->rating_learning_rate);
    rank->dropout = or_real(p->dropout, d->dropout);
    rating->dropout = or_real(p->rating_dropout, d->rating_dropout);
    return plan_newcomers(&e->plan[HEAD_NEWCOMER], rank, &e->train, err);
}

static enum status plan_network(struct experiment *e, const struct mode_defaults *d,
                                struct network *out, enum ranker_head head, uint64_t member,
                                struct error *err) {
    const struct ranker_params *p = e->params;
    const bool newcomers = head == HEAD_NEWCOMER;
    const struct train_task common = {
        .train = &e->train,
        .n_groups = newcomers ? e->train.n_groups : e->train.n_settled,
        .valid = newcomers ? &e->none : &e->valid,
        .mean = e->mean,
        .scale = e->scale,
        .mean_stars = e->mean_stars,
        .adam = {p->weight_decay, 0.9, 0.999, 1e-8},
        .embedding_decay = or_real(p->embedding_decay, d->embedding_decay),
        .patience = (uint32_t)p->patience,
        .batch = or_count(p->batch, d->batch),
    };
    const struct mlp_inputs inputs = {e->train.n_features, e->n_users,
                                      or_dim(p->user_dim, d->user_dim), e->n_movies,
                                      or_dim(p->movie_dim, d->movie_dim)};
    return network_plan(out, &common, &e->plan[head], &inputs, member, e->seed, err);
}

static const struct mode_defaults *defaults_of(const struct experiment *e) {
    return e->new_movies ? &new_movies : &hybrid;
}

/* The fewer groups there are to learn from, the more one network owes to chance, and the less time
 * another one takes. */
enum { ENSEMBLE_GROUPS = 30000, MOST_MEMBERS = 5 };
static size_t members_of(const struct experiment *e) {
    if (e->params->ensemble > 0) return (size_t)e->params->ensemble;
    size_t members = ENSEMBLE_GROUPS / (e->train.n_settled + 1);
    return members < 1 ? 1 : members < MOST_MEMBERS ? members : MOST_MEMBERS;
}

enum status experiment_plan(struct experiment *e, struct error *err) {
    const struct mode_defaults *d = defaults_of(e);
    TRY(plan_heads(e, d, err));
    e->mean_stars = samples_mean_stars(&e->train);
    const size_t members = members_of(e);
    size_t heads = 0;
    for (int head = 0; head < HEADS; head++) {
        heads += e->plan[head].wanted;
    }
    e->n_members = members;
    TRY(MEM_NEW(&e->network, members * heads, err));
    for (size_t member = 0; member < members; member++) {
        const struct network *rank = &e->network[e->n_networks]; /* the member's first head */
        for (int head = 0; head < HEADS; head++) {
            if (!e->plan[head].wanted) continue;
            struct network *network = &e->network[e->n_networks++];
            TRY(plan_network(e, d, network, (enum ranker_head)head, member, err));
            if (head == HEAD_NEWCOMER) network->task.initial = rank->state.best_params;
        }
    }
    return STATUS_OK;
}

void experiment_release(struct experiment *e) {
    networks_release(e->network, e->n_networks);
    samples_release(&e->train);
    samples_release(&e->valid);
    strings_release(&e->name);
    strings_release(&e->group);
    mem_free(e->mean);
    mem_free(e->scale);
    *e = (struct experiment){0};
}
