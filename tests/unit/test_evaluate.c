/* The evaluation of every user, against ranks and figures counted one by one. */
#include "common/base/mem.h"
#include "common/base/no_index.h"
#include "common/data/dense.h"
#include "common/data/history.h"
#include "stages/evaluate/evaluate.h"
#include "tests/unit/ranker_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N_CANDIDATES = 20 };

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

/* Everybody's last rating is the test; the models are those of the view before it. */
struct scene {
    struct world world;
    struct opened opened;
    struct artifact *ranker_artifact;
    struct ranker *ranker;
    struct components components;
    struct ratings ratings;
    uint8_t *role;
    struct test_set test;
    struct evaluation evaluation;
};
static struct scene scene;

/* Candidates: movies that the user has not rated, drawn with a fixed stride. */
static void make_test_set(struct scene *s) {
    struct error err = {0};
    struct test_set *t = &s->test;
    const struct world *w = &s->world;
    *t = (struct test_set){.n_users = WORLD_USERS};
    must(MEM_NEW(&t->offset, WORLD_USERS + 1, &err), &err);
    must(MEM_NEW(&t->movie, WORLD_USERS, &err), &err);
    must(MEM_NEW(&t->rating, WORLD_USERS, &err), &err);
    must(MEM_NEW(&t->time, WORLD_USERS, &err), &err);
    must(MEM_NEW(&t->candidate_offset, WORLD_USERS + 1, &err), &err);
    must(MEM_NEW(&t->candidate_movie, WORLD_USERS * N_CANDIDATES, &err), &err);
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        uint64_t last = w->offset[u + 1] - 1, n = 0;
        bool rated[WORLD_MOVIES] = {false};
        for (uint64_t i = w->offset[u]; i <= last; i++) {
            rated[w->movie[i]] = true;
        }
        t->offset[u + 1] = u + 1;
        t->movie[u] = w->movie[last];
        t->rating[u] = 0.5F * (float)w->value[last];
        t->time[u] = w->time[last];
        t->candidate_offset[u + 1] = (uint64_t)(u + 1) * N_CANDIDATES;
        for (uint32_t k = u; n < N_CANDIDATES; k++) {
            uint32_t movie = k * 37 % WORLD_MOVIES;
            if (!rated[movie]) t->candidate_movie[u * N_CANDIDATES + n++] = movie;
        }
    }
}

static int set_up(void **state) {
    const struct evaluation_options everybody = {.most = {.lists = WORLD_USERS}};
    const struct question leave_one_out = {.history = HISTORY_PREFIX};
    struct error err = {0};
    struct scene *s = &scene;
    world_random(&s->world);
    world_write(&s->world);
    s->opened = world_open(&s->world, VIEW_FULL);
    s->ranker_artifact = make_ranker(&s->world, s->opened.context, "ranker", NULL, 0);
    must(ranker_load(&s->ranker, s->ranker_artifact, &err), &err);
    must(components_bind(&s->components, s->opened.context, s->ranker, NULL, 1, &err), &err);
    must(ratings_load(&s->ratings, &s->role, s->opened.dataset, s->opened.split, &err), &err);
    make_test_set(s);
    must(evaluate_users(&s->evaluation, &s->components, &s->ratings, s->role, &leave_one_out,
                        &s->test, &everybody, &err),
         &err);
    *state = s;
    return 0;
}

static int tear_down(void **state) {
    struct scene *s = *state;
    evaluation_release(&s->evaluation);
    test_set_release(&s->test);
    ratings_release(&s->ratings);
    mem_free(s->role);
    components_release(&s->components);
    ranker_release(s->ranker);
    artifact_close(s->ranker_artifact);
    world_close(&s->opened);
    world_remove(&s->world);
    return 0;
}

/* What can be said of one user without the stage: the history, and every movie's scores. */
struct person {
    uint32_t user, target;
    struct history_buffer history;
    bool known[WORLD_MOVIES];
    float popularity[WORLD_MOVIES], mf[WORLD_MOVIES], rank[WORLD_MOVIES], stars[WORLD_MOVIES];
};

