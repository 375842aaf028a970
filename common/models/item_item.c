#include "common/models/item_item.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/ranks.h"
#include "common/base/simd.h"
#include "common/models/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct column_spec item_item_columns[ITEM_ITEM_COLUMNS] = {
    OPTIONAL_COLUMN("weights.*.offset", DTYPE_U64, "movies+1", "start of each history movie's row",
                    .offsets_of = "entries.*"),
    OPTIONAL_COLUMN("weights.*.movie", DTYPE_U32, "entries.*", "target movies, ascending per row",
                    .index_of = "movies", .order = ORDER_ASCENDING, .per = "weights.*.offset"),
    OPTIONAL_COLUMN("weights.*.value", DTYPE_F32, "entries.*",
                    "weights, strongest kept per target movie"),
};

/* ---- fitting ---- */

enum status item_item_weights(struct csr *weights, const struct fitting *f,
                              const struct instance *instance, struct error *err) {
    AUTO(pruned) struct pruned kept = {0};
    TRY(pruned_alloc(&kept, f->items->n, f->keep, err));
    if (instance->model->item_item->fit(&kept, f, instance, err) != STATUS_OK) {
        return error_wrap(err, "fitting %s", instance->name);
    }
    return pruned_to_csr(weights, &kept, f->items, f->ratings->n_movies, err);
}

static enum status write_weights(struct artifact_writer *out, const char *name,
                                 const struct csr *weights, struct error *err) {
    char column[ARTIFACT_MAX_NAME + 1];
    snprintf(column, sizeof column, "weights.%s.offset", name);
    TRY(artifact_add_1d(out, column, DTYPE_U64, (uint64_t)weights->n_rows + 1, weights->offset,
                        err));
    snprintf(column, sizeof column, "weights.%s.movie", name);
    TRY(artifact_add_1d(out, column, DTYPE_U32, weights->count, weights->column, err));
    snprintf(column, sizeof column, "weights.%s.value", name);
    return artifact_add_1d(out, column, DTYPE_F32, weights->count, weights->value, err);
}

enum status item_item_fit(const struct fitting *f, const struct instance *instance,
                          const void *params, struct error *err) {
    (void)params;
    AUTO(csr) struct csr weights = {0};
    uint64_t started = clock_now_ns();
    double used = clock_cpu_seconds();
    TRY(item_item_weights(&weights, f, instance, err));
    if (f->out != NULL) TRY(write_weights(f->out, instance->name, &weights, err));
    log_info("%s: %.3f s, CPU %.3f s, %llu weights among %u movies", instance->name,
             1e-9 * (double)(clock_now_ns() - started), clock_cpu_seconds() - used,
             (unsigned long long)weights.count, (unsigned)f->items->n);
    return STATUS_OK;
}

enum status item_item_write_list(struct artifact_writer *out, const struct instance_list *list,
                                 struct error *err) {
    AUTO(strings) struct strings name = {0}, type = {0}, params = {0};
    AUTO(buf) struct buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        const struct instance *instance = &list->instance[i];
        if (instance->model->item_item == NULL) continue;
        buf_clear(&text);
        TRY(instance_describe(&text, instance, err));
        TRY(strings_add(&name, instance->name, err));
        TRY(strings_add(&type, instance->model->name, err));
        TRY(strings_add(&params, text.data, err));
    }
    TRY(artifact_add_strings(out, "item_model.name", &name, err));
    TRY(artifact_add_strings(out, "item_model.type", &type, err));
    return artifact_add_strings(out, "item_model.params", &params, err);
}

/* ---- loading ---- */

static enum status load_weights(struct item_item *m, const struct artifact *a, uint32_t n_movies,
                                struct error *err) {
    char name[ARTIFACT_MAX_NAME + 1];
    struct csr *w = &m->weights;
    w->n_rows = w->n_columns = n_movies;
    snprintf(name, sizeof name, "weights.%s.offset", m->name);
    TRY(artifact_read(a, name, DTYPE_U64, (uint64_t)n_movies + 1, &w->offset, err));
    w->count = w->offset[n_movies];
    snprintf(name, sizeof name, "weights.%s.value", m->name);
    TRY(artifact_read(a, name, DTYPE_F32, w->count, &w->value, err));
    snprintf(name, sizeof name, "weights.%s.movie", m->name);
    return artifact_read(a, name, DTYPE_U32, w->count, &w->column, err);
}

