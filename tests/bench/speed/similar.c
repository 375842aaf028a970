/* similar SIMILARITY: the neighbours of all movies by the content rows of the artifact, as many as
 * it holds. Prints the seconds without reading and writing, the peak memory, and the seconds
 * of CPU time per thread: "SECONDS PEAK_MIB BY_CPU". */
#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/data/dense.h"
#include "common/models/content.h"
#include "stages/similarity/neighbours.h"

#include <omp.h>
#include <stdio.h>

enum { TOP = 100 };

static enum status measure(const char *path, struct error *err) {
    struct artifact *a = NULL;
    AUTO(csr) struct csr rows = {0};
    MEM_AUTO uint32_t *movie = NULL;
    MEM_AUTO float *cosine = NULL;
    TRY(artifact_open(&a, path, "similarity", err));
    rows.n_rows = (uint32_t)artifact_column(a, "content.offset")->count - 1;
    rows.n_columns = (uint32_t)artifact_column(a, "term.idf")->count;
    rows.count = artifact_column(a, "content.term")->count;
    TRY(artifact_read(a, "content.offset", DTYPE_U64, rows.n_rows + 1ULL, &rows.offset, err));
    TRY(artifact_read(a, "content.term", DTYPE_U32, rows.count, &rows.column, err));
    TRY(artifact_read(a, "content.weight", DTYPE_F32, rows.count, &rows.value, err));
    TRY(MEM_NEW(&movie, (size_t)rows.n_rows * TOP, err));
    TRY(MEM_NEW(&cosine, (size_t)rows.n_rows * TOP, err));
    double cpu = clock_cpu_seconds();
    uint64_t start = clock_now_ns();
    TRY(neighbours_find(&rows, TOP, movie, cosine, NULL, err));
    printf("%.3f %.0f %.3f\n", (double)(clock_now_ns() - start) / 1e9,
           (double)clock_peak_memory() / 1048576.0,
           (clock_cpu_seconds() - cpu) / omp_get_max_threads());
    artifact_close(a);
    return STATUS_OK;
}

int main(int argc, char **argv) {
    struct error err = {0};
    if (argc != 2) {
        (void)fputs("usage: similar SIMILARITY\n", stderr);
        return 2;
    }
    dense_init();
    if (measure(argv[1], &err) == STATUS_OK) return 0;
    (void)fprintf(stderr, "similar: %s\n", err.text);
    return 1;
}
