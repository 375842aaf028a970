#include "common/nn/networks.h"

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/nn/checkpoint.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- options ---- */

static enum status refuse_head(const char *given, size_t size, const char *const *names, size_t n,
                               struct error *err) {
    AUTO(buf) struct buf known = {0};
    for (size_t i = 0; i < n; i++) {
        TRY(buf_printf(&known, err, "%s%s", i > 0 ? ", " : "", names[i]));
    }
    return error_set(err, STATUS_USAGE, "--heads: \"%.*s\" is none of %s", (int)size, given,
                     known.data);
}

enum status heads_parse(bool *wanted, const char *text, const char *const *names, size_t n,
                        struct error *err) {
    memset(wanted, 0, n * sizeof *wanted);
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, ","), i = 0;
        while (i < n && !(strlen(names[i]) == size && memcmp(names[i], at, size) == 0)) {
            i++;
        }
        if (i == n) return refuse_head(at, size, names, n, err);
        wanted[i] = true;
        at += size;
        if (*at == '\0') return STATUS_OK;
    }
}

enum status head_parse_layers(struct head_plan *head, const char *option, const char *text,
                              struct error *err) {
    head->n_hidden = 0;
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
        if (head->n_hidden == HEAD_MAX_HIDDEN) {
            return error_set(err, STATUS_USAGE, "--%s: \"%s\" has more than %d layers", option,
                             text, HEAD_MAX_HIDDEN);
        }
        head->hidden[head->n_hidden++] = (uint32_t)width;
        if (*end == '\0') return STATUS_OK;
        at = end;
    }
}

/* ---- training ---- */

enum status network_plan(struct network *out, const struct train_task *common,
                         const struct head_plan *head, const struct mlp_inputs *inputs,
                         uint64_t member, uint64_t seed, struct error *err) {
    struct rng seeds = rng_keyed(seed, "ranker.network", head->stream, member);
    struct train_task *task = &out->task;
    (void)snprintf(out->name, sizeof out->name, "%s-%llu", head->name, (unsigned long long)member);
    *task = *common;
    task->head = head->name;
    task->loss = head->loss;
    task->learning_rate = head->learning_rate;
    task->drop = (uint32_t)lround(head->dropout * 256);
    task->epochs = head->epochs;
    task->seed = rng_u64(&seeds);
    TRY(mlp_layout_set(&task->layout, inputs, head->hidden, head->n_hidden, err));
    return train_state_alloc(&out->state, task->layout.n_params, task->epochs, err);
}

void networks_release(struct network *network, size_t count) {
    for (size_t i = 0; network != NULL && i < count; i++) {
        train_state_release(&network[i].state);
    }
    mem_free(network);
}

enum status networks_train(struct network *network, size_t count, train_hook hook, void *context,
                           struct error *err) {
    for (size_t i = 0; i < count; i++) {
        TRY(train_network(&network[i], hook, context, err));
    }
    return STATUS_OK;
}

struct saving {
    struct network *network;
    size_t count;
    const char *checkpoint;
    const struct digest *recipe;
};

/* Logs one line; without validation rows there is only the training loss to report. */
static void log_epoch(const struct saving *s, const struct network *n) {
    const struct train_state *state = &n->state;
    const uint32_t last = state->epoch - 1;
    char validation[96] = "";
    if (n->task.valid->n_groups > 0) {
        (void)snprintf(validation, sizeof validation, ", validation loss %.5f, %s %.5f%s",
                       state->valid_loss[last], n->task.loss == LOSS_MSE ? "RMSE" : "NDCG@10",
                       state->valid_metric[last], state->best_epoch == state->epoch ? " *" : "");
    }
    log_info("%s network %zu of %zu, epoch %u: training loss %.5f%s", n->task.head,
             (size_t)(n - s->network) + 1, s->count, state->epoch, state->train_loss[last],
             validation);
}

static enum status after_epoch(void *context, const struct network *network, struct error *err) {
    const struct saving *s = context;
    log_epoch(s, network);
    return checkpoint_save(s->checkpoint, s->recipe, s->network, s->count, err);
}

static enum status resume(const struct saving *s, struct error *err) {
    bool found = false;
    err->text[0] = '\0';
    TRY(checkpoint_load(s->checkpoint, s->recipe, s->network, s->count, &found, err));
    if (err->text[0] != '\0') log_warn("checkpoint not used: %s", err->text);
    if (found) log_info("going on from the checkpoint %s", s->checkpoint);
    return STATUS_OK;
}

enum status networks_train_resumably(struct network *network, size_t count, const char *checkpoint,
                                     const struct digest *recipe, struct error *err) {
    struct saving saving = {network, count, checkpoint, recipe};
    TRY(resume(&saving, err));
    return networks_train(network, count, after_epoch, &saving, err);
}

/* ---- columns ---- */

const char *network_column(char out[NETWORK_COLUMN_SIZE], const char *network, const char *part) {
    (void)snprintf(out, NETWORK_COLUMN_SIZE, "%s.%s", network, part);
    return out;
}

static enum status write_weights(const struct network *n, struct artifact_writer *w,
                                 struct error *err) {
    const struct mlp_layout *l = &n->task.layout;
    const float *params = n->state.best_params;
    char name[NETWORK_COLUMN_SIZE];
    TRY(artifact_add_1d(w, network_column(name, n->name, "layers"), DTYPE_U32, l->n_layers + 1,
                        l->width, err));
    TRY(artifact_add_1d(w, network_column(name, n->name, "weights"), DTYPE_F32, l->shortcut, params,
                        err));
    if (l->shortcut < l->n_dense) {
        TRY(artifact_add_1d(w, network_column(name, n->name, "shortcut"), DTYPE_F32,
                            l->n_dense - l->shortcut, params + l->shortcut, err));
    }
    if (l->user_dim > 0) {
        TRY(artifact_add_2d(w, network_column(name, n->name, "user_embedding"), DTYPE_F32,
                            l->n_users, l->user_dim, params + l->user, err));
    }
    if (l->movie_dim == 0) return STATUS_OK;
    return artifact_add_2d(w, network_column(name, n->name, "movie_embedding"), DTYPE_F32,
                           l->n_movies, l->movie_dim, params + l->movie, err);
}

static enum status write_curves(const struct network *n, struct artifact_writer *w,
                                struct error *err) {
    const struct train_state *s = &n->state;
    char name[NETWORK_COLUMN_SIZE];
    TRY(artifact_add_1d(w, network_column(name, n->name, "train_loss"), DTYPE_F64, s->epoch,
                        s->train_loss, err));
    TRY(artifact_set_i64(w, network_column(name, n->name, "best_epoch"), s->best_epoch, err));
    if (n->task.valid->n_groups == 0) return STATUS_OK;
    TRY(artifact_add_1d(w, network_column(name, n->name, "valid_loss"), DTYPE_F64, s->epoch,
                        s->valid_loss, err));
    return artifact_add_1d(w, network_column(name, n->name, "valid_metric"), DTYPE_F64, s->epoch,
                           s->valid_metric, err);
}

enum status networks_write(const struct network *network, size_t count, struct artifact_writer *w,
                           struct error *err) {
    for (size_t i = 0; i < count; i++) {
        TRY(write_weights(&network[i], w, err));
        TRY(write_curves(&network[i], w, err));
    }
    return STATUS_OK;
}