/* The value after " key=" in space-separated pairs; 0 if it is missing. */
static double number_in(const char *params, const char *key) {
    size_t size = strlen(key);
    for (const char *at = params; at != NULL && *at != '\0'; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, key, size) == 0 && at[size] == '=') return strtod(at + size + 1, NULL);
    }
    return 0;
}

static enum status read_numbers(struct item_item *m, const struct artifact *a, const char *params,
                                struct error *err) {
    for (size_t k = 0; k < m->model->n_numbers; k++) {
        const struct number_spec *spec = &m->model->numbers[k];
        m->number[k] = number_in(params, spec->name);
        if (m->number[k] >= spec->min && m->number[k] <= spec->max) continue;
        return error_set(err, STATUS_DAMAGED,
                         "loading factors: %s: item model \"%s\": no %s from %g to %g in \"%s\"",
                         artifact_path(a), m->name, spec->name, spec->min, spec->max, params);
    }
    return STATUS_OK;
}

static enum status load_one(struct models *models, const struct model *self,
                            const struct artifact *a, const char *name, const char *params,
                            struct error *err) {
    struct item_item *m = NULL;
    if (strlen(name) >= MODEL_NAME_SIZE) {
        return error_set(err, STATUS_DAMAGED, "loading factors: %s: item model \"%s\": long name",
                         artifact_path(a), name);
    }
    TRY(MEM_NEW(&m, 1, err));
    m->model = self;
    snprintf(m->name, sizeof m->name, "%s", name);
    enum status status = read_numbers(m, a, params, err);
    if (status == STATUS_OK) status = load_weights(m, a, models->baseline.n_movies, err);
    if (status == STATUS_OK) return models_add(models, self, name, m, err);
    item_item_free(m);
    return status;
}

/* A type that no model of the registry has would otherwise be skipped without notice. */
static enum status check_type(const char *name, const char *type, const struct artifact *a,
                              struct error *err) {
    const struct model *model = registry_find(type);
    if (model != NULL && model->item_item != NULL) return STATUS_OK;
    return error_set(err, STATUS_DAMAGED,
                     "loading factors: %s: item model \"%s\": type \"%s\" is not known",
                     artifact_path(a), name, type);
}

enum status item_item_load(struct models *models, const struct model *self,
                           const struct artifact *a, struct error *err) {
    AUTO(strings) struct strings name = {0}, type = {0}, params = {0};
    TRY(artifact_read_strings(a, "item_model.name", UINT64_MAX, &name, err));
    TRY(artifact_read_strings(a, "item_model.type", name.count, &type, err));
    TRY(artifact_read_strings(a, "item_model.params", name.count, &params, err));
    for (size_t i = 0; i < name.count; i++) {
        TRY(check_type(strings_get(&name, i), strings_get(&type, i), a, err));
        if (strcmp(strings_get(&type, i), self->name) != 0) continue;
        TRY(load_one(models, self, a, strings_get(&name, i), strings_get(&params, i), err));
    }
    return STATUS_OK;
}

void item_item_free(void *fitted) {
    struct item_item *m = fitted;
    if (m == NULL) return;
    csr_release(&m->weights);
    mem_free(m);
}

const struct item_item *models_first_item_item(const struct models *m) {
    for (size_t i = 0; i < m->count; i++) {
        if (m->fitted[i].model->item_item != NULL) return m->fitted[i].state;
    }
    return NULL;
}

/* ---- scratch ----
 *
 * The scores of a weighting are an array over the catalogue, which should fit into the first-level
 * cache together with the row of weights that is being added to it. The first two weightings are
 * stored in pairs and computed together. */

/* The scores from the whole and from the recent history. */
typedef f32x2 pair;

struct item_work {
    const struct item_item *model;
    const struct models *models;
    size_t n_movies, n_weightings;
    float *score;  /* [n_weightings, n_movies] */
    float *weight; /* [capacity] history weights */
    size_t capacity;
};

