/* Small worlds for the tests of features: ratings with roles, movies with genres and terms, and
 * hand-set models, written as the four artifacts that a feature context is loaded from. */
#ifndef MARQUEE_TESTS_FEATURE_FIXTURE_H
#define MARQUEE_TESTS_FEATURE_FIXTURE_H

#include "common/artifact/artifact.h"
#include "common/base/no_index.h"
#include "common/base/rng.h"
#include "common/data/roles.h"
#include "common/data/view.h"
#include "common/features/feature.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORLD_MOVIES = 160, WORLD_USERS = 40, WORLD_RATINGS = 4000, WORLD_DIM = 8 };

static const int64_t DAY = 86400, EPOCH = 946684800; /* 2000-01-01 */

struct world {
    uint32_t n_users, n_movies;
    uint64_t offset[WORLD_USERS + 1];
    uint32_t movie[WORLD_RATINGS];
    uint8_t value[WORLD_RATINGS], role[WORLD_RATINGS];
    int64_t time[WORLD_RATINGS];
    uint16_t year[WORLD_MOVIES];
    uint32_t genre[WORLD_MOVIES];  /* one of three each */
    uint32_t term[WORLD_MOVIES];   /* beside its genre's term a movie has one of three tags */
    float weight[WORLD_MOVIES][2]; /* of the two terms; unit length */
    float vector[WORLD_MOVIES * 2];
    float movie_bias[WORLD_MOVIES];
    float ials_movie[WORLD_MOVIES * WORLD_DIM], mf_movie[WORLD_MOVIES * WORLD_DIM];
    bool with_factorizations, with_item_models, with_demographics;
    uint8_t gender[WORLD_USERS], age[WORLD_USERS]; /* there is no occupation */
    float (*item_weight)(size_t model, uint32_t from, uint32_t to);
    char folder[64];
    const char *view; /* that the models say they were fitted on; NULL: none */
    struct digest view_id;
};

static inline void must(enum status status, const struct error *err) {
    if (status == STATUS_OK) return;
    fprintf(stderr, "fixture: %s\n", err->text);
    abort();
}

static inline void world_rate(struct world *w, uint32_t user, uint32_t movie, uint8_t value,
                              int64_t time, enum role role) {
    uint64_t i = w->offset[user + 1];
    w->movie[i] = movie;
    w->value[i] = value;
    w->time[i] = time;
    w->role[i] = (uint8_t)role;
    for (uint32_t u = user; u < w->n_users; u++) {
        w->offset[u + 1] = i + 1;
    }
}

static inline const char *world_path(const struct world *w, const char *name, char path[96]) {
    snprintf(path, 96, "%s/%s.art", w->folder, name);
    return path;
}

static inline void names(struct artifact_writer *w, const char *column, const char *prefix,
                         size_t count) {
    struct error err = {0};
    struct strings s = {0};
    for (size_t i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "%s %zu", prefix, i);
        must(strings_add(&s, text, &err), &err);
    }
    must(artifact_add_strings(w, column, &s, &err), &err);
    strings_release(&s);
}

#define ADD(column, dtype, count, values)                                                          \
    must(artifact_add_1d(a, column, dtype, count, values, &err), &err)

static inline void lineage_set(struct artifact_writer *a) {
    struct error err = {0};
    struct lineage lineage = {.stage = "fixture", .view = "", .params = ""};
    must(artifact_set_lineage(a, &lineage, &err), &err);
}

static inline void view_set(struct artifact_writer *a, const struct world *w) {
    struct error err = {0};
    char text[DIGEST_TEXT_SIZE];
    if (w->view == NULL) return;
    digest_text(&w->view_id, text);
    must(artifact_set_str(a, "view", w->view, &err), &err);
    must(artifact_set_str(a, "view_id", text, &err), &err);
}

/* Item-major copy: movies ascending, users ascending within. */
static inline void add_by_movie(struct artifact_writer *a, const struct world *w) {
    struct error err = {0};
    static uint64_t offset[WORLD_MOVIES + 1], rating[WORLD_RATINGS];
    static uint32_t user[WORLD_RATINGS];
    uint64_t n = 0;
    for (uint32_t m = 0; m < w->n_movies; m++) {
        offset[m] = n;
        for (uint32_t u = 0; u < w->n_users; u++) {
            for (uint64_t i = w->offset[u]; i < w->offset[u + 1]; i++) {
                if (w->movie[i] != m) continue;
                user[n] = u;
                rating[n++] = i;
            }
        }
    }
    offset[w->n_movies] = n;
    ADD("by_movie.offset", DTYPE_U64, w->n_movies + 1, offset);
    ADD("by_movie.user", DTYPE_U32, n, user);
    ADD("by_movie.rating", DTYPE_U64, n, rating);
}

