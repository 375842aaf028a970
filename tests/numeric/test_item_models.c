/* EASE and the transition model against plain dense computations in double, and pruning. */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/dense.h"
#include "common/data/history.h"
#include "common/models/ease.h"
#include "common/models/item_item.h"
#include "common/models/registry.h"
#include "common/models/slit.h"
#include "common/models/window.h"
#include "tests/numeric/small_ratings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

enum { USERS = 70, MOVIES = 40 };

static double *zeros(size_t count) {
    double *x;
    struct error err = {0};
    assert_int_equal(MEM_NEW(&x, count, &err), STATUS_OK);
    return x;
}

/* a[n,n] replaced by its inverse: Gauss-Jordan; the matrices here need no pivoting. */
static void invert(double *a, size_t n) {
    for (size_t p = 0; p < n; p++) {
        double pivot = a[p * n + p];
        a[p * n + p] = 1;
        for (size_t j = 0; j < n; j++) {
            a[p * n + j] /= pivot;
        }
        for (size_t i = 0; i < n; i++) {
            if (i == p) continue;
            double factor = a[i * n + p];
            a[i * n + p] = 0;
            for (size_t j = 0; j < n; j++) {
                a[i * n + j] -= factor * a[p * n + j];
            }
        }
    }
}

/* out[n,n] = A'B for A[m,n], B[m,n], plus lambda on the diagonal. */
static void product(double *out, const double *a, const double *b, size_t m, size_t n,
                    double lambda) {
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = i == j ? lambda : 0;
            for (size_t row = 0; row < m; row++) {
                sum += a[row * n + i] * b[row * n + j];
            }
            out[i * n + j] = sum;
        }
    }
}

static void expand(const struct csr *m, double *out) {
    memset(out, 0, (size_t)m->n_rows * m->n_columns * sizeof(*out));
    for (uint32_t i = 0; i < m->n_rows; i++) {
        for (uint64_t e = m->offset[i]; e < m->offset[i + 1]; e++) {
            if (e > m->offset[i]) assert_true(m->column[e - 1] < m->column[e]);
            out[(size_t)i * m->n_columns + m->column[e]] = (double)m->value[e];
        }
    }
}

static void assert_close(const double *a, const double *b, size_t count, double tolerance) {
    for (size_t k = 0; k < count; k++) {
        if (fabs(a[k] - b[k]) > tolerance) {
            fail_msg("value %zu: %.9g instead of %.9g", k, a[k], b[k]);
        }
    }
}

/* Everything that fitting needs, for small random ratings. */
struct fixture {
    struct ratings ratings;
    struct baseline baseline;
    struct popular_items selection;
    struct sequences sequences;
    struct fitting data;
};

static void fixture_release(struct fixture *f) {
    sequences_release(&f->sequences);
    popular_items_release(&f->selection);
    baseline_release(&f->baseline);
    ratings_release(&f->ratings);
}

static void fixture_make_from(struct fixture *f, size_t limit, size_t min_ratings, size_t keep) {
    struct error err = {0};
    *f = (struct fixture){.baseline = {.user_shrinkage = 5, .liked = 3}};
    small_ratings(&f->ratings, USERS, MOVIES, 16, 11);
    assert_int_equal(baseline_fit(&f->baseline, &f->ratings, 4, &err), STATUS_OK);
    assert_int_equal(popular_items_make(&f->selection, &f->ratings, limit, min_ratings, &err),
                     STATUS_OK);
    assert_int_equal(sequences_make(&f->sequences, &f->ratings, &f->selection, &err), STATUS_OK);
    f->data = (struct fitting){.ratings = &f->ratings,
                               .baseline = &f->baseline,
                               .items = &f->selection,
                               .sequences = &f->sequences,
                               .keep = keep};
}

static void fixture_make(struct fixture *f, size_t limit, size_t keep) {
    fixture_make_from(f, limit, 1, keep);
}

