/* Terms, neighbours and vectors against plain computations in double. */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/dense.h"
#include "common/models/content.h"
#include "stages/similarity/neighbours.h"
#include "stages/similarity/tfidf.h"
#include "stages/similarity/truncated_svd.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include <cmocka.h>

static const struct term_params even = {
    .weight = {1, 1, 1, 1, 1}, .min_titles = 1, .min_tagged = 1};

static void assert_close(double actual, double expected, double tolerance) {
    if (!(fabs(actual - expected) <= tolerance)) {
        fail_msg("%.9g is not %.9g within %.3g", actual, expected, tolerance);
    }
}

static void add_names(struct strings *s, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(strings_add(s, names[i], NULL), STATUS_OK);
    }
}

/* Copies `count` values of `size` bytes to fresh memory. */
static void *fresh(const void *values, size_t count, size_t size) {
    void *copy = NULL;
    assert_int_equal(mem_alloc(&copy, count, size, NULL), STATUS_OK);
    memcpy(copy, values, count * size);
    return copy;
}

/* Four movies by hand: genres Action 0 and 1, Drama 1 and 2; tags on 0, 1 and 3; a genome of two.
 */
static void make_source(struct content_source *s) {
    static const char *const titles[] = {"Red Moon", "Moon Base", "The Base", ""};
    static const char *const genres[] = {"Action", "Drama"}, *const tags[] = {"dark", "slow"};
    static const uint64_t genre_offset[] = {0, 1, 3, 4, 4};
    static const uint32_t genre_index[] = {0, 0, 1, 1}, tag_movie[] = {0, 0, 0, 1, 3};
    static const uint32_t tag_index[] = {0, 0, 1, 0, 1}, genome_movie[] = {0, 2};
    static const uint16_t year[] = {1994, 1999, 0, 2001};
    static const float genome[] = {0.9f, 0.1f, 0.3f, 0.5f};
    *s = (struct content_source){0};
    s->catalogue.n_movies = 4;
    s->catalogue.n_genres = 2;
    add_names(&s->catalogue.title, titles, 4);
    add_names(&s->catalogue.genre_name, genres, 2);
    add_names(&s->tag_name, tags, 2);
    add_names(&s->genome_name, tags, 2);
    s->catalogue.genre_offset = fresh(genre_offset, 5, sizeof(*genre_offset));
    s->catalogue.genre_index = fresh(genre_index, 4, sizeof(*genre_index));
    s->catalogue.year = fresh(year, 4, sizeof(*year));
    s->n_taggings = 5;
    s->tag_movie = fresh(tag_movie, 5, sizeof(*tag_movie));
    s->tag_index = fresh(tag_index, 5, sizeof(*tag_index));
    s->n_genome_movies = 2;
    s->genome_movie = fresh(genome_movie, 2, sizeof(*genome_movie));
    s->genome = fresh(genome, 4, sizeof(*genome));
}

static double weight_of(const struct term_table *t, uint32_t movie, enum term_group group,
                        const char *name) {
    for (uint64_t e = t->rows.offset[movie]; e < t->rows.offset[movie + 1]; e++) {
        uint32_t term = t->rows.column[e];
        if (t->group[term] != group || strcmp(strings_get(&t->name, term), name) != 0) continue;
        return (double)t->rows.value[e];
    }
    return 0;
}

static void terms_by_hand(void **state) {
    (void)state;
    AUTO(content_source) struct content_source source = {0};
    AUTO(term_table) struct term_table t = {0};
    make_source(&source);
    assert_int_equal(tfidf_build(&t, &source, &even, NULL), STATUS_OK);
    /* Action, Drama; dark, slow; base, moon, red; 1990s, 2000s; genome dark, slow. */
    assert_int_equal(t.name.count, 11);
    assert_close((double)t.idf[0], log(1 + 4.0 / 2), 1e-6);
    /* Movie 0 has all five groups: each has length 1 / sqrt(5). */
    double fifth = sqrt(0.2), dark = (1 + log(2)) * log(3), slow = log(3);
    assert_close(weight_of(&t, 0, TERM_GENRE, "Action"), fifth, 1e-6);
    assert_close(weight_of(&t, 0, TERM_TAG, "dark"), fifth * dark / hypot(dark, slow), 1e-6);
    assert_close(weight_of(&t, 0, TERM_TAG, "slow"), fifth * slow / hypot(dark, slow), 1e-6);
    assert_close(weight_of(&t, 0, TERM_TITLE, "red"), fifth * log(5) / hypot(log(5), log(3)), 1e-6);
    assert_close(weight_of(&t, 0, TERM_DECADE, "1990s"), fifth, 1e-6);
    assert_close(weight_of(&t, 0, TERM_GENOME, "dark"), fifth, 1e-6); /* slow is below its mean */
    /* Movie 1 has four, movie 3 two: tag and decade. */
    assert_close(weight_of(&t, 1, TERM_GENRE, "Drama"), 0.5 * sqrt(0.5), 1e-6);
    assert_close(weight_of(&t, 3, TERM_TAG, "slow"), sqrt(0.5), 1e-6);
    assert_close(weight_of(&t, 3, TERM_DECADE, "2000s"), sqrt(0.5), 1e-6);
}

