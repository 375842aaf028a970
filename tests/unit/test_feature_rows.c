/* The stage `features`: which groups, which negatives, and that nothing held out can be seen. */
#include "common/base/half.h"
#include "common/base/mem.h"
#include "common/data/history.h"
#include "common/data/ratings.h"
#include "stages/features/compute.h"
#include "stages/features/negatives.h"
#include "stages/features/plan.h"
#include "tests/unit/feature_fixture.h"

#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// cmocka needs the four above
#include <cmocka.h>

static void load_all(const struct opened *o, struct ratings *ratings, uint8_t **role) {
    struct error err = {0};
    must(ratings_load(ratings, role, o->dataset, o->split, &err), &err);
}

static void plan_takes_one_role_and_thins(void **state) {
    (void)state;
    static struct world world;
    struct error err = {0};
    world_random(&world);
    struct ratings r = {.n_users = world.n_users,
                        .count = world.offset[world.n_users],
                        .offset = world.offset,
                        .movie = world.movie};
    struct plan all, some, again;
    must(plan_make(&all, &r, world.role, ROLE_RANK, PLAN_ALL, SIZE_MAX, 1, &err), &err);
    must(plan_make(&some, &r, world.role, ROLE_RANK, PLAN_ALL, 30, 1, &err), &err);
    must(plan_make(&again, &r, world.role, ROLE_RANK, PLAN_ALL, 30, 2, &err), &err);
    assert_int_equal(all.count, 2 * WORLD_USERS);
    assert_int_equal(some.count, 30);
    assert_int_equal(some.available, 2 * WORLD_USERS);
    for (size_t i = 0; i < all.count; i++) {
        assert_int_equal(world.role[all.position[i]], ROLE_RANK);
        assert_in_range(all.position[i], world.offset[all.user[i]],
                        world.offset[all.user[i] + 1] - 1);
    }
    for (size_t i = 1; i < some.count; i++) {
        assert_true(some.position[i - 1] < some.position[i]);
    }
    assert_memory_not_equal(some.position, again.position, 30 * sizeof *some.position);
    plan_release(&all);
    plan_release(&some);
    plan_release(&again);
}

static void plan_parts_newcomers(void **state) {
    (void)state;
    enum { MANY = 50, FEW = 3 };
    static uint8_t role[MANY + FEW];
    static uint32_t movie[MANY + FEW];
    uint64_t offset[] = {0, MANY, MANY + FEW};
    struct ratings r = {.n_users = 2, .count = MANY + FEW, .offset = offset, .movie = movie};
    struct error err = {0};
    for (size_t i = 0; i < MANY; i++) {
        role[i] = i <= 30 || i >= 40 ? ROLE_RANK : ROLE_RANK_FOLD_IN;
    }
    role[MANY] = ROLE_BASE; /* user 1 is no newcomer */
    role[MANY + 1] = role[MANY + 2] = ROLE_RANK;
    struct plan settled, beginnings;
    must(plan_make(&settled, &r, role, ROLE_RANK, PLAN_SETTLED, SIZE_MAX, 1, &err), &err);
    must(plan_make(&beginnings, &r, role, ROLE_RANK, PLAN_BEGINNINGS, SIZE_MAX, 1, &err), &err);
    assert_int_equal(settled.count, 13);
    assert_int_equal(settled.position[0], 30); /* the first that is no beginning any more */
    for (size_t i = 1; i < 13; i++) {
        assert_int_equal(settled.position[i], i < 11 ? 39 + i : MANY + i - 10);
        assert_int_equal(settled.start[i], settled.position[i]);
    }
    assert_int_equal(beginnings.count, 4 * 30);
    uint64_t ahead = 0;
    for (size_t i = 0; i < beginnings.count; i++) {
        uint64_t position = beginnings.position[i], start = beginnings.start[i];
        assert_int_equal(position, i / 4);
        assert_true(start <= position && position - start < 10);
        ahead += position - start;
    }
    assert_in_range(ahead, 300, 600); /* 3.9 on average */
    plan_release(&settled);
    plan_release(&beginnings);
}

