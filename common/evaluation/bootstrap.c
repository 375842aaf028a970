#include "common/evaluation/bootstrap.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/dense.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Resamples are drawn in blocks so that the matrix of their weights stays small; a resample's
 * random stream is keyed by its number alone, so every metric and model sees the same resamples. */
enum { BLOCK = 50 };

static void draw_resample(float *weight, size_t n, uint64_t seed, uint64_t number) {
    struct rng rng = rng_keyed(seed, "evaluate.bootstrap", 0, number);
    memset(weight, 0, n * sizeof(*weight));
    for (size_t i = 0; i < n; i++) {
        weight[rng_below(&rng, (uint32_t)n)] += 1;
    }
}

static void draw_signs(float *sign, size_t n, uint64_t seed, uint64_t number) {
    struct rng rng = rng_keyed(seed, "evaluate.signs", 0, number);
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % 64 == 0) bits = rng_u64(&rng);
        sign[i] = (bits >> (i % 64)) & 1 ? 1.0f : -1.0f;
    }
}

typedef void draw_function(float *weight, size_t n, uint64_t seed, uint64_t number);

/* sums[rounds, n_columns] = drawn weights [rounds, n] times x [n, n_columns] */
static enum status weighted_sums(float *sums, draw_function *draw, uint32_t rounds, const float *x,
                                 size_t n, size_t n_columns, uint64_t seed, struct error *err) {
    MEM_AUTO float *weight = NULL;
    TRY(MEM_NEW(&weight, BLOCK * n, err));
    for (uint32_t first = 0; first < rounds; first += BLOCK) {
        size_t count = rounds - first < BLOCK ? rounds - first : BLOCK;
#pragma omp parallel for schedule(static)
        for (size_t r = 0; r < count; r++) {
            draw(weight + r * n, n, seed, first + r);
        }
        dense_gemm_parallel('N', 'N', count, n_columns, n, 1, weight, n, x, n_columns, 0,
                            sums + first * n_columns, n_columns);
    }
    return STATUS_OK;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the resampled values and takes the 2.5th and 97.5th percentiles. */
static void percentile_interval(struct estimate *out, double *resampled, size_t rounds) {
    if (rounds == 0) {
        out->low = out->high = out->value;
        return;
    }
    qsort(resampled, rounds, sizeof(*resampled), by_value);
    size_t cut = (size_t)(0.025 * (double)(rounds - 1) + 0.5);
    out->low = resampled[cut];
    out->high = resampled[rounds - 1 - cut];
}

static double column_sum(const float *x, size_t n, size_t stride) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)x[i * stride];
    }
    return sum;
}

/* The rows of x[n, n_columns] summed by user, and how many rows each user has: sum [users,
 * n_columns], count [users]. */
struct by_user {
    float *sum, *count;
    size_t n;
};

static void by_user_release(struct by_user *b) {
    mem_free(b->sum);
    mem_free(b->count);
}

static enum status sum_by_user(struct by_user *out, const float *x, const uint32_t *user, size_t n,
                               size_t n_columns, struct error *err) {
    TRY(MEM_NEW(&out->sum, n * n_columns, err));
    TRY(MEM_NEW(&out->count, n, err));
    for (size_t i = 0; i < n; i++) {
        bool another = i == 0 || user == NULL || user[i] != user[i - 1];
        out->n += another;
        float *sum = out->sum + (out->n - 1) * n_columns;
        out->count[out->n - 1] += 1;
        for (size_t c = 0; c < n_columns; c++) {
            sum[c] += x[i * n_columns + c];
        }
    }
    return STATUS_OK;
}

