#include "stages/similarity/tfidf.h"

#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "stages/similarity/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One group before weighting: names of its terms, and how often each movie has each. */
struct group {
    struct strings name;
    struct csr count;
    bool weighted; /* the counts are weights already */
};

static void group_release(struct group *g) {
    strings_release(&g->name);
    csr_release(&g->count);
}

struct pair {
    uint32_t movie, term;
};

struct pair_list {
    struct pair *item;
    size_t count, capacity;
};

static void pair_list_release(struct pair_list *list) {
    mem_free(list->item);
}

static enum status add_pair(struct pair_list *list, uint32_t movie, uint32_t term,
                            struct error *err) {
    TRY(mem_grow(&list->item, &list->capacity, list->count + 1, sizeof(*list->item), err));
    list->item[list->count++] = (struct pair){movie, term};
    return STATUS_OK;
}

static int compare_pairs(const void *pa, const void *pb) {
    const struct pair *a = pa, *b = pb;
    if (a->movie != b->movie) return a->movie < b->movie ? -1 : 1;
    return a->term < b->term ? -1 : a->term > b->term;
}

/* Equal pairs become one entry, with their number as its value. */
static enum status count_pairs(struct csr *out, uint32_t n_movies, uint32_t n_terms,
                               struct pair_list *list, struct error *err) {
    if (list->count > 1) qsort(list->item, list->count, sizeof(*list->item), compare_pairs);
    TRY(csr_alloc(out, n_movies, n_terms, list->count, err));
    uint64_t e = 0;
    for (size_t i = 0; i < list->count; i++) {
        bool same = i > 0 && compare_pairs(&list->item[i - 1], &list->item[i]) == 0;
        if (!same) {
            out->column[e++] = list->item[i].term;
            out->offset[list->item[i].movie + 1]++;
        }
        out->value[e - 1]++;
    }
    for (uint32_t m = 0; m < n_movies; m++) {
        out->offset[m + 1] += out->offset[m];
    }
    out->count = e;
    return STATUS_OK;
}

/* ---- the groups ---- */

static enum status copy_names(struct strings *out, const struct strings *names, struct error *err) {
    for (size_t i = 0; i < names->count; i++) {
        TRY(strings_add(out, strings_get(names, i), err));
    }
    return STATUS_OK;
}

static enum status collect_genres(struct group *g, const struct content_source *s,
                                  struct error *err) {
    const struct catalogue *c = &s->catalogue;
    AUTO(pair_list) struct pair_list list = {0};
    for (uint32_t m = 0; m < c->n_movies; m++) {
        for (uint64_t e = c->genre_offset[m]; e < c->genre_offset[m + 1]; e++) {
            TRY(add_pair(&list, m, c->genre_index[e], err));
        }
    }
    TRY(copy_names(&g->name, &c->genre_name, err));
    return count_pairs(&g->count, c->n_movies, c->n_genres, &list, err);
}

static enum status collect_tags(struct group *g, const struct content_source *s,
                                struct error *err) {
    AUTO(pair_list) struct pair_list list = {0};
    for (uint64_t i = 0; i < s->n_taggings; i++) {
        TRY(add_pair(&list, s->tag_movie[i], s->tag_index[i], err));
    }
    TRY(copy_names(&g->name, &s->tag_name, err));
    return count_pairs(&g->count, s->catalogue.n_movies, (uint32_t)s->tag_name.count, &list, err);
}

struct occurrence {
    const char *word;
    uint32_t movie;
};

static int compare_words(const void *pa, const void *pb) {
    const struct occurrence *a = pa, *b = pb;
    return strcmp(a->word, b->word);
}

/* Numbers the words in the order of their bytes. */
static enum status number_words(struct group *g, struct occurrence *words, size_t count,
                                struct pair_list *list, struct error *err) {
    if (count > 1) qsort(words, count, sizeof(*words), compare_words);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(words[i].word, words[i - 1].word) != 0) {
            TRY(strings_add(&g->name, words[i].word, err));
        }
        TRY(add_pair(list, words[i].movie, (uint32_t)(g->name.count - 1), err));
    }
    return STATUS_OK;
}

static enum status collect_titles(struct group *g, const struct content_source *s,
                                  struct error *err) {
    const struct catalogue *c = &s->catalogue;
    AUTO(strings) struct strings all = {0};
    AUTO(pair_list) struct pair_list list = {0};
    MEM_AUTO size_t *end = NULL; /* number of words up to and including each movie's */
    MEM_AUTO struct occurrence *words = NULL;
    TRY(MEM_NEW(&end, c->n_movies, err));
    for (uint32_t m = 0; m < c->n_movies; m++) {
        TRY(title_words(strings_get(&c->title, m), &all, err));
        end[m] = all.count;
    }
    TRY(MEM_NEW(&words, all.count, err));
    for (size_t i = 0, m = 0; i < all.count; i++) {
        while (i >= end[m]) {
            m++;
        }
        words[i] = (struct occurrence){strings_get(&all, i), (uint32_t)m};
    }
    TRY(number_words(g, words, all.count, &list, err));
    return count_pairs(&g->count, c->n_movies, (uint32_t)g->name.count, &list, err);
}