static void weights_and_limits(void **state) {
    (void)state;
    AUTO(content_source) struct content_source source = {0};
    AUTO(term_table) struct term_table t = {0};
    make_source(&source);
    const struct term_params params = {.weight = {4, 0, 1, 0, 0}, .min_titles = 2};
    assert_int_equal(tfidf_build(&t, &source, &params, NULL), STATUS_OK);
    assert_int_equal(t.name.count, 4); /* Action, Drama, base, moon; red is in one title only */
    assert_close(weight_of(&t, 0, TERM_GENRE, "Action"), sqrt(0.8), 1e-6);
    assert_close(weight_of(&t, 0, TERM_TITLE, "moon"), sqrt(0.2), 1e-6);
    assert_int_equal(t.rows.offset[4], t.rows.offset[3]); /* nothing is known of movie 3 */
}

/* ---- neighbours ---- */

enum { N_MOVIES = 400, N_TERMS = 150, K = 20 };

/* Unit rows over random terms with few distinct weights, so that equal cosines are frequent; every
 * 29th is empty, and every 10th repeats the one before. */
static void random_rows(struct csr *m) {
    uint64_t e = 0;
    assert_int_equal(csr_alloc(m, N_MOVIES, N_TERMS, N_MOVIES * 8, NULL), STATUS_OK);
    for (uint32_t row = 0; row < N_MOVIES; row++) {
        uint32_t seed = row % 10 == 9 ? (row - 1) * 977u : row * 977u;
        uint32_t term = 0;
        uint64_t first = e;
        double sum = 0;
        for (int i = 0; i < 8 && row % 29 != 3; i++) {
            seed = seed * 1664525u + 1013904223u;
            term += 1 + (seed >> 8) % 30;
            if (term >= N_TERMS) break;
            m->column[e] = term;
            m->value[e] = (float)(1 + (seed >> 20) % 3);
            sum += (double)m->value[e] * (double)m->value[e];
            e++;
        }
        for (uint64_t i = first; i < e; i++) {
            m->value[i] = (float)((double)m->value[i] / sqrt(sum));
        }
        m->offset[row + 1] = e;
    }
    m->count = e;
}

static double *plain_cosines(const struct csr *m) {
    MEM_AUTO double *dense = NULL;
    double *cosine = NULL;
    assert_int_equal(MEM_NEW(&dense, N_MOVIES * N_TERMS, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&cosine, N_MOVIES * N_MOVIES, NULL), STATUS_OK);
    for (size_t row = 0; row < N_MOVIES; row++) {
        for (uint64_t e = m->offset[row]; e < m->offset[row + 1]; e++) {
            dense[row * N_TERMS + m->column[e]] = (double)m->value[e];
        }
    }
    for (size_t a = 0; a < N_MOVIES; a++) {
        for (size_t b = 0; b < N_MOVIES; b++) {
            double sum = 0;
            for (size_t t = 0; t < N_TERMS; t++) {
                sum += dense[a * N_TERMS + t] * dense[b * N_TERMS + t];
            }
            cosine[a * N_MOVIES + b] = sum;
        }
    }
    return cosine;
}

/* Number of movies that come before `b` among the neighbours of `a`. */
static size_t rank_of(const double *cosine, uint32_t a, uint32_t b) {
    const double *row = cosine + (size_t)a * N_MOVIES;
    size_t before = 0;
    for (uint32_t i = 0; i < N_MOVIES; i++) {
        if (i == a || i == b) continue;
        float other = (float)fmin(row[i], 1), own = (float)fmin(row[b], 1);
        before += other > own || (other == own && i < b);
    }
    return before;
}

