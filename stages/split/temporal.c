#include "stages/split/temporal.h"

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/data/roles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_times(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The largest whole second up to the quantile of time[n], which is sorted and not empty. */
static int64_t quantile(const int64_t *time, uint64_t n, double share) {
    double place = share * (double)(n - 1);
    uint64_t below = (uint64_t)place;
    if (below + 1 >= n) return time[n - 1];
    double step = (double)(time[below + 1] - time[below]);
    return time[below] + (int64_t)floor(step * (place - (double)below));
}

static enum status find_cuts(struct temporal_cuts *cuts, const struct temporal_params *p,
                             const struct ratings *r, struct error *err) {
    MEM_AUTO int64_t *time = NULL;
    if (r->count == 0) return STATUS_OK;
    TRY(MEM_NEW(&time, r->count, err));
    memcpy(time, r->time, r->count * sizeof(*time));
    qsort(time, r->count, sizeof(*time), compare_times);
    cuts->full =
        p->cut_full != CUT_BY_FRACTION ? p->cut_full : quantile(time, r->count, 1 - p->fraction);
    uint64_t kept = 0;
    while (kept < r->count && time[kept] <= cuts->full)
        kept++;
    cuts->fit = p->cut_fit != CUT_BY_FRACTION ? p->cut_fit
                : kept > 0                    ? quantile(time, kept, 1 - p->rank_fraction)
                                              : cuts->full;
    if (cuts->fit <= cuts->full) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--fit-cut: %lld is later than the cut that divides, %lld",
                     (long long)cuts->fit, (long long)cuts->full);
}

/* What an older rating makes of the user's first one of a role: it is known, and asks for nothing.
 */
static void know_the_first(const struct ratings *r, uint32_t user, uint8_t *role) {
    const uint64_t first = r->offset[user];
    if (first == r->offset[user + 1] || role[first] == ROLE_BASE) return;
    role[first] = role[first] == ROLE_TEST ? ROLE_FOLD_IN : ROLE_RANK_FOLD_IN;
}

static void assign_user(const struct temporal_cuts *cuts, const struct temporal_params *p,
                        const struct ratings *r, uint32_t user, uint8_t *role) {
    struct rng rng = rng_keyed(p->seed, "split.temporal.valid", 0, user);
    const enum role between = rng_uniform(&rng) < p->valid_fraction ? ROLE_VALID : ROLE_RANK;
    uint64_t older = 0;
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        role[i] = (uint8_t)(r->time[i] <= cuts->fit    ? ROLE_BASE
                            : r->time[i] <= cuts->full ? between
                                                       : ROLE_TEST);
        older += r->time[i] <= cuts->full;
    }
    know_the_first(r, user, role);
    if (older == 1) role[r->offset[user]] = ROLE_FOLD_IN;
}

enum status temporal_assign(struct temporal_cuts *cuts, const struct temporal_params *p,
                            const struct ratings *ratings, uint8_t *role, struct error *err) {
    *cuts = (struct temporal_cuts){0};
    TRY(find_cuts(cuts, p, ratings, err));
    for (uint32_t u = 0; u < ratings->n_users; u++)
        assign_user(cuts, p, ratings, u, role);
    return STATUS_OK;
}
