#include "common/models/content.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"

#include <math.h>
#include <string.h>

const char *term_group_name(enum term_group group) {
    static const char *const names[TERM_GROUPS] = {"genre", "tag", "title", "decade", "genome"};
    return (unsigned)group < TERM_GROUPS ? names[group] : "?";
}

/* ---- loading ---- */

/* The extent of a column along one dimension; it must be a valid u32 index. */
static enum status column_size(const struct artifact *a, const char *name, uint32_t dim,
                               uint32_t *out, struct error *err) {
    const struct column_info *column = artifact_column(a, name);
    if (column == NULL || column->shape[dim] >= NO_INDEX) {
        return error_set(err, STATUS_DAMAGED, "%s: column %s: missing or too long",
                         artifact_path(a), name);
    }
    *out = (uint32_t)column->shape[dim];
    return STATUS_OK;
}

static enum status load_terms(struct content *c, const struct artifact *a, struct error *err) {
    uint32_t n_offsets = 0;
    TRY(column_size(a, "content.offset", 0, &n_offsets, err));
    TRY(column_size(a, "term.idf", 0, &c->n_terms, err));
    c->n_movies = n_offsets - 1;
    TRY(artifact_read_strings(a, "term.name", c->n_terms, &c->term_name, err));
    TRY(artifact_read(a, "term.group", DTYPE_U8, c->n_terms, &c->term_group, err));
    TRY(artifact_read(a, "term.idf", DTYPE_F32, c->n_terms, &c->term_idf, err));
    struct csr *terms = &c->terms;
    terms->n_rows = c->n_movies;
    terms->n_columns = c->n_terms;
    TRY(artifact_read(a, "content.offset", DTYPE_U64, n_offsets, &terms->offset, err));
    terms->count = terms->offset[c->n_movies];
    TRY(artifact_read(a, "content.term", DTYPE_U32, terms->count, &terms->column, err));
    return artifact_read(a, "content.weight", DTYPE_F32, terms->count, &terms->value, err);
}

static enum status load_neighbours(struct content *c, const struct artifact *a, struct error *err) {
    TRY(column_size(a, "neighbour.movie", 1, &c->k, err));
    TRY(column_size(a, "vector", 1, &c->dim, err));
    uint64_t count = (uint64_t)c->n_movies * c->k;
    TRY(artifact_read(a, "neighbour.movie", DTYPE_U32, count, &c->neighbour_movie, err));
    TRY(artifact_read(a, "neighbour.cosine", DTYPE_F32, count, &c->neighbour_cosine, err));
    return artifact_read(a, "vector", DTYPE_F32, (uint64_t)c->n_movies * c->dim, &c->vector, err);
}

/* The first term whose group is not below `group`: groups ascend. */
static uint32_t first_of_group(const struct content *c, unsigned group) {
    uint32_t t = 0;
    while (t < c->n_terms && c->term_group[t] < group) {
        t++;
    }
    return t;
}

/* The tag of this name among the terms [low, end), whose names ascend; NO_INDEX if there is none.
 */
