/* Loss and metric per epoch of the ranker's heads. */
#include "common/base/mem.h"
#include "stages/report/plots.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 64, MAX_SERIES = 8, LABEL_COLUMNS = 28 };

struct curve {
    double *value;
    uint64_t count;
};

/* Of one network of the ensemble, from 0; empty if there is no such head or network. */
static enum status read_curve(struct curve *out, const struct reported_run *r, const char *head,
                              size_t network, const char *what, struct error *err) {
    char name[NAME_SIZE];
    const struct artifact *ranker = run_newest(r, RUN_RANKER);
    if (ranker == NULL) return STATUS_OK;
    (void)snprintf(name, sizeof(name), "%s-%zu.%s", head, network, what);
    const struct column_info *column = artifact_column(ranker, name);
    if (column == NULL) return STATUS_OK;
    out->count = column->count;
    return artifact_read(ranker, name, DTYPE_F64, column->count, &out->value, err);
}

struct series {
    char title[NAME_SIZE];
    struct curve curve;
};

static void print_curves(const struct series *series, size_t n, struct text *out) {
    uint64_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        if (series[i].curve.count > longest) longest = series[i].curve.count;
    }
    for (uint64_t epoch = 0; epoch < longest; epoch++) {
        text_printf(out, "%llu", (unsigned long long)epoch + 1);
        for (size_t i = 0; i < n; i++) {
            if (epoch < series[i].curve.count) {
                text_printf(out, "\t%.6g", series[i].curve.value[epoch]);
            } else {
                text_printf(out, "\tNaN");
            }
        }
        text_printf(out, "\n");
    }
}

/* One run: the curves of every network of its ensemble. */
static enum status read_run(struct series *series, size_t *n, const struct reported_run *r,
                            const char *head, const char *const *what, size_t n_what,
                            struct error *err) {
    for (size_t network = 0; *n + n_what <= MAX_SERIES; network++) {
        size_t first = *n;
        for (size_t i = 0; i < n_what; i++) {
            const char *kind = strncmp(what[i], "train", 5) == 0 ? "training" : "validation";
            TRY(read_curve(&series[*n].curve, r, head, network, what[i], err));
            if (series[*n].curve.count == 0) continue;
            (void)snprintf(series[*n].title, NAME_SIZE, "network %zu, %s", network + 1, kind);
            (*n)++;
        }
        if (*n == first) break;
    }
    for (size_t i = 0; i < *n && *n <= n_what; i++) {
        const char *kind = strchr(series[i].title, ',') + 2;
        memmove(series[i].title, kind, strlen(kind) + 1);
    }
    return STATUS_OK;
}

/* Several runs: what is `compared` of the first network of each. */
static enum status read_runs(struct series *series, size_t *n, const struct reported_run *run,
                             size_t n_runs, const char *head, const char *compared,
                             struct error *err) {
    for (; *n < n_runs && *n < MAX_SERIES; (*n)++) {
        (void)snprintf(series[*n].title, NAME_SIZE, "%s", run[*n].folder.name);
        TRY(read_curve(&series[*n].curve, &run[*n], head, 0, compared, err));
    }
    return STATUS_OK;
}

static enum status write_curves(const struct reported_run *run, size_t n_runs, const char *head,
                                const char *const *what, size_t n_what, struct text *out,
                                struct error *err) {
    struct series series[MAX_SERIES] = {{.title = ""}};
    size_t n = 0;
    bool any = false;
    enum status status = n_runs == 1
                             ? read_run(series, &n, run, head, what, n_what, err)
                             : read_runs(series, &n, run, n_runs, head, what[n_what - 1], err);
    for (size_t i = 0; i < n; i++) {
        any |= series[i].curve.count > 0;
    }
    if (status == STATUS_OK && any) {
        text_printf(out, "epoch");
        for (size_t i = 0; i < n; i++) {
            text_printf(out, "\t");
            text_cell(out, series[i].title, LABEL_COLUMNS);
        }
        text_printf(out, "\n");
        print_curves(series, n, out);
    }
    for (size_t i = 0; i < MAX_SERIES; i++) {
        mem_free(series[i].curve.value);
    }
    return status;
}

static const char *const losses[] = {"train_loss", "valid_loss"};
static const char *const metrics[] = {"valid_metric"};

enum status data_rank_loss(const struct reported_run *run, size_t n_runs, struct text *out,
                           struct error *err) {
    return write_curves(run, n_runs, "rank", losses, 2, out, err);
}

enum status data_rank_metric(const struct reported_run *run, size_t n_runs, struct text *out,
                             struct error *err) {
    return write_curves(run, n_runs, "rank", metrics, 1, out, err);
}

enum status data_rating_loss(const struct reported_run *run, size_t n_runs, struct text *out,
                             struct error *err) {
    return write_curves(run, n_runs, "rating", losses, 2, out, err);
}

enum status data_rating_metric(const struct reported_run *run, size_t n_runs, struct text *out,
                               struct error *err) {
    return write_curves(run, n_runs, "rating", metrics, 1, out, err);
}
