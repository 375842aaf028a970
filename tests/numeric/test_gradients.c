/* Every derivative of the network against central differences of a plain double-precision
 * computation of the same thing. */
#include "common/base/mem.h"
#include "common/nn/adam.h"
#include "common/nn/loss.h"
#include "common/nn/mlp.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 7, FEATURES = 3, USERS = 4, MOVIES = 5, USER_DIM = 2, MOVIE_DIM = 3, MAX = 4096 };

struct fixture {
    struct mlp_layout layout;
    float params[MAX];
    float mean[FEATURES], scale[FEATURES], low[FEATURES], high[FEATURES], x[ROWS * FEATURES],
        weight[ROWS];
    uint32_t user[ROWS], movie[ROWS];
    float mask[MLP_MAX_LAYERS][ROWS * 16]; /* dropout factors per hidden layer */
    uint32_t drop;
};

static void fixture_init(struct fixture *f, uint32_t drop) {
    struct error err = {0};
    const uint32_t hidden[] = {6, 5};
    const struct mlp_inputs inputs = {FEATURES, USERS, USER_DIM, MOVIES, MOVIE_DIM, true};
    memset(f, 0, sizeof *f);
    f->drop = drop;
    assert_int_equal(mlp_layout_set(&f->layout, &inputs, hidden, 2, &err), STATUS_OK);
    assert_true(f->layout.n_params < MAX);
    struct rng rng = rng_keyed(7, "test", drop, 0);
    for (size_t i = 0; i < f->layout.n_params; i++) {
        f->params[i] = (float)(0.6 * rng_normal(&rng));
    }
    for (size_t i = 0; i < FEATURES; i++) {
        f->mean[i] = (float)rng_normal(&rng);
        f->scale[i] = (float)(0.5 + rng_uniform(&rng));
        f->low[i] = -4;
        f->high[i] = 3.5F;
    }
    for (size_t i = 0; i < ROWS * FEATURES; i++) {
        f->x[i] = (float)(3 * rng_normal(&rng));
    }
    f->x[4] = NAN; /* a missing feature */
    for (size_t i = 0; i < ROWS; i++) {
        f->weight[i] = (float)rng_normal(&rng);
        f->user[i] = rng_below(&rng, USERS);
        f->movie[i] = rng_below(&rng, MOVIES);
    }
    f->user[2] = UINT32_MAX; /* unknown: the zero embedding */
    struct rng dropout = rng_keyed(3, "dropout", 0, 0);
    for (uint32_t l = 1; l < f->layout.n_layers; l++) {
        size_t count = ROWS * f->layout.width[l];
        for (size_t i = 0; i < count; i++) {
            f->mask[l][i] = 1.0f;
        }
        relu_dropout_forward(f->mask[l], count, drop, &dropout);
    }
}

/* ---- the reference: one logit in double precision, written without the library ---- */

static double reference_logit(const struct fixture *f, const double *params, const double *x,
                              size_t row) {
    const struct mlp_layout *l = &f->layout;
    double a[32] = {0}, b[32], shortcut = 0;
    for (size_t j = 0; j < FEATURES; j++) {
        double inside = fmin(fmax(x[row * FEATURES + j], (double)f->low[j]), (double)f->high[j]);
        double z =
            isnan(x[row * FEATURES + j]) ? 0 : (inside - (double)f->mean[j]) * (double)f->scale[j];
        if (isnan(z)) z = 0;
        a[j] = z;
        a[FEATURES + j] = z < 0 ? -log(1 - z) : log(1 + z);
    }
    for (size_t j = 0; j < USER_DIM && f->user[row] < USERS; j++) {
        a[2 * FEATURES + j] = params[l->user + f->user[row] * USER_DIM + j];
    }
    for (size_t j = 0; j < MOVIE_DIM; j++) {
        a[2 * FEATURES + USER_DIM + j] = params[l->movie + f->movie[row] * MOVIE_DIM + j];
    }
    for (size_t j = 0; j < l->width[0]; j++) {
        shortcut += params[l->shortcut + j] * a[j];
    }
    for (uint32_t k = 0; k < l->n_layers; k++) {
        for (size_t o = 0; o < l->width[k + 1]; o++) {
            b[o] = params[l->bias[k] + o];
            for (size_t i = 0; i < l->width[k]; i++) {
                b[o] += params[l->weight[k] + o * l->width[k] + i] * a[i];
            }
            if (k + 1 == l->n_layers) continue;
            b[o] = b[o] > 0 ? b[o] * (double)f->mask[k + 1][row * l->width[k + 1] + o] : 0;
        }
        memcpy(a, b, l->width[k + 1] * sizeof(double));
    }
    return a[0] + shortcut;
}