static size_t weightings_of(const struct model *model) {
    size_t n = 0;
    for (size_t k = 0; k < model->n_scores; k++) {
        size_t weighting = model->item_item->scores[k].weighting;
        if (weighting >= n) n = weighting + 1;
    }
    return n;
}

enum status item_item_work_create(void **work, const struct models *models, const void *fitted,
                                  struct error *err) {
    struct item_work *w = NULL;
    *work = NULL;
    TRY(MEM_NEW(&w, 1, err));
    *w = (struct item_work){.model = fitted,
                            .models = models,
                            .n_movies = models->baseline.n_movies,
                            .n_weightings =
                                weightings_of(((const struct item_item *)fitted)->model)};
    *work = w;
    return mem_alloc(&w->score, w->n_weightings * w->n_movies, sizeof *w->score, err);
}

void item_item_work_release(void *work) {
    struct item_work *w = work;
    if (w == NULL) return;
    mem_free(w->score);
    mem_free(w->weight);
    mem_free(w);
}

static struct catalogue_scores scores_of(const struct item_work *w, enum weighting weighting) {
    bool paired = w->n_weightings > 1 && weighting <= WEIGHTING_RECENT;
    return (struct catalogue_scores){w->score + (paired ? weighting : weighting * w->n_movies),
                                     paired ? 2 : 1};
}

/* ---- y += scale * a row of the weights ----
 *
 * The rows of a long history come from memory, not from a cache: while one is added, the next one
 * is prefetched. */

/* Entries of two rows of the weights: the one to add, and the one to prefetch. */
struct rows {
    const uint32_t *column, *next_column;
    const float *value, *next_value;
    size_t n;
};

static struct rows rows_at(const struct csr *weights, uint32_t row, uint32_t next) {
    uint64_t first = weights->offset[row], after = weights->offset[next];
    return (struct rows){.column = weights->column + first,
                         .value = weights->value + first,
                         .next_column = weights->column + after,
                         .next_value = weights->value + after,
                         .n = (size_t)(weights->offset[row + 1] - first)};
}

enum { LINE = 16 }; /* entries per cache line */

/* A macro, as compilers drop calls of functions that do nothing but prefetch. */
#define FETCH_NEXT(r, e)                                                                           \
    do {                                                                                           \
        __builtin_prefetch((r)->next_column + (e));                                                \
        __builtin_prefetch((r)->next_value + (e));                                                 \
    } while (0)

/* The columns of a row are distinct, so the four additions do not wait for each other. */
static inline void add_four(const struct rows *r, size_t e, float scale, float *restrict y) {
    uint32_t a = r->column[e], b = r->column[e + 1], c = r->column[e + 2], d = r->column[e + 3];
    y[a] += scale * r->value[e];
    y[b] += scale * r->value[e + 1];
    y[c] += scale * r->value[e + 2];
    y[d] += scale * r->value[e + 3];
}

static void add_row(const struct rows *r, float scale, float *restrict y) {
    size_t whole = r->n / LINE * LINE;
    for (size_t e = 0; e < whole; e += LINE) {
        FETCH_NEXT(r, e);
        add_four(r, e, scale, y);
        add_four(r, e + 4, scale, y);
        add_four(r, e + 8, scale, y);
        add_four(r, e + 12, scale, y);
    }
    for (size_t e = whole; e < r->n; e++) {
        y[r->column[e]] += scale * r->value[e];
    }
}

static inline void add_two(const struct rows *r, size_t e, pair scale, pair *restrict y) {
    uint32_t a = r->column[e], b = r->column[e + 1];
    y[a] += r->value[e] * scale;
    y[b] += r->value[e + 1] * scale;
}

/* The same with two scales at once. */
static void add_row_twice(const struct rows *r, pair scale, pair *restrict y) {
    size_t whole = r->n / LINE * LINE;
    for (size_t first = 0; first < whole; first += LINE) {
        FETCH_NEXT(r, first);
        for (size_t e = first; e < first + LINE; e += 4) {
            add_two(r, e, scale, y);
            add_two(r, e + 2, scale, y);
        }
    }
    for (size_t e = whole; e < r->n; e++) {
        y[r->column[e]] += r->value[e] * scale;
    }
}

/* ---- preparing ---- */

