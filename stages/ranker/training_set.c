#include "stages/ranker/training_set.h"

#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"

#include <math.h>
#include <stdio.h>

/* ---- loading ---- */

/* One set of a features artifact: the columns "<name>.x" and its companions. */
struct set {
    const struct artifact *artifact;
    const char *name;
    size_t n_groups, group_size, n_features; /* all 0 if there is no such set */
};

static enum status set_shape(struct set *s, struct error *err) {
    char x[16];
    snprintf(x, sizeof x, "%s.x", s->name);
    const struct column_info *info = artifact_column(s->artifact, x);
    if (info == NULL) return STATUS_OK;
    if (info->shape[2] > UINT16_MAX) {
        return error_set(err, STATUS_DAMAGED, "%s: column %s: too many features",
                         artifact_path(s->artifact), x);
    }
    s->n_groups = (size_t)info->shape[0];
    s->group_size = (size_t)info->shape[1];
    s->n_features = (size_t)info->shape[2];
    return STATUS_OK;
}

static enum status set_read(const struct set *s, const char *column, enum dtype dtype,
                            size_t per_group, void *out, struct error *err) {
    char name[32];
    snprintf(name, sizeof name, "%s.%s", s->name, column);
    uint64_t count = (uint64_t)s->n_groups * per_group;
    return artifact_read_range(s->artifact, name, dtype, 0, count, out, err);
}

/* The set's groups, as those from `first` on. */
static enum status set_load(const struct set *s, struct samples *out, size_t first,
                            struct error *err) {
    size_t rows = s->group_size, row = first * rows;
    TRY(set_read(s, "x", DTYPE_F16, rows * s->n_features, out->x + row * s->n_features, err));
    TRY(set_read(s, "user", DTYPE_U32, 1, out->user + first, err));
    TRY(set_read(s, "movie", DTYPE_U32, rows, out->movie + row, err));
    TRY(set_read(s, "rating", DTYPE_U8, 1, out->rating + first, err));
    TRY(set_read(s, "weight", DTYPE_F32, 1, out->weight + first, err));
    TRY(set_read(s, "own_mean", DTYPE_F32, 1, out->own_mean + first, err));
    if (out->log_q == NULL) return STATUS_OK;
    return set_read(s, "log_q", DTYPE_F32, rows, out->log_q + row, err);
}

static enum status samples_alloc(struct samples *out, const struct set *like, size_t n_groups,
                                 bool has_log_q, struct error *err) {
    *out = (struct samples){.n_groups = n_groups,
                            .n_settled = like->n_groups,
                            .group_size = like->group_size,
                            .n_features = (uint32_t)like->n_features};
    size_t rows = n_groups * like->group_size;
    TRY(mem_alloc(&out->x, rows, like->n_features * sizeof *out->x, err));
    TRY(MEM_NEW(&out->user, n_groups, err));
    TRY(MEM_NEW(&out->movie, rows, err));
    TRY(MEM_NEW(&out->rating, n_groups, err));
    TRY(MEM_NEW(&out->weight, n_groups, err));
    TRY(MEM_NEW(&out->own_mean, n_groups, err));
    return has_log_q ? MEM_NEW(&out->log_q, rows, err) : STATUS_OK;
}

enum status samples_load(struct samples *train, struct samples *valid, const struct artifact *a,
                         struct error *err) {
    struct set settled = {.artifact = a, .name = "train"};
    struct set newcomers = {.artifact = a, .name = "newcomer"};
    struct set held_out = {.artifact = a, .name = "valid"};
    TRY(set_shape(&settled, err));
    TRY(set_shape(&newcomers, err));
    TRY(set_shape(&held_out, err));
    if (settled.n_groups == 0 || settled.group_size == 0) {
        return error_set(err, STATUS_FAILED, "%s: no training rows", artifact_path(a));
    }
    TRY(samples_alloc(train, &settled, settled.n_groups + newcomers.n_groups, true, err));
    TRY(set_load(&settled, train, 0, err));
    if (newcomers.n_groups > 0) TRY(set_load(&newcomers, train, settled.n_groups, err));
    TRY(samples_alloc(valid, &held_out, held_out.n_groups, false, err));
    return set_load(&held_out, valid, 0, err);
}