/* X[USERS, MOVIES] of a type of EASE, from its definition. */
static void plain_interactions(double *x, const struct model *type, const struct ratings *r,
                               const struct baseline *baseline) {
    for (uint32_t u = 0; u < r->n_users; u++) {
        double sum = 0, residual = 0, count = (double)(r->offset[u + 1] - r->offset[u]);
        for (uint64_t k = r->offset[u]; k < r->offset[u + 1]; k++) {
            sum += 0.5 * r->value[k];
            residual +=
                0.5 * r->value[k] - baseline->mean - (double)baseline->movie_bias[r->movie[k]];
        }
        for (uint64_t k = r->offset[u]; k < r->offset[u + 1]; k++) {
            double stars = 0.5 * r->value[k], *out = &x[u * MOVIES + r->movie[k]];
            if (type == &ease_model || type == &ease_dropout_model) *out = 1;
            if (type == &ease_liked_model) *out = stars >= sum / count && stars >= 3 ? 1 : 0;
            if (type == &ease_residual_model) {
                *out = stars - baseline->mean - (double)baseline->movie_bias[r->movie[k]] -
                       residual / (count + 5);
            }
        }
    }
}

static void check_ease(const struct model *type) {
    struct error err = {0};
    AUTO(fixture) struct fixture f;
    AUTO(csr) struct csr weights = {0};
    fixture_make(&f, MOVIES, MOVIES);
    MEM_AUTO double *x = zeros(USERS * MOVIES), *p = zeros(MOVIES * MOVIES);
    MEM_AUTO double *expected = zeros(MOVIES * MOVIES), *got = zeros(MOVIES * MOVIES);
    plain_interactions(x, type, &f.ratings, &f.baseline);
    product(p, x, x, USERS, MOVIES, 0);
    for (size_t i = 0; i < MOVIES; i++) { /* 0.25 / (1 - 0.25) of the diagonal more */
        p[i * MOVIES + i] *= type == &ease_dropout_model ? 4.0 / 3.0 : 1.0;
        p[i * MOVIES + i] += 7.5;
    }
    invert(p, MOVIES);
    for (size_t i = 0; i < MOVIES; i++) {
        for (size_t j = 0; j < MOVIES; j++) {
            expected[i * MOVIES + j] = i == j ? 0 : -p[i * MOVIES + j] / p[j * MOVIES + j];
        }
    }
    struct instance spec = {type, "ease", {7.5, type == &ease_dropout_model ? 0.25 : 0}};
    assert_int_equal(item_item_weights(&weights, &f.data, &spec, &err), STATUS_OK);
    expand(&weights, got);
    assert_close(got, expected, MOVIES * MOVIES, 2e-6);
}

static void test_ease(void **state) {
    (void)state;
    check_ease(&ease_model);
    check_ease(&ease_liked_model);
    check_ease(&ease_residual_model);
    check_ease(&ease_dropout_model);
}

/* EASE goes by the users where they are fewer than the movies; idle users beside them make it go by
 * the movies, and must not change the weights. */
