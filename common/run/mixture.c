#include "common/run/mixture.h"

#include "common/run/run_table.h"

#include <string.h>

void mixture_add(struct mixture *m, const struct artifact *fitted, enum view view) {
    if (fitted != NULL) m->fitted[m->n_fitted++] = (struct mixture_file){fitted, view};
}

/* ---- split and dataset ---- */

static enum status wrong_dataset(const struct mixture *m, const struct digest *found,
                                 const struct digest *wanted, struct error *err) {
    const char *split = artifact_path(m->split);
    char found_text[DIGEST_TEXT_SIZE], wanted_text[DIGEST_TEXT_SIZE], command[RUN_COMMAND_SIZE];
    digest_text(found, found_text);
    digest_text(wanted, wanted_text);
    return error_set(
        err, STATUS_DAMAGED, "%s: made from dataset %s, but %s is %s; make the run again (%s)",
        split, found_text, artifact_path(m->dataset), wanted_text, run_command(split, command));
}

static enum status check_split(const struct mixture *m, struct error *err) {
    const struct lineage *lineage = artifact_lineage(m->split);
    const struct digest wanted = artifact_content_id(m->dataset);
    for (size_t i = 0; lineage != NULL && i < lineage->n_inputs; i++) {
        const struct lineage_input *input = &lineage->inputs[i];
        if (strcmp(input->kind, "dataset") != 0) continue;
        if (!digest_equal(&input->id, &wanted)) return wrong_dataset(m, &input->id, &wanted, err);
    }
    return STATUS_OK;
}

/* ---- fitted artifacts ---- */

static enum status find_view_id(struct mixture *m, enum view view, struct error *err) {
    const char *name = NULL;
    struct digest *id = &m->view_id[view];
    if (m->source[view] != NULL) return STATUS_OK;
    if (m->split != NULL) {
        TRY(split_view_id(id, m->split, view, err));
        m->source[view] = m->split;
        return STATUS_OK;
    }
    if (m->dataset != NULL && view == VIEW_ALL) {
        TRY(view_id(id, m->dataset, NULL, VIEW_ALL, err));
        m->source[view] = m->dataset;
        return STATUS_OK;
    }
    for (size_t i = 0; i < m->n_fitted && m->source[view] == NULL; i++) {
        if (m->fitted[i].view != view) continue;
        TRY(fitted_view_id(id, &name, m->fitted[i].artifact, err));
        m->source[view] = m->fitted[i].artifact;
    }
    return STATUS_OK;
}

enum status mixture_view_id(struct mixture *m, enum view view, struct digest *out, bool *known,
                            struct error *err) {
    TRY(find_view_id(m, view, err));
    *known = m->source[view] != NULL;
    *out = m->view_id[view];
    return STATUS_OK;
}

static enum status wrong_view(const struct mixture_file *f, const char *found, struct error *err) {
    const char *path = artifact_path(f->artifact), *wanted = view_name(f->view);
    char command[RUN_COMMAND_SIZE];
    return error_set(err, STATUS_DAMAGED,
                     "%s: fitted on view %s, but view %s is needed; give the file of view %s, or "
                     "make it again (%s)",
                     path, found, wanted, wanted, run_command(path, command));
}

static enum status wrong_id(const struct mixture *m, const struct mixture_file *f,
                            const struct digest *found, struct error *err) {
    const char *path = artifact_path(f->artifact);
    char found_text[DIGEST_TEXT_SIZE], wanted_text[DIGEST_TEXT_SIZE], command[RUN_COMMAND_SIZE];
    digest_text(found, found_text);
    digest_text(&m->view_id[f->view], wanted_text);
    return error_set(err, STATUS_DAMAGED,
                     "%s: fitted on view %s with id %s, but by %s that view has id %s; they are of "
                     "different runs, or one is stale; make the run again (%s)",
                     path, view_name(f->view), found_text, artifact_path(m->source[f->view]),
                     wanted_text, run_command(path, command));
}

static enum status check_fitted(struct mixture *m, const struct mixture_file *f,
                                struct error *err) {
    struct digest found;
    const char *name = NULL;
    TRY(fitted_view_id(&found, &name, f->artifact, err));
    if (strcmp(name, view_name(f->view)) != 0) return wrong_view(f, name, err);
    TRY(find_view_id(m, f->view, err));
    if (digest_equal(&found, &m->view_id[f->view])) return STATUS_OK;
    return wrong_id(m, f, &found, err);
}

enum status mixture_check(struct mixture *m, struct error *err) {
    if (m->dataset != NULL && m->split != NULL) TRY(check_split(m, err));
    for (size_t i = 0; i < m->n_fitted; i++) {
        TRY(check_fitted(m, &m->fitted[i], err));
    }
    return STATUS_OK;
}