static void pool_hides_what_may_be_seen_only(void **state) {
    (void)state;
    static struct world world;
    struct error err = {0};
    world_random(&world);
    struct ratings r = {.n_users = world.n_users, .offset = world.offset, .movie = world.movie};
    AUTO(pool) struct pool pool = {0};
    must(pool_alloc(&pool, WORLD_MOVIES, &err), &err);
    uint64_t end = world.offset[1];
    pool_fill(&pool, &r, world.role, 0, world.movie[end - 4]);
    assert_int_equal(pool.n_free, WORLD_MOVIES - (end - 1));
    for (uint64_t i = 0; i < end; i++) {
        assert_int_equal(pool.marked[world.movie[i]], world.role[i] != ROLE_TEST);
    }
    /* without replacement while the pool lasts, each free movie once */
    struct rng rng = rng_keyed(1, "test", 0, 0);
    uint32_t drawn[WORLD_MOVIES];
    uint8_t times[WORLD_MOVIES] = {0};
    pool_draw(&pool, &rng, pool.n_free, drawn);
    for (size_t i = 0; i < pool.n_free; i++) {
        assert_int_equal(pool.marked[drawn[i]], 0);
        assert_int_equal(times[drawn[i]]++, 0);
    }
    pool_draw(&pool, &rng, WORLD_MOVIES, drawn); /* more than there are: with replacement */
    for (size_t i = 0; i < WORLD_MOVIES; i++) {
        assert_int_equal(pool.marked[drawn[i]], 0);
    }
}

static void user_who_saw_everything_gets_negatives(void **state) {
    (void)state;
    struct error err = {0};
    uint64_t offset[] = {0, 3};
    uint32_t movie[] = {0, 1, 2}, drawn[10];
    uint8_t role[] = {ROLE_BASE, ROLE_BASE, ROLE_RANK};
    struct ratings r = {.n_users = 1, .offset = offset, .movie = movie};
    AUTO(pool) struct pool pool = {0};
    must(pool_alloc(&pool, 3, &err), &err);
    pool_fill(&pool, &r, role, 0, 2);
    assert_int_equal(pool.n_free, 2);
    struct rng rng = rng_keyed(1, "test", 0, 0);
    pool_draw(&pool, &rng, 10, drawn);
    for (size_t i = 0; i < 10; i++) {
        assert_true(drawn[i] < 2);
    }
}

static void new_movies_are_told_from_new_ones(void **state) {
    (void)state;
    struct error err = {0};
    uint64_t offset[] = {0, 3};
    uint32_t movie[] = {0, 3, 4};
    uint8_t role[] = {ROLE_BASE, ROLE_RANK, ROLE_RANK}, kind[] = {0, 0, 1, 1, 1, 1, 9};
    struct ratings r = {.n_users = 1, .offset = offset, .movie = movie};
    AUTO(pool) struct pool pool = {0};
    must(pool_alloc(&pool, 7, &err), &err);
    pool_fill(&pool, &r, role, 0, 3);
    pool_restrict(&pool, kind, 3);
    const uint8_t unseen[] = {1, 1, 0, 1, 1, 0, 1};
    assert_memory_equal(pool.marked, unseen, sizeof unseen);
    assert_int_equal(pool.n_free, 2);
    kind[2] = kind[5] = 9; /* now all of the kind are rated: they serve all the same */
    pool_fill(&pool, &r, role, 0, 3);
    pool_restrict(&pool, kind, 3);
    assert_int_equal(pool.n_free, 1);
    assert_int_equal(pool.marked[4], 0);
    kind[4] = 9; /* and alone it is told from any */
    pool_fill(&pool, &r, role, 0, 3);
    pool_restrict(&pool, kind, 3);
    assert_int_equal(pool.n_free, 4);
}

/* log_q says how often movies really come, uniform and hard draws together. */
static void log_q_is_the_frequency(void **state) {
    (void)state;
    static struct world world;
    struct error err = {0};
    enum { UNIFORM = 6, HARD = 10, ROUNDS = 20000 };
    world_random(&world);
    world_write(&world);
    struct opened o = world_open(&world, VIEW_FIT);
    struct feature_work *work;
    must(feature_work_create(&work, o.context, &err), &err);
    struct history h = {world.movie, world.value, world.time, 5};
    must(feature_prepare(work, &h, 0, world.time[5], &err), &err);
    size_t columns[] = {feature_find(o.context, "ease"), feature_find(o.context, "next")};
    AUTO(pool) struct pool pool = {0};
    AUTO(hard_list) struct hard_list hard = {0};
    must(pool_alloc(&pool, WORLD_MOVIES, &err), &err);
    must(hard_list_alloc(&hard, o.context, columns, 2, 30, &err), &err);
    struct ratings r = {.n_users = world.n_users, .offset = world.offset, .movie = world.movie};
    uint32_t positive = world.movie[5], drawn[UNIFORM + HARD];
    pool_fill(&pool, &r, world.role, 0, positive);
    hard_list_fill(&hard, work, &pool, positive);
    struct rng rng = rng_keyed(1, "test", 0, 1);
    double times[WORLD_MOVIES] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        pool_draw(&pool, &rng, UNIFORM, drawn);
        draw_hard(&hard, &rng, positive, HARD, drawn + UNIFORM);
        for (size_t i = 0; i < UNIFORM + HARD; i++) {
            times[drawn[i]]++;
        }
    }
    double uniform = (double)ROUNDS * (UNIFORM + HARD) / pool.n_free, listed = 0;
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        if (pool.marked[m]) {
            assert_true(times[m] == 0);
            continue;
        }
        float log_q = draw_log_q(&hard, &pool, UNIFORM, HARD, m);
        assert_float_equal(expf(log_q), (float)(times[m] / uniform), 0.12);
        listed += hard.weight[m] > 0;
    }
    assert_true(listed >= 29);
    assert_true(draw_log_q(NULL, &pool, UNIFORM, 0, 3) == 0);
    feature_work_release(work);
    world_close(&o);
    world_remove(&world);
}

