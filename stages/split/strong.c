#include "stages/split/strong.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/rating_scale.h"
#include "common/data/roles.h"

#include <math.h>

static const double HELD_OUT = 0.2; /* of a user's ratings */

/* Leaves out ratings that are too low and users who have too few others; returns how many users
 * remain, listed in user[n_users]. */
static uint32_t leave_out_low(const struct strong_params *p, const struct ratings *r, uint8_t *role,
                              uint32_t *user) {
    uint32_t n = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        uint64_t kept = 0;
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            role[i] = stars_of(r->value[i]) < p->min_rating ? ROLE_LEFT_OUT : ROLE_BASE;
            kept += role[i] == ROLE_BASE;
        }
        if (kept > 0 && kept >= p->min_ratings) {
            user[n++] = u;
            continue;
        }
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++)
            role[i] = ROLE_LEFT_OUT;
    }
    return n;
}

/* Leaves out the users' ratings of movies that no training user has rated. */
static enum status leave_out_unknown(const struct ratings *r, const uint32_t *user,
                                     const uint32_t *training, uint32_t n_held_out,
                                     uint32_t n_training, uint8_t *role, struct error *err) {
    MEM_AUTO uint8_t *known = NULL;
    TRY(MEM_NEW(&known, r->n_movies, err));
    for (uint32_t k = 0; k < n_training; k++)
        for (uint64_t i = r->offset[training[k]]; i < r->offset[training[k] + 1]; i++)
            if (role[i] == ROLE_BASE) known[r->movie[i]] = 1;
    for (uint32_t k = 0; k < n_held_out; k++)
        for (uint64_t i = r->offset[user[k]]; i < r->offset[user[k] + 1]; i++)
            if (!known[r->movie[i]]) role[i] = ROLE_LEFT_OUT;
    return STATUS_OK;
}

/* Holds out a fifth of the user's remaining ratings; the others become known. */
static enum status cut_user(const struct strong_params *p, const struct ratings *r, uint32_t user,
                            enum role held_out, enum role known, uint8_t *role, struct error *err) {
    MEM_AUTO uint32_t *order = NULL;
    uint64_t first = r->offset[user];
    uint32_t n = 0;
    TRY(MEM_NEW(&order, r->offset[user + 1] - first, err));
    for (uint64_t i = first; i < r->offset[user + 1]; i++)
        if (role[i] == ROLE_BASE) order[n++] = (uint32_t)(i - first);
    struct rng rng = rng_keyed(p->seed, "split.strong.fold-in", 0, user);
    rng_shuffle_u32(&rng, order, n);
    uint32_t n_held_out = n < p->min_ratings ? 0 : (uint32_t)floor(HELD_OUT * n);
    for (uint32_t k = 0; k < n; k++)
        role[first + order[k]] = (uint8_t)(k < n_held_out ? held_out : known);
    return STATUS_OK;
}

enum status strong_assign(const struct strong_params *p, const struct ratings *r, uint8_t *role,
                          struct error *err) {
    MEM_AUTO uint32_t *user = NULL;
    TRY(MEM_NEW(&user, r->n_users, err));
    uint32_t n = leave_out_low(p, r, role, user);
    uint32_t test = (uint32_t)lround(p->fraction * n), held_out = 2 * test;
    uint32_t rank = held_out < n ? (uint32_t)lround(p->rank_users * (n - held_out)) : 0;
    if (test == 0 || rank == 0 || rank >= n - held_out)
        return error_set(err, STATUS_FAILED,
                         "protocol strong: %u users have %u ratings or more of %g stars or more: "
                         "too few to be divided",
                         n, p->min_ratings, p->min_rating);
    struct rng rng = rng_keyed(p->seed, "split.strong.users", 0, 0);
    rng_shuffle_u32(&rng, user, n);
    TRY(leave_out_unknown(r, user, user + held_out, held_out, n - held_out, role, err));
    for (uint32_t k = 0; k < held_out + rank; k++) {
        enum role out = k < test ? ROLE_TEST : k < held_out ? ROLE_VALID_OUT : ROLE_RANK;
        enum role in = k < test       ? ROLE_FOLD_IN
                       : k < held_out ? ROLE_VALID_FOLD_IN
                                      : ROLE_RANK_FOLD_IN;
        TRY(cut_user(p, r, user[k], out, in, role, err));
    }
    return STATUS_OK;
}