enum status bootstrap_means(struct estimate *out, const float *x, const uint32_t *user, size_t n,
                            size_t n_columns, const struct bootstrap_options *options,
                            struct error *err) {
    uint32_t rounds = options->bootstrap;
    AUTO(by_user) struct by_user users = {0};
    MEM_AUTO float *sums = NULL, *counts = NULL;
    MEM_AUTO double *resampled = NULL;
    TRY(sum_by_user(&users, x, user, n, n_columns, err));
    TRY(MEM_NEW(&sums, (size_t)rounds * n_columns, err));
    TRY(MEM_NEW(&counts, rounds, err));
    TRY(MEM_NEW(&resampled, rounds, err));
    TRY(weighted_sums(sums, draw_resample, rounds, users.sum, users.n, n_columns, options->seed,
                      err));
    TRY(weighted_sums(counts, draw_resample, rounds, users.count, users.n, 1, options->seed, err));
    for (size_t c = 0; c < n_columns; c++) {
        out[c].value = column_sum(x + c, n, n_columns) / (double)n;
        for (size_t r = 0; r < rounds; r++) {
            resampled[r] = (double)sums[r * n_columns + c] / (double)counts[r];
        }
        percentile_interval(&out[c], resampled, rounds);
    }
    return STATUS_OK;
}

static double ratio_of(double numerator, double count, bool root) {
    double ratio = count > 0 ? numerator / count : 0;
    return root ? sqrt(ratio) : ratio;
}

enum status bootstrap_ratio(struct estimate *out, const float *numerator, const float *count,
                            const uint32_t *user, size_t n, bool root,
                            const struct bootstrap_options *options, struct error *err) {
    uint32_t rounds = options->bootstrap;
    AUTO(by_user) struct by_user users = {0};
    MEM_AUTO float *x = NULL;
    MEM_AUTO float *sums = NULL;
    MEM_AUTO double *resampled = NULL;
    TRY(MEM_NEW(&x, n * 2, err));
    TRY(MEM_NEW(&sums, (size_t)rounds * 2, err));
    TRY(MEM_NEW(&resampled, rounds, err));
    for (size_t i = 0; i < n; i++) {
        x[2 * i] = numerator[i];
        x[2 * i + 1] = count[i];
    }
    TRY(sum_by_user(&users, x, user, n, 2, err));
    TRY(weighted_sums(sums, draw_resample, rounds, users.sum, users.n, 2, options->seed, err));
    for (size_t r = 0; r < rounds; r++) {
        resampled[r] = ratio_of((double)sums[2 * r], (double)sums[2 * r + 1], root);
    }
    out->value = ratio_of(column_sum(x, n, 2), column_sum(x + 1, n, 2), root);
    percentile_interval(out, resampled, rounds);
    return STATUS_OK;
}

enum status sign_flip_tests(double *p, const float *difference, const uint32_t *user, size_t n,
                            size_t n_columns, const struct bootstrap_options *options,
                            struct error *err) {
    uint32_t rounds = options->permutation;
    AUTO(by_user) struct by_user users = {0};
    MEM_AUTO float *sums = NULL;
    TRY(sum_by_user(&users, difference, user, n, n_columns, err));
    TRY(MEM_NEW(&sums, (size_t)rounds * n_columns, err));
    TRY(weighted_sums(sums, draw_signs, rounds, users.sum, users.n, n_columns, options->seed, err));
    for (size_t c = 0; c < n_columns; c++) {
        double observed = fabs(column_sum(difference + c, n, n_columns));
        size_t as_large = 0;
        for (size_t r = 0; r < rounds; r++) {
            /* The tolerance keeps a sum that differs only by rounding from counting as smaller. */
            as_large += fabs((double)sums[r * n_columns + c]) >= observed - 1e-6 * (1 + observed);
        }
        p[c] = (1.0 + (double)as_large) / (1.0 + (double)rounds);
    }
    return STATUS_OK;
}

/* p[i] times the number of p-values that are not smaller. */
static double stepped(const double *p, size_t n, size_t i) {
    size_t smaller = 0;
    for (size_t j = 0; j < n; j++) {
        smaller += p[j] < p[i] || (p[j] == p[i] && j < i);
    }
    return fmin(1, p[i] * (double)(n - smaller));
}

void holm_adjust(double *adjusted, const double *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        adjusted[i] = 0;
        for (size_t j = 0; j < n; j++) {
            if (p[j] <= p[i]) adjusted[i] = fmax(adjusted[i], stepped(p, n, j));
        }
    }
}
