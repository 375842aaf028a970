/* The sequence encoder: its gradients against differences, its forward pass against plain code and
 * against the training's own, and what training learns. */
#include "common/artifact/artifact.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/data/history.h"
#include "common/models/gru.h"
#include "common/models/gru4rec_fit.h"
#include "common/models/gru_bptt.h"
#include "tests/numeric/small_ratings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { USERS = 5, MOVIES = 13, WINDOWS = 3, NEGATIVES = 7, DIM = 5, HIDDEN = 6 };

#define OK(call) assert_int_equal(call, STATUS_OK)

struct fixture {
    struct ratings ratings;
    struct sequence_model model;
    struct block *block;
    struct subsequence window[WINDOWS];
    uint32_t negative[NEGATIVES];
    int32_t slot[MOVIES];
    float offset[NEGATIVES], bias[NEGATIVES], embedding[NEGATIVES * DIM];
    struct gru_dropout dropout;
};

static void setup(struct fixture *f, double drop) {
    struct error err = {0};
    *f = (struct fixture){.model = {.n_movies = MOVIES, .dim = DIM, .hidden = HIDDEN, .window = 4},
                          .dropout = {dropout_16bit(drop), dropout_16bit(drop)}};
    small_ratings(&f->ratings, USERS, MOVIES, 6, 1);
    OK(sequence_alloc(&f->model, &err));
    struct rng rng = rng_keyed(1, "test.sequence", 0, 0);
    for (size_t i = 0; i < f->model.n_values; i++) {
        f->model.values[i] = (float)(0.5 * rng_normal(&rng));
    }
    for (uint32_t m = 0; m < MOVIES; m++) {
        f->slot[m] = -1;
    }
    for (size_t k = 0; k < NEGATIVES; k++) {
        f->negative[k] = (uint32_t)(2 * k % MOVIES);
        f->slot[f->negative[k]] = (int32_t)k;
        f->offset[k] = (float)(0.1 * (double)k);
    }
    const uint64_t *o = f->ratings.offset;
    f->window[0] = (struct subsequence){o[0], o[0], o[0] + 4};
    f->window[1] = (struct subsequence){o[1], o[1] + 1, o[1] + 4};
    f->window[2] = (struct subsequence){o[2], o[2], o[2] + 2};
    OK(block_create(&f->block, &f->model, WINDOWS, 4, NEGATIVES, &err));
}

static void teardown(struct fixture *f) {
    block_release(f->block);
    sequence_model_release(&f->model);
    ratings_release(&f->ratings);
}

static double run(struct fixture *f, struct negatives *negatives) {
    for (size_t k = 0; k < NEGATIVES; k++) {
        f->bias[k] = f->model.bias[f->negative[k]] + f->offset[k];
        memcpy(f->embedding + k * DIM, f->model.embedding + f->negative[k] * DIM,
               DIM * sizeof(float));
    }
    *negatives =
        (struct negatives){NEGATIVES, f->negative, f->offset, f->bias, f->embedding, f->slot};
    const struct gru_batch batch = {&f->model, &f->ratings, negatives, &f->dropout, 1.0F};
    return block_run(f->block, &batch, f->window, WINDOWS, rng_keyed(1, "test.dropout", 0, 0));
}

static void check_gradients(double drop) {
    struct error err = {0};
    struct fixture f;
    struct negatives negatives;
    setup(&f, drop);
    AUTO(sequence_model)
    struct sequence_model gradient = {.n_movies = MOVIES, .dim = DIM, .hidden = HIDDEN};
    OK(sequence_alloc(&gradient, &err));
    run(&f, &negatives);
    block_add(f.block, &f.model, &negatives, &gradient);
    size_t significant = 0;
    for (size_t i = 0; i < f.model.n_values; i++) {
        float kept = f.model.values[i];
        const float step = 0.01F;
        f.model.values[i] = kept + step;
        double above = run(&f, &negatives);
        f.model.values[i] = kept - step;
        double below = run(&f, &negatives);
        f.model.values[i] = kept;
        double expected = (above - below) / (2 * (double)step), found = (double)gradient.values[i];
        if (fabs(found - expected) > 2e-3 * (0.5 + fabs(expected))) {
            fail_msg("value %zu: gradient %g, differences %g", i, found, expected);
        }
        significant += fabs(expected) > 1e-3;
    }
    assert_true(significant > f.model.n_values / 2);
    teardown(&f);
}

