/* One set of models, as loaded from a run's folder: what requests work on. A reload makes another
 * one; requests that began with the old one finish with it. */
#ifndef MARQUEE_SERVE_SNAPSHOT_H
#define MARQUEE_SERVE_SNAPSHOT_H

#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/data/catalogue.h"
#include "common/data/ratings.h"
#include "common/ranking/recommender.h"
#include "stages/serve/search.h"

#include <stddef.h>
#include <stdint.h>

struct snapshot {
    struct recommender *recommender;
    struct search *search;
    const struct catalogue *catalogue; /* of the recommender, as are the next four */
    const struct ratings *ratings;
    const struct content *content;
    const struct models *models;
    const struct item_item *taste, *next; /* NULL if there is none */
    int64_t newest;                       /* time of the newest rating */
    float *mean;                          /* [n_movies] stars, NaN without ratings */
    struct digest id;                     /* of the artifacts it was made from */
    int64_t loaded_at;                    /* seconds since 1970 */
    int64_t number;                       /* 1 for the first since the start */

    struct slots *slots;
    int references;
};

/* The artifacts of view all and the ranker, each verified to the last byte and all of them of one
 * dataset. `n_slots` requests may compute at a time; each ranks about `shortlist`
 * candidates (0: all). */
enum status snapshot_load(struct snapshot **out, const char *folder, size_t n_slots,
                          size_t shortlist, struct error *err);

/* A slot: scratch memory, and with it the right to compute on the snapshot, until it is given back.
 * Waits at most `milliseconds`; NULL if all slots are still busy then. */
struct recommend_work *snapshot_take(struct snapshot *snapshot, unsigned milliseconds);
void snapshot_give(struct snapshot *snapshot, struct recommend_work *work);

/* ---- the one in use ---- */

struct snapshots;

enum status snapshots_open(struct snapshots **out, const char *folder, size_t n_slots,
                           size_t shortlist, struct error *err);
void snapshots_close(struct snapshots *m); /* NULL is fine */
/* The snapshot in use, which stays until it is released. */
struct snapshot *snapshots_acquire(struct snapshots *m);
void snapshots_release(struct snapshots *m, struct snapshot *snapshot); /* NULL is fine */
/* Loads the folder again. On failure the snapshot in use stays. One at a time: others wait. */
enum status snapshots_reload(struct snapshots *m, struct error *err);

#endif