static void take_column(const struct scene *s, const float *x, const char *name, float *out) {
    size_t n = feature_count(s->opened.context), column = feature_find(s->opened.context, name);
    for (size_t m = 0; m < WORLD_MOVIES; m++) {
        out[m] = x[m * n + column];
    }
}

static void score_person(const struct scene *s, struct person *p) {
    struct error err = {0};
    struct feature_work *work = NULL;
    MEM_AUTO float *x = NULL;
    uint32_t movie[WORLD_MOVIES];
    const struct history h = history_of(&p->history);
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        movie[m] = m;
    }
    OK(MEM_NEW(&x, WORLD_MOVIES * feature_count(s->opened.context), &err));
    OK(feature_work_create(&work, s->opened.context, &err));
    OK(feature_prepare(work, &h, p->user, s->test.time[p->user], &err));
    feature_rows(work, movie, WORLD_MOVIES, x);
    take_column(s, x, "popularity", p->popularity);
    take_column(s, x, "mf", p->mf);
    enum ranker_head head = h.count < 15 ? HEAD_NEWCOMER : HEAD_RANK;
    OK(ranker_score(s->ranker, head, p->user, movie, x, WORLD_MOVIES, p->rank, &err));
    OK(ranker_score(s->ranker, HEAD_RATING, p->user, movie, x, WORLD_MOVIES, p->stars, &err));
    feature_work_release(work);
}

static void meet(const struct scene *s, uint32_t user, struct person *p) {
    struct error err = {0};
    *p = (struct person){.user = user, .target = s->test.movie[user]};
    for (uint64_t i = s->world.offset[user]; i + 1 < s->world.offset[user + 1]; i++) {
        OK(history_add(&p->history, s->world.movie[i], s->world.value[i], s->world.time[i], &err));
        p->known[s->world.movie[i]] = true;
    }
    score_person(s, p);
}

/* The rank of the target among the movies of a list; ties count half. */
static double rank_of(const struct person *p, const float *score, const bool *listed) {
    double rank = 1;
    for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
        if (!listed[m] || m == p->target) continue;
        rank += score[m] > score[p->target] ? 1 : score[m] == score[p->target] ? 0.5 : 0;
    }
    return rank;
}

static void near(double found, double wanted, const char *what, uint32_t user) {
    if (fabs(found - wanted) > 1e-4 * fmax(1, fabs(wanted))) {
        fail_msg("user %u: %s is %.6f, not %.6f", user, what, found, wanted);
    }
}

static void check_ranks(const float *value, double rank, uint32_t user) {
    bool hit = rank <= 10;
    near((double)value[metric_find("hr@10")], hit, "hr@10", user);
    near((double)value[metric_find("ndcg@10")], hit ? 1 / log2(rank + 1) : 0, "ndcg@10", user);
    near((double)value[metric_find("mrr")], 1 / rank, "mrr", user);
}

static size_t place_of(const struct contender *list, size_t n, const char *name) {
    size_t i = 0;
    while (i < n && strcmp(list[i].name, name) != 0) {
        i++;
    }
    assert_true(i < n);
    return i;
}

static void ranks_are_those_of_the_scores(void **state) {
    const struct scene *s = *state;
    size_t hits = 0;
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        struct person p;
        bool unknown[WORLD_MOVIES], candidate[WORLD_MOVIES] = {false};
        meet(s, u, &p);
        for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
            unknown[m] = !p.known[m];
        }
        for (uint64_t i = (uint64_t)u * N_CANDIDATES; i < (uint64_t)(u + 1) * N_CANDIDATES; i++) {
            candidate[s->test.candidate_movie[i]] = true;
        }
        const struct evaluation *e = &s->evaluation;
        assert_int_equal(e->user[u], u);
        const float *scores[] = {p.rank, p.popularity};
        const size_t component[] = {
            RANKER, place_of(s->components.component, s->components.n_components, "popularity")};
        for (size_t k = 0; k < 2; k++) {
            double full = rank_of(&p, scores[k], unknown);
            double listed = rank_of(&p, scores[k], candidate);
            check_ranks(e->value[FULL][component[k]] + u * metric_count(), full, u);
            check_ranks(e->value[CANDIDATES][component[k]] + u * metric_count(), listed, u);
            hits += (size_t)(full <= 10) + (size_t)(listed <= 10);
        }
        history_buffer_release(&p.history);
    }
    assert_true(hits > 20 && hits < 140); /* of 160 */
}

