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
static const struct mode_defaults plain = {.layers = "64,32",
                                           .rating_layers = "64,32",
                                           .loss = "bce",
                                           .user_dim = 32,
                                           .movie_dim = 32,
                                           .epochs = 12,
                                           .rating_epochs = 5,
                                           .batch = 512,
                                           .learning_rate = 0.003,
                                           .rating_learning_rate = 0.003,
                                           .dropout = 0,
                                           .rating_dropout = 0,
                                           .embedding_decay = 1};

/* ---- data ---- */

enum status job_load_features(struct job *j, const struct artifact *features, struct error *err) {
    TRY(samples_load(&j->train, &j->valid, features, err));
    uint32_t n = j->train.n_features;
    TRY(artifact_read_strings(features, "feature.name", n, &j->name, err));
    TRY(artifact_read_strings(features, "feature.group", n, &j->group, err));
    TRY(MEM_NEW(&j->mean, n, err));
    TRY(MEM_NEW(&j->scale, n, err));
    samples_extent(&j->train, &j->valid, &j->n_users, &j->n_movies);
    TRY(artifact_get_i64(features, "new_movies", &j->new_movies, err));
    TRY(samples_scaling(&j->train, j->mean, j->scale, err));
    return feature_mask_apply(j->params->without, &j->name, &j->group, j->scale, err);
}

static enum status load_validation(struct job *j, const struct artifact *dataset,
                                   const struct artifact *split, struct error *err) {
    AUTO(ratings) struct ratings all = {0};
    MEM_AUTO uint8_t *role = NULL;
    TRY(ratings_load(&all, &role, dataset, split, err));
    return samples_of_role(&j->valid, &all, role, &j->seen, (size_t)j->params->valid_negatives,
                           j->seed, err);
}