static inline void write_dataset(const struct world *w) {
    struct error err = {0};
    struct artifact_writer *a;
    char path[96];
    uint32_t id[WORLD_MOVIES];
    uint64_t genre_offset[WORLD_MOVIES + 1];
    struct strings empty = {0};
    for (uint32_t i = 0; i < WORLD_MOVIES; i++) {
        id[i] = i + 1;
        genre_offset[i] = i;
    }
    genre_offset[w->n_movies] = w->n_movies;
    must(artifact_create(&a, world_path(w, "dataset", path), "dataset", &err), &err);
    lineage_set(a);
    ADD("user.id", DTYPE_U32, w->n_users, id);
    if (w->with_demographics) {
        ADD("user.gender", DTYPE_U8, w->n_users, w->gender);
        ADD("user.age", DTYPE_U8, w->n_users, w->age);
    }
    ADD("movie.id", DTYPE_U32, w->n_movies, id);
    names(a, "movie.title", "Movie", w->n_movies);
    ADD("movie.year", DTYPE_U16, w->n_movies, w->year);
    names(a, "genre.name", "Genre", 3);
    ADD("genre.offset", DTYPE_U64, w->n_movies + 1, genre_offset);
    ADD("genre.index", DTYPE_U32, w->n_movies, w->genre);
    must(artifact_add_strings(a, "tag.name", &empty, &err), &err);
    ADD("tag.user", DTYPE_U32, 0, id);
    ADD("tag.movie", DTYPE_U32, 0, id);
    ADD("tag.index", DTYPE_U32, 0, id);
    ADD("tag.time", DTYPE_I64, 0, w->time);
    uint64_t n = w->offset[w->n_users];
    ADD("rating.offset", DTYPE_U64, w->n_users + 1, w->offset);
    ADD("rating.movie", DTYPE_U32, n, w->movie);
    ADD("rating.value", DTYPE_U8, n, w->value);
    ADD("rating.time", DTYPE_I64, n, w->time);
    add_by_movie(a, w);
    must(artifact_add_strings(a, "source.name", &empty, &err), &err);
    must(artifact_add_strings(a, "source.hash", &empty, &err), &err);
    must(artifact_commit(a, &err), &err);
}

static inline void write_split(const struct world *w) {
    struct error err = {0};
    struct artifact_writer *a;
    char path[96];
    uint64_t zero[WORLD_USERS + 1] = {0};
    must(artifact_create(&a, world_path(w, "split", path), "split", &err), &err);
    lineage_set(a);
    must(artifact_set_str(a, "history", "prefix", &err), &err);
    ADD("role", DTYPE_U8, w->offset[w->n_users], w->role);
    ADD("test.offset", DTYPE_U64, w->n_users + 1, zero);
    ADD("test.movie", DTYPE_U32, 0, w->movie);
    ADD("test.rating", DTYPE_F32, 0, w->vector);
    ADD("test.time", DTYPE_I64, 0, w->time);
    must(artifact_commit(a, &err), &err);
}

/* Terms 0 to 2 are the genres, 3 to 5 tags. */
static inline void write_similarity(const struct world *w) {
    struct error err = {0};
    struct artifact_writer *a;
    char path[96];
    const uint8_t group[6] = {TERM_GENRE, TERM_GENRE, TERM_GENRE, TERM_TAG, TERM_TAG, TERM_TAG};
    const float idf[6] = {1, 1, 1, 1, 1, 1};
    uint64_t offset[WORLD_MOVIES + 1];
    uint32_t term[2 * WORLD_MOVIES], neighbour[WORLD_MOVIES];
    float cosine[WORLD_MOVIES] = {0};
    size_t movies = w->n_movies;
    for (size_t m = 0; m < movies; m++) {
        offset[m] = 2 * m;
        term[2 * m] = w->genre[m];
        term[2 * m + 1] = 3 + w->term[m];
        neighbour[m] = NO_INDEX;
    }
    offset[movies] = 2 * movies;
    must(artifact_create(&a, world_path(w, "similarity", path), "similarity", &err), &err);
    lineage_set(a);
    view_set(a, w);
    names(a, "term.name", "term", 6);
    ADD("term.group", DTYPE_U8, 6, group);
    ADD("term.idf", DTYPE_F32, 6, idf);
    ADD("content.offset", DTYPE_U64, w->n_movies + 1, offset);
    ADD("content.term", DTYPE_U32, 2 * movies, term);
    ADD("content.weight", DTYPE_F32, 2 * movies, w->weight);
    must(artifact_add_2d(a, "neighbour.movie", DTYPE_U32, w->n_movies, 1, neighbour, &err), &err);
    must(artifact_add_2d(a, "neighbour.cosine", DTYPE_F32, w->n_movies, 1, cosine, &err), &err);
    must(artifact_add_2d(a, "vector", DTYPE_F32, w->n_movies, 2, w->vector, &err), &err);
    must(artifact_commit(a, &err), &err);
}