/* The user's first ten by score, equal ones by index. */
static void first_ten(const struct person *p, uint32_t list[METRIC_LIST_LENGTH]) {
    bool taken[WORLD_MOVIES];
    memcpy(taken, p->known, sizeof taken);
    for (size_t place = 0; place < METRIC_LIST_LENGTH; place++) {
        uint32_t best = NO_INDEX;
        for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
            if (!taken[m] && (best == NO_INDEX || p->rank[m] > p->rank[best])) best = m;
        }
        taken[best] = true;
        list[place] = best;
    }
}

static void lists_are_described(void **state) {
    const struct scene *s = *state;
    const uint32_t *popularity = feature_models(s->opened.context)->baseline.popularity;
    bool covered[WORLD_MOVIES] = {false};
    size_t n_covered = 0;
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        struct person p;
        uint32_t list[METRIC_LIST_LENGTH];
        meet(s, u, &p);
        first_ten(&p, list);
        double likeness = 0, novelty = 0, liked = 0, usual = 0;
        for (size_t i = 0; i < METRIC_LIST_LENGTH; i++) {
            double raters = fmax(popularity[list[i]], 1);
            novelty -= log2(raters / WORLD_USERS) / METRIC_LIST_LENGTH;
            liked += popularity[list[i]] / (double)METRIC_LIST_LENGTH;
            for (size_t j = i + 1; j < METRIC_LIST_LENGTH; j++) {
                likeness +=
                    (double)content_cosine(feature_content(s->opened.context), list[i], list[j]) /
                    (METRIC_LIST_LENGTH * (METRIC_LIST_LENGTH - 1) / 2);
            }
            covered[list[i]] = true;
        }
        for (size_t i = 0; i < p.history.count; i++) {
            usual += popularity[p.history.movie[i]] / (double)p.history.count;
        }
        const float *value = s->evaluation.value[FULL][RANKER] + u * metric_count();
        near((double)value[metric_find("diversity@10")], 1 - likeness, "diversity", u);
        near((double)value[metric_find("novelty@10")], novelty, "novelty", u);
        near((double)value[metric_find("popularity_bias@10")], liked / usual, "popularity bias", u);
        history_buffer_release(&p.history);
    }
    for (size_t m = 0; m < WORLD_MOVIES; m++) {
        n_covered += covered[m];
    }
    assert_int_equal(s->evaluation.covered[RANKER], n_covered);
}

static double own_mean(const struct person *p) {
    double sum = 0;
    for (size_t i = 0; i < p->history.count; i++) {
        sum += 0.5 * p->history.value[i] / (double)p->history.count;
    }
    return sum;
}

/* With one held-out movie each, the list of the liked ones is that of some users. */
static void only_liked_movies_count(void **state) {
    const struct scene *s = *state;
    const struct evaluation *e = &s->evaluation;
    size_t n_liked = 0;
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        struct person p;
        meet(s, u, &p);
        double stars = (double)s->test.rating[u], mean = own_mean(&p);
        bool liked = stars >= 4 && stars >= mean;
        assert_int_equal(e->relevant[LIKED][u], liked);
        const float *full = e->value[FULL][RANKER] + u * metric_count(),
                    *own = e->value[LIKED][RANKER] + u * metric_count();
        for (size_t i = 0; i < metric_count_placed(); i++) {
            assert_true(own[i] == (liked ? full[i] : 0));
        }
        n_liked += liked;
        history_buffer_release(&p.history);
    }
    assert_true(n_liked > 0 && n_liked < WORLD_USERS);
}

