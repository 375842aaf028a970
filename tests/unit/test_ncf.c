/* NCF on made-up ratings: it learns whom to show what, and the loaded artifact scores as it did. */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/roles.h"
#include "common/models/ncf.h"
#include "tests/unit/support.h"

#include <math.h>
#include <omp.h>

enum { USERS = 60, MOVIES = 90 };

static struct error err;

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("line %d: %s", __LINE__, err.text);                      \
    } while (0)

static const struct ncf_params base_params = {.heads = "rank,rating",
                                              .layers = "16",
                                              .rating_layers = "16",
                                              .loss = "bce",
                                              .user_dim = 8,
                                              .movie_dim = 8,
                                              .epochs = 40,
                                              .rating_epochs = 40,
                                              .batch = 32,
                                              .patience = 0,
                                              .ensemble = 1,
                                              .negatives = 4,
                                              .valid_negatives = 20,
                                              .max_targets = 60000000,
                                              .learning_rate = 0.01,
                                              .rating_learning_rate = 0.01,
                                              .dropout = 0.05,
                                              .weight_decay = 0.001,
                                              .embedding_decay = 0.001};

/* Users like the movies whose index has the same remainder by 3; each has seen half of them. */
static void make_ratings(struct ratings *r) {
    *r = (struct ratings){.n_users = USERS, .n_movies = MOVIES};
    OK(MEM_NEW(&r->offset, USERS + 1, &err));
    OK(MEM_NEW(&r->movie, USERS * MOVIES, &err));
    OK(MEM_NEW(&r->value, USERS * MOVIES, &err));
    OK(MEM_NEW(&r->time, USERS * MOVIES, &err));
    struct rng rng = rng_keyed(3, "test.ratings", 0, 0);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t m = 0; m < MOVIES; m++) {
            if (m % 3 != u % 3 || rng_uniform(&rng) < 0.4) continue;
            r->movie[r->count] = m;
            r->value[r->count++] = (uint8_t)(u % 2 == 0 ? 9 : 4);
        }
        r->offset[u + 1] = r->count;
    }
}

static double best_metric(const struct network *n) {
    return n->state.valid_metric[n->state.best_epoch - 1];
}

static struct ncf *write_and_load(const struct ncf_fitting *f) {
    struct artifact_writer *w = NULL;
    struct artifact *a = NULL;
    struct ncf *m = NULL;
    OK(artifact_create(&w, scratch("ncf.art"), "ncf", &err));
    OK(ncf_write(f, w, &err));
    const struct lineage lineage = {.stage = "test", .view = "", .params = ""};
    OK(artifact_set_lineage(w, &lineage, &err));
    OK(artifact_commit(w, &err));
    OK(artifact_open(&a, scratch("ncf.art"), "ncf", &err));
    OK(ncf_load(&m, a, &err));
    artifact_close(a);
    return m;
}

/* The user likes movies 0, 3, 6, ... and not the others; one in nine ratings is held out. */
static void learns_to_rank_and_to_rate(void **state) {
    (void)state;
    AUTO(ratings) struct ratings r = {0};
    AUTO(ncf_fitting) struct ncf_fitting f = {0};
    MEM_AUTO uint8_t *role = NULL;
    make_ratings(&r);
    OK(MEM_NEW(&role, r.count, &err));
    for (uint64_t i = 0; i < r.count; i += 9) {
        role[i] = ROLE_VALID;
    }
    OK(ncf_begin(&f, &base_params, &r, 2, &err));
    OK(ncf_validate_by(&f, &r, role, &err));
    OK(ncf_plan(&f, &err));
    assert_int_equal(f.n_networks, 2);
    OK(networks_train(f.network, f.n_networks, NULL, NULL, &err));
    if (best_metric(&f.network[0]) < 0.6) fail_msg("NDCG@10 %.4f", best_metric(&f.network[0]));
    if (best_metric(&f.network[1]) > 0.2) fail_msg("RMSE %.4f", best_metric(&f.network[1]));
    struct ncf *m = write_and_load(&f);
    float score[2], stars[2], unknown;
    const uint32_t movie[] = {3, 4};
    OK(ncf_score(m, NCF_RANK, 0, movie, 2, score, &err));
    assert_true(score[0] > score[1]);
    OK(ncf_score(m, NCF_RATING, 0, movie, 1, &stars[0], &err));
    OK(ncf_score(m, NCF_RATING, 1, movie + 1, 1, &stars[1], &err));
    assert_true(fabsf(stars[0] - 4.5F) < 0.3F && fabsf(stars[1] - 2) < 0.3F);
    OK(ncf_score(m, NCF_RANK, NO_INDEX, movie, 1, &unknown, &err));
    assert_true(isfinite(unknown) && unknown != score[0]);
    ncf_release(m);
}