static inline void add_item_weights(struct artifact_writer *a, const struct world *w,
                                    const char *name, size_t model) {
    struct error err = {0};
    static uint64_t offset[WORLD_MOVIES + 1];
    static uint32_t movie[WORLD_MOVIES * WORLD_MOVIES];
    static float value[WORLD_MOVIES * WORLD_MOVIES];
    uint64_t n = 0;
    for (uint32_t from = 0; from < w->n_movies; from++) {
        offset[from] = n;
        for (uint32_t to = 0; to < w->n_movies; to++) {
            float weight = w->item_weight(model, from, to);
            if (weight == 0) continue;
            movie[n] = to;
            value[n++] = weight;
        }
    }
    offset[w->n_movies] = n;
    char column[64];
    snprintf(column, sizeof column, "weights.%s.offset", name);
    ADD(column, DTYPE_U64, w->n_movies + 1, offset);
    snprintf(column, sizeof column, "weights.%s.movie", name);
    ADD(column, DTYPE_U32, n, movie);
    snprintf(column, sizeof column, "weights.%s.value", name);
    ADD(column, DTYPE_F32, n, value);
}

static inline void add_item_models(struct artifact_writer *a, const struct world *w) {
    struct error err = {0};
    static const char *const type[] = {"ease", "ease-liked", "ease-residual", "transition"};
    static const char *const name[] = {"ease", "ease-liked", "ease-residual", "next"};
    struct strings n = {0}, t = {0}, p = {0};
    for (size_t i = 0; i < 4 && w->with_item_models; i++) {
        must(strings_add(&n, name[i], &err), &err);
        must(strings_add(&t, type[i], &err), &err);
        must(
            strings_add(&p, "lambda=1 tau_past=5 tau_future=3 window_past=2 window_future=1", &err),
            &err);
        add_item_weights(a, w, name[i], i);
    }
    must(artifact_add_strings(a, "item_model.name", &n, &err), &err);
    must(artifact_add_strings(a, "item_model.type", &t, &err), &err);
    must(artifact_add_strings(a, "item_model.params", &p, &err), &err);
    strings_release(&n);
    strings_release(&t);
    strings_release(&p);
}

static inline void add_factorizations(struct artifact_writer *a, const struct world *w) {
    struct error err = {0};
    static const char *const keys[] = {"mf.mean",     "mf.lambda",   "mf.lambda_bias", "mf.nu",
                                       "ials.alpha0", "ials.lambda", "ials.nu"};
    static const double values[] = {3.5, 0.1, 0.1, 0, 0.3, 0.1, 0};
    float bias[WORLD_MOVIES] = {0};
    float zeros[WORLD_USERS * WORLD_DIM] = {0};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        must(artifact_set_f64(a, keys[i], values[i], &err), &err);
    }
    ADD("mf.user_bias", DTYPE_F32, w->n_users, bias);
    ADD("mf.movie_bias", DTYPE_F32, w->n_movies, bias);
    must(artifact_add_2d(a, "mf.user", DTYPE_F32, w->n_users, WORLD_DIM, zeros, &err), &err);
    must(artifact_add_2d(a, "ials.user", DTYPE_F32, w->n_users, WORLD_DIM, zeros, &err), &err);
    must(artifact_add_2d(a, "mf.movie", DTYPE_F32, w->n_movies, WORLD_DIM, w->mf_movie, &err),
         &err);
    must(artifact_add_2d(a, "ials.movie", DTYPE_F32, w->n_movies, WORLD_DIM, w->ials_movie, &err),
         &err);
}

static inline void write_factors(const struct world *w) {
    struct error err = {0};
    struct artifact_writer *a;
    char path[96];
    uint32_t popularity[WORLD_MOVIES] = {0};
    for (uint64_t i = 0; i < w->offset[w->n_users]; i++) {
        popularity[w->movie[i]] += w->role[i] == ROLE_BASE;
    }
    must(artifact_create(&a, world_path(w, "factors", path), "factors", &err), &err);
    lineage_set(a);
    view_set(a, w);
    must(artifact_set_i64(a, "n_users", w->n_users, &err), &err);
    must(artifact_set_f64(a, "mean", 3.5, &err), &err);
    must(artifact_set_f64(a, "user_shrinkage", 10, &err), &err);
    must(artifact_set_f64(a, "liked", 3.5, &err), &err);
    ADD("popularity", DTYPE_U32, w->n_movies, popularity);
    ADD("movie_bias", DTYPE_F32, w->n_movies, w->movie_bias);
    if (w->with_factorizations) add_factorizations(a, w);
    add_item_models(a, w);
    must(artifact_commit(a, &err), &err);
}

