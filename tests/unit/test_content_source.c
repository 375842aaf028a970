/* Which taggings a view may know of: none newer than its newest rating, and, where only raters
 * count, none of a movie that the view does not show the user to have rated. */
#include "stages/similarity/sentiment.h"
#include "stages/similarity/source.h"
#include "tests/unit/dataset_fixture.h"
#include "tests/unit/support.h"

static const struct fixture_rating rating[] = {{0, 1, 8, 1000}, {0, 2, 6, 2000}, {1, 1, 8, 1500}};
static const uint8_t role[] = {ROLE_BASE, ROLE_TEST, ROLE_BASE};
static const struct fixture_tag tag[] = {
    {0, 1, "at once", 1000}, {0, 1, "later", 1500},     {1, 1, "too late", 1501},
    {0, 2, "hidden", 1200},  {1, 3, "not rated", 1300},
};
static const struct fixture fixture = {rating, 3, tag, 5, 2};

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != STATUS_OK) fail_msg("%s", err.text);                                         \
    } while (0)

static void expect(bool only_rated, enum view view, const char *wanted) {
    struct error err = {0};
    AUTO(content_source) struct content_source s = {0};
    AUTO(ratings) struct ratings visible = {0};
    AUTO(buf) struct buf found = {0};
    struct artifact *dataset = NULL, *split = NULL;
    OK(fixture_dataset(&dataset, scratch("dataset.art"), &fixture, &err));
    OK(fixture_split(&split, scratch("split.art"), dataset, role, 3, 2, "prefix", &err));
    OK(view_load(&visible, dataset, split, view, &err));
    OK(content_source_load(&s, dataset, &visible, only_rated, &err));
    for (uint64_t i = 0; i < s.n_taggings; i++) {
        OK(buf_printf(&found, &err, "%u %s; ", s.tag_movie[i],
                      strings_get(&s.tag_name, s.tag_index[i])));
    }
    assert_string_equal(found.data, wanted);
    artifact_close(dataset);
    artifact_close(split);
}

static void taggings_are_of_the_view(void **state) {
    (void)state;
    expect(true, VIEW_FIT, "1 at once; 1 later; ");
    expect(false, VIEW_FIT, "1 at once; 1 later; 2 hidden; 3 not rated; ");
    expect(true, VIEW_ALL, "1 at once; 1 later; 1 too late; 2 hidden; ");
    expect(false, VIEW_ALL, "1 at once; 1 later; 1 too late; 2 hidden; 3 not rated; ");
}

/* The tags that valences are learnt for. */
static void expect_valences(enum view view, const char *wanted) {
    struct error err = {0};
    const struct sentiment_params params = {.ridge = 1, .min_support = 1, .max_terms = 100};
    AUTO(sentiment) struct sentiment s = {0};
    AUTO(ratings) struct ratings visible = {0};
    AUTO(buf) struct buf found = {0};
    struct artifact *dataset = NULL, *split = NULL;
    OK(fixture_dataset(&dataset, scratch("dataset.art"), &fixture, &err));
    OK(fixture_split(&split, scratch("split.art"), dataset, role, 3, 2, "prefix", &err));
    OK(view_load(&visible, dataset, split, view, &err));
    OK(sentiment_learn(&s, dataset, &visible, &params, &err));
    for (size_t i = 0; i < s.n_terms; i++) {
        OK(buf_printf(&found, &err, "%s %u; ", strings_get(&s.name, i), s.support[i]));
    }
    assert_string_equal(found.data, wanted);
    artifact_close(dataset);
    artifact_close(split);
}

static void valences_are_of_the_view(void **state) {
    (void)state;
    expect_valences(VIEW_FIT, "at once 1; later 1; ");
    expect_valences(VIEW_ALL, "at once 1; hidden 1; later 1; too late 1; ");
}

int main(void) {
    const struct CMUnitTest tests[] = {SCRATCH_TEST(taggings_are_of_the_view),
                                       SCRATCH_TEST(valences_are_of_the_view)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("content source", tests, NULL, NULL);
}
