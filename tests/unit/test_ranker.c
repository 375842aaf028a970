/* Training on made-up problems: it learns, it is the same at any number of threads and through a
 * checkpoint, and the loaded artifact scores as training did. */
#include "common/base/option.h"
#include "common/nn/checkpoint.h"
#include "stages/ranker/feature_mask.h"
#include "tests/unit/training_fixture.h"

#include <omp.h>

static double best_metric(const struct train_state *s) {
    return s->valid_metric[s->best_epoch - 1];
}

/* ---- tests ---- */

static void learns_both_heads(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(experiment) struct experiment j = {0};
    start(&j, &base_params);
    assert_true(j.ranges.scale[3] == 0.0f);
    assert_true(fabsf(j.ranges.mean[2] - 10) < 0.3f && fabsf(j.ranges.scale[2] - 1 / 3.0f) < 0.03f);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    /* By chance NDCG@10 of one in twelve is about 0.38; the deviation of the stars is about 1.1. */
    if (best_metric(&j.network[0].state) < 0.8)
        fail_msg("NDCG@10 %.4f", best_metric(&j.network[0].state));
    if (best_metric(&j.network[1].state) > 0.4)
        fail_msg("RMSE %.4f", best_metric(&j.network[1].state));
    assert_true(j.network[0].state.train_loss[11] < 0.7 * j.network[0].state.train_loss[0]);
}

/* Of features 0 to 3 the second decides nothing alone and the fourth is constant. The network
 * starts as the one that ranks best, and says no more than that before its first step. */
static void starts_with_the_best_feature(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(experiment) struct experiment j = {0};
    struct ranker_params params = base_params;
    params.heads = "rank";
    params.movie_dim = params.user_dim = 0;
    start(&j, &params);
    const struct train_task *task = &j.network[0].task;
    assert_true(j.start.weight > 0 && j.start.feature < FEATURES);
    double best = 0, alone[FEATURES] = {0}, loss, metric;
    for (size_t f = 0; f < FEATURES; f++) {
        for (size_t g = 0; g < j.valid.n_groups; g++) {
            float x[GROUP];
            for (size_t i = 0; i < GROUP; i++) {
                half_to_floats(j.valid.x + (g * GROUP + i) * FEATURES + f, 1, &x[i]);
            }
            alone[f] += group_ndcg(x, GROUP) / (double)j.valid.n_groups;
        }
        if (j.ranges.scale[f] != 0) best = fmax(best, alone[f]);
    }
    assert_true(alone[j.start.feature] == best);
    MEM_AUTO float *begun = NULL;
    OK(MEM_NEW(&begun, task->layout.n_params, &err));
    mlp_initialise(&task->layout, task->seed, begun);
    begun[task->layout.shortcut + j.start.feature] = j.start.weight;
    OK(train_validate(task, begun, &loss, &metric, &err));
    assert_true(fabs(metric - best) < 1e-9);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    assert_true(j.network[0].state.best >= best);
}

/* What is left out can neither help nor hurt: without every feature but noise nothing is learnt. */
static void learns_nothing_without_features(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = base_params;
    params.without = "x0,x1,x2";
    params.heads = "rank";
    params.movie_dim = params.user_dim = 0;
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    if (best_metric(&j.network[0].state) > 0.6)
        fail_msg("NDCG@10 %.4f", best_metric(&j.network[0].state));
}

/* 600 groups in batches of 32 are 19 steps, twelve times: 228, of which a twentieth and one warm
 * up. */
static void the_schedule_spans_all_steps(void **state) {
    (void)state;
    AUTO(experiment) struct experiment j = {0};
    start(&j, &base_params);
    const struct schedule s = train_schedule(&j.network[0].task);
    assert_true(s.peak == 0.01 && s.rest == 0.01);
    assert_true(s.warmup == 12 && s.end == 228);
}

/* Adam's first step moves every weight that has a gradient by the rate, whatever the gradient; of
 * one step in all, the rate is the peak. */
