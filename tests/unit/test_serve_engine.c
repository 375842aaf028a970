/* Profiles and lists of the service on a small world: equal to the last bit to what recommend
 * computes, and what feedback changes. */
#include "common/base/no_index.h"
#include "common/data/history.h"
#include "common/data/view.h"
#include "stages/serve/engine.h"
#include "tests/unit/ranker_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct world world;
static struct opened opened;
static struct artifact *ranker_artifact;
static struct snapshot g;
static struct recommend_work *work, *reference;
static struct store *store;
static char database[96];

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

static int set_up(void **state) {
    (void)state;
    struct error err = {0};
    struct history nothing = {0};
    world_random(&world);
    world_write(&world);
    opened = world_open(&world, VIEW_ALL);
    ranker_artifact = make_ranker(&world, opened.context, "ranker", NULL, 0);
    must(open_recommender(&g.recommender, &opened, ranker_artifact, &err), &err);
    const struct feature_context *c = recommender_context(g.recommender);
    g.catalogue = feature_catalogue(c);
    g.ratings = feature_ratings(c);
    g.content = feature_content(c);
    g.models = feature_models(c);
    g.newest = recommender_now(g.recommender, &nothing);
    must(recommend_work_create(&work, g.recommender, &err), &err);
    must(recommend_work_create(&reference, g.recommender, &err), &err);
    must(store_open(&store, world_path(&world, "events", database), &err), &err);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    char path[128];
    store_close(store);
    for (size_t i = 0; i < 3; i++) {
        static const char *const ends[] = {"", "-wal", "-shm"};
        (void)snprintf(path, sizeof path, "%s%s", database, ends[i]);
        (void)unlink(path);
    }
    recommend_work_release(work);
    recommend_work_release(reference);
    recommender_release(g.recommender);
    artifact_close(ranker_artifact);
    world_close(&opened);
    world_remove(&world);
    return 0;
}

static void tell(uint32_t user, uint32_t movie, uint8_t type, uint8_t value, int64_t time) {
    struct error err = {0};
    size_t added = 0;
    const struct feedback f = {
        .user = user, .movie = movie, .type = type, .value = value, .time = time};
    OK(store_add(store, &f, 1, &added, &err));
}

static struct picks list(const struct profile *p, const struct wish *wish) {
    struct error err = {0};
    struct history history;
    struct picks picks;
    OK(engine_prepare(&g, work, p, FOR_LIKE, &history, &err));
    OK(engine_recommend(&g, work, p, wish, &picks, &err));
    return picks;
}

/* The list of a history, straight from the model. */
static size_t straight(const struct history *h, uint32_t user, size_t n,
                       struct recommendation *out) {
    struct error err = {0};
    struct recommend_filter all = {0};
    size_t count = 0;
    OK(recommend_prepare(reference, h, user, recommender_now(g.recommender, h), &err));
    OK(recommend_top(reference, &all, n, out, &count, &err));
    return count;
}

static void check_same(const struct picks *picks, const struct recommendation *expected,
                       size_t count) {
    assert_int_equal(picks->count, count);
    for (size_t i = 0; i < count; i++) {
        const struct recommendation *r = &picks->pick[i].recommendation;
        assert_int_equal(r->movie, expected[i].movie);
        assert_memory_equal(&r->score, &expected[i].score, sizeof r->score);
        assert_memory_equal(&r->rating, &expected[i].rating, sizeof r->rating);
    }
}

