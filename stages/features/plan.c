#include "stages/features/plan.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/cold_user.h"

enum { REPEATS = 4 }; /* groups per rating, each with a start of its own */

/* Places of a list that count: a user with more targets than these cannot have a better list. */
enum { LIST_LENGTH = 10 };

static bool is_newcomer(const struct ratings *r, const uint8_t *role, uint32_t user) {
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        if (role[i] == ROLE_BASE) return false;
    }
    return true;
}

/* Groups that the rating becomes. */
static unsigned groups_of(enum plan_part part, bool newcomer, uint64_t place) {
    bool beginning = newcomer && place < COLD_PLACES;
    if (part == PLAN_BEGINNINGS) return beginning ? REPEATS : 0;
    return part == PLAN_ALL || !beginning;
}

static uint64_t draw_start(uint64_t position, uint64_t place, uint64_t seed, size_t group) {
    struct rng rng = rng_keyed(seed, "features.horizon", 0, group);
    return position - rng_below(&rng, place < COLD_TARGETS ? (uint32_t)place + 1 : COLD_TARGETS);
}

static size_t count_groups(const struct ratings *r, const uint8_t *role, enum role positive,
                           enum plan_part part) {
    size_t count = 0;
    for (uint32_t u = 0; u < r->n_users; u++) {
        bool newcomer = part != PLAN_ALL && is_newcomer(r, role, u);
        for (uint64_t i = r->offset[u]; i < r->offset[u + 1]; i++) {
            if (role[i] == positive) count += groups_of(part, newcomer, i - r->offset[u]);
        }
    }
    return count;
}

bool plan_has_beginnings(const struct ratings *ratings, const uint8_t *role) {
    return count_groups(ratings, role, ROLE_RANK, PLAN_BEGINNINGS) > 0;
}

/* Selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S). */
enum status plan_make(struct plan *out, const struct ratings *ratings, const uint8_t *role,
                      enum role positive, enum plan_part part, size_t max_groups, uint64_t seed,
                      struct error *err) {
    *out = (struct plan){.available = count_groups(ratings, role, positive, part)};
    size_t wanted = out->available < max_groups ? out->available : max_groups;
    TRY(MEM_NEW(&out->user, wanted, err));
    TRY(MEM_NEW(&out->position, wanted, err));
    TRY(MEM_NEW(&out->start, wanted, err));
    TRY(MEM_NEW(&out->weight, wanted, err));
    struct rng rng = rng_keyed(seed, "features.thin", 0, positive);
    size_t left = out->available;
    for (uint32_t u = 0; u < ratings->n_users; u++) {
        uint64_t first = ratings->offset[u];
        bool newcomer = part != PLAN_ALL && is_newcomer(ratings, role, u);
        for (uint64_t i = first; i < ratings->offset[u + 1]; i++) {
            unsigned groups = role[i] == positive ? groups_of(part, newcomer, i - first) : 0;
            for (; groups > 0; groups--) {
                size_t needed = wanted - out->count;
                if (rng_uniform(&rng) * (double)left-- >= (double)needed) continue;
                bool beginning = part == PLAN_BEGINNINGS;
                out->user[out->count] = u;
                out->weight[out->count] = 1;
                out->position[out->count] = i;
                out->start[out->count] = beginning ? draw_start(i, i - first, seed, out->count) : i;
                out->count++;
            }
        }
    }
    return STATUS_OK;
}

enum status plan_weigh_lists(struct plan *plan, uint32_t n_users, struct error *err) {
    MEM_AUTO uint32_t *targets = NULL;
    double sum = 0;
    TRY(MEM_NEW(&targets, n_users, err));
    for (size_t g = 0; g < plan->count; g++) {
        targets[plan->user[g]]++;
    }
    for (size_t g = 0; g < plan->count; g++) {
        const uint32_t n = targets[plan->user[g]];
        plan->weight[g] = 1 / (float)(n > LIST_LENGTH ? n : LIST_LENGTH);
        sum += (double)plan->weight[g];
    }
    for (size_t g = 0; g < plan->count; g++) {
        plan->weight[g] *= (float)((double)plan->count / sum);
    }
    return STATUS_OK;
}

void plan_release(struct plan *p) {
    mem_free(p->user);
    mem_free(p->position);
    mem_free(p->start);
    mem_free(p->weight);
    *p = (struct plan){0};
}
