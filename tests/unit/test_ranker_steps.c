/* Step by step: the rates that training uses, what decays, and that it stops when asked to. Adam
 * moves every parameter by the rate itself at first, which makes the rates visible. */
#include "common/base/half.h"
#include "common/base/interrupt.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/dense.h"
#include "common/nn/trainer.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { FEATURES = 3, GROUP = 6, GROUPS = 40, USERS = 50, MOVIES = 30 };
static const double RATE = 0.01;

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

static uint16_t x[GROUPS * GROUP * FEATURES];
static uint32_t user[GROUPS], movie[GROUPS * GROUP];
static uint8_t rating[GROUPS];
static const float mean[FEATURES] = {0}, scale[FEATURES] = {1, 1, 1};
static const float low[FEATURES] = {-99, -99, -99}, high[FEATURES] = {99, 99, 99};
static const struct samples train = {.n_groups = GROUPS,
                                     .n_settled = GROUPS,
                                     .group_size = GROUP,
                                     .n_features = FEATURES,
                                     .x = x,
                                     .user = user,
                                     .movie = movie,
                                     .rating = rating};
static const struct samples none = {.group_size = GROUP, .n_features = FEATURES};

static int set_up(void **state) {
    (void)state;
    struct rng rng = rng_keyed(1, "test.steps", 0, 0);
    for (size_t g = 0; g < GROUPS; g++) {
        user[g] = (uint32_t)g; /* ten more are never met */
        rating[g] = 8;
        for (size_t i = 0; i < GROUP; i++) {
            float row[FEATURES];
            for (size_t j = 0; j < FEATURES; j++) {
                row[j] = (float)rng_normal(&rng) + (i == 0 ? 0.5F : 0);
            }
            half_from_floats(row, FEATURES, x + (g * GROUP + i) * FEATURES);
            movie[g * GROUP + i] = rng_below(&rng, MOVIES);
        }
    }
    return 0;
}

/* All groups are one batch, so that an epoch is a step. */
static struct train_task task_of(uint32_t epochs) {
    struct error err = {0};
    const uint32_t hidden[] = {8};
    struct train_task t = {.train = &train,
                           .valid = &none,
                           .n_groups = GROUPS,
                           .scaling = {mean, scale, low, high},
                           .head = "rank",
                           .loss = LOSS_SOFTMAX,
                           .learning_rate = RATE,
                           .adam = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-12},
                           .epochs = epochs,
                           .batch = GROUPS,
                           .seed = 3};
    const struct mlp_inputs inputs = {FEATURES, USERS, 2, MOVIES, 2, false};
    OK(mlp_layout_set(&t.layout, &inputs, hidden, 1, &err));
    return t;
}

/* The largest step of any parameter in each epoch. */
struct steps {
    float *before;
    double largest[64];
};

static enum status measure(void *context, const struct network *network, struct error *err) {
    (void)err;
    struct steps *s = context;
    const struct train_task *task = &network->task;
    const struct train_state *state = &network->state;
    double *largest = &s->largest[state->epoch - 1];
    for (size_t i = 0; i < task->layout.n_params; i++) {
        *largest = fmax(*largest, fabs((double)state->params[i] - (double)s->before[i]));
        s->before[i] = state->params[i];
    }
    return STATUS_OK;
}

static void run(const struct train_task *task, float *out, struct steps *steps) {
    struct error err = {0};
    struct network network = {.name = "rank-0", .task = *task};
    size_t n = task->layout.n_params;
    OK(train_state_alloc(&network.state, n, task->epochs, &err));
    OK(train_network(&network, steps != NULL ? measure : NULL, steps, &err));
    if (out != NULL) memcpy(out, network.state.params, n * sizeof *out);
    train_state_release(&network.state);
}

/* Of forty steps the first 1 + 5 % rise in a line; the last is a hundredth of the highest. */
static void rates_follow_the_schedule(void **state) {
    (void)state;
    struct train_task task = task_of(40);
    struct steps s = {0};
    s.before = calloc(task.layout.n_params, sizeof *s.before);
    assert_non_null(s.before);
    mlp_initialise(&task.layout, task.seed, s.before);
    run(&task, NULL, &s);
    assert_true(fabs(s.largest[0] / RATE - 1.0 / 3) < 0.01);
    assert_true(s.largest[1] > 0.5 * RATE && s.largest[1] < 0.7 * RATE);
    for (size_t i = 0; i < 40; i++) {
        double highest = i < 3 ? (double)(i + 1) / 3
                               : 0.01 + 0.99 * 0.5 * (1 + cos(M_PI * (double)(i - 2) / 37));
        /* Adam's step is no longer than this multiple of the rate. */
        assert_true(s.largest[i] < 1.5 * highest * RATE);
    }
    free(s.before);
}

/* One step with and without decay differ by rate * decay * parameter: of the layers by that of the
 * weights, of the embeddings that the step touches by their own. */
static void decay_is_decoupled(void **state) {
    (void)state;
    struct train_task task = task_of(1);
    const struct mlp_layout *l = &task.layout;
    float *first = calloc(l->n_params, sizeof *first), *plain = calloc(l->n_params, sizeof *plain),
          *decayed = calloc(l->n_params, sizeof *decayed);
    assert_true(first != NULL && plain != NULL && decayed != NULL);
    mlp_initialise(l, task.seed, first);
    run(&task, plain, NULL);
    task.adam.weight_decay = 2;
    task.embedding_decay = 5;
    run(&task, decayed, NULL);
    for (size_t i = 0; i < l->n_params; i++) {
        bool touched = i < l->user + GROUPS * 2 || i >= l->movie;
        double decay = i < l->n_dense ? 2 : touched ? 5 : 0;
        double wanted = -RATE * decay * (double)first[i];
        double found = (double)decayed[i] - (double)plain[i];
        if (fabs(found - wanted) > 1e-6) fail_msg("%zu: %.8f, not %.8f", i, found, wanted);
    }
    free(first);
    free(plain);
    free(decayed);
}

/* In a process of its own, because the signal is remembered. */
static void training_stops_when_asked(void **state) {
    (void)state;
    struct train_task task = task_of(10);
    int how = 0;
    const pid_t child = fork();
    if (child == 0) {
        struct error err = {0};
        struct network network = {.name = "rank-0", .task = task};
        omp_set_num_threads(1); /* the other threads are the parent's */
        interrupt_install();
        (void)raise(SIGTERM);
        if (train_state_alloc(&network.state, task.layout.n_params, 10, &err) != STATUS_OK)
            _exit(99);
        _exit((int)train_network(&network, NULL, NULL, &err));
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), STATUS_INTERRUPTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_stops_when_asked),
        cmocka_unit_test(rates_follow_the_schedule),
        cmocka_unit_test(decay_is_decoupled),
    };
    dense_init();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("ranker steps", tests, set_up, NULL);
}
