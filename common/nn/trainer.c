#include "common/nn/trainer.h"

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/data/rating_scale.h"
#include "common/evaluation/metrics.h"
#include "common/nn/batch.h"

#include <math.h>
#include <string.h>

enum status train_state_alloc(struct train_state *s, size_t n_params, uint32_t max_epochs,
                              struct error *err) {
    *s = (struct train_state){.n_params = n_params, .max_epochs = max_epochs};
    TRY(MEM_NEW(&s->params, n_params, err));
    TRY(MEM_NEW(&s->moment, n_params, err));
    TRY(MEM_NEW(&s->square, n_params, err));
    TRY(MEM_NEW(&s->best_params, n_params, err));
    TRY(MEM_NEW(&s->train_loss, max_epochs, err));
    TRY(MEM_NEW(&s->valid_loss, max_epochs, err));
    return MEM_NEW(&s->valid_metric, max_epochs, err);
}

void train_state_release(struct train_state *s) {
    mem_free(s->params);
    mem_free(s->moment);
    mem_free(s->square);
    mem_free(s->best_params);
    mem_free(s->train_loss);
    mem_free(s->valid_loss);
    mem_free(s->valid_metric);
    *s = (struct train_state){0};
}

/* ---- validation ---- */

double group_ndcg(const float *score, size_t n) {
    const uint32_t positive = 0;
    struct placement place;
    metrics_place(score, n, &positive, 1, &place);
    return place.rank <= 10 ? 1 / log2(place.rank + 1) : 0;
}

/* Adds up loss and metric over the groups of one shard, from their logits. */
static void validate_groups(const struct train_task *task, struct batch_worker *w, size_t n,
                            size_t rows, double *loss, double *metric) {
    const float *logit = w->net.activation[task->layout.n_layers];
    if (task->loss == LOSS_MSE) {
        *loss = loss_mse(w->dlogit, logit, w->minibatch.target, n, 1);
        for (size_t i = 0; i < n; i++) {
            double stars = stars_clip(task->mean_stars + (double)logit[i]);
            double miss = stars - (task->mean_stars + (double)w->minibatch.target[i]);
            *metric += miss * miss;
        }
        return;
    }
    for (size_t g = 0; g < n; g++) {
        const double weight = (double)w->minibatch.weight[g];
        *loss += loss_group(task->loss, w->dlogit, logit + g * rows, NULL, rows, weight);
        *metric += weight * group_ndcg(logit + g * rows, rows);
    }
}

struct validation {
    const struct batcher *batcher;
    const float *params;
    double *sums; /* [shards, 2] loss and metric */
};

static enum status validate_shard(const void *context, void *scratch, struct block_items groups,
                                  struct error *err) {
    (void)err;
    const struct validation *v = context;
    struct batch_worker *w = scratch;
    const struct train_task *task = v->batcher->task;
    const float *params = v->params;
    const size_t first = groups.first, n = groups.end - groups.first, rows = v->batcher->rows;
    double *loss = &v->sums[2 * groups.number], *metric = loss + 1;
    uint32_t group[SHARD_ROWS] = {0};
    for (size_t i = 0; i < n; i++) {
        group[i] = (uint32_t)(first + i);
    }
    minibatch_fill(&w->minibatch, task->valid, task->valid_weight, group, n, rows, task->mean_stars,
                   NULL);
    const struct mlp_rows in = minibatch_rows(&w->minibatch);
    mlp_read(&w->net, &task->layout, params, &task->scaling, &in);
    mlp_forward(&w->net, &task->layout, params, w->minibatch.n_rows, 0, NULL);
    validate_groups(task, w, n, rows, loss, metric);
    return STATUS_OK;
}

static enum status validate(struct batcher *b, const float *params, double *loss, double *metric,
                            struct error *err) {
    const struct train_task *task = b->task;
    size_t groups = task->valid->n_groups;
    size_t n_shards = block_count(groups, b->shard_groups);
    MEM_AUTO double *sums = NULL;
    TRY(MEM_NEW(&sums, 2 * n_shards, err));
    const struct validation validation = {b, params, sums};
    const struct parallel shards = {.n = groups,
                                    .block = b->shard_groups,
                                    .context = &validation,
                                    .blocks = validate_shard,
                                    .pool = &b->workers};
    TRY(parallel_blocks(&shards, err));
    *loss = *metric = 0;
    for (size_t s = 0; s < n_shards; s++) {
        *loss += sums[2 * s] / (double)groups;
        *metric += sums[2 * s + 1] / (double)groups;
    }
    if (task->loss == LOSS_MSE) *metric = sqrt(*metric);
    return STATUS_OK;
}

enum status train_validate(const struct train_task *task, const float *params, double *loss,
                           double *metric, struct error *err) {
    *loss = *metric = 0;
    if (task->valid->n_groups == 0) return STATUS_OK;
    AUTO(batcher) struct batcher b = {0};
    TRY(batcher_alloc(&b, task, false, err));
    return validate(&b, params, loss, metric, err);
}

/* ---- epochs ---- */