/* The scalar whose derivatives are taken: a weighted sum of the logits. */
static double reference_sum(const struct fixture *f, const double *params, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < ROWS; i++) {
        sum += (double)f->weight[i] * reference_logit(f, params, x, i);
    }
    return sum;
}

static void to_double(double *out, const float *in, size_t n) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (double)in[i];
    }
}

static double difference(const struct fixture *f, double *params, double *x, double *at) {
    const double h = 1e-6, kept = *at;
    *at = kept + h;
    double above = reference_sum(f, params, x);
    *at = kept - h;
    double below = reference_sum(f, params, x);
    *at = kept;
    return (above - below) / (2 * h);
}

static void assert_close(double value, double wanted, const char *what, size_t index) {
    if (fabs(value - wanted) <= 2e-4 * (1 + fabs(wanted))) return;
    fail_msg("%s %zu: %.7g, by differences %.7g", what, index, value, wanted);
}

static struct scaling scaling_of(const struct fixture *f) {
    return (struct scaling){f->mean, f->scale, f->low, f->high};
}

static void run_network(struct fixture *f, struct mlp_work *w, float *gradient) {
    struct error err = {0};
    const struct mlp_layout *l = &f->layout;
    assert_int_equal(mlp_work_alloc(w, l, ROWS, &err), STATUS_OK);
    struct rng dropout = rng_keyed(3, "dropout", 0, 0);
    const struct mlp_rows rows = {f->x, f->user, f->movie, ROWS};
    const struct scaling scaling = scaling_of(f);
    mlp_read(w, l, f->params, &scaling, &rows);
    mlp_forward(w, l, f->params, ROWS, f->drop, &dropout);
    mlp_backward(w, l, f->params, ROWS, f->drop, f->weight, gradient, 0);
}

static void check_network(uint32_t drop) {
    static struct fixture f;
    static double params[MAX];
    double x[ROWS * FEATURES];
    static float gradient[MAX];
    memset(gradient, 0, sizeof gradient);
    fixture_init(&f, drop);
    const struct mlp_layout *l = &f.layout;
    AUTO(mlp_work) struct mlp_work w = {0};
    run_network(&f, &w, gradient);
    to_double(params, f.params, l->n_params);
    to_double(x, f.x, ROWS * FEATURES);
    for (size_t i = 0; i < ROWS; i++) {
        assert_close((double)w.activation[l->n_layers][i], reference_logit(&f, params, x, i),
                     "logit", i);
    }
    for (size_t i = 0; i < ROWS; i++) {
        const float *delta = w.input_delta + i * l->width[0] + 2 * FEATURES;
        for (size_t j = 0; j < USER_DIM && f.user[i] < USERS; j++) {
            gradient[l->user + f.user[i] * USER_DIM + j] += delta[j];
        }
        for (size_t j = 0; j < MOVIE_DIM; j++) {
            gradient[l->movie + f.movie[i] * MOVIE_DIM + j] += delta[USER_DIM + j];
        }
    }
    for (size_t i = 0; i < l->n_params; i++) {
        assert_close((double)gradient[i], difference(&f, params, x, &params[i]), "parameter", i);
    }
    float dx[ROWS * FEATURES];
    const struct scaling scaling = scaling_of(&f);
    features_backward(dx, w.input_delta, f.x, &scaling, ROWS, FEATURES, l->width[0]);
    for (size_t i = 0; i < ROWS * FEATURES; i++) {
        double wanted = isnan(x[i]) ? 0 : difference(&f, params, x, &x[i]);
        assert_close((double)dx[i], wanted, "feature", i);
    }
}

static void test_network(void **state) {
    (void)state;
    check_network(0);
}

static void test_network_with_dropout(void **state) {
    (void)state;
    check_network(77);
}

