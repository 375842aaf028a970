/* Features of the sequence encoder: what they are, and that they are optional. */
#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/models/gru.h"
#include "tests/unit/feature_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// cmocka needs the three above
#include <cmocka.h>

enum { DIM = 6, HIDDEN = 5 };

struct scene {
    struct world world;
    struct opened opened;
    struct artifact *sequence;
    struct sequence_model model;
    struct feature_context *context;
    char path[96];
};

static struct artifact *write_model(const struct scene *s, const char *path) {
    struct error err = {0};
    struct artifact_writer *a;
    struct artifact *out;
    const double loss = 1;
    must(artifact_create(&a, path, "sequence", &err), &err);
    lineage_set(a);
    must(sequence_write(&s->model, a, &err), &err);
    ADD("loss", DTYPE_F64, 1, &loss);
    must(artifact_commit(a, &err), &err);
    must(artifact_open(&out, path, "sequence", &err), &err);
    return out;
}

static void make_model(struct sequence_model *m, uint32_t n_movies) {
    struct error err = {0};
    *m = (struct sequence_model){.n_movies = n_movies, .dim = DIM, .hidden = HIDDEN, .window = 8};
    must(sequence_alloc(m, &err), &err);
    struct rng rng = rng_keyed(1, "test.model", 0, 0);
    for (size_t i = 0; i < m->n_values; i++) {
        m->values[i] = (float)rng_normal(&rng);
    }
}

static int set_up(void **state) {
    static struct scene s;
    struct error err = {0};
    s = (struct scene){0};
    world_random(&s.world);
    world_write(&s.world);
    s.opened = world_open(&s.world, VIEW_FIT);
    make_model(&s.model, s.world.n_movies);
    s.sequence = write_model(&s, world_path(&s.world, "sequence", s.path));
    struct run_artifacts from = opened_artifacts(&s.opened, VIEW_FIT);
    from.file[RUN_SEQUENCE] = s.sequence;
    must(feature_context_load(&s.context, &from, &err), &err);
    *state = &s;
    return 0;
}

static int tear_down(void **state) {
    struct scene *s = *state;
    feature_context_release(s->context);
    sequence_model_release(&s->model);
    artifact_close(s->sequence);
    unlink(s->path);
    world_close(&s->opened);
    world_remove(&s->world);
    return 0;
}

static struct history first_of(const struct world *w, uint32_t user, size_t count) {
    uint64_t first = w->offset[user];
    return (struct history){w->movie + first, w->value + first, w->time + first, count};
}

static void score_is_log_probability_of_the_unseen(void **state) {
    const struct scene *s = *state;
    struct error err = {0};
    struct feature_work *work;
    uint32_t movie[WORLD_MOVIES];
    size_t n = feature_count(s->context), at = feature_find(s->context, "sequence"),
           lift = feature_find(s->context, "sequence.lift"),
           last = feature_find(s->context, "sequence.last");
    float *x = calloc(WORLD_MOVIES * n, sizeof *x), query[DIM], logit[WORLD_MOVIES];
    float *scratch = calloc(sequence_scratch(&s->model), sizeof *scratch);
    assert_true(x != NULL && scratch != NULL && lift < n && last < n);
    must(feature_work_create(&work, s->context, &err), &err);
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        movie[m] = m;
    }
    for (size_t count = 0; count <= 20; count += 5) {
        struct history h = first_of(&s->world, 3, count);
        int64_t now = EPOCH + 10 * DAY;
        must(feature_prepare(work, &h, NO_INDEX, now, &err), &err);
        feature_rows(work, movie, WORLD_MOVIES, x);
        sequence_encode(&s->model, &h, now, scratch, query);
        sequence_scores(&s->model, query, logit);
        double sum = 0;
        bool seen[WORLD_MOVIES] = {0};
        for (size_t i = 0; i < count; i++) {
            seen[h.movie[i]] = true;
        }
        for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
            if (!seen[m]) sum += exp((double)x[m * n + at]);
            double difference = (double)(x[m * n + at] - x[at]) - (double)(logit[m] - logit[0]);
            assert_true(fabs(difference) < 1e-4);
            assert_true(fabsf(x[m * n + last]) <= 1.0001F);
            assert_true(x[m * n + lift] >= x[m * n + at]);
        }
        assert_true(fabs(sum - 1) < 1e-4);
        if (count > 0) assert_true(x[h.movie[count - 1] * n + last] > 0.9999F);
    }
    feature_work_release(work);
    free(scratch);
    free(x);
}