static void test_ease_of_few_users(void **state) {
    (void)state;
    enum { FEW = 25, KEEP = MOVIES };
    struct error err = {0};
    AUTO(ratings) struct ratings ratings = {0};
    AUTO(popular_items) struct popular_items selection = {0};
    AUTO(csr) struct csr by_movie = {0};
    small_ratings(&ratings, FEW, MOVIES, 16, 5);
    assert_int_equal(popular_items_make(&selection, &ratings, MOVIES, 1, &err), STATUS_OK);
    assert_true(selection.n > FEW);
    MEM_AUTO float *value = NULL;
    assert_int_equal(MEM_NEW(&value, ratings.count, &err), STATUS_OK);
    for (uint64_t k = 0; k < ratings.count; k++) {
        value[k] = 0.5F * (float)ratings.value[k] - 2.2F;
    }
    assert_int_equal(popular_items_by_movie(&by_movie, &selection, &ratings, value, &err),
                     STATUS_OK);
    for (size_t r = 0; r < 2; r++) {
        struct ridge ridge = {4, r == 0 ? 0 : 0.3};
        AUTO(pruned) struct pruned few = {0};
        AUTO(pruned) struct pruned many = {0};
        assert_int_equal(pruned_alloc(&few, selection.n, KEEP, &err), STATUS_OK);
        assert_int_equal(pruned_alloc(&many, selection.n, KEEP, &err), STATUS_OK);
        by_movie.n_columns = FEW;
        assert_int_equal(ease_fit(&few, &by_movie, &ridge, &err), STATUS_OK);
        by_movie.n_columns = MOVIES + 1;
        assert_int_equal(ease_fit(&many, &by_movie, &ridge, &err), STATUS_OK);
        AUTO(csr) struct csr a = {0};
        AUTO(csr) struct csr b = {0};
        assert_int_equal(pruned_to_csr(&a, &few, &selection, MOVIES, &err), STATUS_OK);
        assert_int_equal(pruned_to_csr(&b, &many, &selection, MOVIES, &err), STATUS_OK);
        MEM_AUTO double *x = zeros(MOVIES * MOVIES), *y = zeros(MOVIES * MOVIES);
        expand(&a, x);
        expand(&b, y);
        assert_true(a.count > MOVIES);
        assert_close(x, y, MOVIES * MOVIES, 2e-6);
    }
}

/* S and T as the paper and slit.h define them, row by row. */
static size_t plain_moments(double *s, double *t, const struct ratings *r,
                            const struct slit_params *p) {
    size_t row = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t first = r->offset[u], end = r->offset[u + 1];
        for (uint64_t now = first; now + 1 < end; now++, row++) {
            for (uint64_t k = first; k <= now; k++) {
                if (now - k >= p->window_past) continue;
                double seconds = (double)(r->time[now] - r->time[k]);
                s[row * MOVIES + r->movie[k]] =
                    exp(-(double)(now - k) / p->tau_past -
                        (p->past_seconds > 0 ? seconds / p->past_seconds : 0));
            }
            for (uint64_t k = now + 1; k < end; k++) {
                if (k - now - 1 >= p->window_future) continue;
                double seconds = (double)(r->time[k] - r->time[now]);
                t[row * MOVIES + r->movie[k]] =
                    exp(-(double)(k - now - 1) / p->tau_future -
                        (p->future_seconds > 0 ? seconds / p->future_seconds : 0));
            }
        }
    }
    return row;
}

static void check_transition(const struct slit_params *p) {
    struct error err = {0};
    AUTO(fixture) struct fixture f;
    AUTO(csr) struct csr weights = {0};
    fixture_make(&f, MOVIES, MOVIES);
    MEM_AUTO double *s = zeros(f.ratings.count * MOVIES), *t = zeros(f.ratings.count * MOVIES);
    MEM_AUTO double *past = zeros(MOVIES * MOVIES), *pair = zeros(MOVIES * MOVIES);
    MEM_AUTO double *expected = zeros(MOVIES * MOVIES), *got = zeros(MOVIES * MOVIES);
    size_t rows = plain_moments(s, t, &f.ratings, p);
    product(past, s, s, rows, MOVIES, 0);
    for (size_t i = 0; i < MOVIES; i++) {
        past[i * MOVIES + i] = past[i * MOVIES + i] * (1 + p->relative) + p->lambda;
    }
    product(pair, s, t, rows, MOVIES, 0);
    invert(past, MOVIES);
    product(expected, past, pair, MOVIES, MOVIES, 0); /* the inverse is symmetric */
    for (size_t i = 0; i < MOVIES; i++) {
        expected[i * MOVIES + i] = 0; /* no movie follows itself */
    }
    struct instance spec = {&slit_model,
                            "t",
                            {p->tau_past, p->tau_future, p->window_past, p->window_future,
                             p->lambda, p->relative, p->past_seconds, p->future_seconds}};
    assert_int_equal(item_item_weights(&weights, &f.data, &spec, &err), STATUS_OK);
    expand(&weights, got);
    assert_close(got, expected, MOVIES * MOVIES, 2e-6);
}

