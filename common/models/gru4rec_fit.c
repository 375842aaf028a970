#include "common/models/gru4rec_fit.h"

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/data/negative_sampler.h"
#include "common/models/gru_bptt.h"
#include "common/nn/adam.h"
#include "common/nn/init.h"

#include <math.h>
#include <string.h>

enum { BLOCK_SUBSEQUENCES = 8, MAX_BLOCKS = 256, CHUNK = 16384 };

struct trainer {
    const struct ratings *ratings;
    const struct gru4rec_params *params;
    uint64_t seed;
    struct sequence_model model, gradient, mean, square;
    struct subsequence *subsequence;
    struct block *block[MAX_BLOCKS];
    double block_loss[MAX_BLOCKS];
    size_t n_blocks; /* per batch, at most */
    struct gru_dropout dropout;
    uint64_t step, total_steps;

    /* of the negatives of the batch */
    struct popularity_sampler sampler;
    bool all; /* the negatives are all movies of the sampler */
    size_t n_draws;
    uint32_t *count; /* [n_negatives] how often drawn */
    uint32_t *negative;
    float *offset, *bias, *embedding;
    int32_t *slot; /* [n_movies] */
    struct negatives negatives;
};

static void trainer_release(struct trainer *t) {
    sequence_model_release(&t->model);
    sequence_model_release(&t->gradient);
    sequence_model_release(&t->mean);
    sequence_model_release(&t->square);
    mem_free(t->subsequence);
    for (size_t i = 0; i < MAX_BLOCKS; i++) {
        block_release(t->block[i]);
    }
    popularity_sampler_release(&t->sampler);
    mem_free(t->count);
    mem_free(t->negative);
    mem_free(t->offset);
    mem_free(t->bias);
    mem_free(t->embedding);
    mem_free(t->slot);
}

static uint32_t popularity(const struct ratings *r, uint32_t movie) {
    return (uint32_t)(r->by_movie_offset[movie + 1] - r->by_movie_offset[movie]);
}

double gru4rec_scarcity(const struct ratings *r) {
    const double enough = 40, most = 4;
    uint32_t seen = 0;
    for (uint32_t m = 0; m < r->n_movies; m++) {
        seen += popularity(r, m) > 0;
    }
    if (r->count == 0) return 1;
    return fmin(fmax(enough * seen / (double)r->count, 1), most);
}

size_t gru4rec_epochs(const struct gru4rec_params *p, const struct ratings *r) {
    if (r->count == 0) return 1;
    double wanted = floor((double)p->epochs * gru4rec_scarcity(r));
    double affordable = floor((double)p->max_targets / (double)r->count);
    return (size_t)fmax(fmin(wanted, affordable), 1);
}

/* ---- start ---- */

static void initialise(struct sequence_model *m, const struct ratings *r, uint64_t seed) {
    struct rng rng = rng_keyed(seed, "sequence.start", 0, 0);
    size_t d = m->dim, h = m->hidden;
    double mean = log1p((double)r->count / (double)(m->n_movies > 0 ? m->n_movies : 1));
    init_normal(m->input_weights, 3 * h * d, init_lecun(d, 1), &rng);
    init_normal(m->recurrent, 3 * h * h, init_lecun(h, 1), &rng);
    init_normal(m->output, d * h, init_lecun(h, 1), &rng);
    init_normal(m->rating, SEQUENCE_RATINGS * d, INIT_EMBEDDING, &rng);
    init_normal(m->gap, SEQUENCE_GAPS * d, INIT_EMBEDDING, &rng);
    for (uint32_t i = 0; i < m->n_movies; i++) {
        m->bias[i] = (float)(log1p(popularity(r, i)) - mean);
    }
    /* Embeddings are both input and output: they start like the weights of a layer. */
    init_normal(m->embedding, ((size_t)m->n_movies + 1) * d, init_lecun(d, 1), &rng);
}

static enum status make_model(struct sequence_model *m, const struct trainer *t,
                              struct error *err) {
    m->n_movies = t->ratings->n_movies;
    m->dim = (uint32_t)t->params->dim;
    m->hidden = (uint32_t)t->params->hidden;
    m->window = (uint32_t)t->params->window;
    m->blind = strcmp(t->params->gaps, "since") == 0;
    return sequence_alloc(m, err);
}