static void test_gradients(void **state) {
    (void)state;
    check_gradients(0);
    check_gradients(0.3);
}

/* One step of the encoder in double precision, written without the library. */
static void reference_step(const struct sequence_model *m, const double *x, double *h) {
    double a[3 * HIDDEN], u[3 * HIDDEN];
    for (size_t i = 0; i < 3 * (size_t)HIDDEN; i++) {
        a[i] = (double)m->input_bias[i];
        u[i] = 0;
        for (size_t j = 0; j < DIM; j++) {
            a[i] += (double)m->input_weights[i * DIM + j] * x[j];
        }
        for (size_t j = 0; j < HIDDEN; j++) {
            u[i] += (double)m->recurrent[i * HIDDEN + j] * h[j];
        }
    }
    for (size_t i = 0; i < HIDDEN; i++) {
        double r = 1 / (1 + exp(-a[i] - u[i]));
        double z = 1 / (1 + exp(-a[HIDDEN + i] - u[HIDDEN + i]));
        double n = tanh(a[2 * HIDDEN + i] + r * (u[2 * HIDDEN + i] + (double)m->recurrent_bias[i]));
        h[i] = (1 - z) * n + z * h[i];
    }
}

static void reference_scores(const struct sequence_model *m, const struct history *history,
                             int64_t now, double *score) {
    double h[HIDDEN] = {0}, x[DIM];
    size_t first = history->count > m->window ? history->count - m->window : 0;
    for (size_t s = first; s <= history->count; s++) {
        /* Step s reads rating s - 1; step 0 the start. */
        if (s == first && first > 0) continue;
        size_t movie = s == 0 ? MOVIES : history->movie[s - 1];
        size_t value = s == 0 ? 0 : history->value[s - 1];
        int64_t next = s < history->count ? history->time[s] : now;
        int64_t before = history->time[s >= 2 ? s - 2 : 0];
        int64_t seconds = s == 0     ? 0
                          : m->blind ? history->time[s - 1] - before
                                     : next - history->time[s - 1];
        uint32_t gap = s == 0 ? 0 : sequence_gap(seconds);
        for (size_t j = 0; j < DIM; j++) {
            x[j] = (double)m->embedding[movie * DIM + j] + (double)m->rating[value * DIM + j] +
                   (double)m->gap[gap * DIM + j];
        }
        reference_step(m, x, h);
    }
    for (size_t i = 0; i < MOVIES; i++) {
        score[i] = (double)m->bias[i];
        for (size_t j = 0; j < DIM; j++) {
            double q = (double)m->output_bias[j];
            for (size_t k = 0; k < HIDDEN; k++) {
                q += (double)m->output[j * HIDDEN + k] * h[k];
            }
            score[i] += q * (double)m->embedding[i * DIM + j];
        }
    }
}

static void check_encode(bool blind) {
    struct fixture f;
    setup(&f, 0);
    f.model.blind = blind;
    const uint32_t movie[] = {3, 7, 1, 12, 0, 5};
    const uint8_t value[] = {2, 10, 7, 8, 1, 6};
    const int64_t time[] = {100, 100, 130, 5000, 1000000, 1000001};
    float query[DIM], score[MOVIES], *scratch = calloc(sequence_scratch(&f.model), sizeof *scratch);
    double expected[MOVIES];
    assert_non_null(scratch);
    for (size_t count = 0; count <= 6; count++) {
        struct history h = {movie, value, time, count};
        sequence_encode(&f.model, &h, 1000777, scratch, query);
        sequence_scores(&f.model, query, score);
        reference_scores(&f.model, &h, 1000777, expected);
        for (size_t i = 0; i < MOVIES; i++) {
            assert_true(fabs((double)score[i] - expected[i]) < 1e-4);
        }
    }
    free(scratch);
    teardown(&f);
}

