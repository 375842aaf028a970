#include "common/base/mem.h"
#include "common/data/view.h"
#include "common/run/mixture.h"
#include "common/stage/internal.h"

#include <string.h>

static bool is_kind(const struct stage_input *input, const char *kind) {
    return strcmp(input->kind, kind) == 0;
}

/* The first given input of a kind, or NULL. */
static const struct artifact *find_kind(const struct stage_run *run, const char *kind) {
    for (size_t i = 0; i < run->stage->n_inputs; i++) {
        if (run->input[i] && is_kind(&run->stage->inputs[i], kind)) return run->input[i];
    }
    return NULL;
}

/* ---- do the inputs belong together? ---- */

_Static_assert((int)STAGE_MAX_INPUTS <= (int)MIXTURE_MAX, "every input can be checked");

static struct mixture gather_inputs(const struct stage_run *run) {
    struct mixture m = {.dataset = find_kind(run, "dataset"), .split = find_kind(run, "split")};
    for (size_t i = 0; i < run->stage->n_inputs; i++) {
        const enum stage_input_view rule = run->stage->inputs[i].view;
        if (rule == INPUT_UNFITTED) continue;
        mixture_add(&m, run->input[i], rule == INPUT_FIT_VIEW ? VIEW_FIT : run->view);
    }
    return m;
}

enum status stage_check_inputs(struct stage_run *run, struct error *err) {
    struct mixture m = gather_inputs(run);
    bool known = false;
    TRY(mixture_check(&m, err));
    if (!run->stage->has_view) return STATUS_OK;
    TRY(mixture_view_id(&m, run->view, &run->view_id, &known, err));
    if (!known) {
        return error_set(err, STATUS_USAGE, "--split: needed for view %s", view_name(run->view));
    }
    if (m.split == NULL || !run->stage->reads_roles) return STATUS_OK;
    return split_view_id(&run->roles_id, m.split, VIEW_FULL, err);
}

/* ---- lineage of the output ---- */

/* Fills `inputs` (room for STAGE_MAX_INPUTS + 2 + n_files) and returns how many there are. */
static size_t list_inputs(const struct stage_run *run, struct lineage_input *inputs) {
    const struct stage *stage = run->stage;
    size_t n = 0;
    bool viewed = false;
    for (size_t i = 0; i < stage->n_inputs; i++) {
        const struct stage_input *input = &stage->inputs[i];
        if (!run->input[i]) continue;
        if (stage->has_view && (is_kind(input, "dataset") || is_kind(input, "split"))) {
            viewed = true;
            continue;
        }
        inputs[n++] =
            (struct lineage_input){input->role, input->kind, artifact_content_id(run->input[i])};
    }
    const bool roles = stage->reads_roles && find_kind(run, "split");
    if (viewed && (!roles || run->view == VIEW_ALL)) {
        inputs[n++] = (struct lineage_input){"view", "view", run->view_id};
    }
    if (viewed && roles) inputs[n++] = (struct lineage_input){"roles", "view", run->roles_id};
    for (size_t i = 0; i < run->n_files; i++) {
        inputs[n++] = (struct lineage_input){strings_get(&run->file_roles, run->file[i].role_index),
                                             "file", run->file[i].hash};
    }
    return n;
}

static struct lineage describe(const struct stage_run *run, const struct lineage_input *inputs,
                               size_t n_inputs) {
    return (struct lineage){.stage = run->stage->name,
                            .stage_version = run->stage->version,
                            .seed = stage_seed(run),
                            .view = run->stage->has_view ? view_name(run->view) : "",
                            .params = run->canonical.data,
                            .inputs = inputs,
                            .n_inputs = n_inputs};
}

enum status stage_set_lineage(struct stage_run *run, struct error *err) {
    MEM_AUTO struct lineage_input *inputs = NULL;
    TRY(MEM_NEW(&inputs, STAGE_MAX_INPUTS + 2 + run->n_files, err));
    const struct lineage lineage = describe(run, inputs, list_inputs(run, inputs));
    return artifact_set_lineage(run->writer, &lineage, err);
}

struct digest stage_recipe_id(const struct stage_run *run) {
    struct digest id = {{0}};
    struct error err = {0};
    MEM_AUTO struct lineage_input *inputs = NULL;
    if (MEM_NEW(&inputs, STAGE_MAX_INPUTS + 2 + run->n_files, &err) != STATUS_OK) return id;
    const struct lineage lineage = describe(run, inputs, list_inputs(run, inputs));
    if (lineage_recipe_id(&lineage, &id, &err) != STATUS_OK) log_warn("%s", err.text);
    return id;
}
