#include "common/base/mem.h"
#include "common/data/view.h"
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

static enum status check_split_of_dataset(const struct artifact *split,
                                          const struct artifact *dataset, struct error *err) {
    const struct lineage *lineage = artifact_lineage(split);
    const struct digest wanted = artifact_content_id(dataset);
    for (size_t i = 0; lineage && i < lineage->n_inputs; i++) {
        const struct lineage_input *made_from = &lineage->inputs[i];
        if (strcmp(made_from->kind, "dataset") != 0 || digest_equal(&made_from->id, &wanted)) {
            continue;
        }
        char found_text[DIGEST_TEXT_SIZE], wanted_text[DIGEST_TEXT_SIZE];
        digest_text(&made_from->id, found_text);
        digest_text(&wanted, wanted_text);
        return error_set(err, STATUS_DAMAGED, "%s: made from dataset %s, but %s is %s",
                         artifact_path(split), found_text, artifact_path(dataset), wanted_text);
    }
    return STATUS_OK;
}

/* Without a split at hand (the ranker reads its features alone; recommend works on every rating)
 * inputs must at least name the right view, and those of this run's view the same id. */
static enum status check_view_name(const struct stage_run *run, const struct artifact *fitted,
                                   enum view view, struct error *err) {
    const char *name = NULL;
    struct digest id;
    TRY(fitted_view_id(&id, &name, fitted, err));
    if (strcmp(name, view_name(view)) != 0) {
        return error_set(err, STATUS_DAMAGED, "%s: fitted on view %s, but view %s is needed",
                         artifact_path(fitted), name, view_name(view));
    }
    if (view == run->view && !digest_equal(&id, &run->view_id)) {
        char found[DIGEST_TEXT_SIZE], wanted[DIGEST_TEXT_SIZE];
        digest_text(&id, found);
        digest_text(&run->view_id, wanted);
        return error_set(err, STATUS_DAMAGED,
                         "%s: fitted on view %s with id %s, but the other inputs have id %s",
                         artifact_path(fitted), name, found, wanted);
    }
    return STATUS_OK;
}

static const struct artifact *first_fitted(const struct stage_run *run) {
    for (size_t i = 0; i < run->stage->n_inputs; i++) {
        const struct stage_input *input = &run->stage->inputs[i];
        if (!run->input[i] || input->view == INPUT_UNFITTED) continue;
        if (input->view == INPUT_RUN_VIEW || run->view == VIEW_FIT) return run->input[i];
    }
    return NULL;
}

static enum status find_view_id(struct stage_run *run, const struct artifact *dataset,
                                const struct artifact *split, struct error *err) {
    if (split) {
        TRY(split_view_id(&run->view_id, split, run->view, err));
        return run->stage->reads_roles ? split_view_id(&run->roles_id, split, VIEW_FULL, err)
                                       : STATUS_OK;
    }
    if (dataset && run->view == VIEW_ALL) {
        return view_id(&run->view_id, dataset, NULL, VIEW_ALL, err);
    }
    const struct artifact *fitted = first_fitted(run);
    const char *name = NULL;
    if (fitted) return fitted_view_id(&run->view_id, &name, fitted, err);
    if (!run->stage->has_view) return STATUS_OK;
    return error_set(err, STATUS_USAGE, "--split: needed for view %s", view_name(run->view));
}

enum status stage_check_inputs(struct stage_run *run, struct error *err) {
    const struct artifact *dataset = find_kind(run, "dataset");
    const struct artifact *split = find_kind(run, "split");
    if (dataset && split) TRY(check_split_of_dataset(split, dataset, err));
    bool any_fitted = false;
    for (size_t i = 0; i < run->stage->n_inputs; i++) {
        any_fitted |= run->input[i] && run->stage->inputs[i].view != INPUT_UNFITTED;
    }
    if (run->stage->has_view || any_fitted) TRY(find_view_id(run, dataset, split, err));
    for (size_t i = 0; i < run->stage->n_inputs; i++) {
        const enum stage_input_view rule = run->stage->inputs[i].view;
        if (!run->input[i] || rule == INPUT_UNFITTED) continue;
        const enum view view = rule == INPUT_FIT_VIEW ? VIEW_FIT : run->view;
        TRY(split ? view_check(run->input[i], split, view, err)
                  : check_view_name(run, run->input[i], view, err));
    }
    return STATUS_OK;
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
