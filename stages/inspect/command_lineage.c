/* lineage: what an artifact was made from, back to the files of the source. */
#include "common/artifact/artifact.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/data/view.h"
#include "common/run/run_table.h"
#include "stages/inspect/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 16 };

/* The artifacts of the run's folder that ids may refer to. */
struct neighbours {
    struct artifact *file[RUN_PARTS]; /* NULL: not there */
    bool printed[RUN_PARTS];          /* each is printed in full only once */
};

/* Neighbours that are missing or damaged are left out: the file itself is what was asked about. */
static enum status open_neighbours(struct neighbours *n, const char *path, struct error *err) {
    const char *slash = strrchr(path, '/');
    AUTO(buf) struct buf folder = {0};
    TRY(buf_append(&folder, slash == NULL ? "." : path,
                   slash == NULL ? 1 : (size_t)(slash - path) + (slash == path), err));
    for (size_t part = 0; part < RUN_PARTS; part++) {
        const char *kind = run_file(run_part(part)->role)->kind;
        AUTO(buf) struct buf name = {0};
        TRY(run_path(&name, folder.data, part, err));
        if (kind != NULL) (void)artifact_open(&n->file[part], name.data, kind, NULL);
    }
    return STATUS_OK;
}

static void close_neighbours(struct neighbours *n) {
    for (size_t part = 0; part < RUN_PARTS; part++)
        artifact_close(n->file[part]);
}

static void indent(int depth) {
    for (int i = 0; i < depth; i++)
        fputs("  ", stdout);
}

/* The view of the split whose id this is, or NULL. */
static const char *view_of_split(const struct artifact *split, const struct digest *id) {
    static const char *const views[] = {"view fit", "view full", "view all"};
    for (size_t i = 0; i < 3; i++) {
        char key[32];
        const char *text;
        struct digest stated;
        snprintf(key, sizeof(key), "view_id.%s", views[i] + 5);
        if (artifact_get_str(split, key, &text, NULL) != STATUS_OK) continue;
        if (digest_parse(text, &stated) && digest_equal(&stated, id)) return views[i];
    }
    return NULL;
}

static void print_artifact(struct neighbours *n, const struct artifact *a, int depth);

static void print_neighbour(struct neighbours *n, size_t part, const char *view, int depth) {
    indent(depth);
    printf("= %s%s%s.art%s\n", view != NULL ? view : "", view != NULL ? " of " : "",
           run_part(part)->name, n->printed[part] ? ", told above" : "");
    if (n->printed[part]) return;
    n->printed[part] = true;
    print_artifact(n, n->file[part], depth + 1);
}

/* Prints the artifact that has this content id, or the split that states it as the id of a view. */
static void print_source(struct neighbours *n, const struct digest *id, int depth) {
    for (size_t part = 0; part < RUN_PARTS; part++) {
        const struct artifact *a = n->file[part];
        if (a == NULL) continue;
        struct digest content = artifact_content_id(a);
        const char *view = run_part(part)->role == RUN_SPLIT ? view_of_split(a, id) : NULL;
        if (view == NULL && !digest_equal(&content, id)) continue;
        print_neighbour(n, part, view, depth);
        return;
    }
}

static void print_inputs(struct neighbours *n, const struct artifact *a, int depth) {
    const struct lineage *l = artifact_lineage(a);
    for (size_t i = 0; i < l->n_inputs; i++) {
        char id[DIGEST_TEXT_SIZE];
        digest_text(&l->inputs[i].id, id);
        indent(depth);
        printf("%s: %s %s\n", l->inputs[i].role, l->inputs[i].kind, id);
        if (depth < MAX_DEPTH && strcmp(l->inputs[i].kind, "file") != 0)
            print_source(n, &l->inputs[i].id, depth + 1);
    }
}

/* The parameters, as many on a line as fit. */
static void print_wrapped(const char *params, int depth) {
    enum { WIDTH = 100 };
    size_t at = 0;
    while (*params != '\0') {
        size_t size = strcspn(params, "\n");
        if (at > 0 && at + 1 + size > WIDTH) {
            putchar('\n');
            at = 0;
        }
        if (at == 0) indent(depth);
        at += (size_t)printf("%s%.*s", at > 0 ? " " : "", (int)size, params);
        if (at <= size + 1) at += 2 * (size_t)depth;
        params += size + (params[size] == '\n');
    }
    if (at > 0) putchar('\n');
}

static void print_artifact(struct neighbours *n, const struct artifact *a, int depth) {
    const struct lineage *l = artifact_lineage(a);
    struct digest content = artifact_content_id(a);
    char id[DIGEST_TEXT_SIZE];
    digest_text(&content, id);
    indent(depth);
    printf("%s %s, made by %s %" PRIu32 ", seed %" PRIu64 "%s%s\n", artifact_kind(a), id,
           l->stage[0] != '\0' ? l->stage : "nobody", l->stage_version, l->seed,
           l->view[0] != '\0' ? ", view " : "", l->view);
    print_wrapped(l->params, depth + 1);
    print_inputs(n, a, depth + 1);
}

static enum status run_lineage(struct inspect_call *call, struct error *err) {
    struct artifact *a;
    struct neighbours n = {0};
    TRY(artifact_open(&a, call->words[0], NULL, err));
    enum status status = open_neighbours(&n, call->words[0], err);
    if (status == STATUS_OK) print_artifact(&n, a, 0);
    close_neighbours(&n);
    artifact_close(a);
    return status;
}

const struct inspect_command inspect_lineage = {
    .name = "lineage",
    .words = "FILE",
    .min_words = 1,
    .max_words = 1,
    .summary = "what an artifact was made from, back to the source files' hashes",
    .details =
        "Ids are looked up among the artifacts of the same folder; a fitted artifact names the\n"
        "view that it was fitted on, and the split beside it says which one that is.",
    .run = run_lineage,
};
