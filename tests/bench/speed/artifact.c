/* artifact OLD NEW: reads all columns of OLD, writes them to NEW, and prints the megabytes of
 * values per second of each: "READ WRITE PEAK_MIB". NEW is removed. */
#include "common/artifact/artifact.h"
#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/data/dense.h"

#include <stdio.h>

enum { MAX_COLUMNS = 128 };

struct values {
    const struct column_info *info;
    void *data;
    struct strings texts;
};

static double megabytes_per_second(const struct artifact *a, uint64_t start_ns) {
    uint64_t size = 0;
    for (size_t i = 0; i < artifact_n_columns(a); i++)
        size += artifact_column_at(a, i)->raw_size;
    return (double)size / 1e6 / ((double)(clock_now_ns() - start_ns) / 1e9);
}

static enum status read_all(const struct artifact *a, struct values *out, struct error *err) {
    for (size_t i = 0; i < artifact_n_columns(a); i++) {
        const struct column_info *c = out[i].info = artifact_column_at(a, i);
        if (c->dtype == DTYPE_STR) {
            TRY(artifact_read_strings(a, c->name, c->count, &out[i].texts, err));
        } else {
            TRY(artifact_read(a, c->name, c->dtype, c->count, &out[i].data, err));
        }
    }
    return STATUS_OK;
}

static enum status write_all(const struct artifact *a, const struct values *v, const char *path,
                             struct error *err) {
    struct artifact_writer *w = NULL;
    TRY(artifact_create(&w, path, artifact_kind(a), err));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < artifact_n_columns(a) && status == STATUS_OK; i++) {
        const struct column_info *c = v[i].info;
        status = c->dtype == DTYPE_STR
                     ? artifact_add_strings(w, c->name, &v[i].texts, err)
                     : artifact_add(w, c->name, c->dtype, c->n_dims, c->shape, v[i].data, err);
    }
    /* Not committed: that waits for the disk, which is not what is measured. */
    artifact_abandon(w);
    return status;
}

static void release(struct values (*v)[MAX_COLUMNS]) {
    for (size_t i = 0; i < MAX_COLUMNS; i++) {
        mem_free((*v)[i].data);
        strings_release(&(*v)[i].texts);
    }
}

static enum status measure(struct artifact *a, const char *path, struct error *err) {
    __attribute__((cleanup(release))) struct values v[MAX_COLUMNS] = {0};
    if (artifact_n_columns(a) > MAX_COLUMNS)
        return error_set(err, STATUS_FAILED, "%s: too many columns", artifact_path(a));
    uint64_t start = clock_now_ns();
    TRY(read_all(a, v, err));
    double read = megabytes_per_second(a, start);
    start = clock_now_ns();
    TRY(write_all(a, v, path, err));
    printf("%.1f %.1f %.0f\n", read, megabytes_per_second(a, start),
           (double)clock_peak_memory() / 1048576.0);
    return STATUS_OK;
}

int main(int argc, char **argv) {
    struct error err = {0};
    struct artifact *a = NULL;
    if (argc != 3) {
        (void)fputs("usage: artifact OLD NEW\n", stderr);
        return 2;
    }
    dense_init();
    enum status status = artifact_open(&a, argv[1], NULL, &err);
    if (status == STATUS_OK) status = measure(a, argv[2], &err);
    artifact_close(a);
    if (status == STATUS_OK) return 0;
    (void)fprintf(stderr, "artifact: %s\n", err.text);
    return 1;
}