static uint64_t steps_per_epoch(const struct train_task *task) {
    return (task->n_groups + task->batch - 1) / task->batch;
}

/* In steps, the first twentieth of which is the warm-up. */
struct schedule train_schedule(const struct train_task *task) {
    uint64_t steps = steps_per_epoch(task) * task->epochs;
    uint64_t warmup = 1 + (uint64_t)(0.05 * (double)steps);
    return (struct schedule){task->learning_rate, (double)warmup, (double)steps, 0.01};
}

static enum status shuffled_order(uint32_t **out, const struct train_task *task, uint32_t epoch,
                                  struct error *err) {
    size_t n = task->n_groups;
    TRY(MEM_NEW(out, n, err));
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = (uint32_t)i;
    }
    struct rng rng = rng_keyed(task->seed, "ranker.order", epoch, 0);
    rng_shuffle_u32(&rng, *out, n);
    return STATUS_OK;
}

static enum status train_epoch(struct batcher *b, struct train_state *state, struct progress *p,
                               double *loss, struct error *err) {
    const struct train_task *task = b->task;
    size_t n = task->n_groups;
    const struct schedule schedule = train_schedule(task);
    MEM_AUTO uint32_t *order = NULL;
    TRY(shuffled_order(&order, task, state->epoch, err));
    double sum = 0;
    for (size_t first = 0; first < n; first += task->batch) {
        size_t count = n - first < task->batch ? n - first : task->batch;
        double part, rate = schedule_rate(&schedule, (double)(state->step + 1));
        TRY(batch_step(b, state, order + first, count, rate, &part, err));
        sum += part;
        progress_add(p, count);
    }
    *loss = sum / (double)n;
    if (!isfinite(*loss)) {
        return error_set(err, STATUS_FAILED,
                         "training: the loss of epoch %u is not finite; lower the learning rate",
                         state->epoch + 1);
    }
    return STATUS_OK;
}

/* Whether the network starts with something worth keeping, and can be told if it is. */
static bool has_start(const struct train_task *task) {
    const bool starts = task->start.weight != 0 || task->initial != NULL;
    return starts && task->valid->n_groups > 0;
}

/* Records the epoch's figures, keeps its weights if they are the best so far, and decides whether
 * to stop. */
static void finish_epoch(const struct train_task *task, struct train_state *s, double train_loss,
                         double valid_loss, double metric) {
    s->train_loss[s->epoch] = train_loss;
    s->valid_loss[s->epoch] = valid_loss;
    s->valid_metric[s->epoch] = metric;
    s->epoch++;
    double score = task->loss == LOSS_MSE ? -metric : metric;
    bool no_validation = task->valid->n_groups == 0;
    bool first = s->epoch == 1 && !has_start(task);
    if (first || no_validation || score > s->best) {
        s->best = score;
        s->best_epoch = s->epoch;
        memcpy(s->best_params, s->params, s->n_params * sizeof *s->params);
    }
    bool impatient = task->patience > 0 && s->epoch - s->best_epoch >= task->patience;
    s->finished = s->epoch >= task->epochs || impatient;
}

static void initialise(const struct train_task *task, float *params) {
    if (task->initial == NULL) {
        mlp_initialise(&task->layout, task->seed, params);
        if (task->start.weight != 0) {
            params[task->layout.shortcut + task->start.feature] = task->start.weight;
        }
    } else {
        memcpy(params, task->initial, task->layout.n_params * sizeof *params);
    }
}

/* Before the first epoch the network is what it starts with, and that is the best so far. */
static enum status take_start(struct batcher *validation, struct train_state *s,
                              struct error *err) {
    double loss = 0;
    TRY(validate(validation, s->params, &loss, &s->best, err));
    memcpy(s->best_params, s->params, s->n_params * sizeof *s->params);
    log_info("%s network: the start, %s: validation loss %.5f, NDCG@10 %.5f",
             validation->task->head,
             validation->task->initial != NULL ? "a trained network" : "one feature alone", loss,
             s->best);
    return STATUS_OK;
}

enum status train_network(struct network *network, train_hook hook, void *context,
                          struct error *err) {
    const struct train_task *task = &network->task;
    struct train_state *state = &network->state;
    AUTO(batcher) struct batcher training = {0}, validation = {0};
    TRY(batcher_alloc(&training, task, true, err));
    const bool validated = task->valid->n_groups > 0;
    if (validated) TRY(batcher_alloc(&validation, task, false, err));
    if (state->epoch == 0) initialise(task, state->params);
    if (state->epoch == 0 && has_start(task)) TRY(take_start(&validation, state, err));
    while (!state->finished) {
        double train_loss, valid_loss = 0, metric = 0;
        struct progress p;
        progress_start(&p, task->head, "groups", task->n_groups);
        enum status status = train_epoch(&training, state, &p, &train_loss, err);
        progress_end(&p);
        if (status != STATUS_OK) return status;
        if (validated) {
            TRY(validate(&validation, state->params, &valid_loss, &metric, err));
        }
        finish_epoch(task, state, train_loss, valid_loss, metric);
        if (hook != NULL) TRY(hook(context, network, err));
    }
    return STATUS_OK;
}