/* More than one block of rows, and two members, against the networks themselves. */
static void loaded_networks_score_as_in_training(void **state) {
    (void)state;
    enum { N = 1200 };
    AUTO(ratings) struct ratings r = {0};
    AUTO(ncf_fitting) struct ncf_fitting f = {0};
    AUTO(mlp_work) struct mlp_work work = {0};
    struct ncf_params params = base_params;
    params.ensemble = 2;
    params.epochs = 2;
    params.heads = "rank";
    make_ratings(&r);
    OK(ncf_begin(&f, &params, &r, 2, &err));
    OK(ncf_plan(&f, &err));
    assert_int_equal(f.n_networks, 2);
    OK(networks_train(f.network, f.n_networks, NULL, NULL, &err));
    struct ncf *m = write_and_load(&f);
    assert_true(ncf_has_head(m, NCF_RANK) && !ncf_has_head(m, NCF_RATING));
    static uint32_t user[N], movie[N];
    static float score[N];
    for (uint32_t i = 0; i < N; i++) {
        user[i] = 7;
        movie[i] = i * 7 % MOVIES;
    }
    OK(ncf_score(m, NCF_RANK, 7, movie, N, score, &err));
    assert_int_equal(ncf_score(m, NCF_RATING, 7, movie, N, score, &err), STATUS_FAILED);
    assert_string_equal(err.text, "the ncf model has no rating head");
    static double wanted[N];
    OK(mlp_work_alloc(&work, &f.network[0].task.layout, N, &err));
    const struct mlp_rows rows = {NULL, user, movie, N};
    for (size_t k = 0; k < 2; k++) {
        const struct mlp_layout *l = &f.network[k].task.layout;
        mlp_read(&work, l, f.network[k].state.best_params, NULL, &rows);
        mlp_forward(&work, l, f.network[k].state.best_params, N, 0, NULL);
        for (size_t i = 0; i < N; i++) {
            wanted[i] += (double)work.activation[l->n_layers][i] / 2;
        }
    }
    for (size_t i = 0; i < N; i++) {
        assert_true(fabs((double)score[i] - wanted[i]) < 1e-5);
    }
    ncf_release(m);
}

