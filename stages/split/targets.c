#include "stages/split/targets.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/negative_sampler.h"
#include "common/data/rating_scale.h"
#include "common/data/roles.h"

static enum status alloc(struct test_set *t, uint32_t n_users, uint64_t count, struct error *err) {
    *t = (struct test_set){.n_users = n_users};
    TRY(MEM_NEW(&t->offset, (size_t)n_users + 1, err));
    TRY(MEM_NEW(&t->movie, count, err));
    TRY(MEM_NEW(&t->rating, count, err));
    return MEM_NEW(&t->time, count, err);
}

/* Whether the user's held-out rating number k of n is to be found; `lot` is the one drawn. */
static bool is_target(enum target_rule target, uint64_t k, uint64_t n, uint64_t lot) {
    switch (target) {
    case TARGET_FIRST:
        return k == 0;
    case TARGET_LAST:
        return k + 1 == n;
    case TARGET_RANDOM:
        return k == lot;
    case TARGET_ALL:
    case TARGET_SUCCESSIVE:
        break;
    }
    return true;
}

static uint64_t count_held_out(const struct ratings *r, const uint8_t *role, uint32_t user) {
    uint64_t n = 0;
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++)
        n += role[i] == ROLE_TEST;
    return n;
}

static uint64_t draw_lot(uint64_t seed, uint32_t user, uint64_t n) {
    struct rng rng = rng_keyed(seed, "split.target", 0, user);
    return n > 0 ? rng_below(&rng, (uint32_t)n) : 0;
}

enum status targets_from_roles(struct test_set *out, const struct ratings *ratings,
                               const uint8_t *role, enum target_rule target, uint64_t seed,
                               struct error *err) {
    uint64_t count = 0, n = 0;
    for (uint32_t u = 0; u < ratings->n_users; u++)
        count += count_held_out(ratings, role, u);
    TRY(alloc(out, ratings->n_users, count, err));
    for (uint32_t u = 0; u < ratings->n_users; u++) {
        const uint64_t of_user = count_held_out(ratings, role, u), lot = draw_lot(seed, u, of_user);
        uint64_t k = 0;
        for (uint64_t i = ratings->offset[u]; i < ratings->offset[u + 1]; i++) {
            if (role[i] != ROLE_TEST || !is_target(target, k++, of_user, lot)) continue;
            out->movie[n] = ratings->movie[i];
            out->rating[n] = (float)stars_of(ratings->value[i]);
            out->time[n++] = ratings->time[i];
        }
        out->offset[u + 1] = n;
    }
    return STATUS_OK;
}

static int64_t newest_time(const struct ratings *r, uint32_t user) {
    return r->offset[user] < r->offset[user + 1] ? r->time[r->offset[user + 1] - 1] : 0;
}

enum status targets_from_pairs(struct test_set *out, const struct pairs *pairs,
                               const struct ratings *ratings, struct error *err) {
    TRY(alloc(out, pairs->n_users, pairs->offset[pairs->n_users], err));
    for (uint32_t u = 0; u < pairs->n_users; u++) {
        out->offset[u + 1] = pairs->offset[u + 1];
        for (uint64_t i = pairs->offset[u]; i < pairs->offset[u + 1]; i++) {
            uint64_t at = ratings_find(ratings, u, pairs->movie[i]);
            bool known = at != UINT64_MAX;
            out->movie[i] = pairs->movie[i];
            out->rating[i] = known ? (float)stars_of(ratings->value[at]) : pairs->rating[i];
            out->time[i] = known                         ? ratings->time[at]
                           : pairs->time[i] != INT64_MIN ? pairs->time[i]
                                                         : newest_time(ratings, u);
        }
    }
    return STATUS_OK;
}

/* ---- candidates ---- */

/* Marks what the user has rated, and what is to be found. */
static void mark_known(struct pool *p, const struct ratings *r, const struct test_set *t,
                       uint32_t user) {
    pool_clear(p);
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++)
        pool_mark(p, r->movie[i]);
    for (uint64_t i = t->offset[user]; i < t->offset[user + 1]; i++)
        pool_mark(p, t->movie[i]);
}

uint32_t targets_users(const struct test_set *t) {
    uint32_t n = 0;
    for (uint32_t u = 0; u < t->n_users; u++)
        n += t->offset[u] < t->offset[u + 1];
    return n;
}

enum status targets_draw_candidates(struct test_set *t, const struct ratings *ratings,
                                    uint32_t count, uint64_t seed, struct error *err) {
    AUTO(pool) struct pool pool = {0};
    size_t total = 0, n = 0;
    if (!mem_multiply(targets_users(t), count, &total))
        return error_set(err, STATUS_FAILED, "%u candidates per user are too many", count);
    TRY(pool_alloc(&pool, ratings->n_movies, err));
    TRY(MEM_NEW(&t->candidate_offset, (size_t)t->n_users + 1, err));
    TRY(MEM_NEW(&t->candidate_movie, total, err));
    for (uint32_t u = 0; u < t->n_users; u++) {
        if (t->offset[u] < t->offset[u + 1]) {
            struct rng rng = rng_keyed(seed, "split.candidates", 0, u);
            mark_known(&pool, ratings, t, u);
            n += pool_sample(&pool, &rng, count, t->candidate_movie + n);
        }
        t->candidate_offset[u + 1] = n;
    }
    return STATUS_OK;
}
