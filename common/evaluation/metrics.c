#include "common/evaluation/metrics.h"

#include "common/data/rating_scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
        /* AUC ignores other held-out movies, those above it and those tied with it. */
        size_t held_above = 0, held_equal = 0;
        for (size_t i = 0; i < n_held_out; i++) {
            float other = ordered(score[held_out[i]]);
            held_above += other > own;
            held_equal += other == own;
        }
        placement[h].rank = 1.0 + (double)above + 0.5 * (double)(equal - 1);
        size_t negatives = n - n_held_out;
        double worse = (double)(above - held_above) + 0.5 * (double)(equal - held_equal);
        placement[h].item = h;
        placement[h].auc = negatives > 0 ? 1.0 - worse / (double)negatives : 0.5;
    }
    qsort(placement, n_held_out, sizeof(*placement), by_rank);
}

/* ---- metrics of placements ---- */

static size_t hits_of(const struct ranked_list *l, size_t cutoff) {
    size_t hits = 0;
    while (hits < l->n_held_out && l->placement[hits].rank <= (double)cutoff) {
        hits++;
    }
    return hits;
}

/* The number of held-out movies that the first `cutoff` places can hold. */
static double reachable(const struct ranked_list *l, size_t cutoff) {
    return (double)(l->n_held_out < cutoff ? l->n_held_out : cutoff);
}

static double hit_ratio(const struct ranked_list *l, size_t cutoff) {
    return hits_of(l, cutoff) > 0 ? 1 : 0;
}

static double ndcg(const struct ranked_list *l, size_t cutoff) {
    double dcg = 0, ideal = 0;
    for (size_t h = 0; h < hits_of(l, cutoff); h++) {
        dcg += 1.0 / log2(l->placement[h].rank + 1.0);
    }
    for (size_t i = 1; i <= (size_t)reachable(l, cutoff); i++) {
        ideal += 1.0 / log2((double)i + 1.0);
    }
    return dcg / ideal;
}

static double recall(const struct ranked_list *l, size_t cutoff) {
    return (double)hits_of(l, cutoff) / (double)l->n_held_out;
}

static double precision(const struct ranked_list *l, size_t cutoff) {
    return (double)hits_of(l, cutoff) / (double)cutoff;
}

static double average_precision(const struct ranked_list *l, size_t cutoff) {
    double sum = 0;
    for (size_t h = 0; h < hits_of(l, cutoff); h++) {
        sum += (double)(h + 1) / l->placement[h].rank;
    }
    return sum / reachable(l, cutoff);
}

static double reciprocal_rank(const struct ranked_list *l, size_t cutoff) {
    return cutoff == 0 || hits_of(l, cutoff) > 0 ? 1.0 / l->placement[0].rank : 0;
}

static double recall_liang(const struct ranked_list *l, size_t cutoff) {
    return (double)hits_of(l, cutoff) / reachable(l, cutoff);
}

static double auc(const struct ranked_list *l, size_t cutoff) {
    (void)cutoff;
    double sum = 0;
    for (size_t h = 0; h < l->n_held_out; h++) {
        sum += l->placement[h].auc;
    }
    return sum / (double)l->n_held_out;
}

static double gain_of(const struct ranked_list *l, size_t h) {
    return exp2((double)l->rating[l->placement[h].item]) - 1;
}

/* The number of held-out movies with a larger gain than number h, or the same and an earlier place:
 * its place in the best order, from 0. */
static size_t ideal_place(const struct ranked_list *l, size_t h) {
    size_t place = 0;
    for (size_t i = 0; i < l->n_held_out; i++) {
        place += gain_of(l, i) > gain_of(l, h) || (i < h && !(gain_of(l, i) < gain_of(l, h)));
    }
    return place;
}

static double graded_ndcg(const struct ranked_list *l, size_t cutoff) {
    double dcg = 0, ideal = 0;
    if (l->rating == NULL) return NAN;
    for (size_t h = 0; h < l->n_held_out; h++) {
        double gain = gain_of(l, h);
        size_t place = ideal_place(l, h);
        if (isnan(gain)) return NAN;
        if (l->placement[h].rank <= (double)cutoff) dcg += gain / log2(l->placement[h].rank + 1.0);
        if (place < cutoff) ideal += gain / log2((double)place + 2.0);
    }
    return dcg / ideal;
}

