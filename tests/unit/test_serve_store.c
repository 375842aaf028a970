/* The database of events: durable, idempotent, forgetting, and what happens on a full disk. */
#include "common/base/mem.h"
#include "stages/serve/store.h"
#include "tests/unit/support.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

/* Calls of the database to the disk, counted on their way. */
static atomic_int n_syncs;

int fdatasync(int file) {
    static int (*next)(int);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "fdatasync");
    atomic_fetch_add(&n_syncs, 1);
    return next(file);
}

int fsync(int file) {
    static int (*next)(int);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "fsync");
    atomic_fetch_add(&n_syncs, 1);
    return next(file);
}

static struct feedback event(uint32_t user, uint32_t movie, uint8_t type, uint8_t value,
                             int64_t time, const char *key) {
    struct feedback f = {.user = user, .movie = movie, .type = type, .value = value, .time = time};
    (void)snprintf(f.key, sizeof f.key, "%s", key);
    return f;
}

static void keeps_events(void **state) {
    (void)state;
    struct error err = {0};
    struct store *s = NULL;
    struct user_events seen = {0};
    size_t added = 0;
    OK(store_open(&s, scratch("a.db"), &err));
    const struct feedback events[] = {
        event(7, 1, FEEDBACK_RATING, 9, 200, "x"), event(7, 2, FEEDBACK_VIEW, 0, 100, ""),
        event(8, 2, FEEDBACK_LIKE, 0, 100, "x"), event(7, 3, FEEDBACK_DISLIKE, 0, 200, "x")};
    OK(store_add(s, events, 4, &added, &err));
    assert_int_equal(added, 3); /* the second "x" of user 7 is left out */
    OK(store_add(s, events, 1, &added, &err));
    assert_int_equal(added, 0);
    store_close(s);
    OK(store_open(&s, scratch("a.db"), &err));
    OK(store_user(s, 7, &seen, &err));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.event[0].movie, 2); /* in the order of time */
    assert_int_equal(seen.event[1].value, 9);
    assert_false(seen.forgotten);
    struct store_figures figures;
    store_figures(s, &figures);
    assert_int_equal(figures.events, 3);
    store_close(s);
    user_events_release(&seen);
}

/* Events that are acknowledged, and users that are forgotten, are on the disk. */
static void waits_for_the_disk(void **state) {
    (void)state;
    struct error err = {0};
    struct store *s = NULL;
    size_t added = 0;
    OK(store_open(&s, scratch("a.db"), &err));
    for (uint32_t i = 0; i < 5; i++) {
        const struct feedback one = event(7, i, FEEDBACK_VIEW, 0, 100, "");
        int before = atomic_load(&n_syncs);
        OK(store_add(s, &one, 1, &added, &err));
        assert_true(atomic_load(&n_syncs) > before);
    }
    int before = atomic_load(&n_syncs);
    OK(store_forget(s, 7, &err));
    assert_true(atomic_load(&n_syncs) > before);
    store_close(s);
}

static void forgets(void **state) {
    (void)state;
    struct error err = {0};
    struct store *s = NULL;
    struct user_events seen = {0};
    size_t added = 0;
    OK(store_open(&s, scratch("a.db"), &err));
    const struct feedback one = event(7, 1, FEEDBACK_RATING, 9, 200, "");
    OK(store_add(s, &one, 1, &added, &err));
    OK(store_forget(s, 7, &err));
    OK(store_user(s, 7, &seen, &err));
    assert_int_equal(seen.count, 0);
    assert_true(seen.forgotten);
    OK(store_add(s, &one, 1, &added, &err)); /* back again */
    OK(store_user(s, 7, &seen, &err));
    assert_int_equal(seen.count, 1);
    assert_true(seen.forgotten);
    store_close(s);
    user_events_release(&seen);
}

static void survives_a_full_disk(void **state) {
    (void)state;
    struct error err = {0};
    struct store *s = NULL;
    struct user_events seen = {0};
    size_t added = 0;
    OK(store_open(&s, scratch("a.db"), &err));
    OK(store_limit(s, true, &err));
    enum { MANY = 1000 };
    struct feedback *events = NULL;
    OK(MEM_NEW(&events, MANY, &err));
    for (uint32_t i = 0; i < MANY; i++) {
        events[i] = event(7, i, FEEDBACK_VIEW, 0, i, "");
    }
    assert_int_equal(store_add(s, events, MANY, &added, &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "full"));
    OK(store_user(s, 7, &seen, &err));
    assert_int_equal(seen.count, 0); /* none of them */
    OK(store_limit(s, false, &err));
    OK(store_add(s, events, MANY, &added, &err));
    assert_int_equal(added, MANY);
    struct store_figures figures;
    store_figures(s, &figures);
    assert_int_equal(figures.failures, 1);
    store_close(s);
    mem_free(events);
    user_events_release(&seen);
}

