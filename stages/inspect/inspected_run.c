#include "stages/inspect/inspected_run.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/rating_scale.h"
#include "common/data/title_search.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static enum status open_all(struct inspected_run *r, const char *folder, enum view view,
                            unsigned roles, struct error *err) {
    const struct run_wish wish = {.view = view,
                                  .roles = roles | RUN_BIT(RUN_DATASET) | RUN_BIT(RUN_SPLIT)};
    TRY(run_folder_open(&r->folder, folder, &wish, err));
    r->artifacts = run_folder_artifacts(&r->folder, view, wish.roles);
    const struct artifact *const *file = r->artifacts.file;
    TRY(catalogue_load(&r->catalogue, file[RUN_DATASET], err));
    return view_load(&r->ratings, file[RUN_DATASET], file[RUN_SPLIT], view, err);
}

enum status run_open(struct inspected_run *out, const char *folder, const char *view,
                     unsigned roles, struct error *err) {
    enum view parsed = VIEW_ALL;
    *out = (struct inspected_run){0};
    if (folder == NULL) return error_set(err, STATUS_USAGE, "--run: the folder of a run is needed");
    if (!view_parse(view, &parsed))
        return error_set(err, STATUS_USAGE, "--view: \"%s\" is not one of fit|full|all", view);
    enum status status = open_all(out, folder, parsed, roles, err);
    if (status != STATUS_OK) run_release(out);
    return status;
}

void run_release(struct inspected_run *r) {
    ratings_release(&r->ratings);
    catalogue_release(&r->catalogue);
    run_folder_release(&r->folder);
    *r = (struct inspected_run){0};
}

enum status run_find_user(const struct inspected_run *r, int64_t id, uint32_t *out,
                          struct error *err) {
    *out = id < 0 || id > UINT32_MAX ? NO_INDEX : catalogue_find_user(&r->catalogue, (uint32_t)id);
    if (*out != NO_INDEX) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "no user has the id %" PRId64, id);
}

enum status run_title(const struct inspected_run *r, uint32_t movie, struct buf *out,
                      struct error *err) {
    return movie_append_title(&r->catalogue, movie, out, err);
}

enum status run_genres(const struct inspected_run *r, uint32_t movie, struct buf *out,
                       struct error *err) {
    const struct catalogue *c = &r->catalogue;
    TRY(buf_puts(out, "", err));
    for (uint64_t i = c->genre_offset[movie]; i < c->genre_offset[movie + 1]; i++) {
        if (i > c->genre_offset[movie]) TRY(buf_puts(out, ", ", err));
        TRY(buf_puts(out, strings_get(&c->genre_name, c->genre_index[i]), err));
    }
    return STATUS_OK;
}

const char *date_text(int64_t seconds, char out[DATE_SIZE]) {
    time_t time = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&time, &parts) == NULL || strftime(out, DATE_SIZE, "%Y-%m-%d", &parts) == 0)
        snprintf(out, DATE_SIZE, "?");
    return out;
}

void print_stars(const uint64_t counts[11], FILE *out) {
    uint64_t most = 1;
    for (int i = 1; i <= 10; i++)
        most = counts[i] > most ? counts[i] : most;
    for (int i = 10; i >= 1; i--) {
        int bar = (int)((counts[i] * 40 + most - 1) / most);
        fprintf(out, "  %.1f %8" PRIu64, stars_of((double)i), counts[i]);
        if (bar > 0) fprintf(out, "  %.*s", bar, "########################################");
        putc('\n', out);
    }
}