static enum status start_negatives(struct trainer *t, struct error *err) {
    const struct ratings *r = t->ratings;
    TRY(popularity_sampler_build(&t->sampler, r, t->params->popularity, err));
    TRY(MEM_NEW(&t->slot, r->n_movies, err));
    for (uint32_t m = 0; m < r->n_movies; m++) {
        t->slot[m] = -1;
    }
    t->all = t->sampler.n <= (size_t)t->params->negatives;
    t->n_draws = t->all ? t->sampler.n : (size_t)t->params->negatives;
    TRY(MEM_NEW(&t->count, t->n_draws, err));
    TRY(MEM_NEW(&t->negative, t->n_draws, err));
    TRY(MEM_NEW(&t->offset, t->n_draws, err));
    TRY(MEM_NEW(&t->bias, t->n_draws, err));
    return MEM_NEW(&t->embedding, t->n_draws * (size_t)t->params->dim, err);
}

static enum status start(struct trainer *t, struct error *err) {
    const struct gru4rec_params *p = t->params;
    double factor = gru4rec_scarcity(t->ratings), most = 0.95;
    t->dropout.input = dropout_16bit(fmin(factor * p->input_dropout, most));
    t->dropout.output = dropout_16bit(fmin(factor * p->output_dropout, most));
    TRY(make_model(&t->model, t, err));
    TRY(make_model(&t->gradient, t, err));
    TRY(make_model(&t->mean, t, err));
    TRY(make_model(&t->square, t, err));
    initialise(&t->model, t->ratings, t->seed);
    TRY(start_negatives(t, err));
    TRY(MEM_NEW(&t->subsequence, subsequences_count(t->ratings, (size_t)p->window), err));
    t->n_blocks = ((size_t)p->batch + BLOCK_SUBSEQUENCES - 1) / BLOCK_SUBSEQUENCES;
    for (size_t i = 0; i < t->n_blocks; i++) {
        TRY(block_create(&t->block[i], &t->model, BLOCK_SUBSEQUENCES, (size_t)p->window, t->n_draws,
                         err));
    }
    return STATUS_OK;
}

/* ---- a batch ---- */

static void draw_negatives(struct trainer *t) {
    struct rng rng = rng_keyed(t->seed, "sequence.negatives", t->step, 0);
    size_t n = 0;
    for (size_t k = 0; k < t->negatives.n; k++) {
        t->slot[t->negative[k]] = -1;
    }
    for (size_t draw = 0; draw < t->n_draws; draw++) {
        size_t place = t->all ? draw : popularity_draw(&t->sampler, &rng);
        uint32_t movie = t->sampler.movie[place];
        if (t->slot[movie] >= 0) {
            t->count[t->slot[movie]]++;
            continue;
        }
        t->slot[movie] = (int32_t)n;
        t->negative[n] = movie;
        t->count[n] = 1;
        t->offset[n++] =
            t->all ? 0.0F : (float)-log(popularity_expected(&t->sampler, place, t->n_draws));
    }
    size_t d = t->model.dim;
    for (size_t k = 0; k < n; k++) {
        t->offset[k] += t->all ? 0.0F : logf((float)t->count[k]);
        t->bias[k] = t->model.bias[t->negative[k]] + t->offset[k];
        memcpy(t->embedding + k * d, t->model.embedding + t->negative[k] * d,
               d * sizeof *t->embedding);
    }
    t->negatives = (struct negatives){n, t->negative, t->offset, t->bias, t->embedding, t->slot};
}

struct schedule gru4rec_schedule(const struct gru4rec_params *p) {
    return (struct schedule){.peak = p->learning_rate, .warmup = 0.05, .end = 1, .rest = 0.02};
}

static double learning_rate(const struct trainer *t) {
    const struct schedule schedule = gru4rec_schedule(t->params);
    return schedule_rate(&schedule, (double)t->step / (double)t->total_steps);
}

/* Updates one chunk of the parameters and clears their gradient. Only embeddings decay. */
static void update_chunk(struct trainer *t, struct adam_step step, size_t first, size_t end) {
    float *values = t->model.values, *mean = t->mean.values, *square = t->square.values,
          *gradient = t->gradient.values;
    size_t embeddings = (size_t)(t->model.embedding - values);
    size_t split = embeddings < first ? first : embeddings < end ? embeddings : end;
    const struct adam optimiser = adam_usual(0);
    adam_update(&optimiser, step, 0, split - first, gradient + first, values + first, mean + first,
                square + first);
    adam_update(&optimiser, step, t->params->decay, end - split, gradient + split, values + split,
                mean + split, square + split);
    memset(gradient + first, 0, (end - first) * sizeof *gradient);
}