static void the_first_step_is_as_long_as_the_rate(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = base_params;
    params.heads = "rank";
    params.epochs = 1;
    params.batch = TRAIN;
    params.weight_decay = params.embedding_decay = params.dropout = 0;
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    const struct mlp_layout *l = &j.network[0].task.layout;
    MEM_AUTO float *before = NULL;
    OK(MEM_NEW(&before, l->n_params, &err));
    mlp_initialise(l, j.network[0].task.seed, before);
    before[l->shortcut + j.start.feature] = j.start.weight;
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    assert_int_equal(j.network[0].state.step, 1);
    double longest = 0;
    for (size_t i = 0; i < l->n_params; i++) {
        double moved = fabs((double)j.network[0].state.best_params[i] - (double)before[i]);
        longest = fmax(longest, moved);
    }
    if (fabs(longest - 0.01) > 1e-5) fail_msg("moved by %.8f", longest);
}

static void every_loss_learns(void **state) {
    (void)state;
    const char *const losses[] = {"bpr", "bce"};
    for (size_t i = 0; i < 2; i++) {
        struct error err = {0};
        struct ranker_params params = base_params;
        params.loss = losses[i];
        params.heads = "rank";
        AUTO(experiment) struct experiment j = {0};
        start(&j, &params);
        assert_int_equal(j.n_networks, 1);
        OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
        if (best_metric(&j.network[0].state) < 0.7) {
            fail_msg("%s: NDCG@10 %.4f", losses[i], best_metric(&j.network[0].state));
        }
    }
}

static void stops_early_and_keeps_the_best(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = base_params;
    params.heads = "rating";
    params.patience = 2;
    params.rating_epochs = 200;
    params.rating_learning_rate = 0.03;
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    const struct train_state *s = &j.network[0].state;
    assert_true(s->epoch < 200);
    assert_int_equal(s->epoch - s->best_epoch, 2);
    double loss, metric;
    OK(train_validate(&j.network[0].task, s->best_params, &loss, &metric, &err));
    assert_true(metric == best_metric(s));
}

/* Batches of several shards. */
static struct ranker_params large_batches(void) {
    struct ranker_params params = base_params;
    params.batch = 250;
    return params;
}

static void train_with(struct experiment *j, int threads) {
    static struct ranker_params params;
    struct error err = {0};
    int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    params = large_batches();
    start(j, &params);
    OK(networks_train(j->network, j->n_networks, NULL, NULL, &err));
    omp_set_num_threads(before);
}

static void assert_same(const struct experiment *a, const struct experiment *b) {
    assert_int_equal(a->n_networks, b->n_networks);
    for (size_t i = 0; i < a->n_networks; i++) {
        const struct train_state *x = &a->network[i].state, *y = &b->network[i].state;
        assert_int_equal(x->epoch, y->epoch);
        assert_int_equal(x->best_epoch, y->best_epoch);
        assert_memory_equal(x->best_params, y->best_params, x->n_params * sizeof(float));
        assert_memory_equal(x->train_loss, y->train_loss, x->epoch * sizeof(double));
        assert_memory_equal(x->valid_metric, y->valid_metric, x->epoch * sizeof(double));
    }
}

static void same_at_any_number_of_threads(void **state) {
    (void)state;
    AUTO(experiment) struct experiment one = {0}, three = {0};
    train_with(&one, 1);
    train_with(&three, 3);
    assert_same(&one, &three);
}

/* Saves after each epoch and gives up after the `left`-th. */
struct stopper {
    struct experiment *experiment;
    struct digest recipe;
    int left;
};

static enum status save_and_stop(void *context, const struct network *done, struct error *err) {
    struct stopper *s = context;
    (void)done;
    enum status status = checkpoint_save(path_of("ranker.ckpt"), &s->recipe, s->experiment->network,
                                         s->experiment->n_networks, err);
    if (status != STATUS_OK) return status;
    return --s->left > 0 ? STATUS_OK : error_set(err, STATUS_INTERRUPTED, "stopped by the test");
}

