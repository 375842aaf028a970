/* Parameters of requests, the table of routes, the key. */
#include "stages/serve/params.h"
#include "stages/serve/route.h"
#include "stages/serve/server.h"
#include "tests/unit/support.h"

static const struct param_spec specs[] = {
    {.name = "user", .type = PARAM_ID, .in_path = true, .required = true},
    {.name = "n", .type = PARAM_INT, .min = 1, .max = 100, .fallback = "10"},
    {.name = "d", .type = PARAM_REAL, .min = 0, .max = 1, .fallback = "0"},
    {.name = "e", .type = PARAM_FLAG, .fallback = "false"},
    {.name = "by", .type = PARAM_CHOICE, .choices = "content|taste|next", .fallback = "content"},
    {.name = "ids", .type = PARAM_IDS, .max = 3},
    {.name = "q", .type = PARAM_TEXT, .max = 5},
};
enum { N_SPECS = sizeof specs / sizeof specs[0] };

static void parses(void **state) {
    (void)state;
    struct error err = {0};
    struct param_value v[N_SPECS];
    const struct param_pair pairs[] = {{"user", "4294967294"}, {"d", "0.25"},  {"e", NULL},
                                       {"by", "next"},         {"ids", "7,8"}, {"q", "a b"}};
    assert_int_equal(params_parse(specs, N_SPECS, pairs, 6, v, &err), STATUS_OK);
    assert_int_equal(v[0].integer, 4294967294);
    assert_int_equal(v[1].integer, 10);
    assert_false(v[1].given);
    assert_true(v[2].real == 0.25);
    assert_int_equal(v[3].integer, 1);
    assert_int_equal(v[4].integer, 2);
    uint32_t ids[3];
    assert_int_equal(params_ids(v[5].text, ids, 3), 2);
    assert_int_equal(ids[1], 8);
    assert_int_equal(params_ids(NULL, ids, 3), 0);
    assert_string_equal(v[6].text, "a b");
}

static void refuses(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *message;
    } bad[] = {
        {"user", "4294967295", "user: \"4294967295\" is not an id"},
        {"user", "-1", "user: \"-1\" is not an id"},
        {"user", "", "user: \"\" is not an id"},
        {"user", "1 ", "user: \"1 \" is not an id"},
        {"n", "0", "n: 0 is not between 1 and 100"},
        {"n", "1e9", "n: 1e9 is not between 1 and 100"},
        {"n", "1.5", "n: \"1.5\" is not a whole number"},
        {"n", "0x10", "n: \"0x10\" is not a whole number"},
        {"d", "nan", "d: \"nan\" is not a number"},
        {"d", "1e999", "d: \"1e999\" is not a number"},
        {"e", "yes", "e: \"yes\" is not true or false"},
        {"by", "tast", "by: \"tast\" is not one of content|taste|next"},
        {"ids", "1,", "ids: \"1,\" is not a list of ids separated by commas"},
        {"ids", "1,2,3,4", "ids: more than 3 ids"},
        {"q", "123456", "q: is longer than 5 bytes"},
        {"q", "\xff", "q: is not valid UTF-8"},
        {"z", "1", "z: there is no such parameter here"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err = {0};
        struct param_value v[N_SPECS];
        const struct param_pair pair[] = {{bad[i].name, bad[i].value}};
        assert_int_equal(params_parse(specs, N_SPECS, pair, 1, v, &err), STATUS_USAGE);
        assert_string_equal(err.text, bad[i].message);
    }
}

static void wants_each_once(void **state) {
    (void)state;
    struct error err = {0};
    struct param_value v[N_SPECS];
    const struct param_pair twice[] = {{"user", "1"}, {"n", "1"}, {"n", "1"}};
    assert_int_equal(params_parse(specs, N_SPECS, twice, 3, v, &err), STATUS_USAGE);
    assert_string_equal(err.text, "n: is given twice");
    assert_int_equal(params_parse(specs, N_SPECS, NULL, 0, v, &err), STATUS_USAGE);
    assert_string_equal(err.text, "user: is needed");
}

static void finds_routes(void **state) {
    (void)state;
    bool same = false;
    char segment[256], methods[64];
    const struct route *r = route_find("GET", "/api/users/17", &same, segment);
    assert_non_null(r);
    assert_string_equal(r->name, "user");
    assert_string_equal(segment, "17");
    assert_string_equal(route_find("DELETE", "/api/users/17", &same, segment)->name, "forget");
    assert_string_equal(route_find("HEAD", "/api/movies", &same, segment)->name, "search");
    assert_string_equal(segment, "");
    assert_null(route_find("PUT", "/api/users/17", &same, segment));
    assert_true(same);
    route_methods("/api/users/17", methods, sizeof methods);
    assert_string_equal(methods, "GET, DELETE");
    static const char *const nowhere[] = {"/api/users/",       "/api/users/1/2", "/api/users", "",
                                          "/api/recommend/1/", "/metricsx"};
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        assert_null(route_find("GET", nowhere[i], &same, segment));
        assert_false(same);
    }
}