/* The recent history ends this many positions back: exp(-d / 10) is below 1e-10 there, which does
 * not change a sum of floats. */
enum { RECENT_END = 240 };

/* The rows of position i of the history and of the position after it. */
static struct rows rows_of(const struct item_work *w, const struct history *h, size_t i) {
    return rows_at(&w->model->weights, h->movie[i], h->movie[i + 1 < h->count ? i + 1 : i]);
}

/* Adds the rows of the positions [from, to) of the history. */
static void add_part(const struct item_work *w, const struct history *h, size_t from, size_t to,
                     float *score) {
    for (size_t i = from; i < to; i++) {
        struct rows rows = rows_of(w, h, i);
        if (w->weight[i] != 0) add_row(&rows, w->weight[i], score);
    }
}

static void add_newest(const struct item_work *w, const struct history *h, size_t most,
                       float *score) {
    add_part(w, h, h->count > most ? h->count - most : 0, h->count, score);
}

/* Turns a[n] into n pairs (a[i], 0), in place. */
static void spread(float *a, size_t n) {
    for (size_t i = n; i-- > 0;) {
        float value = a[i];
        a[2 * i] = value;
        a[2 * i + 1] = 0;
    }
}

/* The whole and the recent history together. Positions that are too old for the recent one come
 * first. */
static void add_pairs(const struct item_work *w, const struct query *q, float *score) {
    const struct history *h = q->history;
    size_t old = h->count > RECENT_END ? h->count - RECENT_END : 0;
    add_part(w, h, 0, old, score);
    if (old > 0) spread(score, w->n_movies);
    for (size_t i = old; i < h->count; i++) {
        struct rows rows = rows_of(w, h, i);
        pair scale = {w->weight[i], w->weight[i] * q->recent[i]};
        if (w->weight[i] != 0) add_row_twice(&rows, scale, (pair *)(void *)score);
    }
}

enum status item_item_prepare(void *work, const struct query *q, struct error *err) {
    struct item_work *w = work;
    const struct item_item *m = w->model;
    size_t movies = w->n_movies;
    TRY(mem_grow(&w->weight, &w->capacity, q->history->count, sizeof *w->weight, err));
    memset(w->score, 0, w->n_weightings * movies * sizeof *w->score);
    m->model->item_item->history_weights(m->number, &w->models->baseline, q->history, w->weight);
    if (w->n_weightings > WEIGHTING_RECENT) {
        add_pairs(w, q, w->score);
    } else {
        add_newest(w, q->history, SIZE_MAX, w->score);
    }
    if (w->n_weightings > WEIGHTING_LAST3) {
        add_newest(w, q->history, 3, w->score + WEIGHTING_LAST3 * movies);
    }
    if (w->n_weightings > WEIGHTING_LAST) {
        add_newest(w, q->history, 1, w->score + WEIGHTING_LAST * movies);
    }
    return STATUS_OK;
}

/* ---- scoring ---- */

void item_item_score(const void *work, const struct score_block *block, float *x, size_t stride) {
    const struct item_work *w = work;
    const struct model *model = w->model->model;
    for (size_t k = 0; k < model->n_scores; k++) {
        const struct item_score *score = &model->item_item->scores[k];
        struct catalogue_scores from = scores_of(w, score->weighting);
        for (size_t i = 0; i < block->n; i++) {
            uint32_t movie = block->movie[i];
            float rarity = score->rare ? w->models->rarity[movie] : 1.0F;
            x[i * stride + k] = from.first[movie * from.stride] * rarity;
        }
    }
}

/* The recent history is a source of its own if the model scores the newest movies by themselves
 * too. */
size_t item_item_sources(const void *work, struct catalogue_scores *out, size_t max) {
    const struct item_work *w = work;
    size_t n = 0;
    if (n < max) out[n++] = scores_of(w, WEIGHTING_ALL);
    if (n < max && w->n_weightings > WEIGHTING_LAST3) out[n++] = scores_of(w, WEIGHTING_RECENT);
    return n;
}

void item_item_binary(const double *number, const struct baseline *baseline,
                      const struct history *h, float *weight) {
    (void)number, (void)baseline;
    for (size_t k = 0; k < h->count; k++) {
        weight[k] = 1.0F;
    }
}
