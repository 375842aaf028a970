/* Ranking metrics of one user, with binary relevance where nothing else is said; tied movies get
 * the mean of their ranks. All functions are pure; averages over users and intervals are computed
 * elsewhere. */
#ifndef MARQUEE_EVALUATION_METRICS_H
#define MARQUEE_EVALUATION_METRICS_H

#include "common/data/history.h"

#include <stddef.h>
#include <stdint.h>

/* The place of a held-out movie among the candidates that it is ranked against. */
struct placement {
    double rank; /* 1 + candidates with a higher score + half of those with the same score */
    double auc;  /* share of the candidates not held out that score lower; a tie counts one half */
    size_t item; /* which of the held-out movies: its index in `held_out` */
};

/* Ranks the `n_held_out` movies within a list of `n` scored candidates that contains them.
 * `score[n]`; `held_out[n_held_out]` are positions in the list, each once. Out:
 * placement[n_held_out] in ascending order of rank. A NaN score ranks below everything. */
void metrics_place(const float *score, size_t n, const uint32_t *held_out, size_t n_held_out,
                   struct placement *placement);

/* The ranked list of one user. */
struct ranked_list {
    const struct placement *placement; /* [n_held_out] ascending */
    size_t n_held_out;                 /* > 0 */
    const uint32_t *held_out;          /* the movies, by placement.item */
    const float *rating; /* their ratings in stars, NaN: not known; by placement.item; or NULL */
    /* [movies] popularity^-1/2, divided by its mean over the held-out movies; NULL: all 1 */
    const float *debias;
    /* The first movies of the list; n_first 0: not needed. */
    const uint32_t *first;
    size_t n_first;
    double (*likeness)(const void *of, uint32_t a, uint32_t b); /* of two movies, at most 1 */
    const void *of;
    const uint32_t *popularity; /* [movies] ratings in the view */
    uint32_t n_users;           /* of the view */
    const struct history *history;
    const float *stars; /* [n_first] predicted ratings of the first movies; NULL: not known */
    double own_mean;    /* of the user's ratings in the history, stars; NaN: there are none */
};

/* A metric is one row of the table in metrics.c; where a list lacks what it needs, its value is
 * NaN, and the list is left out of the mean. K = 5, 10, 20, 50 and 100:
 *
 *     hr@K            1 if a held-out movie is among the first K, else 0
 *     ndcg@K          gain 1, discount 1 / log2(rank + 1), ideal of length min(K, held out)
 *     recall@K        hits / held out
 *     precision@K     hits / K
 *     map@K           sum over hits of the precision at the hit / min(K, held out)
 *     mrr@K           1 / rank of the first hit, 0 if there is none among the first K
 *     recall-liang@K  hits / min(K, held out), as Liang et al. (WWW 2018) define recall
 *     mrr, auc        the same over the whole list; mean over held-out movies
 *     gndcg@10        NDCG with the gain 2^r - 1 of r stars (Burges et al., ICML 2005) in place of
 * 1: sum over hits of the gain / log2(rank + 1), over that of the held-out movies in falling order
 * of their ratings. Of one held-out movie it is NDCG. NaN unless all held-out ratings are known
 *     hr-debiased@10  the share of held-out movies that are hits, each weighted by popularity^-1/2
 *                     instead of 1: averaged over users, what HR would be if popular movies were
 *                     not held out more often (popularity-stratified recall, Steck, RecSys 2011,
 *                     with a power law of exponent 1)
 *
 * and of the first ten movies alone:
 *
 *     diversity@10        1 - mean likeness over the pairs of the list
 *     novelty@10          mean of -log2(share of the view's users who rated the movie); a movie
 *                         without ratings counts as rated by one
 *     popularity_bias@10  mean popularity of the list / mean popularity of the user's history
 *     below-mean@10       share of the movies whose predicted rating is below the user's own mean;
 *                         NaN without predictions, or without a rating in the history
 *     below-middle@10     share of those predicted below 3 stars; NaN without predictions */
struct metric {
    const char *name;
    size_t cutoff; /* K; 0: the whole list */
    double (*of)(const struct ranked_list *list, size_t cutoff);
};

enum { METRICS_MAX = 64, METRIC_LIST_LENGTH = 10 };

size_t metric_count(void);
/* Number of metrics that need nothing but placements; they come first in the table. */
size_t metric_count_placed(void);
const struct metric *metric_at(size_t index);
/* Index of a metric by name; metric_count() if there is none. */
size_t metric_find(const char *name);

/* Computes the first `n` metrics of a list: value[n]. */
void metrics_of_list(const struct ranked_list *list, size_t n, float *value);

#endif