static void test_encode(void **state) {
    (void)state;
    check_encode(false);
    check_encode(true);
}

/* The loss that training minimises is that of the forward pass that is served. */
static void test_loss_is_of_encode(void **state) {
    (void)state;
    struct fixture f;
    struct negatives negatives;
    setup(&f, 0);
    struct subsequence one = f.window[2]; /* a user's first two ratings */
    float query[DIM], score[MOVIES], *scratch = calloc(sequence_scratch(&f.model), sizeof *scratch);
    const struct ratings *r = &f.ratings;
    double expected = 0;
    assert_non_null(scratch);
    for (uint64_t j = one.from; j < one.to; j++) {
        struct history h = {r->movie + one.begin, r->value + one.begin, r->time + one.begin,
                            (size_t)(j - one.begin)};
        sequence_encode(&f.model, &h, r->time[j], scratch, query);
        sequence_scores(&f.model, query, score);
        double own = (double)score[r->movie[j]], sum = exp(own);
        for (size_t k = 0; k < NEGATIVES; k++) {
            bool seen = false;
            for (uint64_t i = one.begin; i <= j; i++) {
                seen = seen || r->movie[i] == f.negative[k];
            }
            if (!seen) sum += exp((double)score[f.negative[k]] + (double)f.offset[k]);
        }
        expected += log(sum) - own;
    }
    run(&f, &negatives);
    const struct gru_batch batch = {&f.model, r, &negatives, &f.dropout, 1.0F};
    double found = block_run(f.block, &batch, &one, 1, rng_keyed(1, "test.dropout", 0, 0));
    assert_true(fabs(found - expected) < 1e-4);
    free(scratch);
    teardown(&f);
}

static void test_gap(void **state) {
    (void)state;
    assert_int_equal(sequence_gap(-5), 0);
    assert_int_equal(sequence_gap(0), 0);
    assert_int_equal(sequence_gap(1), 1);
    assert_int_equal(sequence_gap(3), 2);
    assert_int_equal(sequence_gap(4), 3);
    assert_int_equal(sequence_gap(INT64_MAX), SEQUENCE_GAPS - 1);
}

static void test_exp(void **state) {
    (void)state;
    for (float x = -86.5F; x < 87.5F; x += 0.0173F) {
        float y = x;
        sequence_exp(&y, 1);
        assert_true(fabs((double)y / exp((double)x) - 1) < 3e-7);
    }
    float low[] = {-100.0F, -1e30F, -INFINITY};
    sequence_exp(low, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(low[i] == 0.0F);
    }
}

/* Each rating is a target once, and windows are no longer than they may be. */
static void test_windows(void **state) {
    (void)state;
    struct ratings r;
    small_ratings(&r, 40, 200, 30, 3);
    struct subsequence *window = calloc(subsequences_count(&r, 7), sizeof *window);
    uint8_t *times = calloc(r.count, 1);
    assert_non_null(window);
    assert_non_null(times);
    size_t n = subsequences_cut(window, &r, 7, 8, 1, 5);
    assert_true(n <= subsequences_count(&r, 7));
    for (size_t i = 0; i < n; i++) {
        assert_true(window[i].to > window[i].from && window[i].to - window[i].from <= 7);
        if (i % 8 > 0) {
            assert_true(window[i].to - window[i].from <= window[i - 1].to - window[i - 1].from);
        }
        for (uint64_t j = window[i].from; j < window[i].to; j++) {
            times[j]++;
        }
    }
    for (uint64_t j = 0; j < r.count; j++) {
        assert_int_equal(times[j], 1);
    }
    free(window);
    free(times);
    ratings_release(&r);
}

