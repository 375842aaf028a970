/* Sentiment: how much better or worse than usual people rate what they describe with a tag or a
 * word. The valence of each is learnt from the ratings, without any list of good and bad words. */
#ifndef MARQUEE_SIMILARITY_SENTIMENT_H
#define MARQUEE_SIMILARITY_SENTIMENT_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/ratings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sentiment_params {
    double ridge;        /* weight of the pull towards 0, as a number of ratings */
    int64_t min_support; /* fewest ratings that a tag or word must go with */
    int64_t max_terms; /* the most supported ones; the system is dense: 4 bytes times its square */
};

/* One description: `user` says `term` about `movie`. */
struct description {
    uint32_t user, movie, term;
};

struct sentiment {
    struct strings name;    /* tags, then words; [n_terms] */
    uint8_t *group;         /* [n_terms] 0 tag, 1 word of a review */
    float *valence, *error; /* [n_terms] stars, standard error */
    uint32_t *support;      /* [n_terms] ratings described so */
    float *tone;            /* [n_movies] shrunken mean valence of what is said about a movie */
    uint64_t n_ratings;     /* with any description */
    size_t n_terms;
    bool present; /* the dataset has tags or reviews, whatever the view shows of them */
};

/* A described rating is a visible one whose user also gave the movie tags or words, not newer than
 * the newest visible rating. The valences w minimise, summed over described ratings, (y - sum of w
 * over what is said)^2, plus ridge |w|^2, with y the rating less its user's shrunken mean, less the
 * mean of that over all described ratings (people describe what they like). The standard errors are
 * those of ridge regression as a Bayesian model (Hoerl & Kennard 1970; Bishop 2006, section 3.3).
 * Datasets without tags and reviews give no terms. */
enum status sentiment_learn(struct sentiment *out, const struct artifact *dataset,
                            const struct ratings *visible, const struct sentiment_params *params,
                            struct error *err);
void sentiment_release(struct sentiment *s);

/* The regression alone: `said` [n_said] is sorted by (user, movie, term) and rid of repetitions
 * here; y[i] of each rating comes from `visible`. Fills the numbers of the terms in `term` [n_terms
 * of out], which index 0..n_names-1; names and groups are left to the caller. */
enum status sentiment_fit(struct sentiment *out, uint32_t **term, struct description *said,
                          size_t n_said, uint32_t n_names, const struct ratings *visible,
                          const struct sentiment_params *params, struct error *err);

/* The columns sentiment.* of kind similarity, and its column tone; nothing unless `present`. */
enum status sentiment_write(const struct sentiment *s, struct artifact_writer *w,
                            struct error *err);
enum status sentiment_write_tones(const struct sentiment *s, uint32_t n_movies,
                                  struct artifact_writer *w, struct error *err);

#endif
