/* Facts of the dataset: ratings over time, activity, popularity, values, genres, tags, sentiment.
 */
#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "common/data/rating_scale.h"
#include "common/data/ratings.h"
#include "stages/report/plots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_COLUMNS = 22, MOST_BARS = 15, MOST_SENTIMENTS = 10, MAX_BUCKETS = 160 };

/* ---- ratings over time ---- */

static const struct {
    int64_t seconds;
    const char *name;
} periods[] = {{3600, "hour"},     {86400, "day"},       {604800, "week"},
               {2629746, "month"}, {7889238, "quarter"}, {31556952, "year"}};
enum { PERIODS = sizeof(periods) / sizeof(periods[0]) };

static int64_t floor_to(int64_t time, int64_t step) {
    int64_t rest = time % step;
    return time - (rest < 0 ? rest + step : rest);
}

enum status data_ratings_time(const struct reported_run *run, size_t n_runs, struct text *out,
                              struct error *err) {
    (void)n_runs;
    const struct ratings *r = &run->ratings;
    if (run->first_time == run->last_time) return STATUS_OK; /* no times */
    int64_t first = run->first_time, last = run->last_time;
    size_t p = 0;
    while (p + 1 < PERIODS && (last - first) / periods[p].seconds > MAX_BUCKETS) {
        p++;
    }
    int64_t step = periods[p].seconds, start = floor_to(first, step);
    uint64_t n = (uint64_t)((last - start) / step) + 1;
    if (n > (uint64_t)10 * MAX_BUCKETS) return STATUS_OK; /* times that make no sense */
    MEM_AUTO uint64_t *count = NULL;
    TRY(MEM_NEW(&count, n, err));
    for (uint64_t i = 0; i < r->count; i++) {
        count[(r->time[i] - start) / step]++;
    }
    text_printf(out, "time\tratings per %s\n", periods[p].name);
    for (uint64_t i = 0; i < n; i++) {
        text_printf(out, "%lld\t%llu\n", (long long)start, (unsigned long long)count[i]);
        start += step;
    }
    return STATUS_OK;
}

/* ---- how unequal users and movies are ---- */

static int descending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* Counts by rank, greatest first. Beyond rank 20 each rank printed is about 5 % above the one
 * before: the axis is logarithmic. */
static enum status print_ranks(const uint64_t *offset, uint32_t n, struct text *out,
                               struct error *err) {
    MEM_AUTO uint64_t *count = NULL;
    TRY(MEM_NEW(&count, n, err));
    for (uint32_t i = 0; i < n; i++) {
        count[i] = offset[i + 1] - offset[i];
    }
    qsort(count, n, sizeof(*count), descending);
    text_printf(out, "rank\tratings\n");
    uint32_t last = 0;
    for (uint32_t i = 0; i < n && count[i] > 0; i++) {
        last = i;
    }
    for (uint32_t i = 0, next = 0; i <= last && n > 0 && count[0] > 0; i++) {
        if (i < next && i != last) continue;
        text_printf(out, "%u\t%llu\n", i + 1, (unsigned long long)count[i]);
        next = i + 1 + i / 20;
    }
    return STATUS_OK;
}

enum status data_activity(const struct reported_run *run, size_t n_runs, struct text *out,
                          struct error *err) {
    (void)n_runs;
    return print_ranks(run->ratings.offset, run->ratings.n_users, out, err);
}

enum status data_popularity(const struct reported_run *run, size_t n_runs, struct text *out,
                            struct error *err) {
    (void)n_runs;
    return print_ranks(run->ratings.by_movie_offset, run->ratings.n_movies, out, err);
}

enum status data_rating_values(const struct reported_run *run, size_t n_runs, struct text *out,
                               struct error *err) {
    (void)n_runs;
    (void)err;
    uint64_t count[11] = {0};
    for (uint64_t i = 0; i < run->ratings.count; i++) {
        count[run->ratings.value[i] <= 10 ? run->ratings.value[i] : 0]++;
    }
    text_printf(out, "stars\tratings\n");
    for (int half = 1; half <= 10; half++) {
        text_printf(out, "%.1f\t%llu\n", stars_of((double)half), (unsigned long long)count[half]);
    }
    return STATUS_OK;
}