/* Everybody goes round the same circle of movies from a place of their own. The last movie of the
 * catalogue is never rated. */
enum { CIRCLE = 20, ROUND = 12, WALKERS = 200 };

static void circle(struct ratings *r) {
    *r = (struct ratings){.n_users = WALKERS, .n_movies = CIRCLE + 1, .count = WALKERS * ROUND};
    OK(MEM_NEW(&r->offset, WALKERS + 1, NULL));
    OK(MEM_NEW(&r->movie, r->count, NULL));
    OK(MEM_NEW(&r->value, r->count, NULL));
    OK(MEM_NEW(&r->time, r->count, NULL));
    for (uint32_t u = 0; u < WALKERS; u++) {
        r->offset[u + 1] = (uint64_t)(u + 1) * ROUND;
        for (uint32_t k = 0; k < ROUND; k++) {
            r->movie[u * ROUND + k] = (u * 7 + k) % CIRCLE;
            r->value[u * ROUND + k] = 8;
            r->time[u * ROUND + k] = 1000 + k;
        }
    }
    OK(ratings_index_by_movie(r, NULL));
}

static void check_learning(int64_t n_negatives) {
    struct error err = {0};
    struct ratings r;
    circle(&r);
    struct gru4rec_params p = {.gaps = "until",
                               .dim = 16,
                               .hidden = 16,
                               .window = 8,
                               .batch = 20,
                               .negatives = n_negatives,
                               .epochs = 8,
                               .max_targets = 1000000,
                               .learning_rate = 0.03,
                               .popularity = 0.5};
    AUTO(sequence_model) struct sequence_model m = {0};
    double loss[8];
    OK(gru4rec_train(&m, loss, &r, &p, 1, &err));
    assert_true(loss[7] < 0.5 * loss[0]);
    float least = 0;
    for (uint32_t i = 0; i < CIRCLE; i++) {
        least = fminf(least, m.bias[i]);
    }
    assert_true(m.bias[CIRCLE] == least); /* of nobody, and so behind all others */
    for (uint32_t k = 0; k < m.dim; k++) {
        assert_true(m.embedding[CIRCLE * m.dim + k] == 0);
    }
    const uint32_t movie[] = {3, 4, 5};
    const uint8_t value[] = {8, 8, 8};
    const int64_t time[] = {1, 2, 3};
    struct history h = {movie, value, time, 3};
    float query[16], score[CIRCLE + 1], *scratch = calloc(sequence_scratch(&m), sizeof *scratch);
    assert_non_null(scratch);
    sequence_encode(&m, &h, 4, scratch, query);
    sequence_scores(&m, query, score);
    for (uint32_t i = 0; i <= CIRCLE; i++) {
        assert_true(isfinite(score[i]));
        if (i != 6) assert_true(score[i] < score[6]);
    }
    free(scratch);
    ratings_release(&r);
}

static void test_learning(void **state) {
    (void)state;
    check_learning(1000); /* all movies */
    check_learning(8);
}

/* After a long time comes a movie of the first half of the catalogue, after a short one of the
 * second. */
static double loss_of_gaps(const char *gaps) {
    struct error err = {0};
    struct ratings r;
    circle(&r);
    struct rng rng = rng_keyed(2, "test.gaps", 0, 0);
    for (uint64_t i = 0; i < r.count; i++) {
        bool later = rng_below(&rng, 2) == 1;
        r.movie[i] = rng_below(&rng, CIRCLE / 2) + (later ? 0 : CIRCLE / 2);
        r.time[i] = i % ROUND == 0 ? 0 : r.time[i - 1] + (later ? 100000 : 10);
    }
    struct gru4rec_params p = {.gaps = gaps,
                               .dim = 16,
                               .hidden = 16,
                               .window = ROUND,
                               .batch = 20,
                               .negatives = 1000,
                               .epochs = 8,
                               .max_targets = 1000000,
                               .learning_rate = 0.02,
                               .popularity = 0.5};
    AUTO(sequence_model) struct sequence_model m = {0};
    double loss[8];
    OK(gru4rec_train(&m, loss, &r, &p, 1, &err));
    ratings_release(&r);
    return loss[7];
}

