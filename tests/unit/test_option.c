#include "common/base/mem.h"
#include "common/base/nearest.h"
#include "common/base/option.h"
#include "tests/unit/support.h"

#include <math.h>

struct params {
    bool shuffle, verbose;
    int64_t epochs;
    double rate, decay;
    const char *loss, *input, *hidden;
};

#define AT(member) offsetof(struct params, member)

static const struct option_spec specs[] = {
    {"shuffle", OPTION_FLAG, OPTION_PARAMETER, AT(shuffle), "yes", 0, 0, NULL, "mix rows", 0, NULL},
    {"epochs", OPTION_INT, OPTION_PARAMETER, AT(epochs), "20", 1, 1000, NULL, "passes", 'e', NULL},
    {"rate", OPTION_REAL, OPTION_PARAMETER, AT(rate), "0.1", 0, INFINITY, NULL, "step", 0, NULL},
    {"decay", OPTION_REAL, OPTION_PARAMETER, AT(decay), NULL, 0, 0, NULL, "shrinkage", 0, NULL},
    {"loss", OPTION_CHOICE, OPTION_PARAMETER, AT(loss), "softmax", 0, 0, "softmax|bpr|bce",
     "what is minimised", 0, NULL},
    {"hidden", OPTION_LIST, OPTION_PARAMETER, AT(hidden), "96,48", 0, 0, NULL, "layer sizes", 0,
     NULL},
    {"input", OPTION_TEXT, OPTION_RUNTIME, AT(input), NULL, 0, 0, NULL, "file", 'i', NULL},
    {"verbose", OPTION_FLAG, OPTION_RUNTIME, AT(verbose), NULL, 0, 0, NULL, "say more", 'v', NULL},
    {"rate-floor", OPTION_REAL, OPTION_RUNTIME, AT(decay), NULL, -1, 1, NULL, "lowest", 0, NULL},
};
enum { N_SPECS = sizeof specs / sizeof specs[0] };

static struct params params;
static struct error err;

/* Parses the words, which end with NULL; n_words NULL if none are allowed. */
static enum status parse(int *n_words, const char **words) {
    int argc = 0;
    while (words[argc]) {
        argc++;
    }
    err = (struct error){0};
    params = (struct params){0};
    assert_int_equal(options_default(specs, N_SPECS, &params, &err), STATUS_OK);
    return options_parse(specs, N_SPECS, &params, argc, (char **)(uintptr_t)words, n_words, &err);
}

#define PARSE(...) parse(NULL, (const char *[]){"stage", __VA_ARGS__, NULL})
#define REFUSED(message, ...)                                                                      \
    do {                                                                                           \
        assert_int_equal(PARSE(__VA_ARGS__), STATUS_USAGE);                                        \
        assert_string_equal(err.text, message);                                                    \
    } while (0)

static void defaults_are_set(void **state) {
    (void)state;
    memset(&params, 0x55, sizeof params);
    assert_int_equal(options_default(specs, N_SPECS, &params, &err), STATUS_OK);
    assert_true(params.shuffle);
    assert_false(params.verbose);
    assert_int_equal(params.epochs, 20);
    assert_true(params.rate == 0.1 && params.decay == 0);
    assert_string_equal(params.loss, "softmax");
    assert_string_equal(params.hidden, "96,48");
    assert_null(params.input);
}

static void all_forms_are_read(void **state) {
    (void)state;
    assert_int_equal(PARSE("--epochs", "7", "--rate=2.5e-3", "-i", "a.csv", "--no-shuffle", "-v",
                           "--loss=bpr", "--hidden", "", "--decay=-1"),
                     STATUS_OK);
    assert_int_equal(params.epochs, 7);
    assert_true(params.rate == 2.5e-3 && params.decay == -1);
    assert_string_equal(params.input, "a.csv");
    assert_string_equal(params.loss, "bpr");
    assert_string_equal(params.hidden, "");
    assert_false(params.shuffle);
    assert_true(params.verbose);
    assert_int_equal(PARSE("-e9", "--shuffle=no", "--verbose=1", "--decay", "-3"), STATUS_OK);
    assert_int_equal(params.epochs, 9);
    assert_false(params.shuffle);
    assert_true(params.verbose && params.decay == -3);
}