static inline void world_write(struct world *w) {
    snprintf(w->folder, sizeof w->folder, "/tmp/marquee-test-XXXXXX");
    if (mkdtemp(w->folder) == NULL) abort();
    write_dataset(w);
    write_split(w);
    write_similarity(w);
    write_factors(w);
}

static inline void world_remove(const struct world *w) {
    static const char *const name[] = {"dataset", "split", "similarity", "factors", "features"};
    char path[96];
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        unlink(world_path(w, name[i], path));
    }
    rmdir(w->folder);
}

/* The open artifacts and the context made of them. */
struct opened {
    struct artifact *dataset, *split, *similarity, *factors;
    struct feature_context *context;
};

/* Of the world, without sequence and ranker. */
static inline struct run_artifacts opened_artifacts(const struct opened *o, enum view view) {
    return (struct run_artifacts){.view = view,
                                  .file = {[RUN_DATASET] = o->dataset,
                                           [RUN_SPLIT] = o->split,
                                           [RUN_SIMILARITY] = o->similarity,
                                           [RUN_FACTORS] = o->factors}};
}

static inline struct opened world_open(const struct world *w, enum view view) {
    struct error err = {0};
    struct opened o = {0};
    char path[96];
    must(artifact_open(&o.dataset, world_path(w, "dataset", path), "dataset", &err), &err);
    must(artifact_open(&o.split, world_path(w, "split", path), "split", &err), &err);
    must(artifact_open(&o.similarity, world_path(w, "similarity", path), "similarity", &err), &err);
    must(artifact_open(&o.factors, world_path(w, "factors", path), "factors", &err), &err);
    const struct run_artifacts from = opened_artifacts(&o, view);
    must(feature_context_load(&o.context, &from, &err), &err);
    return o;
}

static inline void world_close(struct opened *o) {
    feature_context_release(o->context);
    artifact_close(o->dataset);
    artifact_close(o->split);
    artifact_close(o->similarity);
    artifact_close(o->factors);
}

static inline float some_weight(size_t model, uint32_t from, uint32_t to) {
    return from == to ? 0.0F : sinf((float)(model * 31 + (size_t)from * 7 + (size_t)to * 13));
}

/* A world of random ratings and factors; the newest four ratings of each user are rank, rank, valid
 * and test. */
static inline void world_random(struct world *w) {
    memset(w, 0, sizeof *w);
    w->n_users = WORLD_USERS;
    w->n_movies = WORLD_MOVIES;
    w->with_factorizations = w->with_item_models = true;
    w->item_weight = some_weight;
    struct rng rng = rng_keyed(7, "test", 0, 0);
    for (size_t m = 0; m < WORLD_MOVIES; m++) {
        float angle = (float)(rng_uniform(&rng) * 1.5);
        w->year[m] = m == 3 ? 0 : (uint16_t)(1950 + rng_below(&rng, 50));
        w->genre[m] = rng_below(&rng, 3);
        w->term[m] = rng_below(&rng, 3);
        w->weight[m][0] = cosf(angle);
        w->weight[m][1] = sinf(angle);
        w->vector[2 * m] = sinf(angle);
        w->vector[2 * m + 1] = cosf(angle);
        w->movie_bias[m] = 0.3F * (float)rng_normal(&rng);
        for (size_t k = 0; k < WORLD_DIM; k++) {
            w->ials_movie[m * WORLD_DIM + k] = (float)rng_normal(&rng);
            w->mf_movie[m * WORLD_DIM + k] = (float)rng_normal(&rng);
        }
    }
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        uint32_t order[WORLD_MOVIES], n = 10 + rng_below(&rng, 80);
        for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
            order[m] = m;
        }
        rng_shuffle_u32(&rng, order, WORLD_MOVIES);
        for (uint32_t i = 0; i < n; i++) {
            enum role role = i + 4 < n ? ROLE_BASE : ROLE_RANK;
            if (i + 2 == n) role = ROLE_VALID;
            if (i + 1 == n) role = ROLE_TEST;
            world_rate(w, u, order[i], (uint8_t)(1 + rng_below(&rng, 10)),
                       EPOCH + (int64_t)i * DAY + rng_below(&rng, 80000), role);
        }
    }
}

#endif
