/* What a stage's `run` function may ask for. */
#include "common/base/mem.h"
#include "common/stage/internal.h"

#include <string.h>

const struct artifact *stage_input(const struct stage_run *run, const char *role) {
    for (size_t i = 0; i < run->stage->n_inputs; i++) {
        if (strcmp(run->stage->inputs[i].role, role) == 0) return run->input[i];
    }
    return NULL;
}

struct run_artifacts stage_artifacts(const struct stage_run *run) {
    struct run_artifacts a = {.view = run->view};
    for (size_t i = 0; i < run->stage->n_inputs; i++) {
        enum run_role role;
        if (run_role_find(run->stage->inputs[i].role, &role)) a.file[role] = run->input[i];
    }
    return a;
}

struct artifact_writer *stage_output(struct stage_run *run) {
    return run->writer;
}

const char *stage_output_path(const struct stage_run *run) {
    return run->options.output;
}

enum view stage_view(const struct stage_run *run) {
    return run->view;
}

uint64_t stage_seed(const struct stage_run *run) {
    return (uint64_t)run->options.seed;
}

int stage_words(const struct stage_run *run, char ***words) {
    *words = run->words;
    return run->n_words;
}

enum status stage_add_file(struct stage_run *run, const char *role, const char *path,
                           struct digest *hash, struct error *err) {
    TRY(mem_grow(&run->file, &run->file_capacity, run->n_files + 1, sizeof *run->file, err));
    struct stage_file *file = &run->file[run->n_files];
    TRY(hash_file(path, &file->hash, err));
    if (hash != NULL) *hash = file->hash;
    file->role_index = run->file_roles.count;
    TRY(strings_add(&run->file_roles, role, err));
    run->n_files++;
    return STATUS_OK;
}

static enum status store_resolved(struct stage_run *run, const struct option_spec *spec,
                                  const void *resolved, struct error *err) {
    if (!run->writer) return STATUS_OK;
    AUTO(buf) struct buf key = {0}, value = {0};
    TRY(buf_printf(&key, err, "resolved.%s", spec->name));
    TRY(option_canonical_value(spec, resolved, &value, err));
    return artifact_set_str(run->writer, key.data, value.data, err);
}

enum status stage_resolve(struct stage_run *run, const void *resolved, struct error *err) {
    for (size_t i = 0; i < run->stage->n_options; i++) {
        const struct option_spec *spec = &run->stage->options[i];
        const bool became = option_is_auto(spec, run->params) && !option_is_auto(spec, resolved);
        if (became) TRY(store_resolved(run, spec, resolved, err));
    }
    return STATUS_OK;
}

void stage_count(struct stage_run *run, const char *name, uint64_t value) {
    if (run->n_counts == STAGE_MAX_COUNTS) return;
    run->count[run->n_counts++] = (struct stage_named_count){name, value};
}
