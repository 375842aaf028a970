/* Loss and metric per epoch of the ranker's heads. */
#include "common/base/mem.h"
#include "stages/report/plots.h"

#include <stdio.h>

enum { NAME_SIZE = 64, MAX_SERIES = 16 };

struct curve {
    double *value;
    uint64_t count;
};
static void curve_release(struct curve *c) {
    mem_free(c->value);
}

/* The first member of an ensemble stands for all. Empty if there is no such head. */
static enum status read_curve(struct curve *out, const struct run *r, const char *head,
                              const char *what, struct error *err) {
    char name[NAME_SIZE];
    const struct artifact *ranker = r->art[PART_RANKER];
    if (ranker == NULL) return STATUS_OK;
    (void)snprintf(name, sizeof(name), "%s-0.%s", head, what);
    const struct column_info *column = artifact_column(ranker, name);
    if (column == NULL) return STATUS_OK;
    out->count = column->count;
    return artifact_read(ranker, name, DTYPE_F64, column->count, &out->value, err);
}

static void print_curves(const struct curve *curves, size_t n, struct text *out) {
    uint64_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        if (curves[i].count > longest) longest = curves[i].count;
    }
    for (uint64_t epoch = 0; epoch < longest; epoch++) {
        text_printf(out, "%llu", (unsigned long long)epoch + 1);
        for (size_t i = 0; i < n; i++) {
            if (epoch < curves[i].count) {
                text_printf(out, "\t%.6g", curves[i].value[epoch]);
            } else {
                text_printf(out, "\tNaN");
            }
        }
        text_printf(out, "\n");
    }
}

/* One run: training and validation. Several: what is `compared` of each. */
static enum status write_curves(const struct run *run, size_t n_runs, const char *head,
                                const char *const *what, size_t n_what, const char *compared,
                                struct text *out, struct error *err) {
    struct curve curves[MAX_SERIES] = {{0}};
    size_t n = n_runs == 1 ? n_what : n_runs < MAX_SERIES ? n_runs : MAX_SERIES;
    enum status status = STATUS_OK;
    bool any = false;
    for (size_t i = 0; i < n && status == STATUS_OK; i++) {
        const struct run *r = n_runs == 1 ? run : &run[i];
        status = read_curve(&curves[i], r, head, n_runs == 1 ? what[i] : compared, err);
        any |= curves[i].count > 0;
    }
    if (status == STATUS_OK && any) {
        text_printf(out, "epoch");
        for (size_t i = 0; i < n; i++) {
            text_printf(out, "\t");
            const char *single = n_what == 1 ? "validation" : i == 0 ? "training" : "validation";
            text_cell(out, n_runs == 1 ? single : run[i].name, 28);
        }
        text_printf(out, "\n");
        print_curves(curves, n, out);
    }
    for (size_t i = 0; i < n; i++) {
        curve_release(&curves[i]);
    }
    return status;
}

static const char *const losses[] = {"train_loss", "valid_loss"};
static const char *const metrics[] = {"valid_metric"};

enum status data_rank_loss(const struct run *run, size_t n_runs, struct text *out,
                           struct error *err) {
    return write_curves(run, n_runs, "rank", losses, 2, "valid_loss", out, err);
}

enum status data_rank_metric(const struct run *run, size_t n_runs, struct text *out,
                             struct error *err) {
    return write_curves(run, n_runs, "rank", metrics, 1, "valid_metric", out, err);
}

enum status data_rating_loss(const struct run *run, size_t n_runs, struct text *out,
                             struct error *err) {
    return write_curves(run, n_runs, "rating", losses, 2, "valid_loss", out, err);
}

enum status data_rating_metric(const struct run *run, size_t n_runs, struct text *out,
                               struct error *err) {
    return write_curves(run, n_runs, "rating", metrics, 1, "valid_metric", out, err);
}
