/* A dataset, its split, and the views of it, in memory.
 *
 * Every stage that fits anything reads its ratings through view_load and through nothing else:
 * what a view does not show cannot leak into a model. */
#ifndef MARQUEE_DATA_DATASET_H
#define MARQUEE_DATA_DATASET_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_INDEX UINT32_MAX /* "no such user or movie" among u32 indices */

/* Movies, users and tags; the ratings are in views. */
struct catalogue {
    uint32_t n_users, n_movies, n_genres;
    uint32_t *user_id;  /* [n_users] raw ids, ascending */
    uint32_t *movie_id; /* [n_movies] raw ids, ascending */
    struct strings title;
    uint16_t *year; /* 0 unknown */
    struct strings genre_name;
    uint64_t *genre_offset; /* [n_movies + 1] */
    uint32_t *genre_index;
};

enum status catalogue_load(struct catalogue *out, const struct artifact *dataset,
                           struct error *err);
void catalogue_release(struct catalogue *c);
uint32_t catalogue_find_user(const struct catalogue *c, uint32_t raw_id);  /* or NO_INDEX */
uint32_t catalogue_find_movie(const struct catalogue *c, uint32_t raw_id); /* or NO_INDEX */

enum role {
    ROLE_BASE = 0,
    ROLE_RANK = 1,
    ROLE_VALID = 2,
    ROLE_TEST = 3,
    ROLE_FOLD_IN = 4,       /* what is known of a test user; never fitted on */
    ROLE_RANK_FOLD_IN = 5,  /* what is known of a user of whom nothing is base, only rank */
    ROLE_VALID_FOLD_IN = 6, /* the same, of a validation user; never fitted on */
    ROLE_VALID_OUT = 7,     /* held out of a validation user; never fitted on */
    ROLE_LEFT_OUT = 8,      /* not part of the evaluation at all */
    ROLES
};
const char *role_name(enum role role); /* "base", "rank", ... */

/* VIEW_FIT: role base. VIEW_FULL: base, rank, rank-fold-in, valid. VIEW_ALL: every rating. */
enum view { VIEW_FIT, VIEW_FULL, VIEW_ALL };
const char *view_name(enum view view); /* "fit", "full", "all" */
bool view_parse(const char *name, enum view *out);

/* Whether models fitted on `view` may see a rating of this role. */
bool view_shows(enum view view, enum role role);

/* Ratings in compressed rows: user-major in time order (ties in file order, or by lot), and
 * item-major. */
struct ratings {
    uint32_t n_users, n_movies;
    uint64_t count;
    uint64_t *offset; /* [n_users + 1] */
    uint32_t *movie;  /* [count] */
    uint8_t *value;   /* [count] half stars, 1..10 */
    int64_t *time;    /* [count] seconds since 1970 */

    uint64_t *by_movie_offset; /* [n_movies + 1] */
    uint32_t *by_movie_user;   /* [count] ascending per movie */
    uint64_t *by_movie_rating; /* [count] position in the arrays above */
};
void ratings_release(struct ratings *r);

/* Makes the item-major half from the user-major one, by counting sort. */
enum status ratings_index_by_movie(struct ratings *r, struct error *err);

/* The ratings that `view` shows. `split` may be NULL for VIEW_ALL. */
enum status view_load(struct ratings *out, const struct artifact *dataset,
                      const struct artifact *split, enum view view, struct error *err);

/* Every rating with its role (NULL `role` where the caller does not need it): for the stages that
 * evaluate or build training rows. *role is mem_free'd by the caller. */
enum status ratings_load(struct ratings *out, uint8_t **role, const struct artifact *dataset,
                         const struct artifact *split, struct error *err);

/* The id of what a view shows: catalogue, visible ratings with their order and (VIEW_FULL) roles,
 * those of validation users among them, and the taggings not newer than the newest visible rating.
 * Artifacts fitted on a view carry it; two artifacts may be used together only if their view ids
 * agree with the split's. */
enum status view_id(struct digest *out, const struct artifact *dataset, const uint8_t *role,
                    enum view view, struct error *err);

/* The id that `split` states for a view, the view that a fitted artifact says it was fitted on
 * (*name owned by the artifact), and the check that the two agree (STATUS_DAMAGED with both ids
 * otherwise). */
enum status split_view_id(struct digest *out, const struct artifact *split, enum view view,
                          struct error *err);
enum status fitted_view_id(struct digest *out, const char **name, const struct artifact *fitted,
                           struct error *err);
enum status view_check(const struct artifact *fitted, const struct artifact *split, enum view view,
                       struct error *err);

/* How a split means histories: HISTORY_PREFIX, what the user did before the rating in question
 * (leave-one-out, temporal, given); HISTORY_ALL, everything visible whatever its time (random);
 * HISTORY_FOLD_IN, the part of a held-out user's ratings that was not held out (strong). Kept in
 * the split's metadata as "history" = "prefix", "all" or "fold-in". */
enum history_rule { HISTORY_PREFIX, HISTORY_ALL, HISTORY_FOLD_IN };
const char *history_rule_name(enum history_rule rule);
enum status split_history_rule(enum history_rule *out, const struct artifact *split,
                               struct error *err);

/* What is to be ranked or predicted for each user, and against what. */
struct test_set {
    uint32_t n_users;
    uint64_t *offset; /* [n_users + 1] */
    uint32_t *movie;
    float *rating; /* stars; NaN unknown */
    int64_t *time;
    uint64_t *candidate_offset; /* [n_users + 1], or NULL: rank against the whole catalogue only */
    uint32_t *candidate_movie;
};
/* STATUS_DAMAGED unless users and movies are those of `ratings`. */
enum status test_set_load(struct test_set *out, const struct artifact *split,
                          const struct ratings *ratings, struct error *err);
void test_set_release(struct test_set *t);

#endif
