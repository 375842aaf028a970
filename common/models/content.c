#include "common/models/content.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/no_index.h"

#include <math.h>

const char *term_group_name(enum term_group group) {
    static const char *const names[TERM_GROUPS] = {"genre", "tag", "title", "decade", "genome"};
    return (unsigned)group < TERM_GROUPS ? names[group] : "?";
}

/* ---- loading ---- */

/* Rows and columns of a two-dimensional column. */
static enum status matrix_shape(const struct artifact *a, const char *name, uint32_t n_rows,
                                uint32_t *n_columns, struct error *err) {
    const struct column_info *column = artifact_column(a, name);
    if (column == NULL || column->n_dims != 2 || column->shape[0] != n_rows ||
        column->shape[1] >= NO_INDEX) {
        return error_set(err, STATUS_DAMAGED, "%s: column %s: not a matrix of %u rows",
                         artifact_path(a), name, n_rows);
    }
    *n_columns = (uint32_t)column->shape[1];
    return STATUS_OK;
}

static enum status vector_length(const struct artifact *a, const char *name, uint64_t limit,
                                 uint64_t *length, struct error *err) {
    const struct column_info *column = artifact_column(a, name);
    if (column == NULL || column->count > limit) {
        return error_set(err, STATUS_DAMAGED, "%s: column %s: missing or too long",
                         artifact_path(a), name);
    }
    *length = column->count;
    return STATUS_OK;
}

static enum status check_terms(const struct csr *m, const char *path, struct error *err) {
    if (m->offset[0] != 0 || m->offset[m->n_rows] != m->count) {
        return error_set(err, STATUS_DAMAGED, "%s: column content.offset: does not span the terms",
                         path);
    }
    for (uint32_t row = 0; row < m->n_rows; row++) {
        uint64_t first = m->offset[row], end = m->offset[row + 1];
        if (end < first || end > m->count) {
            return error_set(err, STATUS_DAMAGED, "%s: column content.offset: movie %u: descends",
                             path, row);
        }
        for (uint64_t e = first; e < end; e++) {
            if (m->column[e] < m->n_columns && (e == first || m->column[e] > m->column[e - 1])) {
                continue;
            }
            return error_set(err, STATUS_DAMAGED,
                             "%s: column content.term: movie %u: term %u is out of range or order",
                             path, row, m->column[e]);
        }
    }
    return STATUS_OK;
}

static enum status load_terms(struct content *c, const struct artifact *a, struct error *err) {
    uint64_t n_offsets = 0, n_terms = 0, count = 0;
    TRY(vector_length(a, "content.offset", NO_INDEX, &n_offsets, err));
    TRY(vector_length(a, "term.idf", NO_INDEX, &n_terms, err));
    TRY(vector_length(a, "content.term", UINT64_MAX, &count, err));
    if (n_offsets == 0) {
        return error_set(err, STATUS_DAMAGED, "%s: column content.offset: empty", artifact_path(a));
    }
    c->n_movies = (uint32_t)(n_offsets - 1);
    c->n_terms = (uint32_t)n_terms;
    c->terms = (struct csr){.n_rows = c->n_movies, .n_columns = c->n_terms, .count = count};
    TRY(artifact_read_strings(a, "term.name", n_terms, &c->term_name, err));
    TRY(artifact_read(a, "term.group", DTYPE_U8, n_terms, &c->term_group, err));
    TRY(artifact_read(a, "term.idf", DTYPE_F32, n_terms, &c->term_idf, err));
    TRY(artifact_read(a, "content.offset", DTYPE_U64, n_offsets, &c->terms.offset, err));
    TRY(artifact_read(a, "content.term", DTYPE_U32, count, &c->terms.column, err));
    TRY(artifact_read(a, "content.weight", DTYPE_F32, count, &c->terms.value, err));
    return check_terms(&c->terms, artifact_path(a), err);
}

static enum status load_neighbours(struct content *c, const struct artifact *a, struct error *err) {
    uint32_t k_cosine = 0;
    TRY(matrix_shape(a, "neighbour.movie", c->n_movies, &c->k, err));
    TRY(matrix_shape(a, "neighbour.cosine", c->n_movies, &k_cosine, err));
    TRY(matrix_shape(a, "vector", c->n_movies, &c->dim, err));
    uint64_t count = (uint64_t)c->n_movies * c->k;
    TRY(artifact_read(a, "neighbour.movie", DTYPE_U32, count, &c->neighbour_movie, err));
    TRY(artifact_read(a, "neighbour.cosine", DTYPE_F32, count, &c->neighbour_cosine, err));
    TRY(artifact_read(a, "vector", DTYPE_F32, (uint64_t)c->n_movies * c->dim, &c->vector, err));
    for (uint64_t i = 0; i < count; i++) {
        uint32_t movie = c->neighbour_movie[i];
        if (movie < c->n_movies || movie == NO_INDEX) continue;
        return error_set(err, STATUS_DAMAGED, "%s: column neighbour.movie: value %u is no movie",
                         artifact_path(a), movie);
    }
    return STATUS_OK;
}

static enum status load_tone(struct content *c, const struct artifact *a, struct error *err) {
    if (artifact_column(a, "tone") == NULL) return STATUS_OK;
    return artifact_read(a, "tone", DTYPE_F32, c->n_movies, &c->tone, err);
}

enum status content_load(struct content *out, const struct artifact *a, struct error *err) {
    AUTO(content) struct content c = {0};
    TRY(load_terms(&c, a, err));
    TRY(load_neighbours(&c, a, err));
    TRY(load_tone(&c, a, err));
    *out = c;
    c = (struct content){0};
    return STATUS_OK;
}

void content_release(struct content *c) {
    strings_release(&c->term_name);
    mem_free(c->term_group);
    mem_free(c->term_idf);
    csr_release(&c->terms);
    mem_free(c->neighbour_movie);
    mem_free(c->neighbour_cosine);
    mem_free(c->vector);
    mem_free(c->tone);
    *c = (struct content){0};
}

/* ---- comparing two movies: both rows ascend by term, so they are merged ---- */

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

/* Keeps `term` and `product` sorted by insertion: strongest first, equal ones by term. */
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
