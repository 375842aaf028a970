/* Metrics that no ranking of these lists could have changed. */
#include "common/base/mem.h"
#include "stages/evaluate/evaluate.h"

#include <math.h>
#include <string.h>

/* Room for the longest list of movies that count. */
struct placed {
    struct placement *placement;
    float *rating; /* rising: the movies differ, in some list */
};

static void placed_release(struct placed *o) {
    mem_free(o->placement);
    mem_free(o->rating);
}

/* The placed metrics of a list of n movies in which the h that count take the first or the last
 * places, the better rated ones first or last. A list that holds nothing else is all ties for
 * AUC. */
static void placed_at(struct placed *o, size_t n, size_t h, bool best, float *value) {
    for (size_t i = 0; i < h; i++) {
        o->placement[i] = (struct placement){.rank = (double)((best ? 0 : n - h) + i + 1),
                                             .auc = n == h ? 0.5
                                                    : best ? 1
                                                           : 0,
                                             .item = best ? h - 1 - i : i};
    }
    const struct ranked_list list = {
        .placement = o->placement, .n_held_out = h, .rating = o->rating};
    metrics_of_list(&list, metric_count_placed(), value);
}

/* Leaves those of the metrics trivial that the best and the worst order of such a list share. */
static size_t compare_orders(bool *trivial, struct placed *o, size_t n, size_t h) {
    float best[METRICS_MAX], worst[METRICS_MAX];
    size_t left = 0;
    placed_at(o, n, h, true, best);
    placed_at(o, n, h, false, worst);
    for (size_t i = 0; i < metric_count_placed(); i++) {
        trivial[i] &= !(fabsf(best[i] - worst[i]) > 0);
        left += trivial[i];
    }
    return left;
}

enum status find_trivial(struct evaluation *e, struct error *err) {
    AUTO(placed) struct placed o = {0};
    size_t most = 0;
    for (size_t row = 0; row < e->n_lists; row++) {
        if (e->relevant[FULL][row] > most) most = e->relevant[FULL][row];
    }
    TRY(MEM_NEW(&o.placement, most, err));
    TRY(MEM_NEW(&o.rating, most, err));
    for (size_t i = 0; i < most; i++) {
        o.rating[i] = 5.0F * (float)(i + 1) / (float)most;
    }
    for (int m = 0; m < MODES; m++) {
        size_t left = metric_count_placed();
        memset(e->trivial[m], 0, sizeof(e->trivial[m]));
        memset(e->trivial[m], true, left * sizeof(e->trivial[m][0]));
        for (size_t row = 0; row < e->n_lists && left > 0; row++) {
            size_t h = e->relevant[m] != NULL ? e->relevant[m][row] : 0;
            if (h > 0) left = compare_orders(e->trivial[m], &o, e->listed[m][row], h);
        }
    }
    return STATUS_OK;
}
