/* The most similar movies of histories of all lengths, against sorting all cosines. */
#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/features/feature_internal.h"
#include "tests/unit/feature_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { LONGEST = SPACE_HISTORY + 20 };

static int descending(const void *pa, const void *pb) {
    const float *a = pa, *b = pb;
    return (*a < *b) - (*a > *b);
}

static float cosine(const struct feature_context *c, uint32_t a, uint32_t b) {
    double sum = 0;
    const struct item_space *s = &c->view.space;
    for (size_t k = 0; k < s->dim; k++) {
        sum += (double)s->row[a * s->dim + k] * (double)s->row[b * s->dim + k];
    }
    return (float)sum;
}

static void assert_near(float a, float b) {
    if (fabsf(a - b) > 1e-5F) fail_msg("%.9g and %.9g", (double)a, (double)b);
}

static void check_row(const struct feature_context *c, const struct history *h, uint32_t movie,
                      const float *row) {
    float all[LONGEST], sum = 0;
    size_t n = 0, most = h->count < SPACE_HISTORY ? h->count : SPACE_HISTORY;
    for (size_t i = h->count - most; i < h->count; i++) {
        if (h->movie[i] != movie) all[n++] = cosine(c, movie, h->movie[i]);
    }
    qsort(all, n, sizeof(*all), descending);
    if (n > 5) n = 5;
    for (size_t i = 0; i < n; i++) {
        sum += all[i];
    }
    assert_near(row[feature_find(c, "movies.nearest")], n > 0 ? all[0] : 0);
    assert_near(row[feature_find(c, "movies.similarity")], n > 0 ? sum / (float)n : 0);
}

static void check_history(struct feature_work *work, const struct history *h) {
    struct error err = {0};
    const struct feature_context *c = feature_work_context(work);
    MEM_AUTO float *x = NULL;
    uint32_t movie[WORLD_MOVIES];
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        movie[m] = m;
    }
    must(MEM_NEW(&x, WORLD_MOVIES * feature_count(c), &err), &err);
    must(feature_prepare(work, h, NO_INDEX, 2000000000, &err), &err);
    feature_rows(work, movie, WORLD_MOVIES, x);
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        check_row(c, h, m, x + m * feature_count(c));
    }
}

/* With `distinct` movies, which come again and again. */
static void check_histories(struct feature_work *work, uint32_t distinct) {
    static const size_t lengths[] = {0, 1, 5, 15, 16, 17, 31, 33, 63, 64, 65, 127, 200, LONGEST};
    uint32_t movie[LONGEST];
    uint8_t value[LONGEST];
    int64_t time[LONGEST];
    struct rng rng = rng_keyed(distinct, "test.similar", 0, 0);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct history h = {movie, value, time, lengths[i]};
        for (size_t k = 0; k < h.count; k++) {
            movie[k] = distinct < WORLD_MOVIES ? rng_below(&rng, distinct)
                                               : (uint32_t)(k * 7) % WORLD_MOVIES;
            value[k] = (uint8_t)(1 + rng_below(&rng, 10));
            time[k] = 1000000000 + (int64_t)k;
        }
        check_history(work, &h);
    }
}

static void best_are_found(void **state) {
    (void)state;
    static struct world world;
    struct error err = {0};
    for (int with = 0; with < 2;
         with++) { /* cosines of factors; of contents, where many are equal */
        world_random(&world);
        world.with_factorizations = with != 0;
        world_write(&world);
        struct opened o = world_open(&world, VIEW_ALL);
        struct feature_work *work = NULL;
        must(feature_work_create(&work, o.context, &err), &err);
        check_histories(work, WORLD_MOVIES);
        check_histories(work, 3);
        check_histories(work, 12);
        feature_work_release(work);
        world_close(&o);
        world_remove(&world);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(best_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
