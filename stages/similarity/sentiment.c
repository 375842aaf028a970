#include "stages/similarity/sentiment.h"

#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/dense.h"
#include "common/data/rating_scale.h"
#include "stages/similarity/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double USER_SHRINKAGE = 5; /* ratings */
static const float TONE_SHRINKAGE = 3;  /* descriptions */

/* ---- what is said, and about which ratings ---- */

/* The columns of tags or reviews. */
struct columns {
    const char *name, *user, *movie, *term, *time;
};
static const struct columns sources[] = {
    {"tag.name", "tag.user", "tag.movie", "tag.index", "tag.time"},
    {"word.name", "review.user", "review.movie", "review.word", "review.time"},
};
enum { SOURCES = 2 };

struct saying {
    struct description *list;
    size_t count, capacity;
    bool any; /* in the dataset */
    struct strings name[SOURCES];
};

static void saying_release(struct saying *s) {
    mem_free(s->list);
    for (size_t k = 0; k < SOURCES; k++) {
        strings_release(&s->name[k]);
    }
}

static enum status collect(struct saying *s, size_t source, const struct artifact *dataset,
                           const struct ratings *visible, struct error *err) {
    const struct columns *c = &sources[source];
    const struct column_info *info = artifact_column(dataset, c->movie);
    MEM_AUTO uint32_t *user = NULL, *movie = NULL, *term = NULL;
    MEM_AUTO int64_t *time = NULL;
    if (info == NULL || info->count == 0) return STATUS_OK;
    s->any = true;
    TRY(artifact_read_strings(dataset, c->name, UINT64_MAX, &s->name[source], err));
    TRY(artifact_read(dataset, c->user, DTYPE_U32, info->count, &user, err));
    TRY(artifact_read(dataset, c->movie, DTYPE_U32, info->count, &movie, err));
    TRY(artifact_read(dataset, c->term, DTYPE_U32, info->count, &term, err));
    TRY(artifact_read(dataset, c->time, DTYPE_I64, info->count, &time, err));
    TRY(mem_grow(&s->list, &s->capacity, s->count + info->count, sizeof(*s->list), err));
    uint32_t first = source == 0 ? 0 : (uint32_t)s->name[0].count;
    int64_t newest = visible_newest(visible);
    for (uint64_t i = 0; i < info->count; i++) {
        if (time[i] > newest || visible_rating(visible, user[i], movie[i]) == UINT64_MAX) continue;
        s->list[s->count++] = (struct description){user[i], movie[i], first + term[i]};
    }
    return STATUS_OK;
}

static int compare_said(const void *a, const void *b) {
    const struct description *x = a, *y = b;
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    if (x->movie != y->movie) return x->movie < y->movie ? -1 : 1;
    return (x->term > y->term) - (x->term < y->term);
}

static size_t sort_distinct(struct description *said, size_t count) {
    size_t kept = 0;
    if (count == 0) return 0;
    qsort(said, count, sizeof(*said), compare_said);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_said(&said[i], &said[kept - 1]) != 0) said[kept++] = said[i];
    }
    return kept;
}

/* ---- which terms count ---- */

struct supported {
    uint32_t name, support;
};

static int compare_supported(const void *a, const void *b) {
    const struct supported *x = a, *y = b;
    if (x->support != y->support) return x->support < y->support ? 1 : -1;
    return (x->name > y->name) - (x->name < y->name);
}

static int compare_names(const void *a, const void *b) {
    const struct supported *x = a, *y = b;
    return (x->name > y->name) - (x->name < y->name);
}

/* place[n_names]: number of each name among those that count, or NO_INDEX. */
static enum status choose_terms(struct sentiment *out, uint32_t **term, uint32_t *place,
                                const struct description *said, size_t n_said, uint32_t n_names,
                                const struct sentiment_params *p, struct error *err) {
    MEM_AUTO struct supported *list = NULL;
    TRY(MEM_NEW(&list, n_names, err));
    for (uint32_t k = 0; k < n_names; k++) {
        list[k].name = k;
        place[k] = NO_INDEX;
    }
    for (size_t i = 0; i < n_said; i++) {
        list[said[i].term].support++;
    }
    qsort(list, n_names, sizeof(*list), compare_supported);
    size_t n = 0;
    while (n < n_names && n < (size_t)p->max_terms && list[n].support >= p->min_support) {
        n++;
    }
    qsort(list, n, sizeof(*list), compare_names);
    TRY(MEM_NEW(term, n, err));
    TRY(MEM_NEW(&out->support, n, err));
    TRY(MEM_NEW(&out->valence, n, err));
    TRY(MEM_NEW(&out->error, n, err));
    for (size_t k = 0; k < n; k++) {
        (*term)[k] = list[k].name;
        out->support[k] = list[k].support;
        place[list[k].name] = (uint32_t)k;
    }
    out->n_terms = n;
    return STATUS_OK;
}