static void test_partial_input_gradient(void **state) {
    (void)state;
    static struct fixture f;
    fixture_init(&f, 0);
    AUTO(mlp_work) struct mlp_work all = {0}, part = {0};
    static float gradient[MAX];
    run_network(&f, &all, gradient);
    run_network(&f, &part, gradient);
    mlp_backward(&part, &f.layout, f.params, ROWS, 0, f.weight, NULL, 2 * FEATURES);
    size_t width = f.layout.width[0], dims = USER_DIM + MOVIE_DIM;
    for (size_t i = 0; i < ROWS * dims; i++) {
        assert_close((double)part.input_delta[i],
                     (double)all.input_delta[i / dims * width + 2 * FEATURES + i % dims], "input",
                     i);
    }
}

static void test_feature_transform(void **state) {
    (void)state;
    const float mean = 0, scale = 1, low = -INFINITY, high = INFINITY;
    const struct scaling unit = {&mean, &scale, &low, &high};
    for (int exponent = -30; exponent <= 15; exponent++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            float z = (float)(sign * ldexp(1.37, exponent)), out[2];
            features_forward(out, &z, &unit, 1, 1, 2);
            double wanted = sign * log1p(fabs((double)z));
            assert_true(out[0] == z);
            assert_true(fabs((double)out[1] - wanted) < 2e-7 * (1 + fabs(wanted)));
        }
    }
    const float strange[] = {NAN, 3.0f};
    const float means[] = {0, 3}, scales[] = {1, 0}, lows[] = {-1, -1}, highs[] = {1, 5};
    const struct scaling two = {means, scales, lows, highs};
    float out[4] = {9, 9, 9, 9};
    features_forward(out, strange, &two, 1, 2, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(out[i] == 0.0f);
    }
    /* What the training set did not hold is taken for the nearest that it held. */
    const float far[] = {-30, 30, 1, 1};
    const float unit_scales[] = {1, 0.5F};
    const struct scaling narrow = {means, unit_scales, lows, highs};
    float outside[8];
    features_forward(outside, far, &narrow, 2, 2, 4);
    assert_true(outside[0] == -1 && outside[1] == 1 && outside[4] == 1 && outside[5] == -1);
}

/* ---- losses: five-point differences ---- */

typedef double (*loss_function)(float *, const float *, const float *, size_t, double);

static double loss_at(loss_function loss, const float *logit, const float *other, size_t n,
                      size_t index, float step) {
    float moved[8], unused[8];
    memcpy(moved, logit, n * sizeof *moved);
    moved[index] += step;
    return loss(unused, moved, other, n, 0.7);
}

static void check_loss(loss_function loss, const float *other) {
    const float logit[5] = {0.5f, -1.25f, 2.0f, 0.25f, -3.0f};
    float dlogit[5];
    const float h = 0.015625f; /* exact in binary */
    loss(dlogit, logit, other, 5, 0.7);
    for (size_t i = 0; i < 5; i++) {
        double near = loss_at(loss, logit, other, 5, i, h) - loss_at(loss, logit, other, 5, i, -h);
        double far =
            loss_at(loss, logit, other, 5, i, 2 * h) - loss_at(loss, logit, other, 5, i, -2 * h);
        double wanted = (8 * near - far) / (12 * (double)h);
        if (fabs((double)dlogit[i] - wanted) > 2e-6) {
            fail_msg("row %zu: %.8f, by differences %.8f", i, (double)dlogit[i], wanted);
        }
    }
}

static void test_losses(void **state) {
    (void)state;
    const float log_q[5] = {0, 0.5f, -0.75f, 2.0f, -1.0f}, target[5] = {1, 0, 2.5f, -1, 0.5f};
    check_loss(loss_softmax, NULL);
    check_loss(loss_softmax, log_q);
    check_loss(loss_bpr, NULL);
    check_loss(loss_bpr, log_q);
    check_loss(loss_bce, NULL);
    check_loss(loss_bce, log_q);
    check_loss(loss_mse, target);
}

/* Two negatives drawn twice as often as uniform weigh as much as one drawn as often. */
static void test_correction_undoes_oversampling(void **state) {
    (void)state;
    const float twice = (float)log(2.0);
    const float logit[3] = {1.0f, 0.3f, 0.3f}, log_q[3] = {0, twice, twice};
    float dlogit[3], single[2];
    double corrected = loss_softmax(dlogit, logit, log_q, 3, 1);
    double plain = loss_softmax(single, logit, NULL, 2, 1);
    assert_true(fabs(corrected - plain) < 1e-6);
    assert_true(fabsf(dlogit[0] - single[0]) < 1e-6f);
}

/* Each loss of one positive and two negatives, as its header has it; the second negative stands for
 * three. */