static void resumes_to_the_same_bytes(void **state) {
    (void)state;
    struct error err = {0};
    const struct ranker_params params = large_batches();
    const int stops[] = {1, 4, 12, 13}; /* in the first head, at its end, in the second */
    AUTO(experiment) struct experiment whole = {0};
    train_with(&whole, 2);
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        AUTO(experiment) struct experiment first = {0}, second = {0};
        struct stopper stopper = {&first, hash_bytes("recipe", 6), stops[i]};
        bool found = false;
        start(&first, &params);
        assert_int_equal(
            networks_train(first.network, first.n_networks, save_and_stop, &stopper, &err),
            STATUS_INTERRUPTED);
        start(&second, &params);
        OK(checkpoint_load(path_of("ranker.ckpt"), &stopper.recipe, second.network,
                           second.n_networks, &found, &err));
        assert_true(found);
        OK(networks_train(second.network, second.n_networks, NULL, NULL, &err));
        assert_same(&whole, &second);
    }
}

static void foreign_and_damaged_checkpoints_are_not_used(void **state) {
    (void)state;
    struct error err = {0};
    AUTO(experiment) struct experiment j = {0};
    start(&j, &base_params);
    struct stopper stopper = {&j, hash_bytes("recipe", 6), 2};
    assert_int_equal(networks_train(j.network, j.n_networks, save_and_stop, &stopper, &err),
                     STATUS_INTERRUPTED);
    AUTO(experiment) struct experiment fresh = {0};
    start(&fresh, &base_params);
    const struct digest other = hash_bytes("other", 5);
    bool found = true;
    OK(checkpoint_load(path_of("ranker.ckpt"), &other, fresh.network, fresh.n_networks, &found,
                       &err));
    assert_false(found);
    OK(checkpoint_load(path_of("absent.ckpt"), &other, fresh.network, fresh.n_networks, &found,
                       &err));
    assert_false(found);
    assert_int_equal(truncate(path_of("ranker.ckpt"), 300), 0);
    err.text[0] = '\0';
    OK(checkpoint_load(path_of("ranker.ckpt"), &stopper.recipe, fresh.network, fresh.n_networks,
                       &found, &err));
    assert_false(found);
    assert_true(err.text[0] != '\0');
    assert_int_equal(fresh.network[0].state.epoch, 0);
}

/* The mean logit of the head's members, as training computes it. */
static void training_logits(const struct experiment *j, enum ranker_head head, struct minibatch *t,
                            float *out) {
    struct error err = {0};
    double members = (double)j->params.ensemble;
    memset(out, 0, t->n_rows * sizeof *out);
    for (size_t i = 0; i < j->n_networks; i++) {
        const struct train_task *task = &j->network[i].task;
        const float *params = j->network[i].state.best_params;
        if (strcmp(task->head, ranker_head_name(head)) != 0) continue;
        AUTO(mlp_work) struct mlp_work w = {0};
        OK(mlp_work_alloc(&w, &task->layout, t->n_rows, &err));
        const struct mlp_rows rows = minibatch_rows(t);
        mlp_read(&w, &task->layout, params, &task->scaling, &rows);
        mlp_forward(&w, &task->layout, params, t->n_rows, 0, NULL);
        for (size_t k = 0; k < t->n_rows; k++) {
            out[k] += (float)((double)w.activation[task->layout.n_layers][k] / members);
        }
    }
}

static void artifact_scores_as_training_did(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = base_params;
    params.ensemble = 2;
    params.epochs = params.rating_epochs = 2;
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    struct ranker *r = write_and_load(&j);
    assert_int_equal(ranker_n_features(r), FEATURES);
    assert_string_equal(ranker_feature_name(r, 2), "x2");
    AUTO(minibatch) struct minibatch t = {0};
    OK(minibatch_alloc(&t, &j.valid, GROUP, &err));
    for (uint32_t group = 0; group < 20; group++) {
        float wanted[GROUP], score[GROUP];
        minibatch_fill(&t, &j.valid, NULL, &group, 1, GROUP, j.mean_stars, NULL);
        training_logits(&j, HEAD_RANK, &t, wanted);
        OK(ranker_score(r, HEAD_RANK, t.user[0], t.movie, t.x, GROUP, score, &err));
        for (size_t i = 0; i < GROUP; i++) {
            assert_true(fabsf(score[i] - wanted[i]) < 1e-5f);
        }
        training_logits(&j, HEAD_RATING, &t, wanted);
        OK(ranker_score(r, HEAD_RATING, t.user[0], t.movie, t.x, GROUP, score, &err));
        for (size_t i = 0; i < GROUP; i++) {
            double stars = fmin(fmax(j.mean_stars + (double)wanted[i], 0.5), 5);
            assert_true(fabs((double)score[i] - stars) < 1e-5);
        }
    }
    ranker_release(r);
}

