/* Ranking metrics of one user, in the field's definitions: binary relevance, a tie counts in its
 * middle. Everything here is pure; averages over users and intervals are made elsewhere. */
#ifndef MARQUEE_EVALUATION_METRICS_H
#define MARQUEE_EVALUATION_METRICS_H

#include <stddef.h>
#include <stdint.h>

/* The place of a held-out movie among the candidates that it is ranked against. */
struct placement {
    double rank; /* 1 + candidates with a higher score + half of those with the same score */
    double auc;  /* share of the candidates not held out that score lower; a tie counts one half */
};

/* Ranks the `n_held_out` movies within a list of `n` scored candidates that contains them.
 * `score[n]`; `held_out[n_held_out]` are positions in the list, each once. Out:
 * placement[n_held_out] in ascending order of rank. A NaN score ranks below everything. */
void metrics_place(const float *score, size_t n, const uint32_t *held_out, size_t n_held_out,
                   struct placement *placement);

/* The cut-offs K and, in this order, the metrics of each:
 *
 *     HR@K            1 if a held-out movie is among the first K, else 0
 *     NDCG@K          gain 1, discount 1 / log2(rank + 1), ideal of length min(K, held out)
 *     Recall@K        hits / held out
 *     Precision@K     hits / K
 *     MAP@K           sum over hits of the precision at the hit / min(K, held out)
 *     MRR@K           1 / rank of the first hit, 0 if there is none among the first K
 *     Recall-Liang@K  hits / min(K, held out), as Liang et al. (WWW 2018) define recall
 *
 * and last, over the whole list: MRR, AUC (mean over held-out movies). */
enum {
    METRIC_CUTOFFS = 5,
    METRICS_PER_CUTOFF = 7,
    METRIC_COUNT = METRIC_CUTOFFS * METRICS_PER_CUTOFF + 2
};
extern const size_t metric_cutoff[METRIC_CUTOFFS];

/* Stable key of a metric: "hr@10", "ndcg@10", ..., "mrr", "auc"; static memory. */
const char *metric_name(size_t index);
/* Position of a metric by name; METRIC_COUNT if there is none. */
size_t metric_find(const char *name);

/* All metrics of one user from ascending placements; n_held_out > 0. Out: value[METRIC_COUNT]. */
void metrics_of_user(const struct placement *placement, size_t n_held_out, float *value);

#endif
