#include "stages/features/compute.h"

#include "common/base/half.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/data/cold_user.h"
#include "stages/features/negatives.h"

#include <math.h>
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
};

struct job {
    const struct row_source *source;
    const struct plan *plan;
    const struct sampling *sampling;
    struct group_columns *out;
    size_t n_features;
    struct scratch_pool workers;
    size_t first; /* group of the wave */
    uint16_t *x;  /* of the wave */
};

void group_columns_release(struct group_columns *g) {
    mem_free(g->user);
    mem_free(g->movie);
    mem_free(g->log_q);
    mem_free(g->rating);
    mem_free(g->own_mean);
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
    TRY(MEM_NEW(&g->rating, g->n_groups, err));
    return MEM_NEW(&g->own_mean, g->n_groups, err);
}

static void worker_release(void *scratch) {
    struct worker *w = scratch;
    feature_work_release(w->work);
    history_buffer_release(&w->history);
    pool_release(&w->pool);
    hard_list_release(&w->hard);
    mem_free(w->x);
}

static enum status worker_create(void *scratch, const void *context, struct error *err) {
    struct worker *w = scratch;
    const struct job *job = context;
    const struct feature_context *c = job->source->context;
    const struct sampling *s = job->sampling;
    TRY(feature_work_create(&w->work, c, err));
    TRY(pool_alloc(&w->pool, feature_catalogue(c)->n_movies, err));
    if (s->hard > 0) {
        TRY(hard_list_alloc(&w->hard, c, s->hard_feature, s->n_hard_features, s->hard_top, err));
    }
    return MEM_NEW(&w->x, job->out->group_size * job->n_features, err);
}

/* Cuts the histories of a share of the groups, so that the ranker learns to do with little. */
static void shorten(struct history *h, const struct sampling *s, size_t group) {
    struct rng rng = rng_keyed(s->seed, "features.short", 0, group);
    if (rng_uniform(&rng) >= s->short_share) return;
    size_t known = rng_below(&rng, COLD_RATINGS + 1);
    if (known >= h->count) return;
    size_t forgotten = h->count - known;
    *h = (struct history){h->movie + forgotten, h->value + forgotten, h->time + forgotten, known};
}

/* Draws the negatives of a group and computes its rows. */
static enum status compute_group(const void *context, void *scratch, size_t item,
                                 struct error *err) {
    const struct job *job = context;
    struct worker *w = scratch;
    size_t g = job->first + item;
    const struct row_source *source = job->source;
    const struct ratings *r = source->ratings;
    const struct sampling *s = job->sampling;
    uint32_t user = job->plan->user[g];
    uint64_t position = job->plan->position[g], start = job->plan->start[g];
    size_t size = job->out->group_size;
    uint32_t *movie = job->out->movie + g * size, positive = r->movie[position];
    float *log_q = job->out->log_q + g * size;
    TRY(history_before(&w->history, r, source->role, user, start, source->question.history, err));
    struct history history = history_of(&w->history);
    const double own_mean = history_mean_stars(&history);
    shorten(&history, s, g);
    TRY(feature_prepare(w->work, &history, user,
                        question_now(&source->question, VIEW_FIT, &history, r->time[start]), err));
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
    job->out->own_mean[g] = isnan(own_mean) ? 0 : (float)own_mean;
    feature_rows(w->work, movie, size, w->x);
    half_from_floats(w->x, size * job->n_features, job->x + item * size * job->n_features);
    return STATUS_OK;
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
        const struct parallel groups = {.n = n - first < wave ? n - first : wave,
                                        .block = BLOCK_GROUPS,
                                        .context = job,
                                        .each = compute_group,
                                        .pool = &job->workers,
                                        .progress = &progress};
        job->first = first;
        status = parallel_blocks(&groups, err);
        if (status == STATUS_OK) status = artifact_append(w, x, groups.n * stride, err);
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
    static const struct scratch worker = {sizeof(struct worker), worker_create, worker_release};
    struct job job = {.source = source,
                      .plan = plan,
                      .sampling = sampling,
                      .out = out,
                      .n_features = feature_count(source->context)};
    TRY(scratch_pool_create(&job.workers, 0, &worker, &job, err));
    enum status status = stream_waves(&job, w, column, err);
    scratch_pool_release(&job.workers);
    return status;
}
