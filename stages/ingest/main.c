/* ingest: the CSV files of a data set -> dataset.art */
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/stage/stage.h"
#include "stages/ingest/dataset.h"
#include "stages/ingest/source_layout.h"

#include <string.h>
#include <sys/stat.h>

struct ingest_params {
    const char *data;
    const char *file[N_FILE_ROLES];
    int64_t max_bad_rows, min_core;
    const char *ties, *order, *shuffle;
};

#define OPTION_HOLDER struct ingest_params
static const struct option_spec options[] = {
    RUNTIME_TEXT("data", data, NULL, "folder with the files of a MovieLens release", 0),
    RUNTIME_TEXT("ratings", file[FILE_RATINGS], NULL,
                 "ratings file (*.dat and u.* in their layouts, else CSV)", 0),
    RUNTIME_TEXT("movies", file[FILE_MOVIES], NULL, "movies file", 0),
    RUNTIME_TEXT("users", file[FILE_USERS], NULL, "users file", 0),
    RUNTIME_TEXT("links", file[FILE_LINKS], NULL, "links file", 0),
    RUNTIME_TEXT("tags", file[FILE_TAGS], NULL, "tags file", 0),
    RUNTIME_TEXT("reviews", file[FILE_REVIEWS], NULL, "reviews file", 0),
    RUNTIME_TEXT("genome-tags", file[FILE_GENOME_TAGS], NULL, "names of the genome tags", 0),
    RUNTIME_TEXT("genome-scores", file[FILE_GENOME_SCORES], NULL,
                 "relevance of the genome tags per movie", 0),
    RUNTIME_TEXT("feedback", file[FILE_FEEDBACK], NULL,
                 "further ratings, as CSV like ratings.csv; an empty rating is a view", 0),
    RUNTIME_TEXT("forgotten", file[FILE_FORGOTTEN], NULL,
                 "CSV of users whose ratings in the ratings file are left out", 0),
    PARAMETER_INT("max-bad-rows", max_bad_rows, "0", 0, 1e15,
                  "rows that may be skipped, over all files, before the run stops"),
    PARAMETER_INT(
        "min-core", min_core, "1", 1, 1e6,
        "leave out users and movies with fewer ratings, until all that remain have as many"),
    PARAMETER_CHOICE("ties", ties, "file", "file|random",
                     "order of a user's ratings with the same timestamp"),
    PARAMETER_CHOICE("order", order, "auto", "auto|time|none",
                     "whether times give an order; none: by lot; auto: by what they are worth"),
    PARAMETER_CHOICE("shuffle", shuffle, "none", "none|before-last",
                     "put each user's ratings before the last one into an order by lot"),
};

static enum status add_files(struct stage_run *run, struct layout *layout, uint64_t *size,
                             struct error *err) {
    *size = 0;
    for (size_t role = 0; role < N_FILE_ROLES; role++) {
        if (!source_given(&layout->file[role])) continue;
        const char *path = layout->file[role].path.data;
        struct stat about;
        if (stat(path, &about) == 0) *size += (uint64_t)about.st_size;
        TRY(stage_add_file(run, base_name(path), path, &layout->file[role].hash, err));
    }
    return STATUS_OK;
}

static struct rating_order order_of(const struct ingest_params *p, uint64_t seed) {
    struct rating_order order = {
        .seed = seed, .rule = ORDER_AS_MEASURED, .min_core = (uint32_t)p->min_core};
    if (strcmp(p->ties, "random") == 0) order.ties = TIES_RANDOM;
    if (strcmp(p->order, "time") == 0) order.rule = ORDER_OF_TIME;
    if (strcmp(p->order, "none") == 0) order.rule = ORDER_BY_LOT;
    order.shuffled = strcmp(p->shuffle, "before-last") == 0;
    return order;
}

static void count(struct stage_run *run, const struct dataset *d, uint64_t n_bad) {
    stage_count(run, "users", d->users.count);
    stage_count(run, "movies", d->movies.map.count);
    stage_count(run, "ratings", d->ratings.count);
    if (d->tags.count > 0) stage_count(run, "taggings", d->tags.count);
    if (d->has_reviews) stage_count(run, "words of reviews", d->reviews.count);
    if (d->has_genome) stage_count(run, "genome movies", d->genome.n_movies);
    if (d->n_feedback > 0) stage_count(run, "ratings of feedback", d->n_feedback);
    if (d->n_duplicates > 0) stage_count(run, "duplicates", d->n_duplicates);
    if (d->tags.n_empty > 0) stage_count(run, "empty tags", d->tags.n_empty);
    if (n_bad > 0) stage_count(run, "bad rows", n_bad);
}

static void warn_of_order(const struct dataset *d) {
    if (d->ordered) return;
    bool overruled = d->order.rule == ORDER_AS_MEASURED && d->has_times;
    log_warn("order none: %s; each user's ratings are in an order by lot, without times%s",
             d->why.data, overruled ? " (--order time overrules)" : "");
}

static enum status ingest(struct stage_run *run, const void *params, struct error *err) {
    const struct ingest_params *p = params;
    AUTO(layout) struct layout layout = {0};
    AUTO(reading) struct reading shared = {.bad_allowed = (uint64_t)p->max_bad_rows};
    AUTO(dataset) struct dataset d = {0};
    struct rating_order order = order_of(p, stage_seed(run));
    struct progress progress;
    uint64_t size = 0;
    TRY(layout_find(&layout, p->data, p->file, err));
    TRY(add_files(run, &layout, &size, err));
    progress_start(&progress, "ingest", "bytes", size);
    shared.progress = &progress;
    enum status status = dataset_read(&d, &layout, &order, &shared, err);
    progress_end(&progress);
    for (size_t i = 0; i < shared.skipped.count; i++)
        log_warn("%s; skipped", strings_get(&shared.skipped, i));
    TRY(status);
    warn_of_order(&d);
    count(run, &d, shared.skipped.count);
    return dataset_write(&d, &layout, stage_output(run), err);
}

static const struct stage ingest_stage = {
    .name = "ingest",
    .version = 2,
    .summary = "read ratings, movies, tags, links and users into a dataset",
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .output_kind = "dataset",
    .params_size = sizeof(struct ingest_params),
    .run = ingest,
};

int main(int argc, char **argv) {
    return stage_main(argc, argv, &ingest_stage);
}
