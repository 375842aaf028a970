/* Why a movie is recommended, in sentences that are true: each rests on counts of visible ratings,
 * on terms that the movie has, or on its title, and whoever has the data can check it.
 *
 * Of each kind of evidence there is at most one sentence, and they are sorted by how much they say:
 *
 *     bits = log2(how likely love is, given the fact / how likely it is without)
 *
 * where love is that of love_of (audience.h), and the numerator is taken with caution: of a share
 * that was counted, the lower end of its 90 % interval (Wilson 1927); of a few movies of one user,
 * the share shrunken by two movies at the user's usual. What has less than 0.2 bits (is not
 * likelier by 15 %) is not said. What is given, and what it is compared with:
 * - people: those who loved a movie that the user loved; everybody.
 * - seen: the same, of having rated the movie instead of love; in place of people.
 * - series: those who loved a movie of the same series, over all series; everybody.
 * - theme: the user, among rated movies that share the theme; among all rated movies.
 * - popularity: those who rated the movie (lately); all ratings of everybody.
 * - prediction: the user, if stars stray about the prediction like a normal variable; among all
 *   rated movies.
 *
 * The user's own movies are a sample of few, so their usual share is shrunken by five ratings
 * towards that of everybody. The user is never counted among the people. */
#ifndef MARQUEE_RANKING_REASONS_H
#define MARQUEE_RANKING_REASONS_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/models/content.h"
#include "common/models/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which equally strong ones are said. */
enum reason_kind {
    REASON_PEOPLE,
    REASON_SEEN,
    REASON_SERIES,
    REASON_THEME,
    REASON_POPULARITY,
    REASON_PREDICTION,
    REASON_NONE, /* no single fact says anything */
    REASON_KINDS
};
/* "people", "series", ... */
const char *reason_kind_name(enum reason_kind kind);

enum { REASON_TERMS = 2 };

struct given_reason {
    enum reason_kind kind;
    double bits;
    uint32_t movie;   /* that is recommended */
    uint32_t because; /* people, seen, series, theme: the movie of the history, else NO_INDEX */
    uint8_t value;    /* its rating there, half stars */
    /* people, seen: `n` of the `of` others who loved `because` loved, or rated, the movie; theme:
     * the user loved `n` of the `of` rated movies of the theme; popularity: of `of` ratings `n`
     * were of love. */
    uint32_t n, of;
    double lift;                  /* people, seen: n / of over the share of all */
    uint32_t genre[REASON_TERMS]; /* theme: terms of the content */
    uint32_t tag[REASON_TERMS];
    size_t n_genres, n_tags;
    bool recent;                /* popularity: of the last days only */
    double stars, spread, mean; /* prediction, give or take, and the mean of the history */
};

/* What reasons rest on, computed once per view. */
struct reason_facts;

/* The pointers are kept. `ratings` must have by_movie_rating, which is not used later. */
enum status reason_facts_create(struct reason_facts **out, const struct catalogue *catalogue,
                                const struct ratings *ratings, const struct content *content,
                                const struct models *models, struct error *err);
void reason_facts_release(struct reason_facts *f); /* NULL is fine */

/* Who is recommended to. `self`: the user's index in the view, or NO_INDEX. */
struct reason_user {
    const struct history *history;
    uint32_t self;
};

/* out[REASON_KINDS]: the reasons for a movie, strongest first; returns how many, at least one,
 * which is REASON_NONE if there is no other. `stars`: the prediction, or NaN.
 *
 * What the kinds ask for besides:
 * - people, seen: a movie that the user and at least 10 others loved, 5 of whom loved (rated) this
 *   one too; of those among the 32 strongest pieces of evidence (evidence.h) that with the most
 *   bits. "seen" is weaker, for it does not say that they liked it: only where people is not said.
 * - series: of the loved movies of the series the newest in the history.
 * - theme: up to two tags of both movies with a genre of both, or up to two genres without tags; of
 *   the 8 strongest pieces of evidence that the user loved. A tag must have been used by two
 *   people, the mean merit (audience.h) of its movies must be above 0, and its valence too; where
 *   no valence is known, three rated movies must have it.
 * - popularity: to be in the twentieth of the movies that are rated most, or among the ten most
 *   rated of the last 90 days; and 20 ratings (10 lately).
 * - prediction: at least 3 stars, and at least a quarter above the user's mean. The "give or take"
 *   is measured on the visible ratings, for movies with about as many ratings (audience_spread):
 *   the spread about what the means of user and movie suggest. It is not the error of the ranker,
 *   which cannot be measured on ratings that its models have seen; that is in metrics.json. */
size_t reasons_find(const struct reason_facts *f, const struct reason_user *user, uint32_t movie,
                    double stars, struct given_reason out[REASON_KINDS]);

/* Appends the sentence, without a capital letter and a full stop. */
enum status reason_append(const struct reason_facts *f, const struct given_reason *r,
                          struct buf *out, struct error *err);

#endif