static void neighbours_match_all_pairs(void **state) {
    (void)state;
    AUTO(csr) struct csr rows = {0};
    random_rows(&rows);
    MEM_AUTO double *cosine = plain_cosines(&rows);
    static uint32_t movie[N_MOVIES * K];
    static float found[N_MOVIES * K];
    assert_int_equal(neighbours_find(&rows, K, movie, found, NULL, NULL), STATUS_OK);
    for (uint32_t a = 0; a < N_MOVIES; a++) {
        size_t positive = 0, kept = 0;
        for (uint32_t b = 0; b < N_MOVIES; b++) {
            positive += b != a && cosine[a * N_MOVIES + b] > 0;
        }
        for (; kept < K && movie[a * K + kept] != NO_INDEX; kept++) {
            uint32_t b = movie[a * K + kept];
            assert_int_not_equal(a, b);
            assert_true(found[a * K + kept] > 0);
            assert_close((double)found[a * K + kept], cosine[a * N_MOVIES + b], 1e-7);
            assert_int_equal(rank_of(cosine, a, b), kept);
        }
        assert_int_equal(kept, positive < K ? positive : K);
        for (size_t i = kept; i < K; i++) {
            assert_int_equal(movie[a * K + i], NO_INDEX);
            assert_true(found[a * K + i] == 0);
        }
    }
}

static void content_functions_match(void **state) {
    (void)state;
    struct content c = {.n_movies = N_MOVIES, .n_terms = N_TERMS};
    random_rows(&c.terms);
    MEM_AUTO double *cosine = plain_cosines(&c.terms);
    uint32_t term[N_TERMS];
    float product[N_TERMS];
    for (uint32_t a = 0; a < N_MOVIES; a += 3) {
        for (uint32_t b = 0; b < N_MOVIES; b++) {
            double expected = cosine[a * N_MOVIES + b], sum = 0;
            assert_close((double)content_cosine(&c, a, b), expected, 1e-7);
            size_t count = content_shared_terms(&c, a, b, term, product, N_TERMS);
            for (size_t i = 0; i < count; i++) {
                assert_true(i == 0 || product[i] <= product[i - 1]);
                sum += (double)product[i];
            }
            assert_close(sum, expected, 1e-6);
            uint32_t best = 0;
            float strongest = 0;
            assert_int_equal(content_shared_terms(&c, a, b, &best, &strongest, 1), count > 0);
            if (count > 0) assert_int_equal(best, term[0]);
        }
    }
    content_release(&c);
}

/* Rows whose squares sum to more than 1 by rounding are no more alike than the same; of equally
 * strong terms the first of the table comes first. */
static void cosines_and_terms_at_the_edge(void **state) {
    (void)state;
    struct content c = {.n_movies = 2, .n_terms = 4};
    uint64_t offset[] = {0, 4, 8};
    uint32_t column[] = {0, 1, 2, 3, 0, 1, 2, 3}, term[4];
    float value[] = {0.500001F, 0.500001F, 0.6F, 0.500001F, 0.500001F, 0.500001F, 0.6F, 0.500001F};
    float product[4];
    c.terms = (struct csr){.n_rows = 2,
                           .n_columns = 4,
                           .count = 8,
                           .offset = offset,
                           .column = column,
                           .value = value};
    assert_true(content_cosine(&c, 0, 1) == 1);
    assert_int_equal(content_shared_terms(&c, 0, 1, term, product, 3), 3);
    assert_int_equal(term[0], 2);
    assert_int_equal(term[1], 0);
    assert_int_equal(term[2], 1);
}

/* ---- vectors ---- */

/* Sum of squares of rows minus vectors' part, by way of all dot products: |A A' - W W'| for a
 * matrix whose rank is the dimension must be rounding alone. */
static void vectors_reproduce_dot_products(void **state) {
    (void)state;
    enum { ROWS = 120, COLUMNS = 70, RANK = 12 };
    AUTO(csr) struct csr m = {0};
    assert_int_equal(csr_alloc(&m, ROWS, COLUMNS, ROWS * COLUMNS, NULL), STATUS_OK);
    for (uint32_t i = 0; i < ROWS; i++) {
        for (uint32_t j = 0; j < COLUMNS; j++) {
            double sum = 0;
            for (uint32_t r = 0; r < RANK; r++) {
                sum += sin(1 + i * (r + 1) * 0.7) * cos(2 + j * (r + 1) * 0.3) / (r + 1);
            }
            m.column[i * COLUMNS + j] = j;
            m.value[i * COLUMNS + j] = (float)sum;
        }
        m.offset[i + 1] = (i + 1) * COLUMNS;
    }
    static float vector[ROWS * RANK], singular[RANK];
    assert_int_equal(truncated_svd(&m, RANK, 4, 1, vector, singular, NULL), STATUS_OK);
    for (size_t a = 0; a < ROWS; a++) {
        for (size_t b = 0; b < ROWS; b++) {
            double dot = 0, approximate = 0;
            for (size_t j = 0; j < COLUMNS; j++) {
                dot += (double)m.value[a * COLUMNS + j] * (double)m.value[b * COLUMNS + j];
            }
            for (size_t j = 0; j < RANK; j++) {
                approximate += (double)vector[a * RANK + j] * (double)vector[b * RANK + j];
            }
            assert_close(approximate, dot, 1e-3);
        }
    }
}

