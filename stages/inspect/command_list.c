/* ls, show, kinds: what is in a file, and what may be. */
#include "common/artifact/artifact.h"
#include "common/artifact/kinds.h"
#include "common/base/mem.h"
#include "stages/inspect/command.h"
#include "stages/inspect/describe.h"
#include "stages/inspect/text_table.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

/* ---- ls ---- */

static double ratio(const struct column_info *c) {
    return c->stored_size == 0 ? 1.0 : (double)c->raw_size / (double)c->stored_size;
}

static enum status list_columns(const struct artifact *a, struct error *err) {
    AUTO(text_table) struct text_table t = {.align = "llrrrr"};
    TRY(text_table_heading(&t, "column type shape raw stored ratio", err));
    for (size_t i = 0; i < artifact_n_columns(a); i++) {
        const struct column_info *c = artifact_column_at(a, i);
        char shape[SHAPE_TEXT_SIZE], raw[32], stored[32];
        TRY(text_table_cell(&t, err, "%s", c->name));
        TRY(text_table_cell(&t, err, "%s", dtype_name(c->dtype)));
        TRY(text_table_cell(&t, err, "%s", shape_text(c, shape)));
        TRY(text_table_cell(&t, err, "%s", size_text(c->raw_size, raw)));
        TRY(text_table_cell(&t, err, "%s", size_text(c->stored_size, stored)));
        TRY(text_table_cell(&t, err, "%.1f", ratio(c)));
    }
    return text_table_print(&t, stdout, err);
}

static enum status run_ls(struct inspect_call *call, struct error *err) {
    enum status status = STATUS_OK;
    for (int i = 0; i < call->n_words && status == STATUS_OK; i++) {
        struct artifact *a;
        char size[32];
        TRY(artifact_open(&a, call->words[i], NULL, err));
        printf("%s%s: %s, %s\n", i > 0 ? "\n" : "", call->words[i], artifact_kind(a),
               size_text(artifact_file_size(a), size));
        status = list_columns(a, err);
        artifact_close(a);
    }
    return status;
}

const struct inspect_command inspect_ls = {
    .name = "ls",
    .words = "FILE...",
    .min_words = 1,
    .max_words = INT32_MAX,
    .summary = "columns with type, shape and size before and after compression",
    .run = run_ls,
};

/* ---- show ---- */

static void show_origin(const struct artifact *a) {
    const struct lineage *l = artifact_lineage(a);
    struct digest content = artifact_content_id(a), recipe = artifact_recipe_id(a);
    char text[DIGEST_TEXT_SIZE];
    digest_text(&content, text);
    printf("content id  %s\n", text);
    digest_text(&recipe, text);
    printf("recipe id   %s\n", text);
    printf("made by     %s, version %" PRIu32 ", seed %" PRIu64 "%s%s\n",
           l->stage[0] != '\0' ? l->stage : "nobody", l->stage_version, l->seed,
           l->view[0] != '\0' ? ", view " : "", l->view);
    if (l->params[0] != '\0') printf("parameters\n");
    print_params(l->params, "  ");
    if (l->n_inputs > 0) printf("inputs\n");
    for (size_t i = 0; i < l->n_inputs; i++) {
        digest_text(&l->inputs[i].id, text);
        printf("  %-22s %s %s\n", l->inputs[i].role, text, l->inputs[i].kind);
    }
}