enum status job_load_ratings(struct job *j, const struct artifact *dataset,
                             const struct artifact *split, enum view view, struct error *err) {
    TRY(view_load(&j->ratings, dataset, split, view, err));
    TRY(unseen_sampler_build(&j->seen, &j->ratings, err));
    j->n_users = j->ratings.n_users;
    j->n_movies = j->ratings.n_movies;
    size_t negatives = (size_t)j->params->negatives;
    TRY(samples_of_ratings(&j->train, &j->ratings, &j->seen, negatives, err));
    if (view == VIEW_FIT && split != NULL) TRY(load_validation(j, dataset, split, err));
    j->valid.group_size = 1 + (size_t)j->params->valid_negatives;
    return STATUS_OK;
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

/* "96,48" -> widths; "" and "none" mean no hidden layer. */
static enum status parse_layers(const char *option, const char *text, uint32_t *hidden,
                                size_t *n_hidden, struct error *err) {
    *n_hidden = 0;
    if (text[0] == '\0' || strcmp(text, "none") == 0) return STATUS_OK;
    for (const char *at = text;; at++) {
        char *end;
        errno = 0;
        unsigned long width = strtoul(at, &end, 10);
        bool digit = *at >= '0' && *at <= '9';
        if (!digit || errno != 0 || width < 1 || width > 4096 || (*end != ',' && *end != '\0')) {
            return error_set(err, STATUS_USAGE,
                             "--%s: \"%s\" is not a list of widths from 1 to 4096, as \"96,48\"",
                             option, text);
        }
        if (*n_hidden == JOB_MAX_HIDDEN) {
            return error_set(err, STATUS_USAGE, "--%s: \"%s\" has more than %d layers", option,
                             text, JOB_MAX_HIDDEN);
        }
        hidden[(*n_hidden)++] = (uint32_t)width;
        if (*end == '\0') return STATUS_OK;
        at = end;
    }
}

static bool head_named(const char *name, size_t length, enum ranker_head *out) {
    for (int head = 0; head < HEADS; head++) {
        const char *known = ranker_head_name((enum ranker_head)head);
        *out = (enum ranker_head)head;
        if (strlen(known) == length && memcmp(known, name, length) == 0) return true;
    }
    return false;
}

static enum status parse_heads(struct job *j, struct error *err) {
    const char *heads = j->params->heads;
    for (const char *at = heads;; at++) {
        size_t length = strcspn(at, ",");
        enum ranker_head head;
        if (!head_named(at, length, &head)) {
            return error_set(err, STATUS_USAGE,
                             "--heads: \"%.*s\" is none of rank, newcomer, rating", (int)length,
                             at);
        }
        j->plan[head].wanted = true;
        at += length;
        if (*at == '\0') return STATUS_OK;
    }
}

static enum loss_kind loss_of(const char *name) {
    if (strcmp(name, "bpr") == 0) return LOSS_BPR;
    if (strcmp(name, "bce") == 0) return LOSS_BCE;
    return LOSS_SOFTMAX;
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
    const bool asked = out->wanted;
    *out = *rank;
    out->wanted = asked && samples->n_groups > samples->n_settled;
    out->epochs = rank->epochs < 8 ? rank->epochs : 8;
    out->dropout = fmax(rank->dropout, 0.1);
    if (!out->wanted || rank->wanted) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--heads: newcomer goes on from rank, which is not there");
}

/* The plain network learns from every rating of the view, which may be many. */
static uint32_t affordable_epochs(const struct job *j, uint32_t epochs) {
    if (j->train.n_features > 0 || j->train.n_groups == 0) return epochs;
    uint64_t most = (uint64_t)j->params->max_targets / j->train.n_groups;
    return most < 1 ? 1 : most < epochs ? (uint32_t)most : epochs;
}

static enum status plan_heads(struct job *j, const struct mode_defaults *d, struct error *err) {
    const struct ranker_params *p = j->params;
    struct head_plan *rank = &j->plan[HEAD_RANK], *rating = &j->plan[HEAD_RATING];
    TRY(check_reals(p, err));
    TRY(parse_heads(j, err));
    TRY(parse_layers("layers", or_text(p->layers, d->layers), rank->hidden, &rank->n_hidden, err));
    TRY(parse_layers("rating-layers", or_text(p->rating_layers, d->rating_layers), rating->hidden,
                     &rating->n_hidden, err));
    rank->loss = loss_of(or_text(p->loss, d->loss));
    rating->loss = LOSS_MSE;
    rank->epochs = affordable_epochs(j, or_count(p->epochs, d->epochs));
    rating->epochs = affordable_epochs(j, or_count(p->rating_epochs, d->rating_epochs));
    rank->learning_rate = or_real(p->learning_rate, d->learning_rate);
    rating->learning_rate = or_real(p->rating_learning_rate, d->rating_learning_rate);
    rank->dropout = or_real(p->dropout, d->dropout);
    rating->dropout = or_real(p->rating_dropout, d->rating_dropout);
    return plan_newcomers(&j->plan[HEAD_NEWCOMER], rank, &j->train, err);
}

static enum status plan_unit(struct job *j, const struct mode_defaults *d, struct train_task *task,
                             enum ranker_head head, uint64_t member, struct error *err) {
    const struct ranker_params *p = j->params;
    const struct head_plan *plan = &j->plan[head];
    const bool newcomers = head == HEAD_NEWCOMER;
    struct rng seeds = rng_keyed(j->seed, "ranker.network", head, member);
    *task = (struct train_task){
        .train = &j->train,
        .n_groups = newcomers ? j->train.n_groups : j->train.n_settled,
        .valid = newcomers ? &j->none : &j->valid,
        .mean = j->mean,
        .scale = j->scale,
        .mean_stars = j->mean_stars,
        .head = head,
        .loss = plan->loss,
        .learning_rate = plan->learning_rate,
        .adam = {p->weight_decay, 0.9, 0.999, 1e-8},
        .embedding_decay = or_real(p->embedding_decay, d->embedding_decay),
        .drop = (uint32_t)lround(plan->dropout * 256),
        .epochs = plan->epochs,
        .patience = (uint32_t)p->patience,
        .batch = or_count(p->batch, d->batch),
        .seed = rng_u64(&seeds),
    };
    return mlp_layout_set(&task->layout, j->train.n_features, j->n_users,
                          or_dim(p->user_dim, d->user_dim), j->n_movies,
                          or_dim(p->movie_dim, d->movie_dim), plan->hidden, plan->n_hidden, err);
}

static const struct mode_defaults *defaults_of(const struct job *j) {
    if (j->train.n_features == 0) return &plain;
    return j->new_movies ? &new_movies : &hybrid;
}

/* The fewer groups there are to learn from, the more one network owes to chance, and the less time
 * another one takes. */
enum { ENSEMBLE_GROUPS = 30000, MOST_MEMBERS = 5 };
static size_t members_of(const struct job *j) {
    if (j->params->ensemble > 0) return (size_t)j->params->ensemble;
    if (j->train.n_features == 0) return 1;
    size_t members = ENSEMBLE_GROUPS / (j->train.n_settled + 1);
    return members < 1 ? 1 : members < MOST_MEMBERS ? members : MOST_MEMBERS;
}

enum status job_plan(struct job *j, struct error *err) {
    const struct mode_defaults *d = defaults_of(j);
    TRY(plan_heads(j, d, err));
    j->mean_stars = samples_mean_stars(&j->train);
    const size_t members = members_of(j);
    size_t heads = 0;
    for (int head = 0; head < HEADS; head++) {
        heads += j->plan[head].wanted;
    }
    j->n_members = members;
    TRY(MEM_NEW(&j->task, members * heads, err));
    TRY(MEM_NEW(&j->state, members * heads, err));
    for (size_t member = 0; member < members; member++) {
        const struct train_state *rank = &j->state[j->n_units]; /* the member's first head */
        for (int head = 0; head < HEADS; head++) {
            if (!j->plan[head].wanted) continue;
            struct train_task *task = &j->task[j->n_units];
            TRY(plan_unit(j, d, task, (enum ranker_head)head, member, err));
            if (head == HEAD_NEWCOMER) task->initial = rank->best_params;
            struct train_state *state = &j->state[j->n_units++];
            TRY(train_state_alloc(state, task->layout.n_params, task->epochs, err));
        }
    }
    return STATUS_OK;
}

enum status job_train(struct job *j, train_hook hook, void *context, struct error *err) {
    for (size_t i = 0; i < j->n_units; i++) {
        TRY(train_network(&j->task[i], &j->state[i], hook, context, err));
    }
    return STATUS_OK;
}

void job_release(struct job *j) {
    for (size_t i = 0; j->state != NULL && i < j->n_units; i++) {
        train_state_release(&j->state[i]);
    }
    mem_free(j->task);
    mem_free(j->state);
    samples_release(&j->train);
    samples_release(&j->valid);
    ratings_release(&j->ratings);
    unseen_sampler_release(&j->seen);
    strings_release(&j->name);
    strings_release(&j->group);
    mem_free(j->mean);
    mem_free(j->scale);
    *j = (struct job){0};
}