/* ---- the regression ---- */

/* The described ratings in compressed rows over the terms that count. */
struct described {
    size_t n;
    size_t *offset;
    uint32_t *term;
    double *target;
};

static void described_release(struct described *d) {
    mem_free(d->offset);
    mem_free(d->term);
    mem_free(d->target);
}

static double user_mean(const struct ratings *r, uint32_t user, double mean) {
    double sum = 0, count = (double)(r->offset[user + 1] - r->offset[user]);
    for (uint64_t i = r->offset[user]; i < r->offset[user + 1]; i++) {
        sum += stars_of(r->value[i]) - mean;
    }
    return mean + sum / (count + USER_SHRINKAGE);
}

static double mean_rating(const struct ratings *r) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < r->count; i++) {
        sum += r->value[i];
    }
    return r->count > 0 ? stars_of((double)sum) / (double)r->count : 0;
}

static enum status describe(struct described *d, const struct description *said, size_t n_said,
                            const uint32_t *place, const struct ratings *r, struct error *err) {
    TRY(MEM_NEW(&d->offset, n_said + 1, err));
    TRY(MEM_NEW(&d->term, n_said, err));
    TRY(MEM_NEW(&d->target, n_said, err));
    double mean = mean_rating(r), sum = 0;
    size_t used = 0;
    for (size_t i = 0, next; i < n_said; i = next) {
        uint32_t user = said[i].user, movie = said[i].movie;
        for (next = i; next < n_said && said[next].user == user && said[next].movie == movie;
             next++) {
            if (place[said[next].term] != NO_INDEX) d->term[used++] = place[said[next].term];
        }
        if (used == d->offset[d->n]) continue;
        d->target[d->n] =
            stars_of(r->value[visible_rating(r, user, movie)]) - user_mean(r, user, mean);
        sum += d->target[d->n];
        d->offset[++d->n] = used;
    }
    for (size_t k = 0; k < d->n; k++) {
        d->target[k] -= sum / (double)d->n;
    }
    return STATUS_OK;
}

/* gram = X'X + ridge I, both triangles; right = X'y. */
static void normal_equations(const struct described *d, size_t n, double ridge, float *gram,
                             double *right) {
    for (size_t row = 0; row < d->n; row++) {
        for (size_t a = d->offset[row]; a < d->offset[row + 1]; a++) {
            right[d->term[a]] += d->target[row];
            for (size_t b = d->offset[row]; b < d->offset[row + 1]; b++) {
                gram[(size_t)d->term[a] * n + d->term[b]] += 1;
            }
        }
    }
    for (size_t k = 0; k < n; k++) {
        gram[k * n + k] += (float)ridge;
    }
}

/* Variance of what the valences leave unexplained; the terms use up n - ridge trace(inverse) of the
 * degrees of freedom. */
static double residual_variance(const struct described *d, const struct sentiment *s,
                                const float *inverse, double ridge) {
    double squares = 0, trace = 0;
    for (size_t row = 0; row < d->n; row++) {
        double rest = d->target[row];
        for (size_t a = d->offset[row]; a < d->offset[row + 1]; a++) {
            rest -= (double)s->valence[d->term[a]];
        }
        squares += rest * rest;
    }
    for (size_t k = 0; k < s->n_terms; k++) {
        trace += (double)inverse[k * s->n_terms + k];
    }
    double left = (double)d->n - ((double)s->n_terms - ridge * trace);
    return squares / fmax(left, 1);
}

static enum status solve(struct sentiment *out, const struct described *d, double ridge,
                         struct error *err) {
    size_t n = out->n_terms;
    MEM_AUTO float *gram = NULL;
    MEM_AUTO double *right = NULL;
    TRY(mem_alloc(&gram, n * n, sizeof(*gram), err));
    TRY(MEM_NEW(&right, n, err));
    if (n == 0) return STATUS_OK;
    normal_equations(d, n, ridge, gram, right);
    TRY(dense_invert_spd(n, gram, err));
    for (size_t k = 0; k < n; k++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++) {
            sum += (double)gram[k * n + j] * right[j];
        }
        out->valence[k] = (float)sum;
    }
    double variance = residual_variance(d, out, gram, ridge);
    for (size_t k = 0; k < n; k++) {
        out->error[k] = (float)sqrt(variance * (double)gram[k * n + k]);
    }
    return STATUS_OK;
}

