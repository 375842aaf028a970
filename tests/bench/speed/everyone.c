/* everyone DATASET FACTORS: for every user the 100 movies, of those that the user has not rated,
 * with the largest products of iALS factors. Prints the seconds without the reading of the files,
 * the peak memory, and the seconds of CPU time per thread: "SECONDS PEAK_MIB BY_CPU". */
#include "common/artifact/artifact.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/data/ratings.h"
#include "common/data/topk.h"
#include "common/data/view.h"
#include "common/models/ials.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>

enum { TOP = 100, BLOCK_USERS = 256 };

struct lists {
    const struct ratings *ratings;
    const struct ials_model *model;
    uint32_t *movie; /* [users, TOP] */
};

static void list_user(const struct lists *l, uint32_t user, float *score, struct topk *best) {
    const struct ratings *r = l->ratings;
    for (uint64_t e = r->offset[user]; e < r->offset[user + 1]; e++)
        score[r->movie[e]] = -INFINITY;
    topk_clear(best);
    topk_push_row(best, 0, score, r->n_movies);
    topk_sort(best);
    for (size_t i = 0; i < best->count; i++)
        l->movie[(size_t)user * TOP + i] = best->heap[i].id;
}

static enum status list_block(const struct lists *l, uint32_t first, struct error *err) {
    const uint32_t n_users = l->ratings->n_users;
    const size_t n_movies = l->ratings->n_movies, dim = l->model->dim;
    size_t count = n_users - first < BLOCK_USERS ? n_users - first : BLOCK_USERS;
    AUTO(topk) struct topk best = {0};
    MEM_AUTO float *score = NULL;
    TRY(topk_alloc(&best, TOP, err));
    TRY(MEM_NEW(&score, count * n_movies, err));
    dense_gemm('N', 'T', count, n_movies, dim, 1, l->model->user + (size_t)first * dim, dim,
               l->model->movie, dim, 0, score, n_movies);
    for (uint32_t i = 0; i < count; i++)
        list_user(l, first + i, score + i * n_movies, &best);
    return STATUS_OK;
}

static enum status list_all(const struct lists *l, struct error *err) {
    uint32_t n_blocks = (l->ratings->n_users + BLOCK_USERS - 1) / BLOCK_USERS;
    enum status status = STATUS_OK;
#pragma omp parallel for schedule(dynamic)
    for (uint32_t b = 0; b < n_blocks; b++) {
        struct error block_error = {0};
        if (list_block(l, b * BLOCK_USERS, &block_error) == STATUS_OK) continue;
#pragma omp critical
        {
            status = block_error.status;
            *err = block_error;
        }
    }
    return status;
}

static enum status measure(const char *dataset_path, const char *factors_path, struct error *err) {
    struct artifact *dataset = NULL, *artifact = NULL;
    AUTO(ratings) struct ratings ratings = {0};
    AUTO(models) struct models models = {0};
    MEM_AUTO uint32_t *movie = NULL;
    TRY(artifact_open(&dataset, dataset_path, "dataset", err));
    TRY(artifact_open(&artifact, factors_path, "factors", err));
    TRY(view_load(&ratings, dataset, NULL, VIEW_ALL, err));
    TRY(models_load(&models, (const struct artifact *const *)&artifact, 1, err));
    const struct ials_model *ials = models_find(&models, &ials_model);
    if (ials == NULL || models.baseline.n_users != ratings.n_users)
        return error_set(err, STATUS_FAILED, "%s: no iALS factors of these users", factors_path);
    TRY(MEM_NEW(&movie, (size_t)ratings.n_users * TOP, err));
    double cpu = clock_cpu_seconds();
    uint64_t start = clock_now_ns();
    TRY(list_all(&(struct lists){&ratings, ials, movie}, err));
    printf("%.3f %.0f %.3f\n", (double)(clock_now_ns() - start) / 1e9,
           (double)clock_peak_memory() / 1048576.0,
           (clock_cpu_seconds() - cpu) / omp_get_max_threads());
    artifact_close(dataset);
    artifact_close(artifact);
    return STATUS_OK;
}

int main(int argc, char **argv) {
    struct error err = {0};
    if (argc != 3) {
        (void)fputs("usage: everyone DATASET FACTORS\n", stderr);
        return 2;
    }
    dense_init();
    if (measure(argv[1], argv[2], &err) == STATUS_OK) return 0;
    (void)fprintf(stderr, "everyone: %s\n", err.text);
    return 1;
}
