#include "common/models/baseline.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/base/ranks.h"
#include "common/data/rating_scale.h"
#include "common/models/partition.h"

/* ---- fitting ---- */

/* sums[n_movies] of (rating - mean), over all processes. */
static enum status movie_residuals(double *sums, const struct ratings *ratings, double mean,
                                   struct error *err) {
    for (uint32_t i = 0; i < ratings->n_movies; i++) {
        for (uint64_t e = ratings->by_movie_offset[i]; e < ratings->by_movie_offset[i + 1]; e++) {
            sums[i] += stars_of(ratings->value[ratings->by_movie_rating[e]]) - mean;
        }
    }
    return ranks_sum(sums, ratings->n_movies, err);
}

enum status baseline_fit(struct baseline *out, const struct ratings *ratings,
                         double movie_shrinkage, struct error *err) {
    MEM_AUTO double *count = NULL, *sum = NULL;
    double total[3] = {0, (double)ratings->count, (double)ratings->n_users};
    out->n_movies = ratings->n_movies;
    TRY(MEM_NEW(&out->popularity, ratings->n_movies, err));
    TRY(MEM_NEW(&out->movie_bias, ratings->n_movies, err));
    TRY(MEM_NEW(&sum, ratings->n_movies, err));
    for (uint64_t k = 0; k < ratings->count; k++) {
        total[0] += ratings->value[k];
    }
    TRY(ranks_sum(total, 3, err));
    out->n_users = (uint32_t)total[2];
    out->mean = total[1] > 0 ? stars_of(total[0]) / total[1] : 0;
    TRY(partition_movie_counts(&count, ratings, err));
    TRY(movie_residuals(sum, ratings, out->mean, err));
    for (uint32_t i = 0; i < ratings->n_movies; i++) {
        out->popularity[i] = (uint32_t)count[i];
        out->movie_bias[i] = (float)(sum[i] / (count[i] + movie_shrinkage));
    }
    return STATUS_OK;
}

/* ---- the artifact ---- */

enum status baseline_write(const struct baseline *b, struct artifact_writer *out,
                           struct error *err) {
    TRY(artifact_set_i64(out, "n_users", b->n_users, err));
    TRY(artifact_add_1d(out, "popularity", DTYPE_U32, b->n_movies, b->popularity, err));
    TRY(artifact_add_1d(out, "movie_bias", DTYPE_F32, b->n_movies, b->movie_bias, err));
    TRY(artifact_set_f64(out, "mean", b->mean, err));
    TRY(artifact_set_f64(out, "user_shrinkage", b->user_shrinkage, err));
    return artifact_set_f64(out, "liked", b->liked, err);
}

static enum status load(struct baseline *b, const struct artifact *a, struct error *err) {
    int64_t n_users;
    const struct column_info *popularity = artifact_column(a, "popularity");
    TRY(artifact_get_i64(a, "n_users", &n_users, err));
    if (popularity == NULL || popularity->count >= NO_INDEX || n_users < 0 ||
        n_users >= (int64_t)NO_INDEX) {
        return error_set(err, STATUS_DAMAGED, "loading factors: %s: no size of the catalogue",
                         artifact_path(a));
    }
    b->n_users = (uint32_t)n_users;
    b->n_movies = (uint32_t)popularity->count;
    TRY(artifact_read(a, "popularity", DTYPE_U32, b->n_movies, &b->popularity, err));
    TRY(artifact_read(a, "movie_bias", DTYPE_F32, b->n_movies, &b->movie_bias, err));
    TRY(artifact_get_f64(a, "mean", &b->mean, err));
    TRY(artifact_get_f64(a, "user_shrinkage", &b->user_shrinkage, err));
    return artifact_get_f64(a, "liked", &b->liked, err);
}

enum status baseline_load(struct baseline *out, const struct artifact *factors, struct error *err) {
    *out = (struct baseline){0};
    enum status status = load(out, factors, err);
    if (status != STATUS_OK) baseline_release(out);
    return status;
}

void baseline_release(struct baseline *b) {
    mem_free(b->popularity);
    mem_free(b->movie_bias);
    *b = (struct baseline){0};
}

/* ---- folding in ---- */

void baseline_residuals(const struct baseline *b, const struct history *h, float *residual) {
    double sum = 0;
    for (size_t k = 0; k < h->count; k++) {
        double rest = stars_of(h->value[k]) - b->mean - (double)b->movie_bias[h->movie[k]];
        residual[k] = (float)rest;
        sum += rest;
    }
    float bias = (float)(sum / ((double)h->count + b->user_shrinkage));
    for (size_t k = 0; k < h->count; k++) {
        residual[k] -= bias;
    }
}
