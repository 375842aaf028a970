/* ranker [BATCHES]: trains the ranker's network on made-up rows, 40 dense features beside user and
 * movie embeddings of length 32, hidden layers 128 and 64, batches of 4096 rows; prints examples
 * per second, the peak memory, and examples per second of CPU time per thread:
 * "EXAMPLES_PER_SECOND PEAK_MIB BY_CPU". */
#include "common/base/clock.h"
#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/nn/batch.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FEATURES = 40,
    USERS = 138493,
    MOVIES = 27278,
    DIM = 32,
    GROUP = 64, /* one positive and 63 negatives */
    BATCH_GROUPS = 4096 / GROUP,
    GROUPS = 64 * BATCH_GROUPS, /* 262,144 rows, 21 MB of features */
    WARM_BATCHES = 4
};

static enum status make_samples(struct samples *s, struct error *err) {
    const size_t rows = (size_t)GROUPS * GROUP;
    struct rng rng = rng_keyed(1, "bench.ranker", 0, 0);
    *s = (struct samples){.n_groups = GROUPS, .group_size = GROUP, .n_features = FEATURES};
    TRY(MEM_NEW(&s->x, rows * FEATURES, err));
    TRY(MEM_NEW(&s->user, GROUPS, err));
    TRY(MEM_NEW(&s->movie, rows, err));
    TRY(MEM_NEW(&s->rating, GROUPS, err));
    for (size_t i = 0; i < rows * FEATURES; i++)
        s->x[i] = (uint16_t)(0x3800U + (rng_below(&rng, 2) << 15) + rng_below(&rng, 1024));
    for (size_t i = 0; i < rows; i++)
        s->movie[i] = rng_below(&rng, MOVIES);
    for (size_t i = 0; i < GROUPS; i++)
        s->user[i] = rng_below(&rng, USERS);
    return STATUS_OK;
}

static enum status run_batches(const struct train_task *task, size_t n_batches, double *seconds,
                               double *cpu, struct error *err) {
    AUTO(train_state) struct train_state state = {0};
    AUTO(batcher) struct batcher b = {0};
    MEM_AUTO uint32_t *order = NULL;
    uint64_t start = 0;
    double loss;
    TRY(train_state_alloc(&state, task->layout.n_params, 1, err));
    TRY(batcher_alloc(&b, task, true, err));
    TRY(MEM_NEW(&order, GROUPS, err));
    for (uint32_t i = 0; i < GROUPS; i++)
        order[i] = i;
    mlp_initialise(&task->layout, 1, state.params);
    for (size_t i = 0; i < n_batches + WARM_BATCHES; i++) {
        if (i == WARM_BATCHES) {
            start = clock_now_ns();
            *cpu = clock_cpu_seconds();
        }
        size_t first = i % (GROUPS / BATCH_GROUPS) * BATCH_GROUPS;
        TRY(batch_step(&b, &state, order + first, BATCH_GROUPS, 0.001, &loss, err));
    }
    *seconds = (double)(clock_now_ns() - start) / 1e9;
    *cpu = (clock_cpu_seconds() - *cpu) / omp_get_max_threads();
    return STATUS_OK;
}

static enum status measure(size_t n_batches, struct error *err) {
    static float mean[FEATURES], scale[FEATURES];
    const uint32_t hidden[] = {128, 64};
    const struct mlp_inputs inputs = {FEATURES, USERS, DIM, MOVIES, DIM};
    AUTO(samples) struct samples s = {0};
    struct train_task task = {.train = &s,
                              .mean = mean,
                              .scale = scale,
                              .loss = LOSS_SOFTMAX,
                              .adam = adam_usual(0),
                              .drop = 13,
                              .batch = BATCH_GROUPS,
                              .seed = 1};
    double seconds = 0, cpu = 0;
    for (size_t i = 0; i < FEATURES; i++)
        scale[i] = 1;
    TRY(make_samples(&s, err));
    TRY(mlp_layout_set(&task.layout, &inputs, hidden, 2, err));
    TRY(run_batches(&task, n_batches, &seconds, &cpu, err));
    const double rows = (double)n_batches * BATCH_GROUPS * GROUP;
    printf("%.0f %.0f %.0f\n", rows / seconds, (double)clock_peak_memory() / 1048576.0, rows / cpu);
    return STATUS_OK;
}

int main(int argc, char **argv) {
    struct error err = {0};
    long n_batches = argc > 1 ? strtol(argv[1], NULL, 10) : 500;
    dense_init();
    if (n_batches > 0 && measure((size_t)n_batches, &err) == STATUS_OK) return 0;
    (void)fprintf(stderr, "ranker: %s\n", n_batches > 0 ? err.text : "wants a number of batches");
    return 1;
}
