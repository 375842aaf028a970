#include "common/nn/batch.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"

#include <string.h>

enum {
    MERGE_BLOCK = 2048, /* parameters merged or updated at a time */
    ROW_PARTS = 8       /* parts of the touched embedding rows, merged in parallel */
};

size_t batch_rows(const struct train_task *task, const struct samples *s) {
    return task->loss == LOSS_MSE ? 1 : s->group_size;
}

size_t batch_shard_groups(size_t rows) {
    return rows < SHARD_ROWS ? SHARD_ROWS / rows : 1;
}

/* ---- buffers ---- */

static enum status worker_create(void *scratch, const void *context, struct error *err) {
    struct batch_worker *w = scratch;
    const struct batcher *b = context;
    const size_t rows = b->shard_groups * b->rows;
    TRY(mlp_work_alloc(&w->net, &b->task->layout, rows, err));
    TRY(minibatch_alloc(&w->minibatch, b->samples, rows, err));
    return MEM_NEW(&w->dlogit, rows, err);
}

static void worker_release(void *scratch) {
    struct batch_worker *w = scratch;
    mlp_work_release(&w->net);
    minibatch_release(&w->minibatch);
    mem_free(w->dlogit);
}

static enum status shard_alloc(struct shard *s, const struct mlp_layout *l, size_t rows,
                               struct error *err) {
    TRY(MEM_NEW(&s->gradient, l->n_dense, err));
    TRY(mem_alloc(&s->delta, rows, (l->user_dim + l->movie_dim) * sizeof *s->delta, err));
    TRY(MEM_NEW(&s->user, rows, err));
    return MEM_NEW(&s->movie, rows, err);
}

static enum status alloc_gradients(struct batcher *b, size_t shard_rows, struct error *err) {
    const struct mlp_layout *l = &b->task->layout;
    b->n_shards = (b->task->batch + b->shard_groups - 1) / b->shard_groups;
    TRY(MEM_NEW(&b->shard, b->n_shards, err));
    for (size_t i = 0; i < b->n_shards; i++) {
        TRY(shard_alloc(&b->shard[i], l, shard_rows, err));
    }
    TRY(MEM_NEW(&b->gradient, l->n_dense, err));
    struct touched *t = &b->touched;
    size_t rows = 2 * shard_rows * b->n_shards;
    t->dim = l->user_dim > l->movie_dim ? l->user_dim : l->movie_dim;
    TRY(MEM_NEW(&t->place, (size_t)l->n_users + l->n_movies, err));
    TRY(MEM_NEW(&t->mark, rows, err));
    return mem_alloc(&t->gradient, rows, t->dim * sizeof *t->gradient, err);
}

enum status batcher_alloc(struct batcher *b, const struct train_task *task, bool for_training,
                          struct error *err) {
    static const struct scratch worker = {sizeof(struct batch_worker), worker_create,
                                          worker_release};
    *b = (struct batcher){.task = task, .samples = for_training ? task->train : task->valid};
    b->rows = batch_rows(task, b->samples);
    b->shard_groups = batch_shard_groups(b->rows);
    TRY(scratch_pool_create(&b->workers, 0, &worker, b, err));
    return for_training ? alloc_gradients(b, b->shard_groups * b->rows, err) : STATUS_OK;
}

void batcher_release(struct batcher *b) {
    scratch_pool_release(&b->workers);
    for (size_t i = 0; b->shard != NULL && i < b->n_shards; i++) {
        mem_free(b->shard[i].gradient);
        mem_free(b->shard[i].delta);
        mem_free(b->shard[i].user);
        mem_free(b->shard[i].movie);
    }
    mem_free(b->shard);
    mem_free(b->gradient);
    mem_free(b->touched.place);
    mem_free(b->touched.mark);
    mem_free(b->touched.gradient);
    *b = (struct batcher){0};
}

/* ---- one shard ---- */

static double shard_loss(const struct train_task *task, struct batch_worker *w, const float *logit,
                         size_t n_groups, size_t rows, double weight) {
    if (task->loss == LOSS_MSE) {
        return loss_mse(w->dlogit, logit, w->minibatch.target, n_groups, weight);
    }
    double loss = 0;
    for (size_t g = 0; g < n_groups; g++) {
        const float *log_q = w->minibatch.log_q != NULL ? w->minibatch.log_q + g * rows : NULL;
        loss += loss_group(task->loss, w->dlogit + g * rows, logit + g * rows, log_q, rows,
                           weight * (double)w->minibatch.weight[g]);
    }
    return loss;
}