static void the_last_one_wins(void **state) {
    (void)state;
    assert_int_equal(PARSE("--epochs=1", "--no-shuffle", "--epochs=2", "--shuffle"), STATUS_OK);
    assert_int_equal(params.epochs, 2);
    assert_true(params.shuffle);
}

static void names_may_be_shortened(void **state) {
    (void)state;
    assert_int_equal(PARSE("--ep", "3", "--no-sh", "--verb"), STATUS_OK);
    assert_int_equal(params.epochs, 3);
    assert_false(params.shuffle);
    assert_int_equal(PARSE("--rate", "4"), STATUS_OK); /* exact although --rate-floor begins so */
    assert_true(params.rate == 4);
    REFUSED("--rat: ambiguous, could be --rate or --rate-floor", "--rat", "4");
}

static void unknown_options_are_refused(void **state) {
    (void)state;
    REFUSED("--fanciful: unknown option (see --help)", "--fanciful=3");
    REFUSED("--no-fanciful: unknown option (see --help)", "--no-fanciful");
    REFUSED("--no-: unknown option (see --help)", "--no-");
    REFUSED("--: unknown option (see --help)", "--=3");
    REFUSED("-x: unknown option (see --help)", "-x");
    REFUSED("-vv: unknown option (see --help)", "-vv");
}

static void the_nearest_name_is_suggested(void **state) {
    (void)state;
    REFUSED("--epocs: unknown option; did you mean --epochs?", "--epocs=3");
    REFUSED("--epoches: unknown option; did you mean --epochs?", "--epoches=3");
    REFUSED("--eopchs: unknown option; did you mean --epochs?", "--eopchs", "3");
    REFUSED("--hiddne: unknown option; did you mean --hidden?", "--hiddne=3");
    REFUSED("--ratefloor: unknown option; did you mean --rate-floor?", "--ratefloor=0");
    REFUSED("--loss: \"softmaxx\" is not one of softmax|bpr|bce; did you mean softmax?",
            "--loss=softmaxx");
    REFUSED("--loss: \"bcr\" is not one of softmax|bpr|bce; did you mean bpr?", "--loss=bcr");
}

static void edits_are_counted(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        size_t distance;
    } pairs[] = {
        {"", "", 0},         {"", "abc", 3},     {"abc", "", 3},           {"abc", "abc", 0},
        {"abc", "axc", 1},   {"abc", "abxc", 1}, {"abc", "ac", 1},         {"abc", "acb", 1},
        {"abcd", "badc", 2}, {"ca", "abc", 3},   {"kitten", "sitting", 3},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *a = pairs[i].a, *b = pairs[i].b;
        assert_int_equal(edit_distance(a, strlen(a), b, strlen(b)), pairs[i].distance);
        assert_int_equal(edit_distance(b, strlen(b), a, strlen(a)), pairs[i].distance);
    }
    char longest[NEAREST_MAX_SIZE + 1];
    memset(longest, 'x', sizeof longest);
    assert_int_equal(edit_distance(longest, NEAREST_MAX_SIZE, "x", 1), NEAREST_MAX_SIZE - 1);
    assert_true(edit_distance(longest, NEAREST_MAX_SIZE + 1, "x", 1) == SIZE_MAX);
}

static void short_words_are_near_nothing(void **state) {
    (void)state;
    struct nearest two = {.word = "ab", .size = 2}, three = {.word = "abc", .size = 3};
    nearest_offer(&two, "ac", 2);
    assert_null(two.found);
    nearest_offer(&three, "axy", 3);
    assert_null(three.found);
    nearest_offer(&three, "abx", 3);
    nearest_offer(&three, "aby", 3); /* no nearer */
    assert_memory_equal(three.found, "abx", 3);
}

static void missing_values_are_refused(void **state) {
    (void)state;
    REFUSED("--epochs: needs a value", "--epochs");
    REFUSED("--epochs: needs a value", "-e");
    REFUSED("--input: needs a value", "--verbose", "-i");
}

