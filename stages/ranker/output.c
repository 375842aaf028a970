/* Writing the trained networks. */
#include "stages/ranker/experiment.h"

static enum status write_features(const struct experiment *e, struct artifact_writer *w,
                                  struct error *err) {
    uint32_t n = e->train.n_features;
    TRY(artifact_add_strings(w, "feature.name", &e->name, err));
    TRY(artifact_add_strings(w, "feature.group", &e->group, err));
    TRY(artifact_add_1d(w, "feature.mean", DTYPE_F32, n, e->ranges.mean, err));
    TRY(artifact_add_1d(w, "feature.low", DTYPE_F32, n, e->ranges.low, err));
    TRY(artifact_add_1d(w, "feature.high", DTYPE_F32, n, e->ranges.high, err));
    TRY(artifact_add_1d(w, "feature.rating_scale", DTYPE_F32, n, e->rating_scale, err));
    return artifact_add_1d(w, "feature.scale", DTYPE_F32, n, e->ranges.scale, err);
}

enum status experiment_write(const struct experiment *e, struct artifact_writer *w,
                             struct error *err) {
    TRY(artifact_set_i64(w, "members", e->params.ensemble, err));
    TRY(artifact_set_f64(w, "rating_mean", e->mean_stars, err));
    TRY(artifact_set_f64(w, "like_tilt", e->judgement.tilt, err));
    TRY(artifact_set_f64(w, "like_penalty", e->judgement.penalty, err));
    TRY(write_features(e, w, err));
    return networks_write(e->network, e->n_networks, w, err);
}
