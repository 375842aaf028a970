#include "common/evaluation/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const size_t metric_cutoff[METRIC_CUTOFFS] = {5, 10, 20, 50, 100};

enum { HR, NDCG, RECALL, PRECISION, MAP, MRR, RECALL_LIANG };

#define AT(k)                                                                                      \
    "hr@" #k, "ndcg@" #k, "recall@" #k, "precision@" #k, "map@" #k, "mrr@" #k, "recall-liang@" #k
static const char *const names[METRIC_COUNT] = {AT(5),   AT(10), AT(20), AT(50),
                                                AT(100), "mrr",  "auc"};
#undef AT

const char *metric_name(size_t index) {
    return names[index];
}

size_t metric_find(const char *name) {
    size_t i = 0;
    while (i < METRIC_COUNT && strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

static int by_rank(const void *a, const void *b) {
    double x = ((const struct placement *)a)->rank, y = ((const struct placement *)b)->rank;
    return (x > y) - (x < y);
}

static float ordered(float score) {
    return isnan(score) ? -INFINITY : score;
}

void metrics_place(const float *score, size_t n, const uint32_t *held_out, size_t n_held_out,
                   struct placement *placement) {
    for (size_t h = 0; h < n_held_out; h++) {
        float own = ordered(score[held_out[h]]);
        size_t above = 0, equal = 0;
        for (size_t i = 0; i < n; i++) {
            float other = ordered(score[i]);
            above += other > own;
            equal += other == own;
        }
        /* Other held-out movies above it or tied with it do not count in AUC. */
        size_t held_above = 0, held_equal = 0;
        for (size_t i = 0; i < n_held_out; i++) {
            float other = ordered(score[held_out[i]]);
            held_above += other > own;
            held_equal += other == own;
        }
        placement[h].rank = 1.0 + (double)above + 0.5 * (double)(equal - 1);
        size_t negatives = n - n_held_out;
        double worse = (double)(above - held_above) + 0.5 * (double)(equal - held_equal);
        placement[h].auc = negatives > 0 ? 1.0 - worse / (double)negatives : 0.5;
    }
    qsort(placement, n_held_out, sizeof(*placement), by_rank);
}

static double ideal_dcg(size_t length) {
    double sum = 0;
    for (size_t i = 1; i <= length; i++) {
        sum += 1.0 / log2((double)i + 1.0);
    }
    return sum;
}

static void metrics_at(const struct placement *placement, size_t n_held_out, size_t cutoff,
                       float *value) {
    size_t hits = 0;
    double dcg = 0, precision_sum = 0;
    while (hits < n_held_out && placement[hits].rank <= (double)cutoff) {
        double rank = placement[hits].rank;
        hits++;
        dcg += 1.0 / log2(rank + 1.0);
        precision_sum += (double)hits / rank;
    }
    size_t reachable = n_held_out < cutoff ? n_held_out : cutoff;
    value[HR] = hits > 0 ? 1.0F : 0.0F;
    value[NDCG] = (float)(dcg / ideal_dcg(reachable));
    value[RECALL] = (float)((double)hits / (double)n_held_out);
    value[PRECISION] = (float)((double)hits / (double)cutoff);
    value[MAP] = (float)(precision_sum / (double)reachable);
    value[RECALL_LIANG] = (float)((double)hits / (double)reachable);
    value[MRR] = hits > 0 ? (float)(1.0 / placement[0].rank) : 0;
}

void metrics_of_user(const struct placement *placement, size_t n_held_out, float *value) {
    for (size_t c = 0; c < METRIC_CUTOFFS; c++) {
        metrics_at(placement, n_held_out, metric_cutoff[c], value + c * METRICS_PER_CUTOFF);
    }
    double auc = 0;
    for (size_t h = 0; h < n_held_out; h++) {
        auc += placement[h].auc;
    }
    value[METRIC_COUNT - 2] = (float)(1.0 / placement[0].rank);
    value[METRIC_COUNT - 1] = (float)(auc / (double)n_held_out);
}
