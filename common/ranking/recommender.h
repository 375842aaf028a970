/* Recommendations for one user at a time: features of every candidate, scores of the ranker, the
 * best few. Used by the recommend stage, by `inspect explain` and by the HTTP service. */
#ifndef MARQUEE_RANKING_RECOMMENDER_H
#define MARQUEE_RANKING_RECOMMENDER_H

#include "common/artifact/artifact.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/view.h"
#include "common/features/feature.h"
#include "common/ranking/evidence.h"
#include "common/ranking/integrated_gradients.h"
#include "common/ranking/ranker.h"
#include "common/ranking/reasons.h"
#include "common/run/run_artifacts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All models of a view and the ranker; immutable, shared by threads. */
struct recommender;

/* Loads all models and the ranker. VIEW_ALL needs no split, and a ranker trained without sequence
 * needs none. STATUS_DAMAGED if the ranker needs a feature that the models do not give; the error
 * names the first. The artifacts are borrowed and may be closed afterwards. Whether they belong
 * together is the caller's to check (stage_main does). */
enum status recommender_open(struct recommender **out, const struct run_artifacts *from,
                             struct error *err);
void recommender_release(struct recommender *r); /* NULL is fine */

/* Frees what only loading needs: by_movie_rating of the ratings. */
void recommender_trim(struct recommender *r);

const struct feature_context *recommender_context(const struct recommender *r);
const struct catalogue *recommender_catalogue(const struct recommender *r);
const struct ranker *recommender_ranker(const struct recommender *r);

/* The history of a user as the view shows it; points into the recommender. */
struct history recommender_history(const struct recommender *r, uint32_t user);
/* `time`, or the newest time of the history where that is later: nobody is asked before what they
 * did last. */
int64_t recommend_moment(const struct history *h, int64_t time);
/* The moment that recommendations are for unless another is asked for: recommend_moment of the
 * newest rating of the view, which is today as far as the models know, and no clock. */
int64_t recommender_now(const struct recommender *r, const struct history *h);

/* Which movies may be recommended. */
struct recommend_filter {
    const bool *genre;              /* [n_genres] at least one of these; NULL = any */
    uint16_t year_first, year_last; /* inclusive; 0, 0 = any */
    bool include_seen;              /* movies of the history too */
};
/* Checks genre and year only, not whether the movie is in the history. */
bool recommend_allows(const struct catalogue *c, const struct recommend_filter *f, uint32_t movie);

struct recommendation {
    uint32_t movie;
    float score;  /* of ranker_rank: a log-odds up to a constant, to sort by */
    float rating; /* predicted stars; NaN without a rating head */
};

/* Scratch of one thread. */
struct recommend_work;
enum status recommend_work_create(struct recommend_work **out, const struct recommender *r,
                                  struct error *err);
void recommend_work_release(struct recommend_work *w); /* NULL is fine */

/* Makes lists rank at most `most` candidates (candidates_choose); 0, the default, means all. A list
 * longer than a fourth of `most` ranks all. For large catalogues; what it changes is in
 * stages/serve/README.md. */
void recommend_shortlist(struct recommend_work *w, size_t most);

/* Makes lists with `threads` threads. The default is one, which is best where many lists are made
 * at once. The lists are the same. */
enum status recommend_threads(struct recommend_work *w, size_t threads, struct error *err);

/* What the lists are for. The default is FOR_LIKE. */
void recommend_for(struct recommend_work *w, enum purpose purpose);

/* Prepares for a user: computes all that depends on the history alone. The arrays of `history` are
 * kept by reference until the next call. `user`: an index, or NO_INDEX for somebody who is not in
 * the view. */
enum status recommend_prepare(struct recommend_work *w, const struct history *history,
                              uint32_t user, int64_t now, struct error *err);

/* Scores the given movies, in their order: out[n]. */
enum status recommend_score(struct recommend_work *w, const uint32_t *movie, size_t n,
                            struct recommendation *out, struct error *err);

/* The `n` best movies that the filter allows, best first, equal scores by index: out[n], *count of
 * them. */
enum status recommend_top(struct recommend_work *w, const struct recommend_filter *filter, size_t n,
                          struct recommendation *out, size_t *count, struct error *err);

/* Contributions to the score that the lists are sorted by. */
enum status recommend_explain(struct recommend_work *w, uint32_t movie, struct attribution *out,
                              struct error *err);

/* The movies of the history that speak for `movie` (explain_evidence). */
size_t recommend_evidence(const struct recommend_work *w, uint32_t movie, struct evidence *out,
                          size_t max);

/* Why it is recommended: out[REASON_KINDS], strongest first, at least one (reasons_find); their
 * sentences are appended by recommender_say. */
size_t recommend_reasons(const struct recommend_work *w, const struct recommendation *r,
                         struct given_reason *out);
enum status recommender_say(const struct recommender *r, const struct given_reason *reason,
                            struct buf *out, struct error *err);

/* Appends what feature number `feature` of the ranker means, in words: "log(1 + ratings)". Where
 * the list of features says "the same" of the one before, that one's meaning comes first. */
enum status recommender_append_meaning(const struct recommender *r, size_t feature, struct buf *out,
                                       struct error *err);

#endif
