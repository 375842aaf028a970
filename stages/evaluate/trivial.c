/* Metrics that no ranking of these lists could have changed. */
#include "common/base/mem.h"
#include "stages/evaluate/evaluate.h"

#include <math.h>
#include <string.h>

/* The placed metrics of a list of n movies in which the h that count take the places from `first`
 * on. A list that holds nothing else is all ties for AUC. */
static void placed_at(struct placement *p, size_t n, size_t h, size_t first, float *value) {
    for (size_t i = 0; i < h; i++) {
        double auc = n == h ? 0.5 : first == 1 ? 1 : 0;
        p[i] = (struct placement){.rank = (double)(first + i), .auc = auc, .item = i};
    }
    const struct ranked_list list = {.placement = p, .n_held_out = h};
    metrics_of_list(&list, metric_count_placed(), value);
}

/* Leaves those of the metrics trivial that the best and the worst order of such a list share. */
static size_t compare_orders(bool *trivial, struct placement *p, size_t n, size_t h) {
    float best[METRICS_MAX], worst[METRICS_MAX];
    size_t left = 0;
    placed_at(p, n, h, 1, best);
    placed_at(p, n, h, n - h + 1, worst);
    for (size_t i = 0; i < metric_count_placed(); i++) {
        trivial[i] &= !(fabsf(best[i] - worst[i]) > 0);
        left += trivial[i];
    }
    return left;
}

enum status find_trivial(struct evaluation *e, struct error *err) {
    MEM_AUTO struct placement *p = NULL;
    size_t most = 0;
    for (size_t row = 0; row < e->n_users; row++) {
        if (e->relevant[FULL][row] > most) most = e->relevant[FULL][row];
    }
    TRY(MEM_NEW(&p, most, err));
    for (int m = 0; m < MODES; m++) {
        size_t left = metric_count_placed();
        memset(e->trivial[m], 0, sizeof(e->trivial[m]));
        memset(e->trivial[m], true, left * sizeof(e->trivial[m][0]));
        for (size_t row = 0; row < e->n_users && left > 0; row++) {
            size_t h = e->relevant[m] != NULL ? e->relevant[m][row] : 0;
            if (h > 0) left = compare_orders(e->trivial[m], p, e->listed[m][row], h);
        }
    }
    return STATUS_OK;
}