static void test_transition(void **state) {
    (void)state;
    check_transition(&(struct slit_params){5, 3, 30, 8, 4, 0, 0, 0});
    check_transition(&(struct slit_params){2, 1.5, 4, 3, 2, 0.5, 0, 0});
    check_transition(&(struct slit_params){2, 1.5, 3, 6, 2, 0, 0, 0});
    check_transition(&(struct slit_params){1, 1, 1, 1, 1, 0, 0, 0});
    check_transition(&(struct slit_params){20, 10, 100, 100, 3, 0, 0, 0});
    check_transition(&(struct slit_params){3, 2, 5, 4, 2, 0, 40, 25});
    check_transition(&(struct slit_params){3, 2, 50, 4, 2, 1, 0, 25});
    check_transition(&(struct slit_params){3, 2, 2, 9, 2, 1, 60, 30});
}

/* A row per rating: T its movie, S what stands at most `width` positions to either side. */
static void check_window(const struct window_params *p) {
    struct error err = {0};
    AUTO(fixture) struct fixture f;
    AUTO(csr) struct csr weights = {0};
    fixture_make(&f, MOVIES, MOVIES);
    const struct ratings *r = &f.ratings;
    MEM_AUTO double *s = zeros(r->count * MOVIES), *t = zeros(r->count * MOVIES);
    MEM_AUTO double *context = zeros(MOVIES * MOVIES), *pair = zeros(MOVIES * MOVIES);
    MEM_AUTO double *expected = zeros(MOVIES * MOVIES), *got = zeros(MOVIES * MOVIES);
    for (uint32_t u = 0; u < r->n_users; u++) {
        for (uint64_t at = r->offset[u]; at < r->offset[u + 1]; at++) {
            t[at * MOVIES + r->movie[at]] = 1;
            for (uint64_t k = r->offset[u]; k < r->offset[u + 1]; k++) {
                double d = fabs((double)k - (double)at);
                if (k == at || d > p->width) continue;
                s[at * MOVIES + r->movie[k]] = exp(-d / p->tau);
            }
        }
    }
    product(context, s, s, r->count, MOVIES, 0);
    for (size_t i = 0; i < MOVIES; i++) {
        context[i * MOVIES + i] = context[i * MOVIES + i] * (1 + p->relative) + p->lambda;
    }
    product(pair, s, t, r->count, MOVIES, 0);
    invert(context, MOVIES);
    product(expected, context, pair, MOVIES, MOVIES, 0); /* the inverse is symmetric */
    for (size_t i = 0; i < MOVIES; i++) {
        expected[i * MOVIES + i] = 0;
    }
    struct instance spec = {&window_model, "w", {p->tau, p->width, p->lambda, p->relative}};
    assert_int_equal(item_item_weights(&weights, &f.data, &spec, &err), STATUS_OK);
    expand(&weights, got);
    assert_close(got, expected, MOVIES * MOVIES, 2e-6);
}

static void test_window(void **state) {
    (void)state;
    check_window(&(struct window_params){5, 30, 4, 0});
    check_window(&(struct window_params){2, 3, 2, 0.5});
    check_window(&(struct window_params){1, 1, 1, 0});
    check_window(&(struct window_params){20, 200, 3, 2});
}

static double magnitude_at(const double *dense, size_t from, size_t to) {
    return fabs(dense[from * MOVIES + to]);
}

