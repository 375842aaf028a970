/* Gathering rows for the network, and the scaling of the features. */
#include "stages/ranker/samples.h"

#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/data/rating_scale.h"

#include <math.h>
#include <string.h>

enum tile_limits { SCALING_BLOCK = 8192 /* rows of one partial sum */ };

/* Sums of one block of rows: count, sum, and sum of squares about `origin` per feature. */
static void block_sums(const struct samples *s, size_t first, size_t n, const float *origin,
                       float *row, double *sums) {
    size_t features = s->n_features;
    for (size_t i = first; i < first + n; i++) {
        half_to_floats(s->x + i * features, features, row);
        for (size_t j = 0; j < features; j++) {
            double d = (double)row[j] - (double)origin[j];
            if (isnan(d)) continue;
            sums[3 * j] += 1;
            sums[3 * j + 1] += d;
            sums[3 * j + 2] += d * d;
        }
    }
}

static void scaling_of_sums(const double *sums, size_t n_blocks, size_t features,
                            const float *origin, float *mean, float *scale) {
    for (size_t j = 0; j < features; j++) {
        double count = 0, sum = 0, square = 0;
        for (size_t b = 0; b < n_blocks; b++) {
            const double *block = sums + (b * features + j) * 3;
            count += block[0];
            sum += block[1];
            square += block[2];
        }
        double shift = count > 0 ? sum / count : 0;
        double variance = count > 0 ? square / count - shift * shift : 0;
        double centre = (count > 0 ? (double)origin[j] : 0) + shift;
        bool constant = variance <= 1e-10 * (1e-10 + centre * centre);
        mean[j] = (float)centre;
        scale[j] = constant ? 0.0f : (float)(1 / sqrt(variance));
    }
}

enum status samples_scaling(const struct samples *s, float *mean, float *scale, struct error *err) {
    size_t rows = s->n_settled * s->group_size, features = s->n_features;
    if (features == 0) return STATUS_OK;
    size_t n_blocks = (rows + SCALING_BLOCK - 1) / SCALING_BLOCK;
    MEM_AUTO double *sums = NULL;
    MEM_AUTO float *origin = NULL, *scratch = NULL;
    TRY(mem_alloc(&sums, n_blocks, 3 * features * sizeof *sums, err));
    TRY(mem_alloc(&scratch, n_blocks, features * sizeof *scratch, err));
    TRY(MEM_NEW(&origin, features, err));
    /* About the first row, not about 0, so that a small deviation of large values survives. */
    if (rows > 0) half_to_floats(s->x, features, origin);
    for (size_t j = 0; j < features; j++) {
        if (!isfinite(origin[j])) origin[j] = 0.0f;
    }
#pragma omp parallel for schedule(dynamic)
    for (size_t b = 0; b < n_blocks; b++) {
        size_t first = b * SCALING_BLOCK;
        size_t n = rows - first < SCALING_BLOCK ? rows - first : SCALING_BLOCK;
        block_sums(s, first, n, origin, scratch + b * features, sums + 3 * b * features);
    }
    scaling_of_sums(sums, n_blocks, features, origin, mean, scale);
    return STATUS_OK;
}

enum status tile_alloc(struct tile *t, const struct samples *s, size_t max_rows,
                       struct error *err) {
    *t = (struct tile){.max_rows = max_rows};
    TRY(mem_alloc(&t->x, max_rows, s->n_features * sizeof *t->x, err));
    TRY(MEM_NEW(&t->user, max_rows, err));
    TRY(MEM_NEW(&t->movie, max_rows, err));
    TRY(MEM_NEW(&t->target, max_rows, err));
    if (s->log_q != NULL) TRY(MEM_NEW(&t->log_q, max_rows, err));
    return STATUS_OK;
}

void tile_release(struct tile *t) {
    mem_free(t->x);
    mem_free(t->user);
    mem_free(t->movie);
    mem_free(t->log_q);
    mem_free(t->target);
    *t = (struct tile){0};
}

static void fill_group(struct tile *t, size_t at, const struct samples *s, uint32_t group,
                       size_t rows, struct rng *rng) {
    uint32_t user = s->user[group];
    for (size_t i = 0; i < rows; i++) {
        t->user[at + i] = user;
    }
    if (s->draw != NULL) {
        t->movie[at] = s->movie[group];
        if (rows > 1) unseen_draw(s->draw, user, rng, rows - 1, t->movie + at + 1);
    } else {
        memcpy(t->movie + at, s->movie + group * s->group_size, rows * sizeof *t->movie);
    }
    if (s->x != NULL) {
        half_to_floats(s->x + group * s->group_size * s->n_features, rows * s->n_features,
                       t->x + at * s->n_features);
    }
    if (s->log_q != NULL) {
        memcpy(t->log_q + at, s->log_q + group * s->group_size, rows * sizeof *t->log_q);
    }
}

void tile_fill(struct tile *t, const struct samples *s, const uint32_t *group, size_t n,
               size_t rows, double mean_stars, struct rng *rng) {
    t->n_rows = n * rows;
    for (size_t i = 0; i < n; i++) {
        fill_group(t, i * rows, s, group[i], rows, rng);
        t->target[i] = (float)(stars_of(s->rating[group[i]]) - mean_stars);
    }
}