static void malformed_numbers_are_refused(void **state) {
    (void)state;
    static const char *const ints[] = {"", "x", "3x", "1.5", "1e3", " 3", "+3", "0x10", "--rate"};
    for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
        char expected[128];
        (void)snprintf(expected, sizeof expected,
                       "--epochs: \"%s\" is not a whole number between 1 and 1000", ints[i]);
        REFUSED(expected, "--epochs", ints[i]);
    }
    static const char *const reals[] = {"", "nan", "inf", "1e999", "0x1p3", "1,5", "1.5.2", "-1"};
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        char expected[128];
        (void)snprintf(expected, sizeof expected, "--rate: \"%s\" is not a number of at least 0",
                       reals[i]);
        REFUSED(expected, "--rate", reals[i]);
    }
    REFUSED("--decay: \"half\" is not a number", "--decay=half");
}

static void limits_are_inclusive(void **state) {
    (void)state;
    assert_int_equal(PARSE("--epochs=1"), STATUS_OK);
    assert_int_equal(PARSE("--epochs=1000"), STATUS_OK);
    REFUSED("--epochs: \"0\" is not a whole number between 1 and 1000", "--epochs=0");
    REFUSED("--epochs: \"1001\" is not a whole number between 1 and 1000", "--epochs=1001");
    assert_int_equal(PARSE("--rate=0"), STATUS_OK);
    assert_int_equal(PARSE("--rate-floor=-1"), STATUS_OK);
    assert_int_equal(PARSE("--rate-floor=1"), STATUS_OK);
    REFUSED("--rate: \"-0.1\" is not a number of at least 0", "--rate=-0.1");
    REFUSED("--rate-floor: \"1.001\" is not a number between -1 and 1", "--rate-floor=1.001");
    REFUSED("--epochs: \"99999999999999999999\" is not a whole number between 1 and 1000",
            "--epochs=99999999999999999999");
}

static void choices_are_whole_words(void **state) {
    (void)state;
    static const char *const wrong[] = {"soft", "", "bpr|bce", "BPR"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char expected[128];
        (void)snprintf(expected, sizeof expected, "--loss: \"%s\" is not one of softmax|bpr|bce",
                       wrong[i]);
        REFUSED(expected, "--loss", wrong[i]);
    }
    REFUSED("--shuffle: \"maybe\" is neither yes nor no", "--shuffle=maybe");
}

static void words_are_kept_in_order(void **state) {
    (void)state;
    int n_words = -1;
    const char *words[] = {"inspect", "show", "-v", "-", "--epochs", "3", "--", "--file", NULL};
    assert_int_equal(parse(&n_words, words), STATUS_OK);
    assert_int_equal(n_words, 3);
    assert_string_equal(words[1], "show");
    assert_string_equal(words[2], "-");
    assert_string_equal(words[3], "--file");
    assert_int_equal(params.epochs, 3);
    REFUSED("\"show\": unexpected word (see --help)", "show");
}

static void canonical(const char *expected) {
    AUTO(buf) struct buf out = {0};
    assert_int_equal(options_canonical(specs, N_SPECS, &params, &out, &err), STATUS_OK);
    assert_string_equal(out.data, expected);
}

static void canonical_text_names_parameters_only(void **state) {
    (void)state;
    assert_int_equal(PARSE("--input=x", "-v"), STATUS_OK);
    canonical("shuffle=1\nepochs=20\nrate=0.1\ndecay=0\nloss=softmax\nhidden=96,48\n");
}

static void canonical_text_does_not_depend_on_spelling(void **state) {
    (void)state;
    assert_int_equal(PARSE("--rate=1.0e-1", "--epochs", "0020", "--shuffle=on"), STATUS_OK);
    canonical("shuffle=1\nepochs=20\nrate=0.1\ndecay=0\nloss=softmax\nhidden=96,48\n");
    assert_int_equal(PARSE("--rate=0.30000000000000004", "--decay=1e22", "--hidden=a\nb\\"),
                     STATUS_OK);
    canonical("shuffle=1\nepochs=20\nrate=0.30000000000000004\ndecay=1e+22\nloss=softmax\n"
              "hidden=a\\nb\\\\\n");
}

