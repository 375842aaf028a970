#include "common/models/registry.h"

#include "common/models/ease.h"
#include "common/models/gru4rec.h"
#include "common/models/ials.h"
#include "common/models/mf.h"
#include "common/models/ncf.h"
#include "common/models/ntk.h"
#include "common/models/rp3beta.h"
#include "common/models/slit.h"
#include "common/models/window.h"

#include "common/artifact/kinds.h"
#include "common/base/log.h"

#include <string.h>

static const struct model *const models[] = {
    &mf_model,           &ials_model, &ease_model,   &ease_liked_model, &ease_residual_model,
    &ease_dropout_model, &slit_model, &window_model, &rp3beta_model,    &ntk_model,
    &gru4rec_model,      &ncf_model,
};

size_t registry_count(void) {
    return sizeof models / sizeof models[0];
}

const struct model *registry_at(size_t index) {
    return models[index];
}

const struct model *registry_find(const char *name) {
    for (size_t i = 0; i < registry_count(); i++) {
        if (strcmp(models[i]->name, name) == 0) return models[i];
    }
    return NULL;
}

enum status registry_table(struct buf *out, struct error *err) {
    TRY(buf_puts(out, "| name | model | artifact | source |\n|---|---|---|---|\n", err));
    for (size_t i = 0; i < registry_count(); i++) {
        const struct model *m = models[i];
        TRY(buf_printf(out, err, "| `%s` | %s | %s | %s |\n", m->name, m->title, m->kind,
                       m->paper));
    }
    return STATUS_OK;
}

/* Before main, so that every program that knows the models knows their columns. */
__attribute__((constructor)) static void join_columns(void) {
    struct error err = {0};
    for (size_t i = 0; i < registry_count(); i++) {
        const struct model *model = models[i];
        if (model->n_columns == 0) continue;
        if (kind_join(model->kind, model->columns, model->n_columns, &err) != STATUS_OK) {
            log_warn("model %s: %s", model->name, err.text);
        }
    }
}

enum { ALIGNMENT = 64 };

static size_t rounded_up(size_t size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

enum status registry_options(const char *kind, struct option_spec *options, size_t max, size_t *n,
                             size_t *params_size, struct error *err) {
    size_t base = rounded_up(*params_size);
    for (size_t i = 0; i < registry_count(); i++) {
        const struct model *model = models[i];
        if (strcmp(model->kind, kind) != 0) continue;
        if (*n + model->n_options > max) {
            return error_set(err, STATUS_FAILED, "models of %s: more than %zu options", kind, max);
        }
        for (size_t k = 0; k < model->n_options; k++) {
            options[*n] = model->options[k];
            options[(*n)++].offset += base;
        }
        base += rounded_up(model->params_size);
    }
    *params_size = base;
    return STATUS_OK;
}

const void *registry_params(const struct model *model, const void *params, size_t own_size) {
    size_t base = rounded_up(own_size);
    for (size_t i = 0; models[i] != model; i++) {
        if (strcmp(models[i]->kind, model->kind) == 0) base += rounded_up(models[i]->params_size);
    }
    return (const char *)params + base;
}
