/* A ranker of random weights for a world. */
#ifndef MARQUEE_TESTS_RANKER_FIXTURE_H
#define MARQUEE_TESTS_RANKER_FIXTURE_H

#include "common/base/mem.h"
#include "common/nn/init.h"
#include "common/nn/mlp.h"
#include "common/ranking/recommender.h"
#include "tests/unit/feature_fixture.h"

/* Networks of random weights with embeddings, for every head. `names` NULL: all features. */
static inline void write_ranker(const struct world *world, const struct feature_context *c,
                                const char *file, const char *const *names, size_t n) {
    struct error err = {0};
    struct artifact_writer *a = NULL;
    struct strings name = {0}, group = {0};
    if (names == NULL) n = feature_count(c);
    float mean[128], scale[128], low[128], high[128];
    struct rng rng = rng_keyed(3, "test.ranker", 0, 0);
    for (size_t i = 0; i < n; i++) {
        size_t index = names == NULL ? i : feature_find(c, names[i]);
        must(strings_add(&name, names == NULL ? feature_at(c, i)->name : names[i], &err), &err);
        must(strings_add(&group, index == SIZE_MAX ? "none" : feature_at(c, index)->group, &err),
             &err);
        mean[i] = (float)rng_normal(&rng);
        scale[i] = 0.5F + (float)rng_uniform(&rng);
        low[i] = -100;
        high[i] = 100;
    }
    char path[96];
    must(artifact_create(&a, world_path(world, file, path), "ranker", &err), &err);
    lineage_set(a);
    view_set(a, world);
    must(artifact_set_i64(a, "members", 1, &err), &err);
    must(artifact_set_f64(a, "rating_mean", 3.5, &err), &err);
    must(artifact_set_f64(a, "like_tilt", 0.4, &err), &err);
    must(artifact_set_f64(a, "like_penalty", 0.7, &err), &err);
    must(artifact_add_strings(a, "feature.name", &name, &err), &err);
    must(artifact_add_strings(a, "feature.group", &group, &err), &err);
    ADD("feature.mean", DTYPE_F32, n, mean);
    ADD("feature.scale", DTYPE_F32, n, scale);
    ADD("feature.rating_scale", DTYPE_F32, n, scale);
    ADD("feature.low", DTYPE_F32, n, low);
    ADD("feature.high", DTYPE_F32, n, high);
    static const char *const heads[] = {"rank-0", "rating-0", "newcomer-0", "like-0"};
    for (int head = 0; head < HEADS; head++) {
        const uint32_t hidden[] = {24, 12};
        const struct mlp_inputs inputs = {(uint32_t)n,  WORLD_USERS, 3,
                                          WORLD_MOVIES, 4,           head != HEAD_RATING};
        struct mlp_layout l = {0};
        char column[64];
        const char *prefix = heads[head];
        must(mlp_layout_set(&l, &inputs, hidden, 2, &err), &err);
        float *params = NULL;
        must(MEM_NEW(&params, l.n_params, &err), &err);
        mlp_initialise(&l, 11 + (uint64_t)head, params);
        for (size_t i = 0; i < l.n_params; i++) {
            params[i] *= 2; /* scores of some size */
        }
        init_normal(params + l.weight[2], l.width[2], 0.3, &rng);
        init_normal(params + l.shortcut, l.n_dense - l.shortcut, 0.1, &rng);
        snprintf(column, sizeof column, "%s.layers", prefix);
        ADD(column, DTYPE_U32, l.n_layers + 1, l.width);
        snprintf(column, sizeof column, "%s.weights", prefix);
        ADD(column, DTYPE_F32, l.shortcut, params);
        if (l.shortcut < l.n_dense) {
            snprintf(column, sizeof column, "%s.shortcut", prefix);
            ADD(column, DTYPE_F32, l.n_dense - l.shortcut, params + l.shortcut);
        }
        snprintf(column, sizeof column, "%s.user_embedding", prefix);
        must(artifact_add_2d(a, column, DTYPE_F32, WORLD_USERS, 3, params + l.user, &err), &err);
        snprintf(column, sizeof column, "%s.movie_embedding", prefix);
        must(artifact_add_2d(a, column, DTYPE_F32, WORLD_MOVIES, 4, params + l.movie, &err), &err);
        mem_free(params);
    }
    must(artifact_commit(a, &err), &err);
    strings_release(&name);
    strings_release(&group);
}

/* The same, opened; the file is gone. */
static inline struct artifact *make_ranker(const struct world *world,
                                           const struct feature_context *c, const char *file,
                                           const char *const *names, size_t n) {
    struct error err = {0};
    struct artifact *out = NULL;
    char path[96];
    write_ranker(world, c, file, names, n);
    must(artifact_open(&out, world_path(world, file, path), "ranker", &err), &err);
    unlink(path);
    return out;
}

/* Recommends with all of the world's ratings. */
static inline enum status open_recommender(struct recommender **out, const struct opened *o,
                                           const struct artifact *ranker, struct error *err) {
    struct run_artifacts from = opened_artifacts(o, VIEW_ALL);
    from.file[RUN_SPLIT] = NULL;
    from.file[RUN_RANKER] = ranker;
    return recommender_open(out, &from, err);
}

#endif
