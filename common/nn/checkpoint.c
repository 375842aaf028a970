#include "common/nn/checkpoint.h"

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"

#include <string.h>

/* A checkpoint holds per network: these counters; after its first epoch, its curves and best
 * weights; and, until it is finished, weights and moments. */
struct counters {
    uint64_t n_params, step;
    uint32_t epoch, best_epoch, max_epochs, finished;
    double best;
};

/* ---- saving ---- */

static enum status put_state(struct buf *b, const struct train_state *s, struct error *err) {
    const struct counters c = {.n_params = s->n_params,
                               .step = s->step,
                               .epoch = s->epoch,
                               .best_epoch = s->best_epoch,
                               .max_epochs = s->max_epochs,
                               .finished = s->finished,
                               .best = s->best};
    size_t curve = s->epoch * sizeof(double), block = s->n_params * sizeof(float);
    TRY(buf_append(b, &c, sizeof c, err));
    if (s->epoch == 0) return STATUS_OK;
    TRY(buf_append(b, s->train_loss, curve, err));
    TRY(buf_append(b, s->valid_loss, curve, err));
    TRY(buf_append(b, s->valid_metric, curve, err));
    TRY(buf_append(b, s->best_params, block, err));
    if (s->finished) return STATUS_OK;
    TRY(buf_append(b, s->params, block, err));
    TRY(buf_append(b, s->moment, block, err));
    return buf_append(b, s->square, block, err);
}

static enum status write_state(struct artifact_writer *w, const struct digest *recipe,
                               const struct buf *b, struct error *err) {
    char text[DIGEST_TEXT_SIZE];
    digest_text(recipe, text);
    TRY(artifact_set_str(w, "recipe", text, err));
    return artifact_add_1d(w, "state", DTYPE_U8, b->size, b->data, err);
}

enum status checkpoint_save(const char *path, const struct digest *recipe,
                            const struct network *network, size_t count, struct error *err) {
    AUTO(buf) struct buf b = {0};
    for (size_t i = 0; i < count; i++) {
        TRY(put_state(&b, &network[i].state, err));
    }
    struct artifact_writer *w = NULL;
    TRY(artifact_create(&w, path, "checkpoint", err));
    enum status status = write_state(w, recipe, &b, err);
    if (status != STATUS_OK) {
        artifact_abandon(w);
        return status;
    }
    return artifact_commit(w, err);
}

/* ---- loading ---- */

struct cursor {
    const uint8_t *at;
    size_t left;
};

static bool take(struct cursor *c, void *out, size_t size) {
    if (size > c->left) return false;
    memcpy(out, c->at, size);
    c->at += size;
    c->left -= size;
    return true;
}

static bool take_state(struct cursor *cursor, struct train_state *s) {
    struct counters c;
    if (!take(cursor, &c, sizeof c)) return false;
    if (c.n_params != s->n_params || c.max_epochs != s->max_epochs || c.epoch > s->max_epochs ||
        c.best_epoch > c.epoch) {
        return false;
    }
    s->step = c.step;
    s->epoch = c.epoch;
    s->best_epoch = c.best_epoch;
    s->best = c.best;
    s->finished = c.finished != 0;
    size_t curve = s->epoch * sizeof(double), block = s->n_params * sizeof(float);
    if (s->epoch == 0) return true;
    bool ok = take(cursor, s->train_loss, curve) && take(cursor, s->valid_loss, curve) &&
              take(cursor, s->valid_metric, curve) && take(cursor, s->best_params, block);
    if (!ok || s->finished) return ok;
    return take(cursor, s->params, block) && take(cursor, s->moment, block) &&
           take(cursor, s->square, block);
}

/* Resets a state to that before the first epoch. */
static void forget(struct train_state *s) {
    s->step = 0;
    s->epoch = s->best_epoch = 0;
    s->best = 0;
    s->finished = false;
    memset(s->moment, 0, s->n_params * sizeof(float));
    memset(s->square, 0, s->n_params * sizeof(float));
}

static enum status read_states(const struct artifact *a, const struct digest *recipe,
                               struct network *network, size_t count, bool *found,
                               struct error *err) {
    const char *text = NULL;
    struct digest id;
    TRY(artifact_get_str(a, "recipe", &text, err));
    if (!digest_parse(text, &id) || !digest_equal(&id, recipe)) return STATUS_OK;
    MEM_AUTO uint8_t *bytes = NULL;
    TRY(artifact_read(a, "state", DTYPE_U8, UINT64_MAX, &bytes, err));
    struct cursor cursor = {bytes, (size_t)artifact_column(a, "state")->count};
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ok = take_state(&cursor, &network[i].state);
    }
    if (ok && cursor.left == 0) {
        *found = true;
        return STATUS_OK;
    }
    for (size_t i = 0; i < count; i++) {
        forget(&network[i].state);
    }
    return error_set(err, STATUS_DAMAGED, "%s: column state: does not fit these networks",
                     artifact_path(a));
}

enum status checkpoint_load(const char *path, const struct digest *recipe, struct network *network,
                            size_t count, bool *found, struct error *err) {
    *found = false;
    if (!file_exists(path)) return STATUS_OK;
    struct artifact *a = NULL;
    enum status status = artifact_open(&a, path, "checkpoint", err);
    if (status == STATUS_OK) status = read_states(a, recipe, network, count, found, err);
    artifact_close(a);
    return status == STATUS_DAMAGED ? STATUS_OK : status;
}