static void raise_extent(const struct samples *s, uint32_t *n_users, uint32_t *n_movies) {
    for (size_t i = 0; i < s->n_groups; i++) {
        if (s->user[i] != NO_INDEX && s->user[i] >= *n_users) *n_users = s->user[i] + 1;
    }
    size_t rows = s->n_groups * s->group_size;
    for (size_t i = 0; i < rows; i++) {
        if (s->movie[i] != NO_INDEX && s->movie[i] >= *n_movies) *n_movies = s->movie[i] + 1;
    }
}

void samples_extent(const struct samples *train, const struct samples *valid, uint32_t *n_users,
                    uint32_t *n_movies) {
    *n_users = *n_movies = 0;
    raise_extent(train, n_users, n_movies);
    raise_extent(valid, n_users, n_movies);
}

/* ---- scaling ---- */

enum { SCALING_BLOCK = 8192 /* rows of one partial sum */ };

/* Of a feature over one block of rows. */
struct moments {
    double sum, square; /* about the origin */
    float low, high;
};

static void block_moments(const struct samples *s, size_t first, size_t n, const float *origin,
                          float *row, struct moments *out) {
    size_t features = s->n_features;
    for (size_t j = 0; j < features; j++) {
        out[j] = (struct moments){0, 0, INFINITY, -INFINITY};
    }
    for (size_t i = first; i < first + n; i++) {
        half_to_floats(s->x + i * features, features, row);
        for (size_t j = 0; j < features; j++) {
            double d = (double)row[j] - (double)origin[j];
            out[j].sum += d;
            out[j].square += d * d;
            out[j].low = row[j] < out[j].low ? row[j] : out[j].low;
            out[j].high = row[j] > out[j].high ? row[j] : out[j].high;
        }
    }
}

static void ranges_of_moments(struct ranges *out, const struct moments *of, size_t n_blocks,
                              size_t rows, size_t features, const float *origin) {
    for (size_t j = 0; j < features; j++) {
        struct moments all = {0, 0, INFINITY, -INFINITY};
        for (size_t b = 0; b < n_blocks; b++) {
            const struct moments *block = &of[b * features + j];
            all.sum += block->sum;
            all.square += block->square;
            all.low = block->low < all.low ? block->low : all.low;
            all.high = block->high > all.high ? block->high : all.high;
        }
        double shift = all.sum / (double)rows;
        double variance = all.square / (double)rows - shift * shift;
        double centre = (double)origin[j] + shift;
        bool constant = variance <= 1e-10 * (1e-10 + centre * centre);
        out->mean[j] = (float)centre;
        out->scale[j] = constant ? 0.0f : (float)(1 / sqrt(variance));
        out->low[j] = all.low;
        out->high[j] = all.high;
    }
}

static enum status ranges_alloc(struct ranges *out, size_t features, struct error *err) {
    TRY(MEM_NEW(&out->mean, features, err));
    TRY(MEM_NEW(&out->scale, features, err));
    TRY(MEM_NEW(&out->low, features, err));
    return MEM_NEW(&out->high, features, err);
}

void ranges_release(struct ranges *r) {
    mem_free(r->mean);
    mem_free(r->scale);
    mem_free(r->low);
    mem_free(r->high);
    *r = (struct ranges){0};
}

enum status ranges_compute(struct ranges *out, const struct samples *s, struct error *err) {
    size_t rows = s->n_settled * s->group_size, features = s->n_features;
    size_t n_blocks = (rows + SCALING_BLOCK - 1) / SCALING_BLOCK;
    MEM_AUTO struct moments *moments = NULL;
    MEM_AUTO float *origin = NULL, *scratch = NULL;
    TRY(ranges_alloc(out, features, err));
    if (features == 0) return STATUS_OK;
    TRY(mem_alloc(&moments, n_blocks, features * sizeof *moments, err));
    TRY(mem_alloc(&scratch, n_blocks, features * sizeof *scratch, err));
    TRY(MEM_NEW(&origin, features, err));
    /* About the first row, not about 0, so that a small deviation of large values survives. */
    half_to_floats(s->x, features, origin);
#pragma omp parallel for schedule(dynamic)
    for (size_t b = 0; b < n_blocks; b++) {
        size_t first = b * SCALING_BLOCK;
        size_t n = rows - first < SCALING_BLOCK ? rows - first : SCALING_BLOCK;
        block_moments(s, first, n, origin, scratch + b * features, moments + b * features);
    }
    ranges_of_moments(out, moments, n_blocks, rows, features, origin);
    return STATUS_OK;
}