static enum status collect_decades(struct group *g, const struct content_source *s,
                                   struct error *err) {
    const struct catalogue *c = &s->catalogue;
    AUTO(pair_list) struct pair_list list = {0};
    uint32_t first = UINT32_MAX, last = 0;
    for (uint32_t m = 0; m < c->n_movies; m++) {
        uint32_t decade = c->year[m] / 10u;
        if (decade == 0) continue;
        first = decade < first ? decade : first;
        last = decade > last ? decade : last;
    }
    for (uint32_t m = 0; m < c->n_movies; m++) {
        if (c->year[m] >= 10) TRY(add_pair(&list, m, c->year[m] / 10u - first, err));
    }
    for (uint32_t decade = first; decade <= last && list.count > 0; decade++) {
        char name[16];
        snprintf(name, sizeof(name), "%u0s", decade);
        TRY(strings_add(&g->name, name, err));
    }
    return count_pairs(&g->count, c->n_movies, (uint32_t)g->name.count, &list, err);
}

static enum status genome_means(double **out, const struct content_source *s, struct error *err) {
    size_t n_tags = s->genome_name.count;
    TRY(MEM_NEW(out, n_tags, err));
    for (uint32_t i = 0; i < s->n_genome_movies; i++) {
        for (size_t t = 0; t < n_tags; t++) {
            (*out)[t] += (double)s->genome[i * n_tags + t];
        }
    }
    for (size_t t = 0; t < n_tags && s->n_genome_movies > 0; t++) {
        (*out)[t] /= s->n_genome_movies;
    }
    return STATUS_OK;
}

/* Puts what is above the mean by more than `floor` into `out`, each row's count behind its number;
 * returns how much that is. With NULL it only counts. */
static size_t place_excess(struct csr *out, const struct content_source *s, const double *mean,
                           double floor) {
    size_t n_tags = s->genome_name.count, count = 0;
    for (size_t i = 0; i < s->n_genome_movies * n_tags; i++) {
        size_t tag = i % n_tags;
        double excess = (double)s->genome[i] - mean[tag];
        if (!(excess > floor)) continue;
        if (out != NULL) {
            out->column[count] = (uint32_t)tag;
            out->value[count] = (float)excess;
            out->offset[s->genome_movie[i / n_tags] + 1]++;
        }
        count++;
    }
    return count;
}

static enum status collect_genome(struct group *g, const struct content_source *s, double floor,
                                  struct error *err) {
    size_t n_tags = s->genome_name.count;
    uint32_t n_movies = s->catalogue.n_movies;
    MEM_AUTO double *mean = NULL;
    TRY(genome_means(&mean, s, err));
    TRY(copy_names(&g->name, &s->genome_name, err));
    size_t count = place_excess(NULL, s, mean, floor);
    TRY(csr_alloc(&g->count, n_movies, (uint32_t)n_tags, count, err));
    place_excess(&g->count, s, mean, floor);
    for (uint32_t m = 0; m < n_movies; m++) {
        g->count.offset[m + 1] += g->count.offset[m];
    }
    g->weighted = true;
    return STATUS_OK;
}

static enum status collect(struct group *g, enum term_group which, const struct content_source *s,
                           const struct term_params *params, struct error *err) {
    switch (which) {
    case TERM_GENRE:
        return collect_genres(g, s, err);
    case TERM_TAG:
        return collect_tags(g, s, err);
    case TERM_TITLE:
        return collect_titles(g, s, err);
    case TERM_DECADE:
        return collect_decades(g, s, err);
    default:
        return collect_genome(g, s, params->genome_floor, err);
    }
}

/* ---- weighting ---- */

/* Replaces counts by weights and columns by numbers of the table; drops terms of fewer than
 * `min_movies` movies, and appends the others to the table. */
