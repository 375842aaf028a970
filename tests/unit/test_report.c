/* The report's helpers: escaped text, pictures made fit for a page, users of two runs compared. */
#include "common/base/mem.h"
#include "common/data/catalogue.h"
#include "stages/report/svg.h"
#include "stages/report/text_builder.h"
#include "stages/report/user_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void html_is_escaped(void **state) {
    (void)state;
    AUTO(text) struct text t = {0};
    text_html(&t, "<b a=\"1\" c='2'>&amp;\x01\n\x7f é</b>");
    assert_string_equal(t.buf.data,
                        "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;    é&lt;/b&gt;");
}

static void html_is_cut_between_characters(void **state) {
    (void)state;
    AUTO(text) struct text t = {0};
    text_html_cut(&t, "ééé<é", 5);
    text_html_cut(&t, "|ééé<éé", 5);
    assert_string_equal(t.buf.data, "ééé&lt;é|ééé…");
}

static void cells_hold_nothing_that_gnuplot_reads(void **state) {
    (void)state;
    AUTO(text) struct text t = {0};
    text_cell(&t, "a\tb\"c\\n\nd", 0);
    assert_string_equal(t.buf.data, "a b'c/n d");
}

static void a_failure_sticks(void **state) {
    (void)state;
    AUTO(text) struct text t = {0};
    text_printf(&t, "%600d", 1);
    text_printf(&t, "more");
    assert_int_equal(t.err.status, STATUS_FAILED);
    assert_int_equal(t.buf.size, 0);
    assert_int_equal(text_save(&t, "never-written", NULL), STATUS_FAILED);
}

/* A catalogue of one movie. */
static void include(struct text *out, const char *svg) {
    static uint16_t year[] = {1999};
    struct catalogue c = {.n_movies = 1, .year = year};
    assert_int_equal(strings_add(&c.title, "</title><script>", NULL), STATUS_OK);
    svg_include(out, svg, strlen(svg), "map", "a & b", &c);
    strings_release(&c.title);
}

static void pictures_lose_what_a_page_must_not_have(void **state) {
    (void)state;
    AUTO(text) struct text t = {0};
    include(&t, "<?xml version='1.0'?>\n<!DOCTYPE svg>\n<svg xmlns=\"http://x\" viewBox='0 0 1 1'>"
                "<title>T</title><desc>D</desc><!-- c --><script>s()</script>"
                "<filter id='f'><feFlood/></filter><g class=\"x\"> <g></g></g>"
                "<text font-family=\"A\" onclick=\"x()\">1 &lt; 2</text>"
                "<use xlink:href=\"http://evil\"/></svg>");
    assert_string_equal(t.buf.data,
                        "<svg role=\"img\" aria-label=\"a &amp; b\" viewBox=\"0 0 1 1\">"
                        "<g></g><text>1 &lt; 2</text><use/></svg>");
}

static void pictures_take_the_colours_and_ids_of_the_page(void **state) {
    (void)state;
    AUTO(text) struct text t = {0};
    include(&t, "<svg><path id='p' stroke='rgb( 31,  95, 196)' fill=\"black\"/>"
                "<use xlink:href='#p' color='rgb(1,2,3)'/></svg>");
    assert_string_equal(t.buf.data, "<svg role=\"img\" aria-label=\"a &amp; b\">"
                                    "<path id=\"map-p\" stroke=\"var(--c1)\" fill=\"var(--ink)\"/>"
                                    "<use href=\"#map-p\" color=\"rgb(1,2,3)\"/></svg>");
}

static void titles_come_from_the_catalogue(void **state) {
    (void)state;
    AUTO(text) struct text t = {0};
    include(&t,
            "<svg><g onmousemove=\"gnuplot_svg.showHypertext(evt,'0')\"><title> </title><a/></g>"
            "<g onmousemove=\"gnuplot_svg.showHypertext(evt,'7')\"><a/></g></svg>");
    assert_string_equal(t.buf.data, "<svg role=\"img\" aria-label=\"a &amp; b\">"
                                    "<g><title>&lt;/title&gt;&lt;script&gt; (1999)</title><a/></g>"
                                    "<g><a/></g></svg>");
}

static void a_broken_picture_ends(void **state) {
    (void)state;
    static const char *const broken[] = {"<svg",    "<svg a", "<svg a=", "<svg a='", "<svg><title>",
                                         "<svg></", "<svg>x", "<",       "",         "<svg><!-- "};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        AUTO(text) struct text t = {0};
        include(&t, broken[i]);
        assert_int_equal(t.err.status, STATUS_OK);
    }
}

static enum status parse(struct user_table *t, const char *csv, struct error *err) {
    AUTO(buf) struct buf text = {0};
    assert_int_equal(buf_puts(&text, csv, NULL), STATUS_OK);
    return user_table_parse(t, &text, "u.csv", err);
}

static void users_of_both_runs_are_paired(void **state) {
    (void)state;
    AUTO(user_table) struct user_table a = {0}, b = {0};
    struct estimate difference;
    double p;
    size_t n;
    assert_int_equal(parse(&a, "userId,x,n,s\n1,0.5,2,4\n2,0.25,1,1\n5,1,3,9\n", NULL), STATUS_OK);
    assert_int_equal(parse(&b, "userId,s,n,x\n2,2,1,0.75\n3,1,1,1\n5,6,3,1.5\n9,1,1,0\n", NULL),
                     STATUS_OK);
    assert_int_equal(user_table_compare(&difference, &p, &n, &a, &b, "x", NULL, NULL), STATUS_OK);
    assert_int_equal(n, 2);
    assert_true(difference.value == 0.5);
    /* (2 - 1 + 6 - 9) / (1 + 3) */
    assert_int_equal(user_table_compare(&difference, &p, &n, &a, &b, "s", "n", NULL), STATUS_OK);
    assert_int_equal(n, 2);
    assert_true(difference.value == -0.5);
    assert_int_equal(user_table_compare(&difference, &p, &n, &a, &b, "none", NULL, NULL),
                     STATUS_OK);
    assert_int_equal(n, 0);
}

static void malformed_users_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *csv, *message;
    } cases[] = {
        {"userId,x\n1,2\n2,3", "u.csv:3: is no row of 2 numbers"},
        {"userId,x\n1\n", "u.csv:2: is no row of 2 numbers"},
        {"userId,x\n1,nan\n", "u.csv:2: is no row of 2 numbers"},
        {"userId,x\n2,1\n2,1\n", "u.csv:3: users are not in ascending order"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO(user_table) struct user_table t = {0};
        struct error err = {0};
        assert_int_equal(parse(&t, cases[i].csv, &err), STATUS_FAILED);
        assert_string_equal(err.text, cases[i].message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(html_is_cut_between_characters),
        cmocka_unit_test(cells_hold_nothing_that_gnuplot_reads),
        cmocka_unit_test(a_failure_sticks),
        cmocka_unit_test(pictures_lose_what_a_page_must_not_have),
        cmocka_unit_test(pictures_take_the_colours_and_ids_of_the_page),
        cmocka_unit_test(titles_come_from_the_catalogue),
        cmocka_unit_test(a_broken_picture_ends),
        cmocka_unit_test(users_of_both_runs_are_paired),
        cmocka_unit_test(malformed_users_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