static void test_loss_values(void **state) {
    (void)state;
    const float logit[3] = {0.4f, -0.3f, 1.1f}, log_q[3] = {0, 0, -(float)log(3.0)};
    float d[3];
    double s0 = 0.4, s1 = -0.3, s2 = 1.1;
    double softmax = log(exp(s0) + exp(s1) + 3 * exp(s2)) - s0;
    double bpr = (log(1 + exp(s1 - s0)) + 3 * log(1 + exp(s2 - s0))) / 4;
    double negatives = 2 * (log(1 + exp(s1)) + 3 * log(1 + exp(s2))) / 4;
    double bce = (log(1 + exp(-s0)) + negatives) / 3;
    assert_true(fabs(loss_softmax(d, logit, log_q, 3, 1) - softmax) < 1e-6);
    assert_true(fabs(loss_bpr(d, logit, log_q, 3, 1) - bpr) < 1e-6);
    assert_true(fabs(loss_bce(d, logit, log_q, 3, 1) - bce) < 1e-6);
}

static void test_extreme_logits_stay_finite(void **state) {
    (void)state;
    const float logit[3] = {-3e4f, 3e4f, 0};
    float dlogit[3];
    assert_true(isfinite(loss_softmax(dlogit, logit, NULL, 3, 1)));
    assert_true(isfinite(loss_bpr(dlogit, logit, NULL, 3, 1)));
    assert_true(isfinite(loss_bce(dlogit, logit, NULL, 3, 1)));
    assert_true(isfinite(dlogit[0]) && isfinite(dlogit[1]));
}

/* ---- optimiser ---- */

static void test_adam(void **state) {
    (void)state;
    const struct adam a = adam_usual(0.05);
    float param = 2.0f, mean = 0, square = 0;
    double p = 2, m = 0, v = 0;
    for (uint64_t step = 1; step <= 5; step++) {
        float gradient = (float)(p - 0.5);
        adam_update(&a, adam_step(&a, 0.1, step), a.weight_decay, 1, &gradient, &param, &mean,
                    &square);
        double g = (double)gradient;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        double m_hat = m / (1 - pow(0.9, (double)step)), v_hat = v / (1 - pow(0.999, (double)step));
        p = p - 0.1 * 0.05 * p - 0.1 * m_hat / (sqrt(v_hat) + 1e-8);
        assert_close((double)param, p, "step", step);
    }
}

/* Mean and mean square of part of a block of parameters. */
static void expect_normal(const float *params, size_t n, double deviation) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)params[i];
        squares += (double)params[i] * (double)params[i];
    }
    assert_true(fabs(sum / (double)n) < 4 * deviation / sqrt((double)n));
    assert_true(fabs(sqrt(squares / (double)n) / deviation - 1) < 4 / sqrt(2 * (double)n));
}

/* So that no layer makes signals larger or smaller, and training starts near 0. */
static void test_start(void **state) {
    (void)state;
    struct error err = {0};
    struct mlp_layout l = {0};
    const struct mlp_inputs inputs = {50, 300, 8, 200, 16, false};
    const uint32_t hidden[] = {64, 32};
    assert_int_equal(mlp_layout_set(&l, &inputs, hidden, 2, &err), STATUS_OK);
    float *params = calloc(l.n_params, sizeof *params);
    assert_non_null(params);
    mlp_initialise(&l, 1, params);
    for (size_t i = 0; i < 3; i++) {
        size_t in = l.width[i], out = l.width[i + 1];
        double deviation = i < 2 ? sqrt(2.0 / (double)in) : 0.1 / sqrt((double)in);
        expect_normal(params + l.weight[i], in * out, deviation);
        for (size_t j = 0; j < out; j++) {
            assert_true(params[l.bias[i] + j] == 0);
        }
    }
    expect_normal(params + l.user, 300 * 8, 0.05);
    expect_normal(params + l.movie, 200 * 16, 0.05);
    free(params);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network),
        cmocka_unit_test(test_network_with_dropout),
        cmocka_unit_test(test_partial_input_gradient),
        cmocka_unit_test(test_feature_transform),
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_correction_undoes_oversampling),
        cmocka_unit_test(test_loss_values),
        cmocka_unit_test(test_extreme_logits_stay_finite),
        cmocka_unit_test(test_adam),
        cmocka_unit_test(test_start),
    };
    return cmocka_run_group_tests_name("gradients", tests, NULL, NULL);
}
