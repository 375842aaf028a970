/* onelist DATASET SIMILARITY FACTORS RANKER [USERS]: the full ranker for one user at a time over
 * the whole catalogue, features included, on all threads (OMP_NUM_THREADS). Prints the median over
 * USERS users, evenly spread, of the milliseconds from history to list, the peak memory, and the
 * median of the CPU time, that of what follows the history over the threads: "MILLISECONDS PEAK_MIB
 * BY_CPU". */
#include "common/artifact/artifact.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/data/history.h"
#include "common/data/view.h"
#include "common/ranking/recommender.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOP = 100 };

/* In the order of the arguments. */
static const enum run_role inputs[] = {RUN_DATASET, RUN_SIMILARITY, RUN_FACTORS, RUN_RANKER};
enum { INPUTS = sizeof(inputs) / sizeof(inputs[0]) };

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof(*values), compare);
    return values[n / 2];
}

static enum status time_users(const struct recommender *r, size_t n, double *total, double *cpu,
                              struct error *err) {
    struct recommend_work *w = NULL;
    const struct recommend_filter filter = {0};
    const uint32_t n_users = recommender_catalogue(r)->n_users;
    TRY(recommend_work_create(&w, r, err));
    const int threads = omp_get_max_threads();
    enum status status = recommend_threads(w, (size_t)threads, err);
    for (size_t i = 0; i < n && status == STATUS_OK; i++) {
        struct recommendation list[TOP];
        size_t count;
        uint32_t user = (uint32_t)((uint64_t)n_users * i / n);
        struct history h = recommender_history(r, user);
        uint64_t start = clock_now_ns();
        double used = clock_cpu_seconds();
        status = recommend_prepare(w, &h, user, recommender_now(r, &h), err);
        double prepared = clock_cpu_seconds();
        if (status == STATUS_OK) status = recommend_top(w, &filter, TOP, list, &count, err);
        total[i] = (double)(clock_now_ns() - start) / 1e6;
        cpu[i] = (prepared - used + (clock_cpu_seconds() - prepared) / threads) * 1e3;
    }
    recommend_work_release(w);
    return status;
}

static enum status measure(char **path, size_t n, struct error *err) {
    struct artifact *a[INPUTS];
    struct run_artifacts from = {.view = VIEW_ALL};
    struct recommender *r = NULL;
    MEM_AUTO double *total = NULL, *cpu = NULL;
    for (size_t i = 0; i < INPUTS; i++) {
        TRY(artifact_open(&a[i], path[i], run_file(inputs[i])->kind, err));
        from.file[inputs[i]] = a[i];
    }
    TRY(recommender_open(&r, &from, err));
    TRY(MEM_NEW(&total, n, err));
    TRY(MEM_NEW(&cpu, n, err));
    TRY(time_users(r, n, total, cpu, err));
    printf("%.3f %.0f %.3f\n", median(total, n), (double)clock_peak_memory() / 1048576.0,
           median(cpu, n));
    recommender_release(r);
    for (size_t i = 0; i < INPUTS; i++)
        artifact_close(a[i]);
    return STATUS_OK;
}

int main(int argc, char **argv) {
    struct error err = {0};
    long n = argc > INPUTS + 1 ? strtol(argv[INPUTS + 1], NULL, 10) : 200;
    if (argc < INPUTS + 1 || n < 1) {
        (void)fputs("usage: onelist DATASET SIMILARITY FACTORS RANKER [USERS]\n", stderr);
        return 2;
    }
    dense_init();
    if (measure(argv + 1, (size_t)n, &err) == STATUS_OK) return 0;
    (void)fprintf(stderr, "onelist: %s\n", err.text);
    return 1;
}