/* ---- whole columns ---- */

enum { N_UNIFORM = 12, N_HARD = 5 };

static double short_share; /* of the groups, where a test sets it */

/* Computes the training groups into an artifact and reads them back. */
static void compute_part(const struct world *world, enum plan_part part, uint64_t seed,
                         struct plan *plan, struct group_columns *groups, uint16_t **x,
                         uint64_t *count) {
    struct error err = {0};
    char path[96];
    struct opened o = world_open(world, VIEW_FIT);
    struct ratings ratings;
    uint8_t *role;
    load_all(&o, &ratings, &role);
    size_t columns[] = {feature_find(o.context, "ease"), feature_find(o.context, "ials")};
    struct sampling sampling = {.uniform = N_UNIFORM,
                                .hard = N_HARD,
                                .hard_feature = columns,
                                .n_hard_features = 2,
                                .hard_top = 20,
                                .short_share = short_share,
                                .purpose = "features.train",
                                .seed = seed};
    struct row_source source = {o.context, &ratings, role, {.history = HISTORY_PREFIX}, NULL};
    struct artifact_writer *w;
    must(plan_make(plan, &ratings, role, ROLE_RANK, part, SIZE_MAX, seed, &err), &err);
    must(artifact_create(&w, world_path(world, "features", path), "table", &err), &err);
    lineage_set(w);
    must(groups_compute(groups, w, "train.x", &source, plan, &sampling, &err), &err);
    must(artifact_commit(w, &err), &err);
    struct artifact *a;
    must(artifact_open(&a, path, "table", &err), &err);
    const struct column_info *info = artifact_column(a, "train.x");
    assert_int_equal(info->n_dims, 3);
    assert_int_equal(info->shape[0], plan->count);
    assert_int_equal(info->shape[1], 1 + N_UNIFORM + N_HARD);
    assert_int_equal(info->shape[2], feature_count(o.context));
    *count = info->count;
    must(artifact_read(a, "train.x", DTYPE_F16, info->count, x, &err), &err);
    artifact_close(a);
    ratings_release(&ratings);
    mem_free(role);
    world_close(&o);
}

static void compute(const struct world *world, uint64_t seed, struct group_columns *groups,
                    uint16_t **x, uint64_t *count) {
    struct plan plan;
    compute_part(world, PLAN_ALL, seed, &plan, groups, x, count);
    assert_int_equal(plan.count, 2 * WORLD_USERS);
    plan_release(&plan);
}

static void assert_same(const struct group_columns *a, const struct group_columns *b,
                        const uint16_t *x, const uint16_t *y, uint64_t count) {
    size_t rows = a->n_groups * a->group_size;
    assert_int_equal(a->n_groups, b->n_groups);
    assert_memory_equal(a->user, b->user, a->n_groups * sizeof *a->user);
    assert_memory_equal(a->rating, b->rating, a->n_groups);
    assert_memory_equal(a->movie, b->movie, rows * sizeof *a->movie);
    assert_memory_equal(a->log_q, b->log_q, rows * sizeof *a->log_q);
    assert_memory_equal(x, y, count * sizeof *x);
}