static void places_below_the_mean_are_counted(void **state) {
    const struct scene *s = *state;
    size_t some = 0;
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        struct person p;
        uint32_t list[METRIC_LIST_LENGTH];
        double below_mean = 0, below_middle = 0;
        meet(s, u, &p);
        first_ten(&p, list);
        for (size_t i = 0; i < METRIC_LIST_LENGTH; i++) {
            below_mean += ((double)p.stars[list[i]] < own_mean(&p)) / (double)METRIC_LIST_LENGTH;
            below_middle += (p.stars[list[i]] < 3) / (double)METRIC_LIST_LENGTH;
        }
        const float *value = s->evaluation.value[FULL][RANKER] + u * metric_count();
        near((double)value[metric_find("below-mean@10")], below_mean, "below the mean", u);
        near((double)value[metric_find("below-middle@10")], below_middle, "below 3 stars", u);
        some += below_mean > 0 && below_mean < 1;
        history_buffer_release(&p.history);
    }
    assert_true(some > 0);
}

static void ratings_are_predicted_in_stars(void **state) {
    const struct scene *s = *state;
    size_t clipped = 0;
    const size_t by_mf = place_of(s->components.rating, s->components.n_ratings, "mf");
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        struct person p;
        meet(s, u, &p);
        const struct rating_errors *found = &s->evaluation.rating[u];
        double actual = (double)s->test.rating[u], mf = (double)p.mf[p.target];
        double miss = (double)p.stars[p.target] - actual;
        double miss_mf = fmin(fmax(mf, 0.5), 5) - actual;
        clipped += mf > 5;
        assert_int_equal(found->count, 1);
        near((double)found->squared[RATING_RANKER], miss * miss, "squared error", u);
        near((double)found->absolute[RATING_RANKER], fabs(miss), "absolute error", u);
        near((double)found->squared[by_mf], miss_mf * miss_mf, "squared error of mf", u);
        history_buffer_release(&p.history);
    }
    assert_true(clipped > 0);
}

/* The tail begins where the movies that are more popular gather 80 % of all ratings; a history is
 * long if at most half of the users have one as long. */
static void users_are_marked(void **state) {
    const struct scene *s = *state;
    const struct evaluation *e = &s->evaluation;
    const uint32_t *popularity = feature_models(s->opened.context)->baseline.popularity;
    size_t n_tail = 0, n_long = 0;
    for (uint32_t u = 0; u < WORLD_USERS; u++) {
        uint32_t own = popularity[s->test.movie[u]];
        uint64_t total = 0, above = 0;
        size_t as_long = 0;
        for (uint32_t m = 0; m < WORLD_MOVIES; m++) {
            total += popularity[m];
            if (popularity[m] > own) above += popularity[m];
        }
        for (uint32_t v = 0; v < WORLD_USERS; v++) {
            as_long += e->history_length[v] >= e->history_length[u];
        }
        assert_int_equal(e->history_length[u], s->world.offset[u + 1] - s->world.offset[u] - 1);
        assert_int_equal(e->popularity[u], own);
        assert_int_equal(e->tail[u], 5 * above >= 4 * total);
        assert_int_equal(e->long_history[u], 2 * as_long <= WORLD_USERS);
        n_tail += e->tail[u];
        n_long += e->long_history[u];
    }
    assert_true(n_tail > 0 && n_tail < WORLD_USERS && n_long > 0 && n_long < WORLD_USERS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_are_those_of_the_scores),
        cmocka_unit_test(lists_are_described),
        cmocka_unit_test(only_liked_movies_count),
        cmocka_unit_test(places_below_the_mean_are_counted),
        cmocka_unit_test(ratings_are_predicted_in_stars),
        cmocka_unit_test(users_are_marked),
    };
    dense_init();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("evaluate", tests, set_up, tear_down);
}
