#include "stages/ranker/first_feature.h"

#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/nn/loss.h"

/* Enough to tell features and weights apart. */
enum { MOST_GROUPS = 20000 };

static const float weights[] = {0.25F, 0.5F, 1, 1.5F, 2, 3, 4, 6, 8};
enum { N_WEIGHTS = sizeof weights / sizeof weights[0] };

static size_t step_over(size_t n_groups) {
    return (n_groups + MOST_GROUPS - 1) / MOST_GROUPS;
}

/* z of feature j for the rows of a group. */
static void read_feature(const struct train_task *t, const struct samples *s, size_t group,
                         size_t j, float *z) {
    const uint16_t *x = s->x + group * s->group_size * s->n_features + j;
    for (size_t i = 0; i < s->group_size; i++) {
        float value;
        half_to_floats(x + i * s->n_features, 1, &value);
        z[i] = (value - t->scaling.mean[j]) * t->scaling.scale[j];
    }
}

/* ---- which feature ---- */

struct search {
    const struct train_task *task;
    size_t feature; /* that weights are tried for */
    double *sum;    /* per item */
};

/* Sum of NDCG@10 over the validation groups by feature number `item` alone. */
static enum status rank_by(const void *context, void *scratch, size_t item, struct error *err) {
    (void)scratch;
    const struct search *search = context;
    const struct samples *s = search->task->valid;
    MEM_AUTO float *z = NULL;
    TRY(MEM_NEW(&z, s->group_size, err));
    if (search->task->scaling.scale[item] == 0) return STATUS_OK;
    for (size_t g = 0; g < s->n_groups; g += step_over(s->n_groups)) {
        read_feature(search->task, s, g, item, z);
        const float *all = search->task->valid_weight, weight = all != NULL ? all[g] : 1;
        search->sum[item] += (double)weight * group_ndcg(z, s->group_size);
    }
    return STATUS_OK;
}

/* Loss of the training groups under weight number `item`. */
static enum status weigh_by(const void *context, void *scratch, size_t item, struct error *err) {
    (void)scratch;
    const struct search *search = context;
    const struct samples *s = search->task->train;
    const size_t n = search->task->n_groups;
    MEM_AUTO float *z = NULL;
    MEM_AUTO float *slope = NULL;
    TRY(MEM_NEW(&z, s->group_size, err));
    TRY(MEM_NEW(&slope, s->group_size, err));
    for (size_t g = 0; g < n; g += step_over(n)) {
        read_feature(search->task, s, g, search->feature, z);
        for (size_t i = 0; i < s->group_size; i++) {
            z[i] *= weights[item];
        }
        const float *log_q = s->log_q != NULL ? s->log_q + g * s->group_size : NULL;
        const float *all = search->task->weight, weight = all != NULL ? all[g] : 1;
        search->sum[item] += loss_softmax(slope, z, log_q, s->group_size, (double)weight);
    }
    return STATUS_OK;
}

static enum status sum_up(struct search *search, size_t n,
                          enum status (*each)(const void *, void *, size_t, struct error *),
                          struct error *err) {
    const struct parallel items = {.n = n, .block = 1, .context = search, .each = each};
    for (size_t i = 0; i < n; i++) {
        search->sum[i] = 0;
    }
    return parallel_blocks(&items, err);
}

enum status first_feature_find(struct shortcut_start *out, const struct train_task *task,
                               struct error *err) {
    const size_t n_features = task->train->n_features;
    MEM_AUTO double *sum = NULL;
    *out = (struct shortcut_start){0};
    if (n_features == 0 || task->valid->n_groups == 0) return STATUS_OK;
    TRY(MEM_NEW(&sum, n_features + N_WEIGHTS, err));
    struct search search = {.task = task, .sum = sum};
    TRY(sum_up(&search, n_features, rank_by, err));
    for (size_t j = 1; j < n_features; j++) {
        if (sum[j] > sum[search.feature]) search.feature = j;
    }
    if (sum[search.feature] == 0) return STATUS_OK;
    TRY(sum_up(&search, N_WEIGHTS, weigh_by, err));
    size_t best = 0;
    for (size_t k = 1; k < N_WEIGHTS; k++) {
        if (sum[k] < sum[best]) best = k;
    }
    *out = (struct shortcut_start){(uint32_t)search.feature, weights[best]};
    return STATUS_OK;
}