/* What all shards of a step share. */
struct step {
    const struct batcher *batcher;
    const float *params;
    const uint32_t *group; /* [n] */
    size_t n;
    uint64_t number;
};

/* Forward pass, loss and backward pass of the groups of shard `index`, into its own buffers. */
static enum status shard_run(const void *context, void *scratch, size_t index, struct error *err) {
    (void)err;
    struct batch_worker *w = scratch;
    const struct step *step = context;
    const struct batcher *b = step->batcher;
    const struct train_task *task = b->task;
    const struct mlp_layout *l = &task->layout;
    const struct block_items groups = block_at(step->n, b->shard_groups, index);
    const uint32_t *group = step->group + groups.first;
    const size_t n = groups.end - groups.first;
    const float *params = step->params;
    struct shard *s = &b->shard[index];
    struct rng negatives = rng_keyed(task->seed, "ranker.negatives", step->number, index);
    struct rng dropout = rng_keyed(task->seed, "ranker.dropout", step->number, index);
    minibatch_fill(&w->minibatch, task->train, task->weight, group, n, b->rows, task->mean_stars,
                   &negatives);
    size_t rows = w->minibatch.n_rows;
    const struct mlp_rows in = minibatch_rows(&w->minibatch);
    mlp_read(&w->net, l, params, &task->scaling, &in);
    mlp_forward(&w->net, l, params, rows, task->drop, &dropout);
    s->loss = shard_loss(task, w, w->net.activation[l->n_layers], n, b->rows, 1 / (double)step->n);
    s->n_rows = rows;
    memset(s->gradient, 0, l->n_dense * sizeof *s->gradient);
    w->net.input_delta = s->delta;
    mlp_backward(&w->net, l, params, rows, task->drop, w->dlogit, s->gradient,
                 2 * (size_t)l->n_features);
    if (l->user_dim + l->movie_dim == 0) return STATUS_OK;
    memcpy(s->user, w->minibatch.user, rows * sizeof *s->user);
    memcpy(s->movie, w->minibatch.movie, rows * sizeof *s->movie);
    return STATUS_OK;
}

/* ---- merging ---- */

static void merge_dense(struct batcher *b, size_t n_shards) {
    size_t n = b->task->layout.n_dense, n_blocks = (n + MERGE_BLOCK - 1) / MERGE_BLOCK;
#pragma omp parallel for schedule(static)
    for (size_t block = 0; block < n_blocks; block++) {
        size_t first = block * MERGE_BLOCK, end = first + MERGE_BLOCK < n ? first + MERGE_BLOCK : n;
        double sum[MERGE_BLOCK] = {0};
        for (size_t s = 0; s < n_shards; s++) {
            const float *part = b->shard[s].gradient;
            for (size_t i = first; i < end; i++) {
                sum[i - first] += (double)part[i];
            }
        }
        for (size_t i = first; i < end; i++) {
            b->gradient[i] = (float)sum[i - first];
        }
    }
}

/* The place of a row among the touched ones, a new one at its first touch; NO_INDEX for a row that
 * its table does not have. */
static uint32_t place_of(struct touched *t, uint32_t row, uint32_t n_rows, uint32_t first_mark) {
    if (row >= n_rows) return NO_INDEX;
    uint32_t mark = first_mark + row;
    if (t->place[mark] == 0) {
        t->mark[t->count++] = mark;
        t->place[mark] = (uint32_t)t->count;
    }
    return t->place[mark] - 1;
}

/* Replaces the users and movies of all shards by their places among the touched rows. */
static void number_rows(struct batcher *b, size_t n_shards) {
    const struct mlp_layout *l = &b->task->layout;
    for (size_t s = 0; s < n_shards; s++) {
        struct shard *shard = &b->shard[s];
        for (size_t i = 0; i < shard->n_rows; i++) {
            shard->user[i] = place_of(&b->touched, shard->user[i], l->n_users, 0);
            shard->movie[i] = place_of(&b->touched, shard->movie[i], l->n_movies, l->n_users);
        }
    }
}

