#include "stages/split/targets.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/rating_scale.h"
#include "common/data/roles.h"

static enum status alloc(struct test_set *t, uint32_t n_users, uint64_t count, struct error *err) {
    *t = (struct test_set){.n_users = n_users};
    TRY(MEM_NEW(&t->offset, (size_t)n_users + 1, err));
    TRY(MEM_NEW(&t->movie, count, err));
    TRY(MEM_NEW(&t->rating, count, err));
    return MEM_NEW(&t->time, count, err);
}

enum status targets_from_roles(struct test_set *out, const struct ratings *ratings,
                               const uint8_t *role, struct error *err) {
    uint64_t count = 0;
    for (uint64_t i = 0; i < ratings->count; i++)
        count += role[i] == ROLE_TEST;
    TRY(alloc(out, ratings->n_users, count, err));
    uint64_t n = 0;
    for (uint32_t u = 0; u < ratings->n_users; u++) {
        for (uint64_t i = ratings->offset[u]; i < ratings->offset[u + 1]; i++) {
            if (role[i] != ROLE_TEST) continue;
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

struct draw {
    const struct ratings *ratings;
    const struct test_set *targets;
    uint32_t *taken;  /* [n_movies] last user (+ 1) for whom the movie is excluded */
    uint32_t *unseen; /* [n_movies] scratch */
};

/* Marks what the user knows; returns how many movies are left. */
static uint32_t mark_known(struct draw *d, uint32_t user) {
    const struct ratings *r = d->ratings;
    const struct test_set *t = d->targets;
    uint32_t left = r->n_movies;
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        left -= d->taken[r->movie[i]] != user + 1;
        d->taken[r->movie[i]] = user + 1;
    }
    for (uint64_t i = t->offset[user]; i < t->offset[user + 1]; i++) {
        left -= d->taken[t->movie[i]] != user + 1;
        d->taken[t->movie[i]] = user + 1;
    }
    return left;
}

/* Draws again when a movie is taken, while that is rare; otherwise shuffles a list of those left.
 */
static uint32_t draw_for_user(struct draw *d, uint32_t user, uint32_t count, uint64_t seed,
                              uint32_t *out) {
    uint32_t n_movies = d->ratings->n_movies, left = mark_known(d, user), n = 0;
    struct rng rng = rng_keyed(seed, "split.candidates", 0, user);
    if (left >= n_movies / 2 && count <= left / 2) {
        while (n < count) {
            uint32_t movie = rng_below(&rng, n_movies);
            if (d->taken[movie] == user + 1) continue;
            d->taken[movie] = user + 1;
            out[n++] = movie;
        }
        return count;
    }
    for (uint32_t movie = 0; movie < n_movies; movie++)
        if (d->taken[movie] != user + 1) d->unseen[n++] = movie;
    rng_shuffle_u32(&rng, d->unseen, n);
    if (n > count) n = count;
    for (uint32_t i = 0; i < n; i++)
        out[i] = d->unseen[i];
    return n;
}

uint32_t targets_users(const struct test_set *t) {
    uint32_t n = 0;
    for (uint32_t u = 0; u < t->n_users; u++)
        n += t->offset[u] < t->offset[u + 1];
    return n;
}

enum status targets_draw_candidates(struct test_set *t, const struct ratings *ratings,
                                    uint32_t count, uint64_t seed, struct error *err) {
    MEM_AUTO uint32_t *taken = NULL;
    MEM_AUTO uint32_t *unseen = NULL;
    size_t total = 0, n = 0;
    if (!mem_multiply(targets_users(t), count, &total))
        return error_set(err, STATUS_FAILED, "%u candidates per user are too many", count);
    TRY(MEM_NEW(&taken, ratings->n_movies, err));
    TRY(MEM_NEW(&unseen, ratings->n_movies, err));
    TRY(MEM_NEW(&t->candidate_offset, (size_t)t->n_users + 1, err));
    TRY(MEM_NEW(&t->candidate_movie, total, err));
    struct draw d = {.ratings = ratings, .targets = t, .taken = taken, .unseen = unseen};
    for (uint32_t u = 0; u < t->n_users; u++) {
        if (t->offset[u] < t->offset[u + 1])
            n += draw_for_user(&d, u, count, seed, t->candidate_movie + n);
        t->candidate_offset[u + 1] = n;
    }
    return STATUS_OK;
}