/* Lists of each purpose are recommend's of that purpose; the two are different ones. */
static void lists_are_for_their_purpose(void **state) {
    (void)state;
    struct error err = {0};
    struct recommendation first[2][20];
    const uint32_t user = 3;
    struct profile p;
    OK(profile_load(&p, &g, store, g.catalogue->user_id[user], &err));
    const struct history h = recommender_history(g.recommender, user);
    for (int purpose = 0; purpose < 2; purpose++) {
        struct history history;
        AUTO(picks) struct picks picks = {0};
        const struct wish wish = {.n = 20};
        OK(engine_prepare(&g, work, &p, (enum purpose)purpose, &history, &err));
        OK(engine_recommend(&g, work, &p, &wish, &picks, &err));
        recommend_for(reference, (enum purpose)purpose);
        check_same(&picks, first[purpose], straight(&h, user, 20, first[purpose]));
    }
    assert_memory_not_equal(first[FOR_LIKE], first[FOR_NEXT], sizeof first[0]);
    recommend_for(reference, FOR_LIKE);
    profile_release(&p);
}

static void equals_recommend(void **state) {
    (void)state;
    struct error err = {0};
    struct recommendation expected[20];
    for (uint32_t user = 0; user < WORLD_USERS; user++) {
        struct profile p;
        struct history h = recommender_history(g.recommender, user);
        OK(profile_load(&p, &g, store, g.catalogue->user_id[user], &err));
        assert_int_equal(p.user, user);
        assert_int_equal(p.history.count, h.count);
        assert_memory_equal(p.history.movie, h.movie, h.count * sizeof *h.movie);
        assert_memory_equal(p.history.value, h.value, h.count);
        assert_memory_equal(p.history.time, h.time, h.count * sizeof *h.time);
        struct wish wish = {.n = 20, .explain = true};
        struct picks picks = list(&p, &wish);
        check_same(&picks, expected, straight(&h, user, 20, expected));
        for (size_t i = 0; i < picks.count && i < 3; i++) {
            const struct attribution *a = &picks.pick[i].attribution;
            double sum = a->baseline + a->residual;
            for (size_t k = 0; k < picks.pick[i].n_groups; k++) {
                sum += picks.pick[i].group[k].contribution;
            }
            assert_true(fabs(sum - (double)picks.pick[i].recommendation.score) < 1e-9);
        }
        picks_release(&picks);
        profile_release(&p);
    }
}

/* After feedback: as if the model had been asked with the longer history. */
static void follows_feedback(void **state) {
    (void)state;
    struct error err = {0};
    const uint32_t user = 4;
    struct history h = recommender_history(g.recommender, user);
    struct history_buffer longer = {0};
    uint32_t fresh = 0, known = h.movie[2];
    for (size_t i = 0; i < h.count; i++) { /* some movie that is not rated */
        if (h.movie[i] != fresh) continue;
        fresh++;
        i = SIZE_MAX; /* from the first again */
    }
    for (size_t i = 0; i < h.count; i++) {
        if (h.movie[i] != known) {
            OK(history_add(&longer, h.movie[i], h.value[i], h.time[i], &err));
        }
    }
    /* newer than anything the models know: set to that moment, in their order */
    OK(history_add(&longer, fresh, 9, g.newest, &err));
    OK(history_add(&longer, known, 2, g.newest, &err));
    tell(g.catalogue->user_id[user], g.catalogue->movie_id[fresh], FEEDBACK_LIKE, 0,
         g.newest + 1000);
    tell(g.catalogue->user_id[user], g.catalogue->movie_id[known], FEEDBACK_RATING, 2,
         g.newest + 2000);
    tell(g.catalogue->user_id[user], 777777, FEEDBACK_LIKE, 0, 0); /* no such movie any more */
    struct profile p;
    OK(profile_load(&p, &g, store, g.catalogue->user_id[user], &err));
    assert_int_equal(profile_value(&p, fresh), 9);
    assert_int_equal(profile_value(&p, known), 2);
    struct recommendation expected[20];
    struct wish wish = {.n = 20};
    struct picks picks = list(&p, &wish);
    struct history wanted = history_of(&longer);
    check_same(&picks, expected, straight(&wanted, user, 20, expected));
    picks_release(&picks);
    profile_release(&p);
    history_buffer_release(&longer);
}