static void newcomers_have_a_network(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = base_params;
    params.epochs = 9;
    params.rating_epochs = 1;
    AUTO(experiment) struct experiment j = {0};
    start_with(&j, &params, "newcomers.art");
    assert_int_equal(j.n_networks, 3);
    assert_string_equal(j.network[2].task.head, "newcomer");
    assert_ptr_equal(j.network[2].task.initial, j.network[0].state.best_params);
    assert_int_equal(j.network[0].task.n_groups, TRAIN);
    assert_int_equal(j.network[1].task.n_groups, TRAIN);
    assert_int_equal(j.network[2].task.n_groups, TRAIN + VALID);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    assert_int_equal(j.network[2].state.epoch, 8); /* nothing to stop by */
    assert_int_equal(j.network[2].state.best_epoch, 8);
    assert_true(j.network[2].state.train_loss[0] <
                j.network[0].state.train_loss[0]); /* it goes on */
    struct ranker *r = write_and_load(&j);
    const uint8_t value[15] = {0};
    const struct history cold = {.value = value, .count = 14}, warm = {.value = value, .count = 15};
    assert_int_equal(ranker_ranking(r, FOR_NEXT, &cold).head, HEAD_NEWCOMER);
    assert_int_equal(ranker_ranking(r, FOR_NEXT, &warm).head, HEAD_RANK);
    const uint32_t movie[] = {3};
    const float x[FEATURES] = {0.4f, 6.5f, 9.0f, 2.5f};
    float settled, newcomer;
    OK(ranker_score(r, HEAD_RANK, 1, movie, x, 1, &settled, &err));
    OK(ranker_score(r, HEAD_NEWCOMER, 1, movie, x, 1, &newcomer, &err));
    assert_true(settled != newcomer);
    ranker_release(r);
}

static void gradient_by_raw_features(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = base_params;
    params.ensemble = 2;
    params.epochs = 3;
    params.heads = "rank";
    AUTO(experiment) struct experiment j = {0};
    start(&j, &params);
    OK(networks_train(j.network, j.n_networks, NULL, NULL, &err));
    struct ranker *r = write_and_load(&j);
    assert_false(ranker_has_head(r, HEAD_RATING));
    float score[1];
    const uint32_t movie[] = {3};
    float x[FEATURES] = {0.4f, 6.5f, 9.0f, 2.5f}, dx[FEATURES];
    assert_int_equal(ranker_score(r, HEAD_RATING, 1, movie, x, 1, score, &err), STATUS_FAILED);
    OK(ranker_gradient(r, HEAD_RANK, 1, movie, x, 1, dx, &err));
    for (size_t i = 0; i < FEATURES; i++) {
        const float h = 1.0f / 256, kept = x[i];
        float above, below;
        x[i] = kept + h;
        OK(ranker_score(r, HEAD_RANK, 1, movie, x, 1, &above, &err));
        x[i] = kept - h;
        OK(ranker_score(r, HEAD_RANK, 1, movie, x, 1, &below, &err));
        x[i] = kept;
        double wanted = ((double)above - (double)below) / (2 * (double)h);
        if (fabs((double)dx[i] - wanted) > 0.02 * (1 + fabs(wanted))) {
            fail_msg("feature %zu: %.5f, by differences %.5f", i, (double)dx[i], wanted);
        }
    }
    ranker_release(r);
}