static void without_the_model_there_are_no_such_features(void **state) {
    const struct scene *s = *state;
    assert_true(feature_find(s->opened.context, "sequence") == SIZE_MAX);
    assert_int_equal(feature_count(s->opened.context) + 3, feature_count(s->context));
}

static void model_of_another_catalogue_is_refused(void **state) {
    struct scene *s = *state;
    struct error err = {0};
    struct scene other = {.world = s->world};
    struct feature_context *context;
    char path[96];
    make_model(&other.model, s->world.n_movies + 1);
    struct artifact *a = write_model(&other, world_path(&s->world, "other", path));
    struct run_artifacts from = opened_artifacts(&s->opened, VIEW_FIT);
    from.file[RUN_SEQUENCE] = a;
    assert_int_equal(feature_context_load(&context, &from, &err), STATUS_DAMAGED);
    assert_null(context);
    assert_non_null(strstr(err.text, "sequence"));
    artifact_close(a);
    unlink(path);
    sequence_model_release(&other.model);
}

static void numbers_that_are_none_are_refused(void **state) {
    struct scene *s = *state;
    struct error err = {0};
    struct sequence_model model;
    char path[96];
    float kept = s->model.output_bias[2];
    s->model.output_bias[2] = NAN;
    struct artifact *a = write_model(s, world_path(&s->world, "other", path));
    s->model.output_bias[2] = kept;
    assert_int_equal(sequence_load(&model, a, &err), STATUS_DAMAGED);
    assert_non_null(strstr(err.text, "output.bias"));
    artifact_close(a);
    unlink(path);
}

/* Which columns change when the same history is asked about at other times is what information.c
 * says of them. */
static void features_that_know_the_moment_are_named(void **state) {
    const struct scene *s = *state;
    struct error err = {0};
    struct feature_work *work;
    static const int64_t later[] = {1, 1800, 3 * DAY, 40 * DAY, 200 * DAY, 900 * DAY};
    uint32_t movie[WORLD_MOVIES];
    size_t n = feature_count(s->context), size = WORLD_MOVIES * n * sizeof(float);
    float *x = malloc(size), *first = malloc(size);
    bool *varies = calloc(n, sizeof *varies);
    assert_true(x != NULL && first != NULL && varies != NULL);
    must(feature_work_create(&work, s->context, &err), &err);
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        movie[m] = m;
    }
    for (uint32_t user = 0; user < 8; user++) {
        struct history h = first_of(&s->world, user, 1 + 5 * user);
        int64_t now = h.time[h.count - 1];
        must(feature_prepare(work, &h, user, now, &err), &err);
        feature_rows(work, movie, WORLD_MOVIES, first);
        for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
            must(feature_prepare(work, &h, user, now + later[i], &err), &err);
            feature_rows(work, movie, WORLD_MOVIES, x);
            for (size_t k = 0; k < WORLD_MOVIES * n; k++) {
                varies[k % n] |= memcmp(&x[k], &first[k], sizeof x[k]) != 0;
            }
        }
    }
    for (size_t k = 0; k < n; k++) {
        const struct feature_spec *spec = feature_at(s->context, k);
        if (varies[k] != ((spec->needs & NEEDS_MOMENT) != 0)) {
            print_error("%s: varies with the moment: %d\n", spec->name, varies[k]);
            err.status = STATUS_FAILED;
        }
    }
    assert_int_equal(err.status, STATUS_OK);
    feature_work_release(work);
    free(varies);
    free(first);
    free(x);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_that_know_the_moment_are_named),
        cmocka_unit_test(score_is_log_probability_of_the_unseen),
        cmocka_unit_test(without_the_model_there_are_no_such_features),
        cmocka_unit_test(model_of_another_catalogue_is_refused),
        cmocka_unit_test(numbers_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
