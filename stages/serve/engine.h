/* Lists of recommendations as stages/recommend computes them, with the service's filters on top. */
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
    size_t n, offset; /* how many, and how many of the best to leave out */
    struct recommend_filter filter;
    const uint32_t *exclude; /* raw movie ids */
    size_t n_exclude;
    double diversity; /* 0: by score; up to 1: by being unlike the movies above */
    bool explain;
};

/* One recommended movie. score = baseline + contributions of the groups + residual. */
struct pick {
    struct recommendation recommendation;
    size_t n_evidence;
    struct evidence evidence[WISH_MAX_EVIDENCE];
    bool explained;
    struct attribution attribution;
    struct group_share *group;
    size_t n_groups;
};

struct picks {
    struct pick *pick;
    size_t count;
};
void picks_release(struct picks *p);

/* Makes `work` ready for the profile, which must stay until the next time. */
enum status engine_prepare(const struct snapshot *snapshot, struct recommend_work *work,
                           const struct profile *p, struct history *history, struct error *err);

/* The list for a prepared profile, best first; with diversity, in the order of mmr.h. */
enum status engine_recommend(const struct snapshot *snapshot, struct recommend_work *work,
                             const struct profile *p, const struct wish *wish, struct picks *out,
                             struct error *err);

enum similar_kind { SIMILAR_CONTENT, SIMILAR_TASTE, SIMILAR_NEXT };

/* Movies similar to `movie`; out[n], *count how many there are (none if there is no such model). */
enum status engine_similar(const struct snapshot *snapshot, enum similar_kind kind, uint32_t movie,
                           const struct recommend_filter *filter, size_t n, struct scored *out,
                           size_t *count, struct error *err);

/* The movies with the most ratings. */
enum status engine_popular(const struct snapshot *snapshot, const struct recommend_filter *filter,
                           size_t n, struct scored *out, size_t *count, struct error *err);

#endif