static uint32_t find_tag(const struct content *c, uint32_t low, uint32_t end, const char *name) {
    uint32_t high = end;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(strings_get(&c->term_name, middle), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < end && strcmp(strings_get(&c->term_name, low), name) == 0 ? low : NO_INDEX;
}

static enum status load_valences(struct content *c, const struct artifact *a, struct error *err) {
    const struct column_info *info = artifact_column(a, "sentiment.name");
    if (info == NULL) return STATUS_OK;
    AUTO(strings) struct strings name = {0};
    MEM_AUTO float *valence = NULL;
    MEM_AUTO uint8_t *is_word = NULL;
    size_t n = (size_t)info->count;
    TRY(artifact_read_strings(a, "sentiment.name", n, &name, err));
    TRY(artifact_read(a, "sentiment.group", DTYPE_U8, n, &is_word, err));
    TRY(artifact_read(a, "sentiment.valence", DTYPE_F32, n, &valence, err));
    TRY(MEM_NEW(&c->term_valence, c->n_terms, err));
    for (uint32_t t = 0; t < c->n_terms; t++) {
        c->term_valence[t] = NAN;
    }
    uint32_t first = first_of_group(c, TERM_TAG), end = first_of_group(c, TERM_TAG + 1);
    for (size_t k = 0; k < n; k++) {
        uint32_t t = is_word[k] ? NO_INDEX : find_tag(c, first, end, strings_get(&name, k));
        if (t != NO_INDEX) c->term_valence[t] = valence[k];
    }
    return STATUS_OK;
}

static enum status load_users(struct content *c, const struct artifact *a, struct error *err) {
    if (artifact_column(a, "term.users") == NULL) return STATUS_OK;
    return artifact_read(a, "term.users", DTYPE_U32, c->n_terms, &c->term_users, err);
}

static enum status load_tone(struct content *c, const struct artifact *a, struct error *err) {
    if (artifact_column(a, "tone") == NULL) return STATUS_OK;
    return artifact_read(a, "tone", DTYPE_F32, c->n_movies, &c->tone, err);
}

enum status content_load(struct content *out, const struct artifact *a, struct error *err) {
    AUTO(content) struct content c = {0};
    TRY(load_terms(&c, a, err));
    TRY(load_neighbours(&c, a, err));
    TRY(load_users(&c, a, err));
    TRY(load_valences(&c, a, err));
    TRY(load_tone(&c, a, err));
    *out = c;
    c = (struct content){0};
    return STATUS_OK;
}

void content_release(struct content *c) {
    strings_release(&c->term_name);
    mem_free(c->term_group);
    mem_free(c->term_idf);
    mem_free(c->term_users);
    mem_free(c->term_valence);
    csr_release(&c->terms);
    mem_free(c->neighbour_movie);
    mem_free(c->neighbour_cosine);
    mem_free(c->vector);
    mem_free(c->tone);
    *c = (struct content){0};
}

/* ---- comparing two movies: both rows ascend by term, so they can be merged ---- */

float content_cosine(const struct content *c, uint32_t a, uint32_t b) {
    const struct csr *m = &c->terms;
    uint64_t i = m->offset[a], j = m->offset[b];
    double sum = 0;
    while (i < m->offset[a + 1] && j < m->offset[b + 1]) {
        uint32_t left = m->column[i], right = m->column[j];
        if (left == right) sum += (double)m->value[i] * (double)m->value[j];
        i += left <= right;
        j += right <= left;
    }
    return (float)fmin(sum, 1);
}

/* Inserts into `term` and `product`, sorted by product, largest first, then by term. */
static size_t insert_product(uint32_t *term, float *product, size_t count, size_t max,
                             uint32_t new_term, float new_product) {
    size_t place = count;
    while (place > 0 && product[place - 1] < new_product) {
        place--;
    }
    if (place >= max) return count;
    size_t last = count < max ? count : max - 1;
    for (size_t i = last; i > place; i--) {
        term[i] = term[i - 1];
        product[i] = product[i - 1];
    }
    term[place] = new_term;
    product[place] = new_product;
    return count < max ? count + 1 : max;
}

size_t content_shared_terms(const struct content *c, uint32_t a, uint32_t b, uint32_t *term,
                            float *product, size_t max) {
    const struct csr *m = &c->terms;
    uint64_t i = m->offset[a], j = m->offset[b];
    size_t count = 0;
    while (i < m->offset[a + 1] && j < m->offset[b + 1]) {
        uint32_t left = m->column[i], right = m->column[j];
        if (left == right && max > 0) {
            count = insert_product(term, product, count, max, left, m->value[i] * m->value[j]);
        }
        i += left <= right;
        j += right <= left;
    }
    return count;
}
