/* The lists of the service: recommendations as stages/recommend computes them, with exclusions and
 * diversity on top; similar movies; popular movies. */
#ifndef MARQUEE_SERVE_ENGINE_H
#define MARQUEE_SERVE_ENGINE_H

#include "common/base/error.h"
#include "common/data/history.h"
#include "common/data/topk.h"
#include "common/ranking/evidence.h"
#include "common/ranking/integrated_gradients.h"
#include "common/ranking/recommender.h"
#include "stages/serve/snapshot.h"
#include "stages/serve/user_profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WISH_MAX_N = 100, WISH_MAX_OFFSET = 1000, WISH_MAX_EVIDENCE = 3 };

struct wish {
    size_t n, offset; /* length of the list; number of best movies to skip */
    struct recommend_filter filter;
    const uint32_t *exclude; /* raw movie ids */
    size_t n_exclude;
    double diversity; /* 0: by score alone; up to 1: d of mmr.h */
    bool explain;
};

/* One recommended movie. score = baseline + contributions of the groups + residual. */
struct pick {
    struct recommendation recommendation;
    size_t n_evidence;
    struct evidence evidence[WISH_MAX_EVIDENCE];
    bool explained;
    struct given_reason reason[REASON_KINDS]; /* strongest first */
    size_t n_reasons;                         /* at least 1 if explained */
    struct attribution attribution;
    struct group_share *group;
    size_t n_groups;
};

struct picks {
    struct pick *pick;
    size_t count;
};
void picks_release(struct picks *p);

/* Prepares `work` to rank for the profile, which must outlive that use; *history refers to it. */
enum status engine_prepare(const struct snapshot *snapshot, struct recommend_work *work,
                           const struct profile *p, enum purpose purpose, struct history *history,
                           struct error *err);

/* The list for a prepared profile, best first; with diversity, in the order of mmr.h. */
enum status engine_recommend(const struct snapshot *snapshot, struct recommend_work *work,
                             const struct profile *p, const struct wish *wish, struct picks *out,
                             struct error *err);

enum similar_kind { SIMILAR_CONTENT, SIMILAR_TASTE, SIMILAR_NEXT };

/* The up to `n` movies most similar to `movie` that pass the filter, best first, in out[n]; *count
 * becomes their number, 0 if the run has no model of this kind. */
enum status engine_similar(const struct snapshot *snapshot, enum similar_kind kind, uint32_t movie,
                           const struct recommend_filter *filter, size_t n, struct scored *out,
                           size_t *count, struct error *err);

/* The up to `n` movies with the most ratings that pass the filter, in the same way. */
enum status engine_popular(const struct snapshot *snapshot, const struct recommend_filter *filter,
                           size_t n, struct scored *out, size_t *count, struct error *err);

#endif
