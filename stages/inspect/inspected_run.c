#include "stages/inspect/inspected_run.h"

#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/rating_scale.h"
#include "common/data/title_search.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static enum status open_one(struct artifact **out, const char *folder, const char *name,
                            const char *view, const char *kind, struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(buf_printf(&path, err, "%s/%s%s%s.art", folder, name, view[0] != '\0' ? "." : "", view));
    return artifact_open(out, path.data, kind, err);
}

static enum status open_split(struct run *r, const char *folder, struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(buf_printf(&path, err, "%s/split.art", folder));
    if (r->view == VIEW_ALL && !file_exists(path.data)) return STATUS_OK;
    return artifact_open(&r->split, path.data, "split", err);
}

static enum status open_sequence(struct run *r, const char *folder, const char *view,
                                 struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(buf_printf(&path, err, "%s/sequence.%s.art", folder, view));
    if (!file_exists(path.data)) return STATUS_OK;
    TRY(artifact_open(&r->sequence, path.data, "sequence", err));
    return r->split != NULL ? view_check(r->sequence, r->split, r->view, err) : STATUS_OK;
}

static enum status open_fitted(struct run *r, const char *folder, unsigned needs,
                               struct error *err) {
    const char *view = view_name(r->view);
    if (needs & NEED_SIMILARITY) {
        TRY(open_one(&r->similarity, folder, "similarity", view, "similarity", err));
        if (r->split != NULL) TRY(view_check(r->similarity, r->split, r->view, err));
    }
    if (needs & NEED_FACTORS) {
        TRY(open_one(&r->factors, folder, "factors", view, "factors", err));
        if (r->split != NULL) TRY(view_check(r->factors, r->split, r->view, err));
    }
    if (needs & NEED_RANKER) {
        TRY(open_sequence(r, folder, view, err));
        TRY(open_one(&r->ranker, folder, "ranker", "", "ranker", err));
        if (r->split != NULL) TRY(view_check(r->ranker, r->split, VIEW_FIT, err));
    }
    return STATUS_OK;
}

static enum status open_all(struct run *r, const char *folder, unsigned needs, struct error *err) {
    TRY(open_one(&r->dataset, folder, "dataset", "", "dataset", err));
    TRY(open_split(r, folder, err));
    TRY(open_fitted(r, folder, needs, err));
    TRY(catalogue_load(&r->catalogue, r->dataset, err));
    return view_load(&r->ratings, r->dataset, r->split, r->view, err);
}

enum status run_open(struct run *out, const char *folder, const char *view, unsigned needs,
                     struct error *err) {
    *out = (struct run){0};
    if (folder == NULL) return error_set(err, STATUS_USAGE, "--run: the folder of a run is needed");
    if (!view_parse(view, &out->view))
        return error_set(err, STATUS_USAGE, "--view: \"%s\" is not one of fit|full|all", view);
    enum status status = open_all(out, folder, needs, err);
    if (status != STATUS_OK) run_release(out);
    return status;
}

void run_release(struct run *r) {
    ratings_release(&r->ratings);
    catalogue_release(&r->catalogue);
    artifact_close(r->dataset);
    artifact_close(r->split);
    artifact_close(r->similarity);
    artifact_close(r->factors);
    artifact_close(r->sequence);
    artifact_close(r->ranker);
    *r = (struct run){0};
}

enum status run_find_user(const struct run *r, int64_t id, uint32_t *out, struct error *err) {
    *out = id < 0 || id > UINT32_MAX ? NO_INDEX : catalogue_find_user(&r->catalogue, (uint32_t)id);
    if (*out != NO_INDEX) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "no user has the id %" PRId64, id);
}

enum status run_title(const struct run *r, uint32_t movie, struct buf *out, struct error *err) {
    return movie_append_title(&r->catalogue, movie, out, err);
}

enum status run_genres(const struct run *r, uint32_t movie, struct buf *out, struct error *err) {
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
