/* The features of a (user history, candidate movie) pair: one computation for training, evaluation,
 * recommendation and serving.
 *
 * The list of features follows from the models in the artifacts; it is the same for every view of a
 * run. There are two steps per user: feature_prepare computes everything that depends on the
 * history alone (score vectors over the catalogue, profiles), then feature_rows fills rows. */
#ifndef MARQUEE_FEATURES_FEATURE_H
#define MARQUEE_FEATURES_FEATURE_H

#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/data/catalogue.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "common/data/view.h"
#include "common/models/content.h"
#include "common/models/model.h"
#include "common/run/run_artifacts.h"

#include <stddef.h>
#include <stdint.h>

enum { FEATURE_NAME_SIZE = 48 };

struct feature_spec {
    char name[FEATURE_NAME_SIZE];
    const char *group;   /* "collaborative", "sequence", "content", "popularity", "rating", ... */
    const char *meaning; /* one line */
    /* The component under whose name evaluate ranks by this feature alone; NULL: none. Of several
     * features with the same name the last one counts. */
    const char *component;
    enum needs needs;
};

/* Rows of a table of features: name, group, meaning; COMPONENT adds the name of the component,
 * NEEDING what must be known of the history. */
#define FEATURE(name, group, meaning)                                                              \
    { name, group, meaning, NULL, NEEDS_NEITHER }
#define COMPONENT(name, group, meaning, component)                                                 \
    { name, group, meaning, component, NEEDS_NEITHER }
#define NEEDING(needs, name, group, meaning)                                                       \
    { name, group, meaning, NULL, needs }

/* Appends the list as a Markdown table, for the documentation. Scores of models with several
 * instances are listed once, with the model in angle brackets in place of the instance. */
enum status feature_table(struct buf *out, struct error *err);

struct feature_context; /* all models of one view; immutable after loading, shared by threads */

/* Loads what a run's dataset, split, similarity, factors and, if there is one, sequence hold;
 * without sequence there are no features of the sequence encoder. STATUS_DAMAGED if their sizes
 * disagree. */
enum status feature_context_load(struct feature_context **out, const struct run_artifacts *from,
                                 struct error *err);
void feature_context_release(struct feature_context *c);
/* Frees what only loading needs: by_movie_rating of the ratings. */
void feature_context_trim(struct feature_context *c);

size_t feature_count(const struct feature_context *c);
const struct feature_spec *feature_at(const struct feature_context *c, size_t index);
size_t feature_find(const struct feature_context *c, const char *name); /* SIZE_MAX if absent */

/* What the context consists of; owned by it. */
const struct catalogue *feature_catalogue(const struct feature_context *c);
const struct ratings *feature_ratings(const struct feature_context *c); /* of the view */
const struct content *feature_content(const struct feature_context *c);
const struct models *feature_models(const struct feature_context *c);

struct feature_work; /* scratch of one thread */
enum status feature_work_create(struct feature_work **out, const struct feature_context *c,
                                struct error *err);
void feature_work_release(struct feature_work *w);
const struct feature_context *feature_work_context(const struct feature_work *w);

/* Prepares for a user: computes all that depends on the history alone. `history` is kept by
 * reference until the next call. `self`: the user's index, who is left out of the similar users, or
 * NO_INDEX. `now`: the moment of the recommendation, seconds since 1970. */
enum status feature_prepare(struct feature_work *w, const struct history *history, uint32_t self,
                            int64_t now, struct error *err);

/* x[n, feature_count] for the candidates movie[n]; values are finite. A row does not depend on the
 * other rows of the call, except for rounding in the last bits of what BLAS multiplies. */
void feature_rows(const struct feature_work *w, const uint32_t *movie, size_t n, float *x);

/* Allows `threads` threads to compute rows at once and, if they are more than one, feature_prepare
 * to use two. The default is one. */
enum status feature_work_threads(struct feature_work *w, size_t threads, struct error *err);
/* The same as feature_rows, for thread number `thread` of those. */
void feature_rows_of(const struct feature_work *w, size_t thread, const uint32_t *movie, size_t n,
                     float *x);

/* Fills in up to `max` score vectors over the catalogue, from which candidates are chosen: of the
 * models, similar users, content and popularity, for the history last prepared. Returns how
 * many. */
size_t feature_sources(struct feature_work *w, struct catalogue_scores *out, size_t max);

#endif
