/* The dataset: what its times are worth, and the plots of it. */
#include "stages/report/sections.h"

/* What ingest measured, in the metadata of the dataset; those of an earlier version lack it. */
static const struct measure {
    const char *key, *name;
    enum { SHARE, CORRELATION, SECONDS } unit;
} measures[] = {
    {"time.tied", "Ratings of the same second as a neighbour", SHARE},
    {"time.users_equal", "Users whose times are all equal", SHARE},
    {"time.rank_movie", "Order and movie ids, rank correlation", CORRELATION},
    {"time.rank_row", "Order and rows of the file, rank correlation", CORRELATION},
    {"time.shared", "Neighbours that two users have in the same order", SHARE},
    {"time.session", "Median session", SECONDS},
};

static void print_measure(struct page *p, const struct artifact *dataset, const struct measure *m) {
    struct error absent = {0};
    double value = 0;
    if (artifact_get_f64(dataset, m->key, &value, &absent) != STATUS_OK) return;
    page_fact(p, m->name);
    if (m->unit == SHARE)
        text_printf(&p->out, "%.1f %%", 100 * value);
    else
        text_printf(&p->out, m->unit == SECONDS ? "%.0f s" : "%.3f", value);
    page_end_fact(p);
}

static void print_days(struct page *p, const struct artifact *dataset) {
    struct error absent = {0};
    int64_t days = 0;
    if (artifact_get_i64(dataset, "time.days", &days, &absent) != STATUS_OK) return;
    page_fact(p, "Days with a rating");
    page_count(p, (unsigned long long)days);
    page_end_fact(p);
}

static void print_times(struct page *p) {
    const struct artifact *dataset = run_newest(p->run, RUN_DATASET);
    struct error absent = {0};
    const char *order = NULL, *why = NULL;
    if (artifact_get_str(dataset, "order", &order, &absent) != STATUS_OK) return;
    text_printf(&p->out, "<h3>What the times are worth</h3>\n");
    if (artifact_get_str(dataset, "order.why", &why, &absent) == STATUS_OK) {
        text_printf(&p->out, "<p>Order none: ");
        text_html(&p->out, why);
        text_printf(&p->out, ". Each user’s ratings are in an order by lot, without times.</p>\n");
    }
    text_printf(&p->out, "<dl class=\"facts\">\n");
    page_fact(p, "Order");
    text_html(&p->out, order);
    page_end_fact(p);
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
        print_measure(p, dataset, &measures[i]);
    print_days(p, dataset);
    text_printf(&p->out, "</dl>\n");
}

void section_dataset(struct page *p) {
    page_section(p, "dataset", "The dataset");
    print_times(p);
    text_printf(&p->out, "<div class=\"plots\">\n");
    page_plot(p, "ratings-time", "Ratings over time.", "There are no times to draw.");
    page_plot(p, "rating-values", "How often each rating was given.", NULL);
    page_plot(p, "activity", "Ratings per user, most active first.", NULL);
    page_plot(p, "popularity", "Ratings per movie, most popular first.", NULL);
    page_plot(p, "genres", "Most frequent genres.", "The movies have no genres.");
    page_plot(p, "tags", "Most used tags.", "The dataset has no tags.");
    page_plot(p, "sentiment",
              "Tags and words that go with the best and the worst ratings: stars above or below "
              "the usual, with 95 % intervals.",
              "There is no sentiment: it takes tags or reviews.");
    text_printf(&p->out, "</div>\n</section>\n");
}