static double debiased_hit_ratio(const struct ranked_list *l, size_t cutoff) {
    double sum = 0;
    for (size_t h = 0; h < hits_of(l, cutoff); h++) {
        size_t item = l->placement[h].item;
        sum += l->debias != NULL ? (double)l->debias[l->held_out[item]] : 1;
    }
    return sum / (double)l->n_held_out;
}

/* ---- metrics of the first movies ---- */

static double diversity(const struct ranked_list *l, size_t cutoff) {
    (void)cutoff;
    double likeness = 0;
    size_t pairs = l->n_first * (l->n_first - 1) / 2;
    for (size_t i = 0; i < l->n_first; i++) {
        for (size_t j = 0; j < i; j++) {
            likeness += l->likeness(l->of, l->first[i], l->first[j]);
        }
    }
    return pairs > 0 ? 1 - likeness / (double)pairs : 0;
}

static double novelty(const struct ranked_list *l, size_t cutoff) {
    (void)cutoff;
    double sum = 0;
    for (size_t i = 0; i < l->n_first; i++) {
        uint32_t raters = l->popularity[l->first[i]] > 0 ? l->popularity[l->first[i]] : 1;
        sum += log2((double)l->n_users / raters) / (double)l->n_first;
    }
    return sum;
}

static double mean_popularity(const uint32_t *popularity, const uint32_t *movie, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)popularity[movie[i]] / (double)n;
    }
    return sum;
}

static double popularity_bias(const struct ranked_list *l, size_t cutoff) {
    (void)cutoff;
    double known = mean_popularity(l->popularity, l->history->movie, l->history->count);
    return known > 0 ? mean_popularity(l->popularity, l->first, l->n_first) / known : 1;
}

static double share_below(const struct ranked_list *l, double stars) {
    size_t below = 0;
    if (l->stars == NULL || isnan(stars) || l->n_first == 0) return NAN;
    for (size_t i = 0; i < l->n_first; i++) {
        below += (double)l->stars[i] < stars;
    }
    return (double)below / (double)l->n_first;
}

static double below_mean(const struct ranked_list *l, size_t cutoff) {
    (void)cutoff;
    return share_below(l, l->own_mean);
}

static double below_middle(const struct ranked_list *l, size_t cutoff) {
    (void)cutoff;
    return share_below(l, MIDDLE_STARS);
}

/* ---- the table ---- */

#define AT(k)                                                                                      \
    {"hr@" #k, k, hit_ratio}, {"ndcg@" #k, k, ndcg}, {"recall@" #k, k, recall},                    \
        {"precision@" #k, k, precision}, {"map@" #k, k, average_precision},                        \
        {"mrr@" #k, k, reciprocal_rank}, {                                                         \
        "recall-liang@" #k, k, recall_liang                                                        \
    }

static const struct metric placed[] = {
    AT(5),
    AT(10),
    AT(20),
    AT(50),
    AT(100),
    {"mrr", 0, reciprocal_rank},
    {"auc", 0, auc},
    {"gndcg@10", 10, graded_ndcg},
    {"hr-debiased@10", 10, debiased_hit_ratio},
};
#undef AT

static const struct metric of_first[] = {
    {"diversity@10", METRIC_LIST_LENGTH, diversity},
    {"novelty@10", METRIC_LIST_LENGTH, novelty},
    {"popularity_bias@10", METRIC_LIST_LENGTH, popularity_bias},
    {"below-mean@10", METRIC_LIST_LENGTH, below_mean},
    {"below-middle@10", METRIC_LIST_LENGTH, below_middle},
};

enum {
    N_PLACED = sizeof placed / sizeof placed[0],
    N_METRICS = N_PLACED + sizeof of_first / sizeof of_first[0]
};
_Static_assert((int)N_METRICS <= (int)METRICS_MAX, "arrays of values have METRICS_MAX");

size_t metric_count(void) {
    return N_METRICS;
}

size_t metric_count_placed(void) {
    return N_PLACED;
}

const struct metric *metric_at(size_t index) {
    return index < N_PLACED ? &placed[index] : &of_first[index - N_PLACED];
}

size_t metric_find(const char *name) {
    size_t i = 0;
    while (i < N_METRICS && strcmp(metric_at(i)->name, name) != 0) {
        i++;
    }
    return i;
}

void metrics_of_list(const struct ranked_list *list, size_t n, float *value) {
    for (size_t i = 0; i < n; i++) {
        value[i] = (float)metric_at(i)->of(list, metric_at(i)->cutoff);
    }
}
