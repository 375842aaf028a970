/* Writing the trained networks. */
#include "stages/ranker/experiment.h"

#include <stdio.h>

static enum status write_features(const struct job *j, struct artifact_writer *w,
                                  struct error *err) {
    uint32_t n = j->train.n_features;
    TRY(artifact_add_strings(w, "feature.name", &j->name, err));
    TRY(artifact_add_strings(w, "feature.group", &j->group, err));
    TRY(artifact_add_1d(w, "feature.mean", DTYPE_F32, n, j->mean, err));
    return artifact_add_1d(w, "feature.scale", DTYPE_F32, n, j->scale, err);
}

static const char *part_name(char out[64], const char *network, const char *part) {
    snprintf(out, 64, "%s.%s", network, part);
    return out;
}

static enum status write_weights(const struct mlp_layout *l, const float *params,
                                 const char *network, struct artifact_writer *w,
                                 struct error *err) {
    char name[64];
    TRY(artifact_add_1d(w, part_name(name, network, "layers"), DTYPE_U32, l->n_layers + 1, l->width,
                        err));
    TRY(artifact_add_1d(w, part_name(name, network, "weights"), DTYPE_F32, l->n_dense, params,
                        err));
    if (l->user_dim > 0) {
        TRY(artifact_add_2d(w, part_name(name, network, "user_embedding"), DTYPE_F32, l->n_users,
                            l->user_dim, params + l->user, err));
    }
    if (l->movie_dim == 0) return STATUS_OK;
    return artifact_add_2d(w, part_name(name, network, "movie_embedding"), DTYPE_F32, l->n_movies,
                           l->movie_dim, params + l->movie, err);
}

static enum status write_curves(const struct train_state *s, bool validated, const char *network,
                                struct artifact_writer *w, struct error *err) {
    char name[64];
    TRY(artifact_add_1d(w, part_name(name, network, "train_loss"), DTYPE_F64, s->epoch,
                        s->train_loss, err));
    TRY(artifact_set_i64(w, part_name(name, network, "best_epoch"), s->best_epoch, err));
    if (!validated) return STATUS_OK;
    TRY(artifact_add_1d(w, part_name(name, network, "valid_loss"), DTYPE_F64, s->epoch,
                        s->valid_loss, err));
    return artifact_add_1d(w, part_name(name, network, "valid_metric"), DTYPE_F64, s->epoch,
                           s->valid_metric, err);
}

enum status job_write(const struct job *j, struct artifact_writer *w, struct error *err) {
    size_t member[HEADS] = {0};
    TRY(artifact_set_i64(w, "members", (int64_t)j->n_members, err));
    TRY(artifact_set_f64(w, "rating_mean", j->mean_stars, err));
    TRY(write_features(j, w, err));
    for (size_t i = 0; i < j->n_units; i++) {
        enum ranker_head head = j->task[i].head;
        char network[32];
        snprintf(network, sizeof network, "%s-%zu", ranker_head_name(head), member[head]++);
        TRY(write_weights(&j->task[i].layout, j->state[i].best_params, network, w, err));
        TRY(write_curves(&j->state[i], j->task[i].valid->n_groups > 0, network, w, err));
    }
    return STATUS_OK;
}
