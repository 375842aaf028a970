#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/json.h"
#include "common/base/mem.h"
#include "common/data/view.h"
#include "common/stage/internal.h"

#include <inttypes.h>
#include <omp.h>

struct cost {
    double wall, cpu; /* seconds */
    uint64_t memory;  /* bytes */
};

static void log_closing_line(const struct stage_run *run, const struct cost *cost) {
    AUTO(buf) struct buf counts = {0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < run->n_counts && status == STATUS_OK; i++) {
        status = buf_printf(&counts, NULL, "%s %s %" PRIu64, i > 0 ? "," : "", run->count[i].name,
                            run->count[i].value);
    }
    log_info("done:%s%s wall %.2f s, CPU %.2f s, peak memory %.0f MiB",
             counts.data ? counts.data : "", counts.data ? ";" : "", cost->wall, cost->cpu,
             (double)cost->memory / 1048576.0);
}

/* NULL when out of memory. */
static json_t *timings(const struct stage_run *run, const struct cost *cost) {
    char recipe[DIGEST_TEXT_SIZE];
    const struct digest id = stage_recipe_id(run);
    digest_text(&id, recipe);
    json_t *counts = json_object();
    for (size_t i = 0; i < run->n_counts; i++) {
        (void)json_object_set_new(counts, run->count[i].name,
                                  json_integer((json_int_t)run->count[i].value));
    }
    return json_pack("{s:s, s:i, s:s, s:s, s:f, s:f, s:I, s:i, s:o}", "stage", run->stage->name,
                     "version", (int)run->stage->version, "view",
                     run->stage->has_view ? view_name(run->view) : "", "recipe_id", recipe,
                     "wall_s", cost->wall, "cpu_s", cost->cpu, "peak_memory_bytes",
                     (json_int_t)cost->memory, "threads", omp_get_max_threads(), "counts", counts);
}

static enum status write_timings(const struct stage_run *run, const struct cost *cost,
                                 struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(file_make_directory(run->options.log_dir, err));
    TRY(buf_printf(&path, err, "%s/%s%s%s.json", run->options.log_dir, run->stage->name,
                   run->stage->has_view ? "." : "",
                   run->stage->has_view ? view_name(run->view) : ""));
    json_t *json = timings(run, cost);
    if (!json) return error_set(err, STATUS_FAILED, "out of memory: timings");
    enum status status = json_write_file(path.data, json, JSON_INDENT(2), err);
    json_decref(json);
    return status;
}

void stage_report(const struct stage_run *run) {
    const struct cost cost = {.wall = (double)(clock_now_ns() - run->started_ns) / 1e9,
                              .cpu = clock_cpu_seconds(),
                              .memory = clock_peak_memory()};
    struct error err = {0};
    if (run->options.log_dir && write_timings(run, &cost, &err) != STATUS_OK) {
        log_warn("timings: %s", err.text); /* no failure: the result itself is complete */
    }
    log_closing_line(run, &cost);
}