/* With a smaller `keep`, each target keeps its strongest weights, with the same values. */
static void test_pruning_keeps_the_strongest(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(fixture) struct fixture f;
    AUTO(csr) struct csr all = {0};
    AUTO(csr) struct csr some = {0};
    enum { KEEP = 9 };
    fixture_make(&f, MOVIES, MOVIES);
    struct instance spec = {&ease_model, "ease", {3}};
    assert_int_equal(item_item_weights(&all, &f.data, &spec, &err), STATUS_OK);
    f.data.keep = KEEP;
    assert_int_equal(item_item_weights(&some, &f.data, &spec, &err), STATUS_OK);
    MEM_AUTO double *dense = zeros(MOVIES * MOVIES), *pruned = zeros(MOVIES * MOVIES);
    expand(&all, dense);
    expand(&some, pruned);
    for (size_t target = 0; target < MOVIES; target++) {
        double weakest = INFINITY, left_out = 0;
        size_t kept = 0;
        for (size_t i = 0; i < MOVIES; i++) {
            double magnitude = magnitude_at(dense, i, target);
            if (pruned[i * MOVIES + target] != 0) {
                assert_true(pruned[i * MOVIES + target] == dense[i * MOVIES + target]);
                weakest = fmin(weakest, magnitude);
                kept++;
            } else {
                left_out = fmax(left_out, magnitude);
            }
        }
        /* The movie that nobody rated is not among the selected ones. */
        assert_int_equal(kept, target + 1 == MOVIES ? 0 : KEEP);
        assert_true(left_out <= weakest);
    }
}

/* Only the most popular movies have weights; the positions of the others still count in time. */
static void test_item_limit(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(fixture) struct fixture f;
    AUTO(csr) struct csr weights = {0};
    enum { LIMIT = 12 };
    fixture_make(&f, LIMIT, MOVIES);
    assert_int_equal(f.selection.n, LIMIT);
    uint32_t least = f.baseline.popularity[f.selection.movie[LIMIT - 1]];
    for (uint32_t i = 0; i < MOVIES; i++) {
        if (f.selection.place[i] == NO_INDEX) assert_true(f.baseline.popularity[i] <= least);
    }
    struct instance spec = {&slit_model, "t", {2, 2, 3, 3, 1}};
    assert_int_equal(item_item_weights(&weights, &f.data, &spec, &err), STATUS_OK);
    assert_true(weights.count > 0);
    for (uint32_t i = 0; i < MOVIES; i++) {
        for (uint64_t e = weights.offset[i]; e < weights.offset[i + 1]; e++) {
            assert_int_not_equal(f.selection.place[i], NO_INDEX);
            assert_int_not_equal(f.selection.place[weights.column[e]], NO_INDEX);
        }
    }
    /* The weights of a distance d are sums over the moments between, here without decay. */
    struct slit_params flat = {1e9, 1e9, 2, 2, 1, 0, 0, 0};
    static const double moments[] = {0, 1, 2, 1};
    float rows[LIMIT * LIMIT];
    double total = 0, expected = 0;
    AUTO(slit_pairs) struct slit_pairs pairs = {0};
    assert_int_equal(slit_pairs_make(&pairs, &f.sequences, &flat, &err), STATUS_OK);
    assert_int_equal(slit_future(rows, 0, LIMIT, &pairs, &err), STATUS_OK);
    for (size_t k = 0; k < (size_t)LIMIT * LIMIT; k++) {
        total += (double)rows[k];
    }
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint64_t q = f.ratings.offset[u]; q < f.ratings.offset[u + 1]; q++) {
            for (uint64_t p = f.ratings.offset[u]; p < q; p++) {
                if (f.sequences.place[p] == NO_INDEX || f.sequences.place[q] == NO_INDEX) continue;
                if (q - p <= 3) expected += moments[q - p];
            }
        }
    }
    assert_true(fabs(total - expected) < 1e-5 * expected);
}

