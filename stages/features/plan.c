#include "stages/features/plan.h"

#include "common/base/mem.h"
#include "common/base/rng.h"

static size_t count_role(const struct ratings *ratings, const uint8_t *role, enum role positive) {
    size_t count = 0;
    for (uint64_t i = 0; i < ratings->count; i++) {
        count += role[i] == positive;
    }
    return count;
}

/* Selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S). */
enum status plan_make(struct plan *out, const struct ratings *ratings, const uint8_t *role,
                      enum role positive, size_t max_groups, uint64_t seed, struct error *err) {
    *out = (struct plan){.available = count_role(ratings, role, positive)};
    size_t wanted = out->available < max_groups ? out->available : max_groups;
    TRY(MEM_NEW(&out->user, wanted, err));
    TRY(MEM_NEW(&out->position, wanted, err));
    struct rng rng = rng_keyed(seed, "features.thin", 0, positive);
    size_t left = out->available;
    for (uint32_t u = 0; u < ratings->n_users; u++) {
        for (uint64_t i = ratings->offset[u]; i < ratings->offset[u + 1]; i++) {
            if (role[i] != positive) continue;
            size_t needed = wanted - out->count;
            if (rng_uniform(&rng) * (double)left-- >= (double)needed) continue;
            out->user[out->count] = u;
            out->position[out->count++] = i;
        }
    }
    return STATUS_OK;
}

void plan_release(struct plan *p) {
    mem_free(p->user);
    mem_free(p->position);
    *p = (struct plan){0};
}
