/* One set of models, as loaded from a run's folder: what requests work on. A reload makes another
 * one; requests that began with the old one finish with it. */
#ifndef MARQUEE_SERVE_SNAPSHOT_H
#define MARQUEE_SERVE_SNAPSHOT_H

#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/ranking/recommender.h"
#include "stages/serve/search.h"

#include <stddef.h>
#include <stdint.h>

struct generation {
    struct recommender *recommender;
    struct search *search;
    const struct catalogue *catalogue; /* of the recommender, as are the next four */
    const struct ratings *ratings;
    const struct content *content;
    const struct factors *factors;
    const struct item_model *taste, *next; /* NULL if the factors have none */
    int64_t newest;                        /* time of the newest rating */
    float *mean;                           /* [n_movies] stars, NaN without ratings */
    struct digest id;                      /* of the artifacts it was made from */
    int64_t loaded_at;                     /* seconds since 1970 */
    int64_t number;                        /* 1 for the first since the start */

    struct slots *slots;
    int references;
};

/* The artifacts of view all and the ranker, each verified to the last byte and all of them of one
 * dataset. `n_slots` requests may compute at a time; each ranks
 * about `shortlist` candidates (0: all). */
enum status generation_load(struct generation **out, const char *folder, size_t n_slots,
                            size_t shortlist, struct error *err);

/* The right to compute on a generation: scratch memory, taken and given back. Waits at most
 * `milliseconds`; NULL when all are still busy then. */
struct recommend_work *generation_take(struct generation *g, unsigned milliseconds);
void generation_give(struct generation *g, struct recommend_work *work);

/* ---- the one in use ---- */

struct models;

enum status models_open(struct models **out, const char *folder, size_t n_slots, size_t shortlist,
                        struct error *err);
void models_close(struct models *m); /* NULL is fine */
/* The generation in use, which stays until it is released. */
struct generation *models_acquire(struct models *m);
void models_release(struct models *m, struct generation *g); /* NULL is fine */
/* Loads the folder again. On failure the generation in use stays. One at a time: others wait. */
enum status models_reload(struct models *m, struct error *err);

#endif