static void narrows(void **state) {
    (void)state;
    struct error err = {0};
    const uint32_t id = 5000;
    struct profile p;
    struct wish wish = {.n = WISH_MAX_N};
    OK(profile_load(&p, &g, store, id, &err));
    assert_int_equal(p.user, NO_INDEX);
    assert_int_equal(p.history.count, 0);
    struct picks whole = list(&p, &wish);
    assert_int_equal(whole.count, WISH_MAX_N);
    const uint32_t first = whole.pick[0].recommendation.movie;
    const uint32_t second = whole.pick[1].recommendation.movie;
    wish.offset = 7;
    wish.n = 5;
    struct picks part = list(&p, &wish);
    assert_int_equal(part.count, 5);
    assert_int_equal(part.pick[0].recommendation.movie, whole.pick[7].recommendation.movie);
    picks_release(&part);
    profile_release(&p);
    /* unwanted movies and excluded ones make room for the next */
    tell(id, g.catalogue->movie_id[second], FEEDBACK_NOT_INTERESTED, 0, 5);
    OK(profile_load(&p, &g, store, id, &err));
    assert_true(profile_hides(&p, second));
    wish = (struct wish){.n = 5, .exclude = &g.catalogue->movie_id[first], .n_exclude = 1};
    part = list(&p, &wish);
    assert_int_equal(part.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(part.pick[i].recommendation.movie, whole.pick[i + 2].recommendation.movie);
    }
    picks_release(&part);
    wish = (struct wish){.n = 10, .offset = 2 * WORLD_MOVIES};
    part = list(&p, &wish);
    assert_int_equal(part.count, 0);
    picks_release(&part);
    picks_release(&whole);
    profile_release(&p);
}

static double likeness(const struct picks *picks) {
    double sum = 0;
    for (size_t i = 0; i < picks->count; i++) {
        for (size_t k = 0; k < i; k++) {
            sum += (double)content_cosine(g.content, picks->pick[i].recommendation.movie,
                                          picks->pick[k].recommendation.movie);
        }
    }
    return sum;
}

static void diversifies(void **state) {
    (void)state;
    struct error err = {0};
    struct profile p;
    OK(profile_load(&p, &g, NULL, g.catalogue->user_id[9], &err));
    struct wish wish = {.n = 10};
    struct picks plain = list(&p, &wish);
    wish.diversity = 0.7;
    struct picks varied = list(&p, &wish);
    assert_int_equal(varied.count, 10);
    assert_int_equal(varied.pick[0].recommendation.movie, plain.pick[0].recommendation.movie);
    assert_true(likeness(&varied) < likeness(&plain));
    picks_release(&plain);
    picks_release(&varied);
    profile_release(&p);
}

static void forgets(void **state) {
    (void)state;
    struct error err = {0};
    const uint32_t user = 11, id = g.catalogue->user_id[user];
    struct profile p;
    OK(store_forget(store, id, &err));
    OK(profile_load(&p, &g, store, id, &err));
    assert_true(p.forgotten);
    assert_int_equal(p.user, NO_INDEX);
    assert_int_equal(p.history.count, 0);
    profile_release(&p);
}

static void visits(void **state) {
    (void)state;
    struct error err = {0};
    const struct history h = recommender_history(g.recommender, 3);
    struct user_event events[WORLD_MOVIES];
    for (size_t i = 0; i < h.count; i++) {
        events[h.count - 1 - i] = (struct user_event){g.catalogue->movie_id[h.movie[i]],
                                                      FEEDBACK_RATING, h.value[i], h.time[i]};
    }
    struct profile p;
    OK(profile_of_events(&p, &g, events, h.count, &err));
    assert_int_equal(p.history.count, h.count); /* in the order of time again */
    assert_memory_equal(p.history.movie, h.movie, h.count * sizeof *h.movie);
    profile_release(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_recommend), cmocka_unit_test(lists_are_for_their_purpose),
        cmocka_unit_test(follows_feedback), cmocka_unit_test(narrows),
        cmocka_unit_test(diversifies),      cmocka_unit_test(forgets),
        cmocka_unit_test(visits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
