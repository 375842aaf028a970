#include "data/generate/likeness.h"

#include <string.h>

static const struct likeness likenesses[] = {
    {"movielens", 2000, 1700, 150000, TIME_TOLD, CONTENT_TOLD, false, false},
    {"dense", 300, 100, 12000, TIME_TOLD, CONTENT_TOLD, false, false},
    {"sparse", 600, 1500, 15000, TIME_TOLD, CONTENT_TOLD, false, false},
    {"no-time", 300, 300, 12000, TIME_ZERO, CONTENT_TOLD, false, false},
    {"shuffled-time", 300, 300, 12000, TIME_SHUFFLED, CONTENT_TOLD, false, false},
    {"no-content", 300, 300, 12000, TIME_TOLD, CONTENT_NONE, false, false},
    {"two-genres", 300, 300, 12000, TIME_TOLD, CONTENT_TWO, false, false},
    {"implicit", 300, 300, 12000, TIME_TOLD, CONTENT_TOLD, true, false},
    {"noise", 300, 200, 6000, TIME_COUNTED, CONTENT_NONE, false, true},
};

const struct likeness *likeness_find(const char *name) {
    for (size_t i = 0; i < sizeof(likenesses) / sizeof(likenesses[0]); i++)
        if (strcmp(likenesses[i].name, name) == 0) return &likenesses[i];
    return NULL;
}

/* Every set of `count` movies is as likely as any other (selection sampling, Knuth's algorithm S).
 */
static void draw_by_lot(struct viewing *seen, size_t count, uint32_t n_movies, struct rng *rng) {
    size_t taken = 0;
    for (uint32_t m = 0; m < n_movies && taken < count; m++) {
        if (rng_below(rng, n_movies - m) >= count - taken) continue;
        seen[taken].movie = m;
        seen[taken].value = (uint8_t)(1 + rng_below(rng, 10));
        seen[taken++].tag = NULL;
    }
}

static void shuffle_times(struct viewing *seen, size_t count, struct rng *rng) {
    for (size_t i = count; i > 1; i--) {
        size_t k = rng_below(rng, (uint32_t)i);
        int64_t time = seen[k].time;
        seen[k].time = seen[i - 1].time;
        seen[i - 1].time = time;
    }
}

void likeness_alter(const struct likeness *l, struct viewing *seen, size_t count, uint32_t n_movies,
                    uint32_t user, uint64_t seed) {
    struct rng rng = rng_keyed(seed, "generate.likeness", 0, user);
    if (l->by_lot) draw_by_lot(seen, count, n_movies, &rng);
    if (l->time == TIME_SHUFFLED) shuffle_times(seen, count, &rng);
    for (size_t i = 0; i < count; i++) {
        if (l->time == TIME_ZERO) seen[i].time = 0;
        if (l->content != CONTENT_TOLD) seen[i].tag = NULL;
        if (l->one_value) seen[i].value = 8;
    }
}