static void a_blind_model_is_not_told_the_next_time(void **state) {
    (void)state;
    double until = loss_of_gaps("until"), since = loss_of_gaps("since");
    /* Who knows the time knows the half: a bit, or log 2, less, when all is learnt. */
    double less = since - until;
    if (less < 0.4 || less > log(2) + 0.1) fail_msg("until %g, since %g", until, since);
}

static void test_schedule(void **state) {
    (void)state;
    const struct gru4rec_params p = {.gaps = "until", .learning_rate = 0.006};
    const struct schedule s = gru4rec_schedule(&p);
    assert_true(s.peak == 0.006 && s.warmup == 0.05 && s.end == 1 && s.rest == 0.02);
}

/* One movie each of `n` users: movie m has m + 1 parts of them. */
static void first_movies(struct ratings *r, uint32_t n_movies, uint32_t parts) {
    uint32_t n = parts * n_movies * (n_movies + 1) / 2, next = 0;
    *r = (struct ratings){.n_users = n, .n_movies = n_movies, .count = n};
    OK(MEM_NEW(&r->offset, n + 1, NULL));
    OK(MEM_NEW(&r->movie, n, NULL));
    OK(MEM_NEW(&r->value, n, NULL));
    OK(MEM_NEW(&r->time, n, NULL));
    for (uint32_t m = 0; m < n_movies; m++) {
        for (uint32_t k = 0; k < parts * (m + 1); k++, next++) {
            r->movie[next] = m;
            r->value[next] = 8;
            r->offset[next + 1] = next + 1;
        }
    }
    OK(ratings_index_by_movie(r, NULL));
}

/* Scores of all movies for somebody without a history. */
static void first_scores(const struct sequence_model *m, float *score) {
    float query[16], *scratch = calloc(sequence_scratch(m), sizeof *scratch);
    const struct history h = {0};
    assert_non_null(scratch);
    sequence_encode(m, &h, 1, scratch, query);
    sequence_scores(m, query, score);
    free(scratch);
}

/* However the negatives are drawn, what is learnt is how often movies come first. */
static void test_negatives_are_corrected(void **state) {
    (void)state;
    enum { N = 10 };
    struct error err = {0};
    struct ratings r;
    float score[N];
    double loss[40];
    first_movies(&r, N, 20);
    struct gru4rec_params p = {.gaps = "until",
                               .dim = 4,
                               .hidden = 4,
                               .window = 8,
                               .batch = 100,
                               .negatives = 4,
                               .epochs = 40,
                               .max_targets = 1000000,
                               .learning_rate = 0.03,
                               .popularity = 1};
    AUTO(sequence_model) struct sequence_model m = {0};
    OK(gru4rec_train(&m, loss, &r, &p, 1, &err));
    first_scores(&m, score);
    for (uint32_t i = 1; i < N; i++) {
        double wanted = log(i + 1.0), found = (double)score[i] - (double)score[0];
        if (fabs(found - wanted) > 0.6) fail_msg("movie %u: %.3f, not %.3f", i, found, wanted);
    }
    ratings_release(&r);
}

/* The sum of the rates of 60 steps: 5 % of them rise in a line to the learning rate, the others
 * fall along half a cosine to 2 % of it. */
static double sum_of_rates(void) {
    double sum = 0;
    for (int step = 1; step <= 60; step++) {
        double done = step / 60.0, share = (done - 0.05) / 0.95;
        sum += step < 3 ? done / 0.05 : 0.02 + 0.98 * 0.5 * (1 + cos(M_PI * share));
    }
    return sum;
}

