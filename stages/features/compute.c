#include "stages/features/compute.h"

#include "common/base/half.h"
#include "common/base/interrupt.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "stages/features/negatives.h"

#include <omp.h>
#include <stdbool.h>

enum {
    BLOCK_GROUPS = 8,              /* groups that one thread computes at a time */
    WAVE_BYTES = 64 * 1024 * 1024, /* of halves, computed before they are appended */
};

/* One thread's scratch. */
struct worker {
    struct feature_work *work;
    struct history_buffer history;
    struct pool pool;
    struct hard_list hard;
    float *x; /* [group_size, features] */
    struct error error;
};

struct job {
    const struct row_source *source;
    const struct plan *plan;
    const struct sampling *sampling;
    struct group_columns *out;
    size_t n_features;
    uint16_t *x; /* of the wave */
    struct worker *worker;
    int n_workers;
};

void group_columns_release(struct group_columns *g) {
    mem_free(g->user);
    mem_free(g->movie);
    mem_free(g->log_q);
    mem_free(g->rating);
    *g = (struct group_columns){0};
}

static enum status group_columns_alloc(struct group_columns *g, const struct plan *plan,
                                       const struct sampling *sampling, struct error *err) {
    g->n_groups = plan->count;
    g->group_size = 1 + sampling->uniform + sampling->hard;
    size_t rows;
    if (!mem_multiply(g->n_groups, g->group_size, &rows)) {
        return error_set(err, STATUS_FAILED, "%zu groups of %zu rows are too many", g->n_groups,
                         g->group_size);
    }
    TRY(MEM_NEW(&g->user, g->n_groups, err));
    TRY(MEM_NEW(&g->movie, rows, err));
    TRY(MEM_NEW(&g->log_q, rows, err));
    return MEM_NEW(&g->rating, g->n_groups, err);
}

static void worker_release(struct worker *w) {
    feature_work_release(w->work);
    history_buffer_release(&w->history);
    pool_release(&w->pool);
    hard_list_release(&w->hard);
    mem_free(w->x);
}

static enum status worker_create(struct worker *w, const struct job *job, struct error *err) {
    const struct feature_context *c = job->source->context;
    const struct sampling *s = job->sampling;
    TRY(feature_work_create(&w->work, c, err));
    TRY(pool_alloc(&w->pool, feature_catalogue(c)->n_movies, err));
    if (s->hard > 0) {
        TRY(hard_list_alloc(&w->hard, c, s->hard_feature, s->n_hard_features, s->hard_top, err));
    }
    return MEM_NEW(&w->x, job->out->group_size * job->n_features, err);
}

enum { SHORT_HISTORY = 20 }; /* ratings, at most */

/* Makes newcomers of a share of the users, so that the ranker learns to do with little. */
static void shorten(struct history *h, const struct sampling *s, size_t group) {
    struct rng rng = rng_keyed(s->seed, "features.short", 0, group);
    if (rng_uniform(&rng) >= s->short_share) return;
    size_t known = rng_below(&rng, SHORT_HISTORY + 1);
    if (known >= h->count) return;
    size_t forgotten = h->count - known;
    *h = (struct history){h->movie + forgotten, h->value + forgotten, h->time + forgotten, known};
}

/* Draws the negatives of group `g` and computes its rows into `x`. */
static enum status compute_group(const struct job *job, struct worker *w, size_t g, uint16_t *x,
                                 struct error *err) {
    const struct row_source *source = job->source;
    const struct ratings *r = source->ratings;
    const struct sampling *s = job->sampling;
    uint32_t user = job->plan->user[g];
    uint64_t position = job->plan->position[g], start = job->plan->start[g];
    size_t size = job->out->group_size;
    uint32_t *movie = job->out->movie + g * size, positive = r->movie[position];
    float *log_q = job->out->log_q + g * size;
    TRY(history_before(&w->history, r, source->role, user, start, source->rule, err));
    struct history history = history_of(&w->history);
    shorten(&history, s, g);
    TRY(feature_prepare(w->work, &history, user,
                        history_now(&history, source->rule, r->time[start]), err));
    struct rng rng = rng_keyed(s->seed, s->purpose, 0, g);
    pool_fill(&w->pool, r, source->role, user, positive);
    if (source->kind != NULL) pool_restrict(&w->pool, source->kind, positive);
    movie[0] = positive;
    pool_draw(&w->pool, &rng, s->uniform, movie + 1);
    if (s->hard > 0) {
        hard_list_fill(&w->hard, w->work, &w->pool, positive);
        draw_hard(&w->hard, &rng, positive, s->hard, movie + 1 + s->uniform);
    }
    for (size_t i = 0; i < size; i++) {
        log_q[i] = draw_log_q(&w->hard, &w->pool, s->uniform, s->hard, movie[i]);
    }
    job->out->user[g] = user;
    job->out->rating[g] = r->value[position];
    feature_rows(w->work, movie, size, w->x);
    half_from_floats(w->x, size * job->n_features, x);
    return STATUS_OK;
}

