#include "stages/evaluate/evaluate.h"

#include "common/base/mem.h"
#include "common/models/registry.h"

#include <string.h>

const char *mode_name(enum mode m) {
    static const char *const names[MODES] = {"full", "candidates", "liked"};
    return names[m];
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

/* ---- components ---- */

/* Sort key of a component in the tables: first what is not personal, then other features, then the
 * models in the order of the registry. */
static size_t place_of(const struct feature_spec *spec) {
    for (size_t i = 0; i < registry_count(); i++) {
        if (strcmp(registry_at(i)->name, spec->component) == 0) return 2 + i;
    }
    return strcmp(spec->group, "popularity") == 0 ? 0 : 1;
}

static enum status add(struct contender *list, size_t *count, size_t max, struct contender scorer,
                       struct error *err) {
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(list[i].name, scorer.name) != 0) continue;
        list[i] = scorer; /* of several features of one component the last one ranks */
        return STATUS_OK;
    }
    if (*count == max) {
        return error_set(err, STATUS_FAILED, "evaluate: more than %zu components", max);
    }
    list[(*count)++] = scorer;
    return STATUS_OK;
}

static enum status add_component(struct components *c, struct contender scorer, struct error *err) {
    return add(c->component, &c->n_components, MAX_COMPONENTS, scorer, err);
}

static enum status add_rating(struct components *c, struct contender scorer, struct error *err) {
    return add(c->rating, &c->n_ratings, MAX_RATING_MODELS, scorer, err);
}

static struct contender of_ranker(const struct ranker *ranker, enum ranker_head head) {
    return (struct contender){
        .name = "ranker", .ranker = ranker, .present = ranker_has_head(ranker, head)};
}

static struct contender of_ncf(const struct ncf *ncf, enum ncf_head head) {
    return (struct contender){.name = "ncf", .ncf = ncf, .present = ncf_has_head(ncf, head)};
}

static struct contender feature(const char *name, size_t column) {
    return (struct contender){.name = name, .feature = column, .present = true};
}

static enum status find_components(struct components *c, const struct ncf *ncf, struct error *err) {
    TRY(add_component(c, of_ranker(c->ranker, HEAD_RANK), err));
    for (size_t place = 0; place < 2 + registry_count(); place++) {
        for (size_t i = 0; i < feature_count(c->context); i++) {
            const struct feature_spec *spec = feature_at(c->context, i);
            if (spec->component == NULL || place_of(spec) != place) continue;
            TRY(add_component(c, feature(spec->component, i), err));
        }
    }
    return ncf != NULL ? add_component(c, of_ncf(ncf, NCF_RANK), err) : STATUS_OK;
}

static enum status find_ratings(struct components *c, const struct ncf *ncf, struct error *err) {
    const struct models *models = feature_models(c->context);
    TRY(add_rating(c, of_ranker(c->ranker, HEAD_RATING), err));
    for (size_t i = 0; i < models->count; i++) {
        const struct fitted *fitted = &models->fitted[i];
        if (!fitted->model->predicts_stars) continue;
        size_t column = feature_find(c->context, fitted->name);
        if (column != SIZE_MAX) TRY(add_rating(c, feature(fitted->name, column), err));
    }
    if (ncf != NULL) TRY(add_rating(c, of_ncf(ncf, NCF_RATING), err));
    size_t mean = feature_find(c->context, "rating.movie-mean");
    return mean != SIZE_MAX ? add_rating(c, feature("movie_mean", mean), err) : STATUS_OK;
}

enum status components_bind(struct components *c, const struct feature_context *context,
                            const struct ranker *ranker, const struct ncf *ncf, uint64_t seed,
                            struct error *err) {
    TRY(check_features(context, ranker, err));
    *c = (struct components){.context = context, .ranker = ranker, .seed = seed};
    TRY(find_components(c, ncf, err));
    TRY(find_ratings(c, ncf, err));
    return find_groups(&c->groups, context, err);
}

/* ---- what they were told ---- */

static void add_feature(struct uses *uses, const struct feature_spec *spec) {
    uses->moment |= (spec->needs & NEEDS_MOMENT) != 0;
    uses->content |= strcmp(spec->group, "content") == 0;
}

static struct uses uses_of(const struct components *c, const struct contender *s, bool stars) {
    struct uses uses = {.stars = stars, .foreign = s->foreign != NULL};
    if (s->ranker != NULL) {
        for (size_t i = 0; i < feature_count(c->context); i++) {
            if (ranker_uses_feature(s->ranker, i)) add_feature(&uses, feature_at(c->context, i));
        }
    } else if (s->ncf == NULL && s->foreign == NULL) {
        add_feature(&uses, feature_at(c->context, s->feature));
    }
    return uses;
}

void components_label(struct components *c, const struct told *told) {
    for (size_t i = 0; i < c->n_components; i++) {
        const struct uses uses = uses_of(c, &c->component[i], false);
        c->component[i].information = information_of(&uses, told);
    }
    for (size_t i = 0; i < c->n_ratings; i++) {
        const struct uses uses = uses_of(c, &c->rating[i], true);
        c->rating[i].information = information_of(&uses, told);
    }
}

enum status components_add_foreign(struct components *c, const char *name,
                                   const struct foreign *foreign, struct error *err) {
    for (size_t i = 0; i < c->n_components; i++) {
        if (strcmp(c->component[i].name, name) != 0) continue;
        return error_set(err, STATUS_USAGE, "--foreign: there is a model \"%s\" already", name);
    }
    const struct contender scorer = {.name = name, .foreign = foreign, .present = true};
    return add_component(c, scorer, err);
}

void components_release(struct components *m) {
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

enum status components_permute(struct components *m, const char *group, struct error *err) {
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