/* Movies with too few ratings have no weights; where no movie has enough, no model has any. */
/* Movies of one, two and no ratings of 5, 1 and 4 stars: the mean is 10 / 3. */
static void test_baseline(void **state) {
    (void)state;
    struct error err = {0};
    uint64_t offset[] = {0, 1, 3};
    uint32_t movie[] = {0, 1, 1};
    uint8_t value[] = {10, 2, 8};
    int64_t time[] = {1, 2, 3};
    struct ratings r = {.n_users = 2,
                        .n_movies = 3,
                        .count = 3,
                        .offset = offset,
                        .movie = movie,
                        .value = value,
                        .time = time};
    AUTO(baseline) struct baseline f = {0};
    AUTO(popular_items) struct popular_items s = {0};
    assert_int_equal(ratings_index_by_movie(&r, &err), STATUS_OK);
    assert_int_equal(baseline_fit(&f, &r, 4, &err), STATUS_OK);
    double mean = 10.0 / 3, bias[] = {(5 - mean) / (1 + 4), (5 - 2 * mean) / (2 + 4), 0};
    assert_true(fabs(f.mean - mean) < 1e-12);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(f.popularity[i], i == 0 ? 1 : i == 1 ? 2 : 0);
        assert_true(fabs((double)f.movie_bias[i] - bias[i]) < 1e-6);
    }
    assert_int_equal(popular_items_make(&s, &r, 3, 2, &err), STATUS_OK); /* two are enough */
    assert_int_equal(s.n, 1);
    assert_int_equal(s.movie[0], 1);
    mem_free(r.by_movie_offset);
    mem_free(r.by_movie_user);
    mem_free(r.by_movie_rating);
}

static void test_item_min_ratings(void **state) {
    (void)state;
    struct error err = {0};
    static const size_t floors[] = {1, 12, 1000};
    for (size_t k = 0; k < 3; k++) {
        AUTO(fixture) struct fixture f;
        fixture_make_from(&f, MOVIES, floors[k], MOVIES);
        size_t enough = 0;
        for (uint32_t i = 0; i < MOVIES; i++) {
            bool selected = f.selection.place[i] != NO_INDEX;
            assert_int_equal(selected, f.baseline.popularity[i] >= floors[k]);
            enough += selected;
        }
        assert_int_equal(f.selection.n, enough);
        assert_true(k == 0 ? enough == MOVIES - 1 : k == 1 ? enough > 5 : enough == 0);
        struct instance specs[] = {{&ease_model, "e", {3}},
                                   {&window_model, "w", {4, 6, 2, 1}},
                                   {&slit_model, "t", {4, 2, 9, 5, 2, 0, 0, 50}}};
        for (size_t s = 0; s < 3; s++) {
            AUTO(csr) struct csr weights = {0};
            assert_int_equal(item_item_weights(&weights, &f.data, &specs[s], &err), STATUS_OK);
            assert_int_equal(weights.n_rows, MOVIES);
            assert_int_equal(weights.count > 0, enough > 0);
        }
    }
}

static void test_same_bytes_at_any_thread_count(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(fixture) struct fixture f;
    fixture_make(&f, MOVIES, 20);
    int threads = omp_get_max_threads();
    struct instance specs[] = {{&ease_residual_model, "ease", {3}},
                               {&window_model, "w", {4, 6, 2, 1}},
                               {&slit_model, "t", {4, 2, 9, 5, 2, 0, 0, 50}}};
    for (size_t s = 0; s < 3; s++) {
        AUTO(csr) struct csr one = {0};
        AUTO(csr) struct csr many = {0};
        omp_set_num_threads(1);
        assert_int_equal(item_item_weights(&one, &f.data, &specs[s], &err), STATUS_OK);
        omp_set_num_threads(3);
        assert_int_equal(item_item_weights(&many, &f.data, &specs[s], &err), STATUS_OK);
        omp_set_num_threads(threads);
        assert_int_equal(one.count, many.count);
        assert_memory_equal(one.column, many.column, one.count * sizeof(*one.column));
        assert_memory_equal(one.value, many.value, one.count * sizeof(*one.value));
    }
}