static enum status set_tones(struct sentiment *out, const struct description *said, size_t n_said,
                             const uint32_t *place, uint32_t n_movies, struct error *err) {
    MEM_AUTO double *sum = NULL;
    MEM_AUTO uint32_t *count = NULL;
    TRY(MEM_NEW(&sum, n_movies, err));
    TRY(MEM_NEW(&count, n_movies, err));
    TRY(MEM_NEW(&out->tone, n_movies, err));
    for (size_t i = 0; i < n_said; i++) {
        uint32_t term = place[said[i].term];
        if (term == NO_INDEX) continue;
        sum[said[i].movie] += (double)out->valence[term];
        count[said[i].movie]++;
    }
    for (uint32_t m = 0; m < n_movies; m++) {
        out->tone[m] = (float)sum[m] / ((float)count[m] + TONE_SHRINKAGE);
    }
    return STATUS_OK;
}

enum status sentiment_fit(struct sentiment *out, uint32_t **term, struct description *said,
                          size_t n_said, uint32_t n_names, const struct ratings *visible,
                          const struct sentiment_params *params, struct error *err) {
    MEM_AUTO uint32_t *place = NULL;
    __attribute__((cleanup(described_release))) struct described described = {0};
    TRY(MEM_NEW(&place, n_names, err));
    n_said = sort_distinct(said, n_said);
    TRY(choose_terms(out, term, place, said, n_said, n_names, params, err));
    TRY(describe(&described, said, n_said, place, visible, err));
    out->n_ratings = described.n;
    TRY(solve(out, &described, params->ridge, err));
    return set_tones(out, said, n_said, place, visible->n_movies, err);
}

enum status sentiment_learn(struct sentiment *out, const struct artifact *dataset,
                            const struct ratings *visible, const struct sentiment_params *params,
                            struct error *err) {
    __attribute__((cleanup(saying_release))) struct saying said = {0};
    MEM_AUTO uint32_t *term = NULL;
    *out = (struct sentiment){0};
    for (size_t source = 0; source < SOURCES; source++) {
        TRY(collect(&said, source, dataset, visible, err));
    }
    out->present = said.any;
    uint32_t n_tags = (uint32_t)said.name[0].count;
    uint32_t n_names = n_tags + (uint32_t)said.name[1].count;
    TRY(sentiment_fit(out, &term, said.list, said.count, n_names, visible, params, err));
    TRY(MEM_NEW(&out->group, out->n_terms, err));
    for (size_t k = 0; k < out->n_terms; k++) {
        out->group[k] = term[k] >= n_tags;
        const char *name = term[k] < n_tags ? strings_get(&said.name[0], term[k])
                                            : strings_get(&said.name[1], term[k] - n_tags);
        TRY(strings_add(&out->name, name, err));
    }
    return STATUS_OK;
}

void sentiment_release(struct sentiment *s) {
    strings_release(&s->name);
    mem_free(s->group);
    mem_free(s->valence);
    mem_free(s->error);
    mem_free(s->support);
    mem_free(s->tone);
    *s = (struct sentiment){0};
}

enum status sentiment_write(const struct sentiment *s, struct artifact_writer *w,
                            struct error *err) {
    if (!s->present) return STATUS_OK;
    TRY(artifact_add_strings(w, "sentiment.name", &s->name, err));
    TRY(artifact_add_1d(w, "sentiment.group", DTYPE_U8, s->n_terms, s->group, err));
    TRY(artifact_add_1d(w, "sentiment.valence", DTYPE_F32, s->n_terms, s->valence, err));
    TRY(artifact_add_1d(w, "sentiment.error", DTYPE_F32, s->n_terms, s->error, err));
    return artifact_add_1d(w, "sentiment.support", DTYPE_U32, s->n_terms, s->support, err);
}

enum status sentiment_write_tones(const struct sentiment *s, uint32_t n_movies,
                                  struct artifact_writer *w, struct error *err) {
    if (!s->present) return STATUS_OK;
    return artifact_add_1d(w, "tone", DTYPE_F32, n_movies, s->tone, err);
}
