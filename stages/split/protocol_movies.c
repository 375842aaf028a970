#include "stages/split/protocol_movies.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/roles.h"

static enum role draw_role(const struct movies_params *p, uint32_t movie) {
    struct rng rng = rng_keyed(p->seed, "split.movies", 0, movie);
    if (rng_uniform(&rng) < p->fraction) return ROLE_TEST;
    double x = rng_uniform(&rng);
    if (x < p->rank_fraction) return ROLE_RANK;
    return x < p->rank_fraction + p->valid_fraction ? ROLE_VALID : ROLE_BASE;
}

void movies_assign(const struct movies_params *p, const struct ratings *r, uint8_t *role) {
    for (uint64_t i = 0; i < r->count; i++) {
        role[i] = (uint8_t)draw_role(p, r->movie[i]);
    }
}

/* The held-out movies, ascending. */
static enum status list_held_out(uint32_t **out, uint32_t *count, const struct ratings *r,
                                 const uint8_t *role, struct error *err) {
    TRY(MEM_NEW(out, r->n_movies, err));
    *count = 0;
    for (uint32_t m = 0; m < r->n_movies; m++) {
        uint64_t first = r->by_movie_offset[m];
        if (first == r->by_movie_offset[m + 1]) continue;
        if (role[r->by_movie_rating[first]] == ROLE_TEST) (*out)[(*count)++] = m;
    }
    return STATUS_OK;
}

enum status movies_candidates(struct test_set *t, const struct ratings *r, const uint8_t *role,
                              struct error *err) {
    MEM_AUTO uint32_t *movie = NULL, *rated_by = NULL;
    uint32_t n_movies = 0;
    uint64_t total = 0;
    TRY(list_held_out(&movie, &n_movies, r, role, err));
    TRY(MEM_NEW(&rated_by, r->n_movies, err)); /* user + 1 */
    TRY(MEM_NEW(&t->candidate_offset, (size_t)t->n_users + 1, err));
    for (uint32_t u = 0; u < t->n_users; u++) {
        uint64_t targets = t->offset[u + 1] - t->offset[u];
        if (targets > 0) total += n_movies - targets;
        t->candidate_offset[u + 1] = total;
    }
    TRY(MEM_NEW(&t->candidate_movie, total, err));
    uint64_t n = 0;
    for (uint32_t u = 0; u < t->n_users; u++) {
        for (uint64_t i = t->offset[u]; i < t->offset[u + 1]; i++) {
            rated_by[t->movie[i]] = u + 1;
        }
        if (t->offset[u] == t->offset[u + 1]) continue;
        for (uint32_t k = 0; k < n_movies; k++) {
            if (rated_by[movie[k]] != u + 1) t->candidate_movie[n++] = movie[k];
        }
    }
    return STATUS_OK;
}