/* A trigger refuses one movie, which undoes its statement but leaves the transaction open. */
static void a_failed_group_leaves_nothing(void **state) {
    (void)state;
    struct error err = {0};
    struct store *s = NULL;
    struct user_events seen = {0};
    size_t added = 0;
    sqlite3 *db = NULL;
    OK(store_open(&s, scratch("a.db"), &err));
    assert_int_equal(sqlite3_open(scratch("a.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TRIGGER refuse BEFORE INSERT ON event WHEN new.movie = 13"
                                  " BEGIN SELECT RAISE(ABORT, 'refused'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    const struct feedback events[] = {event(7, 1, FEEDBACK_VIEW, 0, 100, ""),
                                      event(7, 13, FEEDBACK_VIEW, 0, 200, ""),
                                      event(7, 2, FEEDBACK_VIEW, 0, 300, "")};
    assert_int_equal(store_add(s, events, 2, &added, &err), STATUS_FAILED);
    OK(store_add(s, events + 2, 1, &added, &err));
    OK(store_user(s, 7, &seen, &err));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.event[0].movie, 2);
    store_close(s);
    user_events_release(&seen);
}

struct crowd {
    struct store *store;
    uint32_t user;
    bool failed;
};

static void *write_many(void *argument) {
    struct crowd *c = argument;
    for (uint32_t i = 0; i < 200; i++) {
        struct feedback f = event(c->user, i, FEEDBACK_VIEW, 0, i, "");
        struct user_events seen = {0};
        size_t added = 0;
        c->failed |= store_add(c->store, &f, 1, &added, NULL) != STATUS_OK || added != 1;
        c->failed |= store_user(c->store, c->user, &seen, NULL) != STATUS_OK;
        c->failed |= seen.count != i + 1; /* what is acknowledged is read at once */
        user_events_release(&seen);
    }
    return NULL;
}

static void serves_many_threads(void **state) {
    (void)state;
    struct error err = {0};
    struct crowd crowd[8];
    pthread_t thread[8];
    struct store *s = NULL;
    OK(store_open(&s, scratch("a.db"), &err));
    for (uint32_t i = 0; i < 8; i++) {
        crowd[i] = (struct crowd){s, i, false};
        assert_int_equal(pthread_create(&thread[i], NULL, write_many, &crowd[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        pthread_join(thread[i], NULL);
        assert_false(crowd[i].failed);
    }
    struct store_figures figures;
    store_figures(s, &figures);
    assert_int_equal(figures.written, 1600);
    assert_int_equal(figures.events, 1600);
    store_close(s);
}

static void exports(void **state) {
    (void)state;
    struct error err = {0};
    struct store *s = NULL;
    size_t added = 0;
    uint64_t ratings = 0, forgotten = 0;
    OK(store_open(&s, scratch("a.db"), &err));
    const struct feedback events[] = {
        event(7, 1, FEEDBACK_RATING, 9, 200, ""), event(7, 1, FEEDBACK_RATING, 3, 100, ""),
        event(7, 2, FEEDBACK_VIEW, 0, 50, ""),    event(7, 3, FEEDBACK_NOT_INTERESTED, 0, 60, ""),
        event(5, 2, FEEDBACK_LIKE, 0, 300, ""),   event(5, 2, FEEDBACK_VIEW, 0, 400, ""),
        event(6, 2, FEEDBACK_DISLIKE, 0, 1, "")};
    OK(store_add(s, events, 7, &added, &err));
    OK(store_forget(s, 9, &err));
    OK(store_export(scratch("a.db"), scratch("out"), &ratings, &forgotten, &err));
    assert_string_equal(scratch_read("out/feedback.csv"), "userId,movieId,rating,timestamp\n"
                                                          "5,2,4.5,300\n6,2,1.5,1\n"
                                                          "7,2,,50\n7,1,4.5,200\n");
    assert_string_equal(scratch_read("out/forgotten.csv"), "userId\n9\n");
    assert_int_equal(ratings, 4);
    assert_int_equal(forgotten, 1);
    store_close(s);
}

static void refuses_other_files(void **state) {
    (void)state;
    struct error err = {0};
    struct store *s = NULL;
    scratch_write("text", "this is no database, and long enough for a header of one hundred bytes "
                          "that SQLite wants to see at its beginning");
    assert_int_equal(store_open(&s, scratch("text"), &err), STATUS_FAILED);
    assert_non_null(strstr(err.text, "not a database"));
    assert_int_equal(store_open(&s, scratch("no/such/folder"), &err), STATUS_FAILED);
}

static void opinions(void **state) {
    (void)state;
    struct opinion o = {0};
    opinion_apply(&o, FEEDBACK_VIEW, 0, 1);
    assert_int_equal(opinion_value(&o), 7);
    opinion_apply(&o, FEEDBACK_NOT_INTERESTED, 0, 2);
    assert_true(o.hidden);
    assert_int_equal(o.time, 1);
    opinion_apply(&o, FEEDBACK_RATING, 4, 3);
    assert_false(o.hidden);
    opinion_apply(&o, FEEDBACK_VIEW, 0, 4);
    assert_int_equal(opinion_value(&o), 4);
    assert_int_equal(o.time, 3);
    opinion_apply(&o, FEEDBACK_LIKE, 0, 5);
    assert_int_equal(opinion_value(&o), 9);
    for (int t = 0; t < FEEDBACK_TYPES; t++) {
        enum feedback_type type;
        assert_true(feedback_parse(feedback_name((enum feedback_type)t), &type));
        assert_int_equal(type, t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(keeps_events),
        SCRATCH_TEST(waits_for_the_disk),
        SCRATCH_TEST(forgets),
        SCRATCH_TEST(survives_a_full_disk),
        SCRATCH_TEST(a_failed_group_leaves_nothing),
        SCRATCH_TEST(serves_many_threads),
        SCRATCH_TEST(exports),
        SCRATCH_TEST(refuses_other_files),
        cmocka_unit_test(opinions),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
