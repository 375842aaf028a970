#include "stages/evaluate/evaluate.h"

#include "common/base/mem.h"

#include <string.h>

/* What stands for a component when it is scored alone: a feature by name, or the main feature of
 * the first item model of a type. */
static const struct {
    const char *name;
    const char *feature;
} components[COMPONENTS] = {
    [RANKER] = {"ranker", NULL},
    [POPULARITY] = {"popularity", "popularity"},
    [CONTENT] = {"content", "content"},
    [MF] = {"mf", "mf"},
    [IALS] = {"ials", "ials"},
    [EASE] = {"ease", NULL},
    [TRANSITION] = {"transition", NULL},
    [SEQUENCE] = {"sequence", "sequence"},
    [NCF] = {"ncf", NULL},
};

static const char *const rating_names[RATING_MODELS] = {"ranker", "mf", "ncf", "movie_mean"};

const char *component_name(enum component c) {
    return components[c].name;
}

const char *mode_name(enum mode m) {
    return m == FULL ? "full" : "candidates";
}

const char *rating_model_name(enum rating_model m) {
    return rating_names[m];
}

const char *value_name(size_t index) {
    switch (index) {
    case DIVERSITY:
        return "diversity@10";
    case NOVELTY:
        return "novelty@10";
    case POPULARITY_BIAS:
        return "popularity_bias@10";
    default:
        return metric_name(index);
    }
}

static size_t first_item_model(const struct feature_context *context, enum item_model_type type) {
    const struct factors *f = feature_factors(context);
    for (size_t i = 0; i < f->n_item_models; i++) {
        if (f->item_models[i].type == type) return feature_find(context, f->item_models[i].name);
    }
    return SIZE_MAX;
}

static enum status check_features(const struct feature_context *context,
                                  const struct ranker *ranker, struct error *err) {
    size_t expected = ranker_n_features(ranker), found = feature_count(context);
    if (expected != found) {
        return error_set(err, STATUS_DAMAGED,
                         "the ranker was trained on %zu features, the models give %zu", expected,
                         found);
    }
    for (size_t i = 0; i < found; i++) {
        if (strcmp(ranker_feature_name(ranker, i), feature_at(context, i)->name) != 0) {
            return error_set(err, STATUS_DAMAGED,
                             "feature %zu is \"%s\" in the ranker but \"%s\" in the models", i,
                             ranker_feature_name(ranker, i), feature_at(context, i)->name);
        }
    }
    return STATUS_OK;
}

static enum status find_groups(struct groups *g, const struct feature_context *context,
                               struct error *err) {
    size_t n = feature_count(context);
    TRY(MEM_NEW(&g->name, n, err));
    TRY(MEM_NEW(&g->of, n, err));
    for (size_t i = 0; i < n; i++) {
        const char *name = feature_at(context, i)->group;
        size_t group = 0;
        while (group < g->count && strcmp(g->name[group], name) != 0) {
            group++;
        }
        if (group == g->count) g->name[g->count++] = name;
        g->of[i] = group;
    }
    return STATUS_OK;
}

enum status models_bind(struct models *m, const struct feature_context *context,
                        const struct ranker *ranker, const struct ranker *ncf, uint64_t seed,
                        struct error *err) {
    TRY(check_features(context, ranker, err));
    if (ncf != NULL && ranker_n_features(ncf) > 0) {
        return error_set(err, STATUS_DAMAGED,
                         "the plain embedding network has %zu features, but should have none",
                         ranker_n_features(ncf));
    }
    *m = (struct models){.context = context, .ranker = ranker, .ncf = ncf, .seed = seed};
    for (int c = 0; c < COMPONENTS; c++) {
        const char *feature = components[c].feature;
        m->feature[c] = feature != NULL ? feature_find(context, feature) : SIZE_MAX;
    }
    size_t taste = feature_find(context, "content.taste");
    if (taste != SIZE_MAX) m->feature[CONTENT] = taste;
    m->feature[EASE] = first_item_model(context, ITEM_EASE);
    m->feature[TRANSITION] = first_item_model(context, ITEM_TRANSITION);
    for (int c = 0; c < COMPONENTS; c++) {
        m->present[c] = m->feature[c] != SIZE_MAX;
    }
    m->present[RANKER] = ranker_has_head(ranker, HEAD_RANK);
    m->present[NCF] = ncf != NULL && ranker_has_head(ncf, HEAD_RANK);
    m->mean_feature = feature_find(context, "rating.movie-mean");
    return find_groups(&m->groups, context, err);
}

void models_release(struct models *m) {
    mem_free(m->permuted);
    mem_free(m->groups.name);
    mem_free(m->groups.of);
    m->permuted = NULL;
    m->groups = (struct groups){0};
}

/* Writes the names of the groups. */
static void list_groups(const struct groups *g, char *text, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < g->count && used < size; i++) {
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", g->name[i]);
    }
}

enum status models_permute(struct models *m, const char *group, struct error *err) {
    size_t n = feature_count(m->context), found = 0;
    TRY(MEM_NEW(&m->permuted, n, err));
    for (size_t i = 0; i < n; i++) {
        m->permuted[i] = strcmp(feature_at(m->context, i)->group, group) == 0;
        found += m->permuted[i];
    }
    if (found > 0) return STATUS_OK;
    char groups[256] = "";
    list_groups(&m->groups, groups, sizeof(groups));
    return error_set(err, STATUS_USAGE, "--permute: no feature is in group \"%s\"; there are %s",
                     group, groups);
}
