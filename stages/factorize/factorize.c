#include "stages/factorize/factorize.h"

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/models/item_item.h"
#include "common/models/model.h"
#include "common/models/registry.h"

#include <string.h>

/* Lists the model instances to fit. Mistakes in their parameters are all found here, before any is
 * fitted. */
static enum status plan(struct instance_list *list, const void *params, struct error *err) {
    for (size_t i = 0; i < registry_count(); i++) {
        const struct model *model = registry_at(i);
        if (strcmp(model->kind, "factors") != 0) continue;
        const void *own = registry_params(model, params, sizeof(struct factorize_params));
        TRY(model->plan(list, model, own, err));
    }
    return STATUS_OK;
}

enum status factorize_check(const void *params, struct error *err) {
    struct instance_list list = {.count = 0};
    return plan(&list, params, err);
}

static enum status fit_list(const struct fitting *f, const struct instance_list *list,
                            const void *params, struct progress *progress, struct error *err) {
    for (size_t i = 0; i < list->count; i++) {
        const struct instance *instance = &list->instance[i];
        const void *own = registry_params(instance->model, params, sizeof(struct factorize_params));
        TRY(instance->model->fit(f, instance, own, err));
        progress_add(progress, 1);
    }
    return STATUS_OK;
}

static enum status fit_all(const struct fitting *f, const struct instance_list *list,
                           const void *params, struct error *err) {
    struct progress progress;
    progress_start(&progress, "factorize", "models", list->count);
    enum status status = fit_list(f, list, params, &progress, err);
    progress_end(&progress);
    if (status != STATUS_OK) return status;
    return f->out != NULL ? item_item_write_list(f->out, list, err) : STATUS_OK;
}

/* Leaves out the models of the order of ratings where there is none. */
static void drop_ordered(struct instance_list *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if ((list->instance[i].model->needs & NEEDS_ORDER) == 0)
            list->instance[kept++] = list->instance[i];
    }
    if (kept < list->count)
        log_info("the ratings have no order: %zu models of it are left out", list->count - kept);
    list->count = kept;
}

enum status factorize(struct artifact_writer *out, const struct ratings *ratings, bool order,
                      const void *params, uint64_t seed, struct error *err) {
    const struct factorize_params *p = params;
    struct instance_list list = {.count = 0};
    AUTO(popular_items) struct popular_items items = {0};
    AUTO(sequences) struct sequences sequences = {0};
    AUTO(baseline)
    struct baseline baseline = {.user_shrinkage = p->user_shrinkage, .liked = p->liked};
    TRY(plan(&list, params, err));
    if (!order) drop_ordered(&list);
    TRY(baseline_fit(&baseline, ratings, p->movie_shrinkage, err));
    if (ranks_self() == 0) TRY(baseline_write(&baseline, out, err));
    TRY(popular_items_make(&items, ratings, (size_t)p->item_limit, (size_t)p->item_min_ratings,
                           err));
    TRY(sequences_make(&sequences, ratings, &items, err));
    const struct fitting fitting = {.ratings = ratings,
                                    .baseline = &baseline,
                                    .items = &items,
                                    .sequences = &sequences,
                                    .keep = (size_t)p->keep,
                                    .seed = seed,
                                    .out = ranks_self() == 0 ? out : NULL};
    return fit_all(&fitting, &list, params, err);
}