static void add(float *out, const float *delta, size_t dim) {
#pragma omp simd
    for (size_t i = 0; i < dim; i++)
        out[i] += delta[i];
}

/* Adds up the derivatives of the rows of one part: those whose place is `part` modulo ROW_PARTS. */
static void merge_part(struct batcher *b, size_t n_shards, uint32_t part) {
    const struct mlp_layout *l = &b->task->layout;
    struct touched *t = &b->touched;
    size_t dims = l->user_dim + l->movie_dim;
    for (size_t place = part; place < t->count; place += ROW_PARTS)
        memset(t->gradient + place * t->dim, 0, t->dim * sizeof *t->gradient);
    for (size_t s = 0; s < n_shards; s++) {
        const struct shard *shard = &b->shard[s];
        for (size_t i = 0; i < shard->n_rows; i++) {
            uint32_t user = shard->user[i], movie = shard->movie[i];
            const float *delta = shard->delta + i * dims;
            if (user % ROW_PARTS == part && user != NO_INDEX)
                add(t->gradient + user * t->dim, delta, l->user_dim);
            if (movie % ROW_PARTS == part && movie != NO_INDEX)
                add(t->gradient + movie * t->dim, delta + l->user_dim, l->movie_dim);
        }
    }
}

/* ---- the update ---- */

static void update(const struct batcher *b, struct train_state *s, struct adam_step step,
                   double decay, const float *gradient, size_t place, size_t count) {
    adam_update(&b->task->adam, step, decay, count, gradient, s->params + place, s->moment + place,
                s->square + place);
}

static void update_dense(const struct batcher *b, struct train_state *s, struct adam_step step) {
    size_t n = b->task->layout.n_dense, n_blocks = (n + MERGE_BLOCK - 1) / MERGE_BLOCK;
#pragma omp parallel for schedule(static)
    for (size_t block = 0; block < n_blocks; block++) {
        size_t first = block * MERGE_BLOCK;
        size_t count = n - first < MERGE_BLOCK ? n - first : MERGE_BLOCK;
        update(b, s, step, b->task->adam.weight_decay, b->gradient + first, first, count);
    }
}

static void update_part(struct batcher *b, struct train_state *s, struct adam_step step,
                        uint32_t part) {
    const struct mlp_layout *l = &b->task->layout;
    struct touched *t = &b->touched;
    for (size_t i = part; i < t->count; i += ROW_PARTS) {
        uint32_t mark = t->mark[i];
        bool is_user = mark < l->n_users;
        size_t dim = is_user ? l->user_dim : l->movie_dim;
        size_t place = is_user ? l->user + mark * dim : l->movie + (mark - l->n_users) * dim;
        update(b, s, step, b->task->embedding_decay, t->gradient + i * t->dim, place, dim);
        t->place[mark] = 0;
    }
}

/* Merges and updates in parallel, as no row belongs to two parts. */
static void update_embeddings(struct batcher *b, struct train_state *s, struct adam_step step,
                              size_t n_shards) {
    if (b->touched.dim == 0) return;
    number_rows(b, n_shards);
#pragma omp parallel for schedule(dynamic, 1)
    for (uint32_t part = 0; part < ROW_PARTS; part++) {
        merge_part(b, n_shards, part);
        update_part(b, s, step, part);
    }
    b->touched.count = 0;
}

enum status batch_step(struct batcher *b, struct train_state *state, const uint32_t *group,
                       size_t n, double rate, double *loss, struct error *err) {
    size_t n_shards = block_count(n, b->shard_groups);
    const struct step step = {b, state->params, group, n, ++state->step};
    const struct parallel shards = {
        .n = n_shards, .context = &step, .each = shard_run, .pool = &b->workers};
    TRY(parallel_blocks(&shards, err));
    *loss = 0;
    for (size_t s = 0; s < n_shards; s++) {
        *loss += b->shard[s].loss * (double)n;
    }
    merge_dense(b, n_shards);
    const struct adam_step adam = adam_step(&b->task->adam, rate, step.number);
    update_dense(b, state, adam);
    update_embeddings(b, state, adam, n_shards);
    return STATUS_OK;
}