/* What auto becomes depends on the kind of movies and on how many groups there are. */
static void auto_becomes_what_the_rows_ask_for(void **state) {
    (void)state;
    struct error err = {0};
    struct ranker_params params = base_params;
    params.layers = params.rating_layers = "auto";
    params.epochs = params.ensemble = OPTION_AUTO_INT;
    params.dropout = params.rating_dropout = OPTION_AUTO_REAL;
    params.heads = "rank,rating";
    const struct {
        size_t groups;
        int64_t new_movies, members;
        uint32_t width, epochs, drop, rating_width, rating_drop;
    } cases[] = {{30000, 0, 1, 128, 14, 13, 64, 51},
                 {10000, 0, 2, 128, 14, 13, 64, 51},
                 {9999, 0, 3, 128, 14, 13, 64, 51},
                 {100, 1, 5, 8, 3, 0, 8, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *rating = NULL;
        OK(MEM_NEW(&rating, cases[i].groups, &err));
        AUTO(experiment)
        struct experiment j = {.asked = &params,
                               .new_movies = cases[i].new_movies,
                               .train = {.n_groups = cases[i].groups,
                                         .n_settled = cases[i].groups,
                                         .n_features = 3,
                                         .rating = rating}};
        OK(experiment_plan(&j, &err));
        assert_int_equal(j.params.ensemble, cases[i].members);
        assert_int_equal(j.n_networks, 2 * cases[i].members);
        const struct train_task *rank = &j.network[0].task, *stars = &j.network[1].task;
        assert_int_equal(rank->layout.width[1], cases[i].width);
        assert_int_equal(rank->epochs, cases[i].epochs);
        assert_int_equal(rank->drop, cases[i].drop);
        assert_int_equal(stars->layout.width[1], cases[i].rating_width);
        assert_int_equal(stars->drop, cases[i].rating_drop);
        assert_string_equal(j.params.layers, cases[i].width == 8 ? "8" : "128,64");
    }
}

static void bad_parameters_are_refused(void **state) {
    (void)state;
    const char *const layers[] = {"96,,48", "0", "a", "4097", "1,2,3,4,5,6,7,8", "-3", "5,"};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        struct error err = {0};
        struct ranker_params params = base_params;
        params.layers = layers[i];
        AUTO(experiment) struct experiment j = {.asked = &params};
        j.train.n_features = 1;
        assert_int_equal(experiment_plan(&j, &err), STATUS_USAGE);
        assert_non_null(strstr(err.text, "--layers"));
    }
    struct error err = {0};
    struct ranker_params params = base_params;
    params.heads = "rank,ranking";
    AUTO(experiment) struct experiment j = {.asked = &params};
    assert_int_equal(experiment_plan(&j, &err), STATUS_USAGE);
    params.heads = "newcomer";
    AUTO(experiment)
    struct experiment alone = {.asked = &params, .train = {.n_groups = 2, .n_settled = 1}};
    assert_int_equal(experiment_plan(&alone, &err), STATUS_USAGE);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_both_heads),
        cmocka_unit_test(starts_with_the_best_feature),
        cmocka_unit_test(learns_nothing_without_features),
        cmocka_unit_test(the_schedule_spans_all_steps),
        cmocka_unit_test(the_first_step_is_as_long_as_the_rate),
        cmocka_unit_test(every_loss_learns),
        cmocka_unit_test(stops_early_and_keeps_the_best),
        cmocka_unit_test(same_at_any_number_of_threads),
        cmocka_unit_test(resumes_to_the_same_bytes),
        cmocka_unit_test(foreign_and_damaged_checkpoints_are_not_used),
        cmocka_unit_test(artifact_scores_as_training_did),
        cmocka_unit_test(newcomers_have_a_network),
        cmocka_unit_test(gradient_by_raw_features),
        cmocka_unit_test(auto_becomes_what_the_rows_ask_for),
        cmocka_unit_test(bad_parameters_are_refused),
    };
    return cmocka_run_group_tests_name("ranker", tests, set_up, tear_down);
}
