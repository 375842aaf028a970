/* everyone DATASET FACTORS: for every user the 100 movies, of those that the user has not rated,
 * with the largest products of iALS factors. Prints the seconds without the reading of the files,
 * the peak memory, and the seconds of CPU time per thread: "SECONDS PEAK_MIB BY_CPU". */
#include "common/artifact/artifact.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
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

/* Of one thread. */
struct desk {
    struct topk best;
    float *score; /* [BLOCK_USERS, movies] */
};

static enum status desk_create(void *scratch, const void *context, struct error *err) {
    struct desk *d = scratch;
    TRY(topk_alloc(&d->best, TOP, err));
    return MEM_NEW(&d->score,
                   (size_t)BLOCK_USERS * ((const struct lists *)context)->ratings->n_movies, err);
}

static void desk_release(void *scratch) {
    struct desk *d = scratch;
    topk_release(&d->best);
    mem_free(d->score);
}

static enum status list_block(const void *context, void *scratch, struct block_items users,
                              struct error *err) {
    (void)err;
    const struct lists *l = context;
    struct desk *d = scratch;
    const size_t n_movies = l->ratings->n_movies, dim = l->model->dim;
    dense_gemm('N', 'T', users.end - users.first, n_movies, dim, 1,
               l->model->user + users.first * dim, dim, l->model->movie, dim, 0, d->score,
               n_movies);
    for (size_t u = users.first; u < users.end; u++)
        list_user(l, (uint32_t)u, d->score + (u - users.first) * n_movies, &d->best);
    return STATUS_OK;
}

static enum status list_all(const struct lists *l, struct error *err) {
    const struct parallel users = {.n = l->ratings->n_users,
                                   .block = BLOCK_USERS,
                                   .context = l,
                                   .blocks = list_block,
                                   .scratch = {sizeof(struct desk), desk_create, desk_release}};
    return parallel_blocks(&users, err);
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