static void weigh(const struct model *model, const double *number, const struct history *h,
                  float *weight) {
    const struct baseline b = {
        .mean = 3.5, .user_shrinkage = 2, .liked = 3.5, .movie_bias = (float[]){0.5F, 0.0F, -0.5F}};
    model->item_item->history_weights(number, &b, h, weight);
}

static void test_history_weights(void **state) {
    (void)state;
    uint32_t movie[] = {2, 0, 1};
    uint8_t value[] = {4, 10, 8};
    int64_t time[] = {0, 86400, 2 * 86400};
    const struct history h = {movie, value, time, 3};
    double slit[MODEL_NUMBERS] = {2, 1, 2, 1, 1, 0, 0, 0};
    float weight[3];
    weigh(&slit_model, slit, &h, weight);
    assert_float_equal(weight[0], 0, 0);
    assert_float_equal(weight[1], exp(-0.5), 1e-6);
    assert_float_equal(weight[2], 1, 0);
    slit[6] = 4 * 86400; /* past_seconds */
    weigh(&slit_model, slit, &h, weight);
    assert_float_equal(weight[1], exp(-0.5 - 0.25), 1e-6);
    assert_float_equal(weight[2], 1, 0);
    weigh(&ease_liked_model, NULL, &h, weight); /* the user's mean is 3 2/3 */
    assert_true(weight[0] == 0.0F && weight[1] == 1.0F && weight[2] == 1.0F);
    weigh(&ease_residual_model, NULL, &h, weight); /* -1, 1, 0.5 less the user's bias 0.5 / 5 */
    assert_float_equal(weight[0], -1.1, 1e-6);
    assert_float_equal(weight[1], 0.9, 1e-6);
    assert_float_equal(weight[2], 0.4, 1e-6);
}

/* EASE under its four weightings of the history, and the rarity of the target. */
static void test_scores(void **state) {
    (void)state;
    struct error err = {0};
    uint32_t movie[] = {2, 0, 1, 2};
    uint8_t value[] = {4, 10, 8, 6};
    int64_t time[] = {0, 1, 2, 3};
    float recent[] = {0.5F, 0.25F, 2, 1}, x[3 * 4];
    const uint32_t all[] = {0, 1, 2};
    const struct history h = {movie, value, time, 4};
    const struct query q = {.history = &h, .recent = recent};
    const struct score_block block = {.movie = all, .n = 3};
    struct models models = {.baseline.n_movies = 3, .rarity = (float[]){1, 2, 4}};
    struct item_item m = {.model = &ease_model};
    m.weights = (struct csr){
        3, 3, 3, (uint64_t[]){0, 1, 3, 3}, (uint32_t[]){2, 0, 1}, (float[]){0.5F, 2.0F, -1.0F}};
    void *work = NULL;
    assert_int_equal(item_item_work_create(&work, &models, &m, &err), STATUS_OK);
    assert_int_equal(item_item_prepare(work, &q, &err), STATUS_OK);
    item_item_score(work, &block, x, 4);
    const float expected[] = {2, 4, 2, 0, -1, -2, -1, 0, 0.5F, 0.125F, 0.5F, 0};
    for (size_t i = 0; i < 3 * 4; i++) {
        assert_float_equal(x[i], expected[i], 1e-6);
    }
    item_item_work_release(work);
    m.model = &slit_model;
    m.number[0] = 1e9; /* tau_past */
    m.number[2] = 9;   /* window_past */
    assert_int_equal(item_item_work_create(&work, &models, &m, &err), STATUS_OK);
    assert_int_equal(item_item_prepare(work, &q, &err), STATUS_OK);
    item_item_score(work, &block, x, 2);
    const float rare[] = {2, 2, -1, -2, 0.5F, 2};
    for (size_t i = 0; i < 3 * 2; i++) {
        assert_float_equal(x[i], rare[i], 1e-6);
    }
    item_item_work_release(work);
}

