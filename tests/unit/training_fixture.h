/* A made-up problem for the ranker: rows in files, an experiment on them, and what it wrote. */
#ifndef MARQUEE_TESTS_TRAINING_FIXTURE_H
#define MARQUEE_TESTS_TRAINING_FIXTURE_H

#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/ranking/ranker.h"
#include "stages/ranker/experiment.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FEATURES = 4, GROUP = 12, TRAIN = 600, VALID = 150, USERS = 40, MOVIES = 30 };

static char folder[] = "/tmp/marquee-ranker-XXXXXX";

static const char *path_of(const char *name) {
    static char path[2][128];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static inline void ok_(enum status status, const struct error *err, int line) {
    if (status != STATUS_OK) fail_msg("line %d: %s", line, err->text);
}
#define OK(call) ok_(call, &err, __LINE__)

/* ---- a features artifact ---- */

struct rows {
    float x[GROUP * FEATURES];
    uint32_t movie[GROUP];
    uint32_t user;
    uint8_t rating;
};

/* The positive is the row with the largest x0 x1 + (movie even); stars depend on x2. */
static inline void make_group(struct rows *r, uint64_t set, uint64_t index) {
    struct rng rng = rng_keyed(5, "test.group", set, index);
    size_t best = 0;
    double best_score = -1e9;
    for (size_t i = 0; i < GROUP; i++) {
        float *x = r->x + i * FEATURES;
        for (size_t j = 0; j < FEATURES; j++) {
            x[j] = (float)(rng_normal(&rng) * (double)(j + 1) + 5 * (double)j);
        }
        x[3] = 2.5f; /* constant */
        r->movie[i] = rng_below(&rng, MOVIES);
        double score = (double)x[0] * (double)(x[1] - 5) + (r->movie[i] % 2 == 0 ? 2.0 : 0.0);
        if (score > best_score) {
            best_score = score;
            best = i;
        }
    }
    for (size_t j = 0; j < FEATURES; j++) {
        float swap = r->x[j];
        r->x[j] = r->x[best * FEATURES + j];
        r->x[best * FEATURES + j] = swap;
    }
    uint32_t movie = r->movie[0];
    r->movie[0] = r->movie[best];
    r->movie[best] = movie;
    r->user = rng_below(&rng, USERS);
    double stars = 3.5 + 0.4 * ((double)r->x[2] - 10) + 0.2 * rng_normal(&rng);
    r->rating = (uint8_t)fmin(fmax(round(2 * stars), 1), 10);
}

static inline void add_set(struct artifact_writer *w, const char *set, uint64_t key, size_t n) {
    struct error err = {0};
    static uint16_t x[TRAIN * GROUP * FEATURES];
    static uint32_t user[TRAIN], movie[TRAIN * GROUP];
    static uint8_t rating[TRAIN];
    static float weight[TRAIN], own_mean[TRAIN];
    char name[32];
    for (size_t i = 0; i < n; i++) {
        struct rows r;
        make_group(&r, key, i);
        half_from_floats(r.x, (size_t)GROUP * FEATURES, x + i * GROUP * FEATURES);
        memcpy(movie + i * GROUP, r.movie, sizeof r.movie);
        user[i] = r.user;
        rating[i] = r.rating;
        weight[i] = 1;
        own_mean[i] = i % 2 == 0 ? 4.5F : 3;
    }
    const uint64_t shape[] = {n, GROUP, FEATURES};
    snprintf(name, sizeof name, "%s.x", set);
    OK(artifact_add(w, name, DTYPE_F16, 3, shape, x, &err));
    snprintf(name, sizeof name, "%s.user", set);
    OK(artifact_add_1d(w, name, DTYPE_U32, n, user, &err));
    snprintf(name, sizeof name, "%s.movie", set);
    OK(artifact_add_2d(w, name, DTYPE_U32, n, GROUP, movie, &err));
    snprintf(name, sizeof name, "%s.rating", set);
    OK(artifact_add_1d(w, name, DTYPE_U8, n, rating, &err));
    snprintf(name, sizeof name, "%s.weight", set);
    OK(artifact_add_1d(w, name, DTYPE_F32, n, weight, &err));
    snprintf(name, sizeof name, "%s.own_mean", set);
    OK(artifact_add_1d(w, name, DTYPE_F32, n, own_mean, &err));
}

static inline void write_features(const char *path, bool newcomers) {
    struct error err = {0};
    struct artifact_writer *w = NULL;
    static float log_q[TRAIN * GROUP];
    static const uint8_t needs[FEATURES];
    AUTO(strings) struct strings names = {0};
    OK(artifact_create(&w, path, "features", &err));
    for (size_t i = 0; i < FEATURES; i++) {
        char name[8];
        snprintf(name, sizeof name, "x%zu", i);
        OK(strings_add(&names, name, &err));
    }
    OK(artifact_add_strings(w, "feature.name", &names, &err));
    OK(artifact_add_strings(w, "feature.group", &names, &err));
    OK(artifact_add_strings(w, "feature.meaning", &names, &err));
    OK(artifact_add_1d(w, "feature.needs", DTYPE_U8, FEATURES, needs, &err));
    OK(artifact_set_str(w, "history", "prefix", &err));
    OK(artifact_set_str(w, "order", "time", &err));
    OK(artifact_set_i64(w, "new_movies", 0, &err));
    add_set(w, "train", 0, TRAIN);
    OK(artifact_add_2d(w, "train.log_q", DTYPE_F32, TRAIN, GROUP, log_q, &err));
    if (newcomers) {
        add_set(w, "newcomer", 2, VALID);
        OK(artifact_add_2d(w, "newcomer.log_q", DTYPE_F32, VALID, GROUP, log_q, &err));
    }
    add_set(w, "valid", 1, VALID);
    const struct lineage lineage = {.stage = "test", .view = "", .params = ""};
    OK(artifact_set_lineage(w, &lineage, &err));
    OK(artifact_commit(w, &err));
}

static const struct ranker_params base_params = {.heads = "rank,newcomer,rating",
                                                 .without = "none",
                                                 .layers = "24,12",
                                                 .rating_layers = "16",
                                                 .loss = "softmax",
                                                 .user_dim = 2,
                                                 .movie_dim = 4,
                                                 .epochs = 12,
                                                 .rating_epochs = 30,
                                                 .batch = 32,
                                                 .patience = 0,
                                                 .ensemble = 1,
                                                 .learning_rate = 0.01,
                                                 .rating_learning_rate = 0.01,
                                                 .dropout = 0.05,
                                                 .rating_dropout = 0.0,
                                                 .weight_decay = 0.001,
                                                 .embedding_decay = 0.001};

static inline void start_with(struct experiment *j, const struct ranker_params *params,
                              const char *file) {
    struct error err = {0};
    *j = (struct experiment){.asked = params, .seed = 11};
    struct artifact *features = NULL;
    OK(artifact_open(&features, path_of(file), "features", &err));
    OK(experiment_load(j, features, &err));
    artifact_close(features);
    OK(experiment_plan(j, &err));
}

static inline void start(struct experiment *j, const struct ranker_params *params) {
    start_with(j, params, "features.art");
}

static inline struct ranker *write_and_load(const struct experiment *j) {
    struct error err = {0};
    struct artifact_writer *w = NULL;
    struct artifact *a = NULL;
    struct ranker *r = NULL;
    OK(artifact_create(&w, path_of("ranker.art"), "ranker", &err));
    OK(experiment_write(j, w, &err));
    const struct lineage lineage = {.stage = "test", .view = "", .params = ""};
    OK(artifact_set_lineage(w, &lineage, &err));
    OK(artifact_commit(w, &err));
    OK(artifact_open(&a, path_of("ranker.art"), "ranker", &err));
    OK(ranker_load(&r, a, &err));
    artifact_close(a);
    return r;
}

static inline int set_up(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) return 1;
    write_features(path_of("features.art"), false);
    write_features(path_of("newcomers.art"), true);
    return 0;
}

static inline int tear_down(void **state) {
    (void)state;
    (void)remove(path_of("features.art"));
    (void)remove(path_of("newcomers.art"));
    (void)remove(path_of("ranker.art"));
    (void)remove(path_of("ranker.ckpt"));
    return rmdir(folder);
}

#endif