static void passes_over_many_ratings_are_fewer(void **state) {
    (void)state;
    struct ncf_params params = base_params;
    params.epochs = 5;
    params.rating_epochs = 2;
    const struct {
        double passes; /* that --max-targets allows */
        uint32_t rank, rating;
    } cases[] = {{0.5, 1, 1}, {2.9, 2, 2}, {3, 3, 2}, {100, 5, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(ratings) struct ratings r = {0};
        AUTO(ncf_fitting) struct ncf_fitting f = {0};
        make_ratings(&r);
        params.max_targets = (int64_t)(cases[i].passes * (double)r.count);
        OK(ncf_begin(&f, &params, &r, 2, &err));
        OK(ncf_plan(&f, &err));
        assert_int_equal(f.network[0].task.epochs, cases[i].rank);
        assert_int_equal(f.network[1].task.epochs, cases[i].rating);
    }
}

/* The movies that a validation positive is told from: not rated in training, and not itself. The
 * last rating of all is held out of the training set, so that only the second rule keeps it away.
 */
static void validation_negatives_are_unseen(void **state) {
    (void)state;
    AUTO(ratings) struct ratings r = {0};
    AUTO(ncf_fitting) struct ncf_fitting f = {0};
    MEM_AUTO uint8_t *role = NULL;
    struct ncf_params params = base_params;
    params.valid_negatives = 2000;
    make_ratings(&r);
    OK(MEM_NEW(&role, r.count, &err));
    const uint32_t user = USERS - 1, positive = r.movie[r.count - 1];
    role[r.count - 1] = ROLE_VALID;
    uint64_t training_offset[USERS + 1];
    memcpy(training_offset, r.offset, sizeof training_offset);
    training_offset[USERS]--;
    struct ratings training = r;
    training.count--;
    training.offset = training_offset;
    OK(ncf_begin(&f, &params, &training, 2, &err));
    OK(ncf_validate_by(&f, &r, role, &err));
    assert_int_equal(f.valid.n_groups, 1);
    assert_int_equal(f.valid.user[0], user);
    assert_int_equal(f.valid.rating[0], r.value[r.count - 1]);
    assert_int_equal(f.valid.movie[0], positive);
    for (size_t k = 1; k < f.valid.group_size; k++) {
        for (uint64_t i = r.offset[user]; i < r.offset[user + 1]; i++) {
            assert_int_not_equal(f.valid.movie[k], r.movie[i]);
        }
    }
}

static void the_same_at_any_number_of_threads(void **state) {
    (void)state;
    AUTO(ratings) struct ratings r = {0};
    struct ncf_fitting f[2] = {{0}};
    struct ncf_params params = base_params;
    params.batch = 500; /* of several shards */
    params.epochs = params.rating_epochs = 2;
    make_ratings(&r);
    const int before = omp_get_max_threads();
    for (int i = 0; i < 2; i++) {
        omp_set_num_threads(1 + 2 * i);
        OK(ncf_begin(&f[i], &params, &r, 2, &err));
        OK(ncf_plan(&f[i], &err));
        OK(networks_train(f[i].network, f[i].n_networks, NULL, NULL, &err));
    }
    omp_set_num_threads(before);
    for (size_t k = 0; k < 2; k++) {
        const struct train_state *a = &f[0].network[k].state, *b = &f[1].network[k].state;
        assert_memory_equal(a->best_params, b->best_params, a->n_params * sizeof(float));
    }
    ncf_fitting_release(&f[0]);
    ncf_fitting_release(&f[1]);
}

static void what_is_wrong_is_refused(void **state) {
    (void)state;
    AUTO(ratings) struct ratings r = {0};
    make_ratings(&r);
    const struct {
        const char *heads, *layers, *message;
    } cases[] = {
        {"rank,newcomer", "8", "--heads: \"newcomer\" is none of rank, rating"},
        {"rank", "8,x", "--layers: \"8,x\" is not a list of widths from 1 to 4096, as \"96,48\""},
    };
    for (size_t i = 0; i < 2; i++) {
        AUTO(ncf_fitting) struct ncf_fitting f = {0};
        struct ncf_params params = base_params;
        params.heads = cases[i].heads;
        params.layers = cases[i].layers;
        OK(ncf_begin(&f, &params, &r, 2, &err));
        assert_int_equal(ncf_plan(&f, &err), STATUS_USAGE);
        assert_string_equal(err.text, cases[i].message);
    }
    AUTO(ncf_fitting) struct ncf_fitting f = {0};
    const struct ratings none = {.n_users = 1, .n_movies = 1};
    assert_int_equal(ncf_begin(&f, &base_params, &none, 2, &err), STATUS_FAILED);
    assert_string_equal(err.text, "the view has no ratings to train on");
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(learns_to_rank_and_to_rate),
        SCRATCH_TEST(loaded_networks_score_as_in_training),
        cmocka_unit_test(passes_over_many_ratings_are_fewer),
        cmocka_unit_test(validation_negatives_are_unseen),
        cmocka_unit_test(the_same_at_any_number_of_threads),
        cmocka_unit_test(what_is_wrong_is_refused),
    };
    return cmocka_run_group_tests_name("ncf", tests, NULL, NULL);
}