static void canonical_text_of_nothing_is_empty(void **state) {
    (void)state;
    AUTO(buf) struct buf out = {0};
    assert_int_equal(options_canonical(specs, 0, &params, &out, &err), STATUS_OK);
    assert_string_equal(out.data, "");
}

static void help_shows_defaults_and_ranges(void **state) {
    (void)state;
    FILE *out = fopen(scratch("help"), "wb");
    assert_non_null(out);
    options_help(specs, N_SPECS, out);
    assert_int_equal(fclose(out), 0);
    const char *text = scratch_read("help");
    static const char *const lines[] = {
        "      --shuffle               mix rows [default on; --no-shuffle]\n",
        "  -e, --epochs N              passes; between 1 and 1000 [default 20]\n",
        "      --rate X                step; of at least 0 [default 0.1]\n",
        "      --decay X               shrinkage\n",
        "      --loss WORD             what is minimised; softmax|bpr|bce [default softmax]\n",
        "      --hidden A,B,..         layer sizes [default 96,48]\n",
        "  -i, --input TEXT            file\n",
        "  -v, --verbose               say more\n",
        "      --rate-floor X          lowest; between -1 and 1\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_memory_equal(text, lines[i], strlen(lines[i]));
        text += strlen(lines[i]);
    }
    assert_string_equal(text, "");
}

static void bad_defaults_are_noticed(void **state) {
    (void)state;
    const struct option_spec bad = {"epochs", OPTION_INT, OPTION_PARAMETER, AT(epochs), "0", 1,
                                    9,        NULL,       "passes",         0,          NULL};
    assert_int_equal(options_default(&bad, 1, &params, &err), STATUS_USAGE);
}

/* ---- options that may be left to the program ---- */

#define OPTION_HOLDER struct params
static const struct option_spec auto_specs[] = {
    PARAMETER_INT_AUTO("epochs", epochs, 1, 1000, "passes", "by the number of rows"),
    PARAMETER_REAL_AUTO("rate", rate, 0, 1, "step", "0.01, with many rows 0.1"),
    PARAMETER_CHOICE_AUTO("loss", loss, "auto|softmax|bpr", "what is minimised", "by the head"),
    PARAMETER_LIST_AUTO("hidden", hidden, "layer sizes", "96,48"),
    PARAMETER_TEXT("input", input, "auto", "a file that happens to be called so"),
};
enum { N_AUTO = sizeof auto_specs / sizeof auto_specs[0] };

static enum status parse_auto(int argc, const char **words) {
    err = (struct error){0};
    params = (struct params){0};
    assert_int_equal(options_default(auto_specs, N_AUTO, &params, &err), STATUS_OK);
    return options_parse(auto_specs, N_AUTO, &params, argc, (char **)(uintptr_t)words, NULL, &err);
}

static void auto_canonical(const char *expected) {
    AUTO(buf) struct buf out = {0};
    assert_int_equal(options_canonical(auto_specs, N_AUTO, &params, &out, &err), STATUS_OK);
    assert_string_equal(out.data, expected);
}

static void auto_is_the_default_of_what_may_be(void **state) {
    (void)state;
    assert_int_equal(parse_auto(1, (const char *[]){"stage"}), STATUS_OK);
    for (size_t i = 0; i < N_AUTO; i++) {
        assert_int_equal(option_is_auto(&auto_specs[i], &params), i < 4);
    }
    auto_canonical("epochs=auto\nrate=auto\nloss=auto\nhidden=auto\ninput=auto\n");
    assert_int_equal(option_int_or(params.epochs, 7), 7);
    assert_true(option_real_or(params.rate, 0.25) == 0.25);
    assert_string_equal(option_text_or(params.loss, "bpr"), "bpr");
    assert_string_equal(option_text_or(params.hidden, "8"), "8");
}