/* At a rate so small that gradients stay what they are, Adam moves a parameter by the rate itself
 * at every step: the whole way is the sum of the rates. */
static void test_rates(void **state) {
    (void)state;
    const double rate = 1e-5;
    struct error err = {0};
    struct ratings r;
    double loss[60], farthest = 0;
    AUTO(sequence_model) struct sequence_model still = {0}, moved = {0};
    first_movies(&r, 6, 12); /* enough of each movie that no epochs are added */
    struct gru4rec_params p = {.gaps = "until",
                               .dim = 4,
                               .hidden = 4,
                               .window = 8,
                               .batch = 1000,
                               .negatives = 100,
                               .epochs = 60,
                               .max_targets = 1000000};
    assert_int_equal(gru4rec_epochs(&p, &r), 60);
    OK(gru4rec_train(&still, loss, &r, &p, 1, &err));
    p.learning_rate = rate;
    OK(gru4rec_train(&moved, loss, &r, &p, 1, &err));
    for (uint32_t i = 0; i < 6; i++) {
        farthest = fmax(farthest, fabs((double)moved.bias[i] - (double)still.bias[i]));
    }
    if (fabs(farthest / rate / sum_of_rates() - 1) > 0.01) {
        fail_msg("%.5f rates, not %.5f", farthest / rate, sum_of_rates());
    }
    ratings_release(&r);
}

static void test_epochs(void **state) {
    (void)state;
    struct ratings r;
    circle(&r); /* 120 ratings of each movie */
    struct gru4rec_params p = {.gaps = "until", .epochs = 20, .max_targets = 1000000};
    assert_int_equal(gru4rec_epochs(&p, &r), 20);
    p.max_targets = WALKERS * ROUND * 5 / 2;
    assert_int_equal(gru4rec_epochs(&p, &r), 2);
    p.max_targets = 3;
    assert_int_equal(gru4rec_epochs(&p, &r), 1);
    ratings_release(&r);
    small_ratings(&r, 20, 40, 10, 1);
    p.max_targets = 1000000;
    assert_int_equal(gru4rec_epochs(&p, &r), 80);
    ratings_release(&r);
    r = (struct ratings){0};
    assert_int_equal(gru4rec_epochs(&p, &r), 1);
}

static void test_nothing_to_learn(void **state) {
    (void)state;
    struct error err = {0};
    struct ratings r = {.n_users = 1, .n_movies = 2};
    OK(MEM_NEW(&r.offset, 2, NULL));
    OK(MEM_NEW(&r.movie, 1, NULL));
    OK(ratings_index_by_movie(&r, NULL));
    struct gru4rec_params p = {.gaps = "until",
                               .dim = 4,
                               .hidden = 4,
                               .window = 8,
                               .batch = 4,
                               .negatives = 8,
                               .epochs = 3,
                               .max_targets = 100};
    AUTO(sequence_model) struct sequence_model m = {0};
    double loss[3];
    OK(gru4rec_train(&m, loss, &r, &p, 1, &err));
    struct history h = {0};
    float query[4], score[2], *scratch = calloc(sequence_scratch(&m), sizeof *scratch);
    assert_non_null(scratch);
    sequence_encode(&m, &h, 4, scratch, query);
    sequence_scores(&m, query, score);
    assert_true(isfinite(score[0]) && isfinite(score[1]));
    free(scratch);
    ratings_release(&r);
}

int main(void) {
    dense_init();
    log_init("test", LOG_QUIET);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_loss_is_of_encode),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_exp),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_learning),
        cmocka_unit_test(a_blind_model_is_not_told_the_next_time),
        cmocka_unit_test(test_schedule),
        cmocka_unit_test(test_negatives_are_corrected),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_nothing_to_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