/* Groups [first, end), in parallel. */
static enum status compute_wave(const struct job *job, size_t first, size_t end,
                                struct progress *progress, struct error *err) {
    size_t n_blocks = (end - first + BLOCK_GROUPS - 1) / BLOCK_GROUPS;
    size_t stride = job->out->group_size * job->n_features;
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->n_workers)
    for (size_t block = 0; block < n_blocks; block++) {
        struct worker *w = &job->worker[omp_get_thread_num()];
        size_t from = first + block * BLOCK_GROUPS;
        size_t to = from + BLOCK_GROUPS < end ? from + BLOCK_GROUPS : end;
        for (size_t g = from; g < to && w->error.status == STATUS_OK; g++) {
            w->error.status = compute_group(job, w, g, job->x + (g - first) * stride, &w->error);
        }
        progress_add(progress, to - from);
    }
    for (int t = 0; t < job->n_workers; t++) {
        if (job->worker[t].error.status == STATUS_OK) continue;
        return error_set(err, job->worker[t].error.status, "%s", job->worker[t].error.text);
    }
    return interrupt_check(err);
}

static enum status stream_waves(struct job *job, struct artifact_writer *w, const char *column,
                                struct error *err) {
    size_t stride = job->out->group_size * job->n_features, n = job->out->n_groups;
    size_t wave = WAVE_BYTES / (stride * sizeof *job->x + 1);
    wave = (wave / BLOCK_GROUPS + 1) * BLOCK_GROUPS;
    if (wave > n) wave = n;
    MEM_AUTO uint16_t *x = NULL;
    TRY(MEM_NEW(&x, wave * stride, err));
    job->x = x;
    uint64_t shape[] = {n, job->out->group_size, job->n_features};
    TRY(artifact_begin(w, column, DTYPE_F16, 3, shape, err));
    struct progress progress;
    progress_start(&progress, column, "groups", n);
    enum status status = STATUS_OK;
    for (size_t first = 0; first < n && status == STATUS_OK; first += wave) {
        size_t end = n - first < wave ? n : first + wave;
        status = compute_wave(job, first, end, &progress, err);
        if (status == STATUS_OK) status = artifact_append(w, x, (end - first) * stride, err);
    }
    progress_end(&progress);
    TRY(status);
    return artifact_end(w, err);
}

enum status groups_compute(struct group_columns *out, struct artifact_writer *w, const char *column,
                           const struct row_source *source, const struct plan *plan,
                           const struct sampling *sampling, struct error *err) {
    *out = (struct group_columns){0};
    TRY(group_columns_alloc(out, plan, sampling, err));
    struct job job = {.source = source,
                      .plan = plan,
                      .sampling = sampling,
                      .out = out,
                      .n_features = feature_count(source->context),
                      .n_workers = omp_get_max_threads()};
    MEM_AUTO struct worker *worker = NULL;
    TRY(MEM_NEW(&worker, (size_t)job.n_workers, err));
    job.worker = worker;
    enum status status = STATUS_OK;
    for (int t = 0; t < job.n_workers && status == STATUS_OK; t++) {
        status = worker_create(&worker[t], &job, err);
    }
    if (status == STATUS_OK) status = stream_waves(&job, w, column, err);
    for (int t = 0; t < job.n_workers; t++) {
        worker_release(&worker[t]);
    }
    return status;
}