/* ---- most used genres and tags ---- */

struct use {
    uint32_t index;
    uint64_t count;
};

static int by_use(const void *a, const void *b) {
    const struct use *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* How often each name occurs among `index`, most first. */
static enum status print_uses(const struct strings *name, const uint32_t *index, uint64_t n,
                              const char *unit, struct text *out, struct error *err) {
    MEM_AUTO struct use *use = NULL;
    TRY(MEM_NEW(&use, name->count, err));
    for (size_t i = 0; i < name->count; i++) {
        use[i].index = (uint32_t)i;
    }
    for (uint64_t i = 0; i < n; i++) {
        use[index[i]].count++;
    }
    qsort(use, name->count, sizeof(*use), by_use);
    if (name->count == 0 || use[0].count == 0) return STATUS_OK;
    text_printf(out, "name\t%s\n", unit);
    for (size_t i = 0; i < name->count && i < MOST_BARS && use[i].count > 0; i++) {
        text_cell(out, strings_get(name, use[i].index), LABEL_COLUMNS);
        text_printf(out, "\t%llu\n", (unsigned long long)use[i].count);
    }
    return STATUS_OK;
}

enum status data_genres(const struct reported_run *run, size_t n_runs, struct text *out,
                        struct error *err) {
    (void)n_runs;
    const struct catalogue *c = &run->catalogue;
    return print_uses(&c->genre_name, c->genre_index, c->genre_offset[c->n_movies], "movies", out,
                      err);
}

enum status data_tags(const struct reported_run *run, size_t n_runs, struct text *out,
                      struct error *err) {
    (void)n_runs;
    const struct artifact *dataset = run_newest(run, RUN_DATASET);
    AUTO(strings) struct strings name = {0};
    MEM_AUTO uint32_t *index = NULL;
    uint64_t n = artifact_column(dataset, "tag.index")->count;
    TRY(artifact_read_strings(dataset, "tag.name", UINT64_MAX, &name, err));
    TRY(artifact_read(dataset, "tag.index", DTYPE_U32, n, &index, err));
    return print_uses(&name, index, n, "times used", out, err);
}

/* ---- tags and words that go with good and bad ratings ---- */

struct valence {
    uint32_t index;
    float value;
};

static int by_valence(const void *a, const void *b) {
    const struct valence *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

enum status data_sentiment(const struct reported_run *run, size_t n_runs, struct text *out,
                           struct error *err) {
    (void)n_runs;
    const struct artifact *a = run_newest(run, RUN_SIMILARITY);
    if (a == NULL || artifact_column(a, "sentiment.name") == NULL) return STATUS_OK;
    AUTO(strings) struct strings name = {0};
    MEM_AUTO float *value = NULL, *error = NULL;
    MEM_AUTO struct valence *order = NULL;
    TRY(artifact_read_strings(a, "sentiment.name", UINT64_MAX, &name, err));
    TRY(artifact_read(a, "sentiment.valence", DTYPE_F32, name.count, &value, err));
    TRY(artifact_read(a, "sentiment.error", DTYPE_F32, name.count, &error, err));
    TRY(MEM_NEW(&order, name.count, err));
    for (size_t i = 0; i < name.count; i++) {
        order[i] = (struct valence){(uint32_t)i, value[i]};
    }
    qsort(order, name.count, sizeof(*order), by_valence);
    size_t half = (name.count + 1) / 2, n = half < MOST_SENTIMENTS ? half : MOST_SENTIMENTS;
    if (name.count > 0) text_printf(out, "name\tstars\tlow\thigh\n");
    for (size_t i = 0; i < name.count; i++) {
        if (i >= n && i + n < name.count) continue;
        uint32_t at = order[i].index;
        double middle = (double)value[at], width = 1.96 * (double)error[at];
        text_cell(out, strings_get(&name, at), LABEL_COLUMNS);
        text_printf(out, "\t%.4f\t%.4f\t%.4f\n", middle, middle - width, middle + width);
    }
    return STATUS_OK;
}
