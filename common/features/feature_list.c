/* The list of features (names, groups, meanings), put together from families and models. */
#include "common/base/mem.h"
#include "common/features/feature_internal.h"
#include "common/models/registry.h"

#include <stdio.h>
#include <string.h>

/* ---- for a view ---- */

static enum status add_source(struct feature_context *c, const struct feature_source *source,
                              size_t n_columns, struct error *err) {
    TRY(mem_grow(&c->source, &c->source_capacity, c->n_sources + 1, sizeof *c->source, err));
    c->source[c->n_sources] = *source;
    c->source[c->n_sources++].first = c->n_specs;
    c->n_specs += n_columns;
    return STATUS_OK;
}

/* Whether nothing of the family means anything where ratings have no order. */
static bool needs_order(const struct feature_family *family) {
    bool all = true;
    for (size_t i = 0; i < family->n_columns; i++) {
        all = all && family->columns[i].needs != NEEDS_NEITHER;
    }
    return all;
}

static enum status add_family(struct feature_context *c, const struct feature_family *family,
                              const struct artifact *dataset, struct error *err) {
    struct feature_source source = {.family = family};
    if (!c->view.ordered && needs_order(family)) return STATUS_OK;
    enum status status = STATUS_OK;
    if (family->load != NULL) status = family->load(&source.own, &c->view, dataset, err);
    bool present =
        status == STATUS_OK && (family->present == NULL || family->present(&c->view, source.own));
    if (present) status = add_source(c, &source, family->n_columns, err);
    if ((!present || status != STATUS_OK) && family->unload != NULL) family->unload(source.own);
    return status;
}

static enum status add_models(struct feature_context *c, bool (*wanted)(const struct model *),
                              struct error *err) {
    const struct models *models = &c->view.models;
    for (size_t i = 0; i < models->count; i++) {
        const struct fitted *fitted = &models->fitted[i];
        if (!wanted(fitted->model)) continue;
        const struct feature_source source = {.fitted = fitted};
        TRY(add_source(c, &source, fitted->model->n_scores, err));
    }
    return STATUS_OK;
}

/* Appends the text with its first "%s", if any, replaced by `name`. */
static enum status put_meaning(struct buf *out, const char *meaning, const char *name,
                               struct error *err) {
    const char *mark = strstr(meaning, "%s");
    if (mark == NULL) return buf_puts(out, meaning, err);
    return buf_printf(out, err, "%.*s%s%s", (int)(mark - meaning), meaning, name, mark + 2);
}

/* The component has the name of the model and stands for its first instance. */
static const char *component_of(const struct models *models, const struct fitted *fitted,
                                size_t score) {
    bool first = models_find(models, fitted->model) == fitted->state;
    return score == 0 && first && fitted->model->ranks ? fitted->model->name : NULL;
}

/* Meanings are stored in c->texts, which may move while it grows: specs point to them at the
 * end. */
static enum status list_scores(struct feature_context *c, const struct feature_source *source,
                               struct error *err) {
    const struct fitted *fitted = source->fitted;
    for (size_t k = 0; k < fitted->model->n_scores; k++) {
        const struct score_spec *score = &fitted->model->scores[k];
        struct feature_spec *spec = &c->specs[source->first + k];
        AUTO(buf) struct buf text = {0};
        snprintf(spec->name, sizeof spec->name, "%s%s", fitted->name, score->suffix);
        spec->group = score->group;
        spec->needs = score->needs;
        spec->component = component_of(&c->view.models, fitted, k);
        TRY(put_meaning(&text, score->meaning, fitted->name, err));
        TRY(strings_add(&c->texts, text.data, err));
    }
    return STATUS_OK;
}

static void point_to_meanings(struct feature_context *c) {
    size_t text = 0;
    for (size_t i = 0; i < c->n_sources; i++) {
        const struct fitted *fitted = c->source[i].fitted;
        for (size_t k = 0; fitted != NULL && k < fitted->model->n_scores; k++) {
            c->specs[c->source[i].first + k].meaning = strings_get(&c->texts, text++);
        }
    }
}

static enum status list_specs(struct feature_context *c, struct error *err) {
    TRY(MEM_NEW(&c->specs, c->n_specs, err));
    for (size_t i = 0; i < c->n_sources; i++) {
        const struct feature_source *source = &c->source[i];
        if (source->family == NULL) {
            TRY(list_scores(c, source, err));
        } else {
            memcpy(&c->specs[source->first], source->family->columns,
                   source->family->n_columns * sizeof *c->specs);
        }
    }
    point_to_meanings(c);
    return STATUS_OK;
}

enum status feature_list_build(struct feature_context *c, const struct artifact *dataset,
                               struct error *err) {
    size_t n;
    const struct feature_entry *entry = feature_entries(&n);
    for (size_t e = 0; e < n; e++) {
        TRY(entry[e].family != NULL ? add_family(c, entry[e].family, dataset, err)
                                    : add_models(c, entry[e].models, err));
    }
    return list_specs(c, err);
}

/* ---- for documentation ---- */

static enum status print_row(struct buf *out, const char *name, const char *group,
                             const char *meaning, struct error *err) {
    return buf_printf(out, err, "| `%s` | %s | %s |\n", name, group, meaning);
}

/* Models with several instances stand in angle brackets, with meanings that name no instance. */
static enum status print_model(struct buf *out, const struct model *model, struct error *err) {
    for (size_t k = 0; k < model->n_scores; k++) {
        const struct score_spec *score = &model->scores[k];
        const char *mark = strstr(score->meaning, " %s");
        char name[FEATURE_NAME_SIZE], meaning[160];
        snprintf(name, sizeof name, model->item_item != NULL ? "<%s>%s" : "%s%s", model->name,
                 score->suffix);
        int before = (int)(mark != NULL ? (size_t)(mark - score->meaning) : strlen(score->meaning));
        snprintf(meaning, sizeof meaning, "%.*s%s", before, score->meaning,
                 mark != NULL ? mark + 3 : "");
        TRY(print_row(out, name, score->group, meaning, err));
    }
    return STATUS_OK;
}

static enum status print_entry(struct buf *out, const struct feature_entry *entry,
                               struct error *err) {
    for (size_t i = 0; entry->family == NULL && i < registry_count(); i++) {
        if (entry->models(registry_at(i))) TRY(print_model(out, registry_at(i), err));
    }
    for (size_t i = 0; entry->family != NULL && i < entry->family->n_columns; i++) {
        const struct feature_spec *spec = &entry->family->columns[i];
        TRY(print_row(out, spec->name, spec->group, spec->meaning, err));
    }
    return STATUS_OK;
}

enum status feature_table(struct buf *out, struct error *err) {
    size_t n;
    const struct feature_entry *entry = feature_entries(&n);
    TRY(buf_puts(out, "| name | group | meaning |\n|---|---|---|\n", err));
    for (size_t e = 0; e < n; e++) {
        TRY(print_entry(out, &entry[e], err));
    }
    return STATUS_OK;
}
