/* What the bodies of requests may say, up to the last value that is allowed. */
#include "common/base/mem.h"
#include "stages/serve/body.h"
#include "tests/unit/support.h"

static uint32_t movie_id[] = {1, 5};
static const struct catalogue catalogue = {.n_movies = 2, .movie_id = movie_id};
static const struct snapshot models = {.catalogue = &catalogue, .newest = 777};

/* The first event of a body, or the status and reason of its refusal. */
static enum status event_of(const char *text, struct feedback *out, struct error *err) {
    MEM_AUTO struct feedback *events = NULL;
    size_t n = 0;
    *err = (struct error){0};
    enum status status = body_feedback(text, strlen(text), &models, 1000, &events, &n, err);
    if (status == STATUS_OK) *out = events[0];
    return status;
}

static void events_are_read(void **state) {
    (void)state;
    struct error err;
    struct feedback f;
    assert_int_equal(event_of("{\"userId\": 4294967294, \"movieId\": 5, \"type\": \"rating\", "
                              "\"value\": 4.5, \"timestamp\": 4102444799, \"id\": \"x\"}",
                              &f, &err),
                     STATUS_OK);
    assert_int_equal(f.user, 4294967294U);
    assert_int_equal(f.movie, 5);
    assert_int_equal(f.type, FEEDBACK_RATING);
    assert_int_equal(f.value, 9);
    assert_int_equal(f.time, 4102444799);
    assert_string_equal(f.key, "x");
    assert_int_equal(event_of("[{\"userId\": 0, \"movieId\": 1, \"type\": \"view\"}]", &f, &err),
                     STATUS_OK);
    assert_int_equal(f.time, 1000); /* now */
    assert_string_equal(f.key, "");
}

static void refuse(enum status status, const char *members, const char *reason) {
    struct error err;
    struct feedback f;
    char text[512];
    (void)snprintf(text, sizeof text, "{%s}", members);
    assert_int_equal(event_of(text, &f, &err), status);
    if (strstr(err.text, reason) == NULL) fail_msg("%s: %s", text, err.text);
}

static void events_are_refused(void **state) {
    (void)state;
    static const char *const stars[] = {"0", "0.25", "5.5", "-1", "\"4\"", "4.4"};
    for (size_t i = 0; i < sizeof stars / sizeof stars[0]; i++) {
        char members[128];
        (void)snprintf(members, sizeof members,
                       "\"userId\": 1, \"movieId\": 1, \"type\": \"rating\", \"value\": %s",
                       stars[i]);
        refuse(STATUS_USAGE, members, "value: is not a half star between 0.5 and 5");
    }
    refuse(STATUS_USAGE, "\"userId\": 4294967295, \"movieId\": 1, \"type\": \"view\"",
           "userId: is not an id");
    refuse(STATUS_USAGE, "\"userId\": -1, \"movieId\": 1, \"type\": \"view\"",
           "userId: is not an id");
    refuse(STATUS_USAGE, "\"movieId\": 1, \"type\": \"view\"", "userId: is needed");
    refuse(STATUS_DAMAGED, "\"userId\": 1, \"movieId\": 2, \"type\": \"view\"",
           "movieId: no movie has the id 2");
    refuse(STATUS_USAGE, "\"userId\": 1, \"movieId\": 1, \"type\": \"view\", \"value\": 4",
           "value: belongs to ratings only");
    refuse(STATUS_USAGE,
           "\"userId\": 1, \"movieId\": 1, \"type\": \"view\", \"timestamp\": 4102444800",
           "timestamp: is not");
    refuse(STATUS_USAGE, "\"userId\": 1, \"movieId\": 1, \"type\": \"view\", \"timestamp\": -1",
           "timestamp: is not");
    refuse(STATUS_USAGE, "\"userId\": 1, \"movieId\": 1, \"type\": \"view\", \"when\": 1",
           "\"when\": there is no such member here");
}

/* A key of all but one byte of the array is the longest: what is behind it is the NUL. */
static void keys_fit_with_their_end(void **state) {
    (void)state;
    for (size_t size = FEEDBACK_KEY_SIZE - 1; size <= FEEDBACK_KEY_SIZE; size++) {
        struct error err;
        struct feedback f;
        char key[FEEDBACK_KEY_SIZE + 1] = "", text[512];
        memset(key, 'k', size);
        (void)snprintf(text, sizeof text,
                       "{\"userId\": 1, \"movieId\": 1, \"type\": \"view\", \"id\": \"%s\"}", key);
        bool fits = size < FEEDBACK_KEY_SIZE;
        assert_int_equal(event_of(text, &f, &err), fits ? STATUS_OK : STATUS_USAGE);
        if (fits) assert_string_equal(f.key, key);
    }
    refuse(STATUS_USAGE, "\"userId\": 1, \"movieId\": 1, \"type\": \"view\", \"id\": \"\"",
           "id: is not a text of 1 to");
}

static void sessions_fill_in_what_is_not_said(void **state) {
    (void)state;
    static const char text[] = "{\"movies\": [5, {\"movieId\": 1, \"rating\": 0.5}, "
                               "{\"movieId\": 1, \"timestamp\": 3}]}";
    struct error err = {0};
    AUTO(user_events) struct user_events s = {0};
    assert_int_equal(body_session(text, strlen(text), &models, &s, &err), STATUS_OK);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.event[0].movie, 5);
    assert_int_equal(s.event[0].value, 10);
    assert_int_equal(s.event[0].time, 777);
    assert_int_equal(s.event[1].value, 1);
    assert_int_equal(s.event[2].value, 10);
    assert_int_equal(s.event[2].time, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_read),
        cmocka_unit_test(events_are_refused),
        cmocka_unit_test(keys_fit_with_their_end),
        cmocka_unit_test(sessions_fill_in_what_is_not_said),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("serve body", tests, NULL, NULL);
}