static void threads_do_not_matter_but_seeds_do(void **state) {
    (void)state;
    static struct world world;
    struct group_columns groups[3];
    MEM_AUTO uint16_t *x = NULL, *y = NULL, *z = NULL;
    uint64_t count;
    int threads = omp_get_max_threads();
    world_random(&world);
    world_write(&world);
    omp_set_num_threads(1);
    compute(&world, 1, &groups[0], &x, &count);
    omp_set_num_threads(3);
    compute(&world, 1, &groups[1], &y, &count);
    compute(&world, 2, &groups[2], &z, &count);
    omp_set_num_threads(threads);
    assert_same(&groups[0], &groups[1], x, y, count);
    size_t rows = groups[0].n_groups * groups[0].group_size;
    assert_memory_not_equal(groups[0].movie, groups[2].movie, rows * sizeof(uint32_t));
    for (size_t i = 0; i < 3; i++) {
        group_columns_release(&groups[i]);
    }
    world_remove(&world);
}

/* The world without its test ratings. */
static void delete_tests(struct world *out, const struct world *in) {
    *out = *in;
    memset(out->offset, 0, sizeof out->offset);
    for (uint32_t u = 0; u < in->n_users; u++) {
        for (uint64_t i = in->offset[u]; i < in->offset[u + 1]; i++) {
            if (in->role[i] == ROLE_TEST) continue;
            world_rate(out, u, in->movie[i], in->value[i], in->time[i], (enum role)in->role[i]);
        }
    }
}

static void test_ratings_leave_no_trace(void **state) {
    (void)state;
    static struct world with, without;
    struct group_columns groups[2];
    MEM_AUTO uint16_t *x = NULL, *y = NULL;
    uint64_t count[2];
    world_random(&with);
    delete_tests(&without, &with);
    assert_int_equal(with.offset[WORLD_USERS] - without.offset[WORLD_USERS], WORLD_USERS);
    world_write(&with);
    world_write(&without);
    compute(&with, 1, &groups[0], &x, &count[0]);
    compute(&without, 1, &groups[1], &y, &count[1]);
    assert_int_equal(count[0], count[1]);
    assert_same(&groups[0], &groups[1], x, y, count[0]);
    group_columns_release(&groups[0]);
    group_columns_release(&groups[1]);
    world_remove(&with);
    world_remove(&without);
}

/* Stars; 0 without any. */
static double mean_of(const struct history *h) {
    double sum = 0;
    for (size_t i = 0; i < h->count; i++) {
        sum += 0.5 * h->value[i];
    }
    return h->count > 0 ? sum / (double)h->count : 0;
}

/* The rows in the column are those of feature_rows for the positive's own prefix and moment. */
static void rows_are_those_of_the_moment(void **state) {
    (void)state;
    static struct world world;
    struct error err = {0};
    struct group_columns groups;
    MEM_AUTO uint16_t *x = NULL, *expected = NULL;
    uint64_t count;
    world_random(&world);
    world_write(&world);
    compute(&world, 1, &groups, &x, &count);
    struct opened o = world_open(&world, VIEW_FIT);
    struct feature_work *work;
    must(feature_work_create(&work, o.context, &err), &err);
    size_t n = feature_count(o.context), stride = groups.group_size * n;
    MEM_AUTO float *row = NULL;
    must(MEM_NEW(&row, stride, &err), &err);
    must(MEM_NEW(&expected, stride, &err), &err);
    for (size_t g = 0; g < groups.n_groups; g++) {
        uint32_t u = groups.user[g];
        uint64_t position = world.offset[u + 1] - 4 + g % 2; /* the rank ratings in turn */
        uint64_t first = world.offset[u];
        struct history h = {world.movie + first, world.value + first, world.time + first,
                            position - first};
        assert_int_equal(groups.movie[g * groups.group_size], world.movie[position]);
        assert_int_equal(groups.rating[g], world.value[position]);
        assert_true(groups.own_mean[g] == (float)mean_of(&h));
        must(feature_prepare(work, &h, u, world.time[position], &err), &err);
        feature_rows(work, groups.movie + g * groups.group_size, groups.group_size, row);
        half_from_floats(row, stride, expected);
        assert_memory_equal(x + g * stride, expected, stride * sizeof *x);
    }
    group_columns_release(&groups);
    feature_work_release(work);
    world_close(&o);
    world_remove(&world);
}

/* Of newcomers what comes at `position` is foreseen from `start`: from the history before that
 * place, and at its moment. */
