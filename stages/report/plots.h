/* The plots: what each shows, as tab-separated values for the gnuplot script of the same name in
 * plots/, and its picture in the page. */
#ifndef MARQUEE_REPORT_PLOTS_H
#define MARQUEE_REPORT_PLOTS_H

#include "common/base/error.h"
#include "stages/report/reported_run.h"
#include "stages/report/text_builder.h"

#include <stdbool.h>
#include <stddef.h>

/* Leaves `out` empty if there is nothing to show. With several runs it shows what is to be
 * compared. */
typedef enum status plot_data(const struct reported_run *run, size_t n_runs, struct text *out,
                              struct error *err);

plot_data data_results, data_rating_results;
plot_data data_rank_loss, data_rank_metric, data_rating_loss, data_rating_metric;
plot_data data_by_history, data_by_popularity;
plot_data data_groups, data_rating_groups;
plot_data data_calibration, data_errors;
plot_data data_ratings_time, data_activity, data_popularity, data_rating_values;
plot_data data_genres, data_tags, data_sentiment, data_map;

struct plot {
    const char *name;
    plot_data *data;
    bool compares; /* also shown for several runs */
};
size_t plot_count(void);
const struct plot *plot_at(size_t index);

/* Writes NAME.dat of every plot to `folder`, empty where there is nothing to show, and palette.gp
 * with the colours; files that would not change are left alone. */
enum status plots_write(const struct reported_run *run, size_t n_runs, const char *folder,
                        struct error *err);

#endif
