#include "common/models/model.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/models/registry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- instances ---- */

enum status instances_add(struct instance_list *list, const struct instance *instance,
                          struct error *err) {
    if (list->count == INSTANCES_MAX) {
        return error_set(err, STATUS_USAGE, "models: more than %d", INSTANCES_MAX);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->instance[i].name, instance->name) == 0) {
            return error_set(err, STATUS_USAGE, "models: name \"%s\" is given twice",
                             instance->name);
        }
    }
    list->instance[list->count++] = *instance;
    return STATUS_OK;
}

enum status instances_add_one(struct instance_list *list, const struct model *model,
                              const void *params, struct error *err) {
    struct instance instance = {.model = model};
    snprintf(instance.name, sizeof instance.name, "%s", model->name);
    return *(const bool *)params ? instances_add(list, &instance, err) : STATUS_OK;
}

static bool read_name(const char **at, char *name, size_t size) {
    size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    if (length == 0 || length >= size) return false;
    memcpy(name, *at, length);
    name[length] = '\0';
    *at += length;
    return true;
}

/* Reads ":number" at *at, checks it against `spec`, and advances *at. */
static bool read_number(const char **at, const struct number_spec *spec, double *out) {
    if (**at != ':') return false;
    char *end;
    *out = strtod(*at + 1, &end);
    bool good = end != *at + 1 && *out >= spec->min && *out <= spec->max;
    *at = end;
    return good && (!spec->whole || *out == floor(*out));
}

static bool read_instance(const char **at, const struct model *model, struct instance *out) {
    if (!read_name(at, out->name, sizeof out->name)) return false;
    for (size_t k = 0; k < model->n_numbers; k++) {
        const struct number_spec *spec = &model->numbers[k];
        if (spec->optional && **at != ':') break;
        if (!read_number(at, spec, &out->number[k])) return false;
    }
    return **at == '\0' || **at == ',';
}

/* "name:tau_past:...:lambda[:relative[:past_seconds]]" */
static enum status describe_form(struct buf *out, const struct model *model, struct error *err) {
    size_t n_optional = 0;
    TRY(buf_puts(out, "name", err));
    for (size_t k = 0; k < model->n_numbers; k++) {
        const struct number_spec *spec = &model->numbers[k];
        n_optional += spec->optional;
        TRY(buf_printf(out, err, "%s:%s", spec->optional ? "[" : "", spec->name));
    }
    for (; n_optional > 0; n_optional--) {
        TRY(buf_puts(out, "]", err));
    }
    return STATUS_OK;
}

static enum status refuse_form(const struct model *model, const char *text, struct error *err) {
    AUTO(buf) struct buf form = {0};
    TRY(describe_form(&form, model, err));
    return error_set(err, STATUS_USAGE, "%s models: \"%.*s\" is not %s", model->name,
                     (int)strcspn(text, ","), text, form.data);
}

enum status instances_add_list(struct instance_list *list, const struct model *model,
                               const char *text, struct error *err) {
    const char *at = text;
    while (*at != '\0') {
        struct instance instance = {.model = model};
        const char *start = at;
        if (!read_instance(&at, model, &instance)) return refuse_form(model, start, err);
        TRY(instances_add(list, &instance, err));
        if (*at == ',') at++;
    }
    return STATUS_OK;
}

enum status instance_describe(struct buf *out, const struct instance *instance, struct error *err) {
    const struct model *model = instance->model;
    TRY(buf_puts(out, "", err));
    for (size_t k = 0; k < model->n_numbers; k++) {
        TRY(buf_printf(out, err, "%s%s=%.9g", k > 0 ? " " : "", model->numbers[k].name,
                       instance->number[k]));
    }
    return STATUS_OK;
}

/* ---- the models of a view ---- */

enum status models_add(struct models *m, const struct model *model, const char *name, void *state,
                       struct error *err) {
    enum status status = mem_grow(&m->fitted, &m->capacity, m->count + 1, sizeof *m->fitted, err);
    if (status != STATUS_OK) {
        model->release(state);
        return status;
    }
    struct fitted *fitted = &m->fitted[m->count++];
    *fitted = (struct fitted){.model = model, .state = state};
    snprintf(fitted->name, sizeof fitted->name, "%s", name);
    return STATUS_OK;
}

enum status models_read(struct models *m, const struct model *model, size_t size, model_reader read,
                        const struct artifact *a, struct error *err) {
    void *state = NULL;
    TRY(mem_alloc(&state, 1, size, err));
    enum status status = read(state, a, &m->baseline, err);
    if (status == STATUS_OK) return models_add(m, model, model->name, state, err);
    model->release(state);
    return status;
}

const void *models_find(const struct models *m, const struct model *model) {
    for (size_t i = 0; i < m->count; i++) {
        if (m->fitted[i].model == model) return m->fitted[i].state;
    }
    return NULL;
}

static enum status measure_popularity(struct models *m, struct error *err) {
    const struct baseline *b = &m->baseline;
    TRY(MEM_NEW(&m->log_popularity, b->n_movies, err));
    TRY(MEM_NEW(&m->rarity, b->n_movies, err));
    for (uint32_t i = 0; i < b->n_movies; i++) {
        m->n_ratings += b->popularity[i];
    }
    double mean = b->n_movies > 0 ? (double)m->n_ratings / (double)b->n_movies : 0.0;
    for (uint32_t i = 0; i < b->n_movies; i++) {
        m->log_popularity[i] = (float)log1p((double)b->popularity[i]);
        m->rarity[i] = (float)sqrt((mean + 1.0) / ((double)b->popularity[i] + 1.0));
    }
    return STATUS_OK;
}

static const struct artifact *find_kind(const struct artifact *const *artifacts, size_t n,
                                        const char *kind) {
    for (size_t i = 0; i < n; i++) {
        if (artifacts[i] != NULL && strcmp(artifact_kind(artifacts[i]), kind) == 0) {
            return artifacts[i];
        }
    }
    return NULL;
}

static enum status load(struct models *m, const struct artifact *const *artifacts, size_t n,
                        struct error *err) {
    const struct artifact *factors = find_kind(artifacts, n, "factors");
    if (factors == NULL) return error_set(err, STATUS_FAILED, "loading models: no factors");
    TRY(baseline_load(&m->baseline, factors, err));
    TRY(measure_popularity(m, err));
    for (size_t i = 0; i < registry_count(); i++) {
        const struct model *model = registry_at(i);
        const struct artifact *a = find_kind(artifacts, n, model->kind);
        if (a != NULL && model->load != NULL) TRY(model->load(m, model, a, err));
    }
    return STATUS_OK;
}

enum status models_load(struct models *out, const struct artifact *const *artifacts, size_t n,
                        struct error *err) {
    *out = (struct models){0};
    enum status status = load(out, artifacts, n, err);
    if (status != STATUS_OK) models_release(out);
    return status;
}

void models_release(struct models *m) {
    for (size_t i = 0; i < m->count; i++) {
        m->fitted[i].model->release(m->fitted[i].state);
    }
    mem_free(m->fitted);
    mem_free(m->log_popularity);
    mem_free(m->rarity);
    baseline_release(&m->baseline);
    *m = (struct models){0};
}