static enum status show_columns(const struct artifact *a, struct error *err) {
    const struct kind_spec *kind = kind_find(artifact_kind(a));
    AUTO(text_table) struct text_table t = {.align = "lllll"};
    TRY(text_table_heading(&t, "column type shape range meaning", err));
    for (size_t i = 0; i < artifact_n_columns(a); i++) {
        const struct column_info *c = artifact_column_at(a, i);
        const struct column_spec *spec = kind == NULL ? NULL : kind_column(kind, c->name);
        char shape[SHAPE_TEXT_SIZE], min[32], max[32];
        TRY(text_table_cell(&t, err, "%s", c->name));
        TRY(text_table_cell(&t, err, "%s", dtype_name(c->dtype)));
        TRY(text_table_cell(&t, err, "%s", shape_text(c, shape)));
        bool empty = c->dtype == DTYPE_STR || c->count == c->nan_count;
        TRY(text_table_cell(&t, err, "%s%s%s", empty ? "" : number_text(c->min, min),
                            empty ? "" : "..", empty ? "" : number_text(c->max, max)));
        TRY(text_table_cell(&t, err, "%s", spec == NULL ? "" : spec->meaning));
    }
    return text_table_print(&t, stdout, err);
}

static enum status run_show(struct inspect_call *call, struct error *err) {
    struct artifact *a;
    char size[32];
    TRY(artifact_open(&a, call->words[0], NULL, err));
    const struct kind_spec *kind = kind_find(artifact_kind(a));
    printf("file        %s, %s\n", call->words[0], size_text(artifact_file_size(a), size));
    printf("kind        %s%s%s\n", artifact_kind(a), kind != NULL ? ": " : "",
           kind != NULL ? kind->meaning : "");
    show_origin(a);
    if (artifact_n_meta(a) > 0) printf("metadata\n");
    print_meta(a);
    putchar('\n');
    enum status status = show_columns(a, err);
    artifact_close(a);
    return status;
}

const struct inspect_command inspect_show = {
    .name = "show",
    .words = "FILE",
    .min_words = 1,
    .max_words = 1,
    .summary = "ids, origin, metadata, and the columns with range and meaning",
    .run = run_show,
};

/* ---- kinds ---- */

static enum status list_kinds(struct error *err) {
    AUTO(text_table) struct text_table t = {.align = "lll"};
    TRY(text_table_heading(&t, "kind written-by meaning", err));
    for (size_t i = 0; i < kind_count(); i++) {
        const struct kind_spec *k = kind_at(i);
        TRY(text_table_cell(&t, err, "%s", k->name));
        TRY(text_table_cell(&t, err, "%s", k->written_by));
        TRY(text_table_cell(&t, err, "%s", k->meaning));
    }
    return text_table_print(&t, stdout, err);
}

static enum status show_kind(const struct kind_spec *kind, struct error *err) {
    AUTO(text_table) struct text_table t = {.align = "llllll"};
    AUTO(buf) struct buf truths = {0};
    TRY(text_table_heading(&t, "column type shape needed values meaning", err));
    for (size_t i = 0; i < kind_n_columns(kind); i++) {
        const struct column_spec *c = kind_column_at(kind, i);
        TRY(column_truths(c, &truths, err));
        TRY(text_table_cell(&t, err, "%s", c->name));
        TRY(text_table_cell(&t, err, "%s", c->dtype == 0 ? "any" : dtype_name(c->dtype)));
        TRY(text_table_cell(&t, err, "[%s]", c->shape == NULL ? "any" : c->shape));
        TRY(text_table_cell(&t, err, "%s", c->required ? "yes" : "no"));
        TRY(text_table_cell(&t, err, "%s", truths.size > 0 ? truths.data : "any"));
        TRY(text_table_cell(&t, err, "%s", c->meaning));
    }
    printf("%s: %s (written by %s)\n\n", kind->name, kind->meaning, kind->written_by);
    return text_table_print(&t, stdout, err);
}

static enum status run_kinds(struct inspect_call *call, struct error *err) {
    if (call->n_words == 0) return list_kinds(err);
    const struct kind_spec *kind = kind_find(call->words[0]);
    if (kind == NULL)
        return error_set(err, STATUS_FAILED, "no kind is called \"%s\"", call->words[0]);
    return show_kind(kind, err);
}

const struct inspect_command inspect_kinds = {
    .name = "kinds",
    .words = "[KIND]",
    .min_words = 0,
    .max_words = 1,
    .summary = "the kinds of artifacts, or the columns of one kind",
    .run = run_kinds,
};