static void auto_gives_way_to_a_value_and_back(void **state) {
    (void)state;
    const char *words[] = {"stage", "--epochs=5", "--rate=0.5", "--loss=softmax", "--hidden=4,2"};
    assert_int_equal(parse_auto(5, words), STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_false(option_is_auto(&auto_specs[i], &params));
    }
    auto_canonical("epochs=5\nrate=0.5\nloss=softmax\nhidden=4,2\ninput=auto\n");
    assert_int_equal(option_int_or(params.epochs, 7), 5);
    assert_true(option_real_or(params.rate, 0.25) == 0.5);
    assert_string_equal(option_text_or(params.loss, "bpr"), "softmax");
    const char *again[] = {"stage", "--epochs=5", "--epochs=auto", "--rate=1", "--rate", "auto"};
    assert_int_equal(parse_auto(6, again), STATUS_OK);
    assert_true(option_is_auto(&auto_specs[0], &params) && option_is_auto(&auto_specs[1], &params));
}

static void sentinels_are_no_longer_values(void **state) {
    (void)state;
    assert_int_equal(parse_auto(2, (const char *[]){"stage", "--epochs=0"}), STATUS_USAGE);
    assert_string_equal(err.text,
                        "--epochs: \"0\" is not a whole number between 1 and 1000, nor auto");
    assert_int_equal(parse_auto(2, (const char *[]){"stage", "--rate=-1"}), STATUS_USAGE);
    assert_string_equal(err.text, "--rate: \"-1\" is not a number between 0 and 1, nor auto");
    assert_int_equal(parse_auto(2, (const char *[]){"stage", "--rate=nan"}), STATUS_USAGE);
    REFUSED("--epochs: \"auto\" is not a whole number between 1 and 1000", "--epochs=auto");
    REFUSED("--rate: \"auto\" is not a number of at least 0", "--rate=auto");
}

static void help_says_what_auto_means(void **state) {
    (void)state;
    FILE *out = fopen(scratch("help"), "wb");
    assert_non_null(out);
    options_help(auto_specs, 3, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(
        scratch_read("help"),
        "      --epochs N              passes; between 1 and 1000 [default auto: by the number of "
        "rows]\n"
        "      --rate X                step; between 0 and 1 [default auto: 0.01, with many rows "
        "0.1]\n"
        "      --loss WORD             what is minimised; auto|softmax|bpr [default auto: by the "
        "head]\n");
}

static void descriptions_say_what_may_be_auto(void **state) {
    (void)state;
    FILE *out = fopen(scratch("described"), "wb");
    assert_non_null(out);
    options_describe(auto_specs, 3, "option", out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(
        scratch_read("described"),
        "option\tepochs\tint\tparameter\tauto\t1..1000|auto\tpasses; auto: by the number of rows\n"
        "option\trate\treal\tparameter\tauto\t0..1|auto\tstep; auto: 0.01, with many rows 0.1\n"
        "option\tloss\tchoice\tparameter\tauto\tauto|softmax|bpr\twhat is minimised; auto: by the "
        "head\n");
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_set),
        cmocka_unit_test(all_forms_are_read),
        cmocka_unit_test(the_last_one_wins),
        cmocka_unit_test(names_may_be_shortened),
        cmocka_unit_test(unknown_options_are_refused),
        cmocka_unit_test(the_nearest_name_is_suggested),
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(short_words_are_near_nothing),
        cmocka_unit_test(missing_values_are_refused),
        cmocka_unit_test(malformed_numbers_are_refused),
        cmocka_unit_test(limits_are_inclusive),
        cmocka_unit_test(choices_are_whole_words),
        cmocka_unit_test(words_are_kept_in_order),
        cmocka_unit_test(canonical_text_names_parameters_only),
        cmocka_unit_test(canonical_text_does_not_depend_on_spelling),
        cmocka_unit_test(canonical_text_of_nothing_is_empty),
        SCRATCH_TEST(help_shows_defaults_and_ranges),
        cmocka_unit_test(bad_defaults_are_noticed),
        cmocka_unit_test(auto_is_the_default_of_what_may_be),
        cmocka_unit_test(auto_gives_way_to_a_value_and_back),
        cmocka_unit_test(sentinels_are_no_longer_values),
        SCRATCH_TEST(help_says_what_auto_means),
        SCRATCH_TEST(descriptions_say_what_may_be_auto),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