static void assert_list_refuses(struct instance_list *list, const struct model *model,
                                const char *const *bad, size_t n) {
    struct error err = {0};
    size_t before = list->count;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(instances_add_list(list, model, bad[i], &err), STATUS_USAGE);
    }
    assert_int_equal(list->count, before);
}

static void test_transition_list(void **state) {
    (void)state;
    struct instance_list list = {.count = 0};
    struct error err = {0};
    AUTO(buf) struct buf text = {0};
    assert_int_equal(
        instances_add_list(&list, &slit_model, "a:5:3:30:8:300,b-2:1:0.5:4:2:10:1:600:60", &err),
        STATUS_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.instance[1].name, "b-2");
    assert_true(list.instance[1].number[1] == 0.5);
    assert_int_equal(instance_describe(&text, &list.instance[0], &err), STATUS_OK);
    assert_string_equal(text.data,
                        "tau_past=5 tau_future=3 window_past=30 window_future=8 lambda=300 "
                        "relative=0 past_seconds=0 future_seconds=0");
    buf_clear(&text);
    assert_int_equal(instance_describe(&text, &list.instance[1], &err), STATUS_OK);
    assert_string_equal(text.data, "tau_past=1 tau_future=0.5 window_past=4 window_future=2 "
                                   "lambda=10 relative=1 past_seconds=600 future_seconds=60");
    static const char *const bad[] = {"a",
                                      "c:5:3:30:8",
                                      "c:5:3:30:8:0",
                                      "c:5:3:0:8:1",
                                      "c:5:3:30:8:1:2:3:4:5",
                                      "c:5:3:30:8:1:-1",
                                      ":5:3:30:8:1",
                                      "A:5:3:30:8:1",
                                      "c:5:x:30:8:1",
                                      "a:5:3:30:8:1",
                                      "c:nan:3:30:8:1",
                                      "c:5:3:2.5:8:1"};
    assert_list_refuses(&list, &slit_model, bad, sizeof bad / sizeof bad[0]);
    assert_int_equal(instances_add_list(&list, &slit_model, "c:5:3", &err), STATUS_USAGE);
    assert_non_null(strstr(err.text, "\"c:5:3\" is not name:tau_past:tau_future:window_past:"
                                     "window_future:lambda[:relative[:past_seconds"
                                     "[:future_seconds]]]"));
}

static void test_window_list(void **state) {
    (void)state;
    struct instance_list list = {.count = 0};
    struct error err = {0};
    AUTO(buf) struct buf text = {0};
    assert_int_equal(instances_add_list(&list, &window_model, "a:5:10:300,b:0.5:200:3:0.5", &err),
                     STATUS_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(instance_describe(&text, &list.instance[1], &err), STATUS_OK);
    assert_string_equal(text.data, "tau=0.5 width=200 lambda=3 relative=0.5");
    static const char *const bad[] = {"c:5:10",     "c:5:0:300",      "c:5:201:300",
                                      "c:5:2.5:1",  "c:5:10:300:1:1", "c:0:10:1",
                                      "a:5:10:300", "c:5:10:300:-1"};
    assert_list_refuses(&list, &window_model, bad, sizeof bad / sizeof bad[0]);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    dense_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ease),
        cmocka_unit_test(test_ease_of_few_users),
        cmocka_unit_test(test_transition),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_pruning_keeps_the_strongest),
        cmocka_unit_test(test_item_limit),
        cmocka_unit_test(test_baseline),
        cmocka_unit_test(test_item_min_ratings),
        cmocka_unit_test(test_same_bytes_at_any_thread_count),
        cmocka_unit_test(test_history_weights),
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_transition_list),
        cmocka_unit_test(test_window_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