static enum status weigh_group(struct group *g, enum term_group which, int64_t min_movies,
                               struct term_table *table, struct error *err) {
    struct csr *m = &g->count;
    MEM_AUTO uint32_t *df = NULL, *number = NULL;
    TRY(MEM_NEW(&df, m->n_columns, err));
    TRY(MEM_NEW(&number, m->n_columns, err));
    for (uint64_t e = 0; e < m->count; e++) {
        df[m->column[e]]++;
    }
    for (uint32_t t = 0; t < m->n_columns; t++) {
        number[t] = UINT32_MAX;
        if (df[t] == 0 || df[t] < min_movies) continue;
        size_t last = table->name.count;
        TRY(strings_add(&table->name, strings_get(&g->name, t), err));
        table->group[last] = (uint8_t)which;
        table->idf[last] = g->weighted ? 1 : (float)log1p((double)m->n_rows / df[t]);
        number[t] = (uint32_t)last;
    }
    uint64_t kept = 0;
    uint64_t first = 0;
    for (uint32_t row = 0; row < m->n_rows; row++) {
        uint64_t end = m->offset[row + 1];
        for (uint64_t e = first; e < end; e++) {
            uint32_t term = number[m->column[e]];
            if (term == UINT32_MAX) continue;
            double tf = g->weighted ? (double)m->value[e] : 1 + log((double)m->value[e]);
            m->column[kept] = term;
            m->value[kept++] = (float)(tf * (double)table->idf[term]);
        }
        first = end;
        m->offset[row + 1] = kept;
    }
    m->count = kept;
    return STATUS_OK;
}

/* Scales each row that is not empty to this length. */
static void scale_rows(struct csr *m, double length) {
    for (uint32_t row = 0; row < m->n_rows; row++) {
        double sum = 0;
        for (uint64_t e = m->offset[row]; e < m->offset[row + 1]; e++) {
            sum += (double)m->value[e] * (double)m->value[e];
        }
        double scale = sum > 0 ? length / sqrt(sum) : 0;
        for (uint64_t e = m->offset[row]; e < m->offset[row + 1]; e++) {
            m->value[e] = (float)((double)m->value[e] * scale);
        }
    }
}

/* Joins the groups' rows; the numbers of their terms ascend from group to group. */
static enum status join_groups(struct term_table *t, const struct group *groups, uint32_t n_movies,
                               struct error *err) {
    uint64_t count = 0;
    for (int g = 0; g < TERM_GROUPS; g++) {
        count += groups[g].count.count;
    }
    TRY(csr_alloc(&t->rows, n_movies, (uint32_t)t->name.count, count, err));
    uint64_t e = 0;
    for (uint32_t row = 0; row < n_movies; row++) {
        for (int g = 0; g < TERM_GROUPS; g++) {
            const struct csr *m = &groups[g].count;
            if (m->n_rows == 0) continue;
            uint64_t first = m->offset[row], size = m->offset[row + 1] - first;
            memcpy(t->rows.column + e, m->column + first, size * sizeof(*m->column));
            memcpy(t->rows.value + e, m->value + first, size * sizeof(*m->value));
            e += size;
        }
        t->rows.offset[row + 1] = e;
    }
    return STATUS_OK;
}

static int64_t least_movies(enum term_group which, const struct term_params *params) {
    if (which == TERM_TITLE) return params->min_titles;
    return which == TERM_TAG ? params->min_tagged : 1;
}

static enum status build(struct term_table *t, struct group *groups,
                         const struct content_source *source, const struct term_params *params,
                         struct error *err) {
    size_t most_terms = 0;
    for (int g = 0; g < TERM_GROUPS; g++) {
        if (!(params->weight[g] > 0)) continue;
        TRY(collect(&groups[g], (enum term_group)g, source, params, err));
        most_terms += groups[g].count.n_columns;
    }
    TRY(MEM_NEW(&t->group, most_terms, err));
    TRY(MEM_NEW(&t->idf, most_terms, err));
    for (int g = 0; g < TERM_GROUPS; g++) {
        enum term_group which = (enum term_group)g;
        TRY(weigh_group(&groups[g], which, least_movies(which, params), t, err));
        scale_rows(&groups[g].count, sqrt(params->weight[g]));
    }
    TRY(join_groups(t, groups, source->catalogue.n_movies, err));
    scale_rows(&t->rows, 1);
    return STATUS_OK;
}

enum status tfidf_build(struct term_table *out, const struct content_source *source,
                        const struct term_params *params, struct error *err) {
    struct group groups[TERM_GROUPS] = {0};
    *out = (struct term_table){0};
    enum status status = build(out, groups, source, params, err);
    for (int g = 0; g < TERM_GROUPS; g++) {
        group_release(&groups[g]);
    }
    if (status != STATUS_OK) term_table_release(out);
    return status;
}

void term_table_release(struct term_table *t) {
    strings_release(&t->name);
    mem_free(t->group);
    mem_free(t->idf);
    csr_release(&t->rows);
    *t = (struct term_table){0};
}