static void beginnings_are_foreseen(void **state) {
    (void)state;
    static struct world world;
    struct error err = {0};
    struct group_columns groups;
    struct plan plan;
    MEM_AUTO uint16_t *x = NULL, *expected = NULL;
    uint64_t count;
    world_random(&world);
    for (uint64_t i = 0; i < world.offset[5]; i++) { /* five newcomers */
        if (world.role[i] == ROLE_BASE) world.role[i] = ROLE_RANK;
    }
    world_write(&world);
    compute_part(&world, PLAN_BEGINNINGS, 1, &plan, &groups, &x, &count);
    struct opened o = world_open(&world, VIEW_FIT);
    struct feature_work *work;
    must(feature_work_create(&work, o.context, &err), &err);
    size_t n = feature_count(o.context), stride = groups.group_size * n, ahead = 0;
    MEM_AUTO float *row = NULL;
    must(MEM_NEW(&row, stride, &err), &err);
    must(MEM_NEW(&expected, stride, &err), &err);
    for (size_t g = 0; g < groups.n_groups; g++) {
        uint32_t u = groups.user[g];
        uint64_t first = world.offset[u], start = plan.start[g];
        struct history h = {world.movie + first, world.value + first, world.time + first,
                            start - first};
        assert_int_equal(groups.movie[g * groups.group_size], world.movie[plan.position[g]]);
        must(feature_prepare(work, &h, u, world.time[start], &err), &err);
        feature_rows(work, groups.movie + g * groups.group_size, groups.group_size, row);
        half_from_floats(row, stride, expected);
        assert_memory_equal(x + g * stride, expected, stride * sizeof *x);
        ahead += start < plan.position[g];
    }
    assert_true(ahead > groups.n_groups / 2);
    plan_release(&plan);
    group_columns_release(&groups);
    feature_work_release(work);
    world_close(&o);
    world_remove(&world);
}

/* Who is made a newcomer knows 0 to 20 ratings, each number as often. */
static void histories_are_made_short(void **state) {
    (void)state;
    static struct world world;
    struct group_columns groups;
    MEM_AUTO uint16_t *x = NULL;
    uint64_t count;
    size_t times[22] = {0};
    world_random(&world);
    world_write(&world);
    short_share = 1;
    compute(&world, 1, &groups, &x, &count);
    short_share = 0;
    struct opened o = world_open(&world, VIEW_FIT);
    size_t n = feature_count(o.context), column = feature_find(o.context, "user.length");
    for (size_t g = 0; g < groups.n_groups; g++) {
        float length = expf(half_to_float(x[g * groups.group_size * n + column])) - 1;
        assert_true(length < 21);
        assert_true(groups.own_mean[g] > 0); /* of all that the user had rated */
        times[(size_t)(length + 0.5F)]++;
    }
    assert_true(times[0] > 0 && times[20] > 0);
    size_t half = 0;
    for (size_t k = 0; k <= 10; k++) {
        half += times[k];
    }
    assert_true(half > groups.n_groups / 3 && half < groups.n_groups * 3 / 4);
    group_columns_release(&groups);
    world_close(&o);
    world_remove(&world);
}

/* Users with 25, 10, 4 and 1 targets. */
static void lists_count_alike_from_ten_targets_on(void **state) {
    (void)state;
    struct error err = {0};
    static const uint32_t targets[] = {25, 10, 4, 1};
    uint32_t user[40];
    float weight[40];
    struct plan plan = {.user = user, .weight = weight};
    for (uint32_t u = 0; u < 4; u++) {
        for (uint32_t k = 0; k < targets[u]; k++) {
            user[plan.count++] = u;
        }
    }
    assert_int_equal(plan_weigh_lists(&plan, 4, &err), STATUS_OK);
    double sum[4] = {0};
    for (size_t g = 0; g < plan.count; g++) {
        sum[user[g]] += (double)weight[g];
    }
    assert_true(fabs(sum[0] + sum[1] + sum[2] + sum[3] - 40) < 1e-4);
    assert_true(fabs(sum[0] - sum[1]) < 1e-4);
    assert_true(fabs(sum[2] - 0.4 * sum[1]) < 1e-4);
    assert_true(fabs(sum[3] - 0.1 * sum[1]) < 1e-4);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_count_alike_from_ten_targets_on),
        cmocka_unit_test(plan_takes_one_role_and_thins),
        cmocka_unit_test(plan_parts_newcomers),
        cmocka_unit_test(pool_hides_what_may_be_seen_only),
        cmocka_unit_test(new_movies_are_told_from_new_ones),
        cmocka_unit_test(user_who_saw_everything_gets_negatives),
        cmocka_unit_test(log_q_is_the_frequency),
        cmocka_unit_test(threads_do_not_matter_but_seeds_do),
        cmocka_unit_test(test_ratings_leave_no_trace),
        cmocka_unit_test(rows_are_those_of_the_moment),
        cmocka_unit_test(beginnings_are_foreseen),
        cmocka_unit_test(histories_are_made_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
