#include "stages/evaluate/list_files.h"

#include "common/base/buf.h"
#include "common/base/file.h"
#include "common/base/mem.h"
#include "common/data/topk.h"
#include "stages/evaluate/list_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KEPT = 1 << 23 }; /* movies of lists kept in memory: 64 MiB of them */

/* The list of one model and row: places best first. */
struct kept {
    struct scored *place; /* [count] */
    size_t count;
};

struct list_files {
    const struct catalogue *catalogue;
    const uint32_t *user; /* [n_rows] */
    size_t length, n_models, chunk;
    const char *const *model; /* [n_models] */
    struct file_writer *file; /* [n_models + 1]; the last is that of the qrels */
    struct kept *list;        /* [chunk, n_models] */
    uint32_t **held_out;      /* [chunk] */
    size_t *n_held_out;       /* [chunk] */
};

static enum status open_file(struct list_files *f, size_t at, const char *prefix, const char *name,
                             struct error *err) {
    AUTO(buf) struct buf path = {0};
    TRY(buf_printf(&path, err, "%s.%s%s", prefix, name, at < f->n_models ? ".run" : ""));
    return file_writer_open(&f->file[at], path.data, err);
}

static enum status open_all(struct list_files *f, const char *prefix, size_t n_rows,
                            struct error *err) {
    size_t n = f->n_models;
    f->chunk = f->length * n < KEPT ? KEPT / (f->length * n) : 1;
    if (f->chunk > n_rows) f->chunk = n_rows;
    TRY(MEM_NEW(&f->file, n + 1, err));
    TRY(MEM_NEW(&f->list, f->chunk * n, err));
    TRY(MEM_NEW(&f->held_out, f->chunk, err));
    TRY(MEM_NEW(&f->n_held_out, f->chunk, err));
    for (size_t c = 0; c < n; c++) {
        if (f->model[c] != NULL) TRY(open_file(f, c, prefix, f->model[c], err));
    }
    return open_file(f, n, prefix, "qrels", err);
}

enum status list_files_open(struct list_files **out, const struct list_request *request,
                            const char *const *model, size_t n_models, const uint32_t *user,
                            size_t n_rows, struct error *err) {
    *out = NULL;
    if (request->prefix == NULL) return STATUS_OK;
    struct list_files *f = NULL;
    size_t n_movies = request->catalogue->n_movies;
    bool whole = request->length == 0 || request->length > n_movies;
    TRY(MEM_NEW(&f, 1, err));
    *f = (struct list_files){.catalogue = request->catalogue,
                             .user = user,
                             .length = whole ? n_movies : request->length,
                             .model = model,
                             .n_models = n_models};
    enum status status = open_all(f, request->prefix, n_rows, err);
    if (status != STATUS_OK) {
        list_files_release(f);
        return error_wrap(err, "--lists");
    }
    *out = f;
    return STATUS_OK;
}

size_t list_files_chunk(const struct list_files *f, size_t n_rows) {
    return f != NULL ? f->chunk : n_rows;
}

static enum status keep_held_out(struct list_files *f, size_t at, const uint32_t *movie, size_t n,
                                 struct error *err) {
    if (f->held_out[at] != NULL) return STATUS_OK; /* by another model of the row */
    TRY(MEM_NEW(&f->held_out[at], n, err));
    memcpy(f->held_out[at], movie, n * sizeof(*movie));
    f->n_held_out[at] = n;
    return STATUS_OK;
}

enum status list_files_keep(struct list_files *f, size_t model, size_t row, const uint32_t *movie,
                            const float *score, size_t n, size_t n_held_out, struct error *err) {
    if (f == NULL || f->model[model] == NULL) return STATUS_OK;
    AUTO(topk) struct topk best = {0};
    struct kept *list = &f->list[(row % f->chunk) * f->n_models + model];
    TRY(keep_held_out(f, row % f->chunk, movie, n_held_out, err));
    TRY(topk_alloc(&best, f->length, err));
    for (size_t i = 0; i < n; i++) {
        topk_push(&best, score[i], movie[i]);
    }
    topk_sort(&best);
    TRY(MEM_NEW(&list->place, best.count, err));
    memcpy(list->place, best.heap, best.count * sizeof(*list->place));
    list->count = best.count;
    return STATUS_OK;
}

/* Nine digits tell any two scores apart, so ties are ties in the file too, and nothing else is. */
static void print_list(const struct kept *list, const char *name, const uint32_t *movie_id,
                       const char *model, FILE *out) {
    for (size_t i = 0; i < list->count; i++) {
        fprintf(out, "%s Q0 %" PRIu32 " %zu %.9g %s\n", name, movie_id[list->place[i].id], i + 1,
                (double)list->place[i].score, model);
    }
}

static void forget(struct list_files *f, size_t at) {
    for (size_t c = 0; c < f->n_models; c++) {
        struct kept *list = &f->list[at * f->n_models + c];
        mem_free(list->place);
        *list = (struct kept){0};
    }
    mem_free(f->held_out[at]);
    f->held_out[at] = NULL;
}

enum status list_files_write(struct list_files *f, size_t first, size_t end, struct error *err) {
    if (f == NULL) return STATUS_OK;
    for (size_t row = first; row < end; row++) {
        char name[LIST_NAME_SIZE];
        size_t at = row % f->chunk;
        list_name_print(name, f->catalogue->user_id[f->user[row]], list_number(f->user, row));
        for (size_t c = 0; c < f->n_models; c++) {
            if (f->model[c] == NULL) continue;
            print_list(&f->list[at * f->n_models + c], name, f->catalogue->movie_id, f->model[c],
                       f->file[c].stream);
        }
        for (size_t i = 0; i < f->n_held_out[at]; i++) {
            fprintf(f->file[f->n_models].stream, "%s 0 %" PRIu32 " 1\n", name,
                    f->catalogue->movie_id[f->held_out[at][i]]);
        }
        forget(f, at);
    }
    for (size_t c = 0; c <= f->n_models; c++) {
        if (f->file[c].stream != NULL && ferror(f->file[c].stream)) {
            return error_errno(err, "--lists: %s", f->file[c].path);
        }
    }
    return STATUS_OK;
}

enum status list_files_commit(struct list_files *f, struct error *err) {
    for (size_t c = 0; f != NULL && c <= f->n_models; c++) {
        if (f->file[c].stream != NULL) TRY(file_writer_commit(&f->file[c], err));
    }
    return STATUS_OK;
}

void list_files_release(struct list_files *f) {
    if (f == NULL) return;
    for (size_t at = 0; f->n_held_out != NULL && at < f->chunk; at++) {
        forget(f, at);
    }
    for (size_t c = 0; f->file != NULL && c <= f->n_models; c++) {
        file_writer_abandon(&f->file[c]);
    }
    mem_free(f->file);
    mem_free(f->list);
    mem_free(f->held_out);
    mem_free(f->n_held_out);
    mem_free(f);
}
