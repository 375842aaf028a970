#include "stages/report/plots.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "stages/report/palette.h"

static const struct plot plots[] = {
    {"results", data_results, true},
    {"rating-results", data_rating_results, true},
    {"rank-loss", data_rank_loss, true},
    {"rank-metric", data_rank_metric, true},
    {"rating-loss", data_rating_loss, true},
    {"rating-metric", data_rating_metric, true},
    {"by-history", data_by_history, true},
    {"by-popularity", data_by_popularity, true},
    {"groups", data_groups, false},
    {"rating-groups", data_rating_groups, false},
    {"calibration", data_calibration, true},
    {"errors", data_errors, true},
    {"ratings-time", data_ratings_time, false},
    {"activity", data_activity, false},
    {"popularity", data_popularity, false},
    {"rating-values", data_rating_values, false},
    {"genres", data_genres, false},
    {"tags", data_tags, false},
    {"sentiment", data_sentiment, false},
    {"map", data_map, false},
};

size_t plot_count(void) {
    return sizeof(plots) / sizeof(plots[0]);
}

const struct plot *plot_at(size_t index) {
    return &plots[index];
}

static enum status save(const struct text *t, const char *folder, const char *name,
                        struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(buf_printf(&path, err, "%s/%s", folder, name));
    return text_save(t, path.data, err);
}

static enum status write_plot(const struct plot *p, const struct reported_run *run, size_t n_runs,
                              const char *folder, struct error *err) {
    AUTO(text) struct text data = {0};
    AUTO(buf) struct buf name = {0};
    TRY(buf_printf(&name, err, "%s.dat", p->name));
    if (n_runs == 1 || p->compares) TRY(p->data(run, n_runs, &data, err));
    return save(&data, folder, name.data, err);
}

enum status plots_write(const struct reported_run *run, size_t n_runs, const char *folder,
                        struct error *err) {
    AUTO(text) struct text palette = {0};
    TRY(file_make_directory(folder, err));
    palette_gnuplot(&palette);
    TRY(save(&palette, folder, "palette.gp", err));
    for (size_t i = 0; i < plot_count(); i++) {
        TRY(write_plot(&plots[i], run, n_runs, folder, err));
    }
    return STATUS_OK;
}