static void update(struct trainer *t) {
    const struct adam optimiser = adam_usual(0);
    const struct adam_step step = adam_step(&optimiser, learning_rate(t), t->step);
    size_t n = t->model.n_values;
#pragma omp parallel for schedule(static)
    for (size_t chunk = 0; chunk < (n + CHUNK - 1) / CHUNK; chunk++) {
        size_t first = chunk * CHUNK;
        update_chunk(t, step, first, first + CHUNK < n ? first + CHUNK : n);
    }
}

/* A batch is sorted by length. Dealing its subsequences to the blocks in turn gives each about the
 * same work. Returns how many the block gets. */
static size_t distribute(struct subsequence *share, const struct subsequence *batch,
                         size_t n_subsequences, size_t block, size_t n_blocks) {
    size_t n = 0;
    for (size_t i = block; i < n_subsequences; i += n_blocks) {
        share[n++] = batch[i];
    }
    return n;
}

static double run_batch(struct trainer *t, size_t first, size_t n_subsequences, uint64_t epoch) {
    size_t n_blocks = (n_subsequences + BLOCK_SUBSEQUENCES - 1) / BLOCK_SUBSEQUENCES;
    uint64_t targets = 0;
    double loss = 0;
    for (size_t i = first; i < first + n_subsequences; i++) {
        targets += t->subsequence[i].to - t->subsequence[i].from;
    }
    t->step++;
    draw_negatives(t);
    const struct gru_batch batch = {&t->model, t->ratings, &t->negatives, &t->dropout,
                                    1.0F / (float)targets};
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < n_blocks; i++) {
        struct subsequence share[BLOCK_SUBSEQUENCES];
        size_t n = distribute(share, &t->subsequence[first], n_subsequences, i, n_blocks);
        struct rng rng = rng_keyed(t->seed, "sequence.dropout", epoch, first + i);
        t->block_loss[i] = block_run(t->block[i], &batch, share, n, rng);
    }
    for (size_t i = 0; i < n_blocks; i++) {
        block_add(t->block[i], &t->model, &t->negatives, &t->gradient);
        loss += t->block_loss[i];
    }
    update(t);
    return loss;
}

/* ---- all epochs ---- */

/* Movies without ratings in the view lose their random embedding: they rank last. */
static void settle_unseen(struct sequence_model *m, const struct ratings *r) {
    float least = 0;
    for (uint32_t i = 0; i < m->n_movies; i++) {
        if (popularity(r, i) > 0 && m->bias[i] < least) least = m->bias[i];
    }
    for (uint32_t i = 0; i < m->n_movies; i++) {
        if (popularity(r, i) > 0) continue;
        m->bias[i] = least;
        memset(m->embedding + (size_t)i * m->dim, 0, m->dim * sizeof *m->embedding);
    }
}

static void run_epochs(struct trainer *t, size_t epochs, double *loss) {
    const struct gru4rec_params *p = t->params;
    size_t batch = (size_t)p->batch;
    struct progress progress;
    progress_start(&progress, "sequence", "ratings", epochs * t->ratings->count);
    for (size_t e = 0; e < epochs; e++) {
        size_t n =
            subsequences_cut(t->subsequence, t->ratings, (size_t)p->window, batch, t->seed, e);
        t->total_steps = epochs * ((n + batch - 1) / batch);
        double sum = 0;
        for (size_t first = 0; first < n; first += batch) {
            sum += run_batch(t, first, n - first < batch ? n - first : batch, e);
        }
        loss[e] = sum / (double)t->ratings->count;
        progress_add(&progress, t->ratings->count);
        log_info("epoch %zu of %zu: loss %.4f", e + 1, epochs, loss[e]);
    }
    progress_end(&progress);
}

enum status gru4rec_train(struct sequence_model *out, double *loss, const struct ratings *r,
                          const struct gru4rec_params *p, uint64_t seed, struct error *err) {
    AUTO(trainer) struct trainer t = {.ratings = r, .params = p, .seed = seed};
    TRY(start(&t, err));
    memset(loss, 0, gru4rec_epochs(p, r) * sizeof *loss);
    if (r->count > 0) run_epochs(&t, gru4rec_epochs(p, r), loss);
    settle_unseen(&t.model, r);
    *out = t.model;
    t.model = (struct sequence_model){0};
    return STATUS_OK;
}