static void table_is_sound(void **state) {
    (void)state;
    assert_true(n_routes < METRIC_PAGE);
    for (size_t i = 0; i < n_routes; i++) {
        const struct route *r = &routes[i];
        assert_true(r->n_params <= PARAMS_MAX);
        bool braces = strchr(r->path, '{') != NULL;
        assert_int_equal(braces, r->n_params > 0 && r->params[0].in_path);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(r->name, routes[k].name);
        }
        assert_true(strcmp(r->method, "GET") != 0 || (!r->write && r->body == NULL));
        for (size_t p = 0; p < r->n_params; p++) {
            struct error err = {0};
            struct param_value v;
            struct param_spec one = r->params[p];
            one.required = false;
            assert_int_equal(params_parse(&one, 1, NULL, 0, &v, &err), STATUS_OK);
        }
    }
}

static void compares_keys(void **state) {
    (void)state;
    struct buf key = {0};
    assert_int_equal(buf_puts(&key, "0123456789abcdef", NULL), STATUS_OK);
    assert_true(key_matches(&key, "0123456789abcdef"));
    assert_false(key_matches(&key, "0123456789abcdeg"));
    assert_false(key_matches(&key, "0123456789abcde"));
    assert_false(key_matches(&key, "0123456789abcdef0"));
    assert_false(key_matches(&key, ""));
    assert_false(key_matches(&key, NULL));
    buf_release(&key);
}

static void knows_local_names(void **state) {
    (void)state;
    static const char *const good[] = {"localhost",      "LOCALHOST:80", "127.0.0.1",
                                       "127.9.9.9:8080", "[::1]",        "[::1]:8080"};
    static const char *const bad[] = {"",
                                      ":80",
                                      "example.org",
                                      "localhost.example.org",
                                      "128.0.0.1",
                                      "127.0.0.1.example.org",
                                      "[::2]",
                                      "[::1",
                                      "[::1]x",
                                      "127.1"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(host_is_local(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(host_is_local(bad[i]));
    }
}

static void makes_errors(void **state) {
    (void)state;
    struct reply reply = {0};
    reply_error(&reply, 404, "no \"such\" thing");
    char *text = json_dumps(reply.json, JSON_COMPACT);
    assert_string_equal(text, "{\"error\":{\"status\":404,\"reason\":\"no \\\"such\\\" thing\"}}");
    free(text);
    reply_release(&reply);
}

/* What is refused before any handler is asked, and with which status. */
static void refuses_with_the_right_status(void **state) {
    (void)state;
    static const struct param_pair unknown[] = {{"nonsense", "1"}};
    static const struct {
        struct call call;
        unsigned status;
        const char *reason;
    } cases[] = {
        {{.method = "GET", .path = "/api/nothing"}, 404, "there is nothing here"},
        {{.method = "PUT", .path = "/api/feedback"}, 405, "this takes POST"},
        {{.method = "GET", .path = "/api/genres", .pair = unknown, .n_pairs = 1},
         400,
         "there is no such parameter here"},
        {{.method = "GET", .path = "/api/genres", .body = "{}", .body_size = 2},
         400,
         "this takes no body"},
        {{.method = "POST", .path = "/api/feedback", .json_body = true}, 401, "is needed to write"},
        {{.method = "POST", .path = "/api/feedback", .key = "secre", .json_body = true},
         401,
         "is not the right one"},
        {{.method = "POST", .path = "/api/feedback", .key = "secret", .body = "{}", .body_size = 2},
         415,
         "application/json is needed"},
        {{.method = "POST", .path = "/api/reload", .key = "secret"},
         415,
         "application/json is needed"},
    };
    static struct service service;
    struct error err = {0};
    assert_int_equal(buf_puts(&service.key, "secret", &err), STATUS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reply reply;
        const struct route *route;
        service_answer(&service, &cases[i].call, &reply, &route);
        json_t *error = json_object_get(reply.json, "error");
        const char *reason = json_string_value(json_object_get(error, "reason"));
        assert_int_equal(reply.status, cases[i].status);
        assert_int_equal(json_integer_value(json_object_get(error, "status")), cases[i].status);
        assert_non_null(reason);
        assert_non_null(strstr(reason, cases[i].reason));
        reply_release(&reply);
    }
    buf_release(&service.key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses),
        cmocka_unit_test(refuses),
        cmocka_unit_test(wants_each_once),
        cmocka_unit_test(finds_routes),
        cmocka_unit_test(table_is_sound),
        cmocka_unit_test(compares_keys),
        cmocka_unit_test(knows_local_names),
        cmocka_unit_test(makes_errors),
        cmocka_unit_test(refuses_with_the_right_status),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
