#include "stages/ranker/samples.h"

#include "common/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- movies a user has seen ---- */

static int compare_u32(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

enum status seen_build(struct seen *out, const struct ratings *ratings, struct error *err) {
    *out = (struct seen){.n_users = ratings->n_users, .n_movies = ratings->n_movies};
    TRY(MEM_NEW(&out->offset, (size_t)ratings->n_users + 1, err));
    TRY(MEM_NEW(&out->movie, (size_t)ratings->count, err));
    memcpy(out->offset, ratings->offset, ((size_t)ratings->n_users + 1) * sizeof *out->offset);
    memcpy(out->movie, ratings->movie, (size_t)ratings->count * sizeof *out->movie);
#pragma omp parallel for schedule(dynamic, 64)
    for (uint32_t u = 0; u < out->n_users; u++) {
        qsort(out->movie + out->offset[u], (size_t)(out->offset[u + 1] - out->offset[u]),
              sizeof *out->movie, compare_u32);
    }
    return STATUS_OK;
}

void seen_release(struct seen *s) {
    mem_free(s->offset);
    mem_free(s->movie);
    *s = (struct seen){0};
}

static bool has_seen(const struct seen *s, uint32_t user, uint32_t movie) {
    uint64_t low = s->offset[user], high = s->offset[user + 1];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (s->movie[middle] == movie) return true;
        if (s->movie[middle] < movie) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

void seen_draw(const struct seen *s, uint32_t user, struct rng *rng, size_t n, uint32_t *movie) {
    for (size_t i = 0; i < n; i++) {
        uint32_t candidate = rng_below(rng, s->n_movies);
        for (int tries = 1; tries < 100 && has_seen(s, user, candidate); tries++) {
            candidate = rng_below(rng, s->n_movies);
        }
        movie[i] = candidate;
    }
}

/* ---- sets ---- */

void samples_release(struct samples *s) {
    mem_free(s->x);
    mem_free(s->user);
    mem_free(s->movie);
    mem_free(s->log_q);
    mem_free(s->rating);
    *s = (struct samples){0};
}

/* Reads the columns "<set>.x" and its companions, whose shapes must agree. */
static enum status load_set(struct samples *out, const struct artifact *a, const char *set,
                            bool has_log_q, struct error *err) {
    char x[16], user[16], movie[16], rating[16], log_q[16];
    snprintf(x, sizeof x, "%s.x", set);
    snprintf(user, sizeof user, "%s.user", set);
    snprintf(movie, sizeof movie, "%s.movie", set);
    snprintf(rating, sizeof rating, "%s.rating", set);
    snprintf(log_q, sizeof log_q, "%s.log_q", set);
    const struct column_info *info = artifact_column(a, x);
    if (info == NULL || info->n_dims != 3 || info->shape[2] > UINT16_MAX) {
        return error_set(err, STATUS_DAMAGED, "%s: column %s: not groups by rows by features",
                         artifact_path(a), x);
    }
    out->n_groups = (size_t)info->shape[0];
    out->group_size = (size_t)info->shape[1];
    out->n_features = (uint32_t)info->shape[2];
    uint64_t groups = info->shape[0], rows = groups * info->shape[1];
    TRY(artifact_read(a, x, DTYPE_F16, info->count, &out->x, err));
    TRY(artifact_read(a, user, DTYPE_U32, groups, &out->user, err));
    TRY(artifact_read(a, movie, DTYPE_U32, rows, &out->movie, err));
    TRY(artifact_read(a, rating, DTYPE_U8, groups, &out->rating, err));
    if (!has_log_q) return STATUS_OK;
    return artifact_read(a, log_q, DTYPE_F32, rows, &out->log_q, err);
}

enum status samples_load(struct samples *train, struct samples *newcomers, struct samples *valid,
                         const struct artifact *a, struct error *err) {
    TRY(load_set(train, a, "train", true, err));
    if (artifact_column(a, "newcomer.x") != NULL) {
        TRY(load_set(newcomers, a, "newcomer", true, err));
    }
    TRY(load_set(valid, a, "valid", false, err));
    if (train->n_groups == 0 || train->group_size == 0) {
        return error_set(err, STATUS_FAILED, "%s: no training rows", artifact_path(a));
    }
    return STATUS_OK;
}

enum status samples_of_ratings(struct samples *out, const struct ratings *ratings,
                               struct seen *seen, size_t negatives, struct error *err) {
    size_t n = (size_t)ratings->count;
    *out = (struct samples){.n_groups = n, .group_size = 1 + negatives, .draw = seen};
    if (n == 0) return error_set(err, STATUS_FAILED, "the view has no ratings to train on");
    TRY(MEM_NEW(&out->user, n, err));
    TRY(MEM_NEW(&out->movie, n, err));
    TRY(MEM_NEW(&out->rating, n, err));
    memcpy(out->movie, ratings->movie, n * sizeof *out->movie);
    memcpy(out->rating, ratings->value, n);
    for (uint32_t u = 0; u < ratings->n_users; u++) {
        for (uint64_t i = ratings->offset[u]; i < ratings->offset[u + 1]; i++) {
            out->user[i] = u;
        }
    }
    return STATUS_OK;
}

/* Draws the negatives of a validation group; never its own positive. */
static void draw_group(uint32_t *movie, const struct seen *seen, uint32_t user, uint32_t positive,
                       size_t negatives, struct rng *rng) {
    movie[0] = positive;
    for (size_t i = 1; i <= negatives; i++) {
        seen_draw(seen, user, rng, 1, &movie[i]);
        for (int tries = 1; tries < 100 && movie[i] == positive; tries++) {
            seen_draw(seen, user, rng, 1, &movie[i]);
        }
    }
}

enum status samples_of_role(struct samples *out, const struct ratings *all, const uint8_t *role,
                            const struct seen *seen, size_t negatives, uint64_t seed,
                            struct error *err) {
    size_t n = 0, size = 1 + negatives;
    for (uint64_t i = 0; i < all->count; i++) {
        n += role[i] == ROLE_VALID;
    }
    *out = (struct samples){.n_groups = n, .group_size = size};
    TRY(MEM_NEW(&out->user, n, err));
    TRY(mem_alloc(&out->movie, n, size * sizeof *out->movie, err));
    TRY(MEM_NEW(&out->rating, n, err));
    size_t group = 0;
    for (uint32_t u = 0; u < all->n_users; u++) {
        for (uint64_t i = all->offset[u]; i < all->offset[u + 1]; i++) {
            if (role[i] != ROLE_VALID) continue;
            struct rng rng = rng_keyed(seed, "ranker.valid", 0, group);
            out->user[group] = u;
            out->rating[group] = all->value[i];
            draw_group(out->movie + group * size, seen, u, all->movie[i], negatives, &rng);
            group++;
        }
    }
    return STATUS_OK;
}

static void raise_extent(const struct samples *s, uint32_t *n_users, uint32_t *n_movies) {
    for (size_t i = 0; i < s->n_groups; i++) {
        if (s->user[i] != NO_INDEX && s->user[i] >= *n_users) *n_users = s->user[i] + 1;
    }
    size_t rows = s->n_groups * (s->draw != NULL ? 1 : s->group_size);
    for (size_t i = 0; i < rows; i++) {
        if (s->movie[i] != NO_INDEX && s->movie[i] >= *n_movies) *n_movies = s->movie[i] + 1;
    }
}

void samples_extent(const struct samples *train, const struct samples *newcomers,
                    const struct samples *valid, uint32_t *n_users, uint32_t *n_movies) {
    *n_users = *n_movies = 0;
    raise_extent(train, n_users, n_movies);
    raise_extent(newcomers, n_users, n_movies);
    raise_extent(valid, n_users, n_movies);
}

double samples_mean_stars(const struct samples *s) {
    uint64_t half_stars = 0;
    for (size_t i = 0; i < s->n_groups; i++) {
        half_stars += s->rating[i];
    }
    return s->n_groups > 0 ? 0.5 * (double)half_stars / (double)s->n_groups : 0;
}
