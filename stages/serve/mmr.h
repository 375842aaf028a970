/* Diversity of a list: maximal marginal relevance (MMR; Carbonell and Goldstein, "The use of MMR,
 * diversity-based reranking for reordering documents and producing summaries", SIGIR 1998). */
#ifndef MARQUEE_SERVE_MMR_H
#define MARQUEE_SERVE_MMR_H

#include "common/base/error.h"
#include "common/models/content.h"
#include "common/ranking/recommender.h"

#include <stddef.h>

/* Reorders list[count], which is sorted by descending score: its first min(n, count) entries become
 * those that MMR selects, in the order of selection; the others follow, still by score. With S the
 * movies selected so far, the next one is the movie i outside S that maximises
 *
 *     (1 - d) * relevance(i) - d * max over j in S of cosine(i, j)
 *
 * d = `diversity`, 0 to 1 (1 - d is the paper's lambda); relevance = (score - lowest score) /
 * (highest - lowest) within the list, so that it has the range of the cosine; cosine =
 * content_cosine. The maximum over an empty S is 0, so the first movie stays first. Of equal values
 * the higher score wins; d = 0 leaves the list as it is. Computes n * count cosines; fails only
 * when memory runs out. */
enum status mmr_rerank(struct recommendation *list, size_t count, size_t n, double diversity,
                       const struct content *content, struct error *err);

#endif