/* The energy kept by the randomised decomposition is that of the exact one (Eckart and Young). */
static void singular_values_match_exact(void **state) {
    (void)state;
    enum { DIM = 16 };
    AUTO(csr) struct csr rows = {0};
    random_rows(&rows);
    MEM_AUTO float *dense = NULL, *u = NULL, *s = NULL, *vt = NULL, *vector = NULL;
    assert_int_equal(MEM_NEW(&dense, N_MOVIES * N_TERMS, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&u, N_MOVIES * N_TERMS, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&s, N_TERMS, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&vt, N_TERMS * N_TERMS, NULL), STATUS_OK);
    assert_int_equal(MEM_NEW(&vector, N_MOVIES * DIM, NULL), STATUS_OK);
    for (size_t row = 0; row < N_MOVIES; row++) {
        csr_add_row(&rows, (uint32_t)row, 1, dense + row * N_TERMS);
    }
    assert_int_equal(dense_svd(N_MOVIES, N_TERMS, dense, u, s, vt, NULL), STATUS_OK);
    float singular[DIM];
    assert_int_equal(truncated_svd(&rows, DIM, 8, 1, vector, singular, NULL), STATUS_OK);
    for (size_t j = 0; j < DIM; j++) {
        assert_close((double)singular[j], (double)s[j], 0.01 * (double)s[0]);
        double length = 0;
        for (size_t i = 0; i < N_MOVIES; i++) {
            length += (double)vector[i * DIM + j] * (double)vector[i * DIM + j];
        }
        assert_close(sqrt(length), (double)singular[j], 1e-3);
    }
}

static void lower_rank_leaves_zeros(void **state) {
    (void)state;
    enum { DIM = 6 };
    struct csr m = {0};
    assert_int_equal(csr_alloc(&m, 5, 3, 5, NULL), STATUS_OK);
    for (uint32_t i = 0; i < 5; i++) {
        m.column[i] = i % 2;
        m.value[i] = 1;
        m.offset[i + 1] = i + 1;
    }
    float vector[5 * DIM], singular[DIM];
    assert_int_equal(truncated_svd(&m, DIM, 2, 1, vector, singular, NULL), STATUS_OK);
    assert_close((double)singular[0], sqrt(3), 1e-5);
    assert_close((double)singular[1], sqrt(2), 1e-5);
    for (size_t j = 2; j < DIM; j++) {
        assert_true(singular[j] == 0);
    }
    for (size_t i = 0; i < 5; i++) {
        assert_close((double)vector[i * DIM + i % 2], 1, 1e-5);
        assert_close((double)vector[i * DIM + 1 - i % 2], 0, 1e-5);
    }
    csr_release(&m);
    assert_int_equal(csr_alloc(&m, 5, 0, 0, NULL), STATUS_OK); /* no terms at all */
    assert_int_equal(truncated_svd(&m, DIM, 2, 1, vector, singular, NULL), STATUS_OK);
    assert_true(vector[0] == 0 && singular[0] == 0);
    csr_release(&m);
}

static void same_bytes_at_any_thread_count(void **state) {
    (void)state;
    enum { DIM = 24 };
    AUTO(csr) struct csr rows = {0};
    random_rows(&rows);
    static uint32_t movie[2][N_MOVIES * K];
    static float cosine[2][N_MOVIES * K], vector[2][N_MOVIES * DIM], singular[2][DIM];
    for (int run = 0; run < 2; run++) {
        omp_set_num_threads(run == 0 ? 1 : 3);
        assert_int_equal(neighbours_find(&rows, K, movie[run], cosine[run], NULL, NULL), STATUS_OK);
        assert_int_equal(truncated_svd(&rows, DIM, 3, 9, vector[run], singular[run], NULL),
                         STATUS_OK);
    }
    assert_memory_equal(movie[0], movie[1], sizeof(movie[0]));
    assert_memory_equal(cosine[0], cosine[1], sizeof(cosine[0]));
    assert_memory_equal(vector[0], vector[1], sizeof(vector[0]));
    assert_memory_equal(singular[0], singular[1], sizeof(singular[0]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_by_hand),
        cmocka_unit_test(weights_and_limits),
        cmocka_unit_test(neighbours_match_all_pairs),
        cmocka_unit_test(content_functions_match),
        cmocka_unit_test(cosines_and_terms_at_the_edge),
        cmocka_unit_test(vectors_reproduce_dot_products),
        cmocka_unit_test(singular_values_match_exact),
        cmocka_unit_test(lower_rank_leaves_zeros),
        cmocka_unit_test(same_bytes_at_any_thread_count),
    };
    dense_init();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("similarity", tests, NULL, NULL);
}
